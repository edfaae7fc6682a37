import { t } from '../text';
import { useNow } from './tick';
import { left, pressure, until } from './words';
import './countdown.css';

interface Props {
  due: number;
  started: number;
  title?: string;
  /** A closed or waiting case has no running clock. */
  idle?: string;
}

/** A clock as a ring that empties and a word: never by colour alone. */
export function Countdown({ due, started, title, idle }: Props) {
  const now = useNow(due && Math.abs(due - now0()) < 3_600_000 ? 1000 : 15_000);
  if (!due) return <span className="countdown idle">{idle ?? t('clock.none')}</span>;
  const p = pressure(due, started, now);
  const whole = Math.max(1, due - started);
  const share = Math.max(0, Math.min(1, (due - now) / whole));
  return (
    <span className={`countdown ${p}`} title={`${title ? `${title} · ` : ''}${t('clock.due_at', { time: until(due) })}`}>
      <Ring share={p === 'late' ? 1 : share} late={p === 'late'} />
      <span>
        {title && <small>{title}</small>}
        <b className="num">{left(due, now)}</b>
        <small className="print-only num">{t('clock.due_at', { time: until(due) })}</small>
      </span>
    </span>
  );
}

const now0 = () => Date.now();

/** A small round clock: the share that is left, or a filled disc with a bar when late. */
export function Ring({ share, late = false, size = 18 }: { share: number; late?: boolean; size?: number }) {
  const r = 7;
  const round = 2 * Math.PI * r;
  return (
    <svg className="ring" width={size} height={size} viewBox="0 0 18 18" aria-hidden>
      <circle cx="9" cy="9" r={r} className="ring-back" />
      {late ? (
        <>
          <circle cx="9" cy="9" r={8} className="ring-full" />
          <path d="M9 4.6v5.2M9 12.4v.6" className="ring-bar" />
        </>
      ) : (
        <circle
          cx="9" cy="9" r={r} className="ring-share"
          strokeDasharray={`${share * round} ${round}`} transform="rotate(-90 9 9)"
        />
      )}
    </svg>
  );
}
