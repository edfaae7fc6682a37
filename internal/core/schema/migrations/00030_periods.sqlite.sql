-- +goose Up

-- cases: what is found by a digest lies by the period of its case, the first four characters of the
-- id, and only then by the digest: by digests alone each row of millions had a page of its own.
create table contact_new (
  digest  text not null,
  case_id text not null,
  primary key (case_id, digest)
) strict, without rowid;
insert into contact_new (digest, case_id) select digest, case_id from contact order by case_id, digest;
drop table contact;
alter table contact_new rename to contact;
create index contact_period on contact (substr(case_id, 1, 4), digest, case_id);

drop index likeness_words;
create index likeness_words on likeness (substr(case_id, 1, 4), words, case_id);

-- +goose Down
drop index likeness_words;
create index likeness_words on likeness (words, at, case_id);

create table contact_old (
  digest  text not null,
  case_id text not null,
  primary key (digest, case_id)
) strict, without rowid;
insert into contact_old (digest, case_id) select digest, case_id from contact order by 1, 2;
drop table contact;
alter table contact_old rename to contact;
