import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import { t } from '../text';
import { exact } from '../time/words';
import { Failed, Loading } from '../ui/states';
import '../ui/tags.css';
import { useTitle } from '../ui/title';
import './services.css';
import { Findings, Spared } from './ServicesPage';

type Page = components['schemas']['ServicePage'];
type Version = components['schemas']['ServiceVersion'];

/** One service item: all its elements as declared, its versions and what changed between them. */
export default function ServicePage() {
  const { code = '' } = useParams();
  const { data, error, refetch } = useQuery({ queryKey: ['service', code], queryFn: () => read(api.GET('/api/services/{code}', { params: { path: { code } } })) });
  useTitle(data?.title ?? t('desk.services'));
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <div className="page services">
      <div className="page-head">
        <h1>{data.title}</h1>
        <span className="quiet">{data.unit_name}</span>
        <span className="tag">{data.type}</span><span className="tag">{data.level}</span><span className="tag open">{data.mode}</span>
        <span className="grow" />
        <a href={`/services/${data.code}`} target="_blank" rel="noreferrer">{t('services.guide')}</a>
        {data.form && <a href={`/services/${data.code}/apply`} target="_blank" rel="noreferrer">{t('services.apply')}</a>}
      </div>
      <Spared item={data.code} />
      <Findings item={data.code} />
      {(['take', 'what', 'runs'] as const).map((p) => <Part key={p} part={p} page={data} />)}
      <Versions all={data.versions} />
    </div>
  );
}

function Part({ part, page }: { part: 'what' | 'take' | 'runs'; page: Page }) {
  const mine = page.elements.filter((e) => e.part === part);
  if (mine.length === 0) return null;
  return (
    <section className="panel card">
      <h2>{t(`services.part_${part}`)}</h2>
      <dl className="service-elements">
        {mine.map((e) => (
          <div key={e.key}>
            <dt>{e.title}</dt>
            <dd>
              {e.lines.length === 1 ? e.lines[0] : <ul>{e.lines.map((l) => <li key={l}>{l}</li>)}</ul>}
              {e.key === 'rule' && <> <Link to={`/rules/${page.rule}`}>{t('services.rule')}</Link></>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Versions({ all }: { all: Version[] }) {
  if (all.length === 0) return null;
  return (
    <section className="panel card">
      <h2>{t('services.versions')} <span className="quiet num">{all.length}</span></h2>
      {all.length === 1 && <p className="quiet">{t('services.one_version')}</p>}
      <ol className="service-versions">
        {all.map((v) => (
          <li key={v.no}>
            <p>
              <b>{t('services.version', { n: v.no })}</b> <span className="quiet small num">{t('services.seen', { at: exact(v.seen_at) })}</span>
              {v.from && <span className="tag">{t('services.edition', { day: v.from })}</span>}
            </p>
            {v.ended ? <p className="late-word">{t('services.ended')}</p> : <Changes version={v} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Changes({ version: v }: { version: Version }) {
  if (v.no === 1) return <p className="quiet small">{t('services.first')}</p>;
  if (v.changes.length === 0) return <p className="quiet small">{t('services.same')}</p>;
  return (
    <dl className="service-changes" aria-label={t('services.changes')}>
      {v.changes.map((c) => (
        <div key={c.title}>
          <dt>{c.title}</dt>
          <dd>
            {c.gone.map((l) => <p key={`-${l}`}><span className="tag">{t('services.gone')}</span> <del>{l}</del></p>)}
            {c.came.map((l) => <p key={`+${l}`}><span className="tag done">{t('services.came')}</span> <ins>{l}</ins></p>)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
