import { Segmented } from 'antd';
import { Link, useSearchParams } from 'react-router';
import type { LivedFigure } from '../api/types';
import { t } from '../text';
import { hourMinute } from '../time/words';
import { Empty, Failed, Loading } from '../ui/states';
import { useTitle } from '../ui/title';
import { dropWords, percent, useLived } from './data';
import './lived.css';

const spans = [7, 30, 90] as const;

/** How the machine's dispatch did as it was lived: by day, by matter, by unit. */
export default function LivedPage() {
  useTitle(t('lived.title'));
  const [params, setParams] = useSearchParams();
  const days = spans.find((d) => String(d) === params.get('days')) ?? 30;
  const { data, error, refetch } = useLived(days);
  if (error && !data) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <div className="page lived">
      <div className="page-head">
        <h1>{t('lived.title')}</h1>
        <span className="quiet small num">{t('list.as_of', { time: hourMinute(data.as_of) })}</span>
        <span className="grow" />
        <Segmented
          value={days} aria-label={t('lived.span')} onChange={(d) => setParams({ days: String(d) })}
          options={spans.map((d) => ({ value: d, label: t('lived.days', { n: d }) }))}
        />
      </div>
      <p className="quiet small lived-what">{t('lived.what')}</p>
      {data.drops.length > 0 && (
        <ul className="lived-drops" role="alert">
          {data.drops.map((d) => (
            <li key={d.matter + d.unit}>{dropWords(d)} <Link to={`/cases?${d.recent.wrong_list}`}>{t('lived.open')}</Link></li>
          ))}
        </ul>
      )}
      {data.all.sent === 0 ? <Empty title={t('lived.none')} /> : (
        <>
          <div className="lived-head">
            <div><span>{t('lived.sent')}</span><b className="num"><Link to={`/cases?${data.all.sent_list}`}>{data.all.sent}</Link></b></div>
            <div><span>{t('lived.wrong')}</span><b className="num"><Link to={`/cases?${data.all.wrong_list}`}>{data.all.wrong}</Link></b></div>
            <div><span>{t('lived.accuracy')}</span><b className="num">{percent(data.all.accuracy)}</b></div>
          </div>
          <Trend days={data.days} />
          <div className="lived-tables">
            <Table title={t('lived.by_matter')} first={t('row.matter')} rows={data.matters} />
            <Table title={t('lived.by_unit')} first={t('row.unit')} rows={data.units} />
          </div>
        </>
      )}
    </div>
  );
}

/** A column a day: how many were sent, and of them how many did not stay so. */
function Trend({ days }: { days: LivedFigure[] }) {
  const most = Math.max(1, ...days.map((d) => d.sent));
  return (
    <section className="panel card" aria-label={t('lived.trend')}>
      <h2>{t('lived.trend')}</h2>
      <ol className="lived-trend">
        {days.map((d) => (
          <li key={d.key}>
            <Link
              to={`/cases?${d.wrong > 0 ? d.wrong_list : d.sent_list}`}
              title={t('lived.day', { day: d.key, sent: d.sent, wrong: d.wrong, accuracy: percent(d.accuracy) })}
              aria-label={t('lived.day', { day: d.key, sent: d.sent, wrong: d.wrong, accuracy: percent(d.accuracy) })}
            >
              <span className="lived-right" style={{ height: `${((d.sent - d.wrong) / most) * 100}%` }} />
              <span className="lived-wrong" style={{ height: `${(d.wrong / most) * 100}%` }} />
            </Link>
          </li>
        ))}
      </ol>
      <div className="row small quiet num"><span>{days[0]?.key}</span><span className="grow" /><span>{days.at(-1)?.key}</span></div>
    </section>
  );
}

function Table({ title, first, rows }: { title: string; first: string; rows: LivedFigure[] }) {
  return (
    <section className="panel card">
      <h2>{title}</h2>
      <div className="table-wrap" role="region" aria-label={title} tabIndex={0}>
        <table>
          <thead><tr><th scope="col">{first}</th><th scope="col">{t('lived.sent')}</th><th scope="col">{t('lived.wrong')}</th><th scope="col">{t('lived.accuracy')}</th></tr></thead>
          <tbody>
            {rows.map((r) => (
              <tr key={r.key}>
                <td>{r.name}</td>
                <td className="num"><Link to={`/cases?${r.sent_list}`}>{r.sent}</Link></td>
                <td className="num">{r.wrong > 0 ? <Link to={`/cases?${r.wrong_list}`}>{r.wrong}</Link> : 0}</td>
                <td className="num">{percent(r.accuracy)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
