import type { Migration } from '../postgres/migrations.ts';

/**
 * The audit and its head. Requests may add and read, nobody may change: grants leave it out, and a trigger refuses it to the
 * owner too. The head is one row, locked by whoever adds, so that the chain has one order.
 */
export const audit: Migration = {
  id: '0002-audit',
  sql: `
create table audit (
  seq bigint primary key,
  at double precision not null,
  organisation text not null,
  actor text not null,
  demo boolean not null,
  action text not null,
  object text not null,
  detail jsonb not null,
  previous text not null,
  hash text not null
);
create index audit_of_organisation on audit (organisation, seq desc);

create function audit_is_final() returns trigger language plpgsql
  as $$ begin raise exception 'the audit is only ever added to' using errcode = 'insufficient_privilege'; end $$;
create trigger audit_is_final before update or delete on audit for each row execute function audit_is_final();
create trigger audit_is_not_emptied before truncate on audit for each statement execute function audit_is_final();

alter table audit enable row level security;
alter table audit force row level security;
create policy reading on audit for select using (app_sees(organisation));
create policy adding on audit for insert with check (app_sees(organisation));
grant select, insert on audit to app;

create table audit_head (
  one boolean primary key default true check (one),
  seq bigint not null,
  hash text not null
);
insert into audit_head (seq, hash) values (0, repeat('0', 64));
-- It holds no more than a number and a hash; to add an entry a request must lock it and move it on.
grant select, update (seq, hash) on audit_head to app;
`,
};
