-- +goose Up

-- org: passkeys of staff: public keys only, by which nobody can sign in.
create table passkey (
  id      {{text}} not null primary key,
  staff   {{text}} not null,
  name    {{text}} not null,
  at      {{bigint}} not null,
  used_at {{bigint}} not null,
  doc     {{text}} not null
){{clustered}};
create index passkey_staff on passkey (staff);

-- org: a sign-on that has begun and is ended by its answer, once.
create table ceremony (
  digest {{text}} not null primary key,
  until  {{bigint}} not null,
  staff  {{text}} not null,
  doc    {{text}} not null
){{clustered}};

-- org: who somebody is to the identity provider of the city.
create table identity (
  issuer  {{text}} not null,
  subject {{text}} not null,
  staff   {{text}} not null,
  at      {{bigint}} not null,
  primary key (issuer, subject)
){{clustered}};

-- +goose Down
