/** A scope as it comes from a person: what cannot be matched is refused with its field. */

import { parseNetwork } from '@forewarn/base/ip';
import { readWarned } from '@forewarn/know/exposure/warned';
import { domainOf } from '@forewarn/know/names';
import type { WarningScope } from '@forewarn/model/warning';
import { invalid } from '../refusals.ts';

export function checkScope(scope: WarningScope): void {
  const address = scope.addresses.find((one) => !parseNetwork(one));
  if (address !== undefined)
    throw invalid('scope.addresses', `"${address}" is neither an address nor a network.`, 'Write 192.0.2.7 or 192.0.2.0/24.');
  const name = scope.names.find((one) => domainOf(one) === undefined);
  if (name !== undefined) throw invalid('scope.names', `"${name}" is not a host or domain name.`);
  for (const product of scope.products ?? []) {
    const read = readWarned(product);
    if (!('unreadable' in read)) continue;
    const what = read.unreadable === 'purl' ? 'package URL' : 'CPE name';
    throw invalid('scope.products', `"${product[read.unreadable]!.slice(0, 80)}" is no ${what}.`);
  }
}
