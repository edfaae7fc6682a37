import { useQueryClient } from '@tanstack/react-query';
import { Button, Input, Popover, Radio } from 'antd';
import { type ReactNode, useState } from 'react';
import { api, read } from '../api/client';
import type { Case, ReadMatter } from '../api/types';
import { type Key, t } from '../text';
import { useNarrow } from '../ui/narrow';
import { sentence } from '../ui/states';
import { Files } from './Files';
import { marks } from './marks';

interface Opened { field_list: Case['field_list']; text: string }

interface Props {
  it: Case;
  /** The matter whose weighing words are underlined. */
  weighed?: ReadMatter;
  /** Words that say where it is. */
  place?: string;
}

/** The message itself and what was filled in with it, masked until opened. */
export function Message({ it, weighed, place }: Props) {
  const [opened, setOpened] = useState<Opened>();
  const files = useQueryClient(); // the personal ones open with the case
  const rest = (opened ?? it).field_list.filter((f) => f.code !== 'text' && f.code !== 'title' && f.value);
  const text = (opened ?? it).text;
  return (
    <div>
      {text && <Long text={text}>{weighed && !opened ? underlined(text, weighed, place) : text}</Long>}
      {rest.length > 0 && (
        <dl className="facts">
          {rest.map((f) => (
            <div key={f.code}>
              <dt>{f.title}</dt>
              <dd>{f.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {it.attachments.length > 0 && <Files list={it.attachments} />}
      {it.original_masked && it.reveals && !opened && <Reveal id={it.id} onOpen={(o) => { setOpened(o); void files.invalidateQueries({ queryKey: ['case', it.id] }); }} />}
      {opened && <p className="quiet small no-print">{t('reveal.logged')}</p>}
    </div>
  );
}

/** A very long message folds on a phone, so that the actions stay near. */
function Long({ text, children }: { text: string; children: ReactNode }) {
  const narrow = useNarrow();
  const [open, setOpen] = useState(false);
  const folded = narrow && !open && text.length > 400;
  return (
    <>
      <p className={`reading ${folded ? 'folded' : ''}`} data-words="message">{children}</p>
      {folded && <Button size="small" onClick={() => setOpen(true)}>{t('case.unfold', { n: text.length })}</Button>}
    </>
  );
}

/** A text with the words underlined that weighed for a matter; the title has its own. */
export function underlined(text: string, m: ReadMatter, place?: string, title = false): ReactNode {
  // What hardly weighed would only make the text restless.
  const most = Math.max(...m.words.map((w) => w.weight));
  return marks(text, m.words.filter((w) => w.title === title && w.weight > most / 5), place).map((p) =>
    p.kind === 'plain' ? p.text : (
      <mark key={p.from} className={p.kind} style={p.kind === 'word' ? { borderBottomWidth: 1 + Math.round(p.weight * 2) } : undefined}>
        {p.text}
      </mark>
    ));
}

const purposes = ['contact', 'check', 'dispatch', 'supervise'] as const;

function Reveal({ id, onOpen }: { id: string; onOpen: (o: Opened) => void }) {
  const [purpose, setPurpose] = useState<string>('contact');
  const [other, setOther] = useState('');
  const [failed, setFailed] = useState('');
  const open = async () => {
    const said = purpose === 'other' ? other.trim() : t(`reveal.${purpose}` as Key);
    if (!said) return setFailed(t('reveal.say'));
    try {
      onOpen(await read(api.POST('/api/cases/{id}/reveal', { params: { path: { id } }, body: { purpose: said } })));
    } catch (e) {
      setFailed(sentence(e));
    }
  };
  const form = (
    <div className="reveal">
      <p className="quiet small">{t('reveal.lead')}</p>
      <Radio.Group value={purpose} onChange={(e) => setPurpose(e.target.value as string)} className="choice-list">
        {purposes.map((p) => <Radio key={p} value={p}>{t(`reveal.${p}`)}</Radio>)}
        <Radio value="other">{t('reveal.other')}</Radio>
      </Radio.Group>
      {purpose === 'other' && (
        <Input value={other} onChange={(e) => setOther(e.target.value)} aria-label={t('reveal.say')} placeholder={t('reveal.say')} maxLength={100} />
      )}
      {failed && <p className="late-word">{failed}</p>}
      <Button type="primary" onClick={() => void open()}>{t('reveal.open')}</Button>
    </div>
  );
  return (
    <Popover content={form} trigger="click" placement="bottomLeft">
      <Button size="small" className="no-print" style={{ marginTop: 12 }}>{t('reveal.button')}</Button>
    </Popover>
  );
}
