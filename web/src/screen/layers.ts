import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl';

export type Shade = 'light' | 'dark';

interface Colours {
  ground: string;
  empty: string;
  ramp: [string, string, string, string, string];
  line: string;
  border: string;
  point: string;
  late: string;
}

const colours: Record<Shade, Colours> = {
  light: {
    ground: '#f7f6f3', empty: '#eeece7', ramp: ['#e4ebf3', '#bfd1e6', '#8fb0d3', '#5585b8', '#1f4e8c'],
    line: '#ffffff', border: '#8b857b', point: '#1f4e8c', late: '#b3261e',
  },
  dark: {
    ground: '#10151c', empty: '#1a212b', ramp: ['#1d2a3a', '#25405f', '#305d8d', '#4583bd', '#79b4e8'],
    line: '#10151c', border: '#5f6f84', point: '#ffd27a', late: '#ff6b5e',
  },
};

/** The steps of the shading, in open cases per thousand residents. */
export function steps(values: number[]): number[] {
  const sorted = values.filter((v) => v > 0).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const out: number[] = [];
  for (const share of [0.25, 0.5, 0.75, 0.92]) {
    const v = Number(at(share).toPrecision(2));
    // Equal steps would paint one value in two colours.
    if (v > (out.at(-1) ?? 0)) out.push(v);
  }
  return out;
}

/** The colour of an area by its figure; nothing open stays empty. */
export function fill(shade: Shade, at: number[]): ExpressionSpecification {
  const c = colours[shade];
  const value: ExpressionSpecification = ['coalesce', ['feature-state', 'value'], 0];
  const stops = at.flatMap((v, i) => [v, c.ramp[i + 1] ?? c.ramp[4]]);
  const graded = ['step', value, c.ramp[0], ...stops] as unknown as ExpressionSpecification;
  return ['case', ['>', value, 0], at.length ? graded : c.ramp[0], c.empty];
}

/** The colours of the legend, from nothing to most. */
export const legend = (shade: Shade, at: number[]) => [colours[shade].empty, ...colours[shade].ramp.slice(0, at.length + 1)];

/** A style without any tiles: the ground, the city's own outlines, the live points. */
export function style(shade: Shade, at: number[]): StyleSpecification {
  const c = colours[shade];
  const nothing = { type: 'geojson' as const, data: { type: 'FeatureCollection' as const, features: [] } };
  const layers: LayerSpecification[] = [
    { id: 'ground', type: 'background', paint: { 'background-color': c.ground } },
    { id: 'areas', type: 'fill', source: 'areas', paint: { 'fill-color': fill(shade, at), 'fill-outline-color': c.line } },
    {
      id: 'looked', type: 'line', source: 'areas',
      paint: { 'line-color': c.border, 'line-width': ['case', ['boolean', ['feature-state', 'looked'], false], 2.5, 0] },
    },
    { id: 'streets', type: 'line', source: 'streets', paint: { 'line-color': c.border, 'line-width': 1.2, 'line-opacity': 0.8 } },
    {
      id: 'recent', type: 'circle', source: 'points', filter: ['!', ['get', 'late']],
      paint: {
        'circle-radius': 4, 'circle-color': c.point, 'circle-opacity': ['get', 'fresh'], 'circle-stroke-width': 1,
        'circle-stroke-color': c.ground, 'circle-stroke-opacity': ['get', 'fresh'],
      },
    },
    {
      id: 'late', type: 'symbol', source: 'points', filter: ['get', 'late'],
      layout: { 'icon-image': 'late', 'icon-allow-overlap': true, 'icon-size': 0.5 },
    },
  ];
  return { version: 8, sources: { areas: { ...nothing, promoteId: 'code' }, streets: nothing, points: nothing }, layers };
}

/** The sign of a late case: a red diamond with a bar, told apart by shape too. */
export function lateSign(shade: Shade): ImageData {
  const size = 36;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const g = canvas.getContext('2d') as CanvasRenderingContext2D;
  g.translate(size / 2, size / 2);
  g.rotate(Math.PI / 4);
  g.fillStyle = colours[shade].late;
  g.strokeStyle = shade === 'dark' ? '#10151c' : '#ffffff';
  g.lineWidth = 2;
  g.fillRect(-11, -11, 22, 22);
  g.strokeRect(-11, -11, 22, 22);
  g.rotate(-Math.PI / 4);
  g.fillStyle = g.strokeStyle;
  g.fillRect(-2, -9, 4, 11);
  g.fillRect(-2, 5, 4, 4);
  return g.getImageData(0, 0, size, size);
}
