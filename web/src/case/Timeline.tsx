import type { Attachment, Entry } from '../api/types';
import { type Key, t } from '../text';
import { Moment } from '../time/Moment';
import { span } from '../time/words';
import { Files } from './Files';
import { Paper } from './Paper';

/** What happened, newest first; people's words and machine's acts told apart. */
export function Timeline({ id, entries, files }: { id: string; entries: Entry[]; files: Attachment[] }) {
  if (entries.length === 0) return <p className="quiet">{t('case.no_timeline')}</p>;
  return (
    <ol className="timeline">
      {runs([...entries].sort((a, b) => b.n - a.n)).map((run) => {
        const [first] = run;
        const items = run.map((e) => <Item key={e.n} id={id} e={e} files={files} />);
        return !first || run.length < fewest ? items : (
          <li key={first.n} className="entry slight machine">
            <details>
              <summary className="quiet">{t('case.clocks_run', { n: run.length })} <Moment at={first.at} className="small" /></summary>
              <ol className="timeline">{items}</ol>
            </details>
          </li>
        );
      })}
    </ol>
  );
}

/** So many warnings one after the other are told in one line, which opens. */
const fewest = 3;

/** Entries in their order, with warnings of clocks that follow each other put together. */
function runs(entries: Entry[]): Entry[][] {
  const out: Entry[][] = [];
  for (const e of entries) {
    const last = out.at(-1);
    if (e.kind === 'clock' && last?.[0]?.kind === 'clock') last.push(e);
    else out.push([e]);
  }
  return out;
}

function Item({ id, e, files }: { id: string; e: Entry; files: Attachment[] }) {
  // A warning is one line.
  if (e.kind === 'clock') {
    return (
      <li className={`entry slight ${e.actor_kind}`}>
        <div className="entry-head">
          <span className="tag machine">{t('case.machine')}</span>
          <span className="entry-clocks"><Clocks e={e} /></span>
          <span className="grow" />
          <Moment at={e.at} className="quiet small" />
        </div>
      </li>
    );
  }
  const machine = e.actor_kind === 'machine';
  const sent = files.filter((f) => e.files.includes(f.id));
  // Attachments come as ids among the words; they are shown as pictures instead.
  const inputs = e.input.filter((i) => i.value && !sent.some((f) => i.value.includes(f.id)));
  return (
    <li className={`entry ${e.actor_kind}`}>
      <div className="entry-head">
        <b>{e.title}</b>
        {e.to_title && e.to !== e.from && <span className="quiet">→ {e.to_title}</span>}
        <span className="grow" />
        <Moment at={e.at} className="quiet" />
      </div>
      <div className="quiet small">
        {machine && <span className="tag machine">{t('case.machine')}</span>}
        {e.actor_kind === 'citizen' && <span className="tag">{t('case.appellant')}</span>}
        {!machine && e.actor_kind !== 'citizen' && <span>{e.actor_name}</span>}
        {e.unit_name && e.actor_kind === 'staff' && <span> · {e.unit_name}</span>}
      </div>
      {inputs.length > 0 && (
        <dl className="entry-input">
          {inputs.map((i) => (
            <div key={i.code}>
              <dt>{i.title}</dt>
              <dd>{i.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {e.erased && <p className="quiet small">{t('case.erased')}</p>}
      {e.paper && <Paper title={e.paper} path={`/api/cases/${id}/papers/${e.n}`} />}
      {sent.length > 0 && e.n > 1 && <Files list={sent} />}
      {e.clocks.length > 0 && <p className="entry-clocks"><Clocks e={e} /></p>}
    </li>
  );
}

/** What an action did to the clocks. */
function Clocks({ e }: { e: Entry }) {
  return e.clocks.map((c) => (
    <span key={c.code + c.op} className={c.late_ms && c.late_ms > 0 ? 'late-word' : ''}>
      {t((`clock.did.${c.op}` in known ? `clock.did.${c.op}` : 'clock.op.change') as Key, { title: c.title })}
      {c.late_ms && c.late_ms > 0 ? t('clock.was_late', { span: span(c.late_ms) }) : ''}
    </span>
  ));
}

const known: Record<string, 1> = {
  'clock.did.start': 1, 'clock.did.stop': 1, 'clock.did.extend': 1, 'clock.did.pause': 1, 'clock.did.resume': 1,
  'clock.did.breach': 1, 'clock.did.warn': 1, 'clock.did.cancel': 1,
};
