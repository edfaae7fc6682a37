import { expect, it } from 'vitest';
import { laneOrder } from './order';

it('keeps the lanes of every unit in their place, and adds those that hold something', () => {
  expect(laneOrder([{ key: 'wait', count: 2, late: 0 }, { key: 'handle', count: 5, late: 1 }, { key: 'audit', count: 0, late: 0 }]))
    .toEqual([
      { key: 'sign', count: 0, late: 0 },
      { key: 'contact', count: 0, late: 0 },
      { key: 'handle', count: 5, late: 1 },
      { key: 'approve', count: 0, late: 0 },
      { key: 'wait', count: 2, late: 0 },
    ]);
});

it('shows a lane that only this city knows, but not the dispatch desk’s', () => {
  expect(laneOrder([{ key: 'hearing', count: 1, late: 0 }, { key: 'dispatch', count: 9, late: 0 }]).map((l) => l.key))
    .toEqual(['sign', 'contact', 'handle', 'approve', 'hearing']);
});
