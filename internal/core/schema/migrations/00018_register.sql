-- +goose Up

-- register: all that is and was known of a subject, sealed.
create table subject (
  id         {{text}} not null primary key,
  register   {{text}} not null,
  version    {{bigint}} not null,
  sheet      {{blob}} not null
){{clustered}};

-- register: what subjects are found by, blinded. other is the subject where an item
-- may have the same value for several, and empty where it may not.
create table subject_key (
  blind      {{blob}} not null,
  other      {{text}} not null,
  subject    {{text}} not null,
  primary key (blind, other)
){{clustered}};

-- register: the numbers by which sheets name items.
create table register_item (
  register   {{text}} not null,
  no         {{bigint}} not null,
  code       {{text}} not null,
  primary key (register, no)
);
create unique index register_item_code on register_item (register, code);

-- register: numbers that are given out one after the other, so that who has read up
-- to one has missed none.
create table register_count (
  name       {{text}} not null primary key,
  n          {{bigint}} not null
);

-- register: which facts changed, in order. A change of the empty subject is of many at
-- once: whoever follows reads everything.
create table subject_change (
  n          {{bigint}} not null primary key,
  register   {{text}} not null,
  subject    {{text}} not null,
  items      {{text}} not null,
  at         {{bigint}} not null
){{clustered}};

-- register: who read what of whom for what. A reading of the empty subject was of
-- everybody in the register.
create table subject_reading (
  subject    {{text}} not null,
  at         {{bigint}} not null,
  no         {{text}} not null,
  register   {{text}} not null,
  actor      {{text}} not null,
  unit       {{text}} not null,
  purpose    {{text}} not null,
  service    {{text}} not null,
  case_id    {{text}} not null,
  items      {{text}} not null,
  primary key (subject, at, no)
){{clustered}};
create index subject_reading_at on subject_reading (at);

-- register: records that may be of a subject and may not, until a person says so.
create table register_doubt (
  id         {{text}} not null primary key,
  register   {{text}} not null,
  subject    {{text}} not null,
  state      {{text}} not null,
  why        {{text}} not null,
  items      {{text}} not null,
  score      {{bigint}} not null,
  sealed     {{blob}} not null,
  at         {{bigint}} not null,
  decided_by {{text}} not null,
  decided_at {{bigint}} not null
);
create index register_doubt_subject on register_doubt (subject) where state = 'open';
create index register_doubt_open on register_doubt (at, id) where state = 'open';

-- +goose Down
