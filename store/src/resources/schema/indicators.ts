import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** Lists of indicators, and what a person allowed although a warning list names it. */
export const indicatorSchema: Migration = {
  id: '0039-indicators',
  sql: `
create table indicator_list (
  id text primary key default uuidv7()::text,
  -- Whose records it is looked for in; the centre's in everybody's.
  organisation text not null references organisation (id),
  name text not null,
  source text not null,
  reliability text,
  credibility text,
  marking text not null,
  valid_from double precision,
  valid_until double precision,
  format text not null,
  -- The file as it came, by what it holds.
  sha256 text not null,
  bytes double precision not null,
  loaded integer not null,
  refused integer not null,
  refusals jsonb not null,
  at double precision not null,
  by text not null,
  retired jsonb,
  -- How far the search of the past is, and what it read.
  search jsonb
);
create index indicator_list_at on indicator_list (organisation, at desc, id);
create index indicator_list_active on indicator_list (at) where retired is null;
${guarded('indicator_list', { read: 'app_sees(organisation)', insert: byCentre, update: byCentre })}

create table indicator_allowed (
  organisation text not null references organisation (id),
  kind text not null,
  value text not null,
  warning text not null,
  reason text not null,
  at double precision not null,
  by text not null,
  primary key (organisation, kind, value)
);
${guarded('indicator_allowed', { read: 'app_sees(organisation)', insert: byCentre, remove: byCentre })}
`,
};
