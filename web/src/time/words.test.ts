import { describe, expect, it } from 'vitest';
import { ago, left, midnight, pressure, span, until } from './words';

const at = (s: string) => Date.parse(`${s}+08:00`);
const now = at('2026-03-10T15:00:00');

describe('ago', () => {
  it.each([
    ['2026-03-10T14:59:40', '刚刚'],
    ['2026-03-10T15:00:20', '刚刚'],
    ['2026-03-10T14:48:00', '12 分钟前'],
    ['2026-03-10T09:05:00', '今天 09:05'],
    ['2026-03-09T15:20:00', '昨天 15:20'],
    ['2026-03-09T00:00:00', '昨天 00:00'],
    ['2026-03-01T08:00:00', '3-1 08:00'],
    ['2024-03-01T08:00:00', '2024-03-01'],
  ])('%s is %s', (when, words) => expect(ago(at(when), now)).toBe(words));
});

describe('left', () => {
  it.each([
    ['2026-03-10T15:26:00', '还剩 26 分钟'],
    ['2026-03-10T15:09:05', '还剩 9:05'],
    ['2026-03-10T17:05:00', '还剩 2 小时 5 分钟'],
    ['2026-03-10T13:00:00', '超时 2 小时'],
    ['2026-03-13T16:00:00', '还剩 3 天 1 小时'],
  ])('%s is %s', (due, words) => expect(left(at(due), now)).toBe(words));
});

describe('pressure', () => {
  const start = at('2026-03-10T14:00:00');
  it('is late after the due time', () => expect(pressure(now - 1, start, now)).toBe('late'));
  it('is soon in the last fifth', () => expect(pressure(at('2026-03-10T15:12:00'), start, now)).toBe('soon'));
  it('runs before that', () => expect(pressure(at('2026-03-10T16:00:00'), start, now)).toBe('running'));
});

it('finds midnight in China, whatever the zone of the desk', () => {
  expect(midnight(now)).toBe(at('2026-03-10T00:00:00'));
  expect(midnight(at('2026-03-10T00:30:00'), 1)).toBe(at('2026-03-09T00:00:00'));
});

it('says spans in two units', () => {
  expect(span(30_000)).toBe('不到 1 分钟');
  expect(span(26 * 3600_000)).toBe('1 天 2 小时');
});

describe('until', () => {
  it.each([
    ['2026-12-01T00:00:00', '2026-11-30 24:00:00'],
    ['2026-12-01T00:01:00', '2026-12-01 00:01:00'],
    ['2026-12-01T18:00:00', '2026-12-01 18:00:00'],
  ])('%s is %s', (due, words) => expect(until(at(due))).toBe(words));
});
