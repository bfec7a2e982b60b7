/** IPv4 (RFC 791), IPv6 (RFC 8200) with its extension headers, ICMP (RFC 792, RFC 4443) and what else stands right on IP. */

import { ipCarriers } from '../tunnel/index.ts';
import { hexadecimal, named, type Dissection, type Dissector, type Layer } from './dissection.ts';
import { sctp, tcp, udp } from './transport.ts';
import { carried } from './tunnel.ts';

/** Protocols of IP that a reader meets (IANA). */
const protocols: ReadonlyMap<number, string> = new Map([
  [0, 'hop-by-hop options'],
  [1, 'ICMP'],
  [2, 'IGMP'],
  [4, 'IPv4'],
  [6, 'TCP'],
  [17, 'UDP'],
  [41, 'IPv6'],
  [43, 'routing'],
  [44, 'fragment'],
  [47, 'GRE'],
  [50, 'ESP'],
  [51, 'AH'],
  [58, 'ICMPv6'],
  [59, 'none'],
  [60, 'destination options'],
  [88, 'EIGRP'],
  [89, 'OSPF'],
  [97, 'EtherIP'],
  [103, 'PIM'],
  [112, 'VRRP'],
  [115, 'L2TPv3'],
  [132, 'SCTP'],
  [135, 'mobility'],
  [137, 'MPLS'],
  [143, 'Ethernet'],
]);

const protocolName = named(protocols);

/** Either version, by its first half-byte; anything else is left as bytes. */
export const ip: Dissector = (d) => {
  const version = d.u8(0) >> 4;
  if (version === 4) return ipv4(d);
  return version === 6 ? ipv6(d) : undefined;
};

/** Whom the packet is from and to: told of the innermost network layer that is the packet's own. */
function hop(d: Dissection, layer: Layer, source: string, destination: string, protocol: number): void {
  layer.line = `${source} → ${destination}`;
  d.say(protocols.get(protocol) ?? `IP ${protocol}`, '');
  if (d.quoted) return;
  d.source = source;
  d.destination = destination;
  d.hops.push({ source, destination, transport: protocol });
}

const ipv4: Dissector = (d) => {
  const header = (d.u8(0) & 15) * 4;
  const layer = d.open('ip', Math.max(header, 20));
  if (!layer) return undefined;
  layer.text('ip.version', 0, 1, '4');
  layer.text('ip.hdr_len', 0, 1, String(header));
  const service = d.u8(1);
  layer.text('ip.dsfield.dscp', 1, 1, String(service >> 2));
  layer.text('ip.dsfield.ecn', 1, 1, String(service & 3));
  const total = layer.number('ip.len', 2, 2);
  layer.number('ip.id', 4, 2, hexadecimal(4));
  const fragment = d.u16(6);
  const flags = [fragment & 0x8000 ? 'reserved' : '', fragment & 0x4000 ? 'DF' : '', fragment & 0x2000 ? 'MF' : ''].filter(
    Boolean,
  );
  layer.text('ip.flags', 6, 1, `0x${(fragment >> 13).toString(16)}${flags.length > 0 ? ` ${flags.join(', ')}` : ''}`);
  const from = (fragment & 0x1fff) * 8;
  layer.text('ip.frag_offset', 6, 2, String(from));
  layer.number('ip.ttl', 8, 1);
  const protocol = layer.number('ip.proto', 9, 1, protocolName);
  layer.number('ip.checksum', 10, 2, hexadecimal(4));
  const source = layer.address('ip.src', 12, 4);
  const destination = layer.address('ip.dst', 16, 4);
  if (header > 20) layer.text('ip.options', 20, header - 20, d.hex(layer.start + 20, header - 20));
  hop(d, layer, source, destination, protocol);
  // Frames are padded to 60 bytes, and offloading leaves the length 0: then the datagram is as long as its frame.
  if (total >= header) bound(d, layer.start + total);
  layer.close(Math.max(header, 20));
  if (from > 0) return piece(d, from, (fragment >> 13) & 1);
  return above(protocol);
};

