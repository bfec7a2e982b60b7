/**
 * sFlow version 5 (https://sflow.org/sflow_version_5.txt): sampled packets and counters of interfaces, in XDR: all numbers of four
 * bytes, what is opaque with its length before it and padded to four.
 *
 *     5 │ agent address │ sub agent │ number │ uptime │ count of samples │ (format, length, sample) …
 *
 * A sample's packet is read by the decoders of captured packets, up to the ports; what lies behind them is not kept.
 */

import { formatAddress } from '@forewarn/base/ip';
import type { AnyRecord } from '@forewarn/model/records/record';
import { readIp, whole } from '../../ip/ip.ts';
import { link } from '../../link/link.ts';
import { isIp, Packet } from '../../packet.ts';
import { macOf, u16, u32, u64, type ExportMessage, type ExportSink } from '../exports.ts';
import type { Exporters } from '../exporters.ts';

/** Agents fill a datagram of 1,400 bytes; the shortest sample has 36 bytes. */
const samplesMax = 256;

/** Records of one sample: the packet, and what the switch knows of its way. */
const recordsMax = 32;

/** Autonomous systems of a path; the longest seen in the Internet's table are some hundred. */
const pathMax = 256;

/** Tags and labels before the IP header, as for captured packets. */
const tagsMax = 8;

export const limits = [
  { name: 'sflow.samplesMax', value: samplesMax, unit: 'samples per datagram', why: 'A datagram of 9,000 bytes holds fewer.' },
  { name: 'sflow.recordsMax', value: recordsMax, unit: 'records per sample', why: 'The specification has some twenty kinds.' },
  {
    name: 'sflow.pathMax',
    value: pathMax,
    unit: 'autonomous systems per path',
    why: 'The longest in the Internet have some hundred.',
  },
] as const;

/** Reads numbers one after the other and never beyond the end: then it is `cut`, and everything is 0. */
class Xdr {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  cut = false;

  over(bytes: Uint8Array, at: number, end: number): this {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.cut = false;
    return this;
  }

  skip(length: number): number {
    const { at } = this;
    if (length > this.end - at) {
      this.cut = true;
      this.at = this.end;
      return -1;
    }
    this.at += length;
    return at;
  }

  number(): number {
    const at = this.skip(4);
    return at < 0 ? 0 : u32(this.bytes, at);
  }

  long(): number | undefined {
    const at = this.skip(8);
    return at < 0 ? undefined : u64(this.bytes, at);
  }

  /** Opaque bytes with their padding: where they begin; their length is stated. */
  opaque(length: number): number {
    const at = this.skip(length);
    if (at >= 0 && (length & 3) !== 0) this.at = Math.min(this.end, this.at + 4 - (length & 3));
    return at;
  }

  address(): string | undefined {
    const type = this.number();
    if (type === 0) return undefined;
    const length = type === 1 ? 4 : type === 2 ? 16 : 0;
    const at = length === 0 ? -1 : this.skip(length);
    if (at < 0) {
      this.cut = true;
      return undefined;
    }
    return formatAddress(this.bytes, at, length as 4 | 16);
  }
}

/** Whether the bytes are one whole datagram of version 5: the samples fill it to its end. */
export function isSflow5(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 28 || u32(bytes, start) !== 5) return false;
  const type = u32(bytes, start + 4);
  if (type !== 1 && type !== 2) return false;
  let at = start + (type === 1 ? 24 : 36);
  if (at + 4 > end) return false;
  const samples = u32(bytes, at);
  if (samples > samplesMax) return false;
  at += 4;
  for (let n = 0; n < samples; n++) {
    if (at + 8 > end) return false;
    const length = u32(bytes, at + 4);
    if (length > end - at - 8 || (length & 3) !== 0) return false;
    at += 8 + length;
  }
  return samples > 0 && at === end;
}

