/** The shapes the server answers with. Times are UTC milliseconds. */

export interface Session {
  staff: { id: string; name: string; unit: string; unit_name: string; roles: string[] };
  desks: string[];
  reveals: boolean;
  exports: boolean;
  admin: boolean;
  demo: boolean;
  city: { code: string; name: string; title: string; synthetic: boolean; notice: string; centre: string };
  must_change: boolean;
}

export interface DemoAccount {
  login: string;
  name: string;
  role: string;
  role_title: string;
  unit_name: string;
  password: string;
}

export interface Option {
  code: string;
  title: string;
  basis?: string;
}

export type FieldType =
  | 'text' | 'longtext' | 'choice' | 'number' | 'date' | 'yes'
  | 'unit' | 'staff' | 'matter' | 'case' | 'rating' | 'files';

/** Something a person is asked for, by a form or by an action. */
export interface Field {
  code: string;
  title: string;
  hint?: string;
  type: FieldType;
  options?: Option[] | null;
  required?: boolean;
  max?: number;
  personal?: boolean;
}

export interface ActionDecl {
  code: string;
  title: string;
  hint?: string;
  key?: string;
  bulk?: boolean;
  main?: boolean;
  input?: Field[] | null;
}

export interface StateDecl {
  code: string;
  title: string;
  lane: string;
  of: string;
  closed?: boolean;
  reserved?: string;
}

export interface Family {
  code: string;
  title: string;
  lifecycle?: string;
  dispatch?: boolean;
  guide?: string;
  natures?: string[] | null;
  fields?: Field[] | null;
  results?: string[] | null;
}

/** All that the pages need to draw themselves; changes only with the city pack. */
export interface Declarations {
  version: string;
  families: Family[];
  lifecycles: { code: string; states: StateDecl[]; actions: ActionDecl[] }[];
  clocks: { rule_set: string; code: string; title: string; of: string; to_confirm?: string; basis?: string }[];
  channels: { code: string; name: string; kind: string }[];
  roles: { code: string; title: string }[];
  urgencies: { code: string; title: string }[];
  lanes: { code: string; title: string }[];
}

export interface Matter {
  code: string;
  name: string;
  levels?: string[] | null;
  description?: string;
  fast?: boolean;
  night?: boolean;
  by?: string;
  unit?: string;
  unit_name?: string;
  backstop?: string;
}

export interface Unit {
  code: string;
  name: string;
  short: string;
  kind: string;
  parent: string;
  area: string;
  function: string;
  active: boolean;
}

export interface Area {
  code: string;
  name: string;
  level: string;
  parent: string;
  residents: number;
}

/** A case as it stands in a list. */
export interface Row {
  id: string;
  number: string;
  family: string;
  matter: string;
  matter_name: string;
  state: string;
  state_title: string;
  lane: string;
  title: string;
  channel: string;
  channel_name: string;
  nature: string;
  urgency: string;
  area: string;
  area_name: string;
  grid: string;
  unit: string;
  unit_name: string;
  holder: string;
  holder_name: string;
  filed_at: number;
  updated_at: number;
  due_at: number;
  due_clock: string;
  due_title: string;
  due_started_at: number;
  late: boolean;
  rating: number;
  repeats: number;
  claimed_by: string;
  claimed_name: string;
  lng: number | null;
  lat: number | null;
  version: number;
}

export interface Rows {
  items: Row[];
  next: string;
  as_of: number;
  total?: number;
}

export interface Clock {
  code: string;
  title: string;
  of: string;
  round: number;
  started_at: number;
  due_at: number;
  state: 'running' | 'paused' | 'stopped' | 'cancelled' | string;
  breached: boolean;
  warned: number;
  limit: string;
  mode: string;
  to_confirm?: string;
  basis?: string;
}

export interface ClockEffect {
  code: string;
  title: string;
  op: 'start' | 'stop' | 'extend' | 'pause' | 'resume' | string;
  due_at?: number;
  late_ms?: number;
}

export interface Entry {
  n: number;
  kind: string;
  title: string;
  at: number;
  actor_kind: 'staff' | 'citizen' | 'machine' | string;
  actor: string;
  actor_name: string;
  unit: string;
  unit_name: string;
  from: string;
  to: string;
  to_title: string;
  input?: { code: string; title: string; value: string; personal?: boolean }[] | null;
  citizen?: string;
  clocks?: ClockEffect[] | null;
  seq: number | null;
}

