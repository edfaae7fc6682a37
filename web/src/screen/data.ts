import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client';
import { useChanges } from '../api/live';
import { useAreas, useTitles } from '../api/queries';
import type { Outlines } from './geo';
import type { Line } from './Stream';

export type Level = 'street' | 'community' | 'grid';

const often = { refetchInterval: 30_000, staleTime: 5_000 };

/** The outlines of a level; they change only with the city pack. */
export const useOutlines = (level: Level | 'district') =>
  useQuery({
    queryKey: ['outlines', level],
    queryFn: async () => (await read(api.GET('/api/areas/{file}', { params: { path: { file: `${level}.geojson` } } }))) as unknown as Outlines,
    staleTime: Infinity,
    gcTime: Infinity,
  });

/** Everything that moves on the screen. */
export function useScreen(level: Level) {
  const client = useQueryClient();
  const today = useQuery({ queryKey: ['today'], queryFn: () => read(api.GET('/api/figures/today')), ...often });
  const units = useQuery({
    queryKey: ['figures', 'units'],
    queryFn: () => read(api.GET('/api/figures/units', { params: { query: { limit: 10 } } })), ...often,
  });
  const areas = useQuery({
    queryKey: ['figures', 'areas', level],
    queryFn: () => read(api.GET('/api/figures/grids', { params: { query: { level } } })), ...often,
  });
  const live = useQuery({
    queryKey: ['figures', 'live'],
    queryFn: async () => (await read(api.GET('/api/figures/live'))).items, ...often,
  });
  const topics = useQuery({
    queryKey: ['figures', 'topics'],
    queryFn: async () => (await read(api.GET('/api/figures/topics'))).items, refetchInterval: 60_000,
  });
  const hottest = useQuery({
    queryKey: ['topics', 'hottest'],
    queryFn: async () => (await read(api.GET('/api/topics', { params: { query: { limit: 5 } } }))).items, refetchInterval: 30_000,
  });
  const lines = useStream();
  useChanges(() => {
    void client.invalidateQueries({ queryKey: ['today'] });
    void client.invalidateQueries({ queryKey: ['figures'] });
  }, 5000);
  return { today, units, areas, points: live.data ?? [], topics: topics.data ?? [], hottest: hottest.data ?? [], lines };
}

const most = 30;

/** The stream: what was last changed, then what comes over the wire. */
function useStream(): Line[] {
  const { state } = useTitles();
  const areas = useAreas().data;
  const names = new Map(areas?.map((a) => [a.code, a.name]));
  const [fresh, setFresh] = useState<Line[]>([]);
  const before = useQuery({
    queryKey: ['stream'],
    queryFn: async () => (await read(api.GET('/api/cases', { params: { query: { sort: 'updated', limit: most } } }))).items,
    staleTime: Infinity,
  });
  useChanges((list) => {
    const lines = list.slice(-most).reverse().map((c): Line => ({
      key: `${c.seq}/${c.id}/${c.at}`, id: c.id, title: c.title, state: state(c.to), area: names.get(c.area) ?? '', at: c.at, late: c.late,
    }));
    // A case that is busy stands there once, as it is now.
    setFresh((old) => {
      const seen = new Set<string>();
      return [...lines, ...old].filter((l) => !seen.has(l.id) && seen.add(l.id)).slice(0, most);
    });
  }, 1500);
  const known = new Set(fresh.map((l) => l.id));
  const old = (before.data ?? []).filter((r) => !known.has(r.id)).map((r): Line => ({
    key: r.id, id: r.id, title: r.title, state: r.state_title, area: r.area_name, at: r.updated_at, late: r.late,
  }));
  return [...fresh, ...old].slice(0, most);
}
