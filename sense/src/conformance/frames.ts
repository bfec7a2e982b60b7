/**
 * How long the frames of each flow are beyond their IP packets: link headers, tags, padding, check sequences. Tools that
 * count bytes of frames (nDPI, Arkime) are compared with our IP bytes plus these.
 *
 * This counts by itself, on addresses and ports only, and knows nothing of the engine's flow table.
 */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { formatAddress } from '@forewarn/base/ip';
import { captureKind } from '../capture/kind.ts';
import { PcapReader } from '../capture/pcap.ts';
import { PcapngReader } from '../capture/pcapng.ts';
import { piece, readIp, whole } from '../ip/ip.ts';
import { defaultLimits } from '../limits.ts';
import { ethernet } from '../link/ethernet.ts';
import { link } from '../link/link.ts';
import { mpls } from '../link/mpls.ts';
import { nsh } from '../link/nsh.ts';
import { ppp } from '../link/ppp.ts';
import { isIp, Packet } from '../packet.ts';
import { detectCarrier, ipCarriers, udpCarriers } from '../tunnel/index.ts';
import { innerEthernet, innerMpls, innerNone, innerNsh, innerOther, innerPpp, type Inner } from '../tunnel/tunnel.ts';

/** Bytes of frames that are not the (innermost) IP packet's, by sender and receiver: `flowKey` of them. */
export type FrameOverhead = ReadonlyMap<string, number>;

/** One direction of a flow: protocol, sender, port, receiver, port. Ports of what has none are 0. */
export function flowKey(protocol: number, from: string, fromPort: number, to: string, toPort: number): string {
  return `${protocol} ${from} ${fromPort} ${to} ${toPort}`;
}

/** Whether the protocol has ports in the tools that we compare with: TCP, UDP, SCTP. */
export function hasPorts(protocol: number): boolean {
  return protocol === 6 || protocol === 17;
}

function address(words: Int32Array, from: number, six: boolean): string {
  if (!six) {
    const v = words[from + 3]!;
    return `${v >>> 24}.${(v >>> 16) & 255}.${(v >>> 8) & 255}.${v & 255}`;
  }
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 4; i++) new DataView(bytes.buffer).setInt32(4 * i, words[from + i]!);
  return formatAddress(bytes, 0, 16);
}

/** Moves on to the IP packet that rides in this one, where one does, and answers where the inner frame begins; else -1. */
function inside(packet: Packet): number {
  const { bytes, at, protocol } = packet;
  let what: Inner = innerNone;
  if (protocol === 17 && at + 8 <= packet.end) {
    const [source, destination] = [(bytes[at]! << 8) | bytes[at + 1]!, (bytes[at + 2]! << 8) | bytes[at + 3]!];
    packet.at = at + 8;
    const carrier = udpCarriers.get(destination) ?? udpCarriers.get(source) ?? detectCarrier(packet);
    if (carrier) what = carrier.read(packet);
  } else what = ipCarriers.get(protocol)?.read(packet) ?? innerNone;
  const frame = packet.at;
  const max = defaultLimits.linkTagsMax;
  if (what === innerNone || what === innerOther) return -1;
  let answer: number = isIp;
  if (what === innerEthernet) answer = ethernet(packet, 0, max);
  else if (what === innerPpp) answer = ppp(packet, max);
  else if (what === innerMpls) answer = mpls(packet, 0, max);
  else if (what === innerNsh) answer = nsh(packet, 0, max);
  return answer === isIp ? frame : -1;
}

/**
 * Counts the frames of a capture, as long as they were on the wire, or as much of them as was captured (then the number
 * may be negative), or, for what rides in a tunnel, as long as the inner frame; those that hold no readable IP packet belong to no flow.
 */
export function frameOverhead(path: string, count: 'wire' | 'captured' | 'inner'): FrameOverhead {
  const overhead = new Map<string, number>();
  const key = new Int32Array(10);
  const packet = new Packet();
  /** Which flow the first piece of a datagram belongs to, for the pieces after it, which show no ports. */
  const pieces = new Map<string, string>();
  const target = {
    packet(bytes: Uint8Array, start: number, end: number, wireLength: number, ts: number, linkType: number): void {
      packet.bytes = bytes;
      packet.at = start;
      packet.end = end;
      packet.wireEnd = start + wireLength;
      packet.vlan = 0;
      packet.innerVlan = 0;
      packet.ts = ts;
      if (link(packet, linkType, defaultLimits.linkTagsMax) === isIp) datagram(count === 'captured' ? end - start : wireLength);
    },
  };
  const datagram = (length: number): void => {
    const answer = readIp(packet, key, false, defaultLimits.extensionHeadersMax);
    if (answer !== whole && answer !== piece) return;
    const { bytes } = packet;
    const six = packet.six !== 0;
    const [from, to] = [address(key, 0, six), address(key, 4, six)];
    let name: string | undefined;
    const { at, protocol } = packet;
    const datagramName = `${from} ${to} ${packet.pieceOf}`;
    if (answer === piece && packet.pieceFrom > 0) name = pieces.get(datagramName);
    else {
      const ports = hasPorts(protocol) && at + 4 <= packet.end;
      name = flowKey(
        protocol,
        from,
        ports ? (bytes[at]! << 8) | bytes[at + 1]! : 0,
        to,
        ports ? (bytes[at + 2]! << 8) | bytes[at + 3]! : 0,
      );
      if (answer === piece) pieces.set(datagramName, name);
    }
    // A piece whose first was not seen never becomes a datagram.
    if (name === undefined) return;
    overhead.set(name, (overhead.get(name) ?? 0) + length - packet.ipBytes);
    if (answer !== whole) return;
    const around = inside(packet);
    if (around >= 0) datagram(count === 'inner' ? packet.wireEnd - around : length);
  };
  let bytes: Uint8Array = readFileSync(path);
  if (captureKind(bytes) === 'gzip') bytes = gunzipSync(bytes);
  const reader = captureKind(bytes) === 'pcap' ? new PcapReader(target, defaultLimits) : new PcapngReader(target, defaultLimits);
  reader.push(bytes);
  reader.end();
  return overhead;
}
