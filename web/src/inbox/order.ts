import type { Count } from '../api/types';

const order = ['sign', 'contact', 'handle', 'approve', 'wait', 'return', 'audit', 'callback', 'done'];

// A unit has no work in the dispatch lane; the others show even when empty, so
// that they keep their place, except those that most units never meet.
const always = new Set(['sign', 'contact', 'handle', 'approve']);

/** The lanes of an inbox in the order of the work. */
export function laneOrder(counts: Count[]): Count[] {
  const by = new Map(counts.map((c) => [c.key, c]));
  const known = order
    .filter((k) => always.has(k) || (by.get(k)?.count ?? 0) > 0)
    .map((k) => by.get(k) ?? { key: k, count: 0, late: 0 });
  const others = counts.filter((c) => !order.includes(c.key) && c.key !== 'dispatch' && c.count > 0);
  return [...known, ...others];
}
