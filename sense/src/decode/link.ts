/** Link layers with their fields; the rarer ones as one header, found by the engine's own readers. */

import type { PacketLayerName } from '@forewarn/model/packet';
import { link as findIp } from '../link/link.ts';
import { isIp, Packet } from '../packet.ts';
import { hexadecimal, named, type Dissection, type Dissector } from './dissection.ts';
import { ip } from './network.ts';

/** EtherTypes that a reader meets (IEEE 802 Numbers, IANA). */
const ethertypes: ReadonlyMap<number, string> = new Map([
  [0x0800, 'IPv4'],
  [0x0806, 'ARP'],
  [0x8035, 'RARP'],
  [0x8100, '802.1Q'],
  [0x86dd, 'IPv6'],
  [0x8808, 'MAC control'],
  [0x8809, 'slow protocols'],
  [0x8847, 'MPLS'],
  [0x8848, 'MPLS multicast'],
  [0x8863, 'PPPoE discovery'],
  [0x8864, 'PPPoE session'],
  [0x888e, 'EAPOL'],
  [0x8892, 'PROFINET'],
  [0x88a4, 'EtherCAT'],
  [0x88a8, '802.1ad'],
  [0x88b8, 'GOOSE'],
  [0x88ba, 'sampled values'],
  [0x88cc, 'LLDP'],
  [0x88e5, 'MACsec'],
  [0x88e7, '802.1ah'],
  [0x88f7, 'PTP'],
  [0x6558, 'Ethernet'],
]);

export const ethertypeName = named(ethertypes, hexadecimal(4));

const vlanTypes: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100, 0x9200]);

/** Who reads what stands behind an EtherType. */
export function behindEthertype(type: number): Dissector | undefined {
  if (type === 0x0800 || type === 0x86dd) return ip;
  if (type <= 1500) return llc;
  if (vlanTypes.has(type)) return vlan;
  if (type === 0x0806) return arp;
  if (type === 0x8847 || type === 0x8848) return mpls;
  if (type === 0x8864) return pppoe;
  return type === 0x6558 ? ethernet : undefined;
}

/** Names the EtherType in the list where nobody reads on. */
function unread(d: Dissection, type: number): undefined {
  d.say(ethertypes.get(type) ?? hexadecimal(4)(type), '');
  return undefined;
}

export const ethernet: Dissector = (d) => {
  const layer = d.open('eth', 14);
  if (!layer) return undefined;
  const destination = layer.hardware('eth.dst', 0);
  const source = layer.hardware('eth.src', 6);
  const type = d.u16(12);
  if (type > 1500) layer.number('eth.type', 12, 2, ethertypeName);
  else layer.number('eth.len', 12, 2);
  layer.line = `${source} → ${destination}`;
  if (!d.quoted && d.hops.length === 0) {
    d.source = source;
    d.destination = destination;
    d.protocol = 'Ethernet';
  }
  layer.close(14);
  return behindEthertype(type) ?? unread(d, type);
};

const vlan: Dissector = (d) => {
  const layer = d.open('vlan', 4);
  if (!layer) return undefined;
  const control = d.u16(0);
  layer.text('vlan.priority', 0, 2, String(control >> 13));
  layer.text('vlan.dei', 0, 2, String((control >> 12) & 1));
  layer.text('vlan.id', 0, 2, String(control & 0xfff));
  const type = layer.number('vlan.etype', 2, 2, ethertypeName);
  layer.line = `ID ${control & 0xfff}`;
  layer.close(4);
  return behindEthertype(type) ?? unread(d, type);
};

