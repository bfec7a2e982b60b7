import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { recordType } from '@forewarn/model/records/index';
import { oddities } from '../oddities.ts';
import type { ExportMessage } from './exports.ts';
import { createExportReader, exportKind } from './reader.ts';
import { bytesOf, ipfixMessage, n16, n32, n64, netflow5, netflow9, set, template } from './testing.ts';

function reading() {
  const records: { log: string; record: AnyRecord }[] = [];
  const weirds: { name: string; addl: string | undefined }[] = [];
  const reader = createExportReader({
    record: (log, record) => records.push({ log, record }),
    weird: (name, _ts, addl) => weirds.push({ name, addl }),
  });
  return {
    records,
    weirds,
    counts: reader.counts,
    read: (bytes: Uint8Array, of: Partial<ExportMessage> = {}) =>
      reader.read({
        bytes,
        start: 0,
        end: bytes.length,
        exporter: '203.0.113.9',
        port: 2055,
        at: 1_700_000_001,
        datagram: true,
        ...of,
      }),
  };
}

const flowFields = [
  [8, 4],
  [12, 4],
  [7, 2],
  [11, 2],
  [4, 1],
  [1, 4],
  [2, 4],
] as const;
const flow = (n: number): number[] => [
  192,
  0,
  2,
  n,
  198,
  51,
  100,
  n,
  ...n16(50_000),
  ...n16(53),
  17,
  ...n32(1_000 + n),
  ...n32(n),
];

describe('NetFlow v5', () => {
  test('flows with the names of IPFIX, times from the uptime, sampling of the header', () => {
    const { read, records, counts } = reading();
    read(netflow5(2, {}, 0x4000 | 100));
    expect(records[0]).toEqual({
      log: 'ipfix',
      record: {
        ts: 1_699_999_990,
        exporterIPv4Address: '203.0.113.9',
        exporterTransportPort: 2055,
        exportProtocolVersion: 5,
        observationDomainId: 0,
        flowStartMilliseconds: 1_699_999_990,
        flowEndMilliseconds: 1_699_999_999,
        sourceIPv4Address: '192.0.2.1',
        destinationIPv4Address: '198.51.100.1',
        ipNextHopIPv4Address: '203.0.113.1',
        ingressInterface: 1,
        egressInterface: 2,
        packetDeltaCount: 100,
        octetDeltaCount: 6_400,
        sourceTransportPort: 40_001,
        destinationTransportPort: 443,
        tcpControlBits: 0x1b,
        protocolIdentifier: 6,
        ipClassOfService: 0,
        bgpSourceAsNumber: 64_500,
        bgpDestinationAsNumber: 64_501,
        sourceIPv4PrefixLength: 24,
        destinationIPv4PrefixLength: 25,
        samplingInterval: 100,
        samplingAlgorithm: 1,
      },
    });
    expect(counts).toMatchObject({ messages: 1, records: 2, lost: 0 });
  });

  test('flows that are missing by their numbers are counted; late and repeated datagrams are none, nor is an exporter that began anew', () => {
    const { read, counts, weirds } = reading();
    read(netflow5(2, { sequence: 100 }));
    read(netflow5(2, { sequence: 112 }));
    expect(counts.lost).toBe(10);
    expect(weirds).toEqual([{ name: 'flow_export_sequence_gap', addl: '203.0.113.9 domain 0: flows are missing (10)' }]);
    read(netflow5(2, { sequence: 104 }));
    read(netflow5(2, { sequence: 114 }));
    read(netflow5(2, { sequence: 4_000_000_000 }));
    expect(counts.lost).toBe(10);
  });

  test('an impossible clock of the exporter: the record stands where it arrived, the times as they were told', () => {
    const { read, records } = reading();
    read(netflow5(1, { at: 1_000 }));
    expect(records[0]!.record).toMatchObject({ ts: 1_700_000_001, flowStartMilliseconds: 990 });
  });

  test('cut: the flows that are there', () => {
    const { read, records, weirds } = reading();
    read(netflow5(3).subarray(0, 24 + 48 + 20));
    expect(records).toHaveLength(1);
    expect(weirds[0]!.name).toBe('flow_export_truncated');
  });
});

