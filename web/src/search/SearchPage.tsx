import { Button, Checkbox, Popover, Select } from 'antd';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { query } from '../api/client';
import { useSession } from '../app/session';
import { t } from '../text';
import { hourMinute } from '../time/words';
import { CaseList } from '../ui/CaseList';
import { useNarrow } from '../ui/narrow';
import { News } from '../ui/News';
import { useFresh, useRows } from '../ui/rows';
import { Several, useTicks } from '../ui/Several';
import { Empty, Failed, Loading } from '../ui/states';
import { useTitle } from '../ui/title';
import { FilterBar } from './FilterBar';
import { SavedFilters } from './Saved';
import { CaseTable } from './CaseTable';
import { chosenColumns, type Column, columns, keepColumns, read, sorts } from './filters';

/** Search over everything one may see: filters as chips, export of exactly what is seen. */
export default function SearchPage() {
  useTitle(t('desk.cases'));
  const session = useSession();
  const narrow = useNarrow(900);
  const [params, setParams] = useSearchParams();
  const [cols, setCols] = useState<Column[]>(chosenColumns);
  const filters = read(params);
  const sort = filters.sort ?? 'updated';
  const list = useRows({ ...filters, sort });
  const ticks = useTicks(list.rows);
  const narrowing = Object.keys(filters).some((k) => k !== 'sort');
  // Only an unfiltered list can tell that a change belongs to it.
  const { news, show } = useFresh(list.rows, () => !narrowing);
  const set = (patch: Record<string, string>) => {
    ticks.clear();
    setParams((p) => {
      for (const [k, v] of Object.entries(patch)) if (v) p.set(k, v); else p.delete(k);
      return p;
    });
  };
  const pick = (c: Column[]) => {
    setCols(c);
    keepColumns(c);
  };
  return (
    <div className="page" style={{ maxWidth: 1440 }}>
      <FilterBar filters={filters} set={set} clear={() => setParams({})} />
      <SavedFilters filters={filters} open={(query) => { ticks.clear(); setParams(new URLSearchParams(query)); }} />
      <div className="row wrap list-tools">
        <span className="quiet small num">
          {[
            list.rows.length > 0 && t(list.hasNextPage ? 'list.first' : 'list.all', { n: list.rows.length }),
            list.asOf > 0 && t('list.as_of', { time: hourMinute(list.asOf) }),
          ].filter(Boolean).join(' · ')}
        </span>
        <span className="grow" />
        <Select
          size="small" value={sort} aria-label={t('list.sort')} onChange={(v) => set({ sort: v })} popupMatchSelectWidth={false}
          options={sorts.map((s) => ({ value: s, label: t(`sort.${s}`) }))}
        />
        {!narrow && (
          <Popover trigger="click" placement="bottomRight" content={(
            <Checkbox.Group
              value={cols} onChange={(v) => pick(columns.filter((c) => v.includes(c)))} className="choice-list"
              options={columns.map((c) => ({ value: c, label: t(`column.${c}`) }))}
            />
          )}>
            <Button size="small">{t('list.columns')}</Button>
          </Popover>
        )}
        {session.exports && (
          <Button size="small" href={`/api/cases.csv${query({ ...filters, sort })}`} download>{t('list.export')}</Button>
        )}
      </div>
      <News count={news} show={show} />
      {list.error ? <Failed error={list.error} retry={list.refetch} />
        : list.isPending ? <Loading />
        : list.rows.length === 0 ? <Empty title={t('list.none')}>{narrowing && t('list.none_hint')}</Empty>
        : narrow ? <CaseList rows={list.rows} />
        : <CaseTable rows={list.rows} columns={cols} ticked={ticks.ids} onTick={ticks.toggle} />}
      {list.hasNextPage && (
        <div className="more">
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('list.more')}</Button>
          {list.rows.length >= 500 && <p className="quiet small">{t('list.too_many')}</p>}
        </div>
      )}
      <Several rows={ticks.ticked} onDone={ticks.clear} onClear={ticks.clear} />
    </div>
  );
}
