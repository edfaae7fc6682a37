import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Popconfirm, Table, Upload } from 'antd';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import { type Key, t } from '../text';
import { exact } from '../time/words';
import { Failed, Loading, sentence } from '../ui/states';
import '../ui/tags.css';
import { useTitle } from '../ui/title';
import './benefits.css';

type Page = components['schemas']['EntitlementPage'];
type Payout = components['schemas']['Payout'];
type Why = components['schemas']['EntitlementWhy'];

const yuan = (fen: number) => (fen / 100).toLocaleString('zh-CN', { minimumFractionDigits: fen % 100 ? 2 : 0 });
/** What people and enterprises are counted in. */
export const counted = (of: string): Key => (of === 'entity' ? 'benefits.of_entity' : 'benefits.of_person');
const batch = (period: string) => (period === 'once' ? t('benefits.once') : period);
const states = ['unsure', 'granted', 'ended'] as const;

/** One service that needs no application: runs, people, batches, ledger. */
export default function BenefitPage() {
  const { service = '' } = useParams();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [busy, setBusy] = useState('');
  const key = ['benefits', service];
  const path = { params: { path: { service } } };
  const { data, error, refetch } = useQuery({ queryKey: key, queryFn: () => read(api.GET('/api/entitlements/{service}', path)) });
  useTitle(data?.title ?? t('desk.benefits'));
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const attempt = async (name: string, work: () => Promise<unknown>, done?: string) => {
    setBusy(name);
    try {
      await work();
      if (done) void message.success(done);
    } catch (e) {
      void message.error(sentence(e));
    }
    setBusy('');
    await client.invalidateQueries({ queryKey: ['benefits'] });
  };
  return (
    <div className="page">
      <div className="page-head">
        <h1>{data.title}</h1>
        <span className="quiet">{data.unit_name}</span>
        <span className="grow" />
        <Button loading={busy === 'run'} onClick={() => void attempt('run', () => read(api.POST('/api/entitlements/{service}/runs', path)), t('benefits.ran'))}>{t('benefits.run')}</Button>
        {data.pays && (
          <Button type="primary" disabled={data.due === 0} loading={busy === 'make'} onClick={() => void attempt('make', () => read(api.POST('/api/entitlements/{service}/payouts', path)))}>
            {t('benefits.make', { period: batch(data.period), n: data.due, of: t(counted(data.of)) })}
          </Button>
        )}
      </div>
      {data.pays && <Payouts page={data} busy={busy} attempt={attempt} />}
      <Asked service={service} />
      {states.map((s) => <People key={s} state={s} page={data} />)}
      <Runs page={data} />
    </div>
  );
}

function Payouts({ page, busy, attempt }: { page: Page; busy: string; attempt: (name: string, work: () => Promise<unknown>) => Promise<void> }) {
  const at = (p: Payout) => ({ params: { path: { id: p.id } } });
  const steps = (p: Payout) => p.state === 'made' ? (
    <>
      {p.mine ? <span className="quiet small">{t('benefits.other_releases')}</span>
        : <Button size="small" type="primary" loading={busy === p.id} onClick={() => void attempt(p.id, () => read(api.POST('/api/payouts/{id}/release', at(p))))}>{t('benefits.release')}</Button>}
      <Popconfirm title={t('benefits.discard_sure')} onConfirm={() => void attempt(p.id, () => read(api.DELETE('/api/payouts/{id}', at(p))))}>
        <Button size="small">{t('benefits.discard')}</Button>
      </Popconfirm>
    </>
  ) : (
    <>
      <a href={`/api/payouts/${p.id}/file`}>{t('benefits.file')}</a>
      {p.sums.open > 0 && (
        <Upload accept=".csv,text/csv" showUploadList={false} beforeUpload={(f) => {
          void attempt(p.id, async () => read(api.POST('/api/payouts/{id}/answer', { ...at(p), body: { text: await f.text() } })));
          return false;
        }}>
          <Button size="small">{t('benefits.answer')}</Button>
        </Upload>
      )}
    </>
  );
  return (
    <section className="panel card">
      <h2>{t('benefits.payouts')}</h2>
      <Table<Payout> size="small" rowKey="id" pagination={false} scroll={{ x: 'max-content' }} dataSource={page.payouts} locale={{ emptyText: t('benefits.no_payouts') }} columns={[
        { title: t('benefits.period'), render: (_, p) => batch(p.period) },
        { title: t('benefits.lines'), dataIndex: 'lines', align: 'right', className: 'num' },
        { title: t('benefits.yuan'), align: 'right', className: 'num', render: (_, p) => yuan(p.fen) },
        { title: t('benefits.made'), render: (_, p) => <>{p.made_name} <span className="quiet small num">{exact(p.made_at)}</span></> },
        { title: t('benefits.released'), render: (_, p) => p.released_at ? <>{p.released_name} <span className="quiet small num">{exact(p.released_at)}</span></> : <span className="tag">{t('benefits.waits')}</span> },
        { title: t('benefits.stands'), className: 'num', render: (_, p) => t('benefits.sums', { paid: yuan(p.sums.paid), returned: yuan(p.sums.returned), open: yuan(p.sums.open) }) },
        { title: '', render: (_, p) => <span className="benefit-steps">{steps(p)}</span> },
      ]} />
      {page.ledger.map((l) => (
        <p key={l.period} className="small num">
          {t('benefits.ledger', { period: batch(l.period), n: l.lines, fen: yuan(l.fen), paid: yuan(l.paid), returned: yuan(l.returned), open: yuan(l.open) })}{' '}
          <span className="tag">{t(l.fen === l.paid + l.returned + l.open ? 'benefits.agrees' : 'benefits.differs')}</span>
        </p>
      ))}
    </section>
  );
}

