/** VXLAN (RFC 7348), its generic extension (draft-ietf-nvo3-vxlan-gpe) and GENEVE (RFC 8926): frames over UDP. */

import type { Packet } from '../packet.ts';
import { innerEthernet, innerIp, innerMpls, innerNone, innerNsh, innerOther, type CarrierKind, type Inner } from './tunnel.ts';

/** Flags with the I bit, three reserved bytes, the network identifier, one reserved byte. */
function readVxlan(packet: Packet): Inner {
  const { bytes, at, end } = packet;
  if (at + 8 > end || !(bytes[at]! & 0x08)) return innerNone;
  packet.at = at + 8;
  return innerEthernet;
}

/** The same with the kind of what follows in the fourth byte, 0 for a frame; the P bit that announces it is not always set. */
function readGpe(packet: Packet): Inner {
  const { bytes, at, end } = packet;
  if (at + 8 > end || bytes[at]! & 0x30) return innerNone;
  packet.at = at + 8;
  switch (bytes[at + 3]) {
    case 0:
      return innerEthernet;
    case 1:
    case 2:
      return innerIp;
    case 3:
      return innerEthernet;
    case 4:
      return innerNsh;
    case 5:
      return innerMpls;
    default:
      return innerOther;
  }
}

/**
 * Whether a datagram on any port is VXLAN's (Linux used 8472 before the standard, and virtual networks still do): the I
 * flag alone, every reserved byte 0, and a frame behind it whose IP packet fills the datagram, or ARP.
 */
export function isVxlan(packet: Packet): boolean {
  const { bytes, at, end } = packet;
  if (at + 8 + 14 + 28 > end || bytes[at] !== 0x08) return false;
  if (bytes[at + 1] !== 0 || bytes[at + 2] !== 0 || bytes[at + 3] !== 0 || bytes[at + 7] !== 0) return false;
  const inner = at + 8 + 14;
  const type = (bytes[inner - 2]! << 8) | bytes[inner - 1]!;
  // A short frame may be padded, so what it carries may end before it.
  if (type === 0x0800)
    return bytes[inner]! >> 4 === 4 && inner + ((bytes[inner + 2]! << 8) | bytes[inner + 3]!) <= packet.wireEnd;
  if (type === 0x86dd)
    return bytes[inner]! >> 4 === 6 && inner + 40 + ((bytes[inner + 4]! << 8) | bytes[inner + 5]!) <= packet.wireEnd;
  // ARP for IPv4 over Ethernet.
  return type === 0x0806 && bytes[inner + 1] === 1 && bytes[inner + 2] === 8 && bytes[inner + 4] === 6 && bytes[inner + 5] === 4;
}

/** Version and options' length in words, flags, protocol type, network identifier. */
function readGeneve(packet: Packet): Inner {
  const { bytes, at, end } = packet;
  if (at + 8 > end || bytes[at]! >> 6 !== 0) return innerNone;
  const type = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  packet.at = at + 8 + (bytes[at]! & 0x3f) * 4;
  if (packet.at >= end) return innerOther;
  if (type === 0x6558) return innerEthernet;
  return type === 0x0800 || type === 0x86dd ? innerIp : innerOther;
}

export const vxlan: CarrierKind = { type: 'Tunnel::VXLAN', service: 'vxlan', read: readVxlan };
export const vxlanGpe: CarrierKind = { type: 'Tunnel::VXLAN', service: 'vxlan', read: readGpe };
export const geneve: CarrierKind = { type: 'Tunnel::GENEVE', service: 'geneve', read: readGeneve };
