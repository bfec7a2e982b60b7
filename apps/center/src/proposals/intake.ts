/**
 * Proposals as records come in: what a batch shows is held against the register of whose network it is, and what is missing there is written
 * together with the batch's state, so that a batch counts once. Which surfaces were shown is noted on the same way.
 */

import { createHash } from 'node:crypto';
import { confidenceOf } from '@forewarn/know/proposals/draft';
import type { KnownEstate } from '@forewarn/know/proposals/known';
import { discoveryLogs, sightings, type Sighting } from '@forewarn/know/proposals/sightings';
import type { Batch, Envelope } from '@forewarn/model/batch';
import type { Estate } from '@forewarn/model/estate';
import { hostRoles, type ProposalSaid } from '@forewarn/model/proposal';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Transaction } from '@forewarn/store/postgres/database';
import { noteChange } from '@forewarn/store/resources/changes';
import {
  countOpen,
  findProposals,
  putProposals,
  putSurfacesSeen,
  reopenProposals,
  type SeenProposal,
} from '@forewarn/store/resources/proposals';
import type { Center } from '../center-parts.ts';
import { knownOf } from './known.ts';

/** Open in one organisation. Nobody works through more; what does not fit is told again the next day, and enters when others are decided. */
export const openMax = 5_000;

/** Of these, what only sensors of other organisations have shown: they must not fill somebody's inbox. */
export const foreignMax = 500;

/** A surface is noted as shown once in this time: blind spots are told in days. */
const surfaceEverySeconds = 3_600;

/** The same thing is the same row: its organisation, kind, place and matter. */
function idOf(organisation: string, { kind, host, matter }: Sighting, known: KnownEstate): string {
  // A surface is asked for by its name, whichever machine answers.
  const place = kind === 'surface' ? '' : known.placeOf(host);
  return createHash('sha256')
    .update(JSON.stringify([organisation, kind, place, matter]))
    .digest('hex')
    .slice(0, 32);
}

/** What is said later stands, but a role gives way only to one that says more. */
function together(before: ProposalSaid, after: ProposalSaid): ProposalSaid {
  const role = hostRoles.find((one) => one === before.role || one === after.role);
  return { ...before, ...after, ...(role === undefined ? {} : { role }) };
}

type Told = Pick<
  SeenProposal,
  'id' | 'organisation' | 'kind' | 'host' | 'matter' | 'said' | 'base' | 'firstSeen' | 'lastSeen' | 'count' | 'log'
>;

/** What of a batch the register lacks, by organisation. */
async function missing(
  center: Omit<Center, 'pipeline'>,
  envelope: Envelope,
  batch: Batch,
): Promise<{ found: Map<string, Map<string, Told>>; knowns: Map<string, KnownEstate> }> {
  const found = new Map<string, Map<string, Told>>();
  const index = await center.estate.index();
  const now = center.clock.now();
  const owners = new Map<string, string>();
  const knowns = new Map<string, KnownEstate>();
  for (const log of discoveryLogs) {
    for (const record of batch.logs[log] ?? []) {
      for (const sighting of sightings(log, record as AnyRecord)) {
        const { host, said } = sighting;
        let owner = owners.get(host);
        if (owner === undefined) owners.set(host, (owner = index.ownerOf(host, envelope.organisation) ?? envelope.organisation));
        let known = knowns.get(owner);
        if (!known) knowns.set(owner, (known = await knownOf(center, owner)));
        if (known.has(sighting)) continue;
        // A name that is another's is no gap of this register, whoever answers to it.
        const name = said.surface?.name.split('/', 1)[0] ?? (sighting.kind === 'name' ? said.name : undefined);
        const whose = name === undefined ? [] : index.concerned({ addresses: [], names: [name] });
        if (whose.some(({ organisation }) => organisation !== owner)) continue;
        const id = idOf(owner, sighting, known);
        // A sensor's clock that is ahead must not make a thing look seen tomorrow.
        const at = Math.min(sighting.ts, now);
        let own = found.get(owner);
        if (!own) found.set(owner, (own = new Map()));
        const there = own.get(id);
        own.set(id, {
          id,
          organisation: owner,
          kind: sighting.kind,
          host,
          matter: sighting.matter,
          log,
          said: there ? together(there.said, said) : said,
          base: Math.max(there?.base ?? 0, sighting.base),
          firstSeen: Math.min(there?.firstSeen ?? at, at),
          lastSeen: Math.max(there?.lastSeen ?? at, at),
          count: (there?.count ?? 0) + 1,
        });
      }
    }
  }
  return { found, knowns };
}

type Surface = { business: string; organisation: string; kind: 'web' | 'api'; name: string; path: string };
const surfacesOf = new WeakMap<Estate, { byHost: Map<string, Surface[]>; notedAt: Map<Surface, number> }>();

