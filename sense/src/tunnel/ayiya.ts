/** AYIYA (draft-massar-v6ops-ayiya): IPv6 over UDP with a signature, of tunnel brokers. */

import type { Packet } from '../packet.ts';
import { innerIp, innerNone, type Inner } from './tunnel.ts';

/** Lengths of identity (as a power of two) and signature (in words), operation, next header, then the two themselves. */
export function ayiya(packet: Packet): Inner {
  const { bytes, at, end } = packet;
  if (at + 8 > end) return innerNone;
  const identity = 1 << (bytes[at]! >> 4);
  const signature = (bytes[at + 1]! >> 4) * 4;
  const operation = bytes[at + 2]! & 0x0f;
  const next = bytes[at + 3]!;
  const start = at + 8 + identity + signature;
  if (operation !== 1 || (next !== 41 && next !== 4) || start + 20 > end) return innerNone;
  packet.at = start;
  return innerIp;
}