const packet = new Packet();
/** Addresses as the decoder of IP leaves them: four words each, of IPv4 only the last. */
const key = new Int32Array(8);
const addressBytes = new Uint8Array(16);
const datagram = new Xdr();
const sample = new Xdr();
const inner = new Xdr();

/** Reads one datagram; false where it is none. */
export function readSflow5(message: ExportMessage, exporters: Exporters, sink: ExportSink): boolean {
  const xdr = datagram.over(message.bytes, message.start, message.end);
  if (xdr.number() !== 5) return false;
  const agent = xdr.address();
  const subAgent = xdr.number();
  const sequence = xdr.number();
  xdr.number(); // Uptime.
  const samples = xdr.number();
  if (xdr.cut || agent === undefined) return false;
  const ts = message.at ?? 0;
  // The agent's address names it, not that of its messages: switches send by whichever interface is nearest.
  const exporter = exporters.of(-5, agent, 0, subAgent);
  const lost = exporter.follow(sequence, 1);
  if (lost > 0) {
    exporters.counts.lost += lost;
    exporter.weird(sink, 'flow_export_sequence_gap', ts, 'messages are missing', lost);
  }
  for (let n = 0; n < samples; n++) {
    if (n >= samplesMax) {
      exporters.counts.refused += samples - n;
      exporter.weird(sink, 'flow_export_too_many_records', ts, `${samples} samples`);
      break;
    }
    const format = xdr.number();
    const length = xdr.number();
    const at = xdr.opaque(length);
    if (xdr.cut) {
      exporter.weird(sink, 'flow_export_truncated', ts, `${samples} samples stated, ${n} there`);
      break;
    }
    // Enterprise in the upper 20 bits: 0 is the specification itself.
    const body = sample.over(message.bytes, at, at + length);
    const head = { ts, agent_address: agent, sub_agent_id: subAgent };
    if (format === 1 || format === 3) exporters.counts.records += readFlowSample(body, format === 3, head, sink);
    else if (format === 2 || format === 4) exporters.counts.records += readCounters(body, format === 4, head, sink);
    if (body.cut) exporter.weird(sink, 'flow_export_truncated', ts, 'a sample');
  }
  return true;
}

type Head = { ts: number; agent_address: string; sub_agent_id: number };

/** Type and number of a source or interface: in one word, or, expanded, in two. */
const kindAndIndex = (xdr: Xdr, isExpanded: boolean, typeBits: number): [number, number] => {
  if (isExpanded) return [xdr.number(), xdr.number()];
  const word = xdr.number();
  return [word >>> (32 - typeBits), word & (0xffff_ffff >>> typeBits)];
};

function readFlowSample(xdr: Xdr, isExpanded: boolean, head: Head, sink: ExportSink): number {
  const sequence = xdr.number();
  const [sourceType, sourceIndex] = kindAndIndex(xdr, isExpanded, 8);
  const rate = xdr.number();
  const pool = xdr.number();
  const drops = xdr.number();
  const [inputFormat, input] = kindAndIndex(xdr, isExpanded, 2);
  const [outputFormat, output] = kindAndIndex(xdr, isExpanded, 2);
  const records = xdr.number();
  if (xdr.cut) return 0;
  const record: { [name: string]: string | number | readonly number[] | undefined } = {
    ...head,
    sequence_number: sequence,
    source_id_type: sourceType,
    source_id_index: sourceIndex,
    sampling_rate: rate,
    sample_pool: pool,
    drops,
    // Formats 1 and 2 hold a reason of dropping, or the number of interfaces, and 0x3fffffff is the device itself.
    ...(inputFormat === 0 && input !== 0 ? { input } : {}),
    ...(outputFormat === 0 && output !== 0 ? { output } : {}),
  };
  for (let n = 0; n < Math.min(records, recordsMax) && !xdr.cut; n++) {
    const format = xdr.number();
    const length = xdr.number();
    const at = xdr.opaque(length);
    if (xdr.cut) break;
    const body = inner.over(xdr.bytes, at, at + length);
    readFlowRecord(format, body, record);
    if (body.cut) xdr.cut = true;
  }
  sink.record('sflow', record as AnyRecord);
  return 1;
}

