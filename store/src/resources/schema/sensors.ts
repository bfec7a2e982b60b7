import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** How each sensor fares by its last report, and what it is told to do. */
export const sensorSchema: Migration = {
  id: '0030-sensors',
  sql: `
create table sensor_state (
  sensor text primary key references sensor (id),
  organisation text not null references organisation (id),
  -- By the centre's clock.
  reported_at double precision not null,
  report jsonb not null,
  -- Findings about the sensor that are open, by rule.
  open jsonb not null default '{}'
);
${guarded('sensor_state', { read: 'app_sees(organisation)', insert: byCentre, update: byCentre })}

-- A version is never changed: what a sensor captured when can be told afterwards.
create table sensor_settings (
  sensor text not null references sensor (id),
  organisation text not null references organisation (id),
  version integer not null check (version > 0),
  wanted jsonb not null,
  at double precision not null,
  by text not null,
  primary key (sensor, version)
);
${guarded('sensor_settings', { read: 'app_sees(organisation)', insert: byCentre })}
`,
};
