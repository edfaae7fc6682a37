-- +goose Up

-- mail: what became of each letter that came in by e-mail. The letter itself is
-- the action of its case; this holds nothing of what it says or whom it is from.
create table letter (
  id         {{text}} not null primary key,
  at         {{bigint}} not null,
  message_id {{text}} not null,
  outcome    {{text}} not null,
  case_id    {{text}} not null,
  n          {{bigint}} not null,
  checks     {{text}} not null
){{clustered}};
create index letter_at on letter (at, id);
create index letter_case on letter (case_id, at);

-- notice: letters that did not arrive.
create index notice_state on notice (state, at) where state in ('failed', 'unknown', 'bounced');

-- +goose Down
