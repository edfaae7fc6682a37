import { Button, Checkbox } from 'antd';
import { type ReactNode } from 'react';
import { Link } from 'react-router';
import type { Row } from '../api/types';
import { t } from '../text';
import { Countdown } from '../time/Countdown';
import { useNow } from '../time/tick';
import { ago, exact } from '../time/words';
import { StateTag, UrgencyTag } from './tags';
import './caselist.css';

interface Props {
  rows: Row[];
  /** Ticked ids, where several can be taken at once. */
  ticked?: Set<string>;
  onTick?: (id: string) => void;
  /** What one can do on a row without opening it. */
  act?: (r: Row) => ReactNode;
  /** Opens beside the list instead of on its own page. */
  onOpen?: (r: Row) => void;
  current?: string;
  /** The reader's own unit, which need not be named in every row. */
  own?: string;
  more?: { has: boolean; busy: boolean; load: () => void };
}

/** Cases under one another, each with its countdown. */
export function CaseList({ rows, ticked, onTick, act, onOpen, current, own, more }: Props) {
  return (
    <>
      <ul className={`case-list panel ${onOpen ? 'slim' : ''}`}>
        {rows.map((r) => (
          <li key={r.id} className={r.id === current ? 'current' : ''}>
            {onTick && (
              <Checkbox
                checked={ticked?.has(r.id)} onChange={() => onTick(r.id)} aria-label={t('list.tick', { title: r.title || r.number })}
              />
            )}
            <Line r={r} onOpen={onOpen} current={r.id === current} own={own} />
            {act && <div className="case-act">{act(r)}</div>}
          </li>
        ))}
      </ul>
      {more?.has && (
        <div className="more"><Button onClick={more.load} loading={more.busy}>{t('list.more')}</Button></div>
      )}
    </>
  );
}

function Line({ r, onOpen, current, own }: { r: Row; onOpen?: (r: Row) => void; current: boolean; own?: string }) {
  const now = useNow(60_000);
  const title = r.title || t('case.untitled');
  return (
    <div className="case-line">
      <div className="case-what">
        {onOpen
          ? <button type="button" className="bare case-title" aria-current={current} onClick={() => onOpen(r)}>{title}</button>
          : <Link className="case-title" to={`/cases/${r.id}`}>{title}</Link>}
        <div className="case-meta">
          <UrgencyTag code={r.urgency} />
          <StateTag row={r} />
          <span className="num">{r.number}</span>
          <span>{[r.area_name, r.matter_name].filter(Boolean).join(' · ')}</span>
          <span className="num" title={exact(r.filed_at)}>{ago(r.filed_at, now)}</span>
          {r.repeats > 0 && <span className="tag">{t('list.repeats', { n: r.repeats })}</span>}
        </div>
      </div>
      <div className="case-who">{r.holder_name || (r.unit === own ? '' : r.unit_name)}</div>
      <div className="case-due"><Countdown due={r.due_at} started={r.due_started_at} title={r.due_title} idle="" /></div>
    </div>
  );
}
