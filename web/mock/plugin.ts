import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin, PreviewServer, ViteDevServer } from 'vite';
import type { Case, Row } from '../src/api/types';
import { areas, cases, declarations, enter, families, lifecycles, log, make, matters, random, roles, units } from './city.ts';

type Body = Record<string, unknown>;
type Answer = unknown;

let me = '';
const live = new Set<ServerResponse>();
const names: Record<string, string> = { dispatcher: '刘敏', clerk: '赵磊', auditor: '孙悦', caller: '钱芳', supervisor: '吴刚', counter: '周洁', leader: '郑区长', admin: '管理员' };
const home = (role: string) => (role === 'clerk' || role === 'head' ? 'huanbao' : 'centre');

function session() {
  const role = me.split('.')[0] ?? '';
  const r = roles.get(role);
  const u = units.find((x) => x.code === home(role));
  return {
    staff: { id: me, name: names[role] ?? role, unit: u?.code, unit_name: u?.name, roles: [role] }, desks: role === 'admin' ? ['admin', 'cases', 'screen'] : (r?.desks ?? []), reveals: true, exports: true, admin: role === 'admin', demo: true,
    city: { code: '440304', name: '示范区', title: '示范区民意速办', synthetic: true, notice: '本演示数据均为虚构，街道和社区的名称、代码取自公开区划。', centre: 'centre' }, must_change: false,
  };
}

