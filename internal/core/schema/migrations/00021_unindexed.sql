-- +goose Up

-- cases: the words of cases that are not in the index yet: it takes many at once far
-- more cheaply than one in every transaction.
create table unindexed (
  case_id {{text}} not null primary key,
  words   {{text}} not null
){{clustered}};

-- +goose Down
