-- +goose Up

-- cases: how many of the places of something are taken, such as those of an hour at a
-- window. A row is raised only below its most, which keeps rivals apart.
create table reserved (
  thing {{text}} not null primary key,
  taken {{bigint}} not null
){{clustered}};

-- portal: codes by which a person signs in, each good for a few minutes and a few tries.
create table entry_code (
  id      {{text}} not null primary key,
  subject {{text}} not null,
  digest  {{text}} not null,
  tries   {{bigint}} not null,
  until   {{bigint}} not null
){{clustered}};
create index entry_code_until on entry_code (until);

-- +goose Down
