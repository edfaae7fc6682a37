-- +goose Up

-- cases: those of a family that is not the appeals', by filing. Nearly all cases are
-- appeals, and lists of the others are not to look through them.
create index cases_family on cases (family, filed_at, id) where family <> 'appeal';

-- +goose Down
drop index cases_family;
