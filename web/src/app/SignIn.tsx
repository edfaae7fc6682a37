import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { Navigate, useLocation, useNavigate } from 'react-router';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import { t } from '../text';
import { sentence } from '../ui/states';
import { useTitle } from '../ui/title';
import { canPasskey, signInByPasskey } from './passkey';
import './shell.css';

type Session = components['schemas']['Session'];
type Account = components['schemas']['DemoAccount'];

const places = ['centre', 'street', 'department', 'partner'] as const;

/** The door for staff; in a demo directory one click is enough. */
export function SignIn() {
  useTitle(t('sign.title'));
  const { failed, busy, enter, enterBy } = useEnter();
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
            {places.map((place) => <Accounts key={place} place={place} of={accounts.filter((a) => a.place === place)} busy={busy} enter={enter} />)}
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
          {setup.data?.passkeys && canPasskey() && (
            <Button size="large" block style={{ marginTop: 12 }} disabled={busy} onClick={() => enterBy(signInByPasskey)}>{t('passkey.sign_in')}</Button>
          )}
          {setup.data?.provider && (
            <Button size="large" block style={{ marginTop: 12 }} href="/api/session/oidc">{t('passkey.by_provider', { name: setup.data.provider })}</Button>
          )}
        </section>
      </main>
    </div>
  );
}

function Accounts({ place, of, busy, enter }: { place: Account['place']; of: Account[]; busy: boolean; enter: (login: string, password: string) => Promise<void> }) {
  if (of.length === 0) return null;
  return (
    <>
      <h3 className="accounts-of">{t(`sign.demo_${place}`)}</h3>
      <div className="accounts">
        {of.map((a) => (
          <button key={a.login} type="button" className="bare account" disabled={busy} onClick={() => enter(a.login, a.password)}>
            <b>{a.role_title} {a.name}</b>
            <span>{a.unit_name}</span>
          </button>
        ))}
      </div>
    </>
  );
}

function useEnter() {
  const [failed, setFailed] = useState(new URLSearchParams(useLocation().search).has('failed') ? t('passkey.provider_failed') : '');
  const [busy, setBusy] = useState(false);
  const client = useQueryClient();
  const go = useNavigate();
  const to = (useLocation().state as { to?: string } | null)?.to ?? '/';
  const enterBy = async (way: () => Promise<Session | undefined>) => {
    setBusy(true);
    setFailed('');
    try {
      const s = await way();
      if (!s) return;
      client.clear();
      client.setQueryData(['session'], s);
      go(to, { replace: true });
    } catch (e) {
      setFailed(sentence(e));
    } finally {
      setBusy(false);
    }
  };
  const enter = (login: string, password: string) => enterBy(() => read(api.POST('/api/session', { body: { login, password } })));
  return { failed, busy, enter, enterBy };
}
