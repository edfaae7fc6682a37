import { Button } from 'antd';
import { useSearchParams } from 'react-router';
import { useTitles } from '../api/queries';
import { useSession } from '../app/session';
import { t } from '../text';
import { CaseList } from '../ui/CaseList';
import { News } from '../ui/News';
import { RowActions, useExpected } from '../ui/RowActions';
import { useCounts, useFresh, useRows } from '../ui/rows';
import { Several, useTicks } from '../ui/Several';
import { Empty, Failed, Loading } from '../ui/states';
import { useTitle } from '../ui/title';
import { AlertSwitch } from './AlertSwitch';
import { Lanes } from './Lanes';
import { laneOrder } from './order';

/** The unit's inbox: lanes by what to do next, the nearest clock first. */
export default function Inbox() {
  useTitle(t('desk.inbox'));
  const session = useSession();
  const [params, setParams] = useSearchParams();
  const mine = params.get('holder') === 'me';
  const base: Record<string, string> = mine ? { holder: 'me' } : {};
  const counts = useCounts(base);
  const lanes = laneOrder(counts.data ?? []);
  const lane = params.get('lane') ?? lanes.find((l) => l.count > 0)?.key ?? 'sign';
  const list = useRows({ ...base, lane, sort: 'due' });
  const { news, show } = useFresh(list.rows, (c) => c.lane === lane);
  const ticks = useTicks(list.rows);
  const expected = useExpected(list.rows);
  const set = (patch: Record<string, string>) => {
    ticks.clear();
    setParams((p) => {
      for (const [k, v] of Object.entries(patch)) if (v) p.set(k, v); else p.delete(k);
      return p;
    });
  };
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('desk.inbox')} <small className="quiet only-wide">{session.staff.unit_name}</small></h1>
        <span className="grow" />
        <AlertSwitch />
        <Button type={mine ? 'primary' : 'default'} aria-pressed={mine} onClick={() => set({ holder: mine ? '' : 'me' })}>
          {t('inbox.mine')}
        </Button>
      </div>
      <Lanes lanes={lanes} lane={lane} onLane={(l) => set({ lane: l })} />
      <News count={news} show={show} />
      {list.error ? <Failed error={list.error} retry={list.refetch} />
        : list.isPending ? <Loading />
        : list.rows.length === 0 ? <Nothing lane={lane} />
        : (
          <CaseList
            rows={list.rows} own={session.staff.unit} ticked={ticks.ids} onTick={ticks.toggle}
            act={(r) => <RowActions row={r} choices={expected(r)} />}
            more={{ has: list.hasNextPage, busy: list.isFetchingNextPage, load: () => void list.fetchNextPage() }}
          />
        )}
      {ticks.ticked.length === 0 && list.rows.length > 1 && (
        <div className="tick-all"><Button type="text" onClick={ticks.all}>{t('several.all', { n: list.rows.length })}</Button></div>
      )}
      <Several rows={ticks.ticked} onDone={ticks.clear} onClear={ticks.clear} />
    </div>
  );
}

function Nothing({ lane }: { lane: string }) {
  const titles = useTitles();
  return <Empty title={t('inbox.empty', { lane: titles.lane(lane) })}>{t('inbox.empty_hint')}</Empty>;
}
