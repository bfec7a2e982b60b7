import * as fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Account } from './account.ts';
import { createEngine, type EngineOptions } from './engine.ts';
import { oddities } from './oddities.ts';
import type { Protocol } from './protocols/protocol.ts';
import { protocols } from './protocols/index.ts';
import { readCapture } from './read.ts';
import { tcpOddities } from './tcp/oddities.ts';
import { ascii, concat, conversation, ethernet, icmp, ip, pcap, pcapng, tcp, udp, type Timed } from './testing/packets.ts';

type Read = { account: Account; conn: AnyRecord[]; weird: AnyRecord[]; all: [string, AnyRecord][] };

function read(file: Uint8Array, options: Partial<EngineOptions> = {}, chunk = file.length): Read {
  const all: [string, AnyRecord][] = [];
  const engine = createEngine({ sink: { record: (log, record) => all.push([log, record]) }, ...options });
  for (let at = 0; at < file.length; at += chunk) engine.push(file.subarray(at, at + chunk));
  const account = engine.end();
  const of = (log: string): AnyRecord[] => all.filter(([name]) => name === log).map(([, record]) => record);
  return { account, conn: of('conn'), weird: of('weird'), all };
}

const sum = (counts: { [name: string]: number }): number => Object.values(counts).reduce((a, b) => a + b, 0);
const a = { from: '10.0.0.1', to: '10.0.0.2' };
const b = { from: '10.0.0.2', to: '10.0.0.1' };
const ports = { source: 40_000, destination: 9999 };
const back = { source: 9999, destination: 40_000 };
const t0 = 1_700_000_000;

/** A protocol that says yes to `PING…`, and writes what it was given, for tests of detection and reassembly. */
function recorder(): { protocol: Protocol; events: string[] } {
  const events: string[] = [];
  const protocol: Protocol = {
    service: 'ping',
    logs: [],
    transports: ['tcp', 'udp'],
    ports: [9999],
    probe: (bytes, start, end) => {
      const text = new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + 4)));
      if ('PING'.startsWith(text)) return text.length === 4 ? 'yes' : 'more';
      return text.startsWith('PONG') ? 'more' : 'no';
    },
    open: (_flow, emit) => ({
      data: (direction, bytes, start, end) => {
        events.push(`${direction}:${new TextDecoder().decode(bytes.subarray(start, end))}`);
        emit.confirm();
      },
      gap: (direction, length) => events.push(`${direction}:gap ${length}`),
      finish: () => events.push('finish'),
    }),
  };
  return { protocol, events };
}

test('a datagram longer than any of IP, in pieces of a block, disturbs no other flow', () => {
  const one = ethernet(tcp(a, ports, { flags: 'PA', sequence: 9, payload: new Uint8Array(5_000_000).fill(0xff) }));
  // A length of zero, as segmentation offloading leaves it: the frame tells how long it is.
  one[16] = 0;
  one[17] = 0;
  const packets = [
    { ts: t0, bytes: ethernet(udp(b, back, ascii('one'))) },
    { ts: t0 + 1, bytes: one },
  ];
  const file = pcapng(packets);
  const limits = { recordBytesMax: 6_000_000, flowsMax: 10_000_000 };
  const whole = read(file, { limits });
  expect([whole.account.packets, whole.conn.length]).toEqual([2, 2]);
  // In pieces, what is beyond the room for one datagram counts as not captured; the flows and their counts are the same.
  expect(read(file, { limits }, 100_000).conn).toEqual(whole.conn);
});

