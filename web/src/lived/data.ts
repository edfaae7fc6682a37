import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client';
import type { LivedDrop } from '../api/types';
import { t } from '../text';

/** Accuracy as lived of the last so many days. */
export const useLived = (days: number) => useQuery({
  queryKey: ['figures', 'dispatch', days],
  queryFn: () => read(api.GET('/api/figures/dispatch', { params: { query: { days } } })),
  refetchInterval: 60_000,
});

export const percent = (share: number | null) => (share === null ? '—' : `${(share * 100).toFixed(1)}%`);

/** A fall in words: of what, from where to where. */
export const dropWords = (d: LivedDrop) => t('lived.drop', {
  name: d.name || t('lived.whole'), before: percent(d.before.accuracy), now: percent(d.recent.accuracy), wrong: d.recent.wrong, sent: d.recent.sent,
});