describe('IPFIX', () => {
  test('records wait for no template, and are read once it came; numbers follow the records', () => {
    const { read, records, counts, weirds } = reading();
    read(ipfixMessage({ sequence: 0 }, set(256, flow(1))));
    expect(records).toEqual([]);
    expect(counts.withoutTemplate).toBe(1);
    expect(weirds[0]!.name).toBe('flow_export_template_missing');
    read(ipfixMessage({ sequence: 1 }, set(2, template(256, flowFields)), set(256, flow(2), flow(3))));
    read(ipfixMessage({ sequence: 3 }, set(256, flow(4))));
    read(ipfixMessage({ sequence: 6 }, set(256, flow(5))));
    expect(records.map(({ record }) => record['sourceIPv4Address'])).toEqual([
      '192.0.2.2',
      '192.0.2.3',
      '192.0.2.4',
      '192.0.2.5',
    ]);
    expect(counts.lost).toBe(2);
  });

  test('templates are of one exporter, port and domain', () => {
    const { read, records } = reading();
    read(ipfixMessage({}, set(2, template(256, flowFields))));
    read(ipfixMessage({ domain: 8 }, set(256, flow(1))));
    read(ipfixMessage({}, set(256, flow(1))), { port: 2_056 });
    read(ipfixMessage({}, set(256, flow(1))), { exporter: '203.0.113.10' });
    expect(records).toEqual([]);
    read(ipfixMessage({}, set(256, flow(1))));
    expect(records).toHaveLength(1);
  });

  test('variable lengths, enterprises, the other direction, shortened numbers, times of all kinds', () => {
    const { read, records, weirds } = reading();
    const fields = [
      [96, 65_535],
      [1, 3],
      [1, 8, 29_305],
      [33, 65_535, 6_871],
      [156, 8],
      [153, 8],
      [56, 6],
      [27, 16],
    ];
    const name = [...new TextEncoder().encode('dns')];
    const long = Array.from({ length: 300 }, () => 7);
    const record = [
      3,
      ...name,
      1,
      0,
      0,
      ...n64(77),
      255,
      ...n16(300),
      ...long,
      ...n32(1_700_000_000 + 2_208_988_800),
      ...n32(0x8000_0000),
      ...n64(1_700_000_000_250),
      2,
      0,
      0,
      0,
      0,
      1,
      0x20,
      1,
      0x0d,
      0xb8,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      1,
    ];
    read(ipfixMessage({}, set(2, template(300, fields)), set(300, record, [0, 0])));
    expect(records.map(({ record: one }) => one)).toEqual([
      {
        ts: 1_700_000_000.5,
        exporterIPv4Address: '203.0.113.9',
        exporterTransportPort: 2055,
        exportProtocolVersion: 10,
        observationDomainId: 7,
        flowStartMilliseconds: 1_700_000_000.5,
        flowEndMilliseconds: 1_700_000_000.25,
        applicationName: 'dns',
        octetDeltaCount: 65_536,
        reverseOctetDeltaCount: 77,
        sourceMacAddress: '02:00:00:00:00:01',
        sourceIPv6Address: '2001:db8::1',
      },
    ]);
    expect(weirds).toEqual([{ name: 'flow_export_element_without_column', addl: '203.0.113.9 domain 7: template 300: 6871:33' }]);
  });

  test('what options say of sampling stands in the flows that do not say it', () => {
    const { read, records } = reading();
    const options = [...n16(400), ...n16(3), ...n16(1), ...n16(302), ...n16(4), ...n16(305), ...n16(4), ...n16(306), ...n16(4)];
    read(ipfixMessage({}, set(3, options), set(400, n32(5), n32(1), n32(999))));
    read(ipfixMessage({ sequence: 1 }, set(2, template(256, [...flowFields, [302, 4]])), set(256, [...flow(1), ...n32(5)])));
    expect(records[0]).toMatchObject({ log: 'ipfix_options', record: { selectorId: 5, samplingPacketSpace: 999 } });
    expect(records[1]).toMatchObject({ log: 'ipfix', record: { selectorId: 5, samplingInterval: 1_000 } });
  });

  test('a withdrawal counts in a file, and not in a datagram, which anybody can send', () => {
    const stream = { datagram: false, at: undefined };
    const { read, records, weirds } = reading();
    const withdrawal = ipfixMessage({ sequence: 0 }, set(2, [...n16(256), ...n16(0)]));
    read(ipfixMessage({}, set(2, template(256, flowFields))), stream);
    read(withdrawal);
    read(ipfixMessage({}, set(256, flow(1))), stream);
    expect(records).toHaveLength(1);
    expect(weirds.map(({ name }) => name)).toContain('flow_export_withdrawal_by_datagram');
    read(withdrawal, stream);
    read(ipfixMessage({ sequence: 1 }, set(256, flow(1))), stream);
    expect(records).toHaveLength(1);
  });

  test('a template that is not repeated is no longer believed', () => {
    const { read, records } = reading();
    read(ipfixMessage({}, set(2, template(256, flowFields))), { at: 1_700_000_000 });
    read(ipfixMessage({}, set(256, flow(1))), { at: 1_700_000_000 + 5_300 });
    read(ipfixMessage({ sequence: 1 }, set(256, flow(1))), { at: 1_700_000_000 + 5_500 });
    expect(records).toHaveLength(1);
  });

  test('personal values have a column of that class, contents and subscribers’ numbers have none', () => {
    const columns = recordType('ipfix')!.columns;
    expect(columns['userName']!.class).toBe('personal');
    for (const name of ['mobileIMSI', 'mobileMSISDN', 'httpRequestTarget', 'ipPayloadPacketSection', 'wlanSSID'])
      expect(columns).not.toHaveProperty([name]);
  });
});