type Values = { [name: string]: string | number | readonly number[] | undefined };

function readFlowRecord(format: number, xdr: Xdr, record: Values): void {
  switch (format) {
    case 1: {
      const protocol = xdr.number();
      const frame = xdr.number();
      xdr.number(); // Bytes that were stripped: the checksum of the frame.
      const length = xdr.number();
      const at = xdr.opaque(length);
      if (xdr.cut) return;
      record['header_protocol'] = protocol;
      record['frame_length'] = frame;
      readPacket(xdr.bytes, at, length, frame, protocol, record);
      return;
    }
    case 2: {
      record['frame_length'] ??= xdr.number();
      // A MAC address is opaque of six bytes, and padded.
      const source = xdr.opaque(6);
      const destination = xdr.opaque(6);
      if (xdr.cut) return;
      record['src_mac'] ??= macOf(xdr.bytes, source);
      record['dst_mac'] ??= macOf(xdr.bytes, destination);
      return;
    }
    case 3:
    case 4: {
      const bytes: 4 | 16 = format === 3 ? 4 : 16;
      const length = xdr.number();
      const protocol = xdr.number();
      const source = xdr.skip(bytes);
      const destination = xdr.skip(bytes);
      const sourcePort = xdr.number();
      const destinationPort = xdr.number();
      const flags = xdr.number();
      if (xdr.cut || record['src_ip'] !== undefined) return;
      record['length'] = length;
      record['protocol'] = protocol & 0xff;
      record['src_ip'] = formatAddress(xdr.bytes, source, bytes);
      record['dst_ip'] = formatAddress(xdr.bytes, destination, bytes);
      if (protocol === 6 || protocol === 17) {
        record['src_port'] = sourcePort & 0xffff;
        record['dst_port'] = destinationPort & 0xffff;
      }
      if (protocol === 6) record['tcp_flags'] = flags & 0xff;
      return;
    }
    case 1001: {
      const vlanIn = xdr.number();
      xdr.number(); // Priority.
      const vlanOut = xdr.number();
      if (xdr.cut) return;
      // 0xffffffff: unknown.
      if (vlanIn <= 4_095) record['src_vlan'] = vlanIn;
      if (vlanOut <= 4_095) record['dst_vlan'] = vlanOut;
      return;
    }
    case 1002: {
      const hop = xdr.address();
      const sourceMask = xdr.number();
      const destinationMask = xdr.number();
      if (xdr.cut) return;
      if (hop !== undefined) record['nexthop'] = hop;
      record['src_mask'] = sourceMask;
      record['dst_mask'] = destinationMask;
      return;
    }
    case 1003: {
      xdr.address(); // Next router of BGP.
      xdr.number(); // The autonomous system of the device.
      const source = xdr.number();
      const peer = xdr.number();
      const path: number[] = [];
      const segments = xdr.number();
      for (let n = 0; n < segments && !xdr.cut; n++) {
        xdr.number(); // Set or sequence.
        const length = xdr.number();
        for (let i = 0; i < length && !xdr.cut; i++) {
          const system = xdr.number();
          if (!xdr.cut && path.length < pathMax) path.push(system);
        }
      }
      if (xdr.cut) return;
      record['src_as'] = source;
      record['src_peer_as'] = peer;
      if (path.length > 0) record['dst_as_path'] = path;
    }
  }
}

/** Kinds of headers (sflow_version_5, `header_protocol`) as link types of captures. */
const linkTypes = new Map([
  [1, 1],
  [5, 107],
  [7, 9],
  [11, 12],
  [12, 12],
]);

