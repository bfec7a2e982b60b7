/** Teredo (RFC 4380): IPv6 over UDP through address translation. */

import type { Packet } from '../packet.ts';
import { innerIp, innerNone, isWholeIp, type CarrierKind, type Inner } from './tunnel.ts';

/** Where the IPv6 packet begins behind the authentication and origin indications (§5.1.1). */
function inside(packet: Packet): number {
  const { bytes, end } = packet;
  let at = packet.at;
  if (at + 4 <= end && bytes[at] === 0 && bytes[at + 1] === 1) at += 13 + bytes[at + 2]! + bytes[at + 3]!;
  if (at + 8 <= end && bytes[at] === 0 && bytes[at + 1] === 0) at += 8;
  return at;
}

/** Passes the indications; the rest must be one IPv6 packet of exactly this length. */
function read(packet: Packet): Inner {
  const at = inside(packet);
  if (at >= packet.end || packet.bytes[at]! >> 4 !== 6 || !isWholeIp(packet, at)) return innerNone;
  packet.at = at;
  return innerIp;
}

/**
 * Whether a datagram on any port is Teredo's: relays choose their ports. One end of the inner packet has a Teredo
 * address, 2001::/32, or, for router solicitations and advertisements, both have link-local ones (§5.2).
 */
export function isTeredo(packet: Packet): boolean {
  const { bytes } = packet;
  const at = inside(packet);
  if (at >= packet.end || bytes[at]! >> 4 !== 6 || !isWholeIp(packet, at)) return false;
  if (isTeredoAddress(bytes, at + 8) || isTeredoAddress(bytes, at + 24)) return true;
  return at > packet.at && isLinkLocal(bytes, at + 8) && (isLinkLocal(bytes, at + 24) || bytes[at + 24] === 0xff);
}

function isTeredoAddress(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x20 && bytes[at + 1] === 1 && bytes[at + 2] === 0 && bytes[at + 3] === 0;
}

function isLinkLocal(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xfe && (bytes[at + 1]! & 0xc0) === 0x80;
}

export const teredo: CarrierKind = { type: 'Tunnel::TEREDO', service: 'teredo', read, bothWays: true };
