import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api/client';
import { t } from '../text';
import { sentence } from '../ui/states';
import { useTitle } from '../ui/title';
import './shell.css';

interface First { code: string; login: string; name: string; password: string; again: string }

/** Creates the first administrator, where nobody has an account yet. */
export default function Setup() {
  useTitle(t('setup.title'));
  const [failed, setFailed] = useState('');
  const go = useNavigate();
  const client = useQueryClient();
  const create = async ({ code, login, name, password }: First) => {
    try {
      await api.POST('/api/setup', { body: { code, login, name, password } });
      client.setQueryData(['setup'], { needed: false });
      go('/sign-in', { replace: true });
    } catch (e) {
      setFailed(sentence(e));
    }
  };
  return (
    <div className="sign">
      <main className="sign-box">
        <h1>{t('setup.title')}</h1>
        <p className="quiet">{t('setup.lead')}</p>
        <section className="panel">
          {failed && <Alert type="error" title={failed} showIcon style={{ marginBottom: 16 }} />}
          <Form layout="vertical" requiredMark={false} onFinish={create}>
            <Form.Item
              name="code" label={t('setup.code')} extra={t('setup.code_where')}
              rules={[{ required: true, message: t('form.required') }]}
            >
              <Input autoComplete="off" autoCapitalize="characters" spellCheck={false} size="large" autoFocus />
            </Form.Item>
            <Form.Item name="login" label={t('sign.login')} rules={[{ required: true, message: t('form.required') }]}>
              <Input autoComplete="username" size="large" />
            </Form.Item>
            <Form.Item name="name" label={t('setup.name')} rules={[{ required: true, message: t('form.required') }]}>
              <Input autoComplete="name" size="large" />
            </Form.Item>
            <NewPassword name="password" />
            <Button type="primary" htmlType="submit" size="large" block>{t('setup.create')}</Button>
          </Form>
        </section>
      </main>
    </div>
  );
}

/** A new password and its repetition. */
export function NewPassword({ name }: { name: string }) {
  return (
    <>
      <Form.Item
        name={name} label={t('sign.new_password')} extra={t('sign.password_rule')}
        rules={[{ required: true, message: t('form.required') }, { min: 8, message: t('sign.password_rule') }]}
      >
        <Input.Password autoComplete="new-password" size="large" />
      </Form.Item>
      <Form.Item
        name="again" label={t('sign.again')} dependencies={[name]}
        rules={[
          { required: true, message: t('form.required') },
          ({ getFieldValue }) => ({
            validator: (_, v) => (v === getFieldValue(name) ? Promise.resolve() : Promise.reject(new Error(t('sign.differ')))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" size="large" />
      </Form.Item>
    </>
  );
}
