import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/**
 * Vulnerabilities, and which components are exposed to them. Facts of vulnerabilities are published ones: everybody reads them, and jobs of
 * the centre alone write. Components of the same name and version are one product, so that a vulnerability is compared with products and
 * not with every machine.
 */
export const exposureSchema: Migration = {
  id: '0053-exposure',
  sql: `
create table vulnerability (
  id text primary key,
  title text not null,
  published double precision,
  cvss double precision,
  points jsonb not null,
  -- Who says so: source, file and instant of each.
  sources jsonb not null,
  -- As the catalogue of known exploited ones has it.
  exploited jsonb,
  -- Of exploitation within 30 days, and the share of vulnerabilities below.
  score double precision,
  percentile double precision,
  changed double precision not null
);
create index vulnerability_published on vulnerability (coalesce(published, 0) desc, id);
${guarded('vulnerability', { read: 'true' })}

-- Each source's own words; what counts is put together of them.
create table vulnerability_fact (
  vulnerability text not null,
  source text not null,
  record jsonb not null,
  sha256 text not null,
  at double precision not null,
  primary key (vulnerability, source)
);
create table vulnerability_exploited (id text primary key, entry jsonb not null);
create table vulnerability_score (id text primary key, score double precision not null, percentile double precision not null);
create table vulnerability_name (name text, vulnerability text, primary key (name, vulnerability));
create index vulnerability_name_of on vulnerability_name (vulnerability);
create table vulnerability_due (vulnerability text primary key);
create table vulnerability_import (
  format text primary key,
  name text not null,
  edition text,
  sha256 text not null,
  bytes double precision not null,
  items integer not null,
  at double precision not null,
  by text not null
);

create table compared_product (
  id integer generated always as identity primary key,
  hash text not null unique,
  product jsonb not null,
  names text[] not null
);
create index compared_product_names on compared_product using gin (names);
create table component_product (component text primary key, product integer not null);
create index component_product_product on component_product (product);
-- By which rules was decided the last time.
create table exposure_rules (hash text primary key);
create sequence component_due_mark;
create table component_due (component text primary key, mark bigint not null default nextval('component_due_mark'));

create table exposure (
  id text primary key,
  vulnerability text not null,
  component text not null,
  asset text not null,
  organisation text not null,
  certainty text not null check (certainty in ('exposed', 'possibly')),
  matched text not null,
  floor text not null,
  ceiling text not null,
  since double precision not null,
  -- Since when the floor is what it is: from then its deadline counts.
  decided double precision not null,
  due double precision,
  due_by text,
  -- The order in which to act, the most urgent highest.
  rank double precision not null,
  remedy text,
  remedy_until double precision
);
create unique index exposure_component on exposure (component, vulnerability);
create index exposure_vulnerability on exposure (vulnerability, organisation);
create index exposure_organisation on exposure (organisation, certainty, rank desc, id);
create index exposure_rank on exposure (certainty, rank desc, id);
create index exposure_asset on exposure (asset);
create index exposure_remedy_until on exposure (remedy_until) where remedy_until is not null;
${guarded('exposure', { read: 'app_sees(organisation)', update: byCentre })}

create table exposure_count (
  vulnerability text not null,
  organisation text not null,
  certainty text not null,
  floor text not null,
  count integer not null,
  open integer not null,
  due double precision,
  primary key (vulnerability, organisation, certainty, floor)
);
create index exposure_count_organisation on exposure_count (organisation);
${guarded('exposure_count', { read: 'app_sees(organisation)', insert: byCentre, remove: byCentre })}

-- What was done about an exposure, or why nothing is; never changed.
create table remedy (
  id text primary key default uuidv7()::text,
  vulnerability text not null,
  component text not null,
  organisation text not null references organisation (id),
  kind text not null check (kind in ('mitigated', 'patched', 'accepted', 'reopened')),
  version text,
  reason text not null,
  until double precision,
  at double precision not null,
  by text not null
);
create index remedy_of on remedy (component, vulnerability);
${guarded('remedy', { read: 'app_sees(organisation)', insert: byCentre })}

-- Components that are new or changed are compared anew; whoever changes them may not see these tables.
create function component_noted() returns trigger language plpgsql security definer set search_path = public as $$
begin
  insert into component_due (component) select id from noted
    on conflict (component) do update set mark = excluded.mark;
  return null;
end $$;
create function component_gone() returns trigger language plpgsql security definer set search_path = public as $$
begin
  delete from component_due where component in (select id from gone);
  delete from component_product where component in (select id from gone);
  delete from exposure where component in (select id from gone);
  return null;
end $$;
create trigger component_inserted after insert on component referencing new table as noted
  for each statement execute function component_noted();
create trigger component_updated after update on component referencing new table as noted
  for each statement execute function component_noted();
create trigger component_deleted after delete on component referencing old table as gone
  for each statement execute function component_gone();
insert into component_due (component) select id from component;
`,
};