const ipv6: Dissector = (d) => {
  const layer = d.open('ipv6', 40);
  if (!layer) return undefined;
  const first = d.u32(0);
  layer.text('ipv6.version', 0, 1, '6');
  layer.text('ipv6.tclass', 0, 2, hexadecimal(2)((first >>> 20) & 0xff));
  layer.text('ipv6.flow', 1, 3, hexadecimal(5)(first & 0xfffff));
  const payload = layer.number('ipv6.plen', 4, 2);
  const next = layer.number('ipv6.nxt', 6, 1, protocolName);
  layer.number('ipv6.hlim', 7, 1);
  const source = layer.address('ipv6.src', 8, 16);
  const destination = layer.address('ipv6.dst', 24, 16);
  if (payload > 0) bound(d, layer.start + 40 + payload);
  let at = 40;
  let protocol = next;
  // RFC 8200 §4.1 names seven extension headers; each takes eight bytes at least, so that the walk ends with the packet.
  for (;;) {
    const start = layer.start + at;
    if (start + 8 > d.end) break;
    const after = d.number(start, 1);
    if (protocol === 44) {
      const word = d.number(start + 2, 2);
      layer.text(
        'ipv6.fragment',
        at,
        8,
        `${word & 0xfff8}${word & 1 ? ', more' : ''}, ID ${hexadecimal(8)(d.number(start + 4, 4))}`,
      );
      at += 8;
      protocol = after;
      if ((word & 0xfff8) > 0) {
        hop(d, layer, source, destination, protocol);
        layer.close(at);
        return piece(d, word & 0xfff8, word & 1);
      }
      continue;
    }
    let length = 0;
    if (protocol === 0 || protocol === 43 || protocol === 60 || protocol === 139 || protocol === 140)
      length = (d.number(start + 1, 1) + 1) * 8;
    else if (protocol === 51) length = (d.number(start + 1, 1) + 2) * 4;
    else break;
    layer.text('ipv6.ext', at, length, protocolName(protocol));
    at += length;
    protocol = after;
    if (layer.start + at >= d.end) break;
  }
  hop(d, layer, source, destination, protocol);
  layer.close(at);
  return above(protocol);
};

/** What contains the datagram may be longer than it, never shorter. */
function bound(d: Dissection, end: number): void {
  d.wireEnd = Math.min(d.wireEnd, Math.max(end, d.at));
  d.end = Math.min(d.end, Math.max(end, d.at));
}

/** A later piece of a datagram has no header of what it carries. */
function piece(d: Dissection, from: number, more: number): undefined {
  d.say(d.protocol, `Fragment, offset ${from}${more ? ', more fragments' : ''}`);
  return undefined;
}

function above(protocol: number): Dissector | undefined {
  switch (protocol) {
    case 1:
      return icmp;
    case 2:
      return igmp;
    case 6:
      return tcp;
    case 17:
      return udp;
    case 50:
      return esp;
    case 51:
      return ah;
    case 58:
      return icmpv6;
    case 132:
      return sctp;
    default: {
      const carrier = ipCarriers.get(protocol);
      return carrier && carried(carrier);
    }
  }
}

const icmpTypes: ReadonlyMap<number, string> = new Map([
  [0, 'Echo reply'],
  [3, 'Destination unreachable'],
  [4, 'Source quench'],
  [5, 'Redirect'],
  [8, 'Echo request'],
  [9, 'Router advertisement'],
  [10, 'Router solicitation'],
  [11, 'Time exceeded'],
  [12, 'Parameter problem'],
  [13, 'Timestamp request'],
  [14, 'Timestamp reply'],
]);

/** Codes of what is unreachable (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1). */
const unreachable: ReadonlyMap<number, string> = new Map([
  [0, 'network'],
  [1, 'host'],
  [2, 'protocol'],
  [3, 'port'],
  [4, 'fragmentation needed'],
  [9, 'network prohibited'],
  [10, 'host prohibited'],
  [13, 'administratively prohibited'],
]);

