/**
 * Which registered networks contain an address, and which a network meets: the compiled form of an estate's addresses.
 * A look-up costs one map look-up for each prefix length that is registered, whatever the number of networks.
 */

import { parseNetwork, type Network } from '@forewarn/base/ip';

type Registered<Value> = { prefix: number; key: string; values: Value[] };

export class AddressIndex<Value> {
  /** By family and prefix length, longest first: masked address in hexadecimal to what is registered there. */
  readonly #families: { [length: number]: { prefix: number; byKey: Map<string, Registered<Value>> }[] } = { 4: [], 16: [] };
  /** By first address, for the question what lies inside. */
  readonly #sorted: { [length: number]: Registered<Value>[] } = { 4: [], 16: [] };

  constructor(entries: Iterable<readonly [address: string, value: Value]>) {
    this.take(entries);
    this.order();
  }

  /** Takes more in, to be put in order before the next question. */
  take(entries: Iterable<readonly [address: string, value: Value]>): void {
    for (const [address, value] of entries) {
      const network = parseNetwork(address);
      if (!network) continue;
      const family = this.#families[network.bytes.length]!;
      let level = family.find(({ prefix }) => prefix === network.prefix);
      if (!level) family.push((level = { prefix: network.prefix, byKey: new Map() }));
      const key = masked(network.bytes, network.prefix);
      const there = level.byKey.get(key);
      if (there) there.values.push(value);
      else {
        const registered = { prefix: network.prefix, key, values: [value] };
        level.byKey.set(key, registered);
        this.#sorted[network.bytes.length]!.push(registered);
      }
    }
  }

  order(): void {
    for (const family of Object.values(this.#families)) family.sort((a, b) => b.prefix - a.prefix);
    for (const sorted of Object.values(this.#sorted)) sorted.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  /** What is registered under the longest network that holds the address or network; of each longer-lived tie, all. */
  longest(network: Network): Value[] {
    return this.around(network).next().value ?? [];
  }

  /** What is registered under each network that holds the address or network, the longest first. */
  *around(network: Network): Generator<Value[], undefined> {
    for (const { prefix, byKey } of this.#families[network.bytes.length]!) {
      if (prefix > network.prefix) continue;
      const found = byKey.get(masked(network.bytes, prefix));
      if (found) yield found.values;
    }
    return undefined;
  }

  /** What is registered inside the network, the network itself included. */
  inside(network: Network): Value[] {
    const sorted = this.#sorted[network.bytes.length]!;
    const first = masked(network.bytes, network.prefix);
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]!.key < first) low = middle + 1;
      else high = middle;
    }
    const found: Value[] = [];
    for (let i = low; i < sorted.length && within(sorted[i]!.key, first, network.prefix); i++) {
      if (sorted[i]!.prefix >= network.prefix) found.push(...sorted[i]!.values);
    }
    return found;
  }
}

/** The address with the bits right of the prefix cleared, in hexadecimal. */
function masked(bytes: Uint8Array, prefix: number): string {
  let key = '';
  for (let i = 0; i < bytes.length; i++) {
    const bits = Math.min(8, Math.max(0, prefix - 8 * i));
    const byte = bytes[i]! & (0xff << (8 - bits)) & 0xff;
    key += (byte < 16 ? '0' : '') + byte.toString(16);
  }
  return key;
}

function within(key: string, first: string, prefix: number): boolean {
  const whole = prefix >> 2;
  if (key.slice(0, whole) !== first.slice(0, whole)) return false;
  const rest = prefix & 3;
  if (rest === 0) return true;
  const mask = 0xf << (4 - rest);
  return (Number.parseInt(key[whole]!, 16) & mask) === (Number.parseInt(first[whole]!, 16) & mask);
}

/** Networks whose addresses mean something only inside one organisation. RFC 1918, 6598, 3927, 4193, 4291; loopback. */
const local = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
];
const localIndex = new AddressIndex(local.map((network) => [network, true] as const));

/** Whether the address or network says nothing about whose it is. */
export function isLocal(network: Network): boolean {
  return localIndex.longest(network).length > 0;
}
