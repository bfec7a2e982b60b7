/** The one list of link types (https://www.tcpdump.org/linktypes.html): which decoder reads which. */

import { broken, isIp, notIp, type LinkAnswer, type Packet } from '../packet.ts';
import { cooked, cooked2 } from './cooked.ts';
import { ethernet } from './ethernet.ts';
import { frameRelay } from './frame-relay.ts';
import { switchTag } from './switch-tag.ts';
import { hdlc, ppp, pppoe } from './ppp.ts';
import { ieee80211, prism, radiotap } from './ieee80211.ts';
import { loopback } from './loopback.ts';
import { mpls } from './mpls.ts';
import { nflog } from './nflog.ts';
import { ppi } from './ppi.ts';
import { llc } from './llc.ts';

/** Link types that never carry IP in a form we read, by the account's name. */
const others: ReadonlyMap<number, string> = new Map([
  [7, 'arcnet'],
  [123, 'sunatm'],
  [99, 'symantec_firewall'],
  [143, 'docsis'],
  [162, 'user_defined'],
  [187, 'bluetooth'],
  [189, 'usb'],
  [190, 'can'],
  [195, 'ieee802154'],
  [201, 'bluetooth'],
  [220, 'usb'],
  [227, 'can'],
  [230, 'ieee802154'],
  [231, 'dbus'],
  [249, 'usb'],
  [251, 'bluetooth'],
  [253, 'netlink'],
  [252, 'upper_pdu'],
  [270, 'zwave'],
  [272, 'bluetooth'],
]);

/** Finds the IP packet within a frame of the link type; `max` bounds tags and labels. */
export function link(packet: Packet, type: number, max: number): LinkAnswer {
  switch (type) {
    case 1: // Ethernet
      return ethernet(packet, 0, max);
    case 0: // BSD loopback
    case 108: // OpenBSD loopback
      return loopback(packet);
    case 12: // Raw IP, as the systems number it
    case 14:
    case 101: // Raw IP
    case 228: // Raw IPv4
    case 229: // Raw IPv6
      return isIp;
    case 113:
      return cooked(packet, max);
    case 276:
      return cooked2(packet, max);
    case 9: // PPP
    case 50: // PPP in HDLC-like framing
      return ppp(packet, max);
    case 204: // PPP with a direction byte
      packet.at++;
      return ppp(packet, max);
    case 51:
      return pppoe(packet, max);
    case 104: // Cisco HDLC
      return hdlc(packet, max);
    case 100: // RFC 1483 LLC-encapsulated ATM
      return llc(packet, 0, max);
    case 105:
      return ieee80211(packet, max);
    case 119: // Prism
    case 163: // AVS
      return prism(packet, max);
    case 127:
      return radiotap(packet, max);
    case 192:
      // A frame of the link type that its header names, which is not this one again.
      return ppi(packet, (inner) => (inner === 192 ? unread(packet, inner) : link(packet, inner, max)));
    case 219: // MPLS, bare
      return mpls(packet, 0, max);
    case 239:
      return nflog(packet);
    case 281: // Broadcom switch tag
    case 284: // Marvell switch tag
      return switchTag(packet, 4, max);
    case 285: // Marvell switch tag with an EtherType of its own
      return switchTag(packet, 8, max);
    case 107:
      return frameRelay(packet, max);
    default:
      return unread(packet, type);
  }
}

function unread(packet: Packet, type: number): LinkAnswer {
  const name = others.get(type);
  packet.word = name ?? `link_type_${type}`;
  return name === undefined ? broken : notIp;
}

/** Whether the EtherType at the place is IPv4 or IPv6. */
export function isPlainIp(bytes: Uint8Array, place: number): boolean {
  const first = bytes[place]!;
  const second = bytes[place + 1]!;
  return (first === 0x08 && second === 0) || (first === 0x86 && second === 0xdd);
}
