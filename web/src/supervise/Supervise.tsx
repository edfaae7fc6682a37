import { useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { Link, useSearchParams } from 'react-router';
import { api, read } from '../api/client';
import type { Choice } from '../api/types';
import { type Key, t } from '../text';
import { hourMinute } from '../time/words';
import { CaseList } from '../ui/CaseList';
import { News } from '../ui/News';
import { RowActions, useExpected } from '../ui/RowActions';
import { type Filters, useFresh, useRows } from '../ui/rows';
import { Several, useTicks } from '../ui/Several';
import { Empty, Failed, Loading } from '../ui/states';
import { useTitle } from '../ui/title';
import { LivedBanner } from '../lived/LivedBanner';
import './supervise.css';

const kinds = ['late_open', 'due_today', 'returned', 'unwanted'] as const;
type Kind = (typeof kinds)[number];

// Used where the server's figure brings no query of its own.
const usual: Record<Kind, Filters> = {
  late_open: { late: '1', sort: 'due' },
  due_today: { sort: 'due' },
  returned: { lane: 'return', sort: 'due' },
  unwanted: { lane: 'return', sort: 'due' },
};

/** Whatever the expected step may be, here one wants to push. */
const urges = (c: Choice) => c.code === 'urge' || c.code === 'redispatch' || c.code === 'refuse_return';

/** The supervision desk: from each figure to its cases, from each case to one urging. */
export default function Supervise() {
  useTitle(t('desk.supervise'));
  const [params, setParams] = useSearchParams();
  const kind = (kinds as readonly string[]).includes(params.get('kind') ?? '') ? (params.get('kind') as Kind) : 'late_open';
  const today = useQuery({ queryKey: ['today'], queryFn: () => read(api.GET('/api/figures/today')), refetchInterval: 30_000 });
  const unwanted = useQuery({
    queryKey: ['counts', 'return'],
    queryFn: async () => (await read(api.GET('/api/cases/counts', { params: { query: { by: 'lane' } } }))).items,
  });
  const given = kind !== 'unwanted' ? today.data?.filters[kind] : undefined;
  const filters = given ? { sort: 'due', ...Object.fromEntries(new URLSearchParams(given.replace(/^.*\?/, ''))) } : usual[kind];
  const count = (k: Kind) =>
    k === 'unwanted' ? unwanted.data?.find((c) => c.key === 'return')?.count : today.data?.today[k];
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('desk.supervise')}</h1>
        <span className="quiet small num">{today.data && t('list.as_of', { time: hourMinute(today.data.as_of) })}</span>
        <span className="grow" /><Link to="/lived">{t('lived.title')}</Link>
      </div>
      <LivedBanner />
      <div className="kinds" role="group" aria-label={t('supervise.kinds')}>
        {kinds.map((k) => (
          <button key={k} type="button" className={`bare kind ${k}`} aria-pressed={k === kind} onClick={() => setParams({ kind: k })}>
            <span>{t(`supervise.${k}`)}</span>
            <b className="num">{count(k) ?? '—'}</b>
            <small>{t(`supervise.${k}_hint` as Key)}</small>
          </button>
        ))}
      </div>
      <div className="supervise-grid">
        <section><Cases key={kind} filters={filters} kind={kind} ready={!today.isPending} /></section>
        <aside><UnitTable /></aside>
      </div>
    </div>
  );
}

function Cases({ filters, kind, ready }: { filters: Filters; kind: Kind; ready: boolean }) {
  const list = useRows(filters);
  const { news, show } = useFresh(list.rows, (c) => (kind === 'late_open' ? c.late : kind === 'unwanted' && c.lane === 'return'));
  const ticks = useTicks(list.rows);
  const expected = useExpected(list.rows, urges);
  if (list.error) return <Failed error={list.error} retry={list.refetch} />;
  if (list.isPending || !ready) return <Loading />;
  if (list.rows.length === 0) return <Empty title={t(`supervise.${kind}_empty` as Key)} />;
  return (
    <>
      <News count={news} show={show} />
      <CaseList
        rows={list.rows} ticked={ticks.ids} onTick={ticks.toggle} act={(r) => <RowActions row={r} choices={expected(r)} />}
        more={{ has: list.hasNextPage, busy: list.isFetchingNextPage, load: () => void list.fetchNextPage() }}
      />
      <Several rows={ticks.ticked} onDone={ticks.clear} onClear={ticks.clear} />
    </>
  );
}

function UnitTable() {
  const [params, setParams] = useSearchParams();
  const by = params.get('by') === 'rate' ? 'rate' : 'late';
  const { data, error, refetch } = useQuery({
    queryKey: ['figures', 'units', 'all'],
    queryFn: async () => (await read(api.GET('/api/figures/units', { params: { query: { limit: 100 } } }))).items,
    refetchInterval: 60_000,
  });
  if (error) return <Failed error={error} retry={refetch} />;
  const rows = [...(data ?? [])].sort((a, b) => (by === 'late' ? b.late - a.late || b.open - a.open : (a.on_time_rate ?? 2) - (b.on_time_rate ?? 2)));
  return (
    <section className="panel card unit-table">
      <div className="row">
        <h2>{t('supervise.units')}</h2><span className="grow" />
        <Segmented
          size="small" value={by} aria-label={t('list.sort')}
          onChange={(v) => setParams((p) => { p.set('by', v as string); return p; })}
          options={[{ value: 'late', label: t('supervise.by_late') }, { value: 'rate', label: t('supervise.by_rate') }]}
        />
      </div>
      <table>
        <thead><tr><th scope="col">{t('row.unit')}</th><th scope="col">{t('screen.col_open')}</th><th scope="col">{t('screen.late')}</th><th scope="col">{t('supervise.rate')}</th><th scope="col" title={t('supervise.despite_hint')}>{t('supervise.despite')}</th></tr></thead>
        <tbody>
          {rows.slice(0, 30).map((u) => (
            <tr key={u.unit}>
              <td><Link to={`/cases?unit=${u.unit}&sort=due`}>{u.name}</Link></td>
              <td className="num">{u.open}</td>
              <td className="num">{u.late > 0 ? <Link className="late-word" to={`/cases?unit=${u.unit}&late=1&sort=due`}>{u.late}</Link> : 0}</td>
              <td className="num">{u.on_time_rate === null ? '—' : `${(u.on_time_rate * 100).toFixed(1)}%`}<small className="quiet"> {u.closed_in_time}/{u.closed}</small></td>
              <td className="num">{u.despite > 0 && u.despite_rate !== null ? <>{(u.despite_rate * 100).toFixed(1)}%<small className="quiet"> {u.despite}</small></> : 0}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
