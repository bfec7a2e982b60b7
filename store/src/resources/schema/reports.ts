import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/**
 * Reports: the head, and a copy for each who reads it. The document stands in the copies alone, so that who may see that there is a report does
 * not thereby read another's copy. A copy is never changed once the report is released.
 */
export const reportSchema: Migration = {
  id: '0065-reports',
  sql: `
create table report (
  id text primary key default uuidv7()::text,
  number text not null unique,
  owner text not null references organisation (id),
  template text not null,
  title jsonb not null,
  about text not null check (about in ('situation', 'incident', 'warning')),
  subject text,
  subject_number text,
  state text not null check (state in ('draft', 'released', 'dropped')),
  from_at double precision not null,
  to_at double precision not null,
  made_at double precision not null,
  made_by text,
  released_at double precision,
  released_by text,
  reason text,
  remark text
);
create index report_made on report (made_at desc, id);
-- What a schedule makes, it makes once, whatever happens in between.
create unique index report_scheduled on report (owner, template, to_at) where made_by is null;

create table report_copy (
  report text not null references report (id),
  organisation text not null references organisation (id),
  -- Who made the report, repeated here: a policy cannot look into the table whose policy looks here.
  owner text not null references organisation (id),
  marking text not null,
  reasons jsonb not null,
  document jsonb not null,
  digest text not null,
  delivered_at double precision not null,
  opened_at double precision,
  opened_by text,
  primary key (report, organisation)
);
create index report_copy_organisation on report_copy (organisation, report);
${guarded('report_copy', { read: 'app_sees(organisation) or owner = app_organisation()', insert: byCentre, update: byCentre })}
${guarded('report', {
  read: `app_sees(owner) or (state = 'released'
    and exists (select from report_copy c where c.report = report.id and c.organisation = app_organisation()))`,
  insert: byCentre,
  update: byCentre,
})}
`,
};
