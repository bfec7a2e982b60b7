/** VXLAN (RFC 7348) and GENEVE (RFC 8926): Ethernet over UDP. */

import type { Packet } from '../packet.ts';
import { innerEthernet, innerIp, innerNone, type Inner } from './tunnel.ts';

/** Flags with the I bit, three reserved bytes, the network identifier, one reserved byte. */
export function vxlan(packet: Packet): Inner {
  const { bytes, at, end } = packet;
  if (at + 8 > end || !(bytes[at]! & 0x08)) return innerNone;
  packet.at = at + 8;
  return innerEthernet;
}

/** Version and options' length in words, flags, protocol type, network identifier. */
export function geneve(packet: Packet): Inner {
  const { bytes, at, end } = packet;
  if (at + 8 > end || bytes[at]! >> 6 !== 0) return innerNone;
  const type = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  packet.at = at + 8 + (bytes[at]! & 0x3f) * 4;
  if (packet.at >= end) return innerNone;
  if (type === 0x6558) return innerEthernet;
  return type === 0x0800 || type === 0x86dd ? innerIp : innerNone;
}
