-- +goose Up

-- notice: also read on the desk or the citizen's page, which needs no row of its own.
alter table notice add column inapp {{bigint}} not null default 0;

-- +goose Down
alter table notice drop column inapp;