describe('conn', () => {
  test('a whole connection', () => {
    const packets = conversation(a, ports, [
      { from: 'client', payload: ascii('PING') },
      { from: 'server', payload: ascii('PONG!') },
    ]);
    const { conn, account } = read(pcap(packets), { networks: ['10.0.0.1/32'] });
    expect(account).toMatchObject({ packets: 10, inFlows: 10, flows: 1, notIp: {}, undecodable: {}, stop: undefined });
    expect(conn).toHaveLength(1);
    expect(conn[0]).toMatchObject({
      ts: t0,
      'id.orig_h': '10.0.0.1',
      'id.orig_p': 40_000,
      'id.resp_h': '10.0.0.2',
      'id.resp_p': 9999,
      proto: 'tcp',
      orig_bytes: 4,
      resp_bytes: 5,
      conn_state: 'SF',
      local_orig: true,
      local_resp: false,
      missed_bytes: 0,
      history: 'ShADadFf',
      orig_pkts: 6,
      orig_ip_bytes: 6 * 40 + 4,
      resp_pkts: 4,
      resp_ip_bytes: 4 * 40 + 5,
      ip_proto: 6,
    });
    // The last acknowledgement comes after both sides closed and does not count (Zeek's definition of duration).
    expect(conn[0]!['duration']).toBeCloseTo(0.08, 6);
  });

  test.each([
    ['S0', 'S', ['S']],
    ['REJ', 'Sr', ['S', 'ra']],
    ['S1', 'ShA', ['S', 'sa', 'A']],
    ['RSTO', 'ShAR', ['S', 'sa', 'A', 'R']],
    ['RSTR', 'ShAr', ['S', 'sa', 'A', 'r']],
    ['RSTOS0', 'SR', ['S', 'R']],
    ['SH', 'SF', ['S', 'F']],
    ['S2', 'ShAF', ['S', 'sa', 'A', 'FA']],
    ['S3', 'ShAf', ['S', 'sa', 'A', 'fa']],
    ['OTH', 'A', ['A']],
    ['RSTRH', '^r', ['r!']],
  ])('state %s with history %s', (state, history, flags) => {
    // Small letters are the responder's; the last case comes from a well-known port.
    const known = flags[0] === 'r!';
    const to = known ? { source: 40_000, destination: 443 } : ports;
    const from = { source: to.destination, destination: to.source };
    let client = 100;
    let server = 900;
    const packets = flags.map((text, i): Timed => {
      const own = /^[A-Z]/.test(text);
      const bits = text.toUpperCase();
      const packet = tcp(own ? a : b, own ? to : from, {
        flags: bits,
        sequence: own ? client : server,
        acknowledgement: bits.includes('A') ? (own ? server : client) : 0,
      });
      if (/[SF]/.test(bits)) {
        if (own) client++;
        else server++;
      }
      return { ts: t0 + i * 0.1, bytes: ethernet(packet) };
    });
    const { conn } = read(pcap(packets));
    expect(conn).toHaveLength(1);
    expect(conn[0]).toMatchObject({ conn_state: state, history });
  });

  test('DNS: a port that asks again after ten seconds begins another flow', () => {
    const name = concat(Uint8Array.of(7), ascii('example'), Uint8Array.of(3), ascii('org'), Uint8Array.of(0));
    const question = concat(Uint8Array.of(0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0), name, Uint8Array.of(0, 1, 0, 1));
    const frame = ethernet(udp(a, { source: 40_000, destination: 53 }, question));
    const packets = [0, 5, 16].map((seconds): Timed => ({ ts: t0 + seconds, bytes: frame }));
    const { conn } = read(pcap(packets), { protocols });
    expect(conn.map((one) => [one['service'], one['orig_pkts']])).toEqual([
      ['dns', 2],
      ['dns', 1],
    ]);
  });

  test('a refusal has no payload, whatever number its RST has, and the same SYN again is another flow', () => {
    const syn = tcp(a, ports, { flags: 'S', sequence: 77 });
    const rst = tcp(
      b,
      { source: ports.destination, destination: ports.source },
      { flags: 'RA', sequence: 0, acknowledgement: 78 },
    );
    const packets = [syn, rst, syn, rst].map((packet, i): Timed => ({ ts: t0 + i * 0.3, bytes: ethernet(packet) }));
    const { conn } = read(pcap(packets));
    expect(conn).toHaveLength(2);
    for (const record of conn) expect(record).toMatchObject({ conn_state: 'REJ', history: 'Sr', orig_bytes: 0, resp_bytes: 0 });
  });

  test('UDP: one question, one answer, and a minute of silence ends the flow', () => {
    const question = ethernet(udp(a, ports, ascii('question')));
    const answer = ethernet(udp(b, back, ascii('answer')));
    const { conn } = read(
      pcap([
        { ts: t0, bytes: question },
        { ts: t0 + 0.5, bytes: answer },
        { ts: t0 + 60.6, bytes: question },
      ]),
    );
    expect(conn.map((one) => [one['conn_state'], one['history'], one['orig_bytes'], one['resp_bytes']])).toEqual([
      ['SF', 'Dd', 8, 6],
      ['S0', 'D', undefined, undefined],
    ]);
  });

  test('an unanswered SYN ends after five seconds, an answered connection after five idle minutes', () => {
    const syn = ethernet(tcp(a, ports, { flags: 'S', sequence: 1 }));
    const synAck = ethernet(tcp(b, back, { flags: 'SA', sequence: 7, acknowledgement: 2 }));
    const ack = ethernet(tcp(a, ports, { flags: 'A', sequence: 2, acknowledgement: 8 }));
    expect(
      read(
        pcap([
          { ts: t0, bytes: syn },
          { ts: t0 + 3, bytes: syn },
          { ts: t0 + 5, bytes: syn },
        ]),
      ).conn.map((one) => one['orig_pkts']),
    ).toEqual([2, 1]);
    const opened = [
      { ts: t0, bytes: syn },
      { ts: t0 + 0.1, bytes: synAck },
      { ts: t0 + 0.2, bytes: ack },
    ];
    expect(read(pcap([...opened, { ts: t0 + 300.1, bytes: ack }])).conn).toHaveLength(1);
    expect(read(pcap([...opened, { ts: t0 + 300.3, bytes: ack }])).conn).toHaveLength(2);
  });

  test('ICMP: type and code stand for ports, an echo and its reply are one flow', () => {
    const { conn } = read(
      pcap([
        { ts: t0, bytes: ethernet(icmp(a, 8, 0, ascii('12345678'))) },
        { ts: t0 + 1, bytes: ethernet(icmp(b, 0, 0, ascii('12345678'))) },
        { ts: t0 + 2, bytes: ethernet(icmp(b, 3, 1, ascii('12345678'))) },
      ]),
    );
    expect(conn).toMatchObject([
      {
        proto: 'icmp',
        'id.orig_p': 8,
        'id.resp_p': 0,
        orig_pkts: 1,
        resp_pkts: 1,
        orig_bytes: 8,
        resp_bytes: 8,
        conn_state: 'OTH',
      },
      { proto: 'icmp', 'id.orig_h': '10.0.0.2', 'id.orig_p': 3, 'id.resp_p': 1, orig_pkts: 1 },
    ]);
    expect(conn[0]).not.toHaveProperty('history');
  });

  test('other protocols are flows too', () => {
    const { conn } = read(pcap([{ ts: t0, bytes: ethernet(ip(a, 89, ascii('hello ospf'))) }]));
    expect(conn).toMatchObject([{ proto: 'unknown_transport', ip_proto: 89, 'id.orig_p': 0, orig_pkts: 1, orig_ip_bytes: 30 }]);
  });

  test('a connection that begins with a SYN-ACK changes roles at the acknowledgement', () => {
    const { conn } = read(
      pcap([
        { ts: t0, bytes: ethernet(tcp(b, back, { flags: 'SA', sequence: 7, acknowledgement: 2 })) },
        { ts: t0 + 0.1, bytes: ethernet(tcp(a, ports, { flags: 'A', sequence: 2, acknowledgement: 8 })) },
        { ts: t0 + 0.2, bytes: ethernet(tcp(a, ports, { flags: 'PA', sequence: 2, acknowledgement: 8, payload: ascii('x') })) },
      ]),
    );
    expect(conn).toMatchObject([
      { 'id.orig_h': '10.0.0.1', history: '^hAD', orig_pkts: 2, resp_pkts: 1, conn_state: 'S1', orig_bytes: 1 },
    ]);
  });

  test('repeated events are written at the first, tenth and hundredth', () => {
    const packets = conversation(a, ports, [{ from: 'client', payload: ascii('PING') }]);
    const repeated = packets[3]!;
    const many = Array.from({ length: 100 }, (_, i): Timed => ({ ts: t0 + 0.06 + i * 1e-4, bytes: repeated.bytes }));
    const { conn } = read(pcap([...packets.slice(0, 5), ...many]));
    expect(conn).toMatchObject([{ history: 'ShADaTTT' }]);
  });

  test('a checksum is verified where asked', () => {
    const packets: Timed[] = [
      { ts: t0, bytes: ethernet(udp(a, ports, ascii('good'))) },
      { ts: t0 + 1, bytes: ethernet(tcp(a, ports, { flags: 'S', sequence: 1, checksum: 0x1234 })) },
    ];
    expect(read(pcap(packets), { checksums: 'verify' }).conn).toMatchObject([
      { proto: 'udp', history: 'D' },
      { proto: 'tcp', history: 'C', orig_pkts: 1, conn_state: 'OTH' },
    ]);
    expect(read(pcap(packets)).conn.map((one) => one['history'])).toEqual(['D', 'S']);
  });

  test('uids follow from the seed', () => {
    const file = pcap(conversation(a, ports, []));
    const uid = (seed: string): unknown => read(file, { uidSeed: seed }).conn[0]!['uid'];
    expect(uid('one')).toBe(uid('one'));
    expect(uid('one')).not.toBe(uid('two'));
    expect(uid('one')).toMatch(/^C[0-9A-Za-z]{17}$/);
  });

  test('community ids of the specification', () => {
    const file = pcap([
      {
        ts: t0,
        bytes: ethernet(
          tcp({ from: '128.232.110.120', to: '66.35.250.204' }, { source: 34_855, destination: 80 }, { flags: 'S', sequence: 1 }),
        ),
      },
      { ts: t0, bytes: ethernet(udp({ from: '192.168.1.52', to: '8.8.8.8' }, { source: 54_585, destination: 53 }, ascii('x'))) },
      { ts: t0, bytes: ethernet(icmp({ from: '192.168.0.89', to: '192.168.0.1' }, 8, 0, ascii('x'))) },
    ]);
    expect(read(file).conn.map((one) => one['community_id'])).toEqual([
      '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
      '1:d/FP5EW3wiY1vCndhwleRRKHowQ=',
      '1:X0snYXpgwiv9TZtqg64sgzUn6Dk=',
    ]);
  });
});

