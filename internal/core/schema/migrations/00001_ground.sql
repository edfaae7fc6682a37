-- +goose Up

-- cases: the state row of a case, a fold of its actions.
create table cases (
  id         {{text}} not null primary key,
  number     {{text}} not null,
  family     {{text}} not null,
  matter     {{text}} not null,
  state      {{text}} not null,
  lane       {{text}} not null,
  closed     {{bigint}} not null,
  title      {{text}} not null,
  channel    {{text}} not null,
  nature     {{text}} not null,
  urgency    {{text}} not null,
  area       {{text}} not null,
  grid       {{text}} not null,
  lng        {{real}} not null,
  lat        {{real}} not null,
  unit       {{text}} not null,
  unit_path  {{text}} not null,
  holder     {{text}} not null,
  filed_by   {{text}} not null,
  filed_at   {{bigint}} not null,
  updated_at {{bigint}} not null,
  closed_at  {{bigint}} not null,
  due_at     {{bigint}} not null,
  due_clock  {{text}} not null,
  late       {{bigint}} not null,
  rating     {{bigint}} not null,
  result     {{text}} not null,
  repeats    {{bigint}} not null,
  counts     {{text}} not null,
  data       {{text}} not null,
  pack       {{text}} not null,
  version    {{bigint}} not null
){{clustered}};
create index cases_lane  on cases (lane, due_at, id) where closed = 0;
create index cases_unit  on cases (unit_path, lane, due_at, id) where closed = 0;
create index cases_holder on cases (holder, due_at, id) where closed = 0 and holder <> '';
create index cases_filed on cases (filed_at, id);
create index cases_unit_filed on cases (unit_path, filed_at, id);
create index cases_late  on cases (due_at, id) where closed = 0 and late > 0;

-- cases: what happened, appended and never changed. header holds the exact bytes
-- that were hashed; the columns repeat what lists need.
create table action (
  case_id {{text}} not null,
  n       {{bigint}} not null,
  kind    {{text}} not null,
  at      {{bigint}} not null,
  actor   {{text}} not null,
  header  {{text}} not null,
  primary key (case_id, n)
){{clustered}};

-- cases: the personal part of an action, sealed under the key of its case.
create table body (
  case_id {{text}} not null,
  n       {{bigint}} not null,
  salt    {{blob}} not null,
  sealed  {{blob}} not null,
  primary key (case_id, n)
){{clustered}};
create table case_key (
  case_id {{text}} not null primary key,
  wrapped {{blob}} not null,
  code    {{text}} not null
){{clustered}};

-- cases: committed actions that have no number yet, with their leaf hash. On SQLite
-- they get it inside the same group commit, on PostgreSQL within a moment.
create table unnumbered (
  case_id {{text}} not null,
  n       {{bigint}} not null,
  at      {{bigint}} not null,
  leaf    {{blob}} not null,
  primary key (case_id, n)
){{clustered}};
-- cases: the number of an action, which is its leaf in the tree and the cursor of feeds.
create table leaf (
  seq     {{bigint}} not null primary key,
  case_id {{text}} not null,
  n       {{bigint}} not null
){{clustered}};
create table tile (
  level  {{bigint}} not null,
  idx    {{bigint}} not null,
  hashes {{blob}} not null,
  primary key (level, idx)
){{clustered}};
create table checkpoint (
  size {{bigint}} not null primary key,
  at   {{bigint}} not null,
  note {{text}} not null
){{clustered}};

-- cases: side tables that make business numbers unique under any concurrency.
create table case_number (
  number  {{text}} not null primary key,
  case_id {{text}} not null
){{clustered}};
create table number_block (
  day  {{text}} not null primary key,
  next {{bigint}} not null
){{clustered}};
create table intake_key (
  channel     {{text}} not null,
  external_id {{text}} not null,
  case_id     {{text}} not null,
  content     {{text}} not null,
  primary key (channel, external_id)
){{clustered}};
create table contact (
  digest  {{text}} not null,
  case_id {{text}} not null,
  primary key (digest, case_id)
){{clustered}};

-- cases: clocks of open and closed rounds.
create table clock (
  case_id {{text}} not null,
  code    {{text}} not null,
  round   {{bigint}} not null,
  state   {{text}} not null,
  due_at  {{bigint}} not null,
  next_at {{bigint}} not null,
  lease   {{bigint}} not null,
  doc     {{text}} not null,
  primary key (case_id, code, round)
){{clustered}};
create index clock_next on clock (next_at) where next_at > 0;

-- cases: ties between cases, one row for each direction.
create table link (
  case_id {{text}} not null,
  kind    {{text}} not null,
  other   {{text}} not null,
  reason  {{text}} not null,
  at      {{bigint}} not null,
  primary key (case_id, kind, other)
){{clustered}};

-- cases: what the machine read in the message, as it was when it decided.
create table reading (
  case_id {{text}} not null primary key,
  model   {{text}} not null,
  doc     {{text}} not null
){{clustered}};

