import { expect, it } from 'vitest';
import { after, moved, stable } from './order';

const list = (s: string) => [...s].map((id) => ({ id }));
const ids = (l: { id: string }[]) => l.map((x) => x.id).join('');

it('keeps the order on the screen and appends what is new', () => {
  expect(ids(stable(['b', 'a'], list('abc'), new Set()))).toBe('bac');
});

it('drops what others took and what was just decided', () => {
  expect(ids(stable(['a', 'b', 'c'], list('bcd'), new Set(['c'])))).toBe('bd');
});

it('knows when urgency would reorder the list', () => {
  expect(moved(list('ab'), list('ab'), new Set())).toBe(false);
  expect(moved(list('ab'), list('xab'), new Set())).toBe(true);
  expect(moved(list('ab'), list('xab'), new Set(['x']))).toBe(false);
});

it('opens the next item after a decision', () => {
  expect(after(list('abc'), 'b')).toBe('c');
  expect(after(list('abc'), 'c')).toBe('b');
  expect(after(list('a'), 'a')).toBeUndefined();
});
