import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** The centre's quantification table in its signed editions, how computed facts came about, and campaigns of many incidents. */
export const gradingDeskSchema: Migration = {
  id: '0062-grading-desk',
  sql: `
-- How a fact was computed, from what; null for what a person stated.
alter table fact add column how jsonb;

-- SHA-256 of the body in canonical form, which the audit has too; null for what was graded before.
alter table grade add column digest text;
create index audit_of_grades on audit (object, seq) where action in ('incident.graded', 'quantification.sign');

-- An edition counts from its signing until the next; none is changed or removed.
create table quantification_edition (
  version integer primary key check (version > 0),
  body jsonb not null,
  -- SHA-256 of the table in canonical form; the audit has the same.
  digest text not null,
  signed_at double precision not null,
  signed_by text not null,
  reason text not null,
  -- Incidents are graded anew in the order of their ids; how far that has come, null when it is done.
  regraded_to text
);
-- What is in force is shown to whoever is signed in, by the centre's services.
${guarded('quantification_edition', { read: byCentre, insert: byCentre, update: byCentre })}

-- Many incidents that are one matter. It tells of several organisations at once: the centre's own.
create table campaign (
  id text primary key default uuidv7()::text,
  number text not null unique,
  name text not null,
  note text not null,
  state text not null check (state in ('open', 'closed')),
  created_at double precision not null,
  created_by text not null,
  changed_at double precision not null,
  -- An incident of it changed and it was not yet graded anew.
  stale boolean not null
);
create index campaign_changed on campaign (changed_at desc, id desc);
create index campaign_stale on campaign (id) where stale;
${guarded('campaign', { read: byCentre, insert: byCentre, update: byCentre })}

-- Which incidents belong, since when, and which no longer do; the reason of both.
create table campaign_incident (
  id text primary key default uuidv7()::text,
  campaign text not null references campaign (id),
  incident text not null references incident (id),
  at double precision not null,
  by text not null,
  reason text not null,
  removed_at double precision,
  removed_by text,
  removed_reason text
);
create unique index campaign_incident_once on campaign_incident (campaign, incident) where removed_at is null;
create index campaign_incident_incident on campaign_incident (incident) where removed_at is null;
${guarded('campaign_incident', { read: byCentre, insert: byCentre, update: byCentre })}

create table campaign_grade (
  id text primary key default uuidv7()::text,
  campaign text not null references campaign (id),
  at double precision not null,
  scheme text not null,
  version text not null,
  floor integer,
  ceiling integer,
  body jsonb not null
);
create index campaign_grade_campaign on campaign_grade (campaign, scheme, at);
${guarded('campaign_grade', { read: byCentre, insert: byCentre })}
`,
};
