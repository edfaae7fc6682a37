// A small city in memory, so that pages can be built and looked at without a
// server. It is no second server: it checks nothing and forgets everything.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Area, Case, Choice, Clock, Declarations, Entry, Family, Matter, Reading, Unit } from '../src/api/types';

const pack = join(import.meta.dirname, '../../city/demo');
const yaml = (name: string) => parse(readFileSync(join(pack, name), 'utf8'));

interface RawAction extends Omit<Choice, 'open' | 'clock'> { from?: string[]; to?: string; who: string[]; citizen?: string }
export interface RawLifecycle { code: string; states: Declarations['lifecycles'][0]['states']; actions: RawAction[] }

export const lifecycles: Record<string, RawLifecycle> = { appeal: yaml('lifecycle/appeal.yaml'), permit: yaml('lifecycle/permit.yaml') };
const clockSets = ['10-30-24', 'appeal', 'permit'].map((n) => yaml(`clock/${n}.yaml`));
export const families: Family[] = ['appeal', 'street-stall'].map((n) => yaml(`family/${n}.yaml`));
const roleDecls: { code: string; title: string; desks: string[]; reveals?: boolean; exports?: boolean; admin?: boolean }[] = yaml('org/roles.yaml').roles;
export const roles = new Map(roleDecls.map((r) => [r.code, r]));

const lanes = { dispatch: '待分拨', sign: '待签收', contact: '待联系', handle: '办理中', approve: '待审批', wait: '待补正', return: '退单', audit: '待审核', callback: '待回访', done: '已办结' };

export const declarations: Declarations = {
  version: 'mock-1',
  families,
  lifecycles: Object.values(lifecycles) as Declarations['lifecycles'],
  clocks: clockSets.flatMap((s) => s.clocks.map((c: { code: string; title: string; of: string; basis: string }) => ({ ...c, rule_set: s.rule_set, to_confirm: s.to_confirm }))),
  channels: [{ code: 'phone', name: '12345热线', kind: 'phone' }, { code: 'wechat', name: '微信公众号', kind: 'web' }, { code: 'counter', name: '来访窗口', kind: 'counter' }, { code: 'wenzheng', name: '网络问政', kind: 'web' }, { code: 'grid', name: '网格上报', kind: 'staff' }],
  roles: roleDecls.map((r) => ({ code: r.code, title: r.title })),
  urgencies: [{ code: 'none', title: '一般' }, { code: 'soon', title: '较急' }, { code: 'urgent', title: '紧急' }],
  lanes: Object.entries(lanes).map(([code, title]) => ({ code, title })),
};

const streets = ['园岭', '南园', '福田', '沙头', '梅林', '华富', '香蜜湖', '莲花', '华强北', '福保'];
export const areas: Area[] = [
  { code: '440304', name: '示范区', level: 'district', parent: '', residents: 1550000 },
  ...streets.map((name, i): Area => ({ code: `44030400${i}`, name: `${name}街道`, level: 'street', parent: '440304', residents: 120000 + i * 9000 })),
  ...streets.flatMap((name, i) => [1, 2, 3].map((n): Area => ({ code: `44030400${i}00${n}`, name: `${name}${n}社区`, level: 'community', parent: `44030400${i}`, residents: 12000 + n * 2500 }))),
];

export const units: Unit[] = [
  unit('centre', '区民意速办分拨中心', 'centre'), unit('chengguan', '区城市管理和综合执法局', 'department', 'urban_management'),
  unit('zhujian', '区住房和建设局', 'department'), unit('shuiwu', '区水务局', 'department'), unit('jiaojing', '区交通警察大队', 'department'),
  unit('huanbao', '区生态环境保护管理局（噪声与扬尘污染防治工作专班、油烟治理办公室合署）', 'department'),
  ...streets.map((s, i) => ({ ...unit(`jd${i}`, `${s}街道办事处`, 'street'), area: `44030400${i}` })),
];

function unit(code: string, name: string, kind: string, fn = ''): Unit {
  return { code, name, short: name.replace('区', ''), kind, parent: code === 'centre' ? '' : 'centre', area: '', function: fn, active: true };
}

const topics: { m: Omit<Matter, 'unit_name'>; title: string; text: string; words: string[] }[] = [
  topic('030503', '建筑施工噪声', ['环境保护', '噪声污染'], 'huanbao', '夜间施工噪声扰民', '楼下的工地连续三天夜里十二点以后还在浇筑混凝土，噪声很大，孩子第二天要上学，根本睡不着。打过物业电话没有用，希望尽快来人查处。', ['工地', '夜里', '噪声', '浇筑混凝土']),
  topic('020108', '路面坑洼破损', ['城市管理', '市政设施'], 'chengguan', '人行道地砖塌陷', '小区东门外的人行道塌了一大块，老人昨天绊倒过一次，下雨就积水看不见坑，请赶快修。', ['人行道', '塌', '坑']),
  topic('020311', '占道经营', ['城市管理', '市容环境'], 'jd4', '流动摊贩占道', '地铁口每天傍晚都有七八个烧烤摊，把盲道全占了，油烟熏得楼上开不了窗。', ['烧烤摊', '盲道', '油烟']),
  topic('060204', '供水水压不足', ['公共服务', '供水'], 'shuiwu', '高层住户停水', '我们这栋楼二十层以上从今天早上六点开始没有水，没有任何通知，请问什么时候恢复。', ['没有水', '二十层']),
  topic('070105', '机动车违法停放', ['交通管理', '停车'], 'jiaojing', '消防通道停车', '消防通道被两辆货车堵死了，已经一个星期，出了火情消防车根本进不来。', ['消防通道', '货车']),
];

