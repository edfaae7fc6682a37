import { Actions } from '../case/Actions';
import { Message } from '../case/Message';
import { Timeline } from '../case/Timeline';
import '../case/case.css';
import { t } from '../text';
import { LaneDesk } from './LaneDesk';

/** The ruling desk: who disputes a case and why, beside what is asked and what the duty list says. */
export default function RulingDesk() {
  return (
    <LaneDesk title={t('desk.rule')} lane="rule" empty={t('rule.empty')}>
      {(it, done) => (
        <>
          <div className="beside">
            <div>
              <section className="panel card"><h2>{t('audit.asked')}</h2><Message it={it} /></section>
              <section className="panel card decide">
                <h2>{t('rule.decide')}</h2>
                <p className="quiet small">{t('rule.binds')}</p>
                <Actions it={it} only={(c) => ['rule', 'escalate_ruling', 'consult', 'note'].includes(c.code)} onDone={(after) => after.lane !== 'rule' && done()} />
              </section>
            </div>
            <section className="panel card"><h2>{t('rule.so_far')}</h2><Timeline id={it.id} entries={it.timeline} files={it.attachments} /></section>
          </div>
        </>
      )}
    </LaneDesk>
  );
}
