import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input, Popconfirm, Select, Table } from 'antd';
import { useState } from 'react';
import { api, read } from '../api/client';
import { useDeclarations } from '../api/queries';
import { t } from '../text';
import { exact } from '../time/words';
import { Copy } from '../ui/Copy';
import { Failed, sentence } from '../ui/states';

/** Keys by which other systems come in; each is shown once, when it is made. */
export function Keys() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const declared = useDeclarations().data;
  const [fresh, setFresh] = useState<string>();
  const [form] = Form.useForm<{ name: string; channel?: string }>();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['admin', 'keys'],
    queryFn: async () => (await read(api.GET('/api/admin/keys'))).items,
  });
  if (error) return <Failed error={error} retry={refetch} />;
  const revoke = async (id: string) => {
    try {
      await api.DELETE('/api/admin/keys/{id}', { params: { path: { id } } });
      await client.invalidateQueries({ queryKey: ['admin', 'keys'] });
    } catch (e) {
      message.error(sentence(e));
    }
  };
  const make = async (body: { name: string; channel?: string }) => {
    try {
      const made = await read(api.POST('/api/admin/keys', { body }));
      setFresh(made.key);
      form.resetFields();
      await client.invalidateQueries({ queryKey: ['admin', 'keys'] });
    } catch (e) {
      message.error(sentence(e));
    }
  };
  return (
    <>
      <Form form={form} layout="inline" onFinish={(v) => void make(v)} style={{ marginBottom: 16, rowGap: 8 }}>
        <Form.Item name="name" rules={[{ required: true, message: t('form.required') }]}>
          <Input placeholder={t('admin.key_for')} aria-label={t('admin.key_for')} style={{ width: 260 }} />
        </Form.Item>
        <Form.Item name="channel">
          <Select
            allowClear placeholder={t('column.channel')} aria-label={t('column.channel')} style={{ width: 220 }} showSearch={{ optionFilterProp: 'label' }}
            options={declared?.channels.map((c) => ({ value: c.code, label: c.name }))}
          />
        </Form.Item>
        <Button type="primary" htmlType="submit">{t('admin.new_key')}</Button>
      </Form>
      {fresh && <Alert type="warning" showIcon style={{ marginBottom: 16 }} title={t('admin.key_once')} description={<Copy text={fresh} />} />}
      <div className="table-wrap" role="region" aria-label={t('admin.keys')} tabIndex={0}>
      <Table
        rowKey="id" size="middle" dataSource={data} loading={isPending} pagination={false}
        columns={[
          { title: t('admin.key_name'), dataIndex: 'name' },
          { title: t('admin.key_made'), render: (_, k) => <span className="num">{exact(k.created_at)}</span> },
          { title: t('column.channel'), render: (_, k) => declared?.channels.find((c) => c.code === k.channel)?.name ?? k.channel },
          { title: t('column.state'), render: (_, k) => <span className={`tag ${k.active ? 'open' : ''}`}>{k.active ? t('admin.active') : t('admin.inactive')}</span> },
          {
            title: '', render: (_, k) => k.active && (
              <Popconfirm title={t('admin.revoke_sure', { name: k.name })} okText={t('admin.revoke')} cancelText={t('form.cancel')} onConfirm={() => revoke(k.id)}>
                <Button size="small">{t('admin.revoke')}</Button>
              </Popconfirm>
            ),
          },
        ]}
      />
      </div>
    </>
  );
}
