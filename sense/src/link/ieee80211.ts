/** Wireless frames (IEEE 802.11), bare or behind a radiotap, Prism or AVS header. Only data in clear carries IP. */

import { broken, notIp, type LinkAnswer, type Packet } from '../packet.ts';
import { llc } from './llc.ts';

/** Skips the radiotap header, whose length is little-endian at byte 2. */
export function radiotap(packet: Packet, max: number): LinkAnswer {
  const { bytes, at, end } = packet;
  const length = at + 4 <= end ? bytes[at + 2]! | (bytes[at + 3]! << 8) : 0;
  if (length < 8 || at + length > end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  packet.at = at + length;
  return ieee80211(packet, max);
}

/** Skips the Prism header of 144 bytes or the AVS header that states its length. */
export function prism(packet: Packet, max: number): LinkAnswer {
  const { bytes, at, end } = packet;
  let length = 144;
  if (at + 8 <= end && bytes[at] === 0x80 && bytes[at + 1] === 0x21) {
    length = (bytes[at + 6]! << 8) | bytes[at + 7]!;
  }
  if (length < 8 || at + length > end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  packet.at = at + length;
  return ieee80211(packet, max);
}

/** Reads the frame control at `packet.at`; addresses follow, then for data the LLC header. */
export function ieee80211(packet: Packet, max: number): LinkAnswer {
  const { bytes, at, end } = packet;
  if (at + 2 > end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  const control = bytes[at]!;
  const flags = bytes[at + 1]!;
  const type = (control >> 2) & 3;
  if (type !== 2) {
    packet.word = type === 0 ? 'wireless_management' : 'wireless_control';
    return notIp;
  }
  // Subtypes with bit 2 set carry no data (null frames); the protected bit means encryption.
  if (control & 0x40) {
    packet.word = 'wireless_null';
    return notIp;
  }
  if (flags & 0x40) {
    packet.word = 'wireless_encrypted';
    return notIp;
  }
  let length = 24;
  if ((flags & 3) === 3) length += 6;
  if (control & 0x80) {
    // Quality of service adds two bytes; an aggregate of frames (A-MSDU) is not taken apart.
    const quality = at + length < end ? bytes[at + length]! : 0;
    length += 2;
    if (flags & 0x80) length += 4;
    if (quality & 0x80) {
      packet.word = 'wireless_aggregate';
      return notIp;
    }
  }
  if (at + length > end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  packet.at = at + length;
  return llc(packet, 0, max);
}
