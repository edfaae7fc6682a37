-- +goose Up

-- guide: the versions of service items, each from when the pack was first loaded with it.
-- An empty doc says that the item was no longer there.
create table service_version (
  code     {{text}} not null,
  no       {{bigint}} not null,
  from_day {{text}} not null,
  seen_at  {{bigint}} not null,
  digest   {{text}} not null,
  doc      {{text}} not null,
  primary key (code, no)
){{clustered}};

-- +goose Down
drop table service_version;
