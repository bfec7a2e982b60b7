/** BSD loopback (LINKTYPE_NULL, LINKTYPE_LOOP): an address family in four bytes, in whichever order the host had. */

import { broken, isIp, notIp, type LinkAnswer, type Packet } from '../packet.ts';

/** Reads the family at `packet.at`. 2 is IPv4 everywhere; IPv6 is 24, 28 or 30 by system, 10 on Linux, 23 on Windows. */
export function loopback(packet: Packet): LinkAnswer {
  const { bytes, at, end } = packet;
  if (at + 4 > end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  let family = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  if (family & 0xffff0000) {
    family = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  packet.at = at + 4;
  if (family === 2 || family === 24 || family === 28 || family === 30 || family === 10 || family === 23) return isIp;
  packet.word = 'loopback_other';
  return notIp;
}
