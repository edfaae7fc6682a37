import { useTitles } from '../api/queries';
import type { Count } from '../api/types';
import { t } from '../text';
import './inbox.css';

// On a phone the row is longer than the screen.
const intoView = (x: HTMLElement | null) => x?.scrollIntoView({ block: 'nearest', inline: 'nearest' });

/** The lanes as a row of tabs with what is in them and what of it is late. */
export function Lanes({ lanes, lane, onLane }: { lanes: Count[]; lane: string; onLane: (l: string) => void }) {
  const titles = useTitles();
  return (
    <div className="lanes" role="group" aria-label={t('inbox.lanes')}>
      {lanes.map((l) => (
        <button
          key={l.key} type="button" className="bare lane" aria-pressed={l.key === lane} onClick={() => onLane(l.key)}
          ref={l.key === lane ? intoView : undefined}
        >
          <span>{titles.lane(l.key)}</span>
          <b className="num">{l.count}</b>
          {l.late > 0 && <small className="late-word">{t('inbox.late', { n: l.late })}</small>}
        </button>
      ))}
    </div>
  );
}
