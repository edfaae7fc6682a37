import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useSession } from '../app/session';
import { connect, type FeedMessage } from './feed';
import type { Alert, Change } from './types';

type Listener = (m: FeedMessage) => void;
const Feed = createContext<Set<Listener>>(new Set());
const State = createContext<'open' | 'lost'>('open');

function listen(person: string, tell: Listener): () => void {
  if (typeof SharedWorker === 'undefined') return connect(tell);
  const worker = new SharedWorker(new URL('./feed.worker.ts', import.meta.url), { type: 'module', name: 'yiwang-live' });
  worker.port.onmessage = (e) => tell(e.data as FeedMessage);
  worker.port.start();
  worker.port.postMessage({ person });
  const bye = () => worker.port.postMessage('bye');
  addEventListener('pagehide', bye);
  return () => {
    removeEventListener('pagehide', bye);
    bye();
  };
}

/** Brings the live feed to everything inside. */
export function LiveFeed({ children }: { children: ReactNode }) {
  const [listeners] = useState(() => new Set<Listener>());
  const [state, setState] = useState<'open' | 'lost'>('open');
  const client = useQueryClient();
  const { staff } = useSession();
  useEffect(() => {
    let wait: ReturnType<typeof setTimeout> | undefined;
    return listen(staff.id, (m) => {
      // Too much was missed to be told one by one: everything shown may be old.
      if (m.kind === 'reset') void client.invalidateQueries();
      // A page of the case that is open stays still; the next one that opens reads anew.
      if (m.kind === 'change') void client.invalidateQueries({ queryKey: ['case', m.data.id], refetchType: 'none' });
      if (m.kind === 'state' && m.state === 'open') {
        clearTimeout(wait);
        wait = undefined;
        setState('open');
      }
      // A short gap is not worth a word; every further failed attempt belongs to the same gap.
      if (m.kind === 'state' && m.state === 'lost') wait ??= setTimeout(() => setState('lost'), 8000);
      for (const l of listeners) l(m);
    });
  }, [listeners, client, staff.id]);
  return <Feed value={listeners}><State value={state}>{children}</State></Feed>;
}

/** Whether changes still arrive by themselves. */
export const useLiveState = () => use(State);

/** Calls back with the changes of the last moment, together. */
export function useChanges(each: (changes: Change[]) => void, pause = 700) {
  const listeners = use(Feed);
  const call = useEffectEvent(each);
  const waiting = useRef<Change[]>([]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const l: Listener = (m) => {
      if (m.kind !== 'change') return;
      waiting.current.push(m.data);
      timer ??= setTimeout(() => {
        timer = undefined;
        call(waiting.current.splice(0));
      }, pause);
    };
    listeners.add(l);
    return () => {
      listeners.delete(l);
      clearTimeout(timer);
    };
  }, [listeners, pause]);
}

/** Calls back when a ten-minute clock starts for one's own unit. */
export function useAlerts(each: (a: Alert) => void) {
  const listeners = use(Feed);
  const call = useEffectEvent(each);
  useEffect(() => {
    const l: Listener = (m) => {
      if (m.kind === 'alert') call(m.data);
    };
    listeners.add(l);
    return () => void listeners.delete(l);
  }, [listeners]);
}
