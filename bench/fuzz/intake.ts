/** What arrives over the network from others' exporters and shippers: flows, messages of syslog over a stream, OpenTelemetry. */

import { createFraming } from '@forewarn/sensor/collect/framing';
import { createPackets, publishOf, subackCodes } from '@forewarn/sensor/collect/mqtt-packets';
import { exportKind, createExportReader } from '@forewarn/sense/exports/reader';
import { bytesOf, ipfixMessage, n16, n32, netflow5, netflow9, set, template } from '@forewarn/sense/exports/testing';
import { readOtlpProtobuf } from '@forewarn/sense/logs/otlp/otlp';
import { createShipped } from '@forewarn/sense/logs/shipped';
import { oddities } from '@forewarn/sense/oddities';
import type { Direction } from '@forewarn/sense/protocols/protocol';
import type { Arrival } from '@forewarn/sense/protocols/trial';
import type { Family, Input } from './family.ts';
import { pieceFamily } from './readers.ts';

const t0 = 1_700_000_000;
const encoder = new TextEncoder();

const start = (seed: number, ...parts: readonly Uint8Array[]): Input => ({
  seed,
  arrivals: parts.map((bytes, i): Arrival => ({ direction: 0 as Direction, ts: t0 + i * 0.01, bytes })),
});

const fields = [
  [8, 4],
  [12, 4],
  [27, 16],
  [96, 65_535],
  [1, 4],
  [22, 4],
  [153, 8],
];
const flow = [192, 0, 2, 1, 198, 51, 100, 1, ...Array.from({ length: 16 }, (_, i) => i), 3, 100, 110, 115, ...n32(900), ...n32(5), ...Array.from({ length: 8 }, () => 1)]; // oxfmt-ignore
const options = [...n16(400), ...n16(2), ...n16(1), ...n16(302), ...n16(4), ...n16(34), ...n16(4)];
const samples = [...n32(1), ...n32(40), ...n32(9), ...n32(3), ...n32(100), ...n32(5), ...n32(0), ...n32(1), ...n32(2), ...n32(1), ...n32(2), ...n32(0)]; // oxfmt-ignore

const exportsFamily = pieceFamily(
  'flow-exports',
  [
    start(0, netflow5(2), netflow5(1, { sequence: 9 })),
    start(1, ipfixMessage({}, set(2, template(256, fields))), ipfixMessage({}, set(256, flow, flow))),
    start(
      2,
      ipfixMessage({}, set(3, options), set(400, n32(1), n32(10))),
      ipfixMessage({ sequence: 1 }, set(2, [...n16(256), ...n16(0)])),
    ),
    start(3, netflow9({}, set(0, template(300, [[8, 4], [12, 4], [21, 4]])), set(300, n32(1), n32(2), n32(3)))), // oxfmt-ignore
    start(4, bytesOf(n32(5), n32(1), n32(0xc0000201), n32(0), n32(1), n32(1), n32(1), samples)),
  ],
  (witness) => {
    const reader = createExportReader({
      record: (log, record) => witness.record(log, record),
      weird: (name) => {
        if (!Object.hasOwn(oddities, name)) throw new Error(`the oddity ${name} is not in the catalogue`);
        witness.weird(name);
      },
    });
    return {
      take: (arrival) => {
        if (!('bytes' in arrival)) return;
        const { bytes, ts } = arrival;
        witness.trait(`kind ${exportKind(bytes, 0, bytes.length)}`);
        // As a datagram, or as from a file, where templates can be withdrawn.
        const datagram = (bytes.length & 1) === 0;
        reader.read({
          bytes,
          start: 0,
          end: bytes.length,
          exporter: '192.0.2.9',
          port: 2055,
          at: datagram ? ts : undefined,
          datagram,
        });
      },
      finish: () => {},
    };
  },
);

const framing = pieceFamily(
  'syslog-framing',
  [
    start(0, encoder.encode('9 <13>a\nb c<13>on a line\r\n'), encoder.encode('11 <14>counted\n<13>with')),
    start(1, encoder.encode('<13>a\n<14>b\n\n\n'), encoder.encode('100 <13>not all of it')),
  ],
  (witness) => {
    let messages = 0;
    const reader = createFraming((bytes) => {
      messages++;
      witness.trait(`length ${Math.min(bytes.length, 64)}`);
    });
    let isOpen = true;
    return {
      take: (arrival) => {
        if (isOpen && 'bytes' in arrival) isOpen = reader.push(arrival.bytes);
      },
      finish: () => {
        reader.end();
        witness.trait(`messages ${messages} ${isOpen}`);
      },
    };
  },
);

const otlp = pieceFamily(
  'otlp',
  [start(0, Uint8Array.from([10, 34, 18, 32, 18, 30, 9, 0, 0, 0, 0, 0, 0, 0, 1, 42, 3, 10, 1, 120, 50, 12, 10, 1, 97, 18, 7, 42, 5, 10, 3, 10, 1, 121]))], // oxfmt-ignore
  (witness) => ({
    take: (arrival) => {
      if (!('bytes' in arrival)) return;
      const read = readOtlpProtobuf(arrival.bytes);
      witness.trait(read.kind === 'malformed' ? read.why : `records ${Math.min(read.records.length, 8)}`);
    },
    finish: () => {},
  }),
);

/** What a broker sends to a subscriber, and what stands in its messages. */
const subscription = pieceFamily(
  'subscription',
  [
    start(
      0,
      bytesOf([0x20, 3, 0, 0, 0], [0x90, 4, 0, 1, 0, 1]),
      bytesOf([0x32, 14, 0, 1, 97, 0, 7, 0], [...encoder.encode('{"n": 1}')]),
      bytesOf([0x3a, 12, 0, 1, 97, 0, 8, 0], [...encoder.encode('<13>ab')], [0xe0, 0]),
    ),
    start(1, bytesOf([0x30, 20, 0, 1, 97, 0], [...encoder.encode('[{"a":1},{"b":2}')], [0xd0, 0])),
  ],
  (witness) => {
    const shipped = createShipped({ name: 'ecs', at: () => t0 }, { record: (log, record) => witness.record(log, record) });
    const packets = createPackets((packet) => {
      witness.trait(`kind ${packet.kind} ${subackCodes(packet, 5)?.length ?? -1}`);
      const publish = publishOf(packet, (packet.flags & 1) === 0 ? 5 : 4);
      if (publish) shipped.message(publish.payload);
    });
    let isOpen = true;
    return {
      take: (arrival) => {
        if (isOpen && 'bytes' in arrival) isOpen = packets.push(arrival.bytes);
      },
      finish: () => {
        shipped.flush();
        witness.trait(`refused ${Object.keys(shipped.refused()).join(' ')} ${isOpen}`);
      },
    };
  },
);

export const intakeFamilies: readonly Family[] = [exportsFamily, framing, otlp, subscription];
