import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** Readings of the situation index: with which rules, of which events, and what came out. Only the centre's own job writes. */
export const situationSchema: Migration = {
  id: '0064-situation',
  sql: `
-- An instant and the rules that counted then; whose things they were counted on stands beside.
create table situation_reading (
  at double precision primary key,
  rules jsonb not null,
  -- How long it is kept: some days (now), some weeks (hour), or some years (day).
  kept text not null check (kept in ('now', 'hour', 'day'))
);
${guarded('situation_reading', { read: 'true', insert: byCentre, update: byCentre, remove: byCentre })}

-- An organisation's events, from one reading until they were others: what stays as it is is written once.
create table situation_part (
  organisation text not null references organisation (id),
  from_at double precision not null,
  until_at double precision,
  body jsonb not null,
  primary key (organisation, from_at)
);
create unique index situation_part_present on situation_part (organisation) where until_at is null;
create index situation_part_until on situation_part (until_at);
${guarded('situation_part', { read: 'app_sees(organisation)', insert: byCentre, update: byCentre, remove: byCentre })}

-- What came out for a place, from one reading until it was something else. An organisation's own index is its own; the others are the centre's.
create table situation_value (
  dimension text not null,
  key text not null,
  organisation text not null references organisation (id),
  at double precision not null,
  -- Null where nobody stands any more.
  body jsonb,
  primary key (dimension, key, at)
);
create index situation_value_at on situation_value (at);
${guarded('situation_value', { read: 'app_sees(organisation)', insert: byCentre, update: byCentre, remove: byCentre })}
`,
};
