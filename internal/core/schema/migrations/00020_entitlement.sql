-- +goose Up

-- entitle: how every subject stands to a service that needs no application. Personal
-- facts stay in the register and in the case.
create table entitlement (
  service    {{text}} not null,
  subject    {{text}} not null,
  round      {{bigint}} not null,
  case_id    {{text}} not null,
  state      {{text}} not null,
  fen        {{bigint}} not null,
  why        {{text}} not null,
  version    {{text}} not null,
  changed_at {{bigint}} not null,
  primary key (service, subject)
){{clustered}};
create index entitlement_subject on entitlement (subject);
create index entitlement_state on entitlement (service, state, changed_at);

-- entitle: the runs over everyone.
create table entitlement_run (
  id      {{text}} not null primary key,
  service {{text}} not null,
  at      {{bigint}} not null,
  actor   {{text}} not null,
  version {{text}} not null,
  people  {{bigint}} not null,
  granted {{bigint}} not null,
  refused {{bigint}} not null,
  unsure  {{bigint}} not null,
  began   {{bigint}} not null,
  ended   {{bigint}} not null,
  changed {{bigint}} not null,
  failed  {{bigint}} not null,
  ms      {{bigint}} not null
){{clustered}};
create index entitlement_run_at on entitlement_run (service, at);

-- entitle: what is paid in one file of the bank, made by one person and released by
-- another. Who is paid, and to which account, is sealed under the key of the case.
create table payout (
  id          {{text}} not null primary key,
  service     {{text}} not null,
  period      {{text}} not null,
  state       {{text}} not null,
  made_by     {{text}} not null,
  made_at     {{bigint}} not null,
  released_by {{text}} not null,
  released_at {{bigint}} not null,
  lines       {{bigint}} not null,
  fen         {{bigint}} not null,
  digest      {{text}} not null
){{clustered}};
create index payout_at on payout (service, made_at);

create table payout_line (
  payout  {{text}} not null,
  n       {{bigint}} not null,
  service {{text}} not null,
  period  {{text}} not null,
  subject {{text}} not null,
  case_id {{text}} not null,
  fen     {{bigint}} not null,
  state   {{text}} not null,
  note    {{text}} not null,
  sealed  {{blob}} not null,
  primary key (payout, n)
){{clustered}};
create unique index payout_line_once on payout_line (service, period, subject) where state <> 'returned';

-- +goose Down
drop table payout_line;
drop table payout;
drop table entitlement_run;
drop table entitlement;
