import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Input, Popconfirm, Space } from 'antd';
import { useState } from 'react';
import { api, read } from '../api/client';
import { t } from '../text';
import { sentence } from '../ui/states';
import { canPasskey, makePasskey } from './passkey';

/** One's own passkeys: which there are, a new one, and none any more. */
export function Passkeys() {
  const client = useQueryClient();
  const own = useQuery({ queryKey: ['passkeys'], queryFn: () => read(api.GET('/api/passkeys')) });
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => read(api.GET('/api/setup')) });
  const [name, setName] = useState('');
  const [failed, setFailed] = useState('');
  if (!setup.data?.passkeys || !canPasskey()) return null;
  const run = async (what: () => Promise<unknown>) => {
    setFailed('');
    try {
      await what();
      setName('');
      await client.invalidateQueries({ queryKey: ['passkeys'] });
    } catch (e) {
      setFailed(sentence(e));
    }
  };
  return (
    <section className="panel">
      <h2>{t('passkey.title')}</h2>
      <p className="quiet">{t('passkey.lead')}</p>
      {failed && <Alert type="error" title={failed} showIcon style={{ marginBottom: 16 }} />}
      <ul>
        {own.data?.items.map((k) => (
          <li key={k.id}>
            {k.name}{' '}
            <Popconfirm title={t('passkey.end_sure')} onConfirm={() => run(() => api.DELETE('/api/passkeys/{id}', { params: { path: { id: k.id } } }))}>
              <Button type="link">{t('passkey.end')}</Button>
            </Popconfirm>
          </li>
        ))}
      </ul>
      <Space.Compact block>
        <Input value={name} onChange={(e) => setName(e.target.value)} placeholder={t('passkey.name')} aria-label={t('passkey.name')} maxLength={60} />
        <Button disabled={!name.trim()} onClick={() => run(() => makePasskey(name.trim()))}>{t('passkey.add')}</Button>
      </Space.Compact>
    </section>
  );
}
