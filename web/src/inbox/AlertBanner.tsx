import { useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { useAlerts, useChanges } from '../api/live';
import { useTitles } from '../api/queries';
import type { Alert } from '../api/types';
import { t } from '../text';
import { Countdown } from '../time/Countdown';
import { useNow } from '../time/tick';
import { sound, wake, wanted } from './alarm';
import './inbox.css';

/** Tells of a ten-minute clock that has just started: banner, title, sound, notification. */
export function AlertBanner() {
  const [alerts, setAlerts] = useState<(Alert & { from: number })[]>([]);
  const client = useQueryClient();
  const titles = useTitles();
  const now = useNow(5000);
  useAlerts((a) => {
    setAlerts((old) => [...old.filter((x) => x.id !== a.id), { ...a, from: Date.now() }]);
    for (const k of ['rows', 'counts']) void client.invalidateQueries({ queryKey: [k] });
    if (!wanted.get()) return;
    sound();
    notify(a, titles.clock(a.clock));
  });
  // Whoever signs it, the alert has done its work.
  useChanges((list) => {
    const moved = new Set(list.filter((c) => c.lane !== 'sign').map((c) => c.id));
    setAlerts((old) => (old.some((a) => moved.has(a.id)) ? old.filter((a) => !moved.has(a.id)) : old));
  });
  useEffect(() => {
    // A page that was reloaded may sound again from its first touch on.
    const touch = () => void (wanted.get() && wake());
    addEventListener('pointerdown', touch, { once: true });
    return () => removeEventListener('pointerdown', touch);
  }, []);
  const live = alerts.filter((a) => a.due_at > now - 60_000);
  useBlink(live.length);
  const first = live[0];
  if (!first) return null;
  return (
    <div className="alert-banner" role="alert">
      <span>{live.length > 1 ? t('alert.several', { n: live.length }) : t('alert.one', { number: first.number })}</span>
      <Countdown due={first.due_at} started={first.from} title={titles.clock(first.clock)} />
      <span className="grow" />
      {live.length > 1 ? <Link to="/inbox?lane=sign">{t('alert.open_lane')}</Link> : <Link to={`/cases/${first.id}`}>{t('alert.open')}</Link>}
      <Button size="small" onClick={() => setAlerts([])}>{t('alert.seen')}</Button>
    </div>
  );
}

function notify(a: Alert, clock: string) {
  if (!('Notification' in window) || Notification.permission !== 'granted' || !document.hidden) return;
  // Only the number: a lock screen is read by others.
  const n = new Notification(t('alert.one', { number: a.number }), { body: clock, tag: a.id });
  n.onclick = () => {
    window.focus();
    n.close();
  };
}

function useBlink(count: number) {
  useEffect(() => {
    if (count === 0) return;
    const was = document.title;
    let on = false;
    const timer = setInterval(() => {
      on = !on;
      document.title = on ? t('alert.tab', { n: count }) : was;
    }, 1000);
    return () => {
      clearInterval(timer);
      document.title = was;
    };
  }, [count]);
}
