/** IPv4 (RFC 791) and IPv6 (RFC 8200) headers, up to the transport: addresses into the flow key, the rest into the packet. */

import { sixBit } from '../flow/layout.ts';
import { broken, type Packet } from '../packet.ts';
import { fold, sumWords } from './checksum.ts';

/** Besides `broken` (`packet.word` says why): the transport begins at `packet.at`, or the packet is a piece of a datagram. */
export const whole = 0;
export const piece = 1;
export type IpAnswer = 0 | 1 | 2;

const tcpProtocol = 6;
const udpProtocol = 17;

/** Reads the IP packet at `packet.at`. `verify` refuses IPv4 headers with a wrong checksum. */
export function readIp(packet: Packet, key: Int32Array, verify: boolean, extensionHeadersMax: number): IpAnswer {
  if (packet.at >= packet.end) return failed(packet, 'truncated_IP');
  const version = packet.bytes[packet.at]! >> 4;
  if (version === 4) return readIp4(packet, key, verify);
  if (version === 6) return readIp6(packet, key, extensionHeadersMax);
  return failed(packet, 'unknown_ip_version');
}

function failed(packet: Packet, reason: string): IpAnswer {
  packet.word = reason;
  return broken;
}

function readIp4(packet: Packet, key: Int32Array, verify: boolean): IpAnswer {
  const { bytes: b, at: start } = packet;
  const captured = packet.end - start;
  if (captured < 20) return failed(packet, 'truncated_IP');
  const header = (b[start]! & 15) * 4;
  let total = (b[start + 2]! << 8) | b[start + 3]!;
  // Segmentation offloading leaves the length 0: then the packet is as long as its frame.
  if (total === 0) total = packet.wireEnd - start;
  if (header < 20 || header > total) return failed(packet, 'invalid_IP_header_size');
  if (header > captured) return failed(packet, 'internally_truncated_header');
  if (verify && fold(sumWords(b, start, start + header, 0)) !== 0xffff) return failed(packet, 'bad_IP_checksum');
  key[0] = 0;
  key[1] = 0;
  key[2] = 0;
  key[3] = (b[start + 12]! << 24) | (b[start + 13]! << 16) | (b[start + 14]! << 8) | b[start + 15]!;
  key[4] = 0;
  key[5] = 0;
  key[6] = 0;
  key[7] = (b[start + 16]! << 24) | (b[start + 17]! << 16) | (b[start + 18]! << 8) | b[start + 19]!;
  const protocol = b[start + 9]!;
  const end = start + total;
  // Frames are padded to 60 bytes: what follows the datagram is not its own.
  if (end < packet.end) packet.end = end;
  packet.wireEnd = end;
  packet.at = start + header;
  packet.ipBytes = total;
  packet.six = 0;
  packet.protocol = protocol;
  const fragment = ((b[start + 6]! & 0x3f) << 8) | b[start + 7]!;
  if (fragment === 0) return whole;
  packet.pieceOf = (b[start + 4]! << 8) | b[start + 5]!;
  packet.pieceFrom = (fragment & 0x1fff) * 8;
  packet.pieceMore = (fragment & 0x2000) !== 0;
  return pieceOrFirst(packet);
}

/** A piece that is not whole cannot be joined; the first still shows its ports. */
function pieceOrFirst(packet: Packet): IpAnswer {
  if (packet.end >= packet.wireEnd) return piece;
  return packet.pieceFrom === 0 ? whole : failed(packet, 'incompletely_captured_fragment');
}

function readIp6(packet: Packet, key: Int32Array, extensionHeadersMax: number): IpAnswer {
  const { bytes: b, at: start } = packet;
  const captured = packet.end - start;
  if (captured < 40) return failed(packet, 'truncated_IP');
  const payload = (b[start + 4]! << 8) | b[start + 5]!;
  // Jumbograms (hop-by-hop options) and offloading (TCP, UDP) leave the length 0: then the frame tells it.
  const next = b[start + 6]!;
  const offloaded = payload === 0 && (next === 0 || next === tcpProtocol || next === udpProtocol);
  const total = offloaded && packet.wireEnd - start > 40 ? packet.wireEnd - start : 40 + payload;
  for (let i = 0; i < 8; i++) {
    const w = start + 8 + 4 * i;
    key[i] = (b[w]! << 24) | (b[w + 1]! << 16) | (b[w + 2]! << 8) | b[w + 3]!;
  }
  const end = start + total;
  if (end < packet.end) packet.end = end;
  packet.wireEnd = end;
  packet.ipBytes = total;
  packet.at = start + 40;
  packet.six = sixBit;
  return readExtensions(packet, next, extensionHeadersMax);
}

/** Walks the extension headers of IPv6 (RFC 8200 §4). */
export function readExtensions(packet: Packet, first: number, extensionHeadersMax: number): IpAnswer {
  const { bytes: b, end } = packet;
  let protocol = first;
  for (let n = 0; ; n++) {
    const here = packet.at;
    switch (protocol) {
      case 0: // Hop-by-hop options
      case 43: // Routing
      case 60: // Destination options
      case 135: // Mobility
      case 139: // Host identity
      case 140: {
        // Shim6
        if (here + 8 > end) return failed(packet, 'internally_truncated_header');
        const length = (b[here + 1]! + 1) * 8;
        if (here + length > packet.wireEnd) return failed(packet, 'invalid_IP_header_size');
        if (here + length > end) return failed(packet, 'internally_truncated_header');
        const next = b[here]!;
        // A mobility message is the end of the chain; it is a flow of its own protocol.
        if (protocol === 135) {
          packet.protocol = protocol;
          return whole;
        }
        protocol = next;
        packet.at = here + length;
        break;
      }
      case 51: {
        // Authentication: the length counts words of four bytes, less two.
        if (here + 8 > end) return failed(packet, 'internally_truncated_header');
        const length = (b[here + 1]! + 2) * 4;
        if (here + length > end) return failed(packet, 'internally_truncated_header');
        protocol = b[here]!;
        packet.at = here + length;
        break;
      }
      case 44: {
        if (here + 8 > end) return failed(packet, 'internally_truncated_header');
        const word = (b[here + 2]! << 8) | b[here + 3]!;
        const more = (word & 1) !== 0;
        const from = word & 0xfff8;
        protocol = b[here]!;
        packet.at = here + 8;
        // An atomic fragment is whole (RFC 6946).
        if (from === 0 && !more) break;
        packet.protocol = protocol;
        packet.pieceOf = (b[here + 4]! << 24) | (b[here + 5]! << 16) | (b[here + 6]! << 8) | b[here + 7]!;
        packet.pieceFrom = from;
        packet.pieceMore = more;
        return pieceOrFirst(packet);
      }
      default:
        packet.protocol = protocol;
        return whole;
    }
    if (n >= extensionHeadersMax) return failed(packet, 'too_many_extension_headers');
  }
}
