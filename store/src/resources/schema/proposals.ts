import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** What records show and the register lacks, and when the surfaces of businesses were last shown. */
export const proposalSchema: Migration = {
  id: '0052-proposals',
  sql: `
create table estate_proposal (
  -- Made of the organisation and of what is proposed: the same thing seen again is the same row.
  id text primary key,
  -- Whose network it is in.
  organisation text not null references organisation (id) deferrable initially deferred,
  kind text not null check (kind in ('host', 'service', 'name', 'product', 'surface')),
  host text not null,
  matter text not null,
  said jsonb not null,
  base double precision not null,
  confidence double precision not null,
  first_seen double precision not null,
  last_seen double precision not null,
  count integer not null,
  -- The last record that showed it, and whose sensor that was.
  log text not null,
  sensor text not null,
  seen_by text not null,
  state text not null default 'open' check (state in ('open', 'accepted', 'merged', 'refused')),
  decided_at double precision,
  decided_by text,
  reason text,
  item_kind text,
  item text
);
create index estate_proposal_list on estate_proposal (organisation, state, first_seen desc, id desc);
create index estate_proposal_all on estate_proposal (state, first_seen desc, id desc);
${guarded('estate_proposal', { read: 'app_sees(organisation)', insert: byCentre, update: byCentre })}

create table surface_seen (
  business text not null,
  kind text not null,
  name text not null,
  organisation text not null,
  last_seen double precision not null,
  primary key (business, kind, name)
);
create index surface_seen_organisation on surface_seen (organisation);
${guarded('surface_seen', { read: 'app_sees(organisation)', insert: byCentre, update: byCentre })}
`,
};
