import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Checkbox, Form, Input, Popconfirm, Select, Table } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, read } from '../api/client';
import { t } from '../text';
import { exact } from '../time/words';
import { Copy } from '../ui/Copy';
import { Failed, sentence } from '../ui/states';
import '../ui/tags.css';
import './admin.css';

interface Fresh { key: string; url: string; kinds?: string[]; suite: 'intl' | 'sm'; personal?: boolean }

/** Systems that are told of cases, and the events they did not take. */
export function Webhooks() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [secret, setSecret] = useState<string>();
  const [form] = Form.useForm<Fresh>();
  const hooks = useQuery({ queryKey: ['admin', 'webhooks'], queryFn: () => read(api.GET('/api/admin/webhooks')), refetchInterval: 10_000 });
  const keys = useQuery({ queryKey: ['admin', 'keys'], queryFn: async () => (await read(api.GET('/api/admin/keys'))).items });
  const dead = useQuery({
    queryKey: ['admin', 'webhooks', 'dead'],
    queryFn: async () => (await read(api.GET('/api/admin/webhooks/dead'))).items,
    refetchInterval: 10_000,
  });
  if (hooks.error) return <Failed error={hooks.error} retry={hooks.refetch} />;
  const refresh = () => client.invalidateQueries({ queryKey: ['admin', 'webhooks'] });
  const attempt = async (what: () => Promise<unknown>) => {
    try {
      await what();
      await refresh();
    } catch (e) {
      message.error(sentence(e));
    }
  };
  const make = (v: Fresh) => attempt(async () => {
    const made = await read(api.POST('/api/admin/webhooks', { body: { ...v, kinds: v.kinds ?? [] } }));
    setSecret(made.secret);
    form.resetFields();
  });
  const end = (id: string) => attempt(() => api.DELETE('/api/admin/webhooks/{id}', { params: { path: { id } } }));
  const again = (id: string, seq?: number) => attempt(async () => {
    const { n } = await read(api.POST('/api/admin/webhooks/{id}/again', { params: { path: { id } }, body: { seq } }));
    message.success(t('hook.again_done', { n }));
  });
  const usable = keys.data?.filter((k) => k.active) ?? [];
  const nameOf = (id: string) => hooks.data?.items.find((h) => h.id === id)?.key_name ?? '';
  return (
    <>
      <p className="quiet admin-lead">{t('hook.lead')}</p>
      <Form form={form} layout="inline" initialValues={{ suite: 'intl' }} onFinish={(v) => void make(v)} className="admin-form">
        <Form.Item name="key" rules={[{ required: true, message: t('form.required') }]}>
          <Select
            placeholder={t('hook.key')} aria-label={t('hook.key')} style={{ width: 220 }} showSearch={{ optionFilterProp: 'label' }}
            options={usable.map((k) => ({ value: k.id, label: k.name }))} notFoundContent={t('hook.no_key')}
          />
        </Form.Item>
        <Form.Item name="url" rules={[{ required: true, message: t('form.required') }]}>
          <Input placeholder="https://" aria-label={t('hook.url')} style={{ width: 300 }} />
        </Form.Item>
        <Form.Item name="kinds">
          <Select
            mode="multiple" maxTagCount="responsive" placeholder={t('hook.all_kinds')} aria-label={t('hook.kinds')} style={{ width: 240 }}
            showSearch={{ optionFilterProp: 'label' }} options={hooks.data?.kinds.map((k) => ({ value: k.code, label: k.title }))}
          />
        </Form.Item>
        <Form.Item name="suite">
          <Select aria-label={t('hook.suite')} style={{ width: 150 }} options={[{ value: 'intl', label: 'HMAC-SHA-256' }, { value: 'sm', label: 'HMAC-SM3' }]} />
        </Form.Item>
        <Form.Item name="personal" valuePropName="checked"><Checkbox>{t('hook.personal')}</Checkbox></Form.Item>
        <Button type="primary" htmlType="submit">{t('hook.make')}</Button>
      </Form>
      {secret && <Alert type="warning" showIcon style={{ marginBottom: 16 }} title={t('hook.secret_once')} description={<Copy text={secret} />} />}
      <div className="table-wrap" role="region" aria-label={t('admin.webhooks')} tabIndex={0}>
        <Table
          rowKey="id" size="middle" scroll={{ x: 'max-content' }} dataSource={hooks.data?.items} loading={hooks.isPending} pagination={false} locale={{ emptyText: t('hook.none') }}
          columns={[
            { title: t('admin.key_name'), render: (_, h) => <span className="admin-name">{h.key_name} {h.personal && <span className="tag urgent">{t('hook.with_personal')}</span>}</span> },
            { title: t('hook.url'), dataIndex: 'url', render: (u: string) => <span className="admin-url">{u}</span> },
            { title: t('hook.sent'), align: 'right', render: (_, h) => <span className="num" title={h.sent_at ? exact(h.sent_at) : undefined}>{h.sent}</span> },
            { title: t('hook.waiting'), align: 'right', render: (_, h) => <span className="num">{h.waiting}</span> },
            { title: t('hook.dead'), align: 'right', render: (_, h) => <span className="num">{h.dead}</span> },
            {
              title: t('column.state'), render: (_, h) => {
                if (!h.active) return <><span className="tag">{t('admin.inactive')}</span> {h.said}</>;
                if (h.failures > 0) return <><span className="tag late">{t('hook.failing')}</span> {h.said}</>;
                return <span className="tag open">{t('admin.active')}</span>;
              },
            },
            {
              title: '', render: (_, h) => (
                <span className="row-actions">
                  {h.dead > 0 && <Button size="small" onClick={() => void again(h.id)}>{t('hook.again_all')}</Button>}
                  <Popconfirm title={t('hook.end_sure', { name: h.key_name })} okText={t('hook.end')} cancelText={t('form.cancel')} onConfirm={() => end(h.id)}>
                    <Button size="small">{t('hook.end')}</Button>
                  </Popconfirm>
                </span>
              ),
            },
          ]}
        />
      </div>
      {!!dead.data?.length && (
        <>
          <h2 className="admin-h2">{t('hook.dead_title')}</h2>
          <div className="table-wrap" role="region" aria-label={t('hook.dead_title')} tabIndex={0}>
            <Table
              rowKey={(d) => `${d.webhook}/${d.seq}`} size="middle" scroll={{ x: 'max-content' }} dataSource={dead.data} pagination={{ pageSize: 20, hideOnSinglePage: true }}
              columns={[
                { title: t('admin.key_name'), render: (_, d) => <span className="admin-name">{nameOf(d.webhook)}</span> },
                { title: t('hook.event'), render: (_, d) => <Link to={`/cases/${d.case}`}>{d.kind_title}</Link> },
                { title: t('hook.at'), render: (_, d) => <span className="num">{exact(d.at)}</span> },
                { title: t('hook.tries'), align: 'right', render: (_, d) => <span className="num">{d.tries}</span> },
                { title: t('hook.said'), dataIndex: 'said' },
                { title: '', render: (_, d) => <Button size="small" onClick={() => void again(d.webhook, d.seq)}>{t('hook.again')}</Button> },
              ]}
            />
          </div>
        </>
      )}
    </>
  );
}
