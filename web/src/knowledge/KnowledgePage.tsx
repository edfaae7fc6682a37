import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { api, read } from '../api/client';
import type { components } from '../api/schema';
import { useSession } from '../app/session';
import { MatterPicker, UnitPicker } from '../field/pickers';
import '../seat/seat.css';
import { t } from '../text';
import { exact } from '../time/words';
import { Failed, Loading, sentence } from '../ui/states';
import '../ui/tags.css';
import { useTitle } from '../ui/title';

type Entry = components['schemas']['KnowledgeEntry'];
type Row = components['schemas']['KnowledgeRow'];

/** The knowledge base: what is answered, what waits for review, what is still to be written. */
export default function KnowledgePage() {
  useTitle(t('desk.knowledge'));
  const client = useQueryClient();
  const { message } = App.useApp();
  const [find, setFind] = useState('');
  const [edit, setEdit] = useState<Partial<Entry>>();
  const { data, error, refetch } = useQuery({ queryKey: ['knowledge'], queryFn: () => read(api.GET('/api/knowledge')) });
  // From an answered case: its words are the beginning, masked.
  const [place, setPlace] = useSearchParams();
  const from = place.get('from');
  const begun = useQuery({ queryKey: ['knowledge', 'from', from], enabled: Boolean(from), queryFn: () => read(api.GET('/api/cases/{id}/knowledge', { params: { path: { id: from ?? '' } } })) });
  const opened = edit ?? (from ? begun.data : undefined);
  const close = () => {
    setEdit(undefined);
    if (from) setPlace({}, { replace: true });
  };
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
      close();
    } catch (e) {
      message.error(sentence(e));
    }
    await client.invalidateQueries({ queryKey: ['knowledge'] });
  };
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const u = data.use;
  const rows = data.items.filter((r) => !find || [r.live, r.draft].some((e) => e && (e.question + e.answer).includes(find)))
    .toSorted((a, b) => Number(Boolean(b.draft)) - Number(Boolean(a.draft)));
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('desk.knowledge')}</h1>
        <span className="quiet small num">{t('kb.use', { asked: u.asked, answered: u.answered, good: u.good, bad: u.bad, cases: u.cases })}</span>
      </div>
      <div className="seat">
        <section className="panel card">
          <div className="row wrap kb-find">
            <Input.Search style={{ maxWidth: 280 }} allowClear aria-label={t('kb.find')} placeholder={t('kb.find')} onChange={(e) => setFind(e.target.value.trim())} />
            <Button type="primary" onClick={() => setEdit({})}>{t('kb.new')}</Button>
          </div>
          {rows.map((r) => (
            <Line
              key={r.code} row={r} onEdit={() => setEdit(r.draft ?? r.live ?? {})}
              onReview={(pass) => void attempt(() => read(api.POST('/api/knowledge/{code}/review', { params: { path: { code: r.code } }, body: { pass } })))}
              onWithdraw={() => void attempt(() => read(api.POST('/api/knowledge/{code}/withdraw', { params: { path: { code: r.code } } })))}
            />
          ))}
        </section>
        <aside>
          <section className="panel card">
            <h2>{t('kb.open')}</h2>
            {data.unanswered.length === 0 && <p className="quiet">{t('kb.none_open')}</p>}
            <ul>{data.unanswered.map((q) => <li key={q.at + q.question}><button type="button" className="bare" onClick={() => setEdit({ question: q.question })}>{q.question}</button></li>)}</ul>
          </section>
        </aside>
      </div>
      {opened && <Editor key={from ?? 'edit'} entry={opened} onClose={close} onSave={(e) => attempt(() => read(api.POST('/api/knowledge', { body: e })))} />}
    </div>
  );
}

function Line({ row: r, onEdit, onReview, onWithdraw }: { row: Row; onEdit: () => void; onReview: (pass: boolean) => void; onWithdraw: () => void }) {
  const me = useSession();
  const e = r.draft ?? r.live;
  if (!e) return null;
  return (
    <details className="kb-row">
      <summary>
        {e.question} {r.draft && <span className="tag">{t('kb.draft')}</span>} {r.expired && <span className="tag">{t('kb.expired')}</span>}
        {r.use.asked + r.use.good + r.use.bad > 0 && <span className="quiet small num"> {t('kb.row_use', { asked: r.use.asked, good: r.use.good, bad: r.use.bad })}</span>}
      </summary>
      <p className="prose">{e.answer}</p>
      <p className="quiet small">
        {t('seat.basis', { basis: e.basis, unit: e.unit_name ?? '' })} · {t('kb.until', { day: e.expires })}
        {r.draft && ` · ${t('kb.edited', { name: r.edited_name || r.edited_by, at: exact(r.edited_at) })}`}{e.local && ` · ${t('kb.local')}`}
      </p>
      <div className="row wrap">
        <Button onClick={onEdit}>{t('admin.edit')}</Button>
        {r.draft && r.edited_by !== me.staff.id && <Button type="primary" onClick={() => onReview(true)}>{t('kb.pass')}</Button>}
        {r.draft && <Button onClick={() => onReview(false)}>{t('kb.drop')}</Button>}
        {r.live && <Button type="text" onClick={onWithdraw}>{t('kb.withdraw')}</Button>}
      </div>
    </details>
  );
}

function Editor({ entry, onSave, onClose }: { entry: Partial<Entry>; onSave: (e: Entry) => Promise<void>; onClose: () => void }) {
  const [form] = Form.useForm<Entry & { words: string }>();
  const must = [{ required: true, message: t('form.required') }];
  return (
    <Modal open title={entry.code ? t('kb.edit') : t('kb.new')} okText={t('kb.save')} cancelText={t('form.cancel')} onOk={() => form.submit()} onCancel={onClose}>
      <Form
        form={form} layout="vertical" initialValues={{ ...entry, words: entry.asks?.join('；') }}
        onFinish={({ words, ...v }) => void onSave({ ...v, code: entry.code, asks: (words ?? '').split(/[;；\n]/).map((w) => w.trim()).filter(Boolean) })}
      >
        <Form.Item name="question" label={t('kb.question')} rules={must}><Input maxLength={100} /></Form.Item>
        <Form.Item name="words" label={t('kb.asks')}><Input.TextArea rows={2} /></Form.Item>
        <Form.Item name="answer" label={t('kb.answer')} rules={must}><Input.TextArea rows={6} maxLength={2000} /></Form.Item>
        <Form.Item name="basis" label={t('kb.basis')} rules={must}><Input maxLength={160} /></Form.Item>
        <Form.Item name="unit" label={t('row.unit')} rules={must}><UnitPicker label={t('row.unit')} /></Form.Item>
        <Form.Item name="matter" label={t('kb.matter')}><MatterPicker label={t('kb.matter')} allowClear /></Form.Item>
        <Form.Item name="expires" label={t('kb.expires')} rules={must}><Input placeholder="2027-12-31" maxLength={10} /></Form.Item>
      </Form>
    </Modal>
  );
}