function tell(event: string, data: unknown) {
  for (const r of live) r.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

const changed = (c: Case, kind: string) => tell('change', { seq: 1, id: c.id, number: c.number, kind, to: c.state, lane: c.lane, unit: c.unit, late: c.late, at: Date.now(), title: c.title, area: c.area, grid: c.grid, lng: c.lng, lat: c.lat });

function matching(p: URLSearchParams): Case[] {
  const inbox = session().desks.includes('inbox');
  const l = [...cases.values()].filter((c) => (!p.get('lane') || c.lane === p.get('lane')) && (!p.get('q') || (c.title + c.number + c.text).includes(p.get('q') ?? '')) && (!p.get('late') || c.late)
    && (!p.get('unit') || c.unit === p.get('unit')) && (!p.get('area') || c.area.startsWith(p.get('area') ?? '')) && (!inbox || p.get('q') || c.unit === 'huanbao' || c.family !== 'appeal'));
  return l.sort((a, b) => (p.get('sort') === 'due' ? (a.due_at || 9e15) - (b.due_at || 9e15) : b.filed_at - a.filed_at));
}

const counts = (p: URLSearchParams) => declarations.lanes.map((l) => {
  p.set('lane', l.code);
  const m = matching(p);
  return { key: l.code, count: m.length, late: m.filter((c) => c.late).length };
});

function take(id: string, action: string, input: Body): Case {
  const c = cases.get(id);
  if (!c) throw new Error('404');
  const decl = lifecycles[c.family === 'appeal' ? 'appeal' : 'permit']?.actions.find((a) => a.code === action);
  const shown = Object.fromEntries(Object.entries(input).map(([k, v]) => [decl?.input?.find((f) => f.code === k)?.title ?? k, String(v)]));
  log(c, action, decl?.title ?? action, 'staff', shown, Date.now());
  if (typeof input.matter === 'string') Object.assign(c, { matter: input.matter, matter_name: matters.find((m) => m.code === input.matter)?.name });
  if (typeof input.unit === 'string') Object.assign(c, { unit: input.unit, unit_name: units.find((u) => u.code === input.unit)?.name });
  if (decl?.to) enter(c, decl.to, Date.now());
  changed(c, action);
  return c;
}

const page = (p: URLSearchParams) => {
  const all = matching(p);
  const at = Number(p.get('after') ?? 0);
  const n = Number(p.get('limit') ?? 50);
  return { items: all.slice(at, at + n) as Row[], next: at + n < all.length ? String(at + n) : '', as_of: Date.now() };
};

function queue() {
  const items = [...cases.values()].filter((c) => c.lane === 'dispatch').sort((a, b) => Number(b.urgency === 'urgent') - Number(a.urgency === 'urgent') || a.filed_at - b.filed_at);
  return {
    items: items.map((c) => ({ ...c, suggestion: { matters: c.reading?.matters?.map((m) => ({ code: m.code, name: m.name, probability: m.probability, unit: matters.find((x) => x.code === m.code)?.unit, unit_name: matters.find((x) => x.code === m.code)?.unit_name })) } })),
    total: items.length, as_of: Date.now(), today: { received: 412, auto: 159, auto_returned: 4, queued: items.length },
  };
}

const one = (n: number) => ({ received: 412 + n, auto_dispatched: 159 + n, answered: 366, closed: 340, late_open: 23, due_today: 41, returned: 6, satisfied: 88, rated: 97 });
const square = (x: number, y: number, d: number) => ({ type: 'Polygon', coordinates: [[[x, y], [x + d, y], [x + d, y + d], [x, y + d], [x, y]]] });

function geo(level: string) {
  const list = areas.filter((a) => a.level === (level === 'grid' ? 'community' : level));
  return { type: 'FeatureCollection', features: list.map((a, i) => ({ type: 'Feature', properties: { code: a.code, name: a.name }, geometry: square(114 + (i % 6) * 0.017, 22.52 + Math.floor(i / 6) * 0.014, level === 'district' ? 0.1 : 0.016) })) };
}

const staff = Object.entries(names).map(([r, name]) => ({ id: r, login: r, name, unit: home(r), unit_name: units.find((u) => u.code === home(r))?.name, roles: [r], active: true }));

const routes: [string, RegExp, (m: string[], p: URLSearchParams, b: Body) => Answer][] = [
  ['GET', /^\/session$/, () => (me ? session() : 401)],
  ['POST', /^\/session$/, (_, __, b) => ((me = String(b.login)), session())],
  ['DELETE', /^\/session$/, () => ((me = ''), {})],
  ['GET', /^\/setup$/, () => ({ needed: false })],
  ['GET', /^\/demo$/, () => ({ accounts: Object.entries(names).map(([r, name]) => ({ login: r, name, role: r, role_title: roles.get(r)?.title, unit_name: units.find((u) => u.code === home(r))?.name, password: 'demo' })) })],
  ['GET', /^\/declarations$/, () => declarations],
  ['GET', /^\/matters$/, (_, p) => ({ items: matters.filter((m) => (m.name + m.code + (m.levels ?? []).join('')).includes(p.get('q') ?? '')) })],
  ['GET', /^\/units$/, () => ({ items: units })],
  ['GET', /^\/units\/\w+\/staff$/, () => ({ items: staff })],
  ['GET', /^\/areas$/, () => ({ items: areas })],
  ['GET', /^\/areas\/(\w+)\.geojson$/, (m) => geo(m[1] ?? '')],
  ['GET', /^\/cases$/, (_, p) => page(p)],
  ['GET', /^\/cases\/counts$/, (_, p) => ({ as_of: Date.now(), items: counts(p) })],
  ['POST', /^\/cases$/, (_, __, b) => { const c = make(String(b.family ?? families[0]?.code), b.family === 'appeal' ? 'received' : 'applied', 0); return { id: c.id, number: c.number, query_code: '7KX3-9QWM' }; }],
  ['GET', /^\/cases\/(\w+)$/, (m) => cases.get(m[1] ?? '') ?? 404],
  ['POST', /^\/cases\/(\w+)\/actions\/(\w+)$/, (m, _, b) => ({ case: take(m[1] ?? '', m[2] ?? '', b.input as Body) })],
  ['POST', /^\/actions\/(\w+)$/, (m, _, b) => ({ done: (b.ids as string[]).map((id) => take(id, m[1] ?? '', b.input as Body).id), failed: [] })],
  ['POST', /^\/cases\/(\w+)\/reveal$/, () => ({ fields: { name: '王建国', phone: '13900000808', address: '新洲九街12号' }, text: '' })],
  ['POST', /^\/attachments$/, () => ({ id: `A${Date.now()}`, name: 'x.jpg', type: 'image/jpeg', size: 1 })],
  ['GET', /^\/desk\/queue$/, () => queue()],
  ['POST', /^\/desk\/queue\/\w+\/claim$/, () => ({ until: Date.now() + 300_000 })],
  ['DELETE', /^\/desk\/queue\/\w+\/claim$/, () => ({})],
  ['GET', /^\/figures\/today$/, () => ({ as_of: Date.now(), today: one(0), same_day_last_week: one(-37), filters: { late_open: 'late=1', received: 'from=2026-03-10', returned: 'lane=return' }, hourly: Array.from({ length: 24 }, (_, i) => Math.round(40 * Math.exp(-((i - 10) ** 2) / 18))) })],
  ['GET', /^\/figures\/units$/, () => ({ as_of: Date.now(), items: units.slice(1, 11).map((u, i) => ({ unit: u.code, name: u.name, open: 44 - i * 3, late: i % 4, closed_in_time: 90 - i * 4, closed: 92, on_time_rate: i === 9 ? null : (90 - i * 4) / 92 })) })],
  ['GET', /^\/figures\/grids$/, (_, p) => ({ as_of: Date.now(), items: areas.filter((a) => a.level === (p.get('level') === 'street' ? 'street' : 'community')).map((a) => { const open = Math.round(random() * 30); return { code: a.code, open, late: Math.round(open / 9), residents: a.residents, per_thousand: (open / a.residents) * 1000 }; }) })],
  ['GET', /^\/figures\/live$/, () => ({ items: [...cases.values()].filter((c) => c.lane !== 'done').slice(0, 60) })],
  ['GET', /^\/figures\/topics$/, () => ({ items: matters.map((m, i) => ({ title: `${m.name} · ${areas[i + 1]?.name}`, count: 19 - i * 3, area: areas[i + 1]?.code })) })],
  ['GET', /^\/admin\/staff$/, () => ({ items: staff })],
  ['GET', /^\/admin\/units$/, () => ({ items: units })],
  ['GET', /^\/admin\/keys$/, () => ({ items: [{ id: 'k1', name: '热线平台', created_at: Date.now() - 9e8, last_used_at: Date.now() - 60_000, active: true }] })],
  ['POST', /^\/admin\/keys$/, () => ({ id: 'k2', key: 'yw_live_0000000000000000000000000000' })],
];

async function body(req: IncomingMessage): Promise<Body> {
  let s = '';
  for await (const chunk of req) s += String(chunk);
  try {
    return JSON.parse(s || '{}') as Body;
  } catch {
    return {};
  }
}

async function answer(req: IncomingMessage, res: ServerResponse) {
  const url = new URL(req.url ?? '', 'http://x');
  if (url.pathname === '/live') {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('event: hello\ndata: {"seq":1}\n\n');
    live.add(res);
    req.on('close', () => live.delete(res));
    return;
  }
  const r = routes.find(([m, re]) => m === req.method && re.test(url.pathname));
  const out = r ? r[2](r[1].exec(url.pathname) ?? [], url.searchParams, await body(req)) : 404;
  const status = typeof out === 'number' ? out : 200;
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(typeof out === 'number' ? { status, detail: status === 401 ? '请先登录' : '没有找到' } : out));
}

/** Serves the API from a city in memory while pages are being built. */
export const mock = (): Plugin => ({
  name: 'mock',
  configureServer: attach,
  configurePreviewServer: attach,
});

function attach(server: Pick<ViteDevServer, 'middlewares' | 'httpServer'> | PreviewServer) {
  server.middlewares.use('/api', (req, res) => void answer(req, res));
  const timer = setInterval(() => {
    if (!live.size) return;
    const c = make('appeal', random() < 0.5 ? 'dispatched' : 'received', 0);
    if (c.lane === 'sign') c.unit = 'huanbao';
    changed(c, 'file');
    if (c.lane === 'sign' && me.startsWith('clerk')) tell('alert', { id: c.id, number: c.number, clock: 'sign', due_at: Date.now() + 600_000, unit: c.unit });
  }, 20_000);
  server.httpServer?.on('close', () => clearInterval(timer));
}
