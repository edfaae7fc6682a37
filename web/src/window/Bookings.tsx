import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Popconfirm } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import { t } from '../text';
import { Empty, Failed, Loading, sentence } from '../ui/states';
import '../ui/tags.css';

type Booking = components['schemas']['Booking'];
type Service = components['schemas']['WindowService'];

/** The appointments of a day, by hour: call, came, did not come. */
export function Bookings({ services, begin }: { services: Service[]; begin: (service: string) => void }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [day, setDay] = useState('');
  const [busy, setBusy] = useState('');
  const { data, error, refetch } = useQuery({ queryKey: ['window', 'bookings', day], queryFn: () => read(api.GET('/api/window/bookings', { params: { query: { day: day || undefined } } })), refetchInterval: 30_000 });
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const act = async (b: Booking, action: 'call' | 'arrive' | 'miss') => {
    setBusy(b.id + action);
    try {
      await read(api.POST('/api/cases/{id}/actions/{action}', { params: { path: { id: b.id, action } }, body: { version: b.version } }));
    } catch (e) {
      void message.error(sentence(e));
    }
    setBusy('');
    await client.invalidateQueries({ queryKey: ['window', 'bookings'] });
  };
  const at = (b: Booking) => services.find((s) => s.title === b.service);
  const waits = data.items.filter((b) => b.state === 'booked');
  const hours = [...new Set(data.items.map((b) => b.hour))];
  return (
    <section className="panel card">
      <div className="row wrap bookings-head">
        <h2>{t('window.of_day', { day: data.day })}</h2>
        <span className="quiet num">{t('window.waiting', { n: waits.length, all: data.items.length })}</span>
        <span className="grow" />
        <Input type="date" aria-label={t('window.day')} value={day || data.day} onChange={(e) => setDay(e.target.value)} style={{ width: 160 }} />
      </div>
      {data.items.length === 0 && <Empty title={t('window.no_bookings')} />}
      {hours.map((h) => (
        <div key={h} className="booking-hour">
          <h3 className="num">{h}:00—{h + 1}:00</h3>
          <ul>
            {data.items.filter((b) => b.hour === h).map((b) => (
              <li key={b.id}>
                <span className="booking-who"><b>{b.name}</b> {b.service}<br /><Link className="num small" to={`/cases/${b.id}`}>{b.number}</Link> <span className="quiet small">{b.window}</span></span>
                {b.state === 'booked' ? (
                  <span className="booking-steps">
                    <Button loading={busy === `${b.id}call`} onClick={() => void act(b, 'call')}>{b.calls ? t('window.called', { n: b.calls }) : t('window.call')}</Button>
                    <Button type="primary" loading={busy === `${b.id}arrive`} onClick={() => void act(b, 'arrive')}>{t('window.came')}</Button>
                    <Popconfirm title={t('window.missed_sure')} onConfirm={() => void act(b, 'miss')}><Button type="text">{t('window.missed')}</Button></Popconfirm>
                  </span>
                ) : (
                  <span className="booking-steps">
                    <span className={`tag ${b.state === 'came' ? 'done' : ''}`}>{b.state_title}</span>
                    {b.state === 'came' && at(b) && <Button onClick={() => begin(at(b)!.code)}>{t('window.begin')}</Button>}
                  </span>
                )}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}
