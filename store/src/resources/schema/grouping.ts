import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** What people decide about grouping: which finding belongs to which incident, and that two incidents are one. */
export const groupingSchema: Migration = {
  id: '0038-grouping',
  sql: `
-- Each decision with its reason, written once.
create table grouping_decision (
  id text primary key default uuidv7()::text,
  incident text not null references incident (id),
  at double precision not null,
  by text not null,
  act text not null check (act in ('take-out', 'put-in', 'split', 'split-off', 'merge', 'merged')),
  reason text not null,
  findings jsonb not null,
  -- The incident on the other side of a split or a merge.
  other text references incident (id)
);
create index grouping_decision_incident on grouping_decision (incident, at desc);
${guarded('grouping_decision', {
  read: `app_centre() or exists (select from incident_access a where a.incident = grouping_decision.incident and a.organisation = app_organisation())`,
  insert: byCentre,
})}

-- Where a person has put a finding, which grouping by itself does not change; without an incident, it is in none.
create table finding_placement (
  finding text primary key references finding (id) on delete cascade,
  incident text references incident (id),
  at double precision not null
);
create index finding_placement_incident on finding_placement (incident);
${guarded('finding_placement', {
  read: `app_centre() or exists (select from finding_access a where a.finding = finding_placement.finding and a.organisation = app_organisation())`,
  insert: byCentre,
  update: byCentre,
})}

-- Groups whose incident was merged into another: what is added to them belongs there.
create table candidate_incident (
  candidate text primary key,
  incident text not null references incident (id),
  at double precision not null
);
${guarded('candidate_incident', { read: byCentre, insert: byCentre, update: byCentre })}

-- A finding may be taken out of an incident again; that it was in it stands in the decisions and the timeline.
create policy incident_finding_delete on incident_finding for delete to app using (app_centre());
grant delete on incident_finding to app;
`,
};