/** Why somebody has it or does not. */
function Asked({ service }: { service: string }) {
  const { message } = App.useApp();
  const [why, setWhy] = useState<Why>();
  const ask = async (number: string) => {
    setWhy(undefined);
    if (!number.trim()) return;
    try {
      setWhy(await read(api.POST('/api/entitlements/{service}/why', { params: { path: { service } }, body: { number } })));
    } catch (e) {
      void message.error(sentence(e));
    }
  };
  const e = why?.explanation;
  return (
    <section className="panel card">
      <h2>{t('benefits.why')}</h2>
      <Input.Search style={{ maxWidth: 320 }} aria-label={t('benefits.number')} placeholder={t('benefits.number')} enterButton={t('benefits.ask')} onSearch={(n) => void ask(n)} />
      {e && (
        <div className="benefit-why">
          <b>{e.headline}</b>
          {e.basis && <p className="quiet">{e.basis}</p>}
          <ul>{[...(e.because ?? []), ...(e.lacking ?? [])].map((r) => <li key={r.row + r.fact}><span className="tag">{t(`benefits.says_${r.says as 'yes' | 'no' | 'unknown'}`)}</span> {r.text}</li>)}</ul>
          {(e.missing ?? []).length > 0 && <p>{t('benefits.missing', { what: (e.missing ?? []).join('、') })}</p>}
          {why?.case_id && <Link to={`/cases/${why.case_id}`}>{t('benefits.case')}</Link>}
        </div>
      )}
    </section>
  );
}

function People({ state, page }: { state: (typeof states)[number]; page: Page }) {
  const rows = page.people.filter((p) => p.state === state);
  if (rows.length === 0) return null;
  return (
    <section className="panel card">
      <h2>{t(`benefits.list_${state}`)} <span className="quiet num">{page.counts[state] ?? rows.length}</span></h2>
      <ul className="benefit-people">
        {rows.map((p) => (
          <li key={p.subject}>
            <span className="num">{p.subject}</span>
            {p.case_id ? <Link className="num" to={`/cases/${p.case_id}`}>{p.number}</Link> : null}
            {p.state_title && <span className="tag">{p.state_title}</span>}
            {state === 'granted' && page.pays && <span className="num">{p.yuan} {t('benefits.yuan_unit')}</span>}
            <span className="quiet">{state === 'unsure' ? t('benefits.missing', { what: p.why }) : p.why}</span>
            <span className="quiet small num">{exact(p.changed_at)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Runs({ page }: { page: Page }) {
  return (
    <section className="panel card">
      <h2>{t('benefits.runs')}</h2>
      <Table size="small" rowKey="id" pagination={{ pageSize: 10, hideOnSinglePage: true }} scroll={{ x: 'max-content' }} dataSource={page.runs} columns={[
        { title: t('benefits.at'), className: 'num', render: (_, r) => exact(r.at) },
        { title: t('benefits.people', { of: t(counted(page.of)) }), dataIndex: 'people', align: 'right', className: 'num' },
        { title: t('benefits.granted'), dataIndex: 'granted', align: 'right', className: 'num' },
        { title: t('benefits.refused'), dataIndex: 'refused', align: 'right', className: 'num' },
        { title: t('benefits.unsure'), dataIndex: 'unsure', align: 'right', className: 'num' },
        { title: t('benefits.did'), className: 'num', render: (_, r) => t('benefits.run_did', { began: r.began, ended: r.ended, changed: r.changed, failed: r.failed }) },
        { title: t('benefits.took'), align: 'right', className: 'num', render: (_, r) => `${(r.ms / 1000).toFixed(1)} s` },
      ]} />
    </section>
  );
}
