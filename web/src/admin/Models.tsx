import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Popconfirm, Table } from 'antd';
import { api, read } from '../api/client';
import type { ModelVersion } from '../api/types';
import { type Key, t } from '../text';
import { exact } from '../time/words';
import { Failed, sentence } from '../ui/states';

const base = 'base';

/** The versions of the machine that dispatches: which serves, how each stood its trial. */
export function Models() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['admin', 'models'],
    queryFn: () => read(api.GET('/api/admin/models')),
    refetchInterval: (q) => (q.state.data?.training ? 5_000 : 60_000),
  });
  if (error) return <Failed error={error} retry={refetch} />;
  const again = () => client.invalidateQueries({ queryKey: ['admin', 'models'] });
  const tell = (e: unknown) => void message.error(sentence(e));
  const train = () => api.POST('/api/admin/models/train').then(() => message.success(t('models.started'))).then(again).catch(tell);
  const serve = (version: string) => api.POST('/api/admin/models/serve', { body: { version } }).then(() => message.success(t('models.changed'))).then(again).catch(tell);
  const name = (v: string) => (v === base ? t('models.base') : v);
  const button = (v: string) => (data?.serving === v
    ? <span className="tag open">{t('models.serving')}</span>
    : <Popconfirm title={t('models.sure', { name: name(v) })} okText={t('models.serve')} cancelText={t('form.cancel')} onConfirm={() => serve(v)}><Button size="small">{v === base ? t('models.back') : t('models.serve')}</Button></Popconfirm>);
  return (
    <>
      <div className="page-head">
        <span>{data && t(data.since ? 'models.now_since' : 'models.now', { name: name(data.serving), time: data.since ? exact(data.since) : '' })}</span>
        <span className="quiet small num">{data && t('models.waiting', { n: data.waiting })}</span>
        <span className="grow" />
        {data && button(base)}
        <Button type="primary" loading={data?.training} onClick={() => void train()}>{data?.training ? t('models.training') : t('models.train')}</Button>
      </div>
      <p className="quiet small" style={{ marginBottom: 16 }}>{t('models.how')}</p>
      <Table
        rowKey={(m) => m.version + m.at} size="middle" loading={isPending} scroll={{ x: 980 }} dataSource={data?.items} pagination={false}
        locale={{ emptyText: t('models.none') }}
        columns={[
          { title: t('models.version'), render: (_, m) => <><span className="num">{m.version}</span><div className="quiet small">{exact(m.at)} {m.by_name}</div></> },
          { title: t('models.decided'), align: 'right', render: (_, m) => <span className="num">{m.decided}</span> },
          { title: t('models.tried'), align: 'right', render: (_, m) => <span className="num">{m.trial?.cases ?? '—'}</span> },
          { title: t('models.right'), render: (_, m) => m.trial && beside(m.trial.serving_right, m.trial.shadow_right, m.trial.cases, m.trial.cases) },
          { title: t('models.sent'), render: (_, m) => m.trial && beside(m.trial.serving_sent, m.trial.shadow_sent, m.trial.cases, m.trial.cases) },
          { title: t('models.sent_right'), render: (_, m) => m.trial && beside(m.trial.serving_sent_right, m.trial.shadow_sent_right, m.trial.serving_sent, m.trial.shadow_sent) },
          { title: t('models.verdict'), render: (_, m: ModelVersion) => m.trial && t(`models.${m.trial.verdict}` as Key, { gained: m.trial.gained, lost: m.trial.lost }) },
          { title: '', render: (_, m) => button(m.version) },
        ]}
      />
      {data && data.changes.length > 0 && (
        <>
          <h2 style={{ fontSize: 15, marginTop: 20 }}>{t('models.changes')}</h2>
          <ul>{data.changes.map((c) => <li key={c.at} className="num">{t('models.change', { time: exact(c.at), who: c.by_name, name: name(c.version) })}</li>)}</ul>
        </>
      )}
    </>
  );
}

/** The serving version's share and the shadow's. */
function beside(was: number, is: number, ofWas: number, ofIs: number) {
  const share = (a: number, b: number) => (b ? `${((a / b) * 100).toFixed(1)}%` : '—');
  return <span className="num">{share(was, ofWas)} → {share(is, ofIs)}</span>;
}
