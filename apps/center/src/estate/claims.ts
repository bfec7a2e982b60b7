/** What an organisation may register by itself. */

import { parseNetwork } from '@forewarn/base/ip';
import { isLocal } from '@forewarn/know/addresses';
import type { EstateIndex } from '@forewarn/know/concern';
import type { Asset, Business, Network } from '@forewarn/model/estate';
import type { Words } from '@forewarn/model/text';

export type Claim = { field: string; text: string; values: NonNullable<Words['values']> };

/**
 * Addresses and names that an organisation may not register by itself. What is registered decides who sees a finding and whom a warning
 * reaches, so a public address must lie in what the centre registered for it, and a name must not be another's, above it or below it.
 */
export function claims(index: EstateIndex, own: string, row: object): Claim[] {
  const { addresses = [], domains = [], names = [], surfaces = [] } = row as Partial<Network & Asset & Business>;
  const claimed: Claim[] = [];
  const nothing = { addresses: [], names: [], businesses: [], sectors: [] };
  for (const address of addresses) {
    const network = parseNetwork(address);
    // Every organisation has a 10.0.0.0/8 of its own.
    if (!network || isLocal(network)) continue;
    const around = index.concerned({ addresses: [address], names: [] });
    const inside = index.audience({ ...nothing, addresses: [address] });
    if (around.length === 0 || [...around, ...inside].some(({ organisation }) => organisation !== own))
      claimed.push({ field: 'addresses', text: 'public-address', values: { address } });
  }
  const check = (field: string, list: readonly string[]): void => {
    for (const name of list) {
      if (index.audience({ ...nothing, names: [name] }).some(({ organisation }) => organisation !== own))
        claimed.push({ field, text: 'name-taken', values: { name } });
    }
  };
  check('domains', domains);
  check('names', names);
  check(
    'surfaces',
    surfaces.map(({ name }) => name),
  );
  return claimed;
}
