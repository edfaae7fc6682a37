-- +goose Up

-- exchange: cases that another platform handed over, by its number. token is what
-- that platform knows its own case by when the result comes back.
create table exchanged (
  channel {{text}} not null,
  number  {{text}} not null,
  case_id {{text}} not null,
  peer    {{text}} not null,
  token   {{text}} not null,
  primary key (channel, number)
);
create index exchanged_case on exchanged (case_id);

-- +goose Down
