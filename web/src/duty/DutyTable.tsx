import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, Drawer, Form, Input, Popconfirm, Select, Table } from 'antd';
import { useMemo, useState } from 'react';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import { useSession } from '../app/session';
import { UnitPicker } from '../field/pickers';
import { t } from '../text';
import { Failed, sentence } from '../ui/states';
import type { Edition } from './DutyPage';

type Row = components['schemas']['DutyRow'];
type Finding = components['schemas']['Finding'];

/** The list of an edition; a draft's rows open to be changed. */
export function DutyTable({ e, onFindings }: { e: Edition; onFindings: (f: Finding[]) => void }) {
  const me = useSession();
  const [q, setQ] = useState('');
  const [row, setRow] = useState<Row>();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['duty', 'list', e.no],
    queryFn: async () => (await read(api.GET('/api/duty/editions/{no}/matters', { params: { path: { no: e.no } } }))).items,
  });
  const shown = useMemo(() => {
    const w = q.trim();
    return w ? data?.filter((r) => [r.code, r.name, r.unit_name, r.basis, ...r.levels, ...r.keywords].some((x) => x?.includes(w))) : data;
  }, [data, q]);
  if (error) return <Failed error={error} retry={refetch} />;
  const draft = e.state === 'draft' && me.desks.includes('duty');
  return (
    <>
      <Input.Search allowClear placeholder={t('duty.search')} aria-label={t('duty.search')} style={{ maxWidth: 320, marginBottom: 12 }} onChange={(x) => setQ(x.target.value)} />
      <div className="table-wrap" role="region" aria-label={t('duty.list')} tabIndex={0}>
        <Table
          rowKey="code" size="middle" dataSource={shown} loading={isPending} pagination={{ pageSize: 20, showSizeChanger: false }}
          onRow={(r) => (draft ? { onClick: () => setRow(r), style: { cursor: 'pointer' } } : {})}
          columns={[
            { title: t('duty.code'), dataIndex: 'code', width: 90, className: 'num', responsive: ['md'] },
            { title: t('duty.matter'), render: (_, r) => <><b>{r.name}</b><div className="quiet small">{r.levels.join(' / ')}</div></> },
            { title: t('duty.by'), render: (_, r) => <>{t(`duty.by_${r.by as 'function'}`)}<div className="quiet small">{r.unit_name || r.function || t(`duty.level_${r.level as 'street'}`)}</div></> },
            { title: t('duty.basis'), dataIndex: 'basis', responsive: ['lg'] },
            { title: '', width: 90, responsive: ['sm'], render: (_, r) => <>{r.fast && <span className="tag">{t('duty.fast')}</span>} {r.night && <span className="tag">{t('duty.night')}</span>}</> },
          ]}
        />
      </div>
      {row && <Edit e={e} row={row} onClose={() => setRow(undefined)} onFindings={onFindings} />}
    </>
  );
}

function Edit({ e, row, onClose, onFindings }: { e: Edition; row: Row; onClose: () => void; onFindings: (f: Finding[]) => void }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<Row>();
  const path = { no: e.no, code: row.code };
  const settle = async (taken: components['schemas']['Taken']) => {
    onFindings(taken.findings);
    if (!taken.taken) return void message.error(taken.findings.find((f) => f.fault)?.what ?? t('duty.not_taken'));
    await client.invalidateQueries({ queryKey: ['duty'] });
    message.success(t('duty.taken'));
    onClose();
  };
  const save = async (v: Partial<Row>) => {
    try {
      await settle(await read(api.PUT('/api/duty/editions/{no}/matters/{code}', { params: { path }, body: { ...row, ...v } })));
    } catch (err) {
      message.error(sentence(err));
    }
  };
  const drop = async () => {
    try {
      await settle(await read(api.DELETE('/api/duty/editions/{no}/matters/{code}', { params: { path } })));
    } catch (err) {
      message.error(sentence(err));
    }
  };
  const by = Form.useWatch('by', form) ?? row.by;
  return (
    <Drawer
      open title={`${row.code} ${row.name}`} size={520} onClose={onClose}
      extra={<Button type="primary" onClick={() => form.submit()}>{t('duty.save')}</Button>}
    >
      <Form form={form} layout="vertical" initialValues={row} onFinish={(v) => void save(v)}>
        <Form.Item name="name" label={t('duty.matter')} rules={[{ required: true, message: t('form.required') }]}><Input maxLength={120} /></Form.Item>
        <Form.Item name="description" label={t('duty.description')}><Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} /></Form.Item>
        <Form.Item name="keywords" label={t('duty.keywords')}><Select mode="tags" open={false} tokenSeparators={[' ', '，', ',']} suffixIcon={null} /></Form.Item>
        <Form.Item name="by" label={t('duty.by')}><Select options={(['function', 'place', 'both'] as const).map((v) => ({ value: v, label: t(`duty.by_${v}`) }))} /></Form.Item>
        {by === 'function' && <Form.Item name="unit" label={t('duty.unit')}><UnitPicker label={t('duty.unit')} /></Form.Item>}
        {by !== 'place' && <Form.Item name="function" label={t('duty.function')}><Input maxLength={60} /></Form.Item>}
        {by !== 'function' && <Form.Item name="level" label={t('duty.level')}><Select options={(['street', 'community'] as const).map((v) => ({ value: v, label: t(`duty.level_${v}`) }))} /></Form.Item>}
        <Form.Item name="backstop" label={t('duty.backstop')}><UnitPicker label={t('duty.backstop')} /></Form.Item>
        <Form.Item name="basis" label={t('duty.basis')}><Input.TextArea autoSize maxLength={500} /></Form.Item>
        <Form.Item name="fast" valuePropName="checked"><Checkbox>{t('duty.fast')}</Checkbox></Form.Item>
        <Form.Item name="night" valuePropName="checked"><Checkbox>{t('duty.night')}</Checkbox></Form.Item>
      </Form>
      <Popconfirm title={t('duty.take_out_sure')} okText={t('duty.take_out')} cancelText={t('form.cancel')} onConfirm={drop}><Button danger>{t('duty.take_out')}</Button></Popconfirm>
    </Drawer>
  );
}
