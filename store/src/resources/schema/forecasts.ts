import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** Forecasts of incidents, as they were made and as they turned out. */
export const forecastSchema: Migration = {
  id: '0073-forecasts',
  sql: `
create table forecast (
  id text primary key default uuidv7()::text,
  incident text not null references incident (id),
  scheme text not null,
  model text not null,
  at double precision not null,
  horizon double precision not null,
  due_at double precision not null,
  now_level integer,
  expected integer,
  lightest integer,
  gravest integer,
  courses jsonb not null,
  facts jsonb not null,
  scored_at double precision,
  actual integer,
  confirmed boolean not null default false,
  outcomes jsonb not null default '[]'
);
create index forecast_incident on forecast (incident, at desc);
create index forecast_due on forecast (due_at) where scored_at is null;
create index forecast_scored on forecast (scheme, due_at desc) where scored_at is not null;
-- Who is only told of an incident reads its grade, and reads no facts: the API leaves them out.
${guarded('forecast', {
  read: `app_centre() or exists (select from incident_access a where a.incident = forecast.incident and a.organisation = app_organisation())`,
  insert: byCentre,
  update: byCentre,
  remove: byCentre,
})}
`,
};
