import { useQuery } from '@tanstack/react-query';
import { App, Button, Input } from 'antd';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { api, read } from '../api/client';
import type { BriefPage as Page } from '../api/types';
import { Paper } from '../case/Paper';
import { t } from '../text';
import { Failed, Loading } from '../ui/states';
import '../ui/tags.css';
import { useTitle } from '../ui/title';
import './brief.css';

/** One issue: edited on the left, its cases followed on the right. */
export default function BriefPage() {
  const { id } = useParams();
  const { data, error, refetch } = useQuery({
    queryKey: ['brief', id],
    queryFn: () => read(api.GET('/api/briefs/{id}', { params: { path: { id: id ?? '' } } })),
  });
  useTitle(data?.title ?? t('desk.brief'));
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return <Opened key={data.version} it={data} reload={() => void refetch()} />;
}

/** The text as it is printed: lines that begin with a Chinese numeral are headings. */
function Issue({ text }: { text: string }) {
  return <div className="reading issue">{text.split('\n').map((line, i) => (/^[一二三四五六七八九十]+、/.test(line) ? <h3 key={i}>{line}</h3> : <p key={i}>{line}</p>))}</div>;
}

function Opened({ it, reload }: { it: Page; reload: () => void }) {
  const { message } = App.useApp();
  const [title, setTitle] = useState(it.title);
  const [text, setText] = useState(it.text);
  const [number, setNumber] = useState('');
  const [summary, setSummary] = useState('');
  const changed = title !== it.title || text !== it.text;
  const act = async (action: string, input: Record<string, unknown>, version?: number) => {
    try {
      await read(api.POST('/api/cases/{id}/actions/{action}', { params: { path: { id: it.id, action } }, body: { version, input } }));
      reload();
    } catch (e) {
      void message.error((e as Error).message);
    }
  };
  const publish = async () => {
    if (changed) await act('edit', { title, text }, it.version);
    await act('publish', {});
  };
  return (
    <div className="page">
      <div className="page-head">
        <h1>{it.serial > 0 && <span className="num">{t('brief.serial', { n: it.serial })} </span>}{it.title}</h1>
        <span className="tag">{it.state_title}</span>
        <Paper title={t('brief.paper')} path={`/api/briefs/${it.id}/paper/`} />
        <span className="grow" />
        <Link to={`/cases/${it.id}`}>{t('brief.record')}</Link>
        {it.edits && <Button disabled={!changed} onClick={() => void act('edit', { title, text }, it.version)}>{t('brief.save')}</Button>}
        {it.edits && <Button type="primary" onClick={() => void publish()}>{t('brief.publish')}</Button>}
      </div>
      <div className="brief-grid">
        <section className="panel card">
          {it.edits ? (
            <>
              <Input value={title} aria-label={t('brief.title')} maxLength={200} onChange={(e) => setTitle(e.target.value)} />
              <Input.TextArea value={text} aria-label={t('brief.text')} maxLength={20000} autoSize={{ minRows: 16 }} onChange={(e) => setText(e.target.value)} />
              <p className="quiet small">{t('brief.hint')}</p>
            </>
          ) : <Issue text={it.text} />}
        </section>
        <section className="panel card">
          <h2>{t('brief.chosen')} <span className="quiet num">{t('brief.progress', { n: it.chosen, closed: it.chosen - it.open })}</span></h2>
          <ul className="brief-cases">
            {it.cases.map((k) => (
              <li key={k.id}>
                <div className="row wrap">
                  <Link className="num" to={`/cases/${k.id}`}>{k.number}</Link>
                  <span className={k.late ? 'late-word' : 'quiet'}>{k.state_title}{k.late && ` · ${t('brief.late')}`}</span>
                  <span className="grow" />
                  {it.edits && <button type="button" className="bare link" onClick={() => void act('leave_out', { case: k.number })}>{t('brief.leave_out')}</button>}
                </div>
                <p>{k.summary}</p>
                <p className="quiet small">{k.unit_name}</p>
              </li>
            ))}
          </ul>
          {it.edits && (
            <form className="brief-add" onSubmit={(e) => { e.preventDefault(); void act('choose', { case: number, summary }); }}>
              <Input value={number} placeholder={t('brief.number')} aria-label={t('brief.number')} onChange={(e) => setNumber(e.target.value)} />
              <Input value={summary} placeholder={t('brief.summary')} aria-label={t('brief.summary')} maxLength={1000} onChange={(e) => setSummary(e.target.value)} />
              <Button htmlType="submit" disabled={!number.trim()}>{t('brief.choose')}</Button>
            </form>
          )}
        </section>
      </div>
    </div>
  );
}
