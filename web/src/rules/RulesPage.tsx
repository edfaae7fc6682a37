import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, DatePicker, Form, Input, Modal, Popconfirm, Upload } from 'antd';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import { useSession } from '../app/session';
import { t } from '../text';
import { exact } from '../time/words';
import { Failed, Loading, sentence } from '../ui/states';
import { useTitle } from '../ui/title';
import { Grid } from './Grid';
import { Proofs, useChecked } from './Proofs';
import { Try } from './Try';
import './rules.css';

export type RuleTable = components['schemas']['RuleTable'];
export type Edition = components['schemas']['RuleEdition'];

const titleOf = (e: Edition) => e.title || t('rules.packed');

/** Decision tables: their editions, edited as a table, proved while one types, and tried. */
export default function RulesPage() {
  useTitle(t('desk.rules'));
  const { code } = useParams();
  const go = useNavigate();
  const { data, error, refetch } = useQuery({ queryKey: ['rules'], queryFn: async () => (await read(api.GET('/api/rules'))).items });
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const chosen = data.find((r) => r.code === code) ?? data[0];
  return (
    <div className="page">
      <div className="page-head"><h1>{t('desk.rules')}</h1></div>
      {chosen ? (
        <div className="rules">
          <nav className="panel card rule-list" aria-label={t('rules.all')}>
            <ul>
              {data.map((r) => (
                <li key={r.code}>
                  <button type="button" className="bare rule-item" aria-pressed={r.code === chosen.code} onClick={() => go(`/rules/${r.code}`)}>
                    <b>{r.title}</b><span className="quiet small">{t('rules.size', { rows: r.rows, facts: r.facts })}</span>
                    {r.drafts > 0 && <span className={`tag ${r.faulty ? 'late' : ''}`}>{t(r.faulty ? 'rules.faulty_drafts' : 'rules.drafts', { n: r.drafts, faulty: r.faulty })}</span>}
                  </button>
                </li>
              ))}
            </ul>
          </nav>
          <Editions key={chosen.code} code={chosen.code} />
        </div>
      ) : <p className="quiet">{t('rules.none')}</p>}
    </div>
  );
}

function Editions({ code }: { code: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['rules', code], queryFn: async () => (await read(api.GET('/api/rules/{code}/editions', { params: { path: { code } } }))).items,
  });
  const [at, setAt] = useState<number>();
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const inForce = data.findIndex((e) => e.in_force);
  const chosen = data[at ?? (inForce < 0 ? 0 : inForce)] ?? data[0];
  if (!chosen) return <Loading />;
  return (
    <div className="rule-main">
      <div className="rule-editions" role="group" aria-label={t('rules.editions')}>
        {data.map((e, i) => (
          <button type="button" key={`${e.no} ${e.from}`} className="bare rule-edition" aria-pressed={e === chosen} onClick={() => setAt(i)}>
            {titleOf(e)} <span className="quiet small num">{e.from && t('duty.from', { day: e.from })}</span>{' '}
            <span className={`tag ${e.in_force ? 'open' : ''}`}>{e.in_force ? t('duty.in_force') : t(`duty.${e.state}`)}</span>
          </button>
        ))}
        <Begin code={code} onBegun={() => setAt(data.length)} />
      </div>
      <Chosen key={`${chosen.no} ${chosen.from} ${chosen.edited_at}`} e={chosen} />
    </div>
  );
}

