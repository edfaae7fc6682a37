import { useNow } from './tick';
import { ago, exact } from './words';

/** A moment as people say it; the exact time on hover and on paper, where 昨天 means nothing. */
export function Moment({ at, className }: { at: number; className?: string }) {
  const now = useNow(60_000);
  return (
    <time className={`num ${className ?? ''}`} title={exact(at)} dateTime={new Date(at).toISOString()}>
      <span className="no-print">{ago(at, now)}</span>
      <span className="print-only">{exact(at)}</span>
    </time>
  );
}
