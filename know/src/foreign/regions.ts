/** Where networks are said to be, from a database of addresses: the region of those that state none, and who announces them. */

import type { Network } from '@forewarn/model/estate';
import { isLocal } from '../addresses.ts';
import { parseNetwork } from '@forewarn/base/ip';
import { isMap, type Mmdb, type MmdbValue } from './mmdb.ts';
import { within, type Draft } from './draft.ts';

export type Announced = { network: string; address: string; system: number | null; operator: string; region: string };

/** Addresses of one network that are looked at; their region is asked of the first that has one. */
const addressesMax = 100;

/**
 * Networks that state no region, with the one that the database says of their first public address; and what it says of each. A network whose
 * region is stated stays as people stated it.
 */
export function regionsOf(database: Mmdb, networks: readonly Network[]): { networks: Draft[]; announced: Announced[] } {
  const changed: Draft[] = [];
  const announced: Announced[] = [];
  for (const network of networks) {
    let region: string | undefined;
    for (const address of network.addresses.slice(0, addressesMax)) {
      const parsed = parseNetwork(address);
      if (!parsed || isLocal(parsed)) continue;
      const record = database.find(address.split('/')[0]!);
      if (!isMap(record)) continue;
      const said = { region: regionOf(record) ?? '', ...systemOf(record) };
      announced.push({ network: network.id, address, ...said });
      region ??= said.region || undefined;
    }
    if (network.region === undefined && region !== undefined) changed.push({ ...network, region });
  }
  return { networks: changed, announced };
}

/** The subdivision (ISO 3166-2), or else the country: `CN-GD`, `DE`. */
function regionOf(record: { [name: string]: MmdbValue }): string | undefined {
  // IPinfo and others write the code itself.
  const country = codeOf(record['country']) ?? codeOf(record['country_code']) ?? codeOf(record['registered_country']);
  const subdivisions = record['subdivisions'];
  const part = Array.isArray(subdivisions) ? codeOf(subdivisions[0]) : undefined;
  return country === undefined ? undefined : part === undefined ? country : `${country}-${part}`;
}

function codeOf(value: MmdbValue | undefined): string | undefined {
  const code = isMap(value) ? value['iso_code'] : value;
  return typeof code === 'string' && /^[A-Z0-9]{1,3}$/.test(code) ? code : undefined;
}

function systemOf(record: { [name: string]: MmdbValue }): { system: number | null; operator: string } {
  const number = record['autonomous_system_number'] ?? record['asn'];
  const system = typeof number === 'string' ? Number(number.replace(/^AS/i, '')) : number;
  const operator = within(record['autonomous_system_organization'] ?? record['as_name'], 200) ?? '';
  return { system: typeof system === 'number' && Number.isSafeInteger(system) ? system : null, operator };
}
