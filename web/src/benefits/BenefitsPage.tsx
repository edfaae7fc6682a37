import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api, read } from '../api/client';
import { t } from '../text';
import { exact } from '../time/words';
import { Empty, Failed, Loading } from '../ui/states';
import '../ui/tags.css';
import { useTitle } from '../ui/title';
import { counted } from './BenefitPage';
import './benefits.css';

/** The services that need no application, with how each stands. */
export default function BenefitsPage() {
  useTitle(t('desk.benefits'));
  const { data, error, refetch } = useQuery({ queryKey: ['benefits'], queryFn: async () => (await read(api.GET('/api/entitlements'))).items });
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <div className="page">
      <div className="page-head"><h1>{t('desk.benefits')}</h1></div>
      {data.length === 0 && <Empty title={t('benefits.none')} />}
      {data.map((e) => (
        <section key={e.service} className="panel card benefit">
          <h2><Link to={`/benefits/${e.service}`}>{e.title}</Link></h2>
          <span className="quiet">{e.unit_name} · {t(e.offer ? 'benefits.offer' : `benefits.every_${e.every}`)}</span>
          <ul className="benefit-counts">
            {(['paying', 'told', 'objected', 'doubted', 'unsure', 'stopped'] as const).map((k) => (
              <li key={k}><b className="num">{e.counts[k] ?? 0}</b> {t(`benefits.${k}`)}</li>
            ))}
          </ul>
          <p className="quiet small num">
            {e.last_run ? t('benefits.last', { at: exact(e.last_run.at), people: e.last_run.people, granted: e.last_run.granted, of: t(counted(e.of)), s: (e.last_run.ms / 1000).toFixed(1) }) : t('benefits.never')}
          </p>
        </section>
      ))}
    </div>
  );
}
