import { beforeEach, expect, test } from 'vitest';
import { savedFilters, saveFilter } from './filters';

const store = new Map<string, string>();
beforeEach(() => {
  store.clear();
  globalThis.localStorage = {
    getItem: (k: string) => store.get(k) ?? null, setItem: (k: string, v: string) => void store.set(k, v),
  } as Storage;
});

test('filters are kept under a name, replaced by the same name, and each person has their own', () => {
  saveFilter('fenbo', { name: '香蜜湖超期', query: 'area=440304006&late=true' });
  saveFilter('fenbo', { name: '今天到期', query: 'due_within=24' });
  saveFilter('fenbo', { name: '香蜜湖超期', query: 'area=440304006' });
  expect(savedFilters('fenbo')).toEqual([{ name: '今天到期', query: 'due_within=24' }, { name: '香蜜湖超期', query: 'area=440304006' }]);
  expect(savedFilters('duban')).toEqual([]);
  expect(saveFilter('fenbo', { name: '今天到期', query: '' })).toHaveLength(1);
});

test('what is damaged is no filter', () => {
  store.set('filters:fenbo', '{"name":1}');
  expect(savedFilters('fenbo')).toEqual([]);
  store.set('filters:fenbo', 'x');
  expect(savedFilters('fenbo')).toEqual([]);
});
