import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from 'geojson';

export type Outlines = FeatureCollection<Polygon | MultiPolygon, { code: string; name: string }>;

const rings = (f: Feature<Polygon | MultiPolygon>): Position[][] =>
  f.geometry.type === 'Polygon' ? f.geometry.coordinates.slice(0, 1) : f.geometry.coordinates.flatMap((p) => p.slice(0, 1));

/** West, south, east, north of all outlines. */
export function bounds(all: Outlines): [number, number, number, number] | undefined {
  const points = all.features.flatMap((f) => rings(f).flat());
  if (points.length === 0) return undefined;
  let [w, s, e, n] = [180, 90, -180, -90];
  for (const [x = 0, y = 0] of points) {
    w = Math.min(w, x);
    s = Math.min(s, y);
    e = Math.max(e, x);
    n = Math.max(n, y);
  }
  return [w, s, e, n];
}

/** The middle of the largest part, where its name is written. */
export function middle(f: Feature<Polygon | MultiPolygon>): [number, number] | undefined {
  const largest = rings(f).map((r) => ({ r, a: Math.abs(area(r)) })).sort((x, y) => y.a - x.a)[0];
  if (!largest || largest.a === 0) return undefined;
  const { r } = largest;
  let [x, y] = [0, 0];
  for (let i = 0; i + 1 < r.length; i++) {
    const [x0 = 0, y0 = 0] = r[i] ?? [];
    const [x1 = 0, y1 = 0] = r[i + 1] ?? [];
    const cross = x0 * y1 - x1 * y0;
    x += (x0 + x1) * cross;
    y += (y0 + y1) * cross;
  }
  const six = 6 * area(r);
  return [x / six, y / six];
}

function area(r: Position[]): number {
  let a = 0;
  for (let i = 0; i + 1 < r.length; i++) {
    const [x0 = 0, y0 = 0] = r[i] ?? [];
    const [x1 = 0, y1 = 0] = r[i + 1] ?? [];
    a += x0 * y1 - x1 * y0;
  }
  return a / 2;
}
