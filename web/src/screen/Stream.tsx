import { Link } from 'react-router';
import type { HotTopic, Topic } from '../api/types';
import { t } from '../text';
import { useNow } from '../time/tick';
import { ago, exact } from '../time/words';

/** One line of the stream: a case that has just changed. */
export interface Line {
  key: string;
  id: string;
  title: string;
  state: string;
  area: string;
  at: number;
  late: boolean;
}

/** What happens now, and what many people speak of today. */
export function Stream({ lines, topics, hottest }: { lines: Line[]; topics: Topic[]; hottest: HotTopic[] }) {
  const now = useNow(15_000);
  const hot = topics.filter((x) => x.count > 1); // one voice is no topic
  return (
    <section className="stream" aria-label={t('screen.stream')}>
      <h2><Link to="/topics">{t('desk.topics')}</Link></h2>
      <ol className="topics">
        {hottest.slice(0, 5).map((x) => (
          <li key={x.id}><Link to={`/topics?id=${x.id}`} title={x.title}><span>{x.title}</span><b className="num">{x.cases}</b></Link></li>
        ))}
      </ol>
      <h2>{t('screen.topics')}</h2>
      {hot.length === 0 && <p className="quiet small">{t('screen.no_topics')}</p>}
      <ol className="topics">
        {hot.slice(0, 5).map((x) => (
          <li key={x.matter + x.area}>
            <Link to={`/cases?${new URLSearchParams({ matter: x.matter, ...(x.area ? { area: x.area } : {}) })}`}>
              <span>{[x.title, x.area_name].filter(Boolean).join(' · ')}</span><b className="num">{x.count}</b>
            </Link>
          </li>
        ))}
      </ol>
      <h2>{t('screen.stream')}</h2>
      <ol className="lines">
        {lines.map((l) => (
          <li key={l.key} className={l.late ? 'is-late' : ''}>
            <Link to={`/cases/${l.id}`}>{l.title || t('case.untitled')}</Link>
            <div className="small">
              {l.late && <b>{t('screen.late')} · </b>}
              {[l.state, l.area].filter(Boolean).map((x) => `${x} · `)}<span title={exact(l.at)} className="num">{ago(l.at, now)}</span>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
