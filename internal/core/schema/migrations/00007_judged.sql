-- +goose Up

-- cases: what people decided about two cases: the same event (1) or not (0).
create table judged (
  case_id {{text}} not null,
  other   {{text}} not null,
  same    {{bigint}} not null,
  at      {{bigint}} not null,
  primary key (case_id, other)
){{clustered}};

-- +goose Down
