import { Link } from 'react-router';
import { useUnits } from '../api/queries';
import type { UnitFigure } from '../api/types';
import { t } from '../text';
import { hourMinute } from '../time/words';

/** Ten units by the share answered in time, with the count beside the rate. */
export function Units({ items, asOf }: { items: UnitFigure[]; asOf: number }) {
  const short = new Map(useUnits().data?.map((u) => [u.code, u.short]));
  return (
    <section className="units" aria-label={t('screen.units')}>
      <h2>{t('screen.units')} {asOf > 0 && <small>{t('list.as_of', { time: hourMinute(asOf) })}</small>}</h2>
      <ol>
        {items.map((u) => (
          <li key={u.unit}>
            <Link to={`/cases?unit=${u.unit}`} title={t('screen.unit_words', { name: u.name, open: u.open, late: u.late })}>
              <span className="unit-name">{short.get(u.unit) || u.name}</span>
              <span className="unit-bar" aria-hidden><span style={{ width: `${(u.on_time_rate ?? 0) * 100}%` }} /></span>
              <b className="num">{u.on_time_rate === null ? '—' : `${(u.on_time_rate * 100).toFixed(1)}%`}</b>
              <span className="num unit-count">{t('screen.in_time', { done: u.closed_in_time, all: u.closed })}</span>
              <span className="num unit-open is-late">{u.late > 0 && t('screen.unit_late', { n: u.late })}</span>
            </Link>
          </li>
        ))}
      </ol>
      {items.length === 0 && <p className="quiet small">{t('screen.no_units')}</p>}
    </section>
  );
}
