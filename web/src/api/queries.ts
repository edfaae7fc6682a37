import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, read } from './client';
import type { Declarations, StateDecl } from './types';

const pack = { staleTime: 10 * 60_000, gcTime: Infinity };

/** The city's declarations. */
export const useDeclarations = () =>
  useQuery({ queryKey: ['declarations'], queryFn: () => read(api.GET('/api/declarations')), ...pack });

/** All units; about three hundred, so they come at once. */
export const useUnits = () =>
  useQuery({
    queryKey: ['units'],
    queryFn: async () => (await read(api.GET('/api/units'))).items,
    ...pack,
  });

/** All areas down to communities. */
export const useAreas = () =>
  useQuery({
    queryKey: ['areas'],
    queryFn: async () => (await read(api.GET('/api/areas'))).items.filter((a) => a.level !== 'grid'),
    ...pack,
  });

/** One case with everything on it. */
export const useCase = (id: string | undefined) =>
  useQuery({
    queryKey: ['case', id],
    queryFn: ({ signal }) => read(api.GET('/api/cases/{id}', { params: { path: { id: id ?? '' } }, signal })),
    enabled: Boolean(id),
  });

/** The titles of coded things: urgencies, lanes, states, roles. */
export function useTitles() {
  const { data } = useDeclarations();
  return useMemo(() => {
    const urgency = new Map(data?.urgencies.map((u) => [u.code, u.title]));
    const lane = new Map(data?.lanes.map((l) => [l.code, l.title]));
    const role = new Map(data?.roles.map((r) => [r.code, r.title]));
    const family = new Map(data?.families.map((f) => [f.code, f.title]));
    const clock = new Map(data?.clocks.map((c) => [c.code, c.title]));
    const state = new Map<string, StateDecl>();
    for (const l of data?.lifecycles ?? []) for (const s of l.states) state.set(s.code, s);
    return {
      urgency: (c: string) => urgency.get(c) ?? c,
      lane: (c: string) => lane.get(c) ?? c,
      role: (c: string) => role.get(c) ?? c,
      family: (c: string) => family.get(c) ?? c,
      clock: (c: string) => clock.get(c) ?? c,
      state: (c: string) => state.get(c)?.title ?? c,
    };
  }, [data]);
}

const families = (d: Declarations | undefined) => d?.families ?? [];

/** Every nature that any family knows, in order, once. */
export const naturesOf = (d: Declarations | undefined, family?: string) => [
  ...new Set(families(d).filter((f) => !family || f.code === family).flatMap((f) => f.natures ?? [])),
];
