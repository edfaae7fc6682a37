-- +goose Up

-- cases: what is found by a digest lies by the period of its case, the first four characters of the
-- id, and only then by the digest: by digests alone each row of millions had a page of its own.
create index contact_period on contact (substr(case_id, 1, 4), digest, case_id);
alter table contact drop constraint contact_pkey;
alter table contact add primary key (case_id, digest);

drop index likeness_words;
create index likeness_words on likeness (substr(case_id, 1, 4), words, case_id);

-- +goose Down
drop index likeness_words;
create index likeness_words on likeness (words, at, case_id);

drop index contact_period;
alter table contact drop constraint contact_pkey;
alter table contact add primary key (digest, case_id);
