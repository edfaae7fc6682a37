-- +goose Up

-- knowledge: entries edited in the desk, over those of the pack. live is what is
-- shown, draft what waits for review, both JSON or empty.
create table knowledge_entry (
  code        {{text}} not null primary key,
  live        {{text}} not null,
  draft       {{text}} not null,
  edited_by   {{text}} not null,
  edited_at   {{bigint}} not null,
  reviewed_by {{text}} not null,
  reviewed_at {{bigint}} not null,
  changed_at  {{bigint}} not null
);

-- What was asked, by which door, what came first and what became of it. question is
-- masked, and empty where a sure answer was given.
create table knowledge_asked (
  id       {{text}} not null primary key,
  at       {{bigint}} not null,
  door     {{text}} not null,
  entry    {{text}} not null,
  sure     {{bigint}} not null,
  mark     {{text}} not null,
  question {{text}} not null
);
create index knowledge_asked_at on knowledge_asked (at);

-- +goose Down
