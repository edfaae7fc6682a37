import { Button, Input, Popover, Select } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { naturesOf, useAreas, useDeclarations, useTitles, useUnits } from '../api/queries';
import { AreaPicker, MatterPicker, UnitPicker, useMatters } from '../field/pickers';
import { type Key, t } from '../text';
import type { Filters } from '../ui/rows';
import './search.css';

interface Props {
  filters: Filters;
  set: (patch: Filters) => void;
  clear: () => void;
}

/** The search field, the filters that hold as chips, and a panel to add more. */
export function FilterBar({ filters, set, clear }: Props) {
  const [q, setQ] = useState(filters.q ?? '');
  useEffect(() => setQ(filters.q ?? ''), [filters.q]);
  const chips = useChips(filters);
  return (
    <div className="filter-bar">
      <Input.Search
        value={q} onChange={(e) => setQ(e.target.value)} onSearch={(v) => set({ q: v.trim() })} allowClear size="large"
        placeholder={t('search.placeholder')} aria-label={t('search.placeholder')} enterButton={t('search.go')}
      />
      <div className="row wrap chips">
        {chips.map((c) => (
          <button key={c.key} type="button" className="bare chip" aria-label={t('search.drop', { name: c.text })} onClick={() => set(c.key === 'did' ? { did: '', day: '', day_to: '' } : { [c.key]: '' })}>
            {c.text} <span aria-hidden>×</span>
          </button>
        ))}
        <Popover trigger="click" placement="bottomLeft" content={<Choices filters={filters} set={set} />}>
          <Button size="small">{t('search.add')}</Button>
        </Popover>
        {chips.length > 1 && <Button size="small" type="text" onClick={clear}>{t('search.clear')}</Button>}
      </div>
    </div>
  );
}

function useChips(f: Filters): { key: string; text: string }[] {
  const { data } = useDeclarations();
  const units = useUnits().data;
  const areas = useAreas().data;
  const titles = useTitles();
  const matter = useMatters(f.matter ?? '', '', 1).data?.find((m) => m.code === f.matter);
  const name: Record<string, (v: string) => string> = {
    q: (v) => t('chip.q', { v }),
    lane: titles.lane,
    state: titles.state,
    urgency: (v) => t('chip.urgency', { v: titles.urgency(v) }),
    family: titles.family,
    unit: (v) => units?.find((u) => u.code === v)?.name ?? v,
    area: (v) => areas?.find((a) => a.code === v)?.name ?? v,
    matter: (v) => matter?.name ?? v,
    channel: (v) => data?.channels.find((c) => c.code === v)?.name ?? v,
    late: () => t('chip.late'),
    holder: (v) => (v === 'me' ? t('chip.mine') : v),
    from: (v) => t('chip.from', { v: day(v) }),
    to: (v) => t('chip.to', { v: day(v) }),
    due_to: (v) => t('chip.due_to', { v: day(v) }),
    did: (v) => t('chip.did', { v: measured(v), day: f.day_to && f.day_to !== f.day ? `${f.day ?? ''}—${f.day_to}` : f.day ?? '' }),
  };
  return Object.entries(f).filter(([k]) => k !== 'sort' && k !== 'limit' && !((k === 'day' || k === 'day_to') && f.did)).map(([key, v]) => ({ key, text: name[key]?.(v) ?? `${key} ${v}` }));
}

// What figures count; a figure's link names one of them and its day.
const measures = new Set(['received', 'auto_dispatched', 'auto_wrong', 'dispatched', 'answered', 'closed', 'returned', 'reworked', 'rated', 'satisfied']);

const alsoMeasured = new Set(['ended', 'pending', 'overdue', 'respond_late', 'asked', 'missent', 'responded']);

const measured = (v: string) =>
  measures.has(v) ? t((v === 'satisfied' ? 'screen.satisfied_count' : `screen.${v}`) as Key) : alsoMeasured.has(v) ? t(`measure.${v}` as Key) : v;

// Days of a filter are written as days; figures of the screen write milliseconds.
const day = (v: string) => (/^\d{10,}$/.test(v) ? new Date(Number(v) + 8 * 3600_000).toISOString().slice(0, 10) : v);

function Choices({ filters, set }: { filters: Filters; set: (patch: Filters) => void }) {
  const { data } = useDeclarations();
  const put = (key: string) => (v: string | undefined) => set({ [key]: v ?? '' });
  const select = (key: string, label: string, options: { value: string; label: string }[]) => (
    <Line label={label}>
      <Select value={filters[key]} onChange={put(key)} options={options} allowClear aria-label={label} placeholder={t('search.any')} showSearch={{ optionFilterProp: 'label' }} />
    </Line>
  );
  return (
    <div className="choices">
      {select('lane', t('column.state'), (data?.lanes ?? []).map((l) => ({ value: l.code, label: l.title })))}
      <Line label={t('row.unit')}><UnitPicker value={filters.unit} onChange={put('unit')} label={t('row.unit')} allowClear placeholder={t('search.any')} /></Line>
      <Line label={t('row.area')}><AreaPicker value={filters.area} onChange={put('area')} label={t('row.area')} allowClear placeholder={t('search.any')} /></Line>
      <Line label={t('row.matter')}><MatterPicker value={filters.matter} onChange={put('matter')} label={t('row.matter')} allowClear placeholder={t('search.any')} /></Line>
      {select('channel', t('column.channel'), (data?.channels ?? []).map((c) => ({ value: c.code, label: c.name })))}
      {select('nature', t('row.nature'), naturesOf(data).map((n) => ({ value: n, label: n })))}
      {select('urgency', t('row.urgency'), (data?.urgencies ?? []).map((u) => ({ value: u.code, label: u.title })))}
      <Line label={t('search.filed')}>
        <span className="row">
          <Input type="date" value={filters.from && day(filters.from)} onChange={(e) => put('from')(e.target.value)} aria-label={t('search.from')} />
          <Input type="date" value={filters.to && day(filters.to)} onChange={(e) => put('to')(e.target.value)} aria-label={t('search.to')} />
        </span>
      </Line>
      <div className="row">
        <Button size="small" type={filters.late ? 'primary' : 'default'} onClick={() => set({ late: filters.late ? '' : '1' })}>{t('chip.late')}</Button>
        <Button size="small" type={filters.holder ? 'primary' : 'default'} onClick={() => set({ holder: filters.holder ? '' : 'me' })}>{t('chip.mine')}</Button>
      </div>
    </div>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return <div className="choice-line"><span>{label}</span>{children}</div>;
}
