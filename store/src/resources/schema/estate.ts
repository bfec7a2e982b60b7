import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

const owned = { read: 'app_sees(organisation)', insert: 'app_sees(organisation)', update: 'app_sees(organisation)' };

/** What is protected and whose it is; sensors. An organisation sees its own; how others' names are seen stands in `incidents.ts`. */
export const estateSchema: Migration = {
  id: '0010-estate',
  sql: `
create table organisation (
  id text primary key,
  name jsonb not null,
  kind text not null check (kind in ('centre', 'department', 'operator')),
  sector text not null,
  region text not null,
  reporter text not null,
  -- Deferred, because an import may name the department after what it oversees.
  overseen_by text references organisation (id) deferrable initially deferred,
  contact text not null
);
-- There is one centre: it is the lead of whatever nobody else has accepted.
create unique index organisation_one_centre on organisation (kind) where kind = 'centre';

create table network (
  id text primary key,
  organisation text not null references organisation (id) deferrable initially deferred,
  name jsonb not null,
  type text not null,
  addresses jsonb not null,
  domains jsonb not null
);
create index network_organisation on network (organisation);
${guarded('network', owned)}

create table link (
  id text primary key,
  organisation text not null references organisation (id) deferrable initially deferred,
  name jsonb not null,
  tier text not null check (tier in ('user', 'data-centre', 'backbone')),
  role text not null check (role in ('primary', 'secondary')),
  capacity_mbps double precision not null check (capacity_mbps > 0),
  from_network text not null,
  to_network text not null
);
create index link_organisation on link (organisation);
${guarded('link', owned)}

create table asset (
  id text primary key,
  organisation text not null references organisation (id) deferrable initially deferred,
  network text not null references network (id) deferrable initially deferred,
  name jsonb not null,
  kind text not null,
  importance text not null check (importance in ('special', 'important', 'general')),
  addresses jsonb not null,
  names jsonb not null,
  businesses jsonb not null
);
create index asset_organisation on asset (organisation);
${guarded('asset', owned)}

create table business (
  id text primary key,
  organisation text not null references organisation (id) deferrable initially deferred,
  name jsonb not null,
  users_served double precision not null check (users_served >= 0),
  value_per_hour_cny double precision not null check (value_per_hour_cny >= 0),
  surfaces jsonb not null
);
create index business_organisation on business (organisation);
${guarded('business', owned)}

-- Where records come from. The token that proves it is an account's, kept by the accounts.
create table sensor (
  id text primary key,
  organisation text not null references organisation (id),
  name text not null,
  link text references link (id),
  network_type text not null,
  marking text not null,
  created_at double precision not null,
  last_batch_at double precision,
  records double precision not null default 0
);
create index sensor_organisation on sensor (organisation);
${guarded('sensor', owned)}

-- FW-2026-0001: the last number given in a year.
create table number_series (
  series text not null,
  year integer not null,
  last integer not null,
  primary key (series, year)
);
${guarded('number_series', { read: byCentre, insert: byCentre, update: byCentre })}
`,
};
