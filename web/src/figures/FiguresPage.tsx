import { useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { Link, useSearchParams } from 'react-router';
import { api, now, read } from '../api/client';
import type { RateDecl, RateRow, RateTable } from '../api/types';
import { useSession } from '../app/session';
import { type Key, t } from '../text';
import { hourMinute } from '../time/words';
import { Failed, Loading } from '../ui/states';
import { useTitle } from '../ui/title';
import './figures.css';

const dimensions = ['unit', 'matter', 'street', 'channel'] as const;
type Dimension = (typeof dimensions)[number];

/** The rates of a period; each shows its formula and opens its cases. */
export default function FiguresPage() {
  useTitle(t('desk.figures'));
  const seesAll = useSession().desks.includes('supervise');
  const [params, setParams] = useSearchParams();
  const by = (dimensions as readonly string[]).includes(params.get('by') ?? '') ? (params.get('by') as Dimension) : 'unit';
  const [from, to] = [params.get('from') ?? undefined, params.get('to') ?? undefined];
  const { data, error, refetch } = useQuery({
    queryKey: ['figures', 'rates', by, from, to],
    queryFn: () => read(api.GET('/api/figures/rates', { params: { query: { by, from, to } } })),
    placeholderData: (old) => old,
  });
  const put = (patch: Record<string, string>) => setParams((p) => {
    for (const [k, v] of Object.entries(patch)) if (v) p.set(k, v); else p.delete(k);
    return p;
  });
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('desk.figures')}</h1>
        <Period from={data.from} to={data.to} put={put} />
        <span className="grow" />
        {seesAll && <Link to={`/ledger?from=${data.from}&to=${data.to}`}>{t('ledger.title')}</Link>}
        <Link to={`/ledger?family=efficiency&from=${data.from}&to=${data.to}`}>{t('ledger.efficiency')}</Link>
        <Link to="/screen">{t('figures.map')}</Link>
        <span className="quiet small num">{t('list.as_of', { time: hourMinute(data.as_of) })}</span>
      </div>
      <Totals data={data} />
      <section className="panel card">
        <div className="row wrap figures-by">
          <h2>{t('figures.by')}</h2>
          <Segmented value={by} aria-label={t('figures.by')} onChange={(v) => put({ by: v })} options={dimensions.map((d) => ({ value: d, label: t(`figures.${d}`) }))} />
        </div>
        <Rates data={data} by={by} />
      </section>
      <Formulas decls={data.decls} />
    </div>
  );
}

/** A month or any days; two dates that live in the address. */
export function Period({ from, to, put }: { from: string; to: string; put: (p: Record<string, string>) => void }) {
  const today = new Date(now() + 8 * 3600_000);
  const first = (back: number) => new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back, 1)).toISOString().slice(0, 10);
  const last = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 0)).toISOString().slice(0, 10);
  return (
    <span className="row wrap period">
      <input type="date" value={from} aria-label={t('figures.from')} onChange={(e) => e.target.value && put({ from: e.target.value, to })} />
      <span>—</span>
      <input type="date" value={to} aria-label={t('figures.to')} onChange={(e) => e.target.value && put({ from, to: e.target.value })} />
      <button type="button" className="bare link" onClick={() => put({ from: '', to: '' })}>{t('figures.this_month')}</button>
      <button type="button" className="bare link" onClick={() => put({ from: first(1), to: last })}>{t('figures.last_month')}</button>
    </span>
  );
}

const shown = (v: number | null, d: RateDecl) => (v === null ? '—' : d.mean ? t('figures.hours', { n: v.toFixed(1) }) : `${(v * 100).toFixed(1)}%`);

function Totals({ data }: { data: RateTable }) {
  return (
    <div className="rates" role="list" aria-label={t('figures.total')}>
      {(['received', 'ended', 'pending', 'overdue'] as const).map((k) => (
        <div key={k} role="listitem" className={`rate ${k}`}>
          <span>{t(`figures.${k}`)}</span>
          <b className="num"><Link to={`/cases?${data.total.filters[k]}`}>{data.total[k]}</Link></b>
        </div>
      ))}
      {data.decls.map((d) => <Rate key={d.code} d={d} data={data} />)}
    </div>
  );
}

function Rate({ d, data }: { d: RateDecl; data: RateTable }) {
  const v = data.total.rates[d.code];
  if (!v) return null;
  const change = v.value !== null && v.before !== null ? v.value - v.before : null;
  const base = d.mean ? data.baseline : null;
  return (
    <div role="listitem" className="rate" title={d.formula}>
      <span>{d.title}</span>
      <b className="num"><Link to={`/cases?${v.filter}`}>{shown(v.value, d)}</Link></b>
      <small className="num">
        {!d.mean && `${v.over} / ${v.under}`}
        {change !== null && <span className={(change > 0) === (d.good === 'high') || change === 0 ? 'better' : 'worse'}> {t('figures.before', { v: shown(v.before, d) })}</span>}
        {base && <span> {base.shorter === null ? t('figures.baseline', { h: base.hours, of: base.of }) : t(base.shorter >= 0 ? 'figures.shorter' : 'figures.longer', { p: (Math.abs(base.shorter) * 100).toFixed(1), h: base.hours, of: base.of })}</span>}
      </small>
    </div>
  );
}

function Rates({ data, by }: { data: RateTable; by: Dimension }) {
  return (
    <div className="table-wrap">
      <table className="figures-table">
        <thead><tr>
          <th scope="col">{t(`figures.${by}`)}</th>
          {(['received', 'ended', 'pending', 'overdue'] as const).map((k) => <th key={k} scope="col">{t(k === 'received' && (by === 'unit' || by === 'matter') ? 'figures.given' : `figures.${k}`)}</th>)}
          {data.decls.map((d) => <th key={d.code} scope="col" title={d.formula}>{d.title}</th>)}
        </tr></thead>
        <tbody>{data.items.slice(0, 300).map((r) => <Line key={r.key} r={r} decls={data.decls} />)}</tbody>
      </table>
    </div>
  );
}

function Line({ r, decls }: { r: RateRow; decls: RateDecl[] }) {
  return (
    <tr>
      <th scope="row">{r.name || t('figures.none')}</th>
      {(['received', 'ended', 'pending', 'overdue'] as const).map((k) => (
        <td key={k} className="num">{r[k] && r.filters[k] ? <Link className={k === 'overdue' ? 'late-word' : ''} to={`/cases?${r.filters[k]}`}>{r[k]}</Link> : r[k]}</td>
      ))}
      {decls.map((d) => {
        const v = r.rates[d.code];
        return (
          <td key={d.code} className="num">
            {!v || v.value === null ? <span className="quiet">—</span> : <>{v.filter ? <Link to={`/cases?${v.filter}`}>{shown(v.value, d)}</Link> : shown(v.value, d)}{!d.mean && <small className="quiet"> {v.over}/{v.under}</small>}</>}
          </td>
        );
      })}
    </tr>
  );
}

function Formulas({ decls }: { decls: RateDecl[] }) {
  return (
    <section className="panel card formulas">
      <h2>{t('figures.formulas')}</h2>
      <dl>{decls.map((d) => <div key={d.code}><dt>{d.title}</dt><dd>{d.formula}</dd></div>)}</dl>
      <p className="quiet small">{t('figures.note' as Key)}</p>
    </section>
  );
}