describe('NetFlow v9', () => {
  test('templates, options with a sampler, times from the uptime; numbers count datagrams', () => {
    const { read, records, counts } = reading();
    const options = [...n16(300), ...n16(4), ...n16(8), ...n16(1), ...n16(4), ...n16(48), ...n16(1), ...n16(50), ...n16(4)];
    read(netflow9({ sequence: 1 }, set(1, options, [0, 0]), set(300, n32(0), [9], n32(512))));
    const fields = [...flowFields, [48, 1], [22, 4], [21, 4]];
    read(netflow9({ sequence: 2 }, set(0, template(256, fields)), set(256, [...flow(1), 9, ...n32(590_000), ...n32(599_000)])));
    read(netflow9({ sequence: 5 }, set(256, [...flow(2), 9, ...n32(590_000), ...n32(599_000)])));
    expect(records[0]).toMatchObject({ log: 'ipfix_options', record: { samplerId: 9, samplerRandomInterval: 512 } });
    expect(records[1]).toMatchObject({
      log: 'ipfix',
      record: { exportProtocolVersion: 9, ts: 1_699_999_990, flowEndMilliseconds: 1_699_999_999, samplingInterval: 512 },
    });
    expect(counts).toMatchObject({ lost: 2, records: 3 });
  });
});

