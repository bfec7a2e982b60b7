/** Frames inside a switch (LINKTYPE_DSA_TAG_BRCM, …_DSA, …_EDSA): Ethernet with the switch's tag behind the addresses. */

import { broken, type LinkAnswer, type Packet } from '../packet.ts';
import { ethertype } from './ethertypes.ts';

/** Skips the addresses and a tag of `length` bytes. */
export function switchTag(packet: Packet, length: number, max: number): LinkAnswer {
  const at = packet.at + 12 + length;
  if (at + 2 > packet.end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  packet.at = at + 2;
  return ethertype(packet, (packet.bytes[at]! << 8) | packet.bytes[at + 1]!, 0, max);
}
