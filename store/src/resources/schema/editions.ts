import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

const tables = [
  'organisation',
  'network',
  'node',
  'link',
  'product',
  'business',
  'asset',
  'information_system',
  'operating_data',
  'application',
  'component',
];

/**
 * What lists are filtered by where one organisation's rows are not few: whoever sees all of a country's. What many rows have is found by walking, so that
 * an import does not write an index for it.
 */
const filtered: readonly (readonly [table: string, column: string, where?: string])[] = [
  ['node', 'network'],
  ['asset', 'network'],
  ['asset', 'node', 'node is not null'],
  ['asset', 'product', 'product is not null'],
  ['asset', 'importance', "importance <> 'general'"],
  ['link', 'from_network'],
  ['link', 'to_network'],
  ['operating_data', 'system'],
  ['application', 'system', 'system is not null'],
  ['application', 'product', 'product is not null'],
  ['component', 'product', 'product is not null'],
];

/**
 * Each item of the estate is an edition with its number, since when it counts and who made it. A table holds the newest; what was before it stands in
 * `estate_edition`, complete with its end, and is never changed. So a first import writes each item once, and the estate of an instant is what
 * of both counted then. `search` holds the words of an item and, as `=field id`, the lists of ids it names.
 */
export const editionSchema: Migration = {
  id: '0051-editions',
  sql: `
${tables
  .map(
    (table) => `alter table ${table} add column edition integer not null default 1,
  add column since double precision not null default 0, add column by text not null default 'forewarn',
  add column search tsvector;
create index ${table}_by_search on ${table} using gin (search) with (gin_pending_list_limit = 256);
create policy ${table}_delete on ${table} for delete to app using (${byCentre});
grant delete on ${table} to app;`,
  )
  .join('\n')}
${tables
  .filter((table) => table !== 'organisation')
  .map((table) => `drop index ${table}_organisation;\ncreate index ${table}_organisation on ${table} (organisation, id);`)
  .join('\n')}
${filtered
  .map(
    ([table, column, where]) =>
      `create index ${table}_by_${column} on ${table} (${column}, id)${where ? ` where ${where}` : ''};`,
  )
  .join('\n')}

-- As app_sees() has it, but asked once a statement and not once a row, which the planner counts as leaving nearly nothing over.
${tables
  .filter((table) => table !== 'organisation')
  .map(
    (table) =>
      `alter policy ${table}_read on ${table} using ((select app_centre()) or organisation = (select app_organisation()));`,
  )
  .join('\n')}

create table estate_edition (
  kind text not null,
  id text not null,
  version integer not null,
  organisation text not null,
  since double precision not null,
  by text not null,
  until double precision not null,
  ended_by text not null,
  -- Nothing came after it: it was taken out of the register.
  removed boolean not null,
  item jsonb not null,
  search tsvector,
  primary key (kind, id, version)
);
create index estate_edition_until on estate_edition (kind, until);
${guarded('estate_edition', { read: 'app_sees(organisation)', insert: byCentre })}

create table estate_import (
  id text primary key,
  organisation text not null references organisation (id),
  at double precision not null,
  state text not null,
  job jsonb not null
);
create index estate_import_organisation on estate_import (organisation, at);
${guarded('estate_import', { read: 'app_sees(organisation)', insert: byCentre, update: byCentre })}

-- What was kept of a link, and what it weighed, is told of links that are no more.
alter table link_policy drop constraint link_policy_link_fkey;
alter table link_weight drop constraint link_weight_link_fkey;

-- An organisation that was entered by mistake can be taken out, with the news of it.
alter table change drop constraint change_organisation_fkey,
  add constraint change_organisation_fkey foreign key (organisation) references organisation (id) on delete cascade;

-- Row-level security is asked before a function that could tell what it is given, as in an error, so an index for that function is of no use
-- then. This one tells nothing; a server whose migrations run without that right searches more slowly.
do $$ begin
  alter function ts_match_vq(tsvector, tsquery) leakproof;
exception when insufficient_privilege then null;
end $$;
`,
};