function topic(code: string, name: string, levels: string[], u: string, title: string, text: string, words: string[]) {
  return { m: { code, name, levels, description: `${name}方面的诉求。`, fast: code === '060204', night: false, by: 'function', unit: u, backstop: 'chengguan' }, title, text, words };
}

const unitName = (c: string) => units.find((u) => u.code === c)?.name ?? '';
export const matters: Matter[] = topics.map((x) => ({ ...x.m, unit_name: unitName(x.m.unit ?? '') }));

let seed = 7;
export const random = () => ((seed = (seed * 16807) % 2147483647) / 2147483647);
const pick = <T>(l: readonly T[]): T => l[Math.floor(random() * l.length)] as T;

export const cases = new Map<string, Case>();
let serial = 1000;

const minute = 60_000;
const limits: Record<string, [string, string, number]> = {
  dispatch: ['dispatch', '分拨', 120], sign: ['sign', '10分钟签收', 10], contact: ['contact', '30分钟联系', 30],
  handle: ['handle', '办理', 4 * 1440], approve: ['handle', '办理', 4 * 1440], return: ['return', '退单审核', 120], audit: ['audit', '答复审核', 1440], callback: ['callback', '回访', 7 * 1440],
};

/** Makes a case in a state; age in minutes. */
export function make(family: string, state: string, age: number, long = false): Case {
  const lc = lifecycles[family === 'appeal' ? 'appeal' : 'permit'] as RawLifecycle;
  const s = lc.states.find((x) => x.code === state) ?? lc.states[0];
  const tp = pick(topics);
  const area = pick(areas.filter((a) => a.level === 'community'));
  const now = Date.now();
  const filed = now - age * minute;
  const permit = family !== 'appeal';
  const n = serial++;
  const sent = s?.lane !== 'dispatch';
  const u = permit ? 'jd4' : (tp.m.unit ?? '');
  const text = long ? tp.text.repeat(40).slice(0, 3000) : tp.text;
  const c: Case = {
    id: `01K${String(n).padStart(23, '0')}`, number: `SF20260310${n}`, family, matter: permit ? family : sent ? tp.m.code : '', matter_name: permit ? '临时占用街道设摊许可' : sent ? tp.m.name : '',
    state, state_title: '', lane: '', title: permit ? '水果摊设摊申请' : tp.title, channel: 'phone', channel_name: pick(declarations.channels).name,
    nature: permit ? '申请' : pick(['投诉', '求助', '投诉', '咨询', '建议']), urgency: n % 9 === 0 ? 'urgent' : 'none', area: area.code, area_name: `${areas.find((a) => a.code === area.parent)?.name ?? ''} ${area.name}`,
    grid: `${area.code}0${n % 8}`, unit: sent ? u : '', unit_name: sent ? unitName(u) : '', holder: '', holder_name: '', filed_at: filed, updated_at: filed,
    due_at: 0, due_clock: '', due_title: '', due_started_at: 0, late: false, rating: 0, repeats: n % 4 === 0 ? 2 : 0, claimed_by: n % 13 === 0 ? 'x' : '', claimed_name: n % 13 === 0 ? '陈敏' : '',
    lng: 114.0 + random() * 0.1, lat: 22.52 + random() * 0.06, version: 1,
    fields: permit ? { name: '李*', phone: '138****2211', address: '梅林路口', goods: 'fruit', from: '2026-03-20', days: '30' } : { name: '王**', phone: '139****0808', address: '新洲九街**号' },
    text: permit ? '' : text, original_masked: true, clocks: [], timeline: [], actions: [], links: [], attachments: [], reading: permit ? null : reading(tp, area), notices: [{ to: 'appellant', channel: '短信', template_title: '已收到', text: '我们收到了您反映的问题，编号和查询码见回执。', state: 'delivered', at: filed }], vouchers: [],
  };
  log(c, 'file', '反映', 'citizen', {}, filed);
  if (sent && !permit) log(c, 'dispatch', '分拨', 'machine', { 事项: tp.m.name, 责任单位: c.unit_name }, filed + minute);
  if (['audit', 'callback', 'closed'].includes(state)) log(c, 'resolve', '办结', 'staff', { 办理结果: '已解决', 给反映人的答复: '3月10日上午，我单位会同街道执法队到现场核查，情况属实。已责令施工单位停止夜间作业，并立案处理。今后如再发现，可随时拨打12345，我们将在30分钟内到场。' }, filed + 30 * minute);
  enter(c, state, now);
  cases.set(c.id, c);
  return c;
}

