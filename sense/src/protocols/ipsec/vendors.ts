/**
 * Who a vendor id names. Most are the MD5 of a text (RFC 2408 §3.16 proposes a hash): those are made here from their texts.
 * The others are known by how they begin. What is neither, but text, is its own name.
 */

import { createHash } from 'node:crypto';
import { printable } from '../digits.ts';

/** Longest vendor id that is written; the longest known have 40 bytes or are a sentence of some 60. */
export const vendorBytesMax = 64;

/** Texts whose MD5 is the id, and the name where it is another. */
const texts: readonly (readonly [text: string, name?: string])[] = [
  ['RFC 3947', 'RFC 3947 NAT-T'],
  ['RFC XXXX'],
  ['Testing NAT-T RFC'],
  ['draft-ietf-ipsec-nat-t-ike'],
  ...['00', '01', '02', '03', '04', '05', '06', '07', '08', '09'].map((draft): [string] => [
    `draft-ietf-ipsec-nat-t-ike-${draft}`,
  ]),
  // Many sent the text of this draft with a line feed.
  ['draft-ietf-ipsec-nat-t-ike-02\n', 'draft-ietf-ipsec-nat-t-ike-02'],
  ['draft-stenberg-ipsec-nat-traversal-01'],
  ['draft-stenberg-ipsec-nat-traversal-02'],
  ['draft-huttunen-ipsec-esp-in-udp-00.txt'],
  ['ESPThruNAT'],
  ['FRAGMENTATION', 'IKE Fragmentation'],
  ['MS NT5 ISAKMPOAKLEY'],
  ['MS-MamieExists'],
  ['MS-Negotiation Discovery Capable'],
  ['Vid-Initial-Contact', 'Microsoft Initial-Contact'],
  ['IKE CGA version 1'],
  ['NLBS_PRESENT'],
  ['GSSAPI'],
  ['A GSS-API Authentication Method for IKE'],
  ['A GSS-API Authentication Method for IKE\n', 'A GSS-API Authentication Method for IKE'],
  ['IKE Challenge/Response for Authenticated Cryptographic Keys', 'IKE Challenge-Response'],
  ['IKE Challenge/Response for Authenticated Cryptographic Keys (Revised)', 'IKE Challenge-Response Revised'],
  ['KAME/racoon'],
  ['strongSwan'],
  ...['4.6.4', '5.0.0', '5.0.1', '5.0.2', '5.0.3', '5.0.4', '5.1.0', '5.1.1'].map((version): [string] => [
    `strongSwan ${version}`,
  ]),
  ['SSH Sentinel'],
  ['SSH Sentinel 1.1'],
  ['SSH Sentinel 1.2'],
  ['SSH Sentinel 1.3'],
  ['SSH Communications Security QuickSec 2.1.0', 'SSH QuickSec 2.1.0'],
  ['SSH Communications Security IPSEC Express version 4.1.1', 'SSH IPSEC Express 4.1.1'],
];

/** Ids of eight bytes and more by how they begin, in hexadecimal; behind it stand versions and features. */
const beginnings: readonly (readonly [start: string, name: string])[] = [
  ['afcad71368a1f1c96b8696fc7757', 'Dead Peer Detection'],
  ['09002689dfd6b712', 'XAUTH'],
  ['12f5f28c457168a9702d9fe274cc', 'Cisco Unity'],
  ['1f07f70eaa6514d3b0fa96542a50', 'Cisco VPN Concentrator'],
  ['f4ed19e0c114eb516faaac0ee37daf2807b4381f', 'Firewall-1'],
  ['8299031757a36082c6a621de', 'FortiGate'],
  ['1d6e178f6c2c0be284985465450fe9d4', 'FortiGate'],
  ['47bbe7c993f1fc13b4e6d0db565c68e5', 'SafeNet SoftRemote'],
  ['424e455300', 'Nortel Contivity'],
  ['5b362bc820f6', 'SonicWall'],
  ['404bf439522ca3f6', 'SonicWall'],
  ['da8e937880010000', 'SonicWall'],
  ['299ee8289f40a8973bc78687e2e7226b532c3b76', 'Netscreen-01'],
  ['166f932d55eb64d8e4df4fd37e2313f0d0fd8451', 'Netscreen-15'],
  ['699369228741c6d4ca094c93e242c9de19e7b7c6', 'Netscreen-06'],
  ['625027749d5ab97f5616c1602765cf480a3b7d0b', 'ZyXEL ZyWALL'],
  ['b858d1addd08c1e8adafea150608aa4497aa6cc8', 'ZyXEL ZyWALL Router'],
  ['c573b056d7faca36c2fba28374127cbf', 'StoneGate-01'],
  ['baeb239037e17787d730eed9d95d48aa', 'StoneGate-02'],
];

/** Bytes by which an id is looked up; every beginning above has as many or fewer, and is compared whole. */
const keyBytes = 5;
const byStart = new Map<string, { start: string; name: string }[]>();
for (const [start, name] of [
  ...texts.map(([text, other = text]): [string, string] => [createHash('md5').update(text).digest('hex'), other]),
  ...beginnings,
]) {
  const key = start.slice(0, 2 * keyBytes);
  byStart.set(key, [...(byStart.get(key) ?? []), { start, name }]);
}

/** The name of the vendor id in `bytes[start, end)`; of an unknown one the plugin's `UNKNOWN:` and its hexadecimal. */
export function vendorName(bytes: Uint8Array, start: number, end: number): string {
  const stop = Math.min(end, start + vendorBytesMax);
  const id = Buffer.prototype.hexSlice.call(bytes, start, stop);
  const known = byStart.get(id.slice(0, 2 * keyBytes))?.find((one) => id.startsWith(one.start));
  if (known) return known.name;
  // FreeS/WAN and who came from it: two letters and ten of a hash that is made to print.
  if (end - start === 12 && id.startsWith('4f45')) return 'FreeS/WAN or OpenSWAN';
  if (end - start >= 4 && isText(bytes, start, stop)) return printable(bytes, start, stop);
  return `UNKNOWN:${id}`;
}

/** Letters only, but for zeros at the end. */
function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! < 0x20 || bytes[at]! > 0x7e) return false;
  return true;
}
