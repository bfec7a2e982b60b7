/** Pools of IPv4 addresses: `10.20.10.0/24`, `10.20.10.50-10.20.10.220`, `10.20.1.10`. */

import { parseAddress, parseNetwork } from '@forewarn/base/ip';

/** A row of addresses, as numbers. */
export type Pool = { first: number; size: number };

export const addressNumber = (ip: Uint8Array): number => ip[0]! * 2 ** 24 + ((ip[1]! << 16) | (ip[2]! << 8) | ip[3]!);

export const addressOf = (number: number): Uint8Array =>
  Uint8Array.of(Math.floor(number / 2 ** 24), (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff);

/** The pool, or `undefined` when the text is none. */
export function readPool(text: string): Pool | undefined {
  const [from, to, more] = text.split('-');
  if (to !== undefined) {
    const first = parseAddress(from!);
    const last = parseAddress(to);
    if (more !== undefined || first?.length !== 4 || last?.length !== 4) return undefined;
    const size = addressNumber(last) - addressNumber(first) + 1;
    return size > 0 ? { first: addressNumber(first), size } : undefined;
  }
  const network = parseNetwork(text);
  if (network?.bytes.length !== 4) return undefined;
  return { first: addressNumber(network.bytes), size: 2 ** (32 - network.prefix) };
}

/** For texts that the schema has checked. */
export function poolOf(text: string): Pool {
  const pool = readPool(text);
  if (!pool) throw new Error(`"${text}" passed the schema but is no pool of addresses.`);
  return pool;
}

export const within = (inner: Pool, outer: Pool): boolean =>
  inner.first >= outer.first && inner.first + inner.size <= outer.first + outer.size;

/** The 16 bytes of an IPv6 network that the schema has checked. */
export function network6(text: string): Uint8Array {
  const network = parseNetwork(text);
  if (network?.bytes.length !== 16) throw new Error(`"${text}" passed the schema but is no IPv6 network.`);
  return network.bytes;
}

/**
 * Whether an address may stand for the outside: the documentation networks (RFC 5737), the benchmarking network
 * (RFC 2544, RFC 6815) – nobody on the Internet answers there, so that no recording accuses anyone.
 */
const outsidePools = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '198.18.0.0/15'].map((text) => readPool(text)!);
/** RFC 1918. */
const insidePools = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((text) => readPool(text)!);

export const mayStandFor = (side: 'inside' | 'outside', pool: Pool): boolean =>
  (side === 'inside' ? insidePools : outsidePools).some((outer) => within(pool, outer));
