-- +goose Up

-- Rows of a kilobyte lie in the order in which they came: in the order of their key each
-- had a page of its own for what was too long for a quarter of one.
create table action_new (
  case_id text    not null,
  n       integer not null,
  kind    text    not null,
  at      integer not null,
  actor   text    not null,
  header  text    not null,
  primary key (case_id, n)
) strict;
insert into action_new (case_id, n, kind, at, actor, header) select case_id, n, kind, at, actor, header from action order by case_id, n;
drop table action;
alter table action_new rename to action;

create table reading_new (
  case_id text not null primary key,
  model   text not null,
  doc     text not null
) strict;
insert into reading_new (case_id, model, doc) select case_id, model, doc from reading order by case_id;
drop table reading;
alter table reading_new rename to reading;

-- +goose Down
create table action_old (
  case_id text    not null,
  n       integer not null,
  kind    text    not null,
  at      integer not null,
  actor   text    not null,
  header  text    not null,
  primary key (case_id, n)
) strict, without rowid;
insert into action_old (case_id, n, kind, at, actor, header) select case_id, n, kind, at, actor, header from action order by case_id, n;
drop table action;
alter table action_old rename to action;

create table reading_old (
  case_id text not null primary key,
  model   text not null,
  doc     text not null
) strict, without rowid;
insert into reading_old (case_id, model, doc) select case_id, model, doc from reading order by case_id;
drop table reading;
alter table reading_old rename to reading;
