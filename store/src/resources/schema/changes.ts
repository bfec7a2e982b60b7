import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/**
 * What changed, for readers who wait. A change is seen by whoever may see the thing, through the same tables of access.
 * Ids are made from the time, so that a stranger cannot count others' changes by the gaps between his own.
 */
export const changeSchema: Migration = {
  id: '0013-changes',
  sql: `
create table change (
  id uuid primary key default uuidv7(),
  at double precision not null,
  kind text not null,
  subject text not null,
  -- Exactly what decides who sees it.
  incident text references incident (id),
  finding text references finding (id),
  warning text references warning (id),
  organisation text references organisation (id)
);
${guarded('change', {
  read: `app_centre()
    or organisation = app_organisation()
    or (organisation is null and (
      exists (select from incident_access a where a.incident = change.incident and a.organisation = app_organisation())
      or exists (select from finding_access f where f.finding = change.finding and f.organisation = app_organisation())
      or exists (select from warning w where w.id = change.warning)))`,
  insert: byCentre,
  remove: byCentre,
})}
`,
};
