import { expect, it } from 'vitest';
import { bounds, middle, type Outlines } from './geo';

const square: Outlines = {
  type: 'FeatureCollection',
  features: [{
    type: 'Feature', properties: { code: '1', name: '甲' },
    geometry: { type: 'Polygon', coordinates: [[[114, 22], [114.2, 22], [114.2, 22.2], [114, 22.2], [114, 22]]] },
  }],
};

it('finds the bounds and the middle of a square', () => {
  expect(bounds(square)).toEqual([114, 22, 114.2, 22.2]);
  const m = square.features[0] && middle(square.features[0]);
  expect(m?.[0]).toBeCloseTo(114.1, 6);
  expect(m?.[1]).toBeCloseTo(22.1, 6);
});

it('has no bounds where there is nothing', () => {
  expect(bounds({ type: 'FeatureCollection', features: [] })).toBeUndefined();
});