/** The packet's own addresses, ports and flags. */
function readPacket(bytes: Uint8Array, at: number, length: number, frame: number, protocol: number, record: Values): void {
  const type = linkTypes.get(protocol);
  if (type === undefined) return;
  if (protocol === 1 && length >= 14) {
    record['dst_mac'] = macOf(bytes, at);
    record['src_mac'] = macOf(bytes, at + 6);
  }
  packet.bytes = bytes;
  packet.at = at;
  packet.end = at + length;
  packet.wireEnd = at + Math.max(length, frame);
  packet.vlan = 0;
  packet.innerVlan = 0;
  if (link(packet, type, tagsMax) !== isIp) return;
  if (packet.vlan !== 0) record['src_vlan'] ??= packet.vlan;
  const answer = readIp(packet, key, false, tagsMax);
  // The header of a packet of which only the beginning was sampled is as good as a whole one's.
  if (answer !== whole && packet.word !== 'incompletely_captured_fragment') return;
  const six = packet.six !== 0;
  record['length'] = packet.ipBytes;
  record['protocol'] = packet.protocol;
  record['src_ip'] = addressOf(0, six);
  record['dst_ip'] = addressOf(4, six);
  if (answer !== whole) return;
  const start = packet.at;
  if ((packet.protocol === 6 || packet.protocol === 17 || packet.protocol === 132) && packet.end - start >= 4) {
    record['src_port'] = u16(bytes, start);
    record['dst_port'] = u16(bytes, start + 2);
  }
  if (packet.protocol === 6 && packet.end - start >= 14) record['tcp_flags'] = bytes[start + 13]!;
}

function addressOf(word: number, six: boolean): string {
  for (let i = 0; i < 16; i++) addressBytes[i] = key[word + (i >> 2)]! >>> (24 - 8 * (i & 3));
  return six ? formatAddress(addressBytes, 0, 16) : formatAddress(addressBytes, 12, 4);
}

function readCounters(xdr: Xdr, isExpanded: boolean, head: Head, sink: ExportSink): number {
  const sequence = xdr.number();
  const [sourceType, sourceIndex] = kindAndIndex(xdr, isExpanded, 8);
  const records = xdr.number();
  let written = 0;
  for (let n = 0; n < Math.min(records, recordsMax) && !xdr.cut; n++) {
    const format = xdr.number();
    const length = xdr.number();
    const at = xdr.opaque(length);
    if (xdr.cut) break;
    if (format !== 1) continue;
    const body = inner.over(xdr.bytes, at, at + length);
    const counters = readInterface(body);
    if (body.cut) {
      xdr.cut = true;
      break;
    }
    sink.record('sflow_counters', {
      ...head,
      sequence_number: sequence,
      source_id_type: sourceType,
      source_id_index: sourceIndex,
      ...counters,
    });
    written++;
  }
  return written;
}

const interfaceFields = [
  'ifIndex',
  'ifType',
  'ifSpeed',
  'ifDirection',
  'ifStatus',
  'ifInOctets',
  'ifInUcastPkts',
  'ifInMulticastPkts',
  'ifInBroadcastPkts',
  'ifInDiscards',
  'ifInErrors',
  'ifInUnknownProtos',
  'ifOutOctets',
  'ifOutUcastPkts',
  'ifOutMulticastPkts',
  'ifOutBroadcastPkts',
  'ifOutDiscards',
  'ifOutErrors',
  'ifPromiscuousMode',
] as const;
const longFields: ReadonlySet<string> = new Set(['ifSpeed', 'ifInOctets', 'ifOutOctets']);

/** A counter of all ones is one that the device does not have (sFlow version 5, §5). */
function readInterface(xdr: Xdr): AnyRecord {
  const counters: { [name: string]: number } = {};
  for (const name of interfaceFields) {
    if (longFields.has(name)) {
      const value = xdr.long();
      if (value !== undefined) counters[name] = value;
    } else {
      const value = xdr.number();
      if (value !== 0xffff_ffff || name === 'ifIndex') counters[name] = value;
    }
  }
  return counters;
}