/** Moves a case to a state and starts that state's clock. */
export function enter(c: Case, state: string, at: number) {
  const lc = lifecycles[c.family === 'appeal' ? 'appeal' : 'permit'] as RawLifecycle;
  const s = lc.states.find((x) => x.code === state);
  if (!s) return;
  const l = limits[s.lane];
  const started = at - (l ? random() * l[2] * 1.15 * minute : 0);
  Object.assign(c, { state, state_title: s.title, lane: s.lane, updated_at: at, version: c.version + 1 });
  if (l && !s.closed) {
    Object.assign(c, { due_clock: l[0], due_title: l[1], due_started_at: started, due_at: started + l[2] * minute });
    const k: Clock = { code: l[0], title: l[1], of: 'unit', round: 1, started_at: started, due_at: c.due_at, state: 'running', breached: c.due_at < at, warned: 0, limit: `${l[2]}m`, mode: 'natural', basis: l[1], to_confirm: l[0] === 'sign' ? clockSets[0].to_confirm : '' };
    c.clocks = [k, ...(c.clocks ?? []).map((x) => ({ ...x, state: 'stopped' }))];
  } else Object.assign(c, { due_at: 0, due_started_at: 0 });
  c.late = c.due_at > 0 && c.due_at < at;
  c.actions = lc.actions.filter((a) => a.from && (a.from.includes(state) || (a.from.includes('*') && !s.closed)) && !a.who.every((w) => w === 'appellant'))
    .map((a): Choice => ({ ...a, open: a.code !== 'extend' || !c.late, refuse: (a as { refuse?: string }).refuse, clock: a.main ? [{ code: 'x', title: c.due_title, op: 'stop' }] : [] }));
}

/** Writes an entry into the timeline. */
export function log(c: Case, kind: string, title: string, who: Entry['actor_kind'], input: Record<string, string>, at: number) {
  const staff = who === 'staff';
  c.timeline = [...(c.timeline ?? []), {
    n: (c.timeline?.length ?? 0) + 1, kind, title, at, actor_kind: who, actor: who, actor_name: staff ? '赵磊' : '', unit: staff ? c.unit : '', unit_name: staff ? c.unit_name : '', from: '', to: kind === 'resolve' ? 'audit' : '', to_title: '',
    input: Object.entries(input).map(([k, value]) => ({ code: k === '给反映人的答复' ? 'answer' : k, title: k, value })), citizen: '', clocks: kind === 'dispatch' ? [{ code: 'sign', title: '10分钟签收', op: 'start' }] : [], seq: null,
  }];
}

function reading(tp: (typeof topics)[0], area: Area): Reading {
  const others = topics.filter((x) => x !== tp).slice(0, 2);
  const at = (w: string) => tp.text.indexOf(w);
  return {
    model: '朴素贝叶斯-2026-03-01', nature: '投诉', urgency: 'none', sure: false, threshold: 0.82, why_not: '第一条建议的把握 64%，没有达到 82%。',
    place: { area: area.code, area_name: area.name, grid: '', words: '小区东门', score: 0.7 },
    unit: { code: tp.m.unit ?? '', name: unitName(tp.m.unit ?? ''), how: '按职能', clause: `职责清单 ${tp.m.code}` },
    matters: [tp, ...others].map((x, i) => ({
      code: x.m.code, name: x.m.name, levels: x.m.levels, probability: [0.64, 0.21, 0.06][i] ?? 0, clause: `职责清单 ${x.m.code}：${x.m.name}由${unitName(x.m.unit ?? '')}负责`,
      words: i === 0 ? tp.words.map((w, j) => ({ text: w, from: at(w), to: at(w) + w.length, weight: 1 - j * 0.2 })) : [],
      neighbours: [{ id: '01K00000000000000000001001', number: 'SF202603091201', title: `${x.title}（香蜜湖）`, similarity: 0.88 }, { id: '01K00000000000000000001002', number: 'SF202603080077', title: `${x.title}，多次反映没有人管`, similarity: 0.71 }],
    })),
    repeats: random() < 0.4 ? [{ id: '01K00000000000000000001003', number: 'SF202603101003', title: tp.title, score: 0.83, reason: '同一地点，文字相似，相隔 3 小时', filed_at: Date.now() - 3 * 3600_000, state_title: '办理中', unit_name: unitName(tp.m.unit ?? '') }] : [],
  };
}

const many: [string, number][] = [['received', 37], ['dispatched', 9], ['signed', 6], ['handling', 44], ['returning', 4], ['approval', 3], ['audit', 12], ['callback', 15], ['closed', 30]];
for (const [state, n] of many) for (let i = 0; i < n; i++) make('appeal', state, 5 + random() * 200, state === 'received' && i === 3);
for (const state of ['applied', 'applied', 'accepted', 'granted', 'issued']) make('street-stall', state, 600 + random() * 3000);
