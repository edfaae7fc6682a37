import { App, Button, Drawer } from 'antd';
import { useState } from 'react';
import type { Case, Choice } from '../api/types';
import type { Values } from '../field/DeclaredForm';
import { t } from '../text';
import { useNarrow } from '../ui/narrow';
import { ActionForm, Effects } from './ActionForm';
import { useAct } from './act';

interface Props {
  it: Case;
  /** Only these, where a desk shows some of them; all without. */
  only?: (c: Choice) => boolean;
  onDone?: (after: Case, taken: Choice) => void;
  /** Shows the form of the expected step at once, where there is room. */
  eager?: boolean;
}

/** The actions open to the person, the expected step first; each says what it does. */
export function Actions({ it, only, onDone, eager }: Props) {
  const act = useAct();
  const { modal } = App.useApp();
  const narrow = useNarrow();
  const [open, setOpen] = useState(() =>
    eager && !narrow ? it.actions?.find((c) => c.main && c.open && c.input?.length)?.code : undefined);
  const [busy, setBusy] = useState('');
  const choices = it.actions.filter((c) => !only || only(c));
  const current = choices.find((c) => c.code === open && c.open);
  const send = async (c: Choice, v: Values) => {
    const after = await act({ id: it.id, version: it.version, action: c.code }, v);
    setOpen(undefined);
    onDone?.(after, c);
  };
  const press = async (c: Choice) => {
    if (c.input?.length) return setOpen(c.code === open ? undefined : c.code);
    // The expected step goes at one click; the others, which have no form to think over, ask once.
    if (!c.main && !(await modal.confirm({ title: t('act.sure', { title: c.title }), content: c.hint, okText: c.title, cancelText: t('form.cancel') }))) return;
    setBusy(c.code);
    await send(c, {}).catch(() => undefined);
    setBusy('');
  };
  if (choices.length === 0) return <p className="quiet small">{t('case.no_actions')}</p>;
  const form = current && (
    <ActionForm
      key={current.code} about={it} choice={current} onSend={(v) => send(current, v)} still={eager} onCancel={() => setOpen(undefined)}
    />
  );
  return (
    <div className="actions">
      {sorted(choices).map((c) => (
        <div key={c.code} className={`action ${c.main ? 'main' : ''} ${!narrow && current === c ? 'open' : ''}`}>
          <Button
            block size={c.main ? 'large' : 'middle'} type={c.main && c.open && current !== c ? 'primary' : 'default'} disabled={!c.open}
            loading={busy === c.code} aria-expanded={c.input?.length ? current === c : undefined}
            onClick={() => void press(c)}
          >
            {c.title}
          </Button>
          {!c.open && c.refuse && <p className="quiet small">{c.refuse}</p>}
          {c.open && c.main && current !== c && <Effects choice={c} />}
          {!narrow && current === c && form}
        </div>
      ))}
      {narrow && (
        <Drawer
          open={Boolean(current)} placement="bottom" size="85%" title={current?.title} onClose={() => setOpen(undefined)}
          destroyOnHidden
        >
          {form}
        </Drawer>
      )}
    </div>
  );
}

const rank = (c: Choice) => (c.open ? 0 : 2) + (c.main ? 0 : 1);
const sorted = (list: Choice[]) => [...list].sort((a, b) => rank(a) - rank(b));
