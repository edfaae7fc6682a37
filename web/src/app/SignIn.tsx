import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { Navigate, useLocation, useNavigate } from 'react-router';
import { api, read } from '../api/client';
import { t } from '../text';
import { sentence } from '../ui/states';
import { useTitle } from '../ui/title';
import './shell.css';

/** The door for staff; in a demo directory one click is enough. */
export function SignIn() {
  useTitle(t('sign.title'));
  const { failed, busy, enter } = useEnter();
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => read(api.GET('/api/setup')), retry: false });
  const demo = useQuery({
    queryKey: ['demo'], queryFn: () => read(api.GET('/api/demo')), retry: false,
  });
  if (setup.data?.needed) return <Navigate to="/setup" replace />;
  const accounts = demo.data?.accounts ?? [];
  return (
    <div className="sign">
      <main className={`sign-box ${accounts.length ? 'wide' : ''}`}>
        <h1>{t('sign.title')}</h1>
        <p className="quiet">{t('sign.lead')}</p>
        {accounts.length > 0 && (
          <section className="panel">
            <h2>{t('sign.demo')}</h2>
            <div className="accounts">
              {accounts.map((a) => (
                <button
                  key={a.login} type="button" className="bare account" disabled={busy}
                  onClick={() => enter(a.login, a.password)}
                >
                  <b>{a.role_title} {a.name}</b>
                  <span>{a.unit_name}</span>
                </button>
              ))}
            </div>
          </section>
        )}
        <section className="panel">
          {failed && <Alert type="error" title={failed} showIcon style={{ marginBottom: 16 }} />}
          <Form layout="vertical" requiredMark={false} onFinish={(v: { login: string; password: string }) => enter(v.login, v.password)}>
            <Form.Item name="login" label={t('sign.login')} rules={[{ required: true, message: t('sign.login_missing') }]}>
              <Input autoComplete="username" size="large" autoFocus={accounts.length === 0} />
            </Form.Item>
            <Form.Item
              name="password" label={t('sign.password')}
              rules={[{ required: true, message: t('sign.password_missing') }]}
            >
              <Input.Password autoComplete="current-password" size="large" />
            </Form.Item>
            <Button type="primary" htmlType="submit" size="large" block loading={busy}>{t('sign.in')}</Button>
          </Form>
        </section>
      </main>
    </div>
  );
}

function useEnter() {
  const [failed, setFailed] = useState('');
  const [busy, setBusy] = useState(false);
  const client = useQueryClient();
  const go = useNavigate();
  const to = (useLocation().state as { to?: string } | null)?.to ?? '/';
  const enter = async (login: string, password: string) => {
    setBusy(true);
    setFailed('');
    try {
      const s = await read(api.POST('/api/session', { body: { login, password } }));
      client.clear();
      client.setQueryData(['session'], s);
      go(to, { replace: true });
    } catch (e) {
      setFailed(sentence(e));
    } finally {
      setBusy(false);
    }
  };
  return { failed, busy, enter };
}
