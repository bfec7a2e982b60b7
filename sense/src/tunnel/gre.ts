/** Generic routing encapsulation (RFC 2784, 2890), version 1 of PPTP (RFC 2637), and ERSPAN mirrors. */

import type { Packet } from '../packet.ts';
import { innerEthernet, innerIp, innerMpls, innerNone, innerPpp, type CarrierKind, type Inner } from './tunnel.ts';

function read(packet: Packet): Inner {
  const { bytes, end } = packet;
  let at = packet.at;
  if (at + 4 > end) return innerNone;
  const bits = bytes[at]!;
  const version = bytes[at + 1]! & 7;
  const type = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  at += 4;
  // Checksum or routing, key, sequence number, acknowledgement: four bytes each where their bit is set.
  if (bits & 0xc0) at += 4;
  if (bits & 0x20) at += 4;
  if (bits & 0x10) at += 4;
  if (version === 1) {
    if (bytes[packet.at + 1]! & 0x80) at += 4;
    packet.at = at;
    return type === 0x880b && at < end ? innerPpp : innerNone;
  }
  // The routing of RFC 1701 is obsolete and a way around filters; it is not followed.
  if (version !== 0 || bits & 0x40) return innerNone;
  switch (type) {
    case 0x0800:
    case 0x86dd:
      packet.at = at;
      return innerIp;
    case 0x8847:
    case 0x8848:
      packet.at = at;
      return innerMpls;
    case 0x883e:
      // Web cache communication (WCCP) version 2 puts a header of its own before the redirected packet; version 1 none.
      packet.at = at < end && bytes[at]! >> 4 !== 4 ? at + 4 : at;
      return innerIp;
    case 0x6558:
      packet.at = at;
      return innerEthernet;
    case 0x88be:
      // ERSPAN type I has no header of its own and no sequence number; type II has 8 bytes.
      packet.at = bits & 0x10 ? at + 8 : at;
      return innerEthernet;
    case 0x22eb: {
      // ERSPAN type III: 12 bytes, and 8 more where the last bit announces them.
      if (at + 12 > end) return innerNone;
      packet.at = at + (bytes[at + 11]! & 1 ? 20 : 12);
      return innerEthernet;
    }
    default:
      return innerNone;
  }
}

export const gre: CarrierKind = { type: 'Tunnel::GRE', read };