describe('the order of payload', () => {
  const segment = (ts: number, sequence: number, text: string): Timed => ({
    ts: t0 + ts,
    bytes: ethernet(tcp(a, ports, { flags: 'PA', sequence, acknowledgement: 8, payload: ascii(text) })),
  });
  const acknowledge = (ts: number, acknowledgement: number): Timed => ({
    ts: t0 + ts,
    bytes: ethernet(tcp(b, back, { flags: 'A', sequence: 8, acknowledgement })),
  });
  const open: Timed[] = [
    { ts: t0, bytes: ethernet(tcp(a, ports, { flags: 'S', sequence: 0 })) },
    { ts: t0, bytes: ethernet(tcp(b, back, { flags: 'SA', sequence: 7, acknowledgement: 1 })) },
    { ts: t0, bytes: ethernet(tcp(a, ports, { flags: 'A', sequence: 1, acknowledgement: 8 })) },
  ];
  const follow = (packets: Timed[], options: Partial<EngineOptions> = {}): { events: string[]; read: Read } => {
    const { protocol, events } = recorder();
    return { events, read: read(pcap([...open, ...packets]), { protocols: [protocol], ...options }) };
  };

  test('segments out of order and repeated come in order, once', () => {
    const { events, read: result } = follow([
      segment(1, 5, 'abc'),
      segment(2, 1, 'PING'),
      segment(3, 1, 'PING'),
      segment(4, 6, 'bcdef'),
    ]);
    expect(events).toEqual(['0:PING', '0:abc', '0:def', 'finish']);
    expect(result.conn).toMatchObject([{ service: 'ping', orig_bytes: 10, missed_bytes: 0, history: 'ShADT' }]);
  });

  test('bytes that are acknowledged but never came are a gap', () => {
    const { events, read: result } = follow([segment(1, 1, 'PING'), segment(2, 15, 'after'), acknowledge(3, 20)]);
    expect(events).toEqual(['0:PING', '0:gap 10', '0:after', 'finish']);
    expect(result.conn).toMatchObject([{ missed_bytes: 10, history: 'ShADaG' }]);
  });

  test('what came first stays where copies differ, and that is an oddity', () => {
    const { events, read: result } = follow([segment(1, 6, 'good'), segment(2, 6, 'evil'), segment(3, 1, 'PING!')]);
    expect(events).toEqual(['0:PING!', '0:good', 'finish']);
    expect(result.weird.map((one) => one['name'])).toContain('rexmit_inconsistency');
  });

  test('the sequence wraps around', () => {
    const { protocol, events } = recorder();
    const start = 0xffff_fffd;
    const packets: Timed[] = [
      { ts: t0, bytes: ethernet(tcp(a, ports, { flags: 'S', sequence: start })) },
      { ts: t0, bytes: ethernet(tcp(b, back, { flags: 'SA', sequence: 7, acknowledgement: start + 1 })) },
      {
        ts: t0 + 1,
        bytes: ethernet(tcp(a, ports, { flags: 'A', sequence: start + 1, acknowledgement: 8, payload: ascii('PING') })),
      },
      { ts: t0 + 2, bytes: ethernet(tcp(a, ports, { flags: 'A', sequence: 2, acknowledgement: 8, payload: ascii('more') })) },
    ];
    const { conn } = read(pcap(packets), { protocols: [protocol] });
    expect(events).toEqual(['0:PING', '0:more', 'finish']);
    expect(conn).toMatchObject([{ orig_bytes: 8, missed_bytes: 0 }]);
  });

  test('more above a hole than is held makes the hole a loss', () => {
    const { events, read: result } = follow([segment(1, 1, 'PING'), segment(2, 11, 'abcdefgh'), segment(3, 19, 'ijklmnop')], {
      limits: { pendingBytesPerDirectionMax: 10 },
    });
    expect(events).toEqual(['0:PING', '0:gap 6', '0:abcdefgh', '0:ijklmnop', 'finish']);
    expect(result.account.oddities).toHaveProperty('excessive_data_above_hole');
  });

  test('a protocol is recognised over several packets and either direction', () => {
    const { events } = follow([
      segment(1, 1, 'PI'),
      { ts: t0 + 2, bytes: ethernet(tcp(b, back, { flags: 'PA', sequence: 8, acknowledgement: 3, payload: ascii('PONG') })) },
      segment(3, 3, 'NG'),
    ]);
    expect(events).toEqual(['0:PI', '1:PONG', '0:NG', 'finish']);
  });

  test('a parser that throws is taken off its flow, and counted', () => {
    const { protocol } = recorder();
    const broken: Protocol = {
      ...protocol,
      open: () => ({
        data: () => {
          throw new Error('a fault of the parser');
        },
        gap: () => {},
        finish: () => {},
      }),
    };
    const faults: string[] = [];
    const result = read(pcap([...open, segment(1, 1, 'PING'), segment(2, 5, 'more')]), {
      protocols: [broken],
      fault: (service) => faults.push(service),
    });
    expect(result.account.faults).toBe(1);
    expect(faults).toEqual(['ping']);
    expect(result.weird).toMatchObject([{ name: 'parser_fault', addl: 'ping' }]);
    expect(result.conn).toMatchObject([{ orig_bytes: 8 }]);
  });
});

