import type { Migration } from '../../postgres/migrations.ts';
import { guarded } from './guarded.ts';

const owned = { read: 'app_sees(organisation)', insert: 'app_sees(organisation)', update: 'app_sees(organisation)' };
const importance =
  "importance text not null check (importance in ('special', 'important', 'general')),\n  importance_reason text";

/** The further kinds of the estate, and what is told more of the first ones. */
export const registerSchema: Migration = {
  id: '0050-register',
  sql: `
alter table organisation add column duties text, add column powers text,
  add column status text check (status in ('active', 'planned', 'dissolved'));
alter table network add column region text;
alter table link add column protection jsonb;
alter table business add column importance text check (importance in ('special', 'important', 'general')),
  add column importance_reason text, add column depends_on jsonb, add column regions jsonb,
  add column tolerated_outage_hours double precision check (tolerated_outage_hours >= 0);
alter table asset add column importance_reason text, add column node text, add column product text,
  add column targets jsonb, add column protection jsonb;

create table node (
  id text primary key,
  organisation text not null references organisation (id) deferrable initially deferred,
  network text not null references network (id) deferrable initially deferred,
  name jsonb not null,
  kind text not null,
  region text,
  latitude double precision check (latitude between -90 and 90),
  longitude double precision check (longitude between -180 and 180)
);
create index node_organisation on node (organisation);
${guarded('node', owned)}

create table product (
  id text primary key,
  organisation text not null references organisation (id) deferrable initially deferred,
  name jsonb not null,
  maker text not null,
  origin text,
  replaceability text check (replaceability in ('days', 'weeks', 'months', 'none')),
  supplier text
);
create index product_organisation on product (organisation);
${guarded('product', owned)}

create table information_system (
  id text primary key,
  organisation text not null references organisation (id) deferrable initially deferred,
  name jsonb not null,
  ${importance},
  assets jsonb not null,
  businesses jsonb not null,
  targets jsonb,
  protection jsonb
);
create index information_system_organisation on information_system (organisation);
${guarded('information_system', owned)}

create table operating_data (
  id text primary key,
  organisation text not null references organisation (id) deferrable initially deferred,
  name jsonb not null,
  system text not null references information_system (id) deferrable initially deferred,
  ${importance},
  targets jsonb
);
create index operating_data_organisation on operating_data (organisation);
${guarded('operating_data', owned)}

create table application (
  id text primary key,
  organisation text not null references organisation (id) deferrable initially deferred,
  name jsonb not null,
  system text references information_system (id) deferrable initially deferred,
  assets jsonb not null,
  businesses jsonb not null,
  product text references product (id) deferrable initially deferred,
  ${importance},
  targets jsonb
);
create index application_organisation on application (organisation);
${guarded('application', owned)}

create table component (
  id text primary key,
  organisation text not null references organisation (id) deferrable initially deferred,
  name jsonb not null,
  asset text not null references asset (id) deferrable initially deferred,
  product text references product (id) deferrable initially deferred,
  vendor text,
  version text,
  purl text,
  cpe text,
  exposure text check (exposure in ('small', 'controlled', 'open')),
  impact text check (impact in ('low', 'medium', 'high', 'very high'))
);
create index component_organisation on component (organisation);
create index component_asset on component (asset);
${guarded('component', owned)}
`,
};
