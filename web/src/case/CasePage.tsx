import { Button } from 'antd';
import { type ReactNode, useState } from 'react';
import { Link, useParams } from 'react-router';
import { useChanges } from '../api/live';
import { useCase, useTitles } from '../api/queries';
import type { Case } from '../api/types';
import { type Key, t } from '../text';
import { Countdown } from '../time/Countdown';
import { useNow } from '../time/tick';
import { ago, exact } from '../time/words';
import { Copy } from '../ui/Copy';
import { Failed, Loading } from '../ui/states';
import { StateTag, UrgencyTag } from '../ui/tags';
import { useTitle } from '../ui/title';
import { Actions } from './Actions';
import { Clocks } from './Clocks';
import { Message } from './Message';
import { Onward } from './Onward';
import { ReadingPanel, Repeats } from './ReadingPanel';
import { Timeline } from './Timeline';
import './case.css';

/** One case: what, where, whose, until when; what happened; what I can do. */
export default function CasePage() {
  const { id } = useParams();
  const { data, error, refetch } = useCase(id);
  const [changed, setChanged] = useState(false);
  useTitle(data ? `${data.number} ${data.title}` : t('case.title'));
  useChanges((list) => {
    // One's own acts come back over the wire too; they are already on the page.
    if (list.some((c) => c.id === id && c.at > (data?.updated_at ?? 0) + 500)) setChanged(true);
  });
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const reload = () => {
    setChanged(false);
    void refetch();
  };
  return (
    <div className="page case-page">
      {changed && (
        <div className="fresh" role="status">
          {t('case.changed')} <Button size="small" onClick={reload}>{t('case.show_change')}</Button>
        </div>
      )}
      <Head it={data} />
      <div className="case-grid">
        <div className="case-main"><Middle it={data} /></div>
        <aside className="case-side"><Side it={data} /></aside>
      </div>
      <p className="print-foot">{t('print.foot', { number: data.number, time: exact(Date.now()) })}</p>
    </div>
  );
}

/** The head of a case. */
export function Head({ it }: { it: Case }) {
  const now = useNow(60_000);
  const { family } = useTitles();
  return (
    <header className="case-head">
      <div className="row wrap">
        <Copy text={it.number} />
        <StateTag row={it} />
        <UrgencyTag code={it.urgency} />
        <span className="quiet small">{family(it.family)}{it.nature && ` · ${it.nature}`} · {it.channel_name}</span>
        <span className="quiet small num" title={exact(it.filed_at)}>
          <span className="no-print">{t('case.filed', { time: ago(it.filed_at, now) })}</span>
          <span className="print-only">{t('case.filed', { time: exact(it.filed_at) })}</span>
        </span>
        <span className="grow" />
        <Button size="small" className="no-print only-wide" onClick={() => print()}>{t('case.print')}</Button>
      </div>
      <h1>{it.title || t('case.untitled')}</h1>
      <dl className="head-facts">
        <Fact name={t('row.matter')}>{it.matter_name}</Fact>
        <Fact name={t('row.area')}>{it.area_name && <>{it.area_name}{it.grid && <span className="quiet num"> {it.grid}</span>}</>}</Fact>
        <Fact name={t('row.unit')}>{it.unit_name && <>{it.unit_name}{it.holder_name && <span className="quiet"> · {it.holder_name}</span>}</>}</Fact>
        <Fact name={t('row.due')}>
          {it.due_at ? <Countdown due={it.due_at} started={it.due_started_at} title={it.due_title} /> : t('clock.none')}
        </Fact>
      </dl>
    </header>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <div><dt>{name}</dt><dd>{children || <span className="quiet">{t('row.unset')}</span>}</dd></div>;
}

function Middle({ it }: { it: Case }) {
  return (
    <>
      <section className="panel card">
        <h2>{t('case.message')}</h2>
        <Message it={it} />
      </section>
      <section className="panel card">
        <h2>{t('case.timeline')}</h2>
        <Timeline id={it.id} entries={it.timeline} files={it.attachments} />
      </section>
    </>
  );
}

function Side({ it }: { it: Case }) {
  return (
    <>
      <section className="panel card no-print">
        <h2>{t('case.actions')}</h2>
        <Actions it={it} />
      </section>
      <section className="panel card">
        <h2>{t('case.clocks')}</h2>
        <Clocks list={it.clocks} />
      </section>
      <Onward it={it} />
      <Links it={it} />
      {it.reading && (
        <details className="panel card no-print">
          <summary><h2>{t('case.reading')}</h2></summary>
          <ReadingPanel reading={it.reading} />
          {it.reading.repeats.length > 0 && <><h3>{t('repeat.title')}</h3><Repeats list={it.reading.repeats} /></>}
        </details>
      )}
      <Sent it={it} />
    </>
  );
}

const linkKinds = new Set(['repeats', 'recurs', 'merged_into', 'part_of', 'gathered_in', 'follows']);

// A kind that ends in "<" is the same link seen from its other end.
const linkKey = (kind: string): Key => {
  const bare = kind.replace(/<$/, '');
  if (!linkKinds.has(bare)) return 'link.other';
  return (bare === kind || bare === 'repeats' ? `link.${bare}` : `link.${bare}_back`) as Key;
};

function Links({ it }: { it: Case }) {
  const links = it.links;
  if (links.length === 0) return null;
  return (
    <section className="panel card">
      <h2>{t('case.links')}</h2>
      <ul className="side-list">
        {links.map((l) => (
          <li key={l.id + l.kind}>
            <span className="tag">{t(linkKey(l.kind))}</span>{' '}
            <Link to={`/cases/${l.id}`}>{l.title || l.number}</Link>
            <div className="quiet small num">{l.number} · {l.state_title}{l.reason && ` · ${l.reason}`}</div>
          </li>
        ))}
      </ul>
    </section>
  );
}

const noticeStates = new Set(['waiting', 'queued', 'sending', 'sent', 'delivered', 'failed', 'unknown', 'bounced', 'unaddressed', 'read']);
const noticeChannels = new Set(['inapp', 'sms', 'mail', 'wechat', 'im']);

function Sent({ it }: { it: Case }) {
  const now = useNow(60_000);
  const notices = it.notices;
  const vouchers = it.vouchers;
  if (notices.length + vouchers.length === 0) return null;
  return (
    <details className="panel card no-print">
      <summary><h2>{t('case.sent', { n: notices.length + vouchers.length })}</h2></summary>
      <ul className="side-list">
        {vouchers.map((v) => (
          <li key={v.id}>
            <b>{v.title || t('case.voucher', { kind: v.kind })}</b>{v.state && v.state !== 'valid' && <> <span className="tag late">{t(`voucher.${v.state}`)}</span></>}
            <div className="quiet small num">{exact(v.issued_at)}{v.valid_until > 0 && ` — ${exact(v.valid_until - 1)}`}</div>
            {v.title && <div className="quiet small num wrap-any">{v.id}</div>}
          </li>
        ))}
        {notices.map((n) => (
          <li key={`${n.template_title}${n.at}${n.to}${n.channel}`}>
            <b>{n.template_title}</b>{' '}
            <span className="quiet small">
              {noticeChannels.has(n.channel) ? t(`channel.${n.channel}` as Key) : n.channel} · {noticeStates.has(n.state) ? t(`notice.${n.state}` as Key) : n.state} · <span title={exact(n.at)}>{ago(n.at, now)}</span>
            </span>
            <div className="small">{n.text}</div>
          </li>
        ))}
      </ul>
    </details>
  );
}
