import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client';
import { useChanges } from '../api/live';
import type { Change, Row } from '../api/types';

export type Filters = Record<string, string>;

/** A list of cases, page by page, in the order asked for. */
export function useRows(filters: Filters, limit = 50) {
  const q = useInfiniteQuery({
    queryKey: ['rows', filters, limit],
    queryFn: ({ pageParam, signal }) => read(api.GET('/api/cases', { params: { query: { ...filters, limit, after: pageParam || undefined } }, signal })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
  const rows: Row[] = q.data?.pages.flatMap((p) => p.items) ?? [];
  return { ...q, rows, asOf: q.data?.pages[0]?.as_of ?? 0 };
}

/** How many cases there are by lane. */
export const useCounts = (filters: Filters = {}) =>
  useQuery({
    queryKey: ['counts', filters],
    queryFn: async ({ signal }) =>
      (await read(api.GET('/api/cases/counts', { params: { query: { by: 'lane', ...filters } }, signal }))).items,
  });

/**
 * Counts what has changed behind a list since it was read. The list itself stays
 * still until asked: nothing may move under the cursor.
 */
export function useFresh(shown: Row[], belongs: (c: Change) => boolean) {
  const client = useQueryClient();
  const [fresh, setFresh] = useState<Set<string>>(new Set());
  useChanges((changes) => {
    void client.invalidateQueries({ queryKey: ['counts'] });
    const here = new Map(shown.map((r) => [r.id, r]));
    const arrived = changes.filter((c) => belongs(c) && !here.has(c.id)).map((c) => c.id);
    if (arrived.length === 0) return;
    // In an empty list there is nothing that could move.
    if (shown.length === 0) void client.invalidateQueries({ queryKey: ['rows'] });
    else setFresh((old) => new Set([...old, ...arrived]));
  });
  const show = () => {
    setFresh(new Set());
    void client.invalidateQueries({ queryKey: ['rows'] });
    void client.invalidateQueries({ queryKey: ['queue'] });
  };
  const news = [...fresh].filter((id) => !shown.some((r) => r.id === id)).length;
  return { news, show };
}
