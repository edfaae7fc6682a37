-- +goose Up

-- cases: one index for the open ones of a unit by due date and for counting them, instead of two.
drop index cases_open;
drop index cases_unit;
create index cases_unit on cases (unit_path, lane, due_at, id, late, area, grid) where closed = 0;

-- +goose Down
drop index cases_unit;
create index cases_unit on cases (unit_path, lane, due_at, id) where closed = 0;
create index cases_open on cases (unit_path, lane, late, area, grid) where closed = 0;
