import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { api, Problem, read } from '../api/client';
import type { HotTopic, Rise } from '../api/types';
import { t } from '../text';
import { dayOf, hourMinute } from '../time/words';
import { Empty, Failed, Loading } from '../ui/states';
import { useTitle } from '../ui/title';
import { Spark } from './Spark';
import './topics.css';

/** What the city is talking about: the hottest issues, why they are hot, and what begins to rise. */
export default function TopicsPage() {
  useTitle(t('desk.topics'));
  const [params, setParams] = useSearchParams();
  const open = params.get('id') ?? '';
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['topics'],
    queryFn: () => read(api.GET('/api/topics', { params: { query: { limit: 50 } } })),
    refetchInterval: 30_000,
  });
  if (error) return <Failed error={error} retry={refetch} />;
  if (isPending) return <Loading />;
  const top = Math.max(1, ...data.items.map((x) => x.heat));
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('desk.topics')}</h1>
        <span className="quiet small num">{data.as_of > 0 && t('list.as_of', { time: hourMinute(data.as_of) })}</span>
      </div>
      <div className="topics-grid">
        <section aria-label={t('topics.list')}>
          {data.items.length === 0
            ? <Empty title={t(data.as_of > 0 ? 'topics.none' : 'topics.not_yet')} />
            : (
              <ol className="topic-list">
                {data.items.map((x) => (
                  <li key={x.id} className="card">
                    <TopicLine topic={x} top={top} open={x.id === open} onOpen={() => setParams(x.id === open ? {} : { id: x.id })} />
                    {x.id === open && <Detail topic={x} may={data.theme} />}
                  </li>
                ))}
              </ol>
            )}
        </section>
        <aside><Rises items={data.rises} /></aside>
      </div>
    </div>
  );
}

function TopicLine({ topic: x, top, open, onOpen }: { topic: HotTopic; top: number; open: boolean; onOpen: () => void }) {
  return (
    <button type="button" className="bare topic-line" aria-expanded={open} onClick={onOpen}>
      <b className="num rank">{x.rank}</b>
      <span className="topic-what">
        <strong>{x.title}</strong>
        <span className="small quiet">
          {[x.place || t('topics.many_places'), x.matter_name, `${dayOf(x.from)} – ${dayOf(x.to)}`].filter(Boolean).join(' · ')}
        </span>
        <i className="heat-bar" aria-hidden><i style={{ width: `${(x.heat / top) * 100}%` }} /></i>
      </span>
      <span className="topic-counts num">
        <span>{t('topics.cases', { n: x.cases })}</span>
        <span>{t('topics.people', { n: x.people })}</span>
        <span className={x.open > 0 ? '' : 'quiet'}>{t('topics.open', { n: x.open })}</span>
      </span>
      <span className="topic-trend">
        <Spark values={x.trend} label={t('topics.trend', { n: x.trend.join('、') })} />
        <small className="num">{t('topics.week', { n: x.week })}{x.last_week !== null && <span className="quiet"> · {t('topics.last_week', { n: x.last_week })}</span>}</small>
      </span>
    </button>
  );
}

function Detail({ topic: x, may }: { topic: HotTopic; may: boolean }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['topics', x.id, x.cases],
    queryFn: () => read(api.GET('/api/topics/{id}', { params: { path: { id: x.id } } })),
  });
  return (
    <div className="topic-detail">
      <p className="small">
        {t('topics.heat', { heat: x.heat.toFixed(1), voices: x.voices.toFixed(1), spread: x.spread.toFixed(2), growth: x.growth.toFixed(2), fresh: x.freshness.toFixed(2) })}
        {' '}{x.last_year !== null && t('topics.last_year', { n: x.last_year })}
      </p>
      <Theme topic={x} may={may} />
      {error && <Failed error={error} retry={refetch} />}
      <ol className="members">
        {data?.members.map((m) => (
          <li key={m.id}>
            <Link to={`/cases/${m.id}`}>{m.title}</Link>
            <span className="small quiet">{[m.number, m.unit, dayOf(m.filed_at), m.closed ? t('topics.done') : t('topics.running')].filter(Boolean).join(' · ')}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** One click makes of a topic a case whose task is the common cause. */
function Theme({ topic: x, may }: { topic: HotTopic; may: boolean }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const go = useNavigate();
  const make = useMutation({
    mutationFn: () => read(api.POST('/api/topics/{id}/theme', { params: { path: { id: x.id } } })),
    onSuccess: (c) => {
      void client.invalidateQueries({ queryKey: ['topics'] });
      void go(`/cases/${c.id}`);
    },
    onError: (e) => void message.error(e instanceof Problem ? e.message : t('topics.failed')),
  });
  if (x.theme) return <p>{t('topics.theme')} <Link to={`/cases/${x.theme.id}`}>{x.theme.number}</Link></p>;
  if (!may) return null;
  return <p><Button type="primary" loading={make.isPending} onClick={() => make.mutate()}>{t('topics.make_theme')}</Button> <span className="small quiet">{t('topics.make_hint')}</span></p>;
}

function Rises({ items }: { items: Rise[] }) {
  return (
    <section className="panel card rises">
      <h2>{t('topics.rises')}</h2>
      <p className="small quiet">{t('topics.rises_hint')}</p>
      {items.length === 0 && <p className="quiet">{t('topics.no_rises')}</p>}
      <ul>
        {items.map((r) => (
          <li key={r.matter + r.area}>
            <Link to={`/cases?${r.filter}`}>{[r.area_name, r.matter_name].filter(Boolean).join(' · ')}</Link>
            <span className="small num">{t('topics.rise', { n: r.count, expected: r.expected.toFixed(1) })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
