/** Linux netfilter log (LINKTYPE_NFLOG): a family, then type-length-value items of which one is the packet. */

import { broken, isIp, notIp, type LinkAnswer, type Packet } from '../packet.ts';

const payload = 9;

/** Finds the payload item at `packet.at`. Lengths are in the host's byte order, taken as little-endian. */
export function nflog(packet: Packet): LinkAnswer {
  const { bytes, end } = packet;
  let at = packet.at;
  if (at + 4 > end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  const family = bytes[at]!;
  if (family !== 2 && family !== 10) {
    packet.word = 'nflog_other';
    return notIp;
  }
  at += 4;
  while (at + 4 <= end) {
    const length = bytes[at]! | (bytes[at + 1]! << 8);
    const type = (bytes[at + 2]! | (bytes[at + 3]! << 8)) & 0x7fff;
    if (type === payload) {
      packet.at = at + 4;
      return isIp;
    }
    // An item holds at least its own header; anything less would not move on.
    if (length < 4) break;
    at += (length + 3) & ~3;
  }
  packet.word = 'nflog_bad_tlv_len';
  return broken;
}