function Begin({ code, onBegun }: { code: string; onBegun: () => void }) {
  const me = useSession();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm<{ title: string; from: { format: (f: string) => string } }>();
  const begin = async (v: { title: string; from: { format: (f: string) => string } }) => {
    try {
      await read(api.POST('/api/rules/{code}/editions', { params: { path: { code } }, body: { title: v.title, from: v.from.format('YYYY-MM-DD') } }));
      await client.invalidateQueries({ queryKey: ['rules'] });
      setOpen(false);
      onBegun();
    } catch (err) {
      message.error(sentence(err));
    }
  };
  if (!me.desks.includes('rules')) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('duty.begin')}</Button>
      <Modal open={open} title={t('duty.begin')} okText={t('duty.begin')} cancelText={t('form.cancel')} onOk={() => form.submit()} onCancel={() => setOpen(false)}>
        <Form form={form} layout="vertical" onFinish={(v) => void begin(v)}>
          <Form.Item name="title" label={t('duty.title')} rules={[{ required: true, message: t('form.required') }]}><Input maxLength={60} /></Form.Item>
          <Form.Item name="from" label={t('duty.from_day')} rules={[{ required: true, message: t('form.required') }]}><DatePicker style={{ width: '100%' }} /></Form.Item>
        </Form>
      </Modal>
    </>
  );
}

function Chosen({ e }: { e: Edition }) {
  const me = useSession();
  const [table, setTable] = useState<RuleTable>(e.table);
  const [cells, setCells] = useState<components['schemas']['RuleReason'][]>([]);
  const checked = useChecked(table);
  const draft = e.state === 'draft' && me.desks.includes('rules');
  return (
    <section className="panel card">
      <div className="rule-head">
        <div>
          <h2>{table.title}</h2>
          <p className="quiet small">
            {table.basis} · {t(`rules.hit_${table.hit}`)} · {t('rules.version')} <span className="num">{e.version}</span>
            {e.edited_at > 0 && ` · ${t('duty.edited', { name: e.edited_name, at: exact(e.edited_at) })}`}
            {e.published_at > 0 && ` · ${t('duty.published_by', { name: e.published_name, at: exact(e.published_at) })}`}
          </p>
        </div>
        <Buttons e={e} table={table} draft={draft} sound={checked?.sound ?? false} />
      </div>
      <Grid table={table} draft={draft} findings={checked?.findings ?? []} cells={cells} onChange={setTable} />
      <Proofs table={table} checked={checked} />
      <Try table={table} onCells={setCells} />
    </section>
  );
}

function Buttons({ e, table, draft, sound }: { e: Edition; table: RuleTable; draft: boolean; sound: boolean }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const path = { no: e.no };
  const attempt = async (what: () => Promise<unknown>, done: string) => {
    try {
      await what();
      await client.invalidateQueries({ queryKey: ['rules'] });
      message.success(done);
    } catch (err) {
      message.error(err instanceof Error ? err.message : sentence(err));
    }
  };
  const take = async (file: File) => {
    const r = await fetch(`/api/rules/editions/${e.no}/sheet`, {
      method: 'POST', body: file, headers: { 'Content-Type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'Accept-Language': document.documentElement.lang },
    });
    if (!r.ok) throw new Error((await r.json()).detail);
  };
  return (
    <div className="rule-buttons">
      <Button href={`/api/rules/${table.code}/sheet?no=${e.no}`}>{t('duty.export')}</Button>
      {draft && (
        <>
          <Upload accept=".xlsx" showUploadList={false} beforeUpload={(f) => { void attempt(() => take(f), t('duty.taken')); return false; }}><Button>{t('duty.import')}</Button></Upload>
          <Popconfirm title={t('duty.drop_sure')} okText={t('duty.drop')} cancelText={t('form.cancel')} onConfirm={() => attempt(() => read(api.DELETE('/api/rules/editions/{no}', { params: { path } })), t('duty.dropped'))}>
            <Button>{t('duty.drop')}</Button>
          </Popconfirm>
          <Button onClick={() => void attempt(() => read(api.PUT('/api/rules/editions/{no}', { params: { path }, body: table })), t('duty.taken'))}>{t('duty.save')}</Button>
          <Popconfirm title={t('duty.publish_sure', { day: e.from })} okText={t('duty.publish')} cancelText={t('form.cancel')} onConfirm={() => attempt(() => read(api.POST('/api/rules/editions/{no}/publish', { params: { path } })), t('duty.is_published'))}>
            <Button type="primary" disabled={!sound || table !== e.table}>{t('duty.publish')}</Button>
          </Popconfirm>
        </>
      )}
    </div>
  );
}
