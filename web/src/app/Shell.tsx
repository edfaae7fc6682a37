import { Dropdown } from 'antd';
import { Suspense, useState } from 'react';
import { Link, NavLink, Outlet, useLocation, useNavigate } from 'react-router';
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
  const first = rooms.length > mostTabs ? mostTabs - 1 : mostTabs;
  if (place.pathname === '/screen') {
    return <Suspense fallback={<Loading />}><Outlet /></Suspense>;
  }
  return (
    <>
      <a className="skip" href="#main">{t('shell.skip')}</a>
      <header className="bar">
        <NavLink className="name" to="/">{session.city.title}</NavLink>
        <nav aria-label={t('shell.rooms')}>
          {rooms.map((d) => <Room key={d.code} room={d} />)}
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
          {rooms.slice(0, first).map((d) => <Room key={d.code} room={d} />)}
          {rooms.length > first && <More rooms={rooms.slice(first)} />}
        </nav>
      )}
    </>
  );
}

/** How many tabs a phone has room for, the one that opens the others with them. */
const mostTabs = 5;

type Desk = ReturnType<typeof desksOf>[number];

const within = (d: Desk, place: string) => [d.path, ...(d.pages ?? [])].some((p) => place === p || place.startsWith(`${p}/`));

function Room({ room }: { room: Desk }) {
  const { pathname } = useLocation();
  return <Link to={room.path} aria-current={within(room, pathname) ? 'page' : undefined}>{t(room.title)}</Link>;
}

/** The rooms that a phone has no tab for. */
function More({ rooms }: { rooms: Desk[] }) {
  const { pathname } = useLocation();
  const go = useNavigate();
  const here = rooms.find((d) => within(d, pathname));
  const items = rooms.map((d) => ({ key: d.code, label: t(d.title), onClick: () => go(d.path) }));
  return (
    <Dropdown menu={{ items, selectedKeys: here ? [here.code] : [] }} trigger={['click']} placement="topRight">
      <button type="button" className="bare" aria-current={here ? 'page' : undefined}>{here ? t(here.title) : t('shell.more')} ▴</button>
    </Dropdown>
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
