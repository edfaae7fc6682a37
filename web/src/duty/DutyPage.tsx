import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, DatePicker, Form, Input, Modal, Popconfirm, Select, Tabs, Upload } from 'antd';
import { useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import { useSession } from '../app/session';
import { t } from '../text';
import { exact } from '../time/words';
import { Failed, Loading, sentence } from '../ui/states';
import { useTitle } from '../ui/title';
import { Differences } from './Differences';
import { Findings } from './Findings';
import { DutyTable } from './DutyTable';
import { Lookup } from './Lookup';
import { Unwanted } from './Unwanted';
import './duty.css';

export type Edition = components['schemas']['Edition'];
type Finding = components['schemas']['Finding'];

/** What an edition is called: the list the city began with has no title. */
export const titleOf = (e: Edition) => e.title || t('duty.first');

/** The duty list: its editions, who answered on any day, and what nobody wants. */
export default function DutyPage() {
  useTitle(t('desk.duty'));
  const { part = 'editions' } = useParams();
  const go = useNavigate();
  return (
    <div className="page">
      <div className="page-head"><h1>{t('desk.duty')}</h1></div>
      <Tabs
        activeKey={part} onChange={(k) => go(`/duty/${k}`)} destroyOnHidden
        items={[
          { key: 'editions', label: t('duty.editions'), children: <Editions /> },
          { key: 'lookup', label: t('duty.lookup'), children: <Lookup /> },
          { key: 'unwanted', label: t('duty.unwanted'), children: <Unwanted /> },
        ]}
      />
    </div>
  );
}

function Editions() {
  const { data, error, refetch } = useQuery({ queryKey: ['duty', 'editions'], queryFn: async () => (await read(api.GET('/api/duty/editions'))).items });
  const [asked] = useSearchParams();
  const [no, setNo] = useState<number | undefined>(Number(asked.get('no')) || undefined);
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const chosen = data.find((e) => e.no === no) ?? data.find((e) => e.in_force) ?? data[0];
  if (!chosen) return <Loading />;
  return (
    <div className="duty">
      <section className="panel card editions" aria-label={t('duty.editions')}>
        <ul>
          {data.toReversed().map((e) => (
            <li key={e.no}>
              <button type="button" className="bare edition" aria-pressed={e.no === chosen.no} onClick={() => setNo(e.no)}>
                <b>{titleOf(e)}</b>
                <span className="quiet small num">{e.from ? t('duty.from', { day: e.from }) : t('duty.from_start')}</span>
                <span className={`tag ${e.in_force ? 'open' : ''}`}>{e.in_force ? t('duty.in_force') : t(`duty.${e.state}`)}</span>
              </button>
            </li>
          ))}
        </ul>
        <Begin like={chosen} onBegun={setNo} />
      </section>
      <section className="panel card">
        <Chosen key={chosen.no} e={chosen} all={data} />
      </section>
    </div>
  );
}

function Begin({ like, onBegun }: { like: Edition; onBegun: (no: number) => void }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm<{ title: string; from: { format: (f: string) => string } }>();
  const begin = async (v: { title: string; from: { format: (f: string) => string } }) => {
    try {
      const e = await read(api.POST('/api/duty/editions', { body: { like: like.no, title: v.title, from: v.from.format('YYYY-MM-DD') } }));
      await client.invalidateQueries({ queryKey: ['duty'] });
      setOpen(false);
      form.resetFields();
      onBegun(e.no);
    } catch (err) {
      message.error(sentence(err));
    }
  };
  return (
    <>
      <Button block onClick={() => setOpen(true)}>{t('duty.begin')}</Button>
      <Modal open={open} title={t('duty.begin_like', { title: titleOf(like) })} okText={t('duty.begin')} cancelText={t('form.cancel')} onOk={() => form.submit()} onCancel={() => setOpen(false)}>
        <Form form={form} layout="vertical" onFinish={(v) => void begin(v)}>
          <Form.Item name="title" label={t('duty.title')} rules={[{ required: true, message: t('form.required') }]}><Input maxLength={60} /></Form.Item>
          <Form.Item name="from" label={t('duty.from_day')} rules={[{ required: true, message: t('form.required') }]}><DatePicker style={{ width: '100%' }} /></Form.Item>
        </Form>
      </Modal>
    </>
  );
}

function Chosen({ e, all }: { e: Edition; all: Edition[] }) {
  const before = all.filter((x) => x.state === 'published' && x.no !== e.no && x.from < (e.from || '0')).toSorted((a, b) => b.from.localeCompare(a.from))[0];
  const [other, setOther] = useState(before?.no);
  const [findings, setFindings] = useState<Finding[]>([]);
  return (
    <>
      <div className="duty-head">
        <div>
          <h2>{titleOf(e)}</h2>
          <p className="quiet small num">
            {e.edited_at > 0 && t('duty.edited', { name: e.edited_name || e.edited_by, at: exact(e.edited_at) })}
            {e.published_at > 0 && ` · ${t('duty.published_by', { name: e.published_name, at: exact(e.published_at) })}`}
          </p>
        </div>
        <Buttons e={e} onFindings={setFindings} />
      </div>
      <Findings list={findings} />
      <Tabs
        items={[
          { key: 'list', label: t('duty.list'), children: <DutyTable e={e} onFindings={setFindings} /> },
          ...(other === undefined ? [] : [{
            key: 'difference', label: t('duty.difference'),
            children: (
              <>
                <label className="with">{t('duty.compared_with')}{' '}
                  <Select value={other} onChange={setOther} style={{ minWidth: 200 }} options={all.filter((x) => x.no !== e.no).map((x) => ({ value: x.no, label: titleOf(x) }))} />
                </label>
                <Differences no={e.no} other={other} />
              </>
            ),
          }]),
        ]}
      />
    </>
  );
}

function Buttons({ e, onFindings }: { e: Edition; onFindings: (f: Finding[]) => void }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const me = useSession();
  const attempt = async (what: () => Promise<unknown>, done: string) => {
    try {
      await what();
      await client.invalidateQueries({ queryKey: ['duty'] });
      message.success(done);
    } catch (err) {
      message.error(sentence(err));
    }
  };
  const take = async (file: File) => {
    try {
      const r = await fetch(`/api/duty/editions/${e.no}/sheet`, {
        method: 'POST', body: file, headers: { 'Content-Type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'Accept-Language': document.documentElement.lang },
      });
      const body = await r.json();
      if (!r.ok) throw new Error(body.detail);
      onFindings(body.findings);
      if (!body.taken) return void message.error(t('duty.not_taken'));
      await client.invalidateQueries({ queryKey: ['duty'] });
      message.success(t('duty.taken'));
    } catch (err) {
      message.error(err instanceof Error ? err.message : sentence(err));
    }
  };
  const draft = e.state === 'draft' && me.desks.includes('duty');
  return (
    <div className="duty-buttons">
      <Button href={`/api/duty/editions/${e.no}/sheet`}>{t('duty.export')}</Button>
      {draft && (
        <>
          <Upload accept=".xlsx" showUploadList={false} beforeUpload={(f) => { void take(f); return false; }}><Button>{t('duty.import')}</Button></Upload>
          <Popconfirm title={t('duty.drop_sure')} okText={t('duty.drop')} cancelText={t('form.cancel')} onConfirm={() => attempt(() => api.DELETE('/api/duty/editions/{no}', { params: { path: { no: e.no } } }), t('duty.dropped'))}>
            <Button>{t('duty.drop')}</Button>
          </Popconfirm>
          <Popconfirm title={t('duty.publish_sure', { day: e.from })} okText={t('duty.publish')} cancelText={t('form.cancel')} onConfirm={() => attempt(() => api.POST('/api/duty/editions/{no}/publish', { params: { path: { no: e.no } } }), t('duty.is_published'))}>
            <Button type="primary">{t('duty.publish')}</Button>
          </Popconfirm>
        </>
      )}
    </div>
  );
}
