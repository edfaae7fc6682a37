-- +goose Up

-- view: what changed last, over the whole city.
create index cases_updated on cases (updated_at, id);

-- +goose Down