describe('below IP', () => {
  const inner = udp(a, ports, ascii('data'));
  const six = udp({ from: '2001:db8::1', to: '2001:db8::2' }, ports, ascii('data'));
  const frames: [string, number, Uint8Array][] = [
    ['Ethernet', 1, ethernet(inner)],
    ['802.1Q', 1, ethernet(inner, { tags: [7] })],
    ['BSD loopback, little-endian', 0, concat(Uint8Array.from([2, 0, 0, 0]), inner)],
    ['BSD loopback, big-endian', 0, concat(Uint8Array.from([0, 0, 0, 2]), inner)],
    ['OpenBSD loopback, IPv6', 108, concat(Uint8Array.from([0, 0, 0, 24]), six)],
    ['raw IP', 101, inner],
    ['raw IPv6', 229, six],
    ['Linux cooked', 113, concat(Uint8Array.from([0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0]), inner)],
    ['Linux cooked 2', 276, concat(Uint8Array.from([0x86, 0xdd, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0]), six)],
    ['PPP', 9, concat(Uint8Array.from([0xff, 3, 0, 0x21]), inner)],
    ['MPLS', 1, ethernet(concat(Uint8Array.from([0, 1, 0, 64, 0, 2, 1, 64]), inner), { type: 0x8847 })],
    ['PPPoE', 1, ethernet(concat(Uint8Array.from([0x11, 0, 0, 1, 0, inner.length + 2, 0, 0x21]), inner), { type: 0x8864 })],
    ['802.3 with SNAP', 1, ethernet(concat(Uint8Array.from([0xaa, 0xaa, 3, 0, 0, 0, 8, 0]), inner), { type: inner.length + 8 })],
  ];

  test.each(frames)('%s', (_name, linkType, bytes) => {
    const { conn, account } = read(pcap([{ ts: t0, bytes }], { linkType }));
    expect(account.inFlows).toBe(1);
    expect(conn).toMatchObject([{ proto: 'udp', 'id.orig_p': 40_000, orig_pkts: 1 }]);
  });

  test('VLANs stand in the record', () => {
    expect(read(pcap([{ ts: t0, bytes: ethernet(inner, { tags: [7, 4094] }) }])).conn).toMatchObject([
      { vlan: 7, inner_vlan: 4094 },
    ]);
  });

  test('what is not IP is counted by kind, what is unreadable by reason', () => {
    const { account } = read(
      pcap([
        { ts: t0, bytes: ethernet(new Uint8Array(28), { type: 0x0806 }) },
        { ts: t0, bytes: ethernet(new Uint8Array(28), { type: 0x88cc }) },
        { ts: t0, bytes: ethernet(new Uint8Array(40), { type: 0x1234 }) },
        { ts: t0, bytes: new Uint8Array(5) },
        { ts: t0, bytes: ethernet(Uint8Array.from([0x75, 0, 0, 20]), { type: 0x0800 }) },
        { ts: t0, bytes: ethernet(ip(a, 6, new Uint8Array(10))) },
      ]),
    );
    expect(account.notIp).toEqual({ arp: 1, lldp: 1, ethertype_1234: 1 });
    expect(account.undecodable).toEqual({ truncated_link_header: 1, unknown_ip_version: 1, truncated_header: 1 });
    expect(account.inFlows + sum(account.notIp) + sum(account.undecodable)).toBe(account.packets);
  });

  test('fragments become one datagram, whatever their order', () => {
    for (const version of [4, 6]) {
      const ends = version === 6 ? { from: '2001:db8::1', to: '2001:db8::2' } : a;
      const whole = udp(ends, ports, new Uint8Array(3000).fill(65)).subarray(version === 6 ? 40 : 20);
      const piece = (from: number, to: number): Timed => ({
        ts: t0,
        bytes: ethernet(ip(ends, 17, whole.slice(from, to), { id: 5, fragment: { offset: from / 8, more: to < whole.length } })),
      });
      const { conn, account } = read(pcap([piece(1600, 3008), piece(0, 800), piece(800, 1600)]));
      expect(account).toMatchObject({ inFlows: 3, undecodable: {} });
      expect(conn).toMatchObject([{ orig_pkts: 1, orig_ip_bytes: 3008 + 3 * (version === 6 ? 48 : 20), history: 'D' }]);
    }
  });

  test('fragments that never come together are counted as such', () => {
    const { account } = read(
      pcap([{ ts: t0, bytes: ethernet(ip(a, 17, new Uint8Array(800), { fragment: { offset: 0, more: true } })) }]),
    );
    expect(account).toMatchObject({ inFlows: 0, undecodable: { fragment_incomplete: 1 }, flows: 0 });
  });

  test.each([
    ['IP in IP', (packet: Uint8Array) => ip({ from: '192.0.2.1', to: '192.0.2.2' }, 4, packet)],
    [
      'GRE',
      (packet: Uint8Array) => ip({ from: '192.0.2.1', to: '192.0.2.2' }, 47, concat(Uint8Array.from([0, 0, 8, 0]), packet)),
    ],
    [
      'VXLAN',
      (packet: Uint8Array) =>
        udp(
          { from: '192.0.2.1', to: '192.0.2.2' },
          { source: 5555, destination: 4789 },
          concat(Uint8Array.from([8, 0, 0, 0, 0, 0, 1, 0]), ethernet(packet)),
        ),
    ],
    [
      'GTP-U',
      (packet: Uint8Array) =>
        udp(
          { from: '192.0.2.1', to: '192.0.2.2' },
          { source: 2152, destination: 2152 },
          concat(Uint8Array.from([0x30, 255, 0, packet.length, 0, 0, 0, 1]), packet),
        ),
    ],
  ])('%s: inner and outer flows, the inner with its parent', (_name, wrap) => {
    const { conn, account } = read(pcap([{ ts: t0, bytes: ethernet(wrap(inner)) }]));
    expect(account).toMatchObject({ packets: 1, inFlows: 1, flows: 2 });
    const outer = conn.find((one) => one['id.orig_h'] === '192.0.2.1')!;
    const within = conn.find((one) => one['id.orig_h'] === '10.0.0.1')!;
    expect(within).toMatchObject({ proto: 'udp', orig_ip_bytes: inner.length, tunnel_parents: [outer['uid']] });
  });

  test('tunnels in tunnels end somewhere', () => {
    let packet = inner;
    for (let i = 0; i < 20; i++) packet = ip({ from: `192.0.2.${i + 1}`, to: '192.0.2.200' }, 4, packet);
    const { account } = read(pcap([{ ts: t0, bytes: ethernet(packet) }]));
    expect(account).toMatchObject({ inFlows: 1, oddities: { exceeded_tunnel_max_depth: 1 } });
    expect(account.flows).toBe(5);
  });
});

