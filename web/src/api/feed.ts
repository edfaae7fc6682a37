import type { Alert, Change } from './types';

/** What the feed says: things that happened, or how the connection is. */
export type FeedMessage =
  | { kind: 'change'; data: Change }
  | { kind: 'alert'; data: Alert }
  | { kind: 'reset' }
  | { kind: 'state'; state: 'open' | 'lost' };

/** Listens to the server's events. The browser reconnects by itself and resumes after the last id. */
export function connect(tell: (m: FeedMessage) => void): () => void {
  let source: EventSource;
  let again: ReturnType<typeof setTimeout>;
  const open = () => {
    source = new EventSource('/api/live');
    source.onopen = () => tell({ kind: 'state', state: 'open' });
    source.onerror = () => {
      tell({ kind: 'state', state: 'lost' });
      // After an answer that was not an event stream the browser gives up; we don't.
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, 5000);
    };
    source.addEventListener('hello', (e) => {
      if ((JSON.parse(e.data) as { reset?: boolean }).reset) tell({ kind: 'reset' });
    });
    source.addEventListener('change', (e) => tell({ kind: 'change', data: JSON.parse(e.data) as Change }));
    source.addEventListener('alert', (e) => tell({ kind: 'alert', data: JSON.parse(e.data) as Alert }));
  };
  open();
  return () => {
    clearTimeout(again);
    source.close();
  };
}
