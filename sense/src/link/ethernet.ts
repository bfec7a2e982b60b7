/** Ethernet (IEEE 802.3). */

import { broken, type LinkAnswer, type Packet } from '../packet.ts';
import { ethertype } from './ethertypes.ts';

/** Reads the frame at `packet.at`: two addresses of six bytes, then the type. */
export function ethernet(packet: Packet, depth: number, max: number): LinkAnswer {
  const at = packet.at;
  if (at + 14 > packet.end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  packet.at = at + 14;
  return ethertype(packet, (packet.bytes[at + 12]! << 8) | packet.bytes[at + 13]!, depth, max);
}
