/** Flows of exporters: what behaviours see of them, and what they must not make of them. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createExportedFlows } from './exported-flows.ts';
import { detect, type Line } from './testing/detection.ts';

const [fin, syn, rst, psh, ack] = [1, 2, 4, 8, 16] as const;

/** One direction, as an exporter tells it. */
function half(ts: number, from: string, to: string, flags: number, more: AnyRecord = {}): AnyRecord {
  const [source, sourcePort] = from.split(' ');
  const [target, port] = to.split(' ');
  return {
    ts,
    exporterIPv4Address: '192.0.2.1',
    exportProtocolVersion: 9,
    observationDomainId: 1,
    sourceIPv4Address: source!,
    sourceTransportPort: Number(sourcePort),
    destinationIPv4Address: target!,
    destinationTransportPort: Number(port),
    protocolIdentifier: 6,
    packetDeltaCount: 10,
    octetDeltaCount: 1_000,
    tcpControlBits: flags,
    flowStartMilliseconds: ts,
    flowEndMilliseconds: ts + 0.5,
    ...more,
  };
}

function flowsOf(...records: AnyRecord[]): AnyRecord[] {
  const flows: AnyRecord[] = [];
  const exported = createExportedFlows((flow) => flows.push(flow));
  for (const record of records) exported.push('ipfix', record);
  exported.end();
  return flows;
}

const [client, server] = ['10.0.0.5 40000', '198.51.100.7 443'] as const;

describe('two directions are one flow', () => {
  const whole = { 'id.orig_h': '10.0.0.5', 'id.resp_h': '198.51.100.7', 'id.resp_p': 443, proto: 'tcp', conn_state: 'SF', orig_pkts: 10, orig_bytes: 600, resp_pkts: 10, resp_bytes: 600, continued: false }; // oxfmt-ignore

  test('in either order, and in the same moment', () => {
    const asked = half(100, client, server, syn | ack | psh | fin);
    const answered = half(100.01, server, client, syn | ack | psh | fin);
    expect(flowsOf(asked, answered)).toMatchObject([whole]);
    expect(flowsOf(answered, asked)).toMatchObject([whole]);
    expect(flowsOf({ ...answered, ts: 100 }, asked)).toMatchObject([whole]);
  });

  test('in one record: RFC 5103, also from the responder’s side', () => {
    const back = { reverseOctetDeltaCount: 1_000, reversePacketDeltaCount: 10, reverseTcpControlBits: syn | ack | fin };
    expect(flowsOf(half(100, client, server, syn | ack | fin, back))).toMatchObject([whole]);
    expect(flowsOf(half(100, server, client, syn | ack | fin, { ...back, biflowDirection: 2 }))).toMatchObject([whole]);
  });

  test('what came of it: refused, not answered, broken off, unknown', () => {
    expect(flowsOf(half(1, client, server, syn), half(1, server, client, rst | ack))).toMatchObject([{ conn_state: 'REJ' }]);
    expect(flowsOf(half(1, client, server, syn))).toMatchObject([{ conn_state: 'S0', resp_pkts: 0 }]);
    expect(flowsOf(half(1, client, server, syn | ack | rst), half(1.1, server, client, syn | ack))).toMatchObject([
      { conn_state: 'RSTO' },
    ]);
    expect(flowsOf(half(1, client, server, 0), half(1.1, server, client, 0))).toMatchObject([{ conn_state: 'OTH' }]);
    // One direction only: whoever goes on after the SYN was answered.
    expect(flowsOf(half(1, client, server, syn | ack | psh))).toMatchObject([{ conn_state: 'OTH' }]);
    expect(flowsOf(half(1, client, server, syn, { firewallEvent: 3 }))).toMatchObject([{ conn_state: 'REJ' }]);
  });
});

