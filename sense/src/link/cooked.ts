/** Linux cooked captures, version 1 and 2: what `tcpdump -i any` writes (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2). */

import { broken, notIp, type LinkAnswer, type Packet } from '../packet.ts';
import { ethertype } from './ethertypes.ts';

/** ARPHRD_NETLINK and its like: the protocol field is then no EtherType. */
const netlink = 824;
const radiotap = 803;
const wireless = 801;

/** Version 1: packet type, ARPHRD, address length, address (8), protocol. */
export function cooked(packet: Packet, max: number): LinkAnswer {
  const { bytes, at, end } = packet;
  if (at + 16 > end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  packet.at = at + 16;
  return carried(packet, (bytes[at + 2]! << 8) | bytes[at + 3]!, (bytes[at + 14]! << 8) | bytes[at + 15]!, max);
}

/** Version 2: protocol, reserved, interface, ARPHRD, packet type, address length, address (8). */
export function cooked2(packet: Packet, max: number): LinkAnswer {
  const { bytes, at, end } = packet;
  if (at + 20 > end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  packet.at = at + 20;
  return carried(packet, (bytes[at + 8]! << 8) | bytes[at + 9]!, (bytes[at]! << 8) | bytes[at + 1]!, max);
}

function carried(packet: Packet, hardware: number, protocol: number, max: number): LinkAnswer {
  if (hardware === netlink || hardware === radiotap || hardware === wireless) {
    packet.word = hardware === netlink ? 'netlink' : 'ieee80211';
    return notIp;
  }
  // Linux gives 1 to raw 802.3 (Novell) and 4 to 802.2; other small numbers are its own protocols (CAN, IrDA).
  if (protocol <= 1500 && protocol !== 4) {
    packet.word = protocol === 0x0c || protocol === 0x0d ? 'can' : 'linux_cooked_other';
    return notIp;
  }
  return ethertype(packet, protocol, 0, max);
}
