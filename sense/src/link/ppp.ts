/** PPP (RFC 1661), in HDLC-like framing (RFC 1662), on Ethernet (RFC 2516), and Cisco HDLC. */

import { broken, isIp, notIp, type LinkAnswer, type Packet } from '../packet.ts';
import { ethertype } from './ethertypes.ts';
import { mpls } from './mpls.ts';

/** Reads a PPP protocol number at `packet.at`, which may be compressed to one byte. */
export function ppp(packet: Packet, max: number): LinkAnswer {
  const { bytes, end } = packet;
  let at = packet.at;
  // Captures of PPP interfaces also hold Cisco HDLC, whose addresses 0x0f and 0x8f no compressed PPP header has.
  if (at + 4 <= end && (bytes[at] === 0x0f || bytes[at] === 0x8f) && bytes[at + 1] === 0) return hdlc(packet, max);
  // Address and control field, absent when compressed.
  if (at + 2 <= end && bytes[at] === 0xff && bytes[at + 1] === 0x03) at += 2;
  if (at >= end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  let protocol = bytes[at]!;
  at++;
  if (!(protocol & 1)) {
    if (at >= end) {
      packet.word = 'truncated_link_header';
      return broken;
    }
    protocol = (protocol << 8) | bytes[at]!;
    at++;
  }
  packet.at = at;
  if (protocol === 0x21 || protocol === 0x57) return isIp;
  if (protocol === 0x281 || protocol === 0x283) return mpls(packet, 0, max);
  if (protocol === 0xc021) packet.word = 'lcp';
  else if (protocol === 0xc023) packet.word = 'pap';
  else if (protocol === 0xc223) packet.word = 'chap';
  else if (protocol === 0x8021) packet.word = 'ipcp';
  else if (protocol === 0x8057) packet.word = 'ipv6cp';
  else packet.word = 'ppp';
  return notIp;
}

/** Reads the session header of PPP over Ethernet at `packet.at`. */
export function pppoe(packet: Packet, max: number): LinkAnswer {
  if (packet.at + 6 > packet.end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  packet.at += 6;
  return ppp(packet, max);
}

/** Cisco HDLC: address, control, EtherType. PPP's own addresses (0xff) go to PPP. */
export function hdlc(packet: Packet, max: number): LinkAnswer {
  const { bytes, at, end } = packet;
  if (at + 4 > end) {
    packet.word = 'truncated_link_header';
    return broken;
  }
  if (bytes[at] === 0xff) return ppp(packet, max);
  const type = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  packet.at = at + 4;
  if (type <= 1500 || type === 0x8035) {
    packet.word = 'cisco_slarp';
    return notIp;
  }
  return ethertype(packet, type, 0, max);
}
