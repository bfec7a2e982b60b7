import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/**
 * Why incidents happened: chains of causes by edition, what closed incidents had as their causes, and the preventive measures of
 * organisations with their history.
 */
export const causeSchema: Migration = {
  id: '0063-causes',
  sql: `
create table cause_chain (
  incident text not null references incident (id),
  version integer not null,
  at double precision not null,
  by text not null,
  body jsonb not null,
  primary key (incident, version)
);
${guarded('cause_chain', {
  read: `app_centre() or exists (select from incident_access a where a.incident = cause_chain.incident and a.organisation = app_organisation())`,
  insert: byCentre,
})}

-- One row for each cause of a closed incident, so that causes are counted without opening incidents. Who is only told of one does not learn why.
create table incident_cause (
  incident text not null references incident (id),
  -- Empty where it is not known.
  cause text not null,
  part text not null check (part in ('leading', 'contributing', 'unknown')),
  confidence text not null,
  closed_at double precision not null,
  primary key (incident, cause, part)
);
create index incident_cause_cause on incident_cause (cause, closed_at desc);
${guarded('incident_cause', {
  read: `app_centre() or exists (select from incident i where i.id = incident_cause.incident and i.lead = app_organisation())
    or exists (select from incident_participant p where p.incident = incident_cause.incident and p.organisation = app_organisation() and p.concerned)`,
  insert: byCentre,
  remove: byCentre,
})}

create table prevention (
  id text primary key default uuidv7()::text,
  organisation text not null references organisation (id),
  measure text,
  title text not null,
  causes jsonb not null,
  owner text not null,
  state text not null check (state in ('proposed', 'agreed', 'doing', 'done', 'dropped')),
  since double precision not null,
  due_at double precision,
  done_at double precision,
  reason text
);
create index prevention_organisation on prevention (organisation, since desc, id);
${guarded('prevention', { read: 'app_sees(organisation)', insert: byCentre, update: byCentre })}

create table prevention_event (
  id text primary key default uuidv7()::text,
  prevention text not null references prevention (id),
  organisation text not null references organisation (id),
  at double precision not null,
  by text not null,
  state text not null,
  reason text
);
create index prevention_event_of on prevention_event (prevention, id);
${guarded('prevention_event', { read: 'app_sees(organisation)', insert: byCentre })}

-- Causes that were written as a sentence keep it, as another cause than those of the list.
update incident set cause = jsonb_build_object('kind', 'known', 'cause', 'other', 'text', cause->>'cause', 'contributing', '[]'::jsonb,
  'evidence', '[]'::jsonb, 'confidence', coalesce(cause->>'confidence', 'low'))
  where cause->>'kind' = 'known' and not cause ? 'text';
insert into incident_cause (incident, cause, part, confidence, closed_at)
  select id, coalesce(cause->>'cause', ''), case when cause->>'kind' = 'known' then 'leading' else 'unknown' end,
    coalesce(cause->>'confidence', 'low'), updated_at
  from incident where state = 'closed' and cause is not null;
`,
};
