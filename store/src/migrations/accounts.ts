import type { Migration } from '../postgres/migrations.ts';

/**
 * Accounts, sessions, links and tokens. The role of requests is granted nothing here: signing in is the guard's alone. Secrets are
 * kept as hashes, the authenticator's secret sealed.
 */
export const accounts: Migration = {
  id: '0020-accounts',
  sql: `
create table account (
  id text primary key,
  email text not null unique,
  name text not null,
  organisation text not null references organisation (id),
  role text not null,
  demo boolean not null,
  password_hash text,
  totp_secret text,
  totp_pending text,
  totp_step double precision,
  created_at double precision not null
);
create index account_organisation on account (organisation);

create table session (
  hash text primary key,
  account text not null references account (id) on delete cascade,
  by_link boolean not null,
  created_at double precision not null,
  seen_at double precision not null
);
create index session_account on session (account);

create table sign_in_link (
  hash text primary key,
  account text not null references account (id) on delete cascade,
  reusable boolean not null,
  expires_at double precision,
  used_at double precision
);
create index sign_in_link_account on sign_in_link (account);

create table token (
  id text primary key,
  hash text not null unique,
  name text not null,
  account text references account (id) on delete cascade,
  sensor text,
  organisation text not null,
  permissions jsonb,
  created_at double precision not null,
  expires_at double precision,
  last_used_at double precision,
  check ((account is null) <> (sensor is null))
);
create index token_account on token (account);
create unique index token_of_sensor on token (sensor);
`,
};
