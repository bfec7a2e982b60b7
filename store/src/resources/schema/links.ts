import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** What is kept of each link's traffic, and whose packets were asked for. */
export const linkSchema: Migration = {
  id: '0031-links',
  sql: `
-- A version is never changed: what was kept when, and why, can be told afterwards.
create table link_policy (
  link text not null references link (id),
  organisation text not null references organisation (id),
  version integer not null check (version > 0),
  policy jsonb not null,
  at double precision not null,
  by text not null,
  primary key (link, version)
);
${guarded('link_policy', { read: 'app_sees(organisation)', insert: byCentre })}

-- The row stays when the packets are gone: who looked at what, and why.
create table packet_request (
  id text primary key,
  -- Whose sensor saw the flow.
  organisation text not null references organisation (id),
  sensor text not null,
  link text,
  log text not null,
  uid text not null,
  from_at double precision not null,
  to_at double precision not null,
  flow jsonb not null,
  finding text references finding (id),
  incident text references incident (id),
  purpose text not null,
  at double precision not null,
  by text not null,
  by_organisation text not null references organisation (id),
  state text not null check (state in ('waiting', 'ready', 'none', 'failed')),
  reason jsonb,
  advice jsonb,
  packets integer,
  bytes double precision,
  part jsonb not null default '[]',
  -- When the sensor was last told of it.
  given_at double precision,
  answered_at double precision,
  kept_until double precision,
  check ((finding is null) <> (incident is null))
);
create index packet_request_waiting on packet_request (sensor) where state = 'waiting';
create index packet_request_kept on packet_request (kept_until) where state = 'ready';
create index packet_request_at on packet_request (at, id);
create index packet_request_uid on packet_request (uid);
${guarded('packet_request', { read: 'app_sees(organisation)', insert: byCentre, update: byCentre })}

-- Findings by the link that they were seen on are counted through their sensors.
create index finding_sensor on finding (sensor, to_at);
`,
};
