-- +goose Up

-- cases: the open ones of a family that is not the appeals', by due date. Lists of the
-- others are not to look through all that is open.
create index cases_family_open on cases (family, due_at, id) where closed = 0 and family <> 'appeal';

-- +goose Down
drop index cases_family_open;
