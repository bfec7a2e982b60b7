import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** Warnings. A draft is its author's and the centre's; an issued one is seen by those it reached, each seeing itself only. */
export const warningSchema: Migration = {
  id: '0012-warnings',
  sql: `
create table warning (
  id text primary key default uuidv7()::text,
  number text not null unique,
  owner text not null references organisation (id),
  state text not null check (state in ('draft', 'issued', 'adjusted', 'lifted')),
  colour text not null,
  incident text references incident (id),
  created_at double precision not null,
  issued_at double precision,
  issued_by text,
  valid_until double precision,
  lifted_at double precision,
  edition integer not null default 0,
  body jsonb not null
);
create index warning_created on warning (created_at desc, id);

create table warning_audience (
  warning text not null references warning (id),
  organisation text not null references organisation (id),
  -- Who issued it, repeated here: a policy cannot look into the table whose policy looks here.
  owner text not null references organisation (id),
  edition integer not null,
  reasons jsonb not null,
  delivered_at double precision not null,
  acknowledged_at double precision,
  acknowledged_by text,
  primary key (warning, organisation)
);
create index warning_audience_organisation on warning_audience (organisation, warning);
${guarded('warning_audience', {
  read: 'app_sees(organisation) or owner = app_organisation()',
  insert: byCentre,
  update: byCentre,
})}
${guarded('warning', {
  read: `app_sees(owner) or (state <> 'draft'
    and exists (select from warning_audience a where a.warning = warning.id and a.organisation = app_organisation()))`,
  insert: byCentre,
  update: byCentre,
})}

create table warning_event (
  id text primary key default uuidv7()::text,
  warning text not null references warning (id),
  owner text not null references organisation (id),
  at double precision not null,
  body jsonb not null
);
create index warning_event_warning on warning_event (warning, id);
${guarded('warning_event', { read: 'app_sees(owner)', insert: byCentre })}
`,
};
