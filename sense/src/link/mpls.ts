/** MPLS label stacks (RFC 3032). */

import { broken, isIp, notIp, type LinkAnswer, type Packet } from '../packet.ts';
import { ethernet } from './ethernet.ts';

/**
 * Skips the labels at `packet.at`. Nothing below says what is carried: a first half-byte of 4 or 6 is IP (RFC 4928), 0
 * is the control word of an Ethernet pseudowire (RFC 4385).
 */
export function mpls(packet: Packet, depth: number, max: number): LinkAnswer {
  const { bytes, end } = packet;
  let at = packet.at;
  for (let labels = depth; ; labels++) {
    if (at + 4 > end || labels > max) {
      packet.word = labels > max ? 'too_many_link_tags' : 'truncated_link_header';
      return broken;
    }
    const bottom = bytes[at + 2]! & 1;
    at += 4;
    if (bottom) break;
  }
  packet.at = at;
  if (at >= end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  const half = bytes[at]! >> 4;
  if (half === 4 || half === 6) return isIp;
  if (half === 0 && at + 4 + 14 <= end && depth < max) {
    packet.at = at + 4;
    return ethernet(packet, depth + 1, max);
  }
  packet.word = 'mpls';
  return notIp;
}