function surfaces(estate: Estate) {
  let made = surfacesOf.get(estate);
  if (made) return made;
  made = { byHost: new Map(), notedAt: new Map() };
  for (const { id: business, organisation, surfaces: list } of estate.businesses) {
    for (const { kind, name } of list) {
      if (kind !== 'web' && kind !== 'api') continue;
      const [host = '', ...rest] = name.toLowerCase().split('/');
      const surface = { business, organisation, kind, name, path: rest.length === 0 ? '' : `/${rest.join('/')}` };
      const there = made.byHost.get(host);
      if (there) there.push(surface);
      else made.byHost.set(host, [surface]);
    }
  }
  surfacesOf.set(estate, made);
  return made;
}

/** The names under which something was asked for, by log, and the path of it. */
const askedIn: readonly { log: string; host: string; path?: string }[] = [
  { log: 'api_surface', host: 'name', path: 'path' },
  { log: 'http', host: 'host', path: 'uri' },
  { log: 'ssl', host: 'server_name' },
  { log: 'quic', host: 'server_name' },
];

/** Registered surfaces that the batch shows, and that were not noted within the hour. */
function shownSurfaces(estate: Estate, batch: Batch, now: number): Map<Surface, number> {
  const { byHost, notedAt } = surfaces(estate);
  const seen = new Map<Surface, number>();
  if (byHost.size === 0) return seen;
  for (const { log, host, path } of askedIn) {
    for (const record of batch.logs[log] ?? []) {
      const name = record[host];
      if (typeof name !== 'string' || typeof record['ts'] !== 'number') continue;
      const asked = path === undefined ? undefined : record[path];
      for (const surface of byHost.get(name.toLowerCase().replace(/:\d{1,5}$/, '')) ?? []) {
        if (surface.path !== '' && !(typeof asked === 'string' && asked.toLowerCase().startsWith(surface.path))) continue;
        const at = Math.min(record['ts'], now);
        if (at > Math.max(seen.get(surface) ?? -Infinity, (notedAt.get(surface) ?? -Infinity) + surfaceEverySeconds))
          seen.set(surface, at);
      }
    }
  }
  return seen;
}

async function noteSurfaces(tx: Transaction, estate: Estate, seen: ReadonlyMap<Surface, number>): Promise<void> {
  await putSurfacesSeen(
    tx,
    [...seen].map(([{ business, organisation, kind, name }, at]) => ({ business, organisation, kind, name, at })),
  );
  tx.afterCommit(() => {
    for (const [surface, at] of seen) surfaces(estate).notedAt.set(surface, at);
  });
}

/** What writes the proposals of a batch, in a transaction of the caller's. */
export async function proposalsWriter(
  center: Omit<Center, 'pipeline'>,
  envelope: Envelope,
  batch: Batch,
): Promise<(tx: Transaction) => Promise<void>> {
  const estate = await center.estate.whole();
  const { found, knowns } = await missing(center, envelope, batch);
  const shown = shownSurfaces(estate, batch, center.clock.now());
  return async (tx) => {
    if (shown.size > 0) await noteSurfaces(tx, estate, shown);
    for (const [owner, told] of found) {
      const before = new Map((await findProposals(tx, [...told.keys()])).map((row) => [row.id, row]));
      const room = await countOpen(tx, owner);
      const foreign = envelope.organisation !== owner;
      let free = Math.max(0, Math.min(openMax - room.open, foreign ? foreignMax - room.foreign : Infinity));
      const written: SeenProposal[] = [];
      const reopened: string[] = [];
      for (const one of told.values()) {
        const row = before.get(one.id);
        if (!row && free-- <= 0) continue;
        // What was accepted and is missing again was taken out of the register since.
        if (
          row &&
          (row.state === 'accepted' || row.state === 'merged') &&
          row.itemKind !== null &&
          !knowns.get(owner)!.item(row.itemKind, row.item!)
        )
          reopened.push(row.id);
        const base = Math.max(row?.base ?? 0, one.base);
        const firstSeen = Math.min(row?.firstSeen ?? one.firstSeen, one.firstSeen);
        const lastSeen = Math.max(row?.lastSeen ?? one.lastSeen, one.lastSeen);
        const count = Math.min((row?.count ?? 0) + one.count, 2 ** 31 - 1);
        // What the own sensor shows stays the organisation's own evidence.
        const keep = row !== undefined && foreign && row.seenBy === owner;
        written.push({
          ...one,
          said: row ? together(row.said, one.said) : one.said,
          base,
          count,
          confidence: confidenceOf(base, { firstSeen, lastSeen, count }),
          firstSeen,
          lastSeen,
          log: keep ? row.log : one.log,
          sensor: keep ? row.sensor : envelope.sensor,
          seenBy: keep ? row.seenBy : envelope.organisation,
        });
      }
      if (written.length === 0) continue;
      await putProposals(tx, written);
      if (reopened.length > 0) await reopenProposals(tx, reopened);
      if (written.some(({ id }) => !before.has(id)) || reopened.length > 0) {
        await noteChange(tx, { kind: 'proposals', id: owner, at: center.clock.now() }, { organisation: owner });
        tx.afterCommit(() => center.changes.wake());
      }
    }
  };
}
