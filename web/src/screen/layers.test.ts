import { expect, it } from 'vitest';
import { legend, steps } from './layers';

it('cuts the figures into steps that differ', () => {
  expect(steps([0, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 2])).toEqual([0.3, 0.5, 0.7, 2]);
  expect(steps([0.2, 0.2, 0.2])).toEqual([0.2]);
  expect(steps([])).toEqual([]);
});

it('has one colour more than steps, and one for nothing', () => {
  expect(legend('light', [0.3, 0.5])).toHaveLength(4);
});
