import { Dropdown } from 'antd';
import { Suspense, useState } from 'react';
import { NavLink, Outlet, useLocation, useNavigate } from 'react-router';
import { useLiveState } from '../api/live';
import { AlertBanner } from '../inbox/AlertBanner';
import { locale, setLocale, t } from '../text';
import { Loading } from '../ui/states';
import { desksOf } from './desks';
import { useSession, useSignOut } from './session';
import './shell.css';

/** The frame around every room: the bar, the rooms, who is here. */
export function Shell() {
  const session = useSession();
  const live = useLiveState();
  const rooms = desksOf(session);
  const place = useLocation();
  if (place.pathname === '/screen') {
    return <Suspense fallback={<Loading />}><Outlet /></Suspense>;
  }
  return (
    <>
      <a className="skip" href="#main">{t('shell.skip')}</a>
      <header className="bar">
        <NavLink className="name" to="/">{session.city.title}</NavLink>
        <nav aria-label={t('shell.rooms')}>
          {rooms.map((d) => <NavLink key={d.code} to={d.path}>{t(d.title)}</NavLink>)}
        </nav>
        <span className="grow" />
        {session.desks.includes('cases') && <Find />}
        <Me />
      </header>
      {session.city.synthetic && <div className="synthetic">{session.city.notice}</div>}
      {live === 'lost' && <div className="link-lost" role="status">{t('live.lost')}</div>}
      <AlertBanner />
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<Loading />}><Outlet /></Suspense>
      </main>
      {rooms.length > 1 && (
        <nav className="tabs" aria-label={t('shell.rooms')}>
          {rooms.slice(0, 5).map((d) => <NavLink key={d.code} to={d.path}>{t(d.title)}</NavLink>)}
        </nav>
      )}
    </>
  );
}

function Find() {
  const [q, setQ] = useState('');
  const go = useNavigate();
  return (
    <form
      className="bar-find" role="search"
      onSubmit={(e) => {
        e.preventDefault();
        if (q.trim()) go(`/cases?q=${encodeURIComponent(q.trim())}`);
      }}
    >
      <input
        type="search" value={q} onChange={(e) => setQ(e.target.value)}
        aria-label={t('shell.find')} placeholder={t('shell.find')}
      />
    </form>
  );
}

function Me() {
  const session = useSession();
  const signOut = useSignOut();
  const go = useNavigate();
  const items = [
    { key: 'unit', label: session.staff.unit_name, disabled: true },
    { key: 'password', label: t('sign.change'), onClick: () => go('/password') },
    {
      key: 'lang', label: locale === 'zh' ? 'English' : '中文',
      onClick: () => setLocale(locale === 'zh' ? 'en' : 'zh'),
    },
    { key: 'out', label: t('sign.out'), onClick: signOut },
  ];
  return (
    <Dropdown menu={{ items }} trigger={['click']} placement="bottomRight">
      <button type="button" className="bare who">
        {session.staff.name}<small>{session.staff.unit_name}</small>
      </button>
    </Dropdown>
  );
}
