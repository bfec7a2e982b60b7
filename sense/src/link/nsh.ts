/** Network service header (RFC 8300): the path of a packet through service functions, before the packet itself. */

import { broken, isIp, notIp, type LinkAnswer, type Packet } from '../packet.ts';
import { ethernet } from './ethernet.ts';
import { mpls } from './mpls.ts';

/** Version, flags, time to live and length in words; metadata type; the kind of what follows; path and index. */
export function nsh(packet: Packet, depth: number, max: number): LinkAnswer {
  const { bytes, at, end } = packet;
  const length = at + 8 > end ? 0 : (bytes[at + 1]! & 0x3f) * 4;
  if (length < 8 || at + length > end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  if (depth >= max) {
    packet.word = 'too_many_link_tags';
    return broken;
  }
  packet.at = at + length;
  switch (bytes[at + 3]) {
    case 1:
    case 2:
      return isIp;
    case 3:
      return ethernet(packet, depth + 1, max);
    case 4:
      return nsh(packet, depth + 1, max);
    case 5:
      return mpls(packet, depth + 1, max);
    default:
      packet.word = 'nsh';
      return notIp;
  }
}
