import { Button, type InputRef } from 'antd';
import type { Ref } from 'react';
import { Link } from 'react-router';
import type { Case, Choice, ReadMatter, Repeat } from '../api/types';
import { Message, underlined } from '../case/Message';
import { Repeats } from '../case/ReadingPanel';
import '../case/case.css';
import { t } from '../text';
import { Countdown } from '../time/Countdown';
import { useNow } from '../time/tick';
import { ago, exact } from '../time/words';
import { Copy } from '../ui/Copy';
import { Loading } from '../ui/states';
import { UrgencyTag } from '../ui/tags';
import type { Claim } from './claim';
import { type Facts, ReadAs } from './ReadAs';
import { type Pick, type Proposal, Suggestions } from './Suggestions';

interface MessageProps {
  it?: Case;
  claim: Claim;
  facts: Facts;
  onFacts: (f: Facts) => void;
  weighed?: ReadMatter;
  onAsk: (c: Choice, initial?: Record<string, unknown>) => void;
  blocked: boolean;
  back?: () => void;
}

/** The middle: the message, and how it was read. */
export function MessagePane({ it, claim, facts, onFacts, weighed, onAsk, blocked, back }: MessageProps) {
  const now = useNow(60_000);
  if (!it) return <section className="desk-message"><Loading /></section>;
  const others = it.actions.filter((c) => c.code !== 'dispatch' && c.open);
  const keyed = others.filter((c) => c.key);
  return (
    <section className="desk-message" aria-label={t('case.message')}>
      {back && <Button className="back" onClick={back}>{t('dispatch.to_list')}</Button>}
      {claim.by === 'other' && <div className="taken" role="status">{t('dispatch.taken', { name: claim.name })}</div>}
      <div className="row wrap small quiet">
        <Copy text={it.number} />
        <UrgencyTag code={it.urgency} />
        <span>{it.channel_name}</span>
        <span className="num" title={exact(it.filed_at)}>{ago(it.filed_at, now)}</span>
        <span className="grow" />
        <Countdown due={it.due_at} started={it.due_started_at} title={it.due_title} idle="" />
      </div>
      <h1>{it.title ? (weighed ? underlined(it.title, weighed, undefined, true) : it.title) : t('case.untitled')}</h1>
      <ReadAs it={it} facts={facts} onChange={onFacts} />
      <Message it={it} weighed={weighed} place={it.reading?.place?.words} />
      <Parts it={it} blocked={blocked} onAsk={onAsk} />
      {it.reading?.why_not && <p className="why-not"><b>{t('dispatch.why_not')}</b>{it.reading.why_not}</p>}
      <div className="row wrap desk-others">
        {keyed.map((c) => (
          <Button key={c.code} disabled={blocked} onClick={() => onAsk(c)}>{c.title} <kbd>{c.key}</kbd></Button>
        ))}
        <Link to={`/cases/${it.id}`} className="small">{t('dispatch.whole')}</Link>
      </div>
    </section>
  );
}

/** How the message may be split; each part prefills one split. */
function Parts({ it, blocked, onAsk }: { it: Case; blocked: boolean; onAsk: MessageProps['onAsk'] }) {
  const parts = it.reading?.parts ?? [];
  const split = it.actions.find((c) => c.code === 'split' && c.open);
  if (parts.length < 2) return null;
  return (
    <section className="why-not parts" aria-label={t('dispatch.demands', { n: parts.length })}>
      <b>{t('dispatch.demands', { n: parts.length })}</b>
      <ol>
        {parts.map((p) => (
          <li key={p.from}>
            <div className="part-text">{p.text}</div>
            <span className="quiet small">{p.matter_name} → {p.unit_name || t('dispatch.no_unit')}</span>
            {split && <Button size="small" disabled={blocked} onClick={() => onAsk(split, { unit: p.unit || undefined, task: p.text.trim() })}>{split.title}</Button>}
          </li>
        ))}
      </ol>
    </section>
  );
}

interface SuggestProps {
  it?: Case;
  list: Proposal[];
  facts: Facts;
  looked: number;
  onLook: (i: number) => void;
  onPick: (p: Pick) => void;
  unit?: string;
  onUnit: (u: string | undefined) => void;
  searchRef: Ref<InputRef>;
  blocked: boolean;
  onLink: (r: Repeat) => void;
  onRefuse: (r: Repeat) => void;
}

/** The right: proposals, the duty list, and what may be the same event. */
export function SuggestPane({ it, facts, onLink, onRefuse, ...p }: SuggestProps) {
  const repeats = it?.reading?.repeats ?? [];
  return (
    <section className="desk-suggest" aria-label={t('dispatch.suggestions')}>
      <Suggestions {...p} area={facts.area} />
      <div className="desk-repeats">
        <h2>{t('repeat.title')}</h2>
        <Repeats list={repeats} onLink={p.blocked ? undefined : onLink} onRefuse={p.blocked ? undefined : onRefuse} />
      </div>
    </section>
  );
}
