-- +goose Up

-- notice: what a channel sends next, in its order, however much waits in others, and
-- what is being sent at this moment.
drop index notice_next;
create index notice_due on notice (channel, next_at, id) where state = 'queued';
create index notice_sending on notice (lease) where state = 'sending';

-- +goose Down
