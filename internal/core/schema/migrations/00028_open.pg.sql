-- +goose Up

-- cases: one index for the open ones of a unit by due date and for counting them, instead of two.
drop index cases_open;
drop index cases_unit;
create index cases_unit on cases (unit_path, lane, due_at, id, late, area, grid) where closed = 0;

-- What changes is a small part of what there is: a fifth of ten million, after which a
-- table is tidied by default, would never be waited for, and counts that need only the
-- index would read the rows.
alter table cases set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);
alter table clock set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);
alter table notice set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);

-- +goose Down
alter table cases reset (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
alter table clock reset (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
alter table notice reset (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
drop index cases_unit;
create index cases_unit on cases (unit_path, lane, due_at, id) where closed = 0;
create index cases_open on cases (unit_path, lane, late, area, grid) where closed = 0;
