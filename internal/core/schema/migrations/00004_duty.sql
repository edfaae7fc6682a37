-- +goose Up

-- duty: editions of the duty list beyond the one in the pack. The list stands in
-- doc, in the form of the pack's file.
create table duty_edition (
  no           {{bigint}} not null primary key,
  family       {{text}} not null,
  title        {{text}} not null,
  from_day     {{text}} not null,
  state        {{text}} not null,
  edited_by    {{text}} not null,
  edited_at    {{bigint}} not null,
  published_by {{text}} not null,
  published_at {{bigint}} not null,
  doc          {{text}} not null
);

-- +goose Down
