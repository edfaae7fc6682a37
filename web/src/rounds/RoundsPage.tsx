import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import { AreaPicker } from '../field/pickers';
import '../seat/seat.css';
import { t } from '../text';
import { CaseList } from '../ui/CaseList';
import { Failed, sentence } from '../ui/states';
import { useTitle } from '../ui/title';

type Round = components['schemas']['Round'];
interface Values { title: string; day: string; place: string; people: string; area?: string; heard: string }

const fresh = () => crypto.getRandomValues(new Uint32Array(3)).join('-');

/** What was heard on a round, a line each; all lines are checked before any is filed. */
export default function RoundsPage() {
  useTitle(t('desk.rounds'));
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const [id, setId] = useState(fresh);
  const [round, setRound] = useState<Round>();
  const [busy, setBusy] = useState('');
  const past = useQuery({ queryKey: ['rounds'], queryFn: () => read(api.GET('/api/rounds')) });
  const send = async (attempt: boolean) => {
    setBusy(attempt ? 'try' : 'file');
    try {
      const { heard, ...v } = await form.validateFields();
      const items = heard.split('\n').map((text) => text.trim()).filter(Boolean).map((text) => ({ text }));
      const r = await read(api.POST('/api/rounds', { body: { ...v, id, items, try: attempt } }));
      setRound(r);
      if (r.filed) {
        setId(fresh());
        form.resetFields(['heard', 'title']);
        await client.invalidateQueries({ queryKey: ['rounds'] });
      }
    } catch (e) {
      if (e instanceof Error) message.error(sentence(e));
    } finally {
      setBusy('');
    }
  };
  const must = [{ required: true, message: t('form.required') }];
  return (
    <div className="page rounds">
      <div className="page-head"><h1>{t('desk.rounds')}</h1></div>
      <section className="panel card">
        <Form form={form} layout="vertical" initialValues={{ day: new Date().toLocaleDateString('sv', { timeZone: 'Asia/Shanghai' }) }}>
          <div className="seat-facts">
            <Form.Item name="title" label={t('rounds.title')} rules={must}><Input maxLength={200} /></Form.Item>
            <Form.Item name="day" label={t('rounds.day')} rules={must}><Input type="date" /></Form.Item>
            <Form.Item name="place" label={t('rounds.place')} rules={must}><Input maxLength={200} /></Form.Item>
            <Form.Item name="people" label={t('rounds.people')} rules={must}><Input maxLength={200} /></Form.Item>
            <Form.Item name="area" label={t('pick.area')}><AreaPicker label={t('pick.area')} allowClear /></Form.Item>
          </div>
          <Form.Item name="heard" label={t('rounds.heard')} extra={t('rounds.heard_hint')} rules={must}><Input.TextArea rows={8} /></Form.Item>
        </Form>
        <div className="row wrap">
          <Button loading={busy === 'try'} onClick={() => void send(true)}>{t('rounds.try')}</Button>
          <Button type="primary" loading={busy === 'file'} onClick={() => void send(false)}>{t('rounds.file')}</Button>
        </div>
      </section>
      {round && <Lines round={round} />}
      <h2>{t('rounds.past')}</h2>
      {past.error && <Failed error={past.error} retry={past.refetch} />}
      {past.data?.items.length === 0 && <p className="quiet">{t('rounds.none')}</p>}
      {past.data && past.data.items.length > 0 && <CaseList rows={past.data.items} onOpen={(r) => void read(api.GET('/api/rounds/{id}', { params: { path: { id: r.id } } })).then(setRound, (e) => message.error(sentence(e)))} />}
    </div>
  );
}

function Lines({ round }: { round: Round }) {
  const wrong = round.lines.filter((l) => l.problem).length;
  return (
    <section className="panel card" aria-live="polite">
      <h2>{round.filed ? t('rounds.filed', { number: round.number, n: round.lines.length }) : wrong ? t('rounds.wrong', { n: wrong }) : t('rounds.sound')}</h2>
      <div className="scroll">
        <table>
          <thead><tr><th>{t('rounds.line')}</th><th>{t('rounds.heard')}</th><th>{t('rounds.matter')}</th><th>{t('row.unit')}</th><th>{t('rounds.outcome')}</th></tr></thead>
          <tbody>
            {round.lines.map((l) => (
              <tr key={l.line}>
                <td className="num">{l.line}</td>
                <td>{l.id ? <Link to={`/cases/${l.id}`}>{l.title}</Link> : l.title}</td>
                <td>{l.matter}</td><td>{l.unit_name}</td>
                <td className={l.problem ? 'wrong' : ''}>{l.problem || l.state_title}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
