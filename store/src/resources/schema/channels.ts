import type { Migration } from '../../postgres/migrations.ts';
import { byCentre, guarded } from './guarded.ts';

/** Where organisations want their notices, what is on its way there, and who may read their feed. */
export const channelSchema: Migration = {
  id: '0070-channels',
  sql: `
create table channel_endpoint (
  id text primary key,
  organisation text not null references organisation (id),
  kind text not null check (kind in ('mail', 'webhook')),
  name text not null,
  address text not null,
  -- Sealed: the key of signatures, or the code that proves a mailbox.
  secret text,
  terms jsonb not null,
  state text not null check (state in ('unproven', 'active', 'paused', 'removed')),
  made_at double precision not null,
  made_by text not null,
  last_sent_at double precision,
  -- Nothing is tried before: what is behind a receiver that fails waits with it.
  quiet_until double precision not null default 0,
  -- Wrong codes since the last that was mailed.
  guesses integer not null default 0,
  trouble jsonb
);
create index channel_endpoint_organisation on channel_endpoint (organisation);
${guarded('channel_endpoint', { read: 'app_sees(organisation)', insert: byCentre, update: byCentre })}

create table notice_delivery (
  notice text not null references notice (id) on delete cascade,
  endpoint text not null references channel_endpoint (id),
  organisation text not null references organisation (id),
  at double precision not null,
  pace text not null check (pace in ('at-once', 'digest')),
  state text not null check (state in ('waiting', 'sent', 'given-up')),
  -- When it was due first; a day after that it is too late.
  first_due_at double precision not null,
  due_at double precision not null,
  ended_at double precision,
  attempts integer not null default 0,
  trouble jsonb,
  primary key (notice, endpoint)
);
create index notice_delivery_due on notice_delivery (endpoint, due_at) where state = 'waiting';
create index notice_delivery_organisation on notice_delivery (organisation, at desc, notice desc);
${guarded('notice_delivery', { read: 'app_sees(organisation)', insert: byCentre, update: byCentre })}

create table channel_setting (
  one boolean primary key default true check (one),
  body jsonb not null
);
${guarded('channel_setting', { read: 'app_centre()', insert: byCentre, update: byCentre })}

create table feed_token (
  id text primary key,
  organisation text not null references organisation (id),
  name text not null,
  -- SHA-256 of the token.
  hash text not null unique,
  made_at double precision not null,
  made_by text not null,
  last_used_at double precision
);
create index feed_token_organisation on feed_token (organisation);
${guarded('feed_token', { read: 'app_sees(organisation)', insert: byCentre, remove: byCentre })}
`,
};

/** Notices are spread to endpoints after the act that they tell of: thousands of recipients do not hold it up. */
export const noticeSpreadSchema: Migration = {
  id: '0076-notice-spread',
  sql: `
alter table notice add column spread boolean not null default false;
create index notice_unspread on notice (id) where not spread;
`,
};
