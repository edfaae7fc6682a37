import { App, Button, type InputRef, Modal } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import { useCase } from '../api/queries';
import type { Case, Choice, Repeat } from '../api/types';
import { useSession } from '../app/session';
import { ActionForm } from '../case/ActionForm';
import { t } from '../text';
import { useNarrow } from '../ui/narrow';
import { Several, useTicks } from '../ui/Several';
import { Empty, Failed, Loading } from '../ui/states';
import { useTitle } from '../ui/title';
import { useClaim } from './claim';
import { Corner } from './Corner';
import { useKeys } from './keys';
import { QueueList } from './QueueList';
import { type Decision, useDecide, useQueue } from './queue';
import { factsOf } from './ReadAs';
import type { Pick } from './Suggestions';
import { useProposals } from './useProposals';
import { MessagePane, SuggestPane } from './panes';
import './dispatch.css';

/** The dispatch desk: one item after the other, worked by keyboard. */
export default function DispatchDesk() {
  useTitle(t('desk.dispatch'));
  const { staff } = useSession();
  const narrow = useNarrow(900);
  const queue = useQueue();
  const [chosen, open] = useState<string>();
  const current = queue.items.find((x) => x.id === chosen)?.id ?? (narrow ? undefined : queue.items[0]?.id);
  const { last, dispatch, take, takeBack } = useDecide(queue, open);
  const ticks = useTicks(queue.items);
  const step = (by: number) => {
    const i = queue.items.findIndex((x) => x.id === current);
    open(queue.items[Math.max(0, Math.min(queue.items.length - 1, i + by))]?.id);
  };
  // The item after this one is fetched while one reads, so that it is there at once.
  const i = queue.items.findIndex((x) => x.id === current);
  useCase(queue.items[i + 1]?.id);

  if (queue.error && !queue.data) return <Failed error={queue.error} retry={queue.refetch} />;
  if (!queue.data) return <Loading />;
  return (
    <div className={`desk ${narrow && current ? 'one' : ''}`}>
      <section className="desk-queue" aria-label={t('dispatch.queue')}>
        <Corner queue={queue.data} shown={queue.items.length} />
        {queue.mixed && (
          <button type="button" className="bare news" onClick={queue.resort}>{t('dispatch.resort')}</button>
        )}
        {queue.items.length === 0
          ? <Empty title={t('dispatch.empty')}>{t('dispatch.empty_hint')}</Empty>
          : <QueueList items={queue.items} current={current} me={staff.id} ticked={ticks.ids} onTick={ticks.toggle} onOpen={open} />}
        <Several rows={ticks.ticked} onDone={ticks.clear} onClear={ticks.clear} />
      </section>
      {current ? (
        <Item
          key={current} id={current} queue={queue} dispatch={dispatch} take={take} step={step} takeBack={takeBack}
          tick={() => ticks.toggle(current)} back={narrow ? () => open(undefined) : undefined}
        />
      ) : !narrow && <div className="desk-message"><Keys takeBack={takeBack} /></div>}
      <LastLine last={last} takeBack={takeBack} />
    </div>
  );
}

function Keys({ takeBack }: { takeBack: () => void }) {
  useKeys((k) => k === 'Z' && (takeBack(), true));
  return null;
}

interface ItemProps {
  id: string;
  queue: ReturnType<typeof useQueue>;
  dispatch: (it: Case, input: Record<string, unknown>, words: string) => Promise<void>;
  take: (it: Case, action: string, input: Record<string, unknown>, words: string) => Promise<void>;
  step: (by: number) => void;
  takeBack: () => void;
  tick: () => void;
  back?: () => void;
}

