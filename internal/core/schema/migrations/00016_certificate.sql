-- +goose Up

-- voucher: certificates, which there are and what became of them. What one says is
-- sealed under the key of the case it came from.
create table certificate (
  id          {{text}} not null primary key,
  kind        {{text}} not null,
  case_id     {{text}} not null,
  n           {{bigint}} not null,
  list        {{text}} not null,
  idx         {{bigint}} not null,
  state       {{text}} not null,
  at          {{bigint}} not null,
  valid_until {{bigint}} not null,
  changed_at  {{bigint}} not null,
  holder      {{text}} not null,
  sealed      {{blob}} not null
){{clustered}};
create unique index certificate_list on certificate (list, idx);
create index certificate_case on certificate (case_id, n);
create index certificate_holder on certificate (holder, at) where holder <> '';
create index certificate_until on certificate (valid_until, id) where state = '01' and valid_until > 0;

-- voucher: show-codes, each good once and for a minute, and who was shown what.
create table showing (
  digest      {{text}} not null primary key,
  certificate {{text}} not null,
  fields      {{text}} not null,
  purpose     {{text}} not null,
  at          {{bigint}} not null,
  until       {{bigint}} not null,
  used_at     {{bigint}} not null,
  verifier    {{text}} not null
){{clustered}};
create index showing_certificate on showing (certificate, at);

-- +goose Down
