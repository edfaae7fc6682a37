-- +goose Up

-- view: a further measure is told of every case, so the log is folded again.
delete from figure;
delete from feed_cursor where name = 'figures';

-- cases: what a decision says about who answers for a matter at a place.
alter table lesson add column unit {{text}} not null default '';
alter table lesson add column area {{text}} not null default '';

-- +goose Down
