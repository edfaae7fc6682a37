-- +goose Up

-- org: sign-ins, and every edit of people, units, keys and passwords.
create table audit (
  id      {{text}} not null primary key,
  at      {{bigint}} not null,
  actor   {{text}} not null,
  kind    {{text}} not null,
  subject {{text}} not null,
  detail  {{text}} not null
){{clustered}};
create index session_staff on session (staff);

-- intake: files that were uploaded and wait for the case they belong to.
create table upload (
  id    {{text}} not null primary key,
  actor {{text}} not null,
  name  {{text}} not null,
  type  {{text}} not null,
  size  {{bigint}} not null,
  digest {{text}} not null,
  at    {{bigint}} not null
){{clustered}};
create index upload_at on upload (at);

-- view: open cases counted by unit, lane and place without touching their rows,
-- and what a person filed or held, however long ago.
create index cases_open on cases (unit_path, lane, late, area, grid) where closed = 0;
create index cases_filer on cases (filed_by, filed_at, id) where filed_by >= 'staff:' and filed_by < 'staff;';
create index cases_held on cases (holder, filed_at, id) where holder <> '';

-- +goose Down
