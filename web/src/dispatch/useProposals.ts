import { useQueries } from '@tanstack/react-query';
import { api, read } from '../api/client';
import type { Case, Suggestion } from '../api/types';
import { proposals } from './Suggestions';

/** The best three; where the dispatcher moved the case, with the units of the new place. */
export function useProposals(it: Case | undefined, quick: Suggestion[], area: string | undefined) {
  const base = proposals(it, quick, new Map());
  const elsewhere = area !== undefined && area !== (it?.area || it?.reading?.place?.area || '');
  const found = useQueries({
    queries: (elsewhere ? base : []).map((p) => ({
      queryKey: ['matters', p.matter, area, 1],
      queryFn: async () => (await read(api.GET('/api/matters', { params: { query: { q: p.matter, area, limit: 1 } } }))).items,
      staleTime: 60_000,
    })),
  });
  if (!elsewhere) return base;
  return proposals(it, quick, new Map(found.flatMap((f) => (f.data ?? []).map((m) => [m.code, m] as const))));
}
