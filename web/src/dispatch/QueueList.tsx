import { Checkbox } from 'antd';
import { useEffect, useRef } from 'react';
import type { QueueRow } from '../api/types';
import { t } from '../text';
import { Countdown } from '../time/Countdown';
import { useNow } from '../time/tick';
import { exact, span } from '../time/words';
import { UrgencyTag } from '../ui/tags';

interface Props {
  items: QueueRow[];
  current?: string;
  me: string;
  ticked: Set<string>;
  onTick: (id: string) => void;
  onOpen: (id: string) => void;
}

/** What waits to be dispatched: urgent first, then the oldest. */
export function QueueList({ items, current, me, ticked, onTick, onOpen }: Props) {
  return (
    <ul className="queue">
      {items.map((r) => (
        <Item
          key={r.id} r={r} open={r.id === current} me={me} ticked={ticked.has(r.id)} onTick={() => onTick(r.id)}
          onOpen={() => onOpen(r.id)}
        />
      ))}
    </ul>
  );
}

function Item({ r, open, me, ticked, onTick, onOpen }: {
  r: QueueRow; open: boolean; me: string; ticked: boolean; onTick: () => void; onOpen: () => void;
}) {
  const now = useNow(60_000);
  const li = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (open) li.current?.scrollIntoView({ block: 'nearest' });
  }, [open]);
  const other = r.claimed_by && r.claimed_by !== me;
  const best = r.suggestion?.matters?.[0];
  return (
    <li ref={li} className={`${open ? 'current' : ''} ${other ? 'claimed' : ''}`}>
      <Checkbox checked={ticked} onChange={onTick} aria-label={t('list.tick', { title: r.title || r.number })} />
      <button type="button" className="bare queue-item" aria-current={open} onClick={onOpen}>
        <span className="queue-title">{r.title || t('case.untitled')}</span>
        <span className="queue-meta">
          <UrgencyTag code={r.urgency} />
          {r.due_at > 0 && r.due_at - now < 30 * 60_000
            ? <Countdown due={r.due_at} started={r.due_started_at} />
            : <span className="num" title={exact(r.filed_at)}>{t('dispatch.waited', { span: span(now - r.filed_at) })}</span>}
          {r.area_name && <span>{r.area_name}</span>}
          {r.repeats > 0 && <span className="tag">{t('list.repeats', { n: r.repeats })}</span>}
          {other && <span className="tag">{t('dispatch.claimed', { name: r.claimed_name })}</span>}
        </span>
        {best && (
          <span className="queue-guess">
            <span>{best.name}</span><b className="num">{Math.round(best.probability * 100)}%</b>
          </span>
        )}
      </button>
    </li>
  );
}
