import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** What each sensor sends, and when it last did. */
export const coverageSchema: Migration = {
  id: '0032-coverage',
  sql: `
create table sensor_log (
  sensor text not null references sensor (id),
  organisation text not null references organisation (id),
  log text not null,
  records double precision not null,
  -- Of the newest record, and never later than its batch came.
  last_at double precision not null,
  primary key (sensor, log)
);
${guarded('sensor_log', { read: 'app_sees(organisation)', insert: byCentre, update: byCentre })}
`,
};
