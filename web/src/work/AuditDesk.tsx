import type { Case } from '../api/types';
import { Actions } from '../case/Actions';
import { Message } from '../case/Message';
import { StandingReply } from '../case/ReplyCheck';
import { Timeline } from '../case/Timeline';
import '../case/case.css';
import { t } from '../text';
import { exact } from '../time/words';
import { answerOf } from './answer';
import { LaneDesk } from './LaneDesk';

/** The audit desk: what was asked beside what was answered. */
export default function AuditDesk() {
  return (
    <LaneDesk title={t('desk.audit')} lane="audit" empty={t('audit.empty')}>
      {(it, done) => <Audit it={it} done={done} />}
    </LaneDesk>
  );
}

function Audit({ it, done }: { it: Case; done: () => void }) {
  return (
    <>
      <div className="beside">
        <section className="panel card"><h2>{t('audit.asked')}</h2><Message it={it} /></section>
        <section className="panel card"><h2>{t('audit.answered')}</h2><Answer it={it} /></section>
      </div>
      <section className="panel card decide">
        <h2>{t('audit.decide')}</h2>
        <p className="quiet small">{t('audit.look_for')}</p>
        <Actions it={it} only={(c) => c.code !== 'correct'} onDone={(after) => after.lane !== 'audit' && done()} />
      </section>
      <details className="panel card decide">
        <summary><h2>{t('case.timeline')}</h2></summary>
        <Timeline id={it.id} entries={it.timeline} files={it.attachments} />
      </details>
    </>
  );
}

/** The words of the unit's last answer. */
export function Answer({ it }: { it: Case }) {
  const e = answerOf(it);
  if (!e) return <p className="quiet">{t('audit.no_answer')}</p>;
  return (
    <>
      <p className="quiet small">{e.unit_name} · {e.actor_name} · <span className="num">{exact(e.at)}</span></p>
      {e.input.filter((i) => i.value).map((i) => (
        <div key={i.code} style={{ marginTop: 8 }}>
          <div className="quiet small">{i.title}</div>
          <p className={i.value.length > 30 ? 'reading' : ''} data-words={i.code === 'answer' ? 'answer' : undefined}>{i.value}</p>
          {i.code === 'answer' && <StandingReply id={it.id} reply={i.value} />}
        </div>
      ))}
    </>
  );
}
