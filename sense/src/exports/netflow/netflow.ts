/**
 * NetFlow version 5: a header and up to thirty records of one shape.
 *
 *      0        2       4          8           12          16           20      21      22          24
 *     ┌────────┬───────┬──────────┬───────────┬───────────┬────────────┬───────┬───────┬───────────┬──────────────┐
 *     │ 5      │ count │ uptime   │ unix secs │ unix nsec │ flow number│ engine│ engine│ sampling  │ records of   │
 *     │        │       │ ms       │           │           │            │ type  │ id    │ mode 2/14 │ 48 bytes     │
 *     └────────┴───────┴──────────┴───────────┴───────────┴────────────┴───────┴───────┴───────────┴──────────────┘
 *
 * Source: Cisco, NetFlow Export Datagram Format
 * (https://www.cisco.com/c/en/us/td/docs/net_mgmt/netflow_collection_engine/3-6/user/guide/format.html).
 */

import { formatAddress } from '@forewarn/base/ip';
import type { Seconds } from '@forewarn/base/time';
import type { ExportMessage, ExportSink } from '../exports.ts';
import { u16, u32 } from '../exports.ts';
import type { Exporters } from '../exporters.ts';
import { flowTimes, headOf } from '../times.ts';

const headerBytes = 24;
const recordBytes = 48;

/** Thirty records make 1,464 bytes: Cisco's own ceiling, so that a datagram fits into an Ethernet frame. */
const recordsMax = 30;

export const limits = [
  { name: 'netflow.recordsMax', value: recordsMax, unit: 'records per datagram', why: 'The format allows 1 to 30.' },
] as const;

/** Whether the bytes are one whole datagram of version 5. */
export function isNetflow5(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < headerBytes + recordBytes || u16(bytes, start) !== 5) return false;
  const count = u16(bytes, start + 2);
  return count >= 1 && count <= recordsMax && end - start === headerBytes + count * recordBytes;
}

/** Reads one datagram; false where it is none. */
export function readNetflow5(message: ExportMessage, exporters: Exporters, sink: ExportSink): boolean {
  const { bytes, start, end } = message;
  if (end - start < headerBytes) return false;
  const stated = u16(bytes, start + 2);
  if (stated > recordsMax) return false;
  // Some exporters pad; one that is cut still shows its first records.
  const count = Math.min(stated, Math.floor((end - start - headerBytes) / recordBytes));
  const uptime = u32(bytes, start + 4);
  const exportedAt: Seconds = u32(bytes, start + 8) + u32(bytes, start + 12) / 1e9;
  const domain = u16(bytes, start + 20);
  const sampling = u16(bytes, start + 22);
  const exporter = exporters.of(5, message.exporter, message.port, domain);
  const lost = exporter.follow(u32(bytes, start + 16), stated);
  const now = message.at ?? exportedAt;
  if (lost > 0) {
    exporters.counts.lost += lost;
    exporter.weird(sink, 'flow_export_sequence_gap', now, 'flows are missing', lost);
  }
  if (count < stated) exporter.weird(sink, 'flow_export_truncated', now, `${stated} flows stated, ${count} there`);
  const bootAt = exportedAt - uptime / 1000;
  for (let n = 0, at = start + headerBytes; n < count; n++, at += recordBytes) {
    // The uptime wraps every 49.7 days; a flow that began before is seen as beginning after the export.
    const first = uptimeInstant(bootAt, uptime, u32(bytes, at + 24));
    const last = uptimeInstant(bootAt, uptime, u32(bytes, at + 28));
    const times = flowTimes(first, last, exportedAt, message.at);
    sink.record('ipfix', {
      ...headOf(times.ts, message, 5, domain),
      ...times.told,
      sourceIPv4Address: formatAddress(bytes, at, 4),
      destinationIPv4Address: formatAddress(bytes, at + 4, 4),
      ...(u32(bytes, at + 8) === 0 ? {} : { ipNextHopIPv4Address: formatAddress(bytes, at + 8, 4) }),
      ingressInterface: u16(bytes, at + 12),
      egressInterface: u16(bytes, at + 14),
      packetDeltaCount: u32(bytes, at + 16),
      octetDeltaCount: u32(bytes, at + 20),
      sourceTransportPort: u16(bytes, at + 32),
      destinationTransportPort: u16(bytes, at + 34),
      tcpControlBits: bytes[at + 37]!,
      protocolIdentifier: bytes[at + 38]!,
      ipClassOfService: bytes[at + 39]!,
      bgpSourceAsNumber: u16(bytes, at + 40),
      bgpDestinationAsNumber: u16(bytes, at + 42),
      sourceIPv4PrefixLength: bytes[at + 44]!,
      destinationIPv4PrefixLength: bytes[at + 45]!,
      ...((sampling & 0x3fff) > 1
        ? { samplingInterval: sampling & 0x3fff, ...(sampling >> 14 === 0 ? {} : { samplingAlgorithm: sampling >> 14 }) }
        : {}),
    });
    exporters.counts.records++;
  }
  return true;
}

/** An instant told as milliseconds of uptime, of a device whose uptime was `uptime` at the export; over one wrap of its 32 bits. */
export function uptimeInstant(bootAt: Seconds, uptime: number, milliseconds: number): Seconds {
  const wrapped = milliseconds > uptime && milliseconds - uptime > 0x8000_0000;
  return bootAt + (milliseconds - (wrapped ? 0x1_0000_0000 : 0)) / 1000;
}
