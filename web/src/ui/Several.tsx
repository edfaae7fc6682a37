import { Button, Modal } from 'antd';
import { useState } from 'react';
import { ActionForm } from '../case/ActionForm';
import { useActOnSeveral } from '../case/act';
import { useCase } from '../api/queries';
import type { Choice, Row } from '../api/types';
import { t } from '../text';

interface Props {
  rows: Row[];
  onDone: () => void;
  onClear: () => void;
}

/**
 * Acts on several ticked cases at once. Which actions there are is asked of the
 * first one; the server refuses each of the others for which it does not hold.
 */
export function Several({ rows, onDone, onClear }: Props) {
  const { data } = useCase(rows[0]?.id);
  const act = useActOnSeveral();
  const [open, setOpen] = useState<Choice>();
  const choices = (data?.actions ?? []).filter((c) => c.bulk && c.open);
  const first = rows[0];
  const send = async (c: Choice, input: Record<string, unknown>) => {
    await act(c.code, rows.map((r) => r.id), input, new Map(rows.map((r) => [r.id, r.number]))).catch(() => undefined);
    setOpen(undefined);
    onDone();
  };
  if (!first) return null;
  return (
    <div className="several" role="region" aria-label={t('several.title')}>
      <b>{t('several.ticked', { n: rows.length })}</b>
      {choices.map((c) => (
        <Button
          key={c.code} type={c.main ? 'primary' : 'default'}
          onClick={() => (c.input?.length ? setOpen(c) : void send(c, {}))}
        >{c.title}</Button>
      ))}
      {data && choices.length === 0 && <span>{t('several.none')}</span>}
      <Button type="text" onClick={onClear}>{t('several.clear')}</Button>
      <Modal open={Boolean(open)} title={open && t('several.form', { title: open.title, n: rows.length })} footer={null} onCancel={() => setOpen(undefined)} destroyOnHidden>
        {open && (
          <ActionForm
            about={{ id: 'several', unit: first.unit, family: first.family }} choice={open}
            onSend={(v) => send(open, v)} onCancel={() => setOpen(undefined)}
          />
        )}
      </Modal>
    </div>
  );
}

/** Which rows are ticked. */
export function useTicks(rows: Row[]) {
  const [ids, setIds] = useState<Set<string>>(new Set());
  const toggle = (id: string) =>
    setIds((old) => {
      const s = new Set(old);
      if (!s.delete(id)) s.add(id);
      return s;
    });
  const clear = () => setIds(new Set());
  const all = () => setIds(new Set(rows.map((r) => r.id)));
  return { ids, toggle, clear, all, ticked: rows.filter((r) => ids.has(r.id)) };
}
