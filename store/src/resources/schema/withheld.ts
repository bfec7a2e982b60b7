import type { Migration } from '../../postgres/migrations.ts';

/** Fields of open-ended logs that were not stored because no link's policy lets them in; only their number. */
export const withheldSchema: Migration = {
  id: '0033-withheld',
  sql: `alter table sensor_log add column withheld double precision not null default 0;`,
};
