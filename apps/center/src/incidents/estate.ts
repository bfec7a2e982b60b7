/** What of the estate an incident met, as the register stood then: whoever edits it afterwards does not change what was hit. */

import { z } from 'zod';
import { parseNetwork } from '@forewarn/base/ip';
import { formatInstant } from '@forewarn/base/time';
import { AddressIndex, isLocal } from '@forewarn/know/addresses';
import { Instant } from '@forewarn/model/api';
import type { EstateKind, Network } from '@forewarn/model/estate';
import type { Transaction } from '@forewarn/store/postgres/database';
import { assetsWithAddresses, findManyRegistered, readKind, type Registered } from '@forewarn/store/resources/estate';
import { findFindings } from '@forewarn/store/resources/findings';
import { findingIdsOf } from '@forewarn/store/resources/grouping';
import { findIncident, participantsOf } from '@forewarn/store/resources/incidents';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import { EditionView, editionView } from '../estate/register.ts';
import { hostsShownTo } from '../estate/shown.ts';
import { found } from '../refusals.ts';

/** Hosts that are looked up; an incident with more is told of by its networks. */
const hostsMax = 200;
/** Findings whose hosts are looked up beside the incident's own. */
const findingsMax = 500;

const Met = z.object({
  kind: z.enum(['assets', 'networks', 'businesses']),
  hosts: z
    .array(z.string())
    .describe('Of the hosts of the incident and its findings; of a business, those of the assets that carry it.'),
  item: z.looseObject({ id: z.string() }),
  edition: EditionView,
  since: z.enum(['changed', 'removed']).nullable().describe('What became of it in the register since then.'),
});

export const incidentEstate = route({
  method: 'get',
  path: '/incidents/{id}/estate',
  access: 'estate:read',
  summary: 'Assets, networks and businesses that the incident met, as the register stood at its end.',
  params: Id,
  answer: z.object({ at: Instant, items: z.array(Met), more: z.number().int().describe('Hosts that were not looked up.') }),
  async handle({ center, principal, scope, params }) {
    const index = await center.estate.index();
    return center.database.scoped(scope, async (tx) => {
      const incident = found(await findIncident(tx, params.id));
      const concerned = (await participantsOf(tx, [incident.id])).get(incident.id)!.filter((one) => one.concerned);
      const owners = new Set(concerned.map(({ organisation }) => organisation));
      const shown = principal.centre
        ? () => true
        : hostsShownTo(index, principal.organisation, owners.has(principal.organisation));
      const findings = await findFindings(tx, (await findingIdsOf(tx, incident.id)).slice(0, findingsMax));
      const met = new Set([...incident.hosts, ...findings.flatMap(({ source, targets }) => [source, ...targets])]);
      const all = [...met].filter((host) => parseNetwork(host) !== undefined && shown(host));
      const hosts = all.slice(0, hostsMax);
      const at = incident.to;
      // A local address is another machine in every organisation: only those whom it concerns are meant.
      const meant = ({ organisation }: { organisation: string }, host: string): boolean =>
        owners.has(organisation) || !isLocal(parseNetwork(host)!);

      const assets = (await assetsWithAddresses(tx, hosts, at)).map((one) => ({
        ...one,
        hosts: hosts.filter((host) => one.item.addresses.includes(host) && meant(one.item, host)),
      }));
      const hit = assets.filter((one) => one.hosts.length > 0);
      const networks = await networksAround(tx, hosts, at, meant);
      const carried = new Map<string, Set<string>>();
      for (const { item, hosts: own } of hit) {
        for (const business of item.businesses) {
          const there = carried.get(business) ?? new Set();
          for (const host of own) there.add(host);
          carried.set(business, there);
        }
      }
      const businesses = (await findManyRegistered(tx, 'businesses', [...carried.keys()], at)).map((one) => ({
        ...one,
        hosts: [...carried.get(one.item.id)!],
      }));
      return {
        at: formatInstant(at),
        items: [
          ...(await told(tx, 'businesses', businesses)),
          ...(await told(tx, 'assets', hit)),
          ...(await told(tx, 'networks', networks)),
        ],
        more: all.length - hosts.length,
      };
    });
  },
});

type MetThing = Registered & { hosts: string[] };

/** With what became of each since. */
async function told(tx: Transaction, kind: EstateKind & z.infer<typeof Met>['kind'], things: readonly MetThing[]) {
  const ids = things.map(({ item }) => item.id);
  const now = new Map((await findManyRegistered(tx, kind, ids)).map(({ item, edition }) => [item.id, edition.version]));
  return things.map(({ item, edition, hosts }) => {
    const version = now.get(item.id);
    const since = version === undefined ? ('removed' as const) : version === edition.version ? null : ('changed' as const);
    return { kind, hosts, item, edition: editionView(edition), since };
  });
}

/** The longest networks around each host. */
async function networksAround(
  tx: Transaction,
  hosts: readonly string[],
  at: number,
  meant: (network: Network, host: string) => boolean,
): Promise<MetThing[]> {
  const networks = await readKind(tx, 'networks', { at });
  const index = new AddressIndex<Network>(networks.flatMap((one) => one.addresses.map((text) => [text, one] as const)));
  const around = new Map<string, string[]>();
  for (const host of hosts) {
    const address = parseNetwork(host);
    if (!address) continue;
    for (const level of index.around(address)) {
      const own = level.filter((network) => meant(network, host));
      for (const { id } of own) around.set(id, [...(around.get(id) ?? []), host]);
      if (own.length > 0) break;
    }
  }
  const met = await findManyRegistered(tx, 'networks', [...around.keys()], at);
  return met.map((one) => ({ ...one, hosts: around.get(one.item.id)! }));
}
