/** The one list of carriers, and how they are known. */

import type { Packet } from '../packet.ts';
import { ayiya, isAyiya } from './ayiya.ts';
import { gre } from './gre.ts';
import { gtp, isGtp } from './gtp.ts';
import { l2tp } from './l2tp.ts';
import { isTeredo, teredo } from './teredo.ts';
import { innerEthernet, innerIp, innerMpls, type CarrierKind } from './tunnel.ts';
import { geneve, isVxlan, vxlan, vxlanGpe } from './vxlan.ts';

/** MPLS behind IP (RFC 4023) and UDP (RFC 7510). */
const mpls: CarrierKind = { type: 'Tunnel::MPLS', read: () => innerMpls };

/** IP in IP (RFC 2003), IPv6 in IPv4 (RFC 4213) and their kin. */
const ip: CarrierKind = { type: 'Tunnel::IP', read: () => innerIp };

/** EtherIP (RFC 3378): a version of four bits, twelve reserved, then the frame. */
const etherIp: CarrierKind = {
  type: 'Tunnel::ETHERIP',
  read: (packet) => {
    packet.at += 2;
    return innerEthernet;
  },
};

/** A frame right behind IPv6 (RFC 8986). */
const ethernet: CarrierKind = { type: 'Tunnel::ETHERNET', read: () => innerEthernet };

/** Carriers by IP protocol. */
export const ipCarriers: ReadonlyMap<number, CarrierKind> = new Map([
  [4, ip],
  [41, ip],
  [47, gre],
  [97, etherIp],
  [137, mpls],
  [143, ethernet],
]);

/** Carriers over UDP by the responder's port (IANA; 4754 is GRE in UDP, RFC 8086; 8472 was Linux's before 4789). */
export const udpCarriers: ReadonlyMap<number, CarrierKind> = new Map([
  [1701, l2tp],
  [2123, gtp],
  [2152, gtp],
  [3544, teredo],
  [4754, gre],
  [4789, vxlan],
  [4790, vxlanGpe],
  [5072, ayiya],
  [6081, geneve],
  [6635, mpls],
]);

/**
 * The carrier that a datagram on any other port belongs to by its content, beyond doubt: lengths inside and outside
 * must agree. The first bytes turn nearly everything else away.
 */
export function detectCarrier(packet: Packet): CarrierKind | undefined {
  const { bytes, at, end } = packet;
  if (at + 28 > end) return undefined;
  const first = bytes[at]!;
  const second = bytes[at + 1]!;
  if (first >> 4 === 6 || (first === 0 && second <= 1)) return isTeredo(packet) ? teredo : undefined;
  if (first === 0x08 && second === 0) return isVxlan(packet) ? vxlan : undefined;
  if (first >> 4 === 3 && second === 255) return isGtp(packet) ? gtp : undefined;
  return second === 0x52 && isAyiya(packet) ? ayiya : undefined;
}
