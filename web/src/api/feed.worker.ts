/// <reference lib="webworker" />
// One connection for all windows of a browser: HTTP/1.1 allows six to a host,
// and a dispatcher with seven windows open must not stop the eighth from loading.
import { connect, type FeedMessage } from './feed';

const ports = new Set<MessagePort>();
let stop: (() => void) | undefined;
let whose = '';
let last: FeedMessage | undefined;

function tell(m: FeedMessage) {
  if (m.kind === 'state') last = m;
  for (const p of ports) p.postMessage(m);
}

// The connection belongs to the person who was signed in when it was opened.
function listenFor(person: string) {
  if (stop && person === whose) return;
  stop?.();
  whose = person;
  stop = connect(tell);
}

function leave(port: MessagePort) {
  ports.delete(port);
  if (ports.size > 0) return;
  stop?.();
  stop = undefined;
}

(self as unknown as SharedWorkerGlobalScope).onconnect = (e) => {
  const port = e.ports[0];
  if (!port) return;
  port.onmessage = (m: MessageEvent<{ person: string } | 'bye'>) => {
    if (m.data === 'bye') return leave(port);
    ports.add(port);
    listenFor(m.data.person);
    if (last) port.postMessage(last);
  };
};
