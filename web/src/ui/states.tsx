import { Button, Spin } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { Link, useRouteError } from 'react-router';
import { Problem } from '../api/client';
import { t } from '../text';
import './states.css';

/** What to tell a person about a failure. */
export function sentence(e: unknown): string {
  if (e instanceof Problem) {
    const more = e.errors.map((x) => x.message).filter(Boolean);
    return more.length ? `${e.message} ${more.join(' ')}` : e.message;
  }
  return t('fail.page');
}

/** A wait that shows itself only when it is one. */
export function Loading() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const w = setTimeout(() => setSlow(true), 300);
    return () => clearTimeout(w);
  }, []);
  return <div className="state" role="status" aria-label={t('state.loading')}>{slow && <Spin />}</div>;
}

/** Nothing here, and what that means. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <p className="state-title">{title}</p>
      {children && <div className="quiet">{children}</div>}
    </div>
  );
}

/** What failed and what to do next. */
export function Failed({ error, retry }: { error: unknown; retry?: () => unknown }) {
  return (
    <div className="state" role="alert">
      <p className="state-title">{sentence(error)}</p>
      {retry && <Button onClick={() => void retry()}>{t('state.retry')}</Button>}
    </div>
  );
}

/** A page that broke, most often because a new version was installed meanwhile. */
export function Broken() {
  const error = useRouteError();
  console.error(error);
  return (
    <div className="state" role="alert">
      <p className="state-title">{t('fail.page')}</p>
      <Button type="primary" onClick={() => location.reload()}>{t('state.reload')}</Button>
    </div>
  );
}

/** An address that leads nowhere. */
export function Nowhere() {
  return (
    <Empty title={t('state.nowhere')}>
      <Link to="/">{t('state.home')}</Link>
    </Empty>
  );
}
