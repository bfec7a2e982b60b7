import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** What runs over the stored records again and again, how far each has come, and what people decided about baselines. */
export const scheduleSchema: Migration = {
  id: '0041-schedules',
  sql: `
create table schedule (
  -- A loaded rule or behaviour has one row for each organisation whose records it looks at, a hunt one for each that it may see.
  kind text not null check (kind in ('correlation', 'hunt', 'baseline')),
  rule text not null,
  organisation text not null references organisation (id),
  title text not null,
  every_seconds double precision not null check (every_seconds > 0),
  level text,
  -- Whose hunt it is: who may see and change the row.
  owner text not null,
  -- Everything before it was looked at, and what was found is written: both in one transaction.
  until double precision not null,
  ran_at double precision,
  rows_read double precision,
  bytes_read double precision,
  seconds double precision,
  hits integer not null default 0,
  trouble jsonb,
  primary key (kind, rule, organisation)
);
create index schedule_until on schedule (until);
${guarded('schedule', {
  read: 'app_centre() or organisation = app_organisation()',
  insert: byCentre,
  update: byCentre,
  remove: byCentre,
})}

create table baseline_decision (
  organisation text not null references organisation (id),
  subject text not null,
  -- reset: what was before counts no more. pin: the weeks before stay the measure, whatever comes.
  act text not null check (act in ('reset', 'pin')),
  at double precision not null,
  reason text not null,
  account text not null,
  primary key (organisation, subject)
);
${guarded('baseline_decision', {
  read: 'app_centre() or organisation = app_organisation()',
  insert: byCentre,
  update: byCentre,
  remove: byCentre,
})}
`,
};
