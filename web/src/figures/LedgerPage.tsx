import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { api, read } from '../api/client';
import { t } from '../text';
import { exact, until } from '../time/words';
import { Failed, Loading } from '../ui/states';
import '../ui/tags.css';
import { useTitle } from '../ui/title';
import { Period } from './FiguresPage';
import './figures.css';

/** The two ledgers: who waits and whose time ran out, held against the log to the case. */
export default function LedgerPage() {
  useTitle(t('ledger.title'));
  const [params, setParams] = useSearchParams();
  const [from, to] = [params.get('from') ?? undefined, params.get('to') ?? undefined];
  const { data, error, refetch } = useQuery({
    queryKey: ['ledger', from, to],
    queryFn: () => read(api.GET('/api/ledger', { params: { query: { from, to } } })),
  });
  const put = (patch: Record<string, string>) => setParams(patch);
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('ledger.title')}</h1>
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