-- cases: by what a message is known again: the same words, or words alike.
create table likeness (
  case_id {{text}} not null primary key,
  words   {{text}} not null,
  sketch  {{blob}} not null,
  at      {{bigint}} not null
){{clustered}};
create index likeness_words on likeness (words, at, case_id);
create index likeness_at on likeness (at);

-- view: who has taken an item of the dispatch desk into hand, until when.
create table claim (
  case_id {{text}} not null primary key,
  staff   {{text}} not null,
  until   {{bigint}} not null
){{clustered}};

-- cases: files that belong to an action.
create table attachment (
  id      {{text}} not null primary key,
  case_id {{text}} not null,
  n       {{bigint}} not null,
  name    {{text}} not null,
  type    {{text}} not null,
  size    {{bigint}} not null,
  digest  {{text}} not null,
  at      {{bigint}} not null
){{clustered}};
create index attachment_case on attachment (case_id, n);
create index attachment_digest on attachment (digest);

-- cases: each opening of personal data, with its purpose.
create table access_log (
  case_id {{text}} not null,
  at      {{bigint}} not null,
  actor   {{text}} not null,
  purpose {{text}} not null,
  primary key (case_id, at, actor)
){{clustered}};

-- notice: what is to be told to whom; the id is stable, so nothing is sent twice.
create table notice (
  id       {{text}} not null primary key,
  case_id  {{text}} not null,
  n        {{bigint}} not null,
  template {{text}} not null,
  audience {{text}} not null,
  channel  {{text}} not null,
  args     {{text}} not null,
  state    {{text}} not null,
  at       {{bigint}} not null,
  next_at  {{bigint}} not null,
  lease    {{bigint}} not null,
  tries    {{bigint}} not null,
  receipt  {{text}} not null
){{clustered}};
create index notice_case on notice (case_id, n);
create index notice_next on notice (next_at) where next_at > 0;

-- voucher: signed statements.
create table voucher (
  id      {{text}} not null primary key,
  case_id {{text}} not null,
  n       {{bigint}} not null,
  kind    {{text}} not null,
  at      {{bigint}} not null,
  doc     {{text}} not null
){{clustered}};
create index voucher_case on voucher (case_id, n);

-- view: figures folded from the action log, and how far they are.
create table figure (
  day     {{text}} not null,
  unit    {{text}} not null,
  area    {{text}} not null,
  matter  {{text}} not null,
  channel {{text}} not null,
  measure {{text}} not null,
  n       {{bigint}} not null,
  primary key (day, unit, area, matter, channel, measure)
){{clustered}};
create table feed_cursor (
  name {{text}} not null primary key,
  seq  {{bigint}} not null,
  at   {{bigint}} not null
){{clustered}};

-- cases: work that only one process does at a time.
create table lease (
  name   {{text}} not null primary key,
  holder {{text}} not null,
  until  {{bigint}} not null
){{clustered}};

-- org: units, staff and accounts as they are edited; the pack only fills them first.
create table unit (
  code     {{text}} not null primary key,
  name     {{text}} not null,
  short    {{text}} not null,
  kind     {{text}} not null,
  parent   {{text}} not null,
  area     {{text}} not null,
  function {{text}} not null,
  night    {{bigint}} not null,
  approval {{bigint}} not null,
  phone    {{text}} not null,
  active   {{bigint}} not null,
  version  {{bigint}} not null
){{clustered}};
create table staff (
  id      {{text}} not null primary key,
  name    {{text}} not null,
  unit    {{text}} not null,
  roles   {{text}} not null,
  active  {{bigint}} not null,
  demo    {{bigint}} not null,
  version {{bigint}} not null
){{clustered}};
create table account (
  staff    {{text}} not null primary key,
  password {{text}} not null,
  must_change {{bigint}} not null,
  failures {{bigint}} not null,
  locked_until {{bigint}} not null
){{clustered}};
create table session (
  digest  {{text}} not null primary key,
  staff   {{text}} not null,
  at      {{bigint}} not null,
  seen_at {{bigint}} not null,
  until   {{bigint}} not null
){{clustered}};
create table machine_key (
  digest  {{text}} not null primary key,
  name    {{text}} not null,
  channel {{text}} not null,
  unit    {{text}} not null,
  roles   {{text}} not null,
  at      {{bigint}} not null,
  active  {{bigint}} not null
){{clustered}};
create table org_revision (
  id  {{bigint}} not null primary key,
  rev {{bigint}} not null
){{clustered}};

-- app: drafts of the citizens' page, sealed.
create table draft (
  id    {{text}} not null primary key,
  until {{bigint}} not null,
  doc   {{blob}} not null
){{clustered}};
create index draft_until on draft (until);

-- cases: matters that a person decided, from which the machine learns.
create table lesson (
  case_id {{text}} not null,
  n       {{bigint}} not null,
  at      {{bigint}} not null,
  matter  {{text}} not null,
  primary key (case_id, n)
){{clustered}};
create index lesson_at on lesson (at, case_id, n);

-- app: settings written once, such as the origin of the log.
create table setting (
  name  {{text}} not null primary key,
  value {{text}} not null
){{clustered}};

-- cases: the words of what people wrote.
{{fts case_text}};

-- +goose Down
