import type { Filters } from '../ui/rows';

export const sorts = ['updated', 'filed', 'due'] as const;

/** Reads the filters of an address: the server knows them all, figures link with any of them. */
export function read(params: URLSearchParams): Filters {
  const f: Filters = {};
  for (const [k, v] of params) if (v) f[k] = v;
  return f;
}

/** The columns that can be shown beside number and title. */
export const columns = ['state', 'due', 'unit', 'area', 'matter', 'channel', 'nature', 'filed', 'rating'] as const;

export type Column = (typeof columns)[number];

const usual: Column[] = ['state', 'due', 'unit', 'area', 'matter', 'filed'];

/** The columns chosen on this desk. */
export function chosenColumns(): Column[] {
  try {
    const kept = JSON.parse(localStorage.getItem('columns') ?? 'null') as string[] | null;
    return kept ? columns.filter((c) => kept.includes(c)) : usual;
  } catch {
    return usual;
  }
}

/** A set of filters kept under a name. */
export interface Saved {
  name: string;
  query: string;
}

const most = 12;

/** The filters kept by a person on this desk, the latest last. */
export function savedFilters(login: string): Saved[] {
  try {
    const kept = JSON.parse(localStorage.getItem(`filters:${login}`) ?? '[]') as Saved[];
    return Array.isArray(kept) ? kept.filter((s) => typeof s.name === 'string' && typeof s.query === 'string') : [];
  } catch {
    return [];
  }
}

/** Keeps filters under a name; the same name again replaces, an empty query takes it away. */
export function saveFilter(login: string, s: Saved): Saved[] {
  const list = [...savedFilters(login).filter((x) => x.name !== s.name), ...(s.query ? [s] : [])].slice(-most);
  localStorage.setItem(`filters:${login}`, JSON.stringify(list));
  return list;
}

/** Remembers the columns on this desk. */
export const keepColumns = (c: Column[]) => localStorage.setItem('columns', JSON.stringify(c));
