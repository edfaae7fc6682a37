-- +goose Up

-- seat: calls of the hotline. phone is sealed and emptied when the call ends.
create table call (
  source   {{text}} not null,
  external {{text}} not null,
  id       {{text}} not null,
  line     {{text}} not null,
  channel  {{text}} not null,
  state    {{text}} not null,
  seat     {{text}} not null,
  rang_at  {{bigint}} not null,
  taken_at {{bigint}} not null,
  ended_at {{bigint}} not null,
  outcome  {{text}} not null,
  case_id  {{text}} not null,
  phone    {{blob}} not null,
  primary key (source, external)
);
create unique index call_id on call (id);
create index call_state on call (state, rang_at);

-- +goose Down