const icmp: Dissector = (d) => {
  const layer = d.open('icmp', Math.min(8, Math.max(4, d.left)));
  if (!layer) return undefined;
  const type = layer.number('icmp.type', 0, 1, named(icmpTypes));
  const code = layer.number('icmp.code', 1, 1, type === 3 ? named(unreachable) : String);
  layer.number('icmp.checksum', 2, 2, hexadecimal(4));
  let info = icmpTypes.get(type) ?? `Type ${type}`;
  if (type === 3) info += ` (${unreachable.get(code) ?? code})`;
  else if (code !== 0) info += `, code ${code}`;
  const long = d.left >= 8;
  if (long && (type === 0 || type === 8 || type === 13 || type === 14)) {
    const id = layer.number('icmp.ident', 4, 2, hexadecimal(4));
    const sequence = layer.number('icmp.seq', 6, 2);
    info += `, id=${hexadecimal(4)(id)}, seq=${sequence}`;
  } else if (long && type === 5) info += `, gateway ${layer.address('icmp.redir_gw', 4, 4)}`;
  else if (long && type === 3 && code === 4) info += `, MTU ${layer.number('icmp.mtu', 6, 2)}`;
  layer.line = info;
  d.say('ICMP', info);
  layer.close(8);
  return type === 3 || type === 4 || type === 5 || type === 11 || type === 12 ? quotation : undefined;
};

const icmpv6Types: ReadonlyMap<number, string> = new Map([
  [1, 'Destination unreachable'],
  [2, 'Packet too big'],
  [3, 'Time exceeded'],
  [4, 'Parameter problem'],
  [128, 'Echo request'],
  [129, 'Echo reply'],
  [130, 'Multicast listener query'],
  [131, 'Multicast listener report'],
  [132, 'Multicast listener done'],
  [133, 'Router solicitation'],
  [134, 'Router advertisement'],
  [135, 'Neighbor solicitation'],
  [136, 'Neighbor advertisement'],
  [137, 'Redirect'],
  [143, 'Multicast listener report v2'],
]);

const icmpv6: Dissector = (d) => {
  const layer = d.open('icmpv6', Math.min(8, Math.max(4, d.left)));
  if (!layer) return undefined;
  const type = layer.number('icmpv6.type', 0, 1, named(icmpv6Types));
  const code = layer.number('icmpv6.code', 1, 1);
  layer.number('icmpv6.checksum', 2, 2, hexadecimal(4));
  let info = icmpv6Types.get(type) ?? `Type ${type}`;
  if (code !== 0) info += `, code ${code}`;
  let length = 8;
  const long = d.left >= 8;
  if (long && (type === 128 || type === 129)) {
    const id = layer.number('icmpv6.echo.identifier', 4, 2, hexadecimal(4));
    const sequence = layer.number('icmpv6.echo.sequence_number', 6, 2);
    info += `, id=${hexadecimal(4)(id)}, seq=${sequence}`;
  } else if (long && type === 2) info += `, MTU ${layer.number('icmpv6.mtu', 4, 4)}`;
  else if ((type === 135 || type === 136) && d.left >= 24) {
    info += ` ${layer.address('icmpv6.nd.target_address', 8, 16)}`;
    length = 24;
  }
  layer.line = info;
  d.say('ICMPv6', info);
  layer.close(length);
  return type >= 1 && type <= 4 ? quotation : undefined;
};

/** The packet that an error is about: its layers are shown, and the list goes on to speak of the error. */
const quotation: Dissector = (d) => {
  d.quoted = true;
  return ip(d);
};

const igmp: Dissector = (d) => {
  const layer = d.open('igmp', 8);
  if (!layer) return undefined;
  const type = layer.number('igmp.type', 0, 1, hexadecimal(2));
  const group = layer.address('igmp.maddr', 4, 4);
  layer.line = `${hexadecimal(2)(type)} ${group}`;
  d.say('IGMP', `Type ${hexadecimal(2)(type)}, group ${group}`);
  layer.close(8);
  return undefined;
};

const esp: Dissector = (d) => {
  const layer = d.open('esp', 8);
  if (!layer) return undefined;
  const index = layer.number('esp.spi', 0, 4, hexadecimal(8));
  layer.number('esp.sequence', 4, 4);
  layer.line = `SPI ${hexadecimal(8)(index)}`;
  d.say('ESP', `SPI ${hexadecimal(8)(index)}`);
  layer.close(8);
  return undefined;
};

const ah: Dissector = (d) => {
  const length = (d.u8(1) + 2) * 4;
  const layer = d.open('ah', Math.max(12, length));
  if (!layer) return undefined;
  const next = layer.number('ah.next_header', 0, 1, protocolName);
  const index = layer.number('ah.spi', 4, 4, hexadecimal(8));
  layer.line = `SPI ${hexadecimal(8)(index)}`;
  d.say('AH', `SPI ${hexadecimal(8)(index)}`);
  layer.close(Math.max(12, length));
  return above(next);
};
