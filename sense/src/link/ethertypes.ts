/** What follows an EtherType (IEEE 802 Numbers, IANA), for the frames of Ethernet, Linux cooked, GRE and their like. */

import { broken, isIp, notIp, type LinkAnswer, type Packet } from '../packet.ts';
import { mpls } from './mpls.ts';
import { nsh } from './nsh.ts';
import { pppoe } from './ppp.ts';
import { llc } from './llc.ts';
import { ethernet } from './ethernet.ts';

/** The account's names of what is not IP; an EtherType without a name is counted by its number. */
const names: ReadonlyMap<number, string> = new Map([
  [0x0806, 'arp'],
  [0x0842, 'wake_on_lan'],
  [0x22f0, 'avtp'],
  [0x2000, 'cdp'],
  [0x6003, 'decnet'],
  [0x8035, 'rarp'],
  [0x809b, 'appletalk'],
  [0x80f3, 'aarp'],
  [0x8137, 'ipx'],
  [0x8138, 'ipx'],
  [0x8808, 'mac_control'],
  [0x8809, 'slow_protocols'],
  [0x8863, 'pppoe_discovery'],
  [0x886d, 'intel_ans'],
  [0x8870, 'llc'],
  [0x887b, 'homeplug'],
  [0x888e, 'eapol'],
  [0x8892, 'profinet'],
  [0x8899, 'realtek'],
  [0x88a2, 'ata_over_ethernet'],
  [0x88a4, 'ethercat'],
  [0x88ab, 'powerlink'],
  [0x88b8, 'goose'],
  [0x88b9, 'gse'],
  [0x88ba, 'sampled_values'],
  [0x88cc, 'lldp'],
  [0x88cd, 'sercos'],
  [0x88e1, 'homeplug_av'],
  [0x88e3, 'mrp'],
  [0x88e5, 'macsec'],
  [0x88f7, 'ptp'],
  [0x8902, 'cfm'],
  [0x8906, 'fcoe'],
  [0x8914, 'fip'],
  [0x8915, 'roce'],
  [0x892f, 'hsr'],
  [0x9000, 'loopback'],
]);

/**
 * Continues behind an EtherType; `packet.at` stands after it. Values up to 1,500 are lengths of an 802.2 frame.
 * `depth` counts the tags and labels already passed; `max` bounds it.
 */
export function ethertype(packet: Packet, first: number, depth: number, max: number): LinkAnswer {
  let type = first;
  for (let tags = depth; ; tags++) {
    if (type === 0x0800 || type === 0x86dd) return isIp;
    if (type <= 1500) return llc(packet, tags, max);
    if (tags >= max) {
      packet.word = 'too_many_link_tags';
      return broken;
    }
    switch (type) {
      case 0x8100: // 802.1Q
      case 0x88a8: // 802.1ad
      case 0x9100: // QinQ before it was a standard
      case 0x9200: {
        if (packet.at + 4 > packet.end) {
          packet.word = 'truncated_link_header';
          return broken;
        }
        const id = ((packet.bytes[packet.at]! & 0x0f) << 8) | packet.bytes[packet.at + 1]!;
        if (packet.vlan === 0) packet.vlan = id;
        else if (packet.innerVlan === 0) packet.innerVlan = id;
        type = (packet.bytes[packet.at + 2]! << 8) | packet.bytes[packet.at + 3]!;
        packet.at += 4;
        continue;
      }
      case 0x8847:
      case 0x8848:
        return mpls(packet, tags, max);
      case 0x8864:
        return pppoe(packet, max);
      case 0x894f:
        return nsh(packet, tags, max);
      case 0x8909: // Cisco MetaData (TrustSec): version, length, option, group tag of two bytes each, then the EtherType.
        if (packet.at + 8 > packet.end) {
          packet.word = 'truncated_link_header';
          return broken;
        }
        type = (packet.bytes[packet.at + 6]! << 8) | packet.bytes[packet.at + 7]!;
        packet.at += 8;
        continue;
      case 0x6558: // Transparent Ethernet bridging (GRE)
        return ethernet(packet, tags + 1, max);
      case 0x8903: // Cisco FabricPath: a tag of two bytes, then the inner frame.
        packet.at += 2;
        return ethernet(packet, tags + 1, max);
      case 0x88e7: // 802.1ah, provider backbone bridge: the I-TAG of four bytes, then the customer's frame.
        packet.at += 4;
        return ethernet(packet, tags + 1, max);
      default:
        packet.word = names.get(type) ?? `ethertype_${type.toString(16).padStart(4, '0')}`;
        return notIp;
    }
  }
}
