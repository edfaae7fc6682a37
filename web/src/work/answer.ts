import type { Case, Entry } from '../api/types';

/** The unit's last answer: the step of a person that carries the longest words. */
export function answerOf(it: Case): Entry | undefined {
  const steps = [...it.timeline].sort((a, b) => b.n - a.n);
  return steps.find((e) => e.actor_kind === 'staff' && e.unit !== '' && e.to && e.input.some((i) => i.code === 'answer'))
    ?? steps.find((e) => e.actor_kind === 'staff' && e.to === it.state);
}
