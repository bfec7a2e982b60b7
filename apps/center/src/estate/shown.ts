/** What of addresses, names and businesses an organisation may be shown: its own, and what is nobody's. */

import { parseNetwork } from '@forewarn/base/ip';
import { isLocal } from '@forewarn/know/addresses';
import type { EstateIndex } from '@forewarn/know/concern';
import type { HostShown } from '@forewarn/share/projection/incident';
import type { ScopeShown } from '@forewarn/share/projection/warning';

/**
 * Hosts of an incident. A local address (10.0.0.1) names another machine in every organisation, so it is shown only to an
 * organisation that the incident concerns and that has it registered; a public one to whoever has it, or when nobody has.
 */
export function hostsShownTo(index: EstateIndex, organisation: string, concerned: boolean): HostShown {
  return (host) => {
    const network = parseNetwork(host);
    if (!network) return false;
    if (isLocal(network)) return concerned && index.ownerOf(host, organisation) === organisation;
    const owners = index.concerned({ addresses: [host], names: [] });
    return owners.every((one) => one.organisation === organisation);
  };
}

export function scopeShownTo(index: EstateIndex, organisation: string): ScopeShown {
  const ownOrNobodys = (owners: readonly { organisation: string }[]): boolean =>
    owners.length === 0 || owners.some((one) => one.organisation === organisation);
  const none = { addresses: [], names: [], businesses: [], sectors: [] };
  return {
    address: (address) => ownOrNobodys(index.audience({ ...none, addresses: [address] })),
    name: (name) => ownOrNobodys(index.audience({ ...none, names: [name] })),
    business: (id) => ownOrNobodys(index.audience({ ...none, businesses: [id] })),
    organisation: (id) => id === organisation || index.organisation(id)?.overseenBy === organisation,
    asn: (asn) => ownOrNobodys(index.audience({ ...none, asns: [asn] })),
  };
}