/** IEEE 802.2, with the SNAP extension that carries an EtherType (RFC 1042). */
const llc: Dissector = (d) => {
  const snap = d.u16(0) === 0xaaaa && d.u8(2) === 3;
  const layer = d.open('llc', snap ? 8 : 3);
  if (!layer) return undefined;
  const destination = layer.number('llc.dsap', 0, 1, hexadecimal(2));
  const source = layer.number('llc.ssap', 1, 1, hexadecimal(2));
  layer.number('llc.control', 2, 1, hexadecimal(2));
  let next: Dissector | undefined;
  if (snap) {
    const organisation = layer.number('llc.oui', 3, 3, hexadecimal(6));
    const type = layer.number('llc.type', 6, 2, ethertypeName);
    if ((organisation === 0 || organisation === 0xf8) && type > 1500) next = behindEthertype(type);
  } else if (destination === 6 && source === 6) next = ip;
  const name = destination === 0x42 ? 'STP' : 'LLC';
  layer.line = `${hexadecimal(2)(source)} → ${hexadecimal(2)(destination)}`;
  d.say(name, '');
  layer.close(snap ? 8 : 3);
  return next;
};

/** MPLS label stacks (RFC 3032). What they carry shows only in its first half-byte (RFC 4928, RFC 4385). */
export const mpls: Dissector = (d) => {
  const layer = d.open('mpls', 4);
  if (!layer) return undefined;
  const entry = d.u32(0);
  const label = Math.floor(entry / 4096);
  layer.text('mpls.label', 0, 3, String(label));
  layer.text('mpls.exp', 2, 1, String((entry >> 9) & 7));
  layer.text('mpls.bottom', 2, 1, String((entry >> 8) & 1));
  layer.text('mpls.ttl', 3, 1, String(entry & 0xff));
  layer.line = `Label ${label}, TTL ${entry & 0xff}`;
  layer.close(4);
  if (!(entry & 0x100)) return mpls;
  const half = d.u8(0) >> 4;
  if (half === 4 || half === 6) return ip;
  if (half !== 0 || d.left < 4 + 14) return undefined;
  d.at += 4;
  return ethernet;
};

const pppProtocols: ReadonlyMap<number, string> = new Map([
  [0x21, 'IPv4'],
  [0x57, 'IPv6'],
  [0x281, 'MPLS'],
  [0x8021, 'IPCP'],
  [0x8057, 'IPv6CP'],
  [0xc021, 'LCP'],
  [0xc023, 'PAP'],
  [0xc223, 'CHAP'],
]);

/** PPP (RFC 1661); its address and control field may be left out, and its protocol be one byte. */
export const ppp: Dissector = (d) => {
  const framed = d.u16(0) === 0xff03 ? 2 : 0;
  const short = (d.u8(framed) & 1) === 1;
  const length = framed + (short ? 1 : 2);
  const layer = d.open('ppp', length);
  if (!layer) return undefined;
  const protocol = layer.number('ppp.protocol', framed, short ? 1 : 2, named(pppProtocols, hexadecimal(4)));
  layer.line = pppProtocols.get(protocol) ?? hexadecimal(4)(protocol);
  d.say(pppProtocols.get(protocol) ?? 'PPP', '');
  layer.close(length);
  if (protocol === 0x21 || protocol === 0x57) return ip;
  return protocol === 0x281 || protocol === 0x283 ? mpls : undefined;
};

const pppoe: Dissector = (d) => {
  const layer = d.open('pppoe', 6);
  if (!layer) return undefined;
  layer.number('pppoe.code', 1, 1, hexadecimal(2));
  const session = layer.number('pppoe.session_id', 2, 2, hexadecimal(4));
  layer.number('pppoe.payload_length', 4, 2);
  layer.line = `Session ${hexadecimal(4)(session)}`;
  layer.close(6);
  return ppp;
};

const operations: ReadonlyMap<number, string> = new Map([
  [1, 'request'],
  [2, 'reply'],
]);

