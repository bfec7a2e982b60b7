/** How a sensor fares, with the names of Zeek 8's `stats` log where Zeek has one; what Zeek does not count has names of ours. */

import type { RecordOf, RecordType } from './record.ts';

export const stats = {
  log: 'stats',
  means: 'What a sensor saw, lost and holds in one span of time, written every minute and at trouble.',
  source: 'Zeek policy/misc/stats (ts, mem, pkts_proc, bytes_recv, pkts_dropped, pkts_link, pkt_lag); the rest is ours',
  columns: {
    ts: { type: 'time', class: 'technical', unit: 's', always: true, means: 'End of the span, by the sensor’s clock.' },
    span: { type: 'interval', class: 'technical', unit: 's', always: true, means: 'How long the span is.' },
    input: {
      type: 'string',
      class: 'technical',
      always: true,
      means: 'What is read: interface, folder, standard input, or what others send.',
    },
    version: { type: 'string', class: 'technical', always: true, means: 'Version of the sensor.' },
    settings: { type: 'count', class: 'technical', always: true, means: 'Version of the settings in force; 0: its own.' },
    mem: { type: 'count', class: 'technical', unit: 'MB', always: true, means: 'Memory of the process.' },
    cpu: { type: 'double', class: 'technical', unit: 'cores', always: true, means: 'Processor time used, as cores.' },
    pkts_proc: {
      type: 'count',
      class: 'technical',
      unit: 'packets',
      always: true,
      means: 'Packets processed; of a collector, messages.',
    },
    bytes_recv: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Bytes of captured packets processed.' },
    pkts_link: {
      type: 'count',
      class: 'technical',
      unit: 'packets',
      means: 'Packets that passed the kernel’s filter, or messages that came to a collector, with those dropped.',
    },
    pkts_dropped: {
      type: 'count',
      class: 'technical',
      unit: 'packets',
      means:
        'Packets the kernel dropped because its buffer was full, by its own count; of a collector with those the sensor had no room for.',
    },
    pkts_if_dropped: { type: 'count', class: 'technical', unit: 'packets', means: 'Packets the network card dropped.' },
    pkt_lag: { type: 'interval', class: 'technical', unit: 's', means: 'Age of the newest packet.' },
    gaps: { type: 'count', class: 'technical', unit: 'flows', always: true, means: 'Flows that ended with bytes missing.' },
    missed_bytes: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Bytes missing in those flows.' },
    capture_down: {
      type: 'interval',
      class: 'technical',
      unit: 's',
      always: true,
      means: 'Time without a capture: between the end of one and the beginning of the next.',
    },
    capture_starts: { type: 'count', class: 'technical', always: true, means: 'Captures begun.' },
    spool_bytes: {
      type: 'count',
      class: 'technical',
      unit: 'bytes',
      always: true,
      means: 'On disk, waiting to be acknowledged.',
    },
    spool_max: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Ceiling of the spool.' },
    spool_batches: { type: 'count', class: 'technical', unit: 'batches', always: true, means: 'Batches that wait.' },
    spool_age: { type: 'interval', class: 'technical', unit: 's', means: 'How long the oldest of them has waited.' },
    lost_batches: {
      type: 'count',
      class: 'technical',
      unit: 'batches',
      always: true,
      means: 'Batches dropped because the spool was full; no acknowledged one is among them.',
    },
    lost_records: { type: 'count', class: 'technical', unit: 'records', always: true, means: 'Records in those batches.' },
    set_aside: {
      type: 'count',
      class: 'technical',
      unit: 'batches',
      always: true,
      means: 'Batches that were damaged on disk or that the centre refused for good: kept beside the spool.',
    },
    ring_bytes: {
      type: 'count',
      class: 'technical',
      unit: 'bytes',
      means:
        'Packets that are kept on disk, with their index; this and the others of the ring only where a link’s policy has them kept.',
    },
    ring_max: { type: 'count', class: 'technical', unit: 'bytes', means: 'How many may be.' },
    ring_packets: { type: 'count', class: 'technical', unit: 'packets', means: 'Packets in it.' },
    ring_span: { type: 'interval', class: 'technical', unit: 's', means: 'From the oldest of them to the newest.' },
    ring_dropped: {
      type: 'count',
      class: 'technical',
      unit: 'packets',
      means: 'Packets that could not be kept: the disk was full or too slow.',
    },
    clock_skew: {
      type: 'interval',
      class: 'technical',
      unit: 's',
      means: 'The sensor’s clock less the centre’s, measured at the centre’s last answer.',
    },
    clock_within: { type: 'interval', class: 'technical', unit: 's', means: 'How exact that is: half of the answer’s way.' },
    trouble: { type: 'vector[string]', class: 'technical', means: 'What is wrong, by name.' },
  },
} as const satisfies RecordType;

export type StatsRecord = RecordOf<typeof stats>;
