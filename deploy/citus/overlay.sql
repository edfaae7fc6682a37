-- Places the tables of Yiwang on a Citus cluster. Made by
--   go test ./internal -run Citus -update
-- and never yet run on a cluster: see docs/growing.md. Run it once on the coordinator,
-- as the owner of the tables, after the first start has made them and before there
-- are cases: with cases, it moves them.
begin;
select create_distributed_table('cases', 'id', shard_count => 64);
select create_distributed_table('action', 'case_id', colocate_with => 'cases');
select create_distributed_table('body', 'case_id', colocate_with => 'cases');
select create_distributed_table('case_key', 'case_id', colocate_with => 'cases');
select create_distributed_table('case_text', 'id', colocate_with => 'cases');
select create_distributed_table('reading', 'case_id', colocate_with => 'cases');
select create_distributed_table('likeness', 'case_id', colocate_with => 'cases');
select create_distributed_table('claim', 'case_id', colocate_with => 'cases');
select create_distributed_table('access_log', 'case_id', colocate_with => 'cases');
select create_distributed_table('link', 'case_id', colocate_with => 'cases');
select create_distributed_table('lesson', 'case_id', colocate_with => 'cases');
select create_distributed_table('judged', 'case_id', colocate_with => 'cases');
-- clock stays on the coordinator: claimed by time with row locks over all cases, which Citus does within one shard only
-- unnumbered stays on the coordinator: claimed in order over all cases
-- unindexed stays on the coordinator: claimed in order over all cases
-- notice stays on the coordinator: claimed by time over all cases, and known by its own id
-- contact stays on the coordinator: looked up by person, over all cases
-- attachment stays on the coordinator: known by its own id
-- voucher stays on the coordinator: known by its own id
-- certificate stays on the coordinator: known by its own id, and numbered in a list
-- letter stays on the coordinator: known by its own id
-- reserved stays on the coordinator: one row for each thing with places, raised by whoever takes one
-- case_number stays on the coordinator: unique by number over all cases
-- intake_key stays on the coordinator: unique by channel and outer id over all cases
-- exchanged stays on the coordinator: unique by channel and number over all cases
-- delivery stays on the coordinator: in the order of its subscription
-- call stays on the coordinator: unique by source and outer id, before there is a case
-- leaf stays on the coordinator: the log is one sequence
-- tile stays on the coordinator: the log is one sequence
-- checkpoint stays on the coordinator: the log is one sequence
commit;
-- On the coordinator because they are the house's as a whole: account, audit, ceremony, draft, edition, entitlement, entitlement_run, entry_code, feed_cursor, figure, identity, knowledge_asked, knowledge_entry, lease, machine_key, number_block, org_revision, passkey, payout, payout_line, register_count, register_doubt, register_item, rule_version, service_version, session, setting, showing, staff, subject, subject_change, subject_key, subject_reading, subscription, unit, upload
