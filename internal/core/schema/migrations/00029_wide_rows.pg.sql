-- +goose Up

-- PostgreSQL keeps rows in the order in which they came anyway.
select 1;

-- +goose Down
select 1;
