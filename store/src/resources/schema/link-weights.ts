import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** Weights of links that people set in place of what is computed, each with its reason. */
export const linkWeightSchema: Migration = {
  id: '0036-link-weights',
  sql: `
-- Editions are never changed: who let a link weigh how much, and why, can be told afterwards. Without a weight the computed one counts again.
create table link_weight (
  link text not null references link (id),
  organisation text not null references organisation (id),
  version integer not null check (version > 0),
  weight double precision check (weight between 0 and 1),
  reason text not null,
  at double precision not null,
  by text not null,
  primary key (link, version)
);
${guarded('link_weight', { read: 'app_sees(organisation)', insert: byCentre })}
`,
};
