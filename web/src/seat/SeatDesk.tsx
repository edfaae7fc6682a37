import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input } from 'antd';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import type { Filed } from '../api/types';
import { AreaPicker } from '../field/pickers';
import { t } from '../text';
import { useNow } from '../time/tick';
import { CaseList } from '../ui/CaseList';
import { Copy } from '../ui/Copy';
import { Failed, Loading, sentence } from '../ui/states';
import { useTitle } from '../ui/title';
import './seat.css';

type Call = components['schemas']['CallRow'];
type Help = components['schemas']['CallHelp'];

const timer = (ms: number) => `${String(Math.floor(ms / 60_000)).padStart(2, '0')}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;

/** The call in progress: who calls, what helps, and how it ends. */
export default function SeatDesk() {
  useTitle(t('desk.seat'));
  const client = useQueryClient();
  const { message } = App.useApp();
  const [filed, setFiled] = useState<Filed>();
  const { data, error, refetch } = useQuery({ queryKey: ['calls'], queryFn: () => read(api.GET('/api/calls')), refetchInterval: 2_000 });
  const again = () => client.invalidateQueries({ queryKey: ['calls'] });
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
      setFiled(undefined);
    } catch (e) {
      message.error(sentence(e));
    }
    await again();
  };
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const mine = data.mine[0];
  const begin = () => attempt(() => read(api.POST('/api/calls/begin', { body: {} })));
  const take = (c: Call) => attempt(() => read(api.POST('/api/calls/{id}/take', { params: { path: { id: c.id } } })));
  const d = data.today;
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('desk.seat')}</h1>
        <span className="quiet small num">{t('seat.today', { calls: d.calls, answered: d.answered, orders: d.orders, abandoned: d.abandoned })}</span>
      </div>
      {mine
        ? <InHand key={mine.id} call={mine} onEnd={(f) => { setFiled(f); void again(); }} />
        : (
          <>
            {filed?.number && (
              <p className="panel card" role="status">{t('seat.filed')} <Copy text={filed.number} />{filed.query_code && <> {t('intake.code')} <Copy text={filed.query_code} /></>} <Link to={`/cases/${filed.id}`}>{t('intake.open')}</Link></p>
            )}
            <section className="panel card ringing" aria-live="assertive">
              <h2>{t('seat.ringing')}</h2>
              {data.ringing.length === 0 && <p className="quiet">{t('seat.quiet')}</p>}
              <ul>
                {data.ringing.map((c, i) => (
                  <li key={c.id} className="row wrap">
                    <b className="num">{c.phone || t('seat.withheld')}</b>
                    <span className="quiet">{[c.channel_name, c.line].join(' · ')}</span>
                    <Button type="primary" size="large" autoFocus={i === 0} onClick={() => void take(c)}>{t('seat.take')}</Button>
                  </li>
                ))}
              </ul>
              <Button onClick={() => void begin()}>{t('seat.begin')}</Button>
            </section>
          </>
        )}
    </div>
  );
}

interface Said { text?: string; address?: string; area?: string; name?: string; phone?: string; answer?: string }

function InHand({ call, onEnd }: { call: Call; onEnd: (f: Filed) => void }) {
  const now = useNow(1_000);
  const { message } = App.useApp();
  const [form] = Form.useForm<Said>();
  const [busy, setBusy] = useState('');
  const said = (Form.useWatch('text', form) ?? '').trim();
  const help = useHelp(said);
  const [asked, setAsked] = useState('');
  const before = useQuery({
    queryKey: ['calls', call.id, 'cases'], staleTime: Infinity,
    queryFn: () => read(api.GET('/api/calls/{id}/cases', { params: { path: { id: call.id } } })),
  });
  const end = async (outcome: 'answered' | 'order' | 'other') => {
    setBusy(outcome);
    try {
      const v = form.getFieldsValue();
      const text = v.text ?? '';
      onEnd(await read(api.POST('/api/calls/{id}/finish', { params: { path: { id: call.id } }, body: { ...v, text, outcome, asked } })));
    } catch (e) {
      message.error(sentence(e));
    } finally {
      setBusy('');
    }
  };
  const use = async (answer: string) => {
    form.setFieldValue('answer', answer);
    try {
      setAsked((await read(api.POST('/api/calls/suggest', { body: { text: said, count: true } }))).asked);
    } catch (e) {
      message.error(sentence(e));
    }
  };
  // Ctrl+Enter makes an order, Alt+Enter an answer: the hands stay on the keys.
  const keys = (e: React.KeyboardEvent) => {
    if (e.key !== 'Enter' || !(e.ctrlKey || e.altKey)) return;
    e.preventDefault();
    void end(e.altKey ? 'answered' : 'order');
  };
  return (
    <div className="seat" onKeyDown={keys}>
      <section className="panel card">
        <div className="row wrap">
          <b className="num">{call.phone || t('seat.withheld')}</b>
          <span className="quiet">{[call.channel_name, call.line].filter(Boolean).join(' · ')}</span>
          <span className="grow" />
          <b className="num seat-timer" role="timer" aria-label={t('seat.timer')}>{timer(Math.max(0, now - call.taken_at))}</b>
        </div>
        <Form form={form} layout="vertical">
          <Form.Item name="text" label={t('seat.said')}><Input.TextArea rows={5} autoFocus maxLength={10_000} /></Form.Item>
          <div className="seat-facts">
            <Form.Item name="address" label={t('seat.address')}><Input maxLength={300} /></Form.Item>
            <Form.Item name="area" label={t('pick.area')}><AreaPicker label={t('pick.area')} allowClear placeholder={t('intake.by_machine')} /></Form.Item>
            <Form.Item name="name" label={t('seat.name')}><Input maxLength={50} /></Form.Item>
            <Form.Item name="phone" label={t('seat.phone')}><Input maxLength={30} inputMode="tel" placeholder={call.phone} /></Form.Item>
          </div>
          <Form.Item name="answer" label={t('seat.answer')}><Input.TextArea rows={4} maxLength={3_000} /></Form.Item>
        </Form>
        <div className="row wrap">
          <Button size="large" loading={busy === 'answered'} onClick={() => void end('answered')}>{t('seat.answered')} <kbd>Alt+⏎</kbd></Button>
          <Button type="primary" size="large" loading={busy === 'order'} onClick={() => void end('order')}>{t('seat.order')} <kbd>Ctrl+⏎</kbd></Button>
          <Button type="text" loading={busy === 'other'} onClick={() => void end('other')}>{t('seat.other')}</Button>
        </div>
      </section>
      <aside>
        <Suggested help={help} onUse={(a) => void use(a)} />
        <section className="panel card">
          <h2>{t('seat.before')}</h2>
          {before.data?.items.length === 0 && <p className="quiet">{t('seat.first_time')}</p>}
          {before.error && <Failed error={before.error} retry={before.refetch} />}
          {before.data && before.data.items.length > 0 && <CaseList rows={before.data.items} />}
        </section>
      </aside>
    </div>
  );
}

/** What may help, half a second after the last key. */
function useHelp(said: string): Help | undefined {
  const [settled, setSettled] = useState('');
  useEffect(() => {
    const wait = setTimeout(() => setSettled(said), 500);
    return () => clearTimeout(wait);
  }, [said]);
  const { data } = useQuery({
    queryKey: ['calls', 'suggest', settled], enabled: settled.length > 3, placeholderData: (p) => p,
    queryFn: () => read(api.POST('/api/calls/suggest', { body: { text: settled } })),
  });
  return settled.length > 3 ? data : undefined;
}

function Suggested({ help, onUse }: { help?: Help; onUse: (answer: string) => void }) {
  const r = help?.reading;
  return (
    <section className="panel card" aria-live="polite">
      <h2>{t('seat.help')}</h2>
      {!help && <p className="quiet">{t('seat.help_waits')}</p>}
      {help && help.entries.length > 0 && <p className="quiet small">{help.sure ? t('seat.sure') : t('seat.unsure')}</p>}
      {help?.entries.map((e, i) => (
        <details key={e.code} open={i === 0 && help.sure}>
          <summary>{e.question}</summary>
          <p>{e.answer}</p>
          <p className="quiet small">{t('seat.basis', { basis: e.basis, unit: e.unit_name ?? '' })}</p>
          <Button size="small" onClick={() => onUse(e.answer)}>{t('seat.use')}</Button>
        </details>
      ))}
      {r && r.matters.length > 0 && <h3>{t('seat.goes_to')}</h3>}
      <ul>{r?.matters.map((m) => <li key={m.code}>{m.name} <span className="quiet num">{Math.round(m.probability * 100)}%</span> {m.unit_name}</li>)}</ul>
      {r && r.repeats.length > 0 && <h3>{t('seat.repeats')}</h3>}
      <ul>{r?.repeats.map((x) => <li key={x.id}><Link to={`/cases/${x.id}`} target="_blank">{x.title || x.number}</Link> <span className="quiet small">{[x.state_title, x.unit_name].join(' · ')}</span></li>)}</ul>
    </section>
  );
}
