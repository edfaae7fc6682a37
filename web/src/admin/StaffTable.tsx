import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal, Select, Switch, Table } from 'antd';
import { useState } from 'react';
import { api, read } from '../api/client';
import { useDeclarations, useTitles, useUnits } from '../api/queries';
import type { StaffRow } from '../api/types';
import { StaffPicker, UnitPicker } from '../field/pickers';
import { t } from '../text';
import { Failed, sentence } from '../ui/states';

const rule = [{ required: true, message: t('form.required') }];

/** Everyone with an account; opened, changed, closed here, and a leaver's cases handed over. */
export function StaffTable() {
  const { role } = useTitles();
  const units = useUnits().data;
  const [q, setQ] = useState('');
  const [edited, edit] = useState<StaffRow | 'new'>();
  const [leaver, setLeaver] = useState<StaffRow>();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['admin', 'staff'],
    queryFn: async () => (await read(api.GET('/api/admin/staff'))).items,
  });
  if (error) return <Failed error={error} retry={refetch} />;
  const unit = (s: StaffRow) => s.unit_name ?? units?.find((u) => u.code === s.unit)?.name ?? s.unit;
  const rows = data?.filter((s) => `${s.name} ${s.id} ${unit(s)} ${s.roles.map(role).join(' ')}`.includes(q.trim()));
  return (
    <>
      <div className="page-head">
        <Input.Search value={q} onChange={(e) => setQ(e.target.value)} placeholder={t('admin.find_staff')} aria-label={t('admin.find_staff')} style={{ maxWidth: 320 }} allowClear />
        <span className="grow" />
        <Button type="primary" onClick={() => edit('new')}>{t('admin.new_staff')}</Button>
      </div>
      <Table
        rowKey="id" size="middle" dataSource={rows} loading={isPending} scroll={{ x: 720 }}
        pagination={{ pageSize: 30, hideOnSinglePage: true, showSizeChanger: false }}
        columns={[
          { title: t('setup.name'), dataIndex: 'name' },
          { title: t('sign.login'), render: (_, s) => <span className="num">{s.login ?? s.id}</span> },
          { title: t('admin.unit'), render: (_, s) => unit(s) },
          { title: t('admin.roles'), render: (_, s) => s.roles.map(role).join(t('list.comma')) },
          { title: t('admin.mobile'), render: (_, s) => <span className="num">{s.phone}{s.on_duty && <span className="tag open" style={{ marginInlineStart: 8 }}>{t('admin.on_duty')}</span>}</span> },
          { title: t('column.state'), render: (_, s) => <span className={`tag ${s.active ? 'open' : ''}`}>{s.active ? t('admin.active') : t('admin.inactive')}</span> },
          {
            title: '', render: (_, s) => (
              <div className="row">
                <Button size="small" onClick={() => edit(s)}>{t('admin.edit')}</Button>
                {s.active && <Button size="small" onClick={() => setLeaver(s)}>{t('admin.leave')}</Button>}
              </div>
            ),
          },
        ]}
      />
      {edited && <StaffForm it={edited} onClose={() => edit(undefined)} />}
      {leaver && <Leave it={leaver} onClose={() => setLeaver(undefined)} />}
    </>
  );
}

function useSave(onClose: () => void) {
  const client = useQueryClient();
  const { message } = App.useApp();
  return async (send: () => Promise<unknown>) => {
    try {
      await send();
      await client.invalidateQueries({ queryKey: ['admin'] });
      void client.invalidateQueries({ queryKey: ['unit-staff'] });
      message.success(t('admin.saved'));
      onClose();
    } catch (e) {
      message.error(sentence(e));
    }
  };
}

function StaffForm({ it, onClose }: { it: StaffRow | 'new'; onClose: () => void }) {
  const { data } = useDeclarations();
  const save = useSave(onClose);
  const fresh = it === 'new';
  const [form] = Form.useForm();
  return (
    <Modal
      open title={fresh ? t('admin.new_staff') : t('admin.edit_staff', { name: it.name })} okText={t('admin.save')} cancelText={t('form.cancel')}
      onCancel={onClose} onOk={() => form.submit()}
    >
      <Form
        form={form} layout="vertical" initialValues={fresh ? { active: true, roles: [] } : { ...it, password: undefined }}
        onFinish={(v: StaffRow & { password?: string }) => {
          const body = { ...v, password: v.password || undefined };
          void save(() => (fresh ? api.POST('/api/admin/staff', { body }) : api.PATCH('/api/admin/staff/{id}', { params: { path: { id: it.id } }, body })));
        }}
      >
        {fresh && <Form.Item name="login" label={t('sign.login')} rules={rule}><Input autoComplete="off" /></Form.Item>}
        <Form.Item name="name" label={t('setup.name')} rules={rule}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="unit" label={t('admin.unit')} rules={rule}><UnitPicker label={t('admin.unit')} /></Form.Item>
        <Form.Item name="roles" label={t('admin.roles')} rules={rule}>
          <Select mode="multiple" aria-label={t('admin.roles')} options={data?.roles.map((r) => ({ value: r.code, label: r.title }))} showSearch={{ optionFilterProp: 'label' }} />
        </Form.Item>
        <Form.Item name="phone" label={t('admin.mobile')} extra={t('admin.phone_hint')} rules={[{ pattern: /^1[3-9]\d{9}$/, message: t('admin.phone_wrong') }]}>
          <Input autoComplete="off" inputMode="tel" maxLength={11} />
        </Form.Item>
        <Form.Item name="password" label={fresh ? t('admin.first_password') : t('admin.reset_password')} extra={t('sign.password_rule')} rules={fresh ? [...rule, { min: 8, message: t('sign.password_rule') }] : [{ min: 8, message: t('sign.password_rule') }]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        {!fresh && <Form.Item name="active" label={t('admin.may_sign_in')} valuePropName="checked"><Switch aria-label={t('admin.may_sign_in')} /></Form.Item>}
      </Form>
    </Modal>
  );
}

function Leave({ it, onClose }: { it: StaffRow; onClose: () => void }) {
  const save = useSave(onClose);
  const [to, setTo] = useState<string>();
  return (
    <Modal
      open title={t('admin.leave_title', { name: it.name })} okText={t('admin.leave_do')} cancelText={t('form.cancel')} onCancel={onClose}
      okButtonProps={{ disabled: !to, danger: true }} onOk={() => void save(() => api.POST('/api/admin/staff/{id}/leave', { params: { path: { id: it.id } }, body: { to: to ?? '' } }))}
    >
      <p style={{ marginBottom: 12 }}>{t('admin.leave_lead')}</p>
      <div style={{ display: 'grid' }}><StaffPicker value={to} onChange={setTo} label={t('admin.leave_to')} unit={it.unit} placeholder={t('admin.leave_to')} /></div>
    </Modal>
  );
}
