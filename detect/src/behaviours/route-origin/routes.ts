/** Routes as they are compared: prefixes in one spelling, paths without what sets and repetitions add. */

import { formatAddress, parseNetwork } from '@forewarn/base/ip';
import type { AnyRecord } from '@forewarn/model/records/record';

export type Prefix = { text: string; base: string; bits: number; bytes: Uint8Array };

/** One spelling of a prefix, bits behind its length zero; `undefined` for what is none or is a default route. */
export function prefixOf(text: unknown): Prefix | undefined {
  if (typeof text !== 'string' || text.length > 50 || !text.includes('/')) return undefined;
  const network = parseNetwork(text);
  if (!network || network.prefix < 8) return undefined;
  return shorten(network.bytes, network.prefix);
}

/** The prefix of so many bits that holds the address. */
export function shorten(address: Uint8Array, bits: number): Prefix {
  const bytes = Uint8Array.from(address, (byte, i) => {
    const kept = Math.min(8, Math.max(0, bits - 8 * i));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  const base = formatAddress(bytes);
  return { text: `${base}/${bits}`, base, bits, bytes };
}

/** Autonomous systems of a path, repetitions as one; `undefined` where a set or a confederation stands in it. */
export function hopsOf(path: unknown): number[] | undefined {
  if (typeof path !== 'string' || path.length > 4_000) return undefined;
  const hops: number[] = [];
  for (const word of path.split(' ')) {
    if (word === '') continue;
    if (!/^\d{1,10}$/.test(word)) return undefined;
    const asn = Number(word);
    if (hops.at(-1) !== asn) hops.push(asn);
  }
  return hops;
}

/** Who told: the router of a collector's peer, or the sender of the flow; and the other end. */
export function tellersOf(record: AnyRecord): { sender: string; receiver: string } {
  const { peer_ip: peer, local_ip: local, is_orig: isOrig, 'id.orig_h': orig, 'id.resp_h': resp } = record;
  const text = (value: AnyRecord[string]): string => (typeof value === 'string' ? value.slice(0, 45) : '');
  const [sender, receiver] = isOrig === false ? [resp, orig] : [orig, resp];
  return { sender: text(peer) || text(sender), receiver: text(local) || text(receiver) };
}
