/** The head of a record of an exporter, and when its flow was: clocks of exporters are wrong as often as anybody's. */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { ExportMessage } from './exports.ts';

/** Active timeouts are 30 minutes at most by habit, and 604,800 s (a week) where somebody set the largest that Cisco's command takes. */
const pastSeconds = 604_800 + 3_600;

/** Clocks that NTP does not keep drift by minutes. */
const futureSeconds = 3_600;

const plausible = (at: Seconds | undefined, by: Seconds): at is Seconds =>
  at !== undefined && at > by - pastSeconds && at < by + futureSeconds;

/** What 32 bits of seconds can tell; the stores hold these. */
const tellable = (at: Seconds | undefined): at is Seconds => at !== undefined && at > 0 && at < 0x1_0000_0000;

/**
 * The times that are written of a flow, as they were told, and which of them its record stands at: the first packet where that is
 * possible, else the last, else the export, else the arrival.
 */
export function flowTimes(
  first: Seconds | undefined,
  last: Seconds | undefined,
  exportedAt: Seconds,
  arrivedAt: Seconds | undefined,
): { ts: Seconds; told: AnyRecord } {
  // What arrives was exported just now: against that the exporter's own clock is measured. A file is only measured against itself.
  const reference = arrivedAt !== undefined && !plausible(exportedAt, arrivedAt) ? arrivedAt : exportedAt;
  return {
    ts: plausible(first, reference) ? first : plausible(last, reference) ? last : reference,
    told: {
      ...(tellable(first) ? { flowStartMilliseconds: first } : {}),
      ...(tellable(last) ? { flowEndMilliseconds: last } : {}),
    },
  };
}

export function headOf(ts: Seconds, message: ExportMessage, version: number, domain: number): AnyRecord {
  return {
    ts,
    ...(message.exporter === ''
      ? {}
      : message.exporter.includes(':')
        ? { exporterIPv6Address: message.exporter, exporterTransportPort: message.port }
        : { exporterIPv4Address: message.exporter, exporterTransportPort: message.port }),
    exportProtocolVersion: version,
    observationDomainId: domain,
  };
}
