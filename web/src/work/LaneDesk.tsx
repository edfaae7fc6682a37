import { Button } from 'antd';
import { type ReactNode, useState } from 'react';
import { useCase } from '../api/queries';
import type { Case } from '../api/types';
import { Head } from '../case/CasePage';
import { t } from '../text';
import { CaseList } from '../ui/CaseList';
import { useNarrow } from '../ui/narrow';
import { News } from '../ui/News';
import { useFresh, useRows } from '../ui/rows';
import { Several, useTicks } from '../ui/Several';
import { Empty, Failed, Loading } from '../ui/states';
import { useTitle } from '../ui/title';
import './lanedesk.css';

interface Props {
  title: string;
  lane: string;
  empty: string;
  /** The work itself: what is read and what is done, for one case. */
  children: (it: Case, done: () => void) => ReactNode;
}

/** A desk that takes the cases of one lane one after the other. */
export function LaneDesk({ title, lane, empty, children }: Props) {
  useTitle(title);
  const narrow = useNarrow(900);
  const list = useRows({ lane, sort: 'due' });
  const { news, show } = useFresh(list.rows, (c) => c.lane === lane);
  const ticks = useTicks(list.rows);
  const [chosen, open] = useState<string>();
  const current = list.rows.find((r) => r.id === chosen)?.id ?? (narrow ? undefined : list.rows[0]?.id);
  const i = list.rows.findIndex((r) => r.id === current);
  useCase(list.rows[i + 1]?.id);
  if (list.error) return <Failed error={list.error} retry={list.refetch} />;
  if (list.isPending) return <Loading />;
  if (list.rows.length === 0) return <><News count={news} show={show} /><Empty title={empty}>{t('work.empty_hint')}</Empty></>;
  const done = () => open(narrow ? undefined : (list.rows[i + 1] ?? list.rows[i - 1])?.id);
  return (
    <div className={`lane-desk ${narrow && current ? 'one' : ''}`}>
      <section className="lane-list" aria-label={title}>
        <header className="corner"><h1>{title}</h1></header>
        <News count={news} show={show} />
        <CaseList
          rows={list.rows} current={current} onOpen={(r) => open(r.id)} ticked={ticks.ids} onTick={ticks.toggle}
          more={{ has: list.hasNextPage, busy: list.isFetchingNextPage, load: () => void list.fetchNextPage() }}
        />
        <Several rows={ticks.ticked} onDone={ticks.clear} onClear={ticks.clear} />
      </section>
      {current && (
        <section className="lane-work">
          {narrow && <Button className="back" onClick={() => open(undefined)}>{t('dispatch.to_list')}</Button>}
          <Work key={current} id={current}>{(it) => children(it, done)}</Work>
        </section>
      )}
    </div>
  );
}

function Work({ id, children }: { id: string; children: (it: Case) => ReactNode }) {
  const { data, error, refetch } = useCase(id);
  if (error) return <Failed error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return <><Head it={data} />{children(data)}</>;
}
