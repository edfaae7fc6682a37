import { useSyncExternalStore } from 'react';

/** Whether the page is as narrow as a phone, or narrower than asked. */
export function useNarrow(width = 720): boolean {
  return useSyncExternalStore(
    (f) => {
      const m = matchMedia(`(max-width: ${width}px)`);
      m.addEventListener('change', f);
      return () => m.removeEventListener('change', f);
    },
    () => matchMedia(`(max-width: ${width}px)`).matches,
  );
}
