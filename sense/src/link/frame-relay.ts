/** Frame relay (RFC 2427; LINKTYPE_FRELAY): an address of two or four bytes, control, network layer identifier. */

import { broken, isIp, notIp, type LinkAnswer, type Packet } from '../packet.ts';
import { ethertype } from './ethertypes.ts';

export function frameRelay(packet: Packet, max: number): LinkAnswer {
  const { bytes, end } = packet;
  let at = packet.at;
  // The lowest bit of each address byte says whether it is the last.
  const last = Math.min(at + 4, end);
  while (at < last && !(bytes[at]! & 1)) at++;
  at++;
  if (at + 3 > end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  if (bytes[at] !== 3) {
    // Cisco's form has an EtherType in place of control and identifier; its LMI and others are not IP.
    packet.at = at + 2;
    return ethertype(packet, (bytes[at]! << 8) | bytes[at + 1]!, 0, max);
  }
  at++;
  if (bytes[at] === 0) at++;
  const identifier = at < end ? bytes[at]! : 0;
  packet.at = at + 1;
  if (identifier === 0xcc || identifier === 0x8e) return isIp;
  if (identifier === 0x80 && at + 6 <= end) {
    packet.at = at + 6;
    return ethertype(packet, (bytes[at + 4]! << 8) | bytes[at + 5]!, 0, max);
  }
  packet.word = identifier === 0x08 ? 'lmi' : 'frame_relay';
  return notIp;
}
