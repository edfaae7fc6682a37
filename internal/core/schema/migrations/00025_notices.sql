-- +goose Up

-- notice: the id of each begins with the id of its case, so that its case's are found by it.
drop index notice_case;

-- +goose Down
create index notice_case on notice (case_id, n);
