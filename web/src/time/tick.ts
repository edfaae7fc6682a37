import { useSyncExternalStore } from 'react';
import { now } from '../api/client';

// One timer for the whole page: a hundred countdowns must not be a hundred timers.
const listeners = new Set<() => void>();
let at = now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(f: () => void) {
  listeners.add(f);
  if (!timer) at = now();
  timer ??= setInterval(() => {
    at = now();
    for (const l of listeners) l();
  }, 1000);
  return () => {
    listeners.delete(f);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The server's time, stepping by `every` milliseconds (at least a second). */
export function useNow(every = 1000): number {
  return useSyncExternalStore(subscribe, () => Math.floor(at / every) * every);
}
