-- +goose Up

-- cases: what is remembered of them is read in the order of filing, for which they have an index.
drop index likeness_at;

-- +goose Down
create index likeness_at on likeness (at);
