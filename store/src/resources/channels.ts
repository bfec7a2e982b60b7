/** Where organisations want their notices: endpoints, the centre's settings of channels, and tokens of feeds. */

import type { ChannelTrouble, EndpointKind, EndpointState, EndpointTerms, Relay } from '@forewarn/model/channel';
import type { Transaction } from '../postgres/database.ts';

export type EndpointTrouble = ChannelTrouble & { readonly at: number; readonly givenUp: number };

export type Endpoint = {
  readonly id: string;
  readonly organisation: string;
  readonly kind: EndpointKind;
  readonly name: string;
  readonly address: string;
  /** Sealed. */
  readonly secret: string | null;
  readonly terms: EndpointTerms;
  readonly state: EndpointState;
  readonly madeAt: number;
  readonly madeBy: string;
  readonly lastSentAt: number | null;
  readonly guesses: number;
  readonly trouble: EndpointTrouble | null;
};

/** Of one organisation; a few mailboxes and a ticket system, with room. */
export const endpointsMax = 50;

const columns = `e.id, e.organisation, e.kind, e.name, e.address, e.secret, e.terms, e.state, e.made_at as "madeAt", e.made_by as "madeBy",
  e.last_sent_at as "lastSentAt", e.guesses, e.trouble`;

export async function addEndpoint(tx: Transaction, one: Endpoint): Promise<void> {
  await tx.query(
    `insert into channel_endpoint (id, organisation, kind, name, address, secret, terms, state, made_at, made_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      one.id,
      one.organisation,
      one.kind,
      one.name,
      one.address,
      one.secret,
      JSON.stringify(one.terms),
      one.state,
      one.madeAt,
      one.madeBy,
    ],
  );
}

/** What people change of it. What was tried and failed counts no more: whoever changed something wants to see it tried. */
export async function saveEndpoint(tx: Transaction, one: Endpoint): Promise<void> {
  await tx.query(
    `update channel_endpoint set name = $2, secret = $3, terms = $4, state = $5, guesses = $6, trouble = $7, quiet_until = 0 where id = $1`,
    [one.id, one.name, one.secret, JSON.stringify(one.terms), one.state, one.guesses, one.trouble && JSON.stringify(one.trouble)],
  );
}

/** It stays for the log of what went there, without its address and secret. */
export async function removeEndpoint(tx: Transaction, id: string, at: number, reason: ChannelTrouble): Promise<void> {
  await tx.query(`update channel_endpoint set state = 'removed', secret = null, address = '' where id = $1`, [id]);
  await tx.query(
    `update notice_delivery set state = 'given-up', ended_at = $2, trouble = $3 where endpoint = $1 and state = 'waiting'`,
    [id, at, JSON.stringify(reason)],
  );
}

export async function findEndpoint(tx: Transaction, id: string): Promise<Endpoint | undefined> {
  return (
    await tx.query<Endpoint>(`select ${columns} from channel_endpoint e where e.id = $1 and e.state <> 'removed'`, [id])
  )[0];
}

/** Locks the row. */
export async function lockEndpoint(tx: Transaction, id: string): Promise<Endpoint | undefined> {
  return (
    await tx.query<Endpoint>(`select ${columns} from channel_endpoint e where e.id = $1 and e.state <> 'removed' for update`, [
      id,
    ])
  )[0];
}

/** Of an organisation, as far as the scope shows, with how much waits for each. */
export async function endpointsOf(tx: Transaction, organisation: string): Promise<(Endpoint & { waiting: number })[]> {
  return tx.query(
    `select ${columns}, (select count(*)::int from notice_delivery d where d.endpoint = e.id and d.state = 'waiting') as waiting
     from channel_endpoint e where e.organisation = $1 and e.state <> 'removed' order by e.made_at, e.id limit $2`,
    [organisation, endpointsMax],
  );
}

/** Those that something did not reach, of all that the scope shows; the newest trouble first. */
export async function troubledEndpoints(tx: Transaction, limit: number): Promise<(Endpoint & { waiting: number })[]> {
  return tx.query(
    `select ${columns}, (select count(*)::int from notice_delivery d where d.endpoint = e.id and d.state = 'waiting') as waiting
     from channel_endpoint e where e.trouble is not null and e.state <> 'removed'
     order by (e.trouble->>'at')::double precision desc, e.id limit $1`,
    [limit],
  );
}

/** What the centre has set for all channels. The password of the relay is sealed. */
export type ChannelSettings = {
  readonly relay: (Relay & { readonly password: string | null }) | null;
  readonly privateNetworks: readonly string[];
  readonly publicUrl: string | null;
  readonly publicFeed: boolean;
};

export const noChannelSettings: ChannelSettings = { relay: null, privateNetworks: [], publicUrl: null, publicFeed: false };

/** Read in the centre's scope or the system's. */
export async function channelSettings(tx: Transaction): Promise<ChannelSettings> {
  const [row] = await tx.query<{ body: ChannelSettings }>('select body from channel_setting');
  return row ? { ...noChannelSettings, ...row.body } : noChannelSettings;
}

export async function putChannelSettings(tx: Transaction, settings: ChannelSettings): Promise<void> {
  await tx.query(`insert into channel_setting (body) values ($1) on conflict (one) do update set body = excluded.body`, [
    JSON.stringify(settings),
  ]);
}

export type FeedToken = {
  readonly id: string;
  readonly organisation: string;
  readonly name: string;
  readonly madeAt: number;
  readonly madeBy: string;
  readonly lastUsedAt: number | null;
};

/** Of one organisation: some readers and machines. */
export const feedTokensMax = 20;

const tokenColumns = `id, organisation, name, made_at as "madeAt", made_by as "madeBy", last_used_at as "lastUsedAt"`;

export async function addFeedToken(tx: Transaction, one: FeedToken & { readonly hash: string }): Promise<void> {
  await tx.query('insert into feed_token (id, organisation, name, hash, made_at, made_by) values ($1, $2, $3, $4, $5, $6)', [
    one.id,
    one.organisation,
    one.name,
    one.hash,
    one.madeAt,
    one.madeBy,
  ]);
}

export async function feedTokensOf(tx: Transaction, organisation: string): Promise<FeedToken[]> {
  return tx.query<FeedToken>(`select ${tokenColumns} from feed_token where organisation = $1 order by made_at, id limit $2`, [
    organisation,
    feedTokensMax,
  ]);
}

export async function findFeedToken(tx: Transaction, id: string): Promise<FeedToken | undefined> {
  return (await tx.query<FeedToken>(`select ${tokenColumns} from feed_token where id = $1`, [id]))[0];
}

export async function removeFeedToken(tx: Transaction, id: string): Promise<void> {
  await tx.query('delete from feed_token where id = $1', [id]);
}

/** By what a reader of feeds shows. Only for the system's own look; notes that it was used, once an hour. */
export async function useFeedToken(tx: Transaction, hash: string, at: number): Promise<string | undefined> {
  const [row] = await tx.query<{ id: string; organisation: string; lastUsedAt: number | null }>(
    `select id, organisation, last_used_at as "lastUsedAt" from feed_token where hash = $1`,
    [hash],
  );
  if (row && (row.lastUsedAt === null || at - row.lastUsedAt >= 3_600))
    await tx.query('update feed_token set last_used_at = $2 where id = $1', [row.id, at]);
  return row?.organisation;
}
