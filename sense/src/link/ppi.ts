/** Per-Packet Information (CACE Technologies, PPI Packet Header Format 1.0.10): radio and capture facts before a frame. */

import { broken, type LinkAnswer, type Packet } from '../packet.ts';

/** Version, flags, length of the whole header and the link type behind it, the last two little-endian. */
export function ppi(packet: Packet, link: (type: number) => LinkAnswer): LinkAnswer {
  const { bytes, at, end } = packet;
  const length = at + 8 > end ? 0 : bytes[at + 2]! | (bytes[at + 3]! << 8);
  if (length < 8 || at + length > end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  packet.at = at + length;
  return link(bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24));
}
