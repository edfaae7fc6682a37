-- +goose Up

-- webhook: who is told of what happens to cases, and how far in the log they are.
create table subscription (
  id       {{text}} not null primary key,
  key_id   {{text}} not null,
  url      {{text}} not null,
  kinds    {{text}} not null,
  personal {{bigint}} not null,
  suite    {{text}} not null,
  secret   {{blob}} not null,
  active   {{bigint}} not null,
  at       {{bigint}} not null,
  seq      {{bigint}} not null,
  next_at  {{bigint}} not null,
  lease    {{bigint}} not null,
  holder   {{text}} not null,
  failures {{bigint}} not null,
  sent     {{bigint}} not null,
  sent_at  {{bigint}} not null,
  said     {{text}} not null
){{clustered}};

-- webhook: events on their way, and those that were given up. What has arrived is
-- not kept: the log has it.
create table delivery (
  sub     {{text}} not null,
  seq     {{bigint}} not null,
  case_id {{text}} not null,
  n       {{bigint}} not null,
  kind    {{text}} not null,
  state   {{text}} not null,
  at      {{bigint}} not null,
  tries   {{bigint}} not null,
  next_at {{bigint}} not null,
  said    {{text}} not null,
  primary key (sub, seq)
){{clustered}};
create index delivery_case on delivery (sub, case_id, seq) where state = 'queued';
create index delivery_dead on delivery (at, sub, seq) where state = 'dead';

-- +goose Down