describe('hostile exporters', () => {
  test('templates without a byte, of a thousand fields, or cut are not kept', () => {
    const { read, records, weirds } = reading();
    const fields = Array.from({ length: 1_000 }, () => [1, 1]);
    read(ipfixMessage({}, set(2, template(256, [[1, 0]])), set(256, [1, 2, 3, 4])));
    read(ipfixMessage({ domain: 8 }, set(2, template(256, fields)), set(256, [1, 2, 3, 4])));
    read(ipfixMessage({ domain: 9 }, set(2, [...n16(256), ...n16(9), ...n16(1), ...n16(4)])));
    expect(records).toEqual([]);
    expect(weirds.filter(({ name }) => name === 'flow_export_bad_template').map(({ addl }) => addl!.split(': ')[1])).toEqual([
      'empty',
      'too-long',
      'cut',
    ]);
  });

  test('one byte a record: no more than the ceiling of a message', () => {
    const { read, records, counts } = reading();
    read(
      ipfixMessage(
        {},
        set(2, template(256, [[4, 1]])),
        set(
          256,
          Array.from({ length: 60_000 }, () => 6),
        ),
      ),
    );
    expect(records).toHaveLength(4_096);
    expect(counts.refused).toBe(60_000 - 4_096);
  });

  test('forged exporters by the thousand: what is kept stays below its ceilings, and who goes on speaking is not forgotten', () => {
    const { read, records, counts } = reading();
    read(ipfixMessage({}, set(2, template(256, flowFields))));
    const fields = Array.from({ length: 500 }, () => [4, 1]);
    const forged = ipfixMessage({}, set(2, template(256, fields), template(257, fields)));
    const before = process.memoryUsage.rss();
    for (let n = 0; n < 6_000; n++) {
      read(forged, { exporter: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` });
      if (n % 100 === 0) read(ipfixMessage({ sequence: n / 100 }, set(256, flow(1))));
      if (n % 100 === 0) read(ipfixMessage({ sequence: n / 100 + 1 }, set(2, template(256, flowFields))));
    }
    expect(counts.bad).toBe(0);
    expect(process.memoryUsage.rss() - before).toBeLessThan(400_000_000);
    expect(records.length).toBeGreaterThan(55);
  });

  test('any bytes: nothing throws, every oddity stands in the catalogue', () => {
    const { read, weirds } = reading();
    const starts = [
      netflow5(3),
      netflow9({}, set(0, template(256, flowFields)), set(256, flow(1), flow(2))),
      ipfixMessage({}, set(2, template(256, flowFields)), set(3, [...n16(300), ...n16(1), ...n16(1), ...n16(34), ...n16(4)])),
      bytesOf(
        n32(5),
        n32(1),
        [192, 0, 2, 1],
        n32(0),
        n32(1),
        n32(1),
        n32(1),
        n32(1),
        n32(40),
        Array.from({ length: 40 }, () => 1),
      ),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...starts),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
        fc.nat(200),
        (start, changes, cut) => {
          const bytes = start.slice(0, Math.max(0, start.length - (cut > 100 ? 0 : cut)));
          for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
          read(bytes);
          exportKind(bytes, 0, bytes.length);
        },
      ),
      { numRuns: 5_000, seed: 4 },
    );
    for (const { name } of weirds) expect(oddities).toHaveProperty([name]);
  });
});

describe('sFlow v5', () => {
  const header = [
    2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 60, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2, 0x9c, 0x40,
    1, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 2,
  ];
  const sampled = [...n32(1), ...n32(1_500), ...n32(4), ...n32(header.length), ...header];
  const record = (format: number, body: readonly number[]) => [...n32(format), ...n32(body.length), ...body];
  const sample = (...records: readonly (readonly number[])[]) => {
    const body = [
      ...n32(9),
      ...n32(3),
      ...n32(1_000),
      ...n32(5_000),
      ...n32(2),
      ...n32(3),
      ...n32(4),
      ...n32(records.length),
      ...records.flat(),
    ];
    return [...n32(1), ...n32(body.length), ...body];
  };
  const message = (...samples: readonly (readonly number[])[]) =>
    bytesOf(n32(5), n32(1), [192, 0, 2, 250], n32(1), n32(77), n32(1_000), n32(samples.length), samples.flat());

  test('a sampled packet is read up to its ports', () => {
    const { read, records } = reading();
    const bytes = message(sample(record(1, sampled), record(1_001, [...n32(10), ...n32(0), ...n32(20), ...n32(0)])));
    expect(exportKind(bytes, 0, bytes.length)).toBe('sflow');
    read(bytes);
    expect(records).toEqual([
      {
        log: 'sflow',
        record: {
          ts: 1_700_000_001,
          agent_address: '192.0.2.250',
          sub_agent_id: 1,
          sequence_number: 9,
          source_id_type: 0,
          source_id_index: 3,
          sampling_rate: 1_000,
          sample_pool: 5_000,
          drops: 2,
          input: 3,
          output: 4,
          header_protocol: 1,
          frame_length: 1_500,
          dst_mac: '02:00:00:00:00:01',
          src_mac: '02:00:00:00:00:02',
          length: 60,
          protocol: 6,
          src_ip: '192.0.2.1',
          dst_ip: '198.51.100.2',
          src_port: 40_000,
          dst_port: 443,
          tcp_flags: 2,
          src_vlan: 10,
          dst_vlan: 20,
        },
      },
    ]);
  });

  test('counters of an interface; those it does not have are left out', () => {
    const { read, records } = reading();
    const counters = [
      ...n32(7),
      ...n32(6),
      ...n64(1e10),
      ...n32(1),
      ...n32(3),
      ...n64(123_456_789_012),
      ...Array.from({ length: 6 }, (_, n) => n32(n)).flat(),
      ...n64(5),
      ...Array.from({ length: 5 }, () => n32(0xffff_ffff)).flat(),
      ...n32(0),
    ];
    const body = [...n32(1), ...n32(7), ...n32(1), ...record(1, counters)];
    read(message([...n32(2), ...n32(body.length), ...body]));
    expect(records).toHaveLength(1);
    expect(records[0]!.log).toBe('sflow_counters');
    expect(records[0]!.record).toMatchObject({ ifIndex: 7, ifSpeed: 1e10, ifInOctets: 123_456_789_012, ifOutOctets: 5 });
    expect(records[0]!.record).not.toHaveProperty('ifOutErrors');
  });
});
