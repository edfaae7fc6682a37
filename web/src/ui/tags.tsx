import type { Row } from '../api/types';
import { useTitles } from '../api/queries';
import './tags.css';

/** How urgent, where it is more than usual. */
export function UrgencyTag({ code }: { code: string }) {
  const { urgency } = useTitles();
  if (!code || code === 'none') return null;
  return <span className="tag urgent">{urgency(code)}</span>;
}

/** Where the case stands. */
export function StateTag({ row }: { row: Pick<Row, 'state_title' | 'lane'> }) {
  return <span className={`tag ${row.lane === 'done' ? 'done' : 'open'}`}>{row.state_title}</span>;
}

/** A probability as a bar and a figure. */
export function Share({ value, label }: { value: number; label: string }) {
  const percent = Math.round(value * 100);
  return (
    <span className="share" title={label}>
      <span className="share-bar" aria-hidden><span style={{ width: `${percent}%` }} /></span>
      <b className="num">{percent}%</b>
    </span>
  );
}
