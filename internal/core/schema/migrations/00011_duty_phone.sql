-- +goose Up

-- org: where somebody on the duty roster is reached at night.
alter table staff add column phone {{text}} not null default '';

-- +goose Down