/** An action that the person who asks may take on a case. */
export interface Choice extends ActionDecl {
  clock?: ClockEffect[] | null;
  open: boolean;
  refuse?: string;
}

export interface CaseLink {
  kind: string;
  id: string;
  number: string;
  title: string;
  state_title: string;
  reason?: string;
}

export interface Attachment {
  id: string;
  name: string;
  type: string;
  size: number;
  n?: number;
}

export interface CaseNotice {
  to: string;
  channel: string;
  template_title: string;
  text: string;
  state: string;
  at: number;
}

export interface Case extends Row {
  fields: Record<string, string>;
  text: string;
  original_masked: boolean;
  clocks?: Clock[] | null;
  timeline?: Entry[] | null;
  actions?: Choice[] | null;
  links?: CaseLink[] | null;
  attachments?: Attachment[] | null;
  reading?: Reading | null;
  notices?: CaseNotice[] | null;
  vouchers?: { id: string; kind: string; issued_at: number }[] | null;
}

export interface ReadMatter {
  code: string;
  name: string;
  levels?: string[] | null;
  probability: number;
  words?: { text: string; from: number; to: number; weight: number }[] | null;
  clause?: string;
  neighbours?: { id: string; number: string; title: string; similarity: number }[] | null;
}

/** What the machine read in a message and why it proposes what it proposes. */
export interface Reading {
  model: string;
  matters?: ReadMatter[] | null;
  nature: string;
  urgency: string;
  place?: { area: string; area_name: string; grid: string; words: string; score: number } | null;
  unit?: { code: string; name: string; how: string; clause: string } | null;
  repeats?: Repeat[] | null;
  sure: boolean;
  threshold: number;
  why_not?: string;
}

export interface Repeat {
  id: string;
  number: string;
  title: string;
  score: number;
  reason: string;
  filed_at: number;
  state_title: string;
  unit_name: string;
}

export interface Suggestion {
  code: string;
  name: string;
  probability: number;
  unit: string;
  unit_name: string;
}

export interface QueueRow extends Row {
  suggestion?: { matters?: Suggestion[] | null } | null;
}

export interface Queue {
  items: QueueRow[];
  total: number;
  as_of: number;
  today: { received: number; auto: number; auto_returned: number; queued: number };
}

export interface TodayCounts {
  received: number;
  auto_dispatched: number;
  answered: number;
  closed: number;
  late_open: number;
  due_today: number;
  returned: number;
  satisfied: number;
  rated: number;
}

export interface Today {
  as_of: number;
  today: TodayCounts;
  same_day_last_week: TodayCounts;
  filters?: Partial<Record<keyof TodayCounts, string>> | null;
  hourly?: number[] | null;
}

export interface UnitFigure {
  unit: string;
  name: string;
  open: number;
  late: number;
  closed_in_time: number;
  closed: number;
  on_time_rate: number | null;
}

export interface AreaFigure {
  code: string;
  open: number;
  late: number;
  residents: number;
  per_thousand: number;
}

export interface LivePoint {
  id: string;
  number: string;
  title: string;
  lng: number;
  lat: number;
  state: string;
  late: boolean;
  filed_at: number;
}

export interface Topic {
  title: string;
  count: number;
  area: string;
}

export interface Change {
  seq: number;
  id: string;
  number: string;
  kind: string;
  to: string;
  lane: string;
  unit: string;
  late: boolean;
  at: number;
  title: string;
  area: string;
  grid: string;
  lng: number | null;
  lat: number | null;
}

export interface Alert {
  id: string;
  number: string;
  clock: string;
  due_at: number;
  unit: string;
}

export interface Count {
  key: string;
  count: number;
  late: number;
}

export interface StaffRow {
  id: string;
  login?: string;
  name: string;
  unit: string;
  unit_name?: string;
  roles: string[];
  active: boolean;
}

export interface MachineKey {
  id: string;
  name: string;
  created_at: number;
  last_used_at: number | null;
  active: boolean;
  key?: string;
}