describe('what is not known is not made up', () => {
  test('sampled flows are left out, also where only the exporter’s options say so', () => {
    expect(flowsOf(half(1, client, server, syn, { samplingInterval: 100 }))).toEqual([]);
    const flows: AnyRecord[] = [];
    const exported = createExportedFlows((flow) => flows.push(flow));
    exported.push('ipfix_options', {
      ts: 0,
      exporterIPv4Address: '192.0.2.1',
      observationDomainId: 1,
      samplerRandomInterval: 512,
    });
    exported.push('ipfix', half(1, client, server, syn));
    exported.push('ipfix', half(1, client, server, syn, { exporterIPv4Address: '192.0.2.2' }));
    exported.end();
    expect(flows).toHaveLength(1);
  });

  test('pieces of a long flow are marked, and sums since its beginning counted once', () => {
    const pieces = [0, 60, 120].map((at) => half(at, client, server, ack, { flowEndMilliseconds: at + 60 }));
    expect(flowsOf(...pieces).map(({ continued }) => continued)).toEqual([false, true, true]);
    const sums = [1_000, 3_000].map((octetTotalCount, n) => ({ ...half(n * 60, client, server, ack, { flowEndMilliseconds: n * 60 + 60 }), octetDeltaCount: undefined, octetTotalCount })); // oxfmt-ignore
    expect(flowsOf(...sums).map(({ orig_bytes }) => orig_bytes)).toEqual([600, 0]);
  });

  test('any records whatever: nothing is thrown, and no more comes out than went in', () => {
    const value = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.string({ maxLength: 60 }),
      fc.constantFrom(6, 17, '10.0.0.1', -1, Number.NaN),
    );
    const names = Object.keys(half(1, client, server, 0)).concat(['reverseOctetDeltaCount', 'biflowDirection', 'samplingInterval', 'flowDurationMilliseconds']); // oxfmt-ignore
    const record = fc.dictionary(fc.constantFrom(...names), value);
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (records) => {
        expect(flowsOf(...(records as AnyRecord[])).length).toBeLessThanOrEqual(records.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('behaviours see exported flows', () => {
  const line = (record: AnyRecord): Line => ({ log: 'ipfix', record });
  const sweep = (more: AnyRecord = {}): Line[] =>
    Array.from({ length: 40 }, (_, n) => line(half(1_000 + n, `10.0.0.66 ${40_000 + n}`, `10.1.0.${n + 1} 445`, syn, { packetDeltaCount: 1, octetDeltaCount: 60, ...more }))); // oxfmt-ignore

  test('a scan, citing the exported records', () => {
    const { findings } = detect(sweep());
    expect(findings.map(({ explanation }) => explanation.text)).toEqual(['detect.scan.horizontal']);
    expect(findings[0]!.records.every(({ log, uid }) => log === 'ipfix' && /^[0-9a-f]{24}$/.test(uid))).toBe(true);
  });

  test('no scan in samples of one packet in a hundred, nor where only one direction is exported', () => {
    expect(detect(sweep({ samplingInterval: 100 })).findings).toEqual([]);
    expect(detect(sweep({ tcpControlBits: syn | ack | fin })).findings).toEqual([]);
  });

  test('a beacon, by its two directions', () => {
    const lines = Array.from({ length: 60 }, (_, n) => {
      const from = `10.0.0.9 ${50_000 + n}`;
      const at = 10_000 + n * 300 + ((n * 37) % 11);
      return [
        line(half(at, from, server, syn | ack | fin, { octetDeltaCount: 900 })),
        line(half(at + 0.01, server, from, syn | ack | fin, { octetDeltaCount: 700 })),
      ];
    }).flat();
    expect(detect(lines).findings.map(({ rule }) => rule.id)).toEqual(['behaviour:beacon']);
  });

  test('one long connection, told every minute by the exporter’s clock, is no beacon', () => {
    const lines = Array.from({ length: 120 }, (_, n) => {
      const at = 10_000 + n * 60;
      const times = { flowEndMilliseconds: at + 59.9 };
      return [line(half(at, client, server, ack | psh, times)), line(half(at, server, client, ack | psh, times))];
    }).flat();
    expect(detect(lines).findings).toEqual([]);
  });
});
