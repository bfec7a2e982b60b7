import type { Migration } from '../postgres/migrations.ts';

/** Batches that were taken in, and messages that wait to be delivered. Requests write messages and read neither. */
export const intake: Migration = {
  id: '0003-intake',
  sql: `
create table batch (
  id text primary key,
  sensor text not null,
  organisation text not null,
  -- received: on the disk; stored: its records are in ClickHouse; detected: its findings are written; failed: given up, kept aside.
  state text not null check (state in ('received', 'stored', 'detected', 'failed')),
  received_at double precision not null,
  records integer not null,
  -- Records and values that were not what their declaration says.
  refused integer not null,
  odd integer not null
);
create index batch_received on batch (received_at);

create table outbox (
  seq bigint generated always as identity primary key,
  at double precision not null,
  topic text not null,
  payload jsonb not null,
  attempts integer not null default 0,
  -- Given up after many attempts, so that those behind it are delivered.
  failed text
);
grant insert on outbox to app;
`,
};
