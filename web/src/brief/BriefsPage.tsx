import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { api, read } from '../api/client';
import type { Brief } from '../api/types';
import { t } from '../text';
import { exact } from '../time/words';
import { Empty, Failed, Loading } from '../ui/states';
import { useTitle } from '../ui/title';
import '../ui/tags.css';
import './brief.css';

const kinds = ['daily', 'monthly', 'instructed', 'open'] as const;

/** The issues of the briefs; what is still followed comes first. */
export default function BriefsPage() {
  useTitle(t('desk.brief'));
  const { message } = App.useApp();
  const go = useNavigate();
  const client = useQueryClient();
  const [busy, setBusy] = useState('');
  const { data, error, refetch } = useQuery({ queryKey: ['briefs'], queryFn: async () => (await read(api.GET('/api/briefs'))).items });
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const draft = async (kind: (typeof kinds)[number]) => {
    setBusy(kind);
    try {
      const made = await read(api.POST('/api/briefs', { body: { kind } }));
      void client.invalidateQueries({ queryKey: ['briefs'] });
      void go(`/brief/${made.id}`);
    } catch (e) {
      void message.error((e as Error).message);
    }
    setBusy('');
  };
  const followed = data.filter((b) => b.state === 'published');
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('desk.brief')}</h1>
        <span className="grow" />
        {kinds.map((k) => <Button key={k} loading={busy === k} onClick={() => void draft(k)}>{t(`brief.draft_${k}`)}</Button>)}
      </div>
      {data.length === 0 && <Empty title={t('brief.none')} />}
      {followed.length > 0 && <List title={t('brief.followed')} list={followed} />}
      {data.length > followed.length && <List title={t('brief.all')} list={data.filter((b) => b.state !== 'published')} />}
    </div>
  );
}

function List({ title, list }: { title: string; list: Brief[] }) {
  return (
    <section className="panel card">
      <h2>{title}</h2>
      <ul className="briefs">
        {list.map((b) => (
          <li key={b.id}>
            <Link to={`/brief/${b.id}`}>{b.serial > 0 && <b className="num">{t('brief.serial', { n: b.serial })} </b>}{b.title}</Link>
            <span className="tag">{b.state_title}</span>
            <span className="quiet num">{t('brief.progress', { n: b.chosen, closed: b.chosen - b.open })}</span>
            {b.published_at > 0 && <span className="quiet small num">{exact(b.published_at)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
