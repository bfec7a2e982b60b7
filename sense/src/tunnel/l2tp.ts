/** L2TP version 2 (RFC 2661): PPP over UDP, of providers and of remote access. */

import type { Packet } from '../packet.ts';
import { innerNone, innerPpp, type CarrierKind, type Inner } from './tunnel.ts';

/** Flags and version, then length, tunnel and session, sequence numbers and padding where their flags are set (§3.1). */
function read(packet: Packet): Inner {
  const { bytes, end } = packet;
  let at = packet.at;
  if (at + 6 > end) return innerNone;
  const bits = (bytes[at]! << 8) | bytes[at + 1]!;
  // Version 2; every reserved bit must be 0.
  if ((bits & 0x34ff) !== 0x0002) return innerNone;
  // Its control channel is a protocol (`protocols/l2tp`).
  if (bits & 0x8000) return innerNone;
  at += bits & 0x4000 ? 8 : 6;
  if (bits & 0x0800) at += 4;
  if (bits & 0x0200) {
    if (at + 2 > end) return innerNone;
    at += 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
  }
  if (at + 2 > end) return innerNone;
  packet.at = at;
  return innerPpp;
}

export const l2tp: CarrierKind = { type: 'Tunnel::L2TP', service: 'l2tp', read };
