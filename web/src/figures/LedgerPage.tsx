import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { Link, useSearchParams } from 'react-router';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import { t } from '../text';
import { exact, until } from '../time/words';
import { Failed, Loading } from '../ui/states';
import '../ui/tags.css';
import { useTitle } from '../ui/title';
import { Period } from './FiguresPage';
import './figures.css';

type Ledger = components['schemas']['Ledger'];

/** Of one kind: by the unit that its cases are about, and what was found. */
function About({ data }: { data: Ledger }) {
  return (
    <section className="panel card ledger-about">
      <h2>{t('ledger.about')}</h2>
      <div className="table-wrap"><table className="figures-table">
        <thead><tr>{(['ledger.unit', 'ledger.opening', 'ledger.received', 'ledger.done', 'ledger.on_time', 'ledger.left', 'ledger.results'] as const).map((k) => <th key={k} scope="col">{t(k)}</th>)}</tr></thead>
        <tbody>{data.about.map((u) => (
          <tr key={u.unit}><th scope="row">{u.name}</th><td className="num">{u.opening}</td><td className="num">{u.received}</td><td className="num">{u.ended}</td>
            <td className="num">{u.ended ? t('ledger.share', { share: (100 * (u.ended - u.ended_late) / u.ended).toFixed(1), n: u.ended - u.ended_late, of: u.ended }) : '—'}</td>
            <td className="num">{u.waiting}</td><td>{u.results.map((r) => `${r.title || t('ledger.no_result')} ${r.n}`).join('，') || '—'}</td></tr>
        ))}</tbody>
      </table></div>
    </section>
  );
}

/** The two ledgers: who waits and whose time ran out, held against the log to the case. */
export default function LedgerPage() {
  useTitle(t('ledger.title'));
  const [params, setParams] = useSearchParams();
  const [from, to] = [params.get('from') ?? undefined, params.get('to') ?? undefined];
  const family = params.get('family') ?? undefined;
  const { data, error, refetch } = useQuery({
    queryKey: ['ledger', family, from, to],
    queryFn: () => read(api.GET('/api/ledger', { params: { query: { family, from, to } } })),
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
        <h1>{data.family ? t('ledger.of', { kind: data.kinds.find((k) => k.code === data.family)?.title ?? data.family }) : t('ledger.title')}</h1>
        <Select value={data.family} aria-label={t('ledger.kind')} className="ledger-kind" onChange={(v) => put({ family: v })}
          options={[{ value: '', label: t('ledger.all') }, ...data.kinds.map((k) => ({ value: k.code, label: k.title }))]} />
        <Period from={data.from} to={data.to} put={put} />
        <span className="grow" />
        <span className="quiet small num">{t('list.as_of', { time: exact(data.as_of) })}</span>
      </div>
      <p className={`proof ${data.reconciled ? 'sound' : 'broken'}`} role="status">
        <b>{t(data.reconciled ? 'ledger.sound' : 'ledger.broken')}</b>{' '}
        <span className="num">{t('ledger.balance', { opening: data.opening, received: data.received, ended: data.ended, waiting: data.waiting })}</span>
      </p>
      {data.faults.length > 0 && (
        <ul className="panel card">{data.faults.map((f, i) => <li key={i} className="late-word num">{f.case} {f.what}: {t('ledger.fault', { log: f.log, has: f.has })}</li>)}</ul>
      )}
      {data.about.length > 0 && <About data={data} />}
      <div className="ledgers">
        <section className="panel card">
          <h2>{t('ledger.waiting', { n: data.waiting })}</h2>
          <p className={data.missed.length ? 'late-word' : 'quiet'}>{t(data.missed.length ? 'ledger.missed' : 'ledger.none_missed', { n: data.missed.length })}</p>
          <div className="table-wrap"><table className="figures-table stacked">
            <thead><tr><th scope="col">{t('ledger.number')}</th><th scope="col">{t('row.unit')}</th><th scope="col">{t('ledger.clock')}</th><th scope="col">{t('row.due')}</th></tr></thead>
            <tbody>{data.unhandled.map((k) => (
              <tr key={k.id}><th scope="row" className="num"><Link to={`/cases/${k.id}`}>{k.number}</Link></th><td>{k.unit_name || t('figures.none')}</td><td>{k.clock_title}</td><td className="num"><span className={k.due_at && k.due_at < data.as_of ? 'late-word' : ''}>{k.due_at ? until(k.due_at) : '—'}</span>{k.overdue && k.due_at >= data.as_of && <span className="tag late">{t('ledger.was_late')}</span>}</td></tr>
            ))}</tbody>
          </table></div>
        </section>
        <section className="panel card">
          <h2>{t('ledger.ran_out', { n: data.ran_out })}</h2>
          <p className="quiet">{t('ledger.ran_out_hint')}</p>
          <div className="table-wrap"><table className="figures-table stacked">
            <thead><tr><th scope="col">{t('ledger.number')}</th><th scope="col">{t('row.unit')}</th><th scope="col">{t('ledger.clock')}</th><th scope="col">{t('row.due')}</th><th scope="col">{t('ledger.ended')}</th></tr></thead>
            <tbody>{data.overdue.map((k, i) => (
              <tr key={i}><th scope="row" className="num"><Link to={`/cases/${k.id}`}>{k.number}</Link></th><td>{k.unit_name || t('figures.none')}</td><td>{k.clock_title}</td><td className="num">{until(k.due_at)}</td><td className="num">{k.ended_at ? exact(k.ended_at) : <span className="late-word">{t('ledger.runs_on')}</span>}</td></tr>
            ))}</tbody>
          </table></div>
        </section>
      </div>
      <p className="quiet small">{t('ledger.first')}</p>
    </div>
  );
}
