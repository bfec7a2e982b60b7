/** IEEE 802.2 logical link control, with the SNAP extension that carries an EtherType (RFC 1042). */

import { broken, isIp, notIp, type LinkAnswer, type Packet } from '../packet.ts';
import { ethertype } from './ethertypes.ts';

/** Reads the LLC header at `packet.at`. */
export function llc(packet: Packet, depth: number, max: number): LinkAnswer {
  const { bytes, at, end } = packet;
  if (at + 3 > end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  const destination = bytes[at]!;
  const source = bytes[at + 1]!;
  if (destination === 0xaa && source === 0xaa && bytes[at + 2] === 3) {
    if (at + 8 > end) {
      packet.word = 'truncated_link_header';
      return broken;
    }
    const organisation = (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
    const type = (bytes[at + 6]! << 8) | bytes[at + 7]!;
    packet.at = at + 8;
    // 00-00-00 is RFC 1042, 00-00-F8 the bridge tunnel encapsulation of 802.1H: both mean an EtherType.
    if ((organisation === 0 || organisation === 0xf8) && type > 1500 && depth < max) {
      return ethertype(packet, type, depth + 1, max);
    }
    packet.word = organisation === 0x0c ? 'cisco_snap' : 'snap';
    return notIp;
  }
  if (destination === 0x06 && source === 0x06) {
    packet.at = at + 3;
    return isIp;
  }
  if (destination === 0xff && source === 0xff) packet.word = 'ipx';
  else if (destination === 0x42) packet.word = 'stp';
  else if (destination === 0xfe) packet.word = 'osi';
  else if (destination === 0xf0) packet.word = 'netbeui';
  else packet.word = 'llc';
  return notIp;
}