describe('the file', () => {
  const packets = conversation(a, ports, [{ from: 'client', payload: ascii('PING') }]);
  const plain = read(pcap(packets));

  test.each([
    ['pcap, big-endian', pcap(packets, { little: false })],
    ['pcap, nanoseconds', pcap(packets, { nano: true })],
    ['pcap, nanoseconds, big-endian', pcap(packets, { nano: true, little: false })],
    ['pcapng', pcapng(packets)],
    ['pcapng, big-endian', pcapng(packets, { little: false })],
    ['pcapng, nanoseconds', pcapng(packets, { resolution: 9 })],
    ['pcapng, obsolete blocks', pcapng(packets.map((packet) => ({ ...packet, block: 'obsolete' })))],
  ])('%s gives the same records', (_name, file) => {
    const { conn, account } = read(file);
    const rounded = (records: AnyRecord[]): AnyRecord[] =>
      records.map((one) => ({ ...one, ts: Number(one['ts']).toFixed(6), duration: Number(one['duration']).toFixed(6) }));
    expect(rounded(conn)).toEqual(rounded(plain.conn));
    expect(account.stop).toBeUndefined();
  });

  test('several interfaces of different link types, and several sections', () => {
    const raw = udp(a, ports, ascii('x'));
    const file = pcapng(
      [
        { ts: t0, bytes: ethernet(raw), face: 0 },
        { ts: t0 + 1, bytes: raw, face: 1 },
        { ts: t0 + 2, bytes: ethernet(raw), block: 'simple' },
      ],
      { linkTypes: [1, 101], sections: 2 },
    );
    expect(read(file).account).toMatchObject({ packets: 6, inFlows: 6, undecodable: {} });
  });

  test('gzip', async () => {
    const seen: AnyRecord[] = [];
    const zipped = gzipSync(pcap(packets));
    const reading = await readCapture([zipped.subarray(0, 3), zipped.subarray(3)], {
      sink: { record: (log, record) => (log === 'conn' ? seen.push(record) : undefined) },
    });
    expect(reading).toMatchObject({ packets: packets.length, compressed: true, stop: undefined });
    expect(seen).toEqual(plain.conn);
  });

  test('a gzip that is cut is read to the cut', async () => {
    const zipped = gzipSync(pcap(packets), { level: 0 });
    const names: unknown[] = [];
    const reading = await readCapture([zipped.subarray(0, zipped.length - 200)], {
      sink: { record: (log, record) => (log === 'weird' ? names.push(record['name']) : undefined) },
    });
    expect(reading.packets).toBeGreaterThan(2);
    expect(reading).toMatchObject({ stop: { name: 'capture_cut' }, oddities: { capture_cut: 1 } });
    expect(names).toEqual(['capture_cut']);
  });

  test('a cut file is read to the cut, and says so', () => {
    const file = pcap(packets);
    const { account, weird } = read(file.subarray(0, file.length - 10));
    expect(account.packets).toBe(packets.length - 1);
    expect(account.stop).toMatchObject({ name: 'capture_cut', offset: file.length - 16 - packets.at(-1)!.bytes.length });
    expect(weird.at(-1)).toMatchObject({ name: 'capture_cut', source: 'capture' });
  });

  test('a record that lies about its length ends the reading', () => {
    const file = pcap(packets);
    const damaged = file.slice();
    damaged.set([0xff, 0xff, 0xff, 0x7f], 24 + 16 + packets[0]!.bytes.length + 8);
    expect(read(damaged).account).toMatchObject({ packets: 1, stop: { name: 'capture_record_too_long' } });
  });

  test.each([
    ['empty', new Uint8Array(0)],
    ['short', Uint8Array.from([0xd4])],
    ['text', ascii('this is no capture at all')],
    ['gzip, which the engine itself does not read', gzipSync(pcap(packets))],
  ])('%s: refused, with the name of the file', (_name, bytes) => {
    let refusal: unknown;
    try {
      read(bytes, { file: 'odd.bin' });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({
      code: 'capture.unrecognised',
      place: { file: 'odd.bin' },
      advice: expect.stringContaining('pcap'),
    });
  });
});

describe('ceilings', () => {
  test('the table gives up the flow nearest to its end, and counts it', () => {
    const packets = Array.from({ length: 100 }, (_, i): Timed => ({
      ts: t0 + i * 0.001,
      bytes: ethernet(udp(a, { source: 1000 + i, destination: 9999 }, ascii('x'))),
    }));
    const { account, conn } = read(pcap(packets), { limits: { flowsMax: 10 } });
    expect(account).toMatchObject({ flows: 100, flowsEvicted: 90, inFlows: 100 });
    expect(conn).toHaveLength(100);
  });

  test('a flood of oddities is counted, not written', () => {
    const packets = Array.from({ length: 50 }, (): Timed => ({
      ts: t0,
      bytes: ethernet(Uint8Array.from([0x75]), { type: 0x0800 }),
    }));
    const { account, weird } = read(pcap(packets), { limits: { oddityRecordsPerNameMax: 5 } });
    expect(weird).toHaveLength(5);
    expect(account.oddities['unknown_ip_version']).toBe(50);
  });

  test('fragments are held within their bytes', () => {
    const packets = Array.from({ length: 200 }, (_, i): Timed => ({
      ts: t0,
      bytes: ethernet(ip(a, 17, new Uint8Array(800), { id: i, fragment: { offset: 0, more: true } })),
    }));
    const { account } = read(pcap(packets), { limits: { fragmentBytesMax: 10_000 } });
    expect(account.undecodable).toEqual({ fragment_incomplete: 200 });
  });
});

describe('properties', () => {
  const mixed = pcapng(
    [
      ...conversation(a, { source: 50_000, destination: 80 }, [
        { from: 'client', payload: ascii('GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n') },
        { from: 'server', payload: ascii('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello') },
      ]),
      { ts: t0 + 1, bytes: ethernet(udp(a, ports, ascii('x'))) },
      { ts: t0 + 2, bytes: ethernet(icmp(a, 8, 0, ascii('x')), { tags: [3] }) },
      { ts: t0 + 70, bytes: ethernet(ip(a, 47, concat(Uint8Array.from([0, 0, 8, 0]), udp(b, ports, ascii('y'))))) },
    ].map((packet, i) => ({ ...packet, block: i % 5 === 4 ? ('obsolete' as const) : ('enhanced' as const) })),
  );
  const classic = pcap(conversation(a, ports, [{ from: 'server', payload: new Uint8Array(900) }]));

  test('chunks of any size give the same records', () => {
    for (const file of [mixed, classic]) {
      const whole = read(file, { protocols });
      fc.assert(
        fc.property(fc.integer({ min: 1, max: file.length }), (chunk) => {
          const parts = read(file, { protocols }, chunk);
          expect(parts.all).toEqual(whole.all);
          expect(parts.account).toEqual(whole.account);
        }),
        { numRuns: 60 },
      );
    }
  });

  test('no change of any bytes makes it throw, and every packet stays accounted for', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(mixed, classic),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 12 }),
        (file, changes, cut) => {
          const damaged = file.slice(0, Math.max(12, cut % (file.length + 1)));
          // The first bytes say what the file is; changed, it is refused, which another test covers.
          for (const [at, value] of changes) damaged[12 + (at % (damaged.length - 11))] = value;
          const { account } = read(damaged, { protocols, checksums: 'ignore' });
          expect(account.inFlows + sum(account.notIp) + sum(account.undecodable)).toBe(account.packets);
          expect(account.faults).toBe(0);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('every oddity of the engine stands in the catalogue', () => {
    for (const name of tcpOddities) expect(oddities).toHaveProperty(name);
  });
});
