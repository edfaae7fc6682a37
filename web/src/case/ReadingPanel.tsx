import { Button } from 'antd';
import { Link } from 'react-router';
import { useTitles } from '../api/queries';
import type { Reading, Repeat } from '../api/types';
import { t } from '../text';
import { useNow } from '../time/tick';
import { ago, exact } from '../time/words';
import { Share } from '../ui/tags';

/** What the machine read and proposed, for anyone to check. */
export function ReadingPanel({ reading }: { reading: Reading }) {
  const { urgency } = useTitles();
  const { place, unit } = reading;
  return (
    <div className="read-panel">
      {reading.why_not && <p className="quiet">{reading.why_not}</p>}
      <ul>
        {reading.matters.map((m) => (
          <li key={m.code}>
            <div className="row">
              <b>{m.name}</b><span className="grow" />
              <Share value={m.probability} label={t('read.probability')} />
            </div>
            <div className="quiet small">{m.levels.join(' › ')} · <span className="num">{m.code}</span></div>
            {m.clause && <div className="small">{m.clause}</div>}
            {m.words.length > 0 && (
              <div className="small">{t('read.words')}{m.words.map((w) => w.text).join('、')}</div>
            )}
            {m.neighbours.slice(0, 3).map((n) => (
              <div key={n.id} className="small">
                <Link to={`/cases/${n.id}`}>{n.title || n.number}</Link>
                <span className="quiet num"> {t('read.alike', { n: Math.round(n.similarity * 100) })}</span>
              </div>
            ))}
          </li>
        ))}
      </ul>
      <dl className="facts">
        <div><dt>{t('row.nature')}</dt><dd>{reading.nature || t('read.unknown')}</dd></div>
        <div><dt>{t('row.urgency')}</dt><dd>{reading.urgency ? urgency(reading.urgency) : t('read.unknown')}</dd></div>
        <div>
          <dt>{t('row.area')}</dt>
          <dd>{place?.area_name || t('read.no_place')}{place?.words && <span className="quiet">{t('read.from_words', { words: place.words })}</span>}</dd>
        </div>
        {unit?.name && <div><dt>{t('row.unit')}</dt><dd>{unit.name}<span className="quiet small"> {unit.how} {unit.clause}</span></dd></div>}
      </dl>
      <p className="quiet small">{reading.threshold < 1
          ? t('read.model', { model: reading.model, threshold: Math.round(reading.threshold * 100) })
          : t('read.never', { model: reading.model })}</p>
    </div>
  );
}

interface RepeatsProps {
  list: Repeat[];
  /** Ties the case to one of them; without it nobody can decide here. */
  onLink?: (r: Repeat) => void;
  /** Notes that one of them is something else. */
  onRefuse?: (r: Repeat) => void;
}

/** Cases that may be the same event, the surest first. */
export function Repeats({ list, onLink, onRefuse }: RepeatsProps) {
  const now = useNow(60_000);
  if (list.length === 0) return <p className="quiet small">{t('repeat.none')}</p>;
  return (
    <ul className="repeats">
      {list.map((r, i) => (
        <li key={r.id}>
          <Link to={`/cases/${r.id}`} target="_blank">{r.title || r.number}</Link>
          <div className="small">{r.recurs && <span className="tag">{t('repeat.recurs')}</span>} {r.reason}</div>
          <div className="quiet small num">
            <span title={exact(r.filed_at)}>{ago(r.filed_at, now)}</span> · {r.state_title}
            {r.unit_name && ` · ${r.unit_name}`} · {t('repeat.sure', { n: Math.round(r.score * 100) })}
          </div>
          {(onLink || onRefuse) && (
            <div className="row decide-repeat">
              {onLink && (
                <Button size="small" onClick={() => onLink(r)}>
                  {t(r.recurs ? 'repeat.accept_recurs' : 'repeat.accept')}{i === 0 && <kbd>M</kbd>}
                </Button>
              )}
              {onRefuse && <Button size="small" type="text" onClick={() => onRefuse(r)}>{t('repeat.refuse')}{i === 0 && <kbd>N</kbd>}</Button>}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
