import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal, Select, Switch, Table } from 'antd';
import { useState } from 'react';
import { api, read } from '../api/client';
import type { Unit } from '../api/types';
import { AreaPicker, UnitPicker } from '../field/pickers';
import { type Key, t } from '../text';
import { Failed, sentence } from '../ui/states';

const kinds = ['centre', 'department', 'street', 'office', 'community', 'utility', 'partner'] as const;
type Kind = (typeof kinds)[number];
const rule = [{ required: true, message: t('form.required') }];

/** The units of the city and their place in the tree. */
export function UnitsTable() {
  const [q, setQ] = useState('');
  const [edited, edit] = useState<Unit | 'new'>();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['admin', 'units'],
    queryFn: async () => (await read(api.GET('/api/admin/units'))).items,
  });
  if (error) return <Failed error={error} retry={refetch} />;
  const name = new Map(data?.map((u) => [u.code, u.name]));
  return (
    <>
      <div className="page-head">
        <Input.Search value={q} onChange={(e) => setQ(e.target.value)} placeholder={t('admin.find_unit')} aria-label={t('admin.find_unit')} style={{ maxWidth: 320 }} allowClear />
        <span className="grow" />
        <Button type="primary" onClick={() => edit('new')}>{t('admin.new_unit')}</Button>
      </div>
      <Table
        rowKey="code" size="middle" loading={isPending} scroll={{ x: 720 }}
        dataSource={data?.filter((u) => `${u.name} ${u.short} ${u.code}`.includes(q.trim()))}
        pagination={{ pageSize: 30, hideOnSinglePage: true, showSizeChanger: false }}
        columns={[
          { title: t('admin.unit_name'), render: (_, u) => <>{u.name}<div className="quiet small num">{u.code}</div></> },
          { title: t('admin.kind'), render: (_, u) => kindName(u.kind) },
          { title: t('admin.parent'), render: (_, u) => name.get(u.parent) ?? '' },
          { title: t('column.state'), render: (_, u) => <span className={`tag ${u.active ? 'open' : ''}`}>{u.active ? t('admin.active') : t('admin.inactive')}</span> },
          { title: '', render: (_, u) => <Button size="small" onClick={() => edit(u)}>{t('admin.edit')}</Button> },
        ]}
      />
      {edited && <UnitForm it={edited} onClose={() => edit(undefined)} />}
    </>
  );
}

const kindName = (k: string) => ((kinds as readonly string[]).includes(k) ? t(`unit.${k}` as Key) : k);

function UnitForm({ it, onClose }: { it: Unit | 'new'; onClose: () => void }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm();
  const fresh = it === 'new';
  const save = async (v: Unit & { kind: Kind }) => {
    try {
      await (fresh ? api.POST('/api/admin/units', { body: v }) : api.PATCH('/api/admin/units/{code}', { params: { path: { code: it.code } }, body: v }));
      await client.invalidateQueries({ queryKey: ['admin'] });
      void client.invalidateQueries({ queryKey: ['units'] });
      message.success(t('admin.saved'));
      onClose();
    } catch (e) {
      message.error(sentence(e));
    }
  };
  return (
    <Modal
      open title={fresh ? t('admin.new_unit') : it.name} okText={t('admin.save')} cancelText={t('form.cancel')} onCancel={onClose}
      onOk={() => form.submit()}
    >
      <Form form={form} layout="vertical" initialValues={fresh ? { kind: 'office', active: true } : it} onFinish={(v: Unit & { kind: Kind }) => void save(v)}>
        {fresh && (
          <>
            <Form.Item name="code" label={t('admin.unit_code')} rules={rule}><Input /></Form.Item>
            <Form.Item name="kind" label={t('admin.kind')} rules={rule}><Select aria-label={t('admin.kind')} options={kinds.map((k) => ({ value: k, label: kindName(k) }))} /></Form.Item>
            <Form.Item name="parent" label={t('admin.parent')} rules={rule}><UnitPicker label={t('admin.parent')} allowClear /></Form.Item>
            <Form.Item name="area" label={t('row.area')}><AreaPicker label={t('row.area')} allowClear /></Form.Item>
          </>
        )}
        <Form.Item name="name" label={t('admin.unit_name')} rules={rule}><Input maxLength={80} /></Form.Item>
        <Form.Item name="short" label={t('admin.unit_short')}><Input maxLength={20} /></Form.Item>
        <Form.Item name="phone" label={t('admin.phone')}><Input maxLength={40} /></Form.Item>
        <Form.Item name="approval" label={t('admin.approval')} valuePropName="checked"><Switch aria-label={t('admin.approval')} /></Form.Item>
        {!fresh && <Form.Item name="active" label={t('admin.unit_active')} valuePropName="checked"><Switch aria-label={t('admin.unit_active')} /></Form.Item>}
      </Form>
    </Modal>
  );
}
