import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input, Table } from 'antd';
import { useState } from 'react';
import { api } from '../api/client';
import type { MachineKey } from '../api/types';
import { t } from '../text';
import { exact } from '../time/words';
import { Copy } from '../ui/Copy';
import { Failed, sentence } from '../ui/states';

/** Keys by which other systems come in; each is shown once, when it is made. */
export function Keys() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [fresh, setFresh] = useState<string>();
  const [form] = Form.useForm<{ name: string }>();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['admin', 'keys'],
    queryFn: async () => (await api.get<{ items: MachineKey[] | null }>('/admin/keys')).items ?? [],
  });
  if (error) return <Failed error={error} retry={refetch} />;
  const make = async ({ name }: { name: string }) => {
    try {
      const made = await api.post<MachineKey>('/admin/keys', { name });
      setFresh(made.key);
      form.resetFields();
      await client.invalidateQueries({ queryKey: ['admin', 'keys'] });
    } catch (e) {
      message.error(sentence(e));
    }
  };
  return (
    <>
      <Form form={form} layout="inline" onFinish={(v) => void make(v)} style={{ marginBottom: 16 }}>
        <Form.Item name="name" rules={[{ required: true, message: t('form.required') }]}>
          <Input placeholder={t('admin.key_for')} aria-label={t('admin.key_for')} style={{ width: 260 }} />
        </Form.Item>
        <Button type="primary" htmlType="submit">{t('admin.new_key')}</Button>
      </Form>
      {fresh && <Alert type="warning" showIcon style={{ marginBottom: 16 }} title={t('admin.key_once')} description={<Copy text={fresh} />} />}
      <Table
        rowKey="id" size="middle" dataSource={data} loading={isPending} pagination={false} scroll={{ x: 600 }}
        columns={[
          { title: t('admin.key_name'), dataIndex: 'name' },
          { title: t('admin.key_made'), render: (_, k) => <span className="num">{exact(k.created_at)}</span> },
          { title: t('admin.key_used'), render: (_, k) => <span className="num">{k.last_used_at ? exact(k.last_used_at) : t('admin.never')}</span> },
        ]}
      />
    </>
  );
}
