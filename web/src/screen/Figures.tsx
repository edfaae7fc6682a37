import { lazy, Suspense } from 'react';
import { Link } from 'react-router';
import type { DayCounts, Today } from '../api/types';
import { type Key, t } from '../text';
import { hourMinute } from '../time/words';
import type { Shade } from './layers';

const Hourly = lazy(() => import('./Hourly'));

const shown = ['received', 'auto_dispatched', 'answered', 'closed', 'due_today', 'returned'] as const;

/** Today against the same weekday, each number opening its cases. */
export function Figures({ today, shade }: { today: Today; shade: Shade }) {
  const { today: now, same_day_last_week: then } = today;
  const open = (k: keyof DayCounts) => `/cases?${(today.filters[k] ?? '').replace(/^\?/, '')}`;
  return (
    <section className="figures" aria-label={t('screen.today')}>
      <h2>{t('screen.today')} <small>{t('list.as_of', { time: hourMinute(today.as_of) })}</small></h2>
      <Link to={open('late_open')} className={`figure big ${now.late_open ? 'is-late' : ''}`}>
        <span>{t('screen.late_open')}</span><b className="num">{now.late_open ?? '—'}</b>
      </Link>
      <div className="figure-grid">
        {shown.map((k) => (
          <Link key={k} to={open(k)} className="figure">
            <span>{t(`screen.${k}` as Key)}</span>
            <b className="num">{now[k] ?? '—'}</b>
            {then && then[k] !== null && <small className="num">{t('screen.last_week', { n: then[k] })}</small>}
          </Link>
        ))}
      </div>
      <p className="rated">
        {now.rated > 0
          ? t('screen.satisfied', { share: Math.round((now.satisfied / now.rated) * 100), n: now.rated })
          : t('screen.no_rating')}
      </p>
      {today.hourly.length > 0 && (
        <>
          <h3>{t('screen.by_hour')}</h3>
          <Suspense fallback={<div className="hourly" />}><Hourly hours={today.hourly} shade={shade} /></Suspense>
        </>
      )}
    </section>
  );
}
