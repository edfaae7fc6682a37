import { useQueries } from '@tanstack/react-query';
import { Button, Drawer } from 'antd';
import { useState } from 'react';
import { api, read } from '../api/client';
import type { Choice, Row } from '../api/types';
import { ActionForm } from '../case/ActionForm';
import { useAct } from '../case/act';
import { useNarrow } from './narrow';

const group = (r: Row) => `${r.family}/${r.state}/${r.unit}`;

/**
 * The steps expected next for the rows of a list. Cases of one family, state and
 * unit have the same ones, so one case of each such group is asked.
 */
export function useExpected(rows: Row[], wanted: (c: Choice) => boolean = (c) => Boolean(c.main)) {
  const first = new Map<string, Row>();
  for (const r of rows) if (!first.has(group(r)) && first.size < 8) first.set(group(r), r);
  const groups = [...first.entries()];
  const found = useQueries({
    queries: groups.map(([, r]) => ({
      queryKey: ['case', r.id],
      queryFn: () => read(api.GET('/api/cases/{id}', { params: { path: { id: r.id } } })),
      staleTime: 60_000,
    })),
  });
  const expected = new Map(groups.map(([g], i) => [g, (found[i]?.data?.actions ?? []).filter((c) => c.open && wanted(c))]));
  return (r: Row): Choice[] => expected.get(group(r)) ?? [];
}

/** Buttons that take a step on a row where it stands. */
export function RowActions({ row, choices }: { row: Row; choices: Choice[] }) {
  const act = useAct();
  const narrow = useNarrow();
  const [open, setOpen] = useState<Choice>();
  const [busy, setBusy] = useState('');
  const send = async (c: Choice, input: Record<string, unknown>) => {
    setBusy(c.code);
    try {
      await act({ id: row.id, version: row.version, action: c.code }, input);
      setOpen(undefined);
    } finally {
      setBusy('');
    }
  };
  return (
    <>
      {choices.slice(0, 2).map((c) => (
        <Button
          key={c.code} type={c.input?.length ? 'default' : 'primary'} ghost={false} loading={busy === c.code}
          onClick={() => (c.input?.length ? setOpen(c) : void send(c, {}).catch(() => undefined))}
        >{c.title}</Button>
      ))}
      <Drawer
        open={Boolean(open)} title={`${open?.title ?? ''} · ${row.title || row.number}`} placement={narrow ? 'bottom' : 'right'}
        size={narrow ? '85%' : 480} onClose={() => setOpen(undefined)} destroyOnHidden
      >
        {open && <ActionForm about={row} choice={open} onSend={(v) => send(open, v)} onCancel={() => setOpen(undefined)} />}
      </Drawer>
    </>
  );
}