/** ARP (RFC 826). */
export const arp: Dissector = (d) => {
  // Other kinds of addresses have other lengths; only those of Ethernet and IPv4 are read in fields.
  const usual = d.u16(0) === 1 && d.u16(2) === 0x0800 && d.u8(4) === 6 && d.u8(5) === 4;
  const layer = d.open('arp', usual ? 28 : 8);
  if (!layer) return undefined;
  layer.number('arp.hw.type', 0, 2);
  layer.number('arp.proto.type', 2, 2, ethertypeName);
  const operation = layer.number('arp.opcode', 6, 2, named(operations));
  if (usual) {
    const hardware = layer.hardware('arp.src.hw_mac', 8);
    const source = layer.address('arp.src.proto_ipv4', 14, 4);
    layer.hardware('arp.dst.hw_mac', 18);
    const target = layer.address('arp.dst.proto_ipv4', 24, 4);
    layer.line = operation === 1 ? `${target}? → ${source}` : `${source} = ${hardware}`;
    d.say('ARP', operation === 1 ? `Who has ${target}? Tell ${source}` : `${source} is at ${hardware}`);
  } else d.say('ARP', '');
  layer.close(usual ? 28 : 8);
  return undefined;
};

/** Linux cooked captures, version 1. */
const cooked: Dissector = (d) => {
  const layer = d.open('sll', 16);
  if (!layer) return undefined;
  layer.number('sll.pkttype', 0, 2, named(packetTypes));
  layer.number('sll.hatype', 2, 2);
  const length = Math.min(layer.number('sll.halen', 4, 2), 8);
  layer.text('sll.src', 6, length, (d.hex(layer.start + 6, length).match(/../g) ?? []).join(':'));
  const type = layer.number('sll.etype', 14, 2, ethertypeName);
  layer.line = ethertypeName(type);
  layer.close(16);
  return type > 1500 || type === 4 ? behindEthertype(type) : undefined;
};

/** Linux cooked captures, version 2. */
const cooked2: Dissector = (d) => {
  const layer = d.open('sll', 20);
  if (!layer) return undefined;
  const type = layer.number('sll.etype', 0, 2, ethertypeName);
  layer.number('sll.ifindex', 4, 4);
  layer.number('sll.hatype', 8, 2);
  layer.number('sll.pkttype', 10, 1, named(packetTypes));
  const length = Math.min(layer.number('sll.halen', 11, 1), 8);
  layer.text('sll.src', 12, length, (d.hex(layer.start + 12, length).match(/../g) ?? []).join(':'));
  layer.line = ethertypeName(type);
  layer.close(20);
  return type > 1500 || type === 4 ? behindEthertype(type) : undefined;
};

const packetTypes: ReadonlyMap<number, string> = new Map([
  [0, 'unicast to us'],
  [1, 'broadcast'],
  [2, 'multicast'],
  [3, 'unicast to another'],
  [4, 'sent by us'],
]);

/** BSD loopback: an address family of four bytes. */
const loopback: Dissector = (d) => {
  const layer = d.open('null', 4);
  if (!layer) return undefined;
  layer.text('null.family', 0, 4, hexadecimal(8)(d.u32(0)));
  layer.close(4);
  return ip;
};

/** Tags and labels that are passed on the way to IP, as in the engine. */
const tagsMax = 8;

/** Any other link type: the engine's reader finds where IP begins, and what stands before is one layer. */
function otherLink(type: number): Dissector {
  return (d) => {
    const packet = new Packet();
    packet.bytes = d.bytes;
    packet.at = d.at;
    packet.end = d.end;
    packet.wireEnd = d.wireEnd;
    const answer = findIp(packet, type, tagsMax);
    const found = answer === isIp && packet.at <= d.end;
    const name: PacketLayerName = 'link';
    const layer = d.open(name, found ? packet.at - d.at : d.left);
    if (!layer) return undefined;
    layer.text('frame.encap_type', 0, found ? packet.at - layer.start : d.left, String(type));
    layer.line = String(type);
    if (!found) d.say(packet.word, '');
    layer.close(found ? packet.at - layer.start : d.left);
    return found ? ip : undefined;
  };
}

/** Who reads the first layer of a packet of this link type (https://www.tcpdump.org/linktypes.html). */
export function firstLayer(linkType: number): Dissector {
  switch (linkType) {
    case 1:
      return ethernet;
    case 0:
    case 108:
      return loopback;
    case 9:
    case 50:
      return ppp;
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return ip;
    case 51:
      return pppoe;
    case 113:
      return cooked;
    case 276:
      return cooked2;
    case 219:
      return mpls;
    default:
      return otherLink(linkType);
  }
}
