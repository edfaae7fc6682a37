import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useMemo, useRef, useState } from 'react';
import { api, read } from '../api/client';
import { useChanges } from '../api/live';
import type { Case } from '../api/types';
import { useAct } from '../case/act';
import type { Values } from '../field/DeclaredForm';
import { t } from '../text';
import { after, moved, stable } from './order';

/** The queue as it is shown: still while one works in it. */
export function useQueue() {
  const client = useQueryClient();
  const [gone, setGone] = useState<Set<string>>(new Set());
  const shown = useRef<string[]>([]);
  const q = useQuery({
    queryKey: ['queue'],
    queryFn: ({ signal }) => read(api.GET('/api/desk/queue', { params: { query: { limit: 100 } }, signal })),
    refetchInterval: 30_000,
  });
  // What came back goes first, whenever the server's list has it again.
  const back = useRef<string[]>([]);
  const items = useMemo(() => stable([...back.current, ...shown.current], q.data?.items ?? [], gone), [q.data, gone]);
  shown.current = items.map((x) => x.id);
  const mixed = moved(items, q.data?.items ?? [], gone);

  const last = useRef(0);
  useChanges((list) => {
    // During an import hundreds arrive in a second; the queue is read at most every five.
    if (!list.some((c) => c.lane === 'dispatch') || Date.now() - last.current < 5000) return;
    last.current = Date.now();
    void client.invalidateQueries({ queryKey: ['queue'] });
  });

  return {
    ...q, items, mixed,
    resort: () => {
      shown.current = [];
      back.current = [];
      setGone((g) => new Set(g));
    },
    take: (id: string) => {
      back.current = back.current.filter((x) => x !== id);
      setGone((g) => new Set(g).add(id));
    },
    bring: (id: string) => {
      back.current = [id, ...back.current];
      setGone((g) => {
        const s = new Set(g);
        s.delete(id);
        return s;
      });
    },
  };
}

export interface Decision {
  id: string;
  number: string;
  /** What was done with it, for the line that offers to take it back. */
  words: string;
  state: 'sending' | 'sent' | 'failed' | 'back';
  version: number;
  /** Whether it can be taken back with one stroke. */
  back: boolean;
}

/** Sends decisions while the next item is already open, and takes the last one back. */
export function useDecide(queue: ReturnType<typeof useQueue>, open: (id: string | undefined) => void) {
  const act = useAct();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [last, setLast] = useState<Decision>();

  const leave = (id: string) => {
    queue.take(id);
    open(after(queue.items, id));
  };

  /** One stroke: the next item is there before the server has answered. */
  const dispatch = async (it: Case, input: Values, words: string) => {
    const d: Decision = { id: it.id, number: it.number, words, state: 'sending', version: it.version, back: true };
    leave(it.id);
    setLast(d);
    const now = (patch: Partial<Decision>) => setLast((l) => (l?.id === it.id ? { ...l, ...patch } : l));
    try {
      const done = await act({ id: it.id, version: it.version, action: 'dispatch' }, input);
      now({ state: 'sent', version: done.version });
    } catch {
      queue.bring(it.id);
      now({ state: 'failed' });
    }
  };

  /** Any other action: whether the item leaves the desk is for its lifecycle to say. */
  const take = async (it: Case, action: string, input: Values, words: string) => {
    const done = await act({ id: it.id, version: it.version, action }, input);
    setLast({ id: it.id, number: it.number, words, state: 'sent', version: done.version, back: false });
    if (done.lane !== 'dispatch') leave(it.id);
  };

  const takeBack = async () => {
    if (last?.state !== 'sent' || !last.back) return message.info(t('dispatch.nothing_back'));
    const d = last;
    setLast({ ...d, state: 'back' });
    try {
      await act({ id: d.id, version: d.version, action: 'recall' }, {});
      queue.bring(d.id);
      await client.invalidateQueries({ queryKey: ['queue'] });
      open(d.id);
    } catch {
      setLast({ ...d, state: 'failed' });
    }
  };
  return { last, dispatch, take, takeBack };
}
