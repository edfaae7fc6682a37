/// <reference lib="webworker" />
// One connection for all windows of a browser: HTTP/1.1 allows six to a host,
// and a dispatcher with seven windows open must not stop the eighth from loading.
import { connect, type FeedMessage } from './feed';

const ports = new Set<MessagePort>();
let last: FeedMessage | undefined;
const tell = (m: FeedMessage) => {
  if (m.kind === 'state') last = m;
  for (const p of ports) p.postMessage(m);
};

let started = false;
(self as unknown as SharedWorkerGlobalScope).onconnect = (e) => {
  const port = e.ports[0];
  if (!port) return;
  ports.add(port);
  port.onmessage = (m) => {
    if (m.data === 'bye') ports.delete(port);
  };
  if (last) port.postMessage(last);
  if (!started) {
    started = true;
    connect(tell);
  }
};
