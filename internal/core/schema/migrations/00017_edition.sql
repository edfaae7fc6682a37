-- +goose Up

-- edition: editions of declarations beyond those in the pack: of the duty list (doc is
-- the pack's file) and of decision tables (doc is JSON).
create table edition (
  kind         {{text}} not null,
  no           {{bigint}} not null,
  code         {{text}} not null,
  title        {{text}} not null,
  from_day     {{text}} not null,
  state        {{text}} not null,
  edited_by    {{text}} not null,
  edited_at    {{bigint}} not null,
  published_by {{text}} not null,
  published_at {{bigint}} not null,
  doc          {{text}} not null,
  primary key (kind, no)
);
insert into edition select 'duty', no, family, title, from_day, state, edited_by, edited_at, published_by, published_at, doc from duty_edition;
insert into edition select 'rule', no, code, title, from_day, state, edited_by, edited_at, published_by, published_at, doc from rule_edition;
drop table duty_edition;
drop table rule_edition;

-- +goose Down
