/** What a sensor is to collect, as it is written on the command line: `netflow=0.0.0.0:2055`, `syslog=tls:[::]:6514`. */

import { Refusal } from '@forewarn/base/refusal';

/** What comes: flows of exporters, or lines of logs. */
export type Collected = 'flows' | 'lines';

export type CollectWish = {
  /** As it was written: names the source of the records. */
  readonly name: string;
  readonly collected: Collected;
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly host: string;
  readonly port: number;
};

/** Listeners of one sensor. Each of UDP is a thread. */
export const collectorsMax = 16;

/** NetFlow, IPFIX and sFlow are told apart by their bytes: whichever of these is written, all of them are read. */
const exportNames: readonly string[] = ['netflow', 'ipfix', 'sflow'];

/** Reads one wish. Refusals: `sensor.collect`. */
export function collectWish(text: string): CollectWish {
  const parts = /^(\w+)=(?:(udp|tcp|tls):)?(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text);
  const [, what = '', transport, host = '', digits = ''] = parts ?? [];
  const port = Number(digits);
  const isExport = exportNames.includes(what);
  // Port 0 is any that is free, which is said then.
  if (
    !parts ||
    (!isExport && what !== 'syslog') ||
    port > 65_535 ||
    (isExport && transport !== undefined && transport !== 'udp')
  ) {
    throw new Refusal('sensor.collect', `"${text.slice(0, 200)}" says nothing that can be collected.`, {
      place: { field: '--collect' },
      advice: 'Write it as netflow=0.0.0.0:2055, syslog=udp:0.0.0.0:514, syslog=tcp:0.0.0.0:601 or syslog=tls:[::]:6514.',
    });
  }
  return {
    name: text,
    collected: isExport ? 'flows' : 'lines',
    transport: (transport as 'udp' | 'tcp' | 'tls' | undefined) ?? 'udp',
    host: host.replace(/^\[|\]$/g, ''),
    port,
  };
}
