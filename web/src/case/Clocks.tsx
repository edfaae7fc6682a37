import type { Clock } from '../api/types';
import { t } from '../text';
import { Countdown, Ring } from '../time/Countdown';
import { until } from '../time/words';

/** The clocks of a case: the running ones count, the others say how they ended. */
export function Clocks({ list }: { list: Clock[] }) {
  if (list.length === 0) return <p className="quiet small">{t('clock.no_clocks')}</p>;
  const running = list.filter((c) => c.state === 'running').sort((a, b) => a.due_at - b.due_at);
  const rest = list.filter((c) => c.state !== 'running').sort((a, b) => b.started_at - a.started_at);
  const confirm = [...new Set(list.map((c) => c.to_confirm).filter(Boolean))];
  return (
    <div className="clocks">
      <ul>
        {running.map((c) => (
          <li key={`${c.code}${c.round}`}>
            <Countdown due={c.due_at} started={c.started_at} title={c.title} />
            <small className="quiet num">{t('clock.due_at', { time: until(c.due_at).slice(5, 16) })}</small>
          </li>
        ))}
        {rest.map((c) => (
          <li key={`${c.code}${c.round}`} className="quiet">
            <span className="countdown"><Ring share={c.state === 'paused' ? 0.5 : 0} /><span>{c.title}</span></span>
            <small className={c.breached ? 'late-word' : ''}>{ended(c)}</small>
          </li>
        ))}
      </ul>
      {confirm.map((s) => <p key={s} className="quiet small to-confirm">{s}</p>)}
    </div>
  );
}

function ended(c: Clock): string {
  if (c.state === 'paused') return t('clock.paused');
  if (c.state === 'cancelled') return t('clock.cancelled');
  return c.breached ? t('clock.ended_late') : t('clock.ended');
}