function Item({ id, queue, dispatch, take, step, takeBack, tick, back }: ItemProps) {
  const { message } = App.useApp();
  const row = queue.items.find((x) => x.id === id);
  const { data: it, error, refetch } = useCase(id);
  const claim = useClaim(id);
  const [edited, setEdited] = useState<ReturnType<typeof factsOf>>();
  const [unit, setUnit] = useState<string>();
  const [looked, look] = useState(0);
  const [form, setForm] = useState<{ choice: Choice; initial?: Record<string, unknown> }>();
  const search = useRef<InputRef>(null);
  const facts = edited ?? (it ? factsOf(it) : { nature: '', urgency: '', area: '' });
  const list = useProposals(it, row?.suggestion?.matters ?? [], edited?.area);
  const blocked = !it || claim.by === 'other';

  const pick = (p: Pick) => {
    if (!it || blocked) return;
    const to = unit ?? p.unit;
    if (!to) return message.warning(t('dispatch.choose_unit'));
    const input = { matter: p.matter, unit: to, ...Object.fromEntries(Object.entries(facts).filter(([, v]) => v)) };
    void dispatch(it, input, t('dispatch.sent_to', { unit: unit ? t('dispatch.other_unit') : p.unit_name || to }));
  };
  const ask = (c: Choice, initial?: Record<string, unknown>) => {
    if (c.input?.length) setForm({ choice: c, initial });
    else if (it) void take(it, c.code, {}, c.title).catch(() => undefined);
  };
  const choice = (test: (c: Choice) => boolean) => it?.actions?.find((c) => c.open && test(c));
  // One stroke: what the machine proposes needs no form.
  const decide = (r: Repeat | undefined, action: string, words: string) => {
    const c = choice((x) => x.code === action);
    if (!it || blocked || !c || !r) return false;
    void take(it, action, action === 'not_repeat' ? { case: r.number } : { case: r.number, reason: r.reason }, words).catch(() => undefined);
    return true;
  };
  const link = (r?: Repeat) => {
    if (decide(r, r?.action ?? '', t(r?.recurs ? 'repeat.accepted_recurs' : 'repeat.accepted', { number: r?.number ?? '' }))) return;
    const c = choice((x) => x.key === 'M' || x.code === 'link_repeat');
    if (c && !blocked) ask(c);
  };
  const refuse = (r?: Repeat) => decide(r, 'not_repeat', t('repeat.refused', { number: r?.number ?? '' }));
  useKeys((k) => {
    if (k >= '1' && k <= '3') {
      const p = list[Number(k) - 1];
      if (p) pick(p);
      return Boolean(p);
    }
    if (k === 'J' || k === 'ArrowDown') step(1);
    else if (k === 'K' || k === 'ArrowUp') step(-1);
    else if (k === '/') search.current?.focus();
    else if (k === 'Z') takeBack();
    else if (k === 'X') tick();
    else if (k === 'M') link(it?.reading?.repeats?.[0]);
    else if (k === 'N') return refuse(it?.reading?.repeats?.[0]);
    else {
      const c = choice((x) => x.key?.toUpperCase() === k);
      if (!c || blocked) return false;
      ask(c);
    }
    return true;
  });
  if (error) return <div className="desk-message"><Failed error={error} retry={refetch} /></div>;
  return (
    <>
      <MessagePane
        it={it} claim={claim} facts={facts} onFacts={setEdited} weighed={list[looked]?.read} back={back}
        onAsk={ask} blocked={blocked}
      />
      <SuggestPane
        it={it} list={list} facts={facts} looked={looked} onLook={look} onPick={pick} unit={unit} onUnit={setUnit}
        searchRef={search} blocked={blocked} onLink={link} onRefuse={refuse}
      />
      <Modal
        open={Boolean(form)} title={form?.choice.title} footer={null} onCancel={() => setForm(undefined)} destroyOnHidden width={560}
      >
        {form && it && (
          <ActionForm
            about={it} choice={form.choice} initial={form.initial} onCancel={() => setForm(undefined)}
            onSend={async (v) => {
              await take(it, form.choice.code, v, form.choice.title);
              setForm(undefined);
            }}
          />
        )}
      </Modal>
    </>
  );
}

function LastLine({ last, takeBack }: { last?: Decision; takeBack: () => void }) {
  const [seen, setSeen] = useState<Decision>();
  useEffect(() => {
    if (!last || last.state === 'sending' || (last.state === 'sent' && last.back)) return;
    const w = setTimeout(() => setSeen(last), 5000);
    return () => clearTimeout(w);
  }, [last]);
  if (!last || seen === last) return null;
  const words = last.state === 'failed' ? t('dispatch.failed', { number: last.number })
    : last.state === 'back' ? t('dispatch.came_back', { number: last.number })
    : t('dispatch.done', { number: last.number, words: last.words });
  return (
    <div className={`last-line ${last.state}`} role="status">
      <span>{words}</span>
      <Link to={`/cases/${last.id}`}>{t('dispatch.look')}</Link>
      {last.state === 'sent' && last.back && <Button size="small" onClick={takeBack}>{t('dispatch.back')} <kbd>Z</kbd></Button>}
    </div>
  );
}
