import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useDeferredValue, useMemo, useState } from 'react';
import { api, read } from '../api/client';
import { useAreas, useUnits } from '../api/queries';
import { t } from '../text';

export interface PickerProps {
  id?: string;
  value?: string;
  onChange?: (v: string | undefined) => void;
  label?: string;
  disabled?: boolean;
  allowClear?: boolean;
  placeholder?: string;
}

const search = { optionFilterProp: 'text' };

/** Chooses a unit by name, short name or code. */
export function UnitPicker({ label, ...p }: PickerProps) {
  const { data, isLoading } = useUnits();
  const options = useMemo(
    () => data?.filter((u) => u.active !== false).map((u) => ({
      value: u.code, label: u.name, text: `${u.name} ${u.short} ${u.code}`,
    })),
    [data],
  );
  return (
    <Select
      {...p} aria-label={label} showSearch={search} options={options} loading={isLoading}
      placeholder={p.placeholder ?? t('pick.unit')} popupMatchSelectWidth={false}
    />
  );
}

/** Chooses one of the colleagues of a unit. */
export function StaffPicker({ label, unit, ...p }: PickerProps & { unit: string }) {
  const { data, isLoading } = useQuery({
    queryKey: ['unit-staff', unit],
    queryFn: async () => (await read(api.GET('/api/units/{code}/staff', { params: { path: { code: unit } } }))).items,
    enabled: unit !== '',
    staleTime: 60_000,
  });
  const options = data?.filter((s) => s.active !== false).map((s) => ({ value: s.id, label: s.name, text: `${s.name} ${s.id}` }));
  return (
    <Select
      {...p} aria-label={label} showSearch={search} options={options} loading={isLoading}
      placeholder={p.placeholder ?? t('pick.staff')}
    />
  );
}

/** Matters of the duty list that fit some words, for a case in an area. */
export function useMatters(q: string, area = '', limit = 20) {
  return useQuery({
    queryKey: ['matters', q, area, limit],
    queryFn: async ({ signal }) => (await read(api.GET('/api/matters', { params: { query: { q, area, limit } }, signal }))).items,
    placeholderData: (old) => old,
    staleTime: 60_000,
  });
}

/** Chooses a matter by code, name or keyword. */
export function MatterPicker({ label, ...p }: PickerProps) {
  const [q, setQ] = useState('');
  const { data, isFetching } = useMatters(useDeferredValue(q || (p.value ?? '')));
  const options = data?.map((m) => ({ value: m.code, label: m.name, levels: (m.levels ?? []).join(' › ') }));
  return (
    <Select
      {...p} aria-label={label} showSearch={{ filterOption: false, onSearch: setQ }} loading={isFetching} options={options}
      placeholder={p.placeholder ?? t('pick.matter')} popupMatchSelectWidth={420}
      optionRender={(o) => <div>{o.label}<div className="quiet small">{o.data.levels}</div></div>}
    />
  );
}

/** Chooses a street or community. */
export function AreaPicker({ label, ...p }: PickerProps) {
  const { data, isLoading } = useAreas();
  const options = useMemo(() => {
    const name = new Map(data?.map((a) => [a.code, a.name]));
    return data?.filter((a) => a.level !== 'district').map((a) => {
      const whole = a.level === 'community' ? `${name.get(a.parent) ?? ''} ${a.name}` : a.name;
      return { value: a.code, label: whole, text: `${whole} ${a.code}` };
    });
  }, [data]);
  return (
    <Select
      {...p} aria-label={label} showSearch={search} options={options} loading={isLoading}
      placeholder={p.placeholder ?? t('pick.area')} popupMatchSelectWidth={false}
    />
  );
}
