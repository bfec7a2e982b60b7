/** Which services rest on what an incident hit, and what falls with them: the spread over the estate's dependencies. */

import type { EstateIndex } from '@forewarn/know/concern';
import type { Fallen } from '@forewarn/know/weights/what-if';
import type { Estate } from '@forewarn/model/estate';
import { isLocal } from '@forewarn/know/addresses';
import { parseNetwork } from '@forewarn/base/ip';
import { fallsOf } from '../topology/falls.ts';

/** Hosts that are looked up; an incident with more is spread by its first. */
const hostsMax = 200;

export type Reach = {
  /** Assets that stand at the incident's hosts, and the services they carry. */
  assets: string[];
  businesses: string[];
  /** What falls if these assets are gone: first what they carry, then what depends on it. */
  fallen: Fallen[];
};

/**
 * What the incident reaches. A private address is another machine in every organisation: of those the incident concerns, the first that has it
 * counts. The estate is read before any transaction.
 */
export function reachOf(
  index: EstateIndex,
  estate: Estate,
  incident: { hosts: readonly string[]; concerned: readonly string[] },
): Reach {
  const assets = new Set<string>();
  const businesses = new Set<string>();
  for (const host of incident.hosts.slice(0, hostsMax)) {
    const network = parseNetwork(host);
    if (!network) continue;
    const asked = isLocal(network) ? incident.concerned : [undefined];
    for (const seenBy of asked) {
      const [met] = index
        .concerned({ addresses: [host], names: [], ...(seenBy === undefined ? {} : { seenBy }) })
        .filter((one) => one.asset !== undefined && (seenBy === undefined || one.organisation === seenBy));
      if (!met) continue;
      assets.add(met.asset!);
      for (const business of met.businesses) businesses.add(business);
      break;
    }
  }
  return {
    assets: [...assets],
    businesses: [...businesses],
    fallen: assets.size === 0 ? [] : fallsOf(estate)({ assets }),
  };
}
