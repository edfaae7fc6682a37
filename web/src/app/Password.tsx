import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api/client';
import { t } from '../text';
import { sentence } from '../ui/states';
import { useTitle } from '../ui/title';
import { useSession } from './session';
import { Passkeys } from './Passkeys';
import { NewPassword } from './Setup';

/** Changes one's own password. */
export default function Password() {
  useTitle(t('sign.change'));
  const session = useSession();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [failed, setFailed] = useState('');
  const go = useNavigate();
  const change = async (v: { old: string; password: string }) => {
    try {
      await api.POST('/api/session/password', { body: { old: v.old, new: v.password } });
      await client.invalidateQueries();
      message.success(t('sign.changed'));
      go('/');
    } catch (e) {
      setFailed(sentence(e));
    }
  };
  return (
    <div className="sign-box" style={{ margin: '32px auto', padding: '0 16px' }}>
      <h1>{t('sign.change')}</h1>
      {session.must_change && <p className="quiet">{t('sign.must_change')}</p>}
      <section className="panel">
        {failed && <Alert type="error" title={failed} showIcon style={{ marginBottom: 16 }} />}
        <Form layout="vertical" requiredMark={false} onFinish={change}>
          <Form.Item name="old" label={t('sign.old_password')} rules={[{ required: true, message: t('form.required') }]}>
            <Input.Password autoComplete="current-password" size="large" />
          </Form.Item>
          <NewPassword name="password" />
          <Button type="primary" htmlType="submit" size="large" block>{t('sign.change')}</Button>
        </Form>
      </section>
      {!session.must_change && <Passkeys />}
    </div>
  );
}
