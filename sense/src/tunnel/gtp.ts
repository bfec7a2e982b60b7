/** GTP-U version 1 (3GPP TS 29.281): subscribers' packets between the parts of a mobile core. */

import type { Packet } from '../packet.ts';
import { innerIp, innerNone, isWholeIp, type CarrierKind, type Inner } from './tunnel.ts';

/** A user-plane packet (message type 255); everything else is signalling. */
const userData = 255;

/** Extension headers of one packet; 3GPP defines about ten. */
const extensionsMax = 16;

function read(packet: Packet): Inner {
  const { bytes, end } = packet;
  let at = packet.at;
  if (at + 8 > end) return innerNone;
  const bits = bytes[at]!;
  // Version 1, protocol type GTP (not GTP').
  if (bits >> 5 !== 1 || !(bits & 0x10) || bytes[at + 1] !== userData) return innerNone;
  at += 8;
  if (bits & 7) {
    if (at + 4 > end) return innerNone;
    let extension = bits & 4 ? bytes[at + 3]! : 0;
    at += 4;
    for (let n = 0; extension !== 0; n++) {
      const words = at < end ? bytes[at]! : 0;
      if (words === 0 || n >= extensionsMax || at + words * 4 > end) return innerNone;
      extension = bytes[at + words * 4 - 1]!;
      at += words * 4;
    }
  }
  if (at >= end) return innerNone;
  const version = bytes[at]! >> 4;
  if (version !== 4 && version !== 6) return innerNone;
  packet.at = at;
  return innerIp;
}

/**
 * Whether a datagram on any port is a subscriber's packet: the header's length is that of the datagram, and so is the
 * length of the IP packet inside. Gateways choose their source ports, and the answers come to them.
 */
export function isGtp(packet: Packet): boolean {
  const { bytes, at, end } = packet;
  if (at + 8 > end || bytes[at]! >> 4 !== 3 || bytes[at + 1] !== userData) return false;
  if (((bytes[at + 2]! << 8) | bytes[at + 3]!) !== packet.wireEnd - at - 8) return false;
  const whole = read(packet) === innerIp && isWholeIp(packet, packet.at);
  packet.at = at;
  return whole;
}

export const gtp: CarrierKind = { type: 'Tunnel::GTPv1', service: 'gtpv1', read };
