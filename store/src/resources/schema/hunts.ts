import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** Questions that people keep: their own, or shared with their organisation. */
export const huntSchema: Migration = {
  id: '0037-hunts',
  sql: `
create table saved_hunt (
  id text primary key default uuidv7()::text,
  organisation text not null references organisation (id),
  account text not null,
  name text not null,
  text text not null,
  shared boolean not null,
  created_at double precision not null,
  changed_at double precision not null
);
create index saved_hunt_organisation on saved_hunt (organisation, name, id);
${guarded('saved_hunt', {
  // The centre's services change them for whoever asked; what they show of others' own ones is decided by the statement.
  read: 'app_centre() or (organisation = app_organisation() and (shared or account = app_account()))',
  insert: byCentre,
  update: byCentre,
  remove: byCentre,
})}
`,
};
