-- +goose Up

-- decide: editions of decision tables beyond those in the pack. The table stands in
-- doc, as JSON.
create table rule_edition (
  no           {{bigint}} not null primary key,
  code         {{text}} not null,
  title        {{text}} not null,
  from_day     {{text}} not null,
  state        {{text}} not null,
  edited_by    {{text}} not null,
  edited_at    {{bigint}} not null,
  published_by {{text}} not null,
  published_at {{bigint}} not null,
  doc          {{text}} not null
);

-- decide: every version of a table that was ever in force here, so that a decision of
-- the past can be made again.
create table rule_version (
  version  {{text}} not null primary key,
  code     {{text}} not null,
  first_at {{bigint}} not null,
  doc      {{text}} not null
);

-- +goose Down
drop table rule_version;
drop table rule_edition;
