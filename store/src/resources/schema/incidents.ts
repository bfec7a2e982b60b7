import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** Whoever takes part in the incident of this row. The looked-up table shows each organisation its own rows only. */
const participant = (table: string): string =>
  `app_centre() or exists (select from incident_access a where a.incident = ${table}.incident and a.organisation = app_organisation())`;

/** History: written once, never changed or removed, by grant as well as by policy. */
const history = (table: string): string => guarded(table, { read: participant(table), insert: byCentre });

/** Findings and incidents. An organisation sees those it is concerned by or has a part in, and their parts with them. */
export const incidentSchema: Migration = {
  id: '0011-incidents',
  sql: `
create table finding (
  id text primary key,
  from_at double precision not null,
  to_at double precision not null,
  recorded_at double precision not null,
  level text not null,
  rule text not null,
  source text not null,
  sensor text,
  body jsonb not null
);
create index finding_to on finding (to_at desc, id);
create index finding_rule on finding (rule);

-- Why an organisation sees a finding: its host acts (source) or is acted upon (target), or its sensor saw it (seen).
create table finding_access (
  finding text not null references finding (id) on delete cascade,
  organisation text not null references organisation (id),
  part text not null check (part in ('source', 'target', 'seen')),
  primary key (finding, organisation, part)
);
create index finding_access_organisation on finding_access (organisation, finding);
${guarded('finding_access', { read: 'app_sees(organisation)', insert: byCentre })}
${guarded('finding', {
  read: `app_centre() or exists (select from finding_access a where a.finding = finding.id and a.organisation = app_organisation())`,
  insert: byCentre,
  update: byCentre,
})}

create table incident (
  id text primary key,
  number text not null unique,
  -- The group of findings it was opened from; opening it again finds it.
  candidate text unique,
  title jsonb not null,
  state text not null check (state in ('open', 'contained', 'closed')),
  created_at double precision not null,
  updated_at double precision not null,
  from_at double precision not null,
  to_at double precision not null,
  marking text not null,
  hosts jsonb not null,
  techniques jsonb not null,
  reasons jsonb not null,
  stage jsonb not null,
  -- Of the leading scheme, for lists; the whole grades stand in their own table.
  grade jsonb,
  -- No moment without a lead: the column cannot be empty.
  lead text not null references organisation (id),
  lead_since double precision not null,
  cause jsonb,
  opened_by text not null
);
create index incident_updated on incident (updated_at desc, id);

create table incident_access (
  incident text not null references incident (id),
  organisation text not null references organisation (id),
  primary key (incident, organisation)
);
create index incident_access_organisation on incident_access (organisation, incident);
${guarded('incident_access', { read: 'app_sees(organisation)', insert: byCentre })}
${guarded('incident', {
  read: `app_centre() or exists (select from incident_access a where a.incident = incident.id and a.organisation = app_organisation())`,
  insert: byCentre,
  update: byCentre,
})}

-- Who takes part: those concerned (position 0 is the one hit) and those with a responsibility.
create table incident_participant (
  incident text not null references incident (id),
  organisation text not null references organisation (id),
  concerned boolean not null,
  position integer not null,
  reasons jsonb not null,
  primary key (incident, organisation)
);
${guarded('incident_participant', { read: participant('incident_participant'), insert: byCentre, update: byCentre })}

create function incident_participant_access() returns trigger language plpgsql as $$ begin
  insert into incident_access (incident, organisation) values (new.incident, new.organisation) on conflict do nothing;
  return null;
end $$;
create trigger incident_participant_access after insert on incident_participant
  for each row execute function incident_participant_access();

-- Everybody knows the centre and the departments; a department knows those it oversees; the participants of an
-- incident know one another. More than the name is shown of one's own organisation only, by the API.
${guarded('organisation', {
  read: `app_sees(id) or kind in ('centre', 'department') or overseen_by = app_organisation()
    or exists (select from incident_participant p where p.organisation = organisation.id)`,
  insert: byCentre,
  update: byCentre,
})}

create table incident_finding (
  incident text not null references incident (id),
  finding text not null references finding (id),
  at double precision not null,
  primary key (incident, finding)
);
create index incident_finding_finding on incident_finding (finding);
-- Taking part in an incident does not open others' findings.
${guarded('incident_finding', {
  read: `app_centre() or (
    exists (select from incident_access a where a.incident = incident_finding.incident and a.organisation = app_organisation())
    and exists (select from finding_access f where f.finding = incident_finding.finding and f.organisation = app_organisation()))`,
  insert: byCentre,
})}

create table fact (
  id text primary key default uuidv7()::text,
  incident text not null references incident (id),
  fact text not null,
  value jsonb not null,
  source text not null,
  derived boolean not null,
  by text not null,
  organisation text not null,
  -- Since when it is known, and when it was written down.
  at double precision not null,
  entered_at double precision not null
);
create index fact_incident on fact (incident, fact, entered_at);
${history('fact')}

create table grade (
  id text primary key default uuidv7()::text,
  incident text not null references incident (id),
  at double precision not null,
  scheme text not null,
  version text not null,
  floor integer,
  ceiling integer,
  body jsonb not null
);
create index grade_incident on grade (incident, scheme, at);
${history('grade')}

create table incident_event (
  id text primary key default uuidv7()::text,
  incident text not null references incident (id),
  event text not null,
  at double precision not null,
  entered_at double precision not null,
  by text not null,
  organisation text not null,
  body jsonb not null
);
create index incident_event_incident on incident_event (incident, at);
${history('incident_event')}

create table responsibility_event (
  id text primary key default uuidv7()::text,
  incident text not null references incident (id),
  at double precision not null,
  body jsonb not null
);
create index responsibility_event_incident on responsibility_event (incident, id);
${history('responsibility_event')}

create table task (
  id text primary key default uuidv7()::text,
  incident text not null references incident (id),
  organisation text not null references organisation (id),
  created_at double precision not null,
  by text not null
);
create index task_incident on task (incident);
${history('task')}

create table task_event (
  id text primary key default uuidv7()::text,
  incident text not null references incident (id),
  task text not null references task (id),
  at double precision not null,
  body jsonb not null
);
create index task_event_task on task_event (task, id);
${history('task_event')}

create table decision (
  id text primary key default uuidv7()::text,
  incident text not null references incident (id),
  at double precision not null,
  body jsonb not null
);
create index decision_incident on decision (incident, at);
${history('decision')}

create table timeline (
  id text primary key default uuidv7()::text,
  incident text not null references incident (id),
  at double precision not null,
  entered_at double precision not null,
  kind text not null,
  text jsonb not null,
  by text,
  reference text,
  -- Whose matter the entry is; null for what concerns all participants.
  organisation text
);
create index timeline_incident on timeline (incident, at, id);
-- An entry about a finding is for those who may see the finding.
${guarded('timeline', {
  read: `app_centre() or ((organisation is null or organisation = app_organisation())
    and (kind <> 'finding' or exists (select from finding_access f where f.finding = timeline.reference and f.organisation = app_organisation()))
    and (${participant('timeline')}))`,
  insert: byCentre,
})}

-- A law's clock in an incident, one row a duty and organisation. The lead sees all of them, others their own.
create table clock (
  id text primary key,
  incident text not null references incident (id),
  organisation text not null references organisation (id),
  law text not null,
  duty text not null,
  state text not null,
  started_at double precision,
  due_at double precision,
  -- When the state next changes by itself: due-soon, then missed.
  next_at double precision,
  body jsonb not null
);
create index clock_incident on clock (incident);
create index clock_next on clock (next_at) where next_at is not null;
${guarded('clock', {
  read: `app_sees(organisation) or exists (select from incident i where i.id = clock.incident and i.lead = app_organisation())`,
  insert: byCentre,
  update: byCentre,
  remove: byCentre,
})}
`,
};
