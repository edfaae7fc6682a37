import type { Case } from '../api/types';
import { useSession } from '../app/session';
import { Actions } from '../case/Actions';
import { Message } from '../case/Message';
import '../case/case.css';
import { t } from '../text';
import { dayOf, exact } from '../time/words';
import { Answer } from './AuditDesk';
import { answerOf } from './answer';
import { LaneDesk } from './LaneDesk';

/** The call-back desk: what to say is on the screen, what is heard is ticked beside it. */
export default function CallBackDesk() {
  return (
    <LaneDesk title={t('desk.callback')} lane="callback" empty={t('callback.empty')}>
      {(it, done) => <CallBack it={it} done={done} />}
    </LaneDesk>
  );
}

function CallBack({ it, done }: { it: Case; done: () => void }) {
  return (
    <div className="beside">
      <div style={{ display: 'grid', gap: 16 }}>
        <section className="panel card"><h2>{t('audit.asked')}</h2><Message it={it} /></section>
        <section className="panel card"><h2>{t('callback.script')}</h2><Script it={it} /></section>
      </div>
      <div style={{ display: 'grid', gap: 16 }}>
        <section className="panel card">
          <h2>{t('callback.record')}</h2>
          <Tries it={it} />
          <Actions it={it} eager onDone={(after) => after.lane !== 'callback' && done()} />
        </section>
        <section className="panel card"><h2>{t('audit.answered')}</h2><Answer it={it} /></section>
      </div>
    </div>
  );
}

/** What came of the calls before: at which hour, with which result. */
function Tries({ it }: { it: Case }) {
  const tries = it.timeline.filter((e) => e.kind === 'call_failed');
  if (tries.length === 0) return null;
  return (
    <div style={{ marginBottom: 12 }}>
      <div className="quiet small">{t('callback.tries')}</div>
      <ol className="tries">
        {tries.map((e) => (
          <li key={e.n}><span className="num">{exact(e.at)}</span> {e.input.filter((i) => i.value).map((i) => i.value).join(' · ')}</li>
        ))}
      </ol>
    </div>
  );
}

function Script({ it }: { it: Case }) {
  const { city } = useSession();
  const unit = answerOf(it)?.unit_name || it.unit_name;
  return (
    <ol className="script">
      <li className="do">{t('callback.before')}</li>
      <li>{t('callback.hello', { city: city.title, day: dayOf(it.filed_at), title: it.title || it.matter_name })}</li>
      <li>{t('callback.solved', { unit })}</li>
      <li>{t('callback.level')}</li>
      <li>{t('callback.more')}</li>
      <li className="do">{t('callback.after')}</li>
    </ol>
  );
}
