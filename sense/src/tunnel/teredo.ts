/** Teredo (RFC 4380): IPv6 over UDP through address translation. */

import type { Packet } from '../packet.ts';
import { innerIp, innerNone, type Inner } from './tunnel.ts';

/** Passes the authentication and origin indications; the rest must be one IPv6 packet of exactly this length. */
export function teredo(packet: Packet): Inner {
  const { bytes, end } = packet;
  let at = packet.at;
  if (at + 4 <= end && bytes[at] === 0 && bytes[at + 1] === 1) at += 13 + bytes[at + 2]! + bytes[at + 3]!;
  if (at + 8 <= end && bytes[at] === 0 && bytes[at + 1] === 0) at += 8;
  if (at + 40 > end || bytes[at]! >> 4 !== 6) return innerNone;
  const length = (bytes[at + 4]! << 8) | bytes[at + 5]!;
  if (at + 40 + length !== packet.wireEnd) return innerNone;
  packet.at = at;
  return innerIp;
}
