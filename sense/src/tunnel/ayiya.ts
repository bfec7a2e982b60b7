/** AYIYA (draft-massar-v6ops-ayiya): IPv6 over UDP with a signature, of tunnel brokers. */

import type { Packet } from '../packet.ts';
import { innerIp, innerNone, innerOther, type CarrierKind, type Inner } from './tunnel.ts';

/** Lengths of identity (as a power of two) and signature (in words), operation, next header, then the two themselves. */
function read(packet: Packet): Inner {
  const { bytes, at, end } = packet;
  if (at + 8 > end) return innerNone;
  const identity = 1 << (bytes[at]! >> 4);
  const signature = (bytes[at + 1]! >> 4) * 4;
  const operation = bytes[at + 2]! & 0x0f;
  const next = bytes[at + 3]!;
  const start = at + 8 + identity + signature;
  if (start > end) return innerNone;
  // Operation 1 forwards; the others are the broker's and the client's own talk.
  if (operation !== 1 || (next !== 41 && next !== 4) || start + 20 > end) return innerOther;
  packet.at = start;
  return innerIp;
}

/**
 * Whether a datagram on any port is AYIYA's as it is used: an integer identity, a SHA-1 signature of five words with a
 * shared secret, and IPv6 or IPv4 forwarded behind them.
 */
export function isAyiya(packet: Packet): boolean {
  const { bytes, at, end } = packet;
  if (at + 8 > end || bytes[at + 1] !== 0x52 || bytes[at + 2] !== 0x11) return false;
  const start = at + 8 + (1 << (bytes[at]! >> 4)) + 20;
  if (start + 20 > end) return false;
  const version = bytes[start]! >> 4;
  return bytes[at + 3] === 41 ? version === 6 : bytes[at + 3] === 4 && version === 4;
}

export const ayiya: CarrierKind = { type: 'Tunnel::AYIYA', service: 'ayiya', read };
