import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createEngine } from '../../engine.ts';
import { datagrams, makeStream } from '../../testing/mpeg-ts.ts';
import { conversation, ethernet, pcap, udp } from '../../testing/packets.ts';
import { protocols } from '../index.ts';
import { type Arrival, ascii, cutAll, flowOf, run } from '../trial.ts';
import { limits, rtsp } from './rtsp.ts';

const flow = flowOf('tcp', 554);
const limit = (name: string): number => limits.find((one) => one.name === `rtsp.${name}`)!.value;
const asks = (text: string, ts = 1): Arrival => ({ direction: 0, ts, bytes: ascii(text) });
const answers = (text: string, ts = 2): Arrival => ({ direction: 1, ts, bytes: ascii(text) });
const setup = (transport: string): Arrival[] => [
  asks('SETUP rtsp://cam/1 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP;unicast\r\n\r\n'),
  answers(`RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: S\r\nTransport: ${transport}\r\n\r\n`),
];
const places = (transport: string): string[] =>
  run(rtsp, flow, setup(transport)).expected.map(({ host, port }) => `${host} ${port}`);

describe('where media are announced', () => {
  test('both ends, each with RTCP', () => {
    expect(places('RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001')).toEqual([
      '192.0.2.1 5000', '192.0.2.1 5001', '198.51.100.1 6000', '198.51.100.1 6001',
    ]); // oxfmt-ignore
    expect(places('RTP/AVP;unicast;client_port=5000;source=203.0.113.9;server_port=6000')).toEqual([
      '192.0.2.1 5000', '192.0.2.1 5001', '203.0.113.9 6000', '203.0.113.9 6001',
    ]); // oxfmt-ignore
  });
  test('a group, and the addresses of version 2.0', () => {
    expect(places('RTP/AVP;multicast;destination=239.1.1.1;port=5000-5001;ttl=8')).toEqual(['239.1.1.1 5000', '239.1.1.1 5001']);
    expect(places('RTP/AVP;unicast;dest_addr=":5000"/":5001";src_addr="203.0.113.9:6000"/"203.0.113.9:6001"')).toEqual([
      '192.0.2.1 5000', '192.0.2.1 5001', '203.0.113.9 6000', '203.0.113.9 6001',
    ]); // oxfmt-ignore
  });
  test('never a port of a service, and nothing within the flow', () => {
    expect(places('RTP/AVP;unicast;client_port=53-53;server_port=443-99999')).toEqual([]);
    const { expected, records } = run(rtsp, flow, setup('RTP/AVP/TCP;unicast;interleaved=0-1'));
    expect(expected).toEqual([]);
    expect(records[0]!.record).toMatchObject({ interleaved: true });
  });
  test('with the clocks of the description', () => {
    const sdp = 'v=0\r\nm=audio 0 RTP/AVP 97\r\na=rtpmap:97 opus/48000/2\r\n';
    const { expected } = run(rtsp, flow, [
      asks('DESCRIBE rtsp://cam/1 RTSP/1.0\r\nCSeq: 0\r\n\r\n'),
      answers(`RTSP/1.0 200 OK\r\nCSeq: 0\r\nContent-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`),
      ...setup('RTP/AVP;unicast;client_port=5000-5001'),
    ]);
    expect(expected[0]!.clockRates).toEqual(new Map([[97, 48_000]]));
  });
});

test('through the engine: the announced flow is RTP, and the transport stream in it is measured', () => {
  const ends = { from: '192.0.2.1', to: '198.51.100.1' };
  const control = conversation(ends, { source: 40_000, destination: 554 }, [
    { from: 'client', payload: ascii('SETUP rtsp://cam/1 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP;unicast;client_port=50000-50001\r\n\r\n') },
    { from: 'server', payload: ascii('RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: S\r\nTransport: RTP/AVP;unicast;client_port=50000-50001;server_port=60000-60001\r\n\r\n') },
  ]); // oxfmt-ignore
  const after = control.at(-1)!.ts + 1;
  const media = datagrams(makeStream(1, undefined, after)).map(({ ts, bytes }, n) => {
    const header = Buffer.from('802100000000000000000007', 'hex');
    header.writeUInt16BE(n, 2);
    header.writeUInt32BE(Math.round((ts - after) * 90_000), 4);
    const ports = { source: 60_000, destination: 50_000 };
    return { ts, bytes: ethernet(udp({ from: ends.to, to: ends.from }, ports, new Uint8Array([...header, ...bytes]))) };
  });
  const all: { log: string; record: AnyRecord }[] = [];
  const engine = createEngine({ sink: { record: (log, record) => void all.push({ log, record }) }, protocols });
  engine.push(pcap([...control, ...media]));
  expect(engine.end().faults).toBe(0);
  const of = (log: string): AnyRecord[] => all.filter((one) => one.log === log).map(({ record }) => record);
  expect(of('rtsp')).toMatchObject([{ method: 'SETUP', status_code: 200 }]);
  expect(of('rtp')).toMatchObject([{ packets: 286, lost: 0 }]);
  expect(of('mpeg_ts')).toMatchObject([
    { carriage: 'rtp', packets: 2_000, services: ['Channel One'], continuity_count_error: 0 },
  ]);
  expect(of('conn').map((record) => record['service'])).toEqual(
    expect.arrayContaining(['rtsp', expect.stringMatching(/mpeg_ts/)]),
  );
});

describe('what is never written', () => {
  test('passwords, tokens, sessions, queries', () => {
    const { records } = run(rtsp, flow, [
      asks('PLAY rtsp://u:hunter2@cam/live/user=bob&password=hunter2&channel=1?token=hunter2 RTSP/1.0\r\nCSeq: 1\r\nSession: hunter2\r\nAuthorization: Basic Ym9iOmh1bnRlcjI=\r\n\r\n'), // oxfmt-ignore
    ]);
    expect(JSON.stringify(records)).not.toMatch(/hunter2|aHVudGVy/);
    expect(records[0]!.record).toMatchObject({
      username: 'bob',
      auth: 'Basic',
      authorized: true,
      session: 1,
      uri: 'rtsp://cam/live/user=…&password=…&channel=1',
    });
  });
});

describe('hostile bytes', () => {
  const whole: Arrival[] = [
    asks('DESCRIBE rtsp://cam/1 RTSP/1.0\r\nCSeq: 1\r\n\r\nSETUP rtsp://cam/1 RTSP/1.0\r\nCSeq: 2\r\n\r\n'),
    answers(
      'RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\nv=0\n$\0\0\u0010\x80\0\0\x01\0\0\0\0\0\0\0\x07mediRTSP/1.0 454 Session Not Found\r\nCSeq: 2\r\n\r\n',
    ),
  ];
  test('any cutting gives the same records', () => {
    const once = run(rtsp, flow, whole);
    expect(once.records).toHaveLength(2);
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 20 }), (marks) => {
        const { records, weirds } = run(rtsp, flow, cutAll(whole, marks));
        expect(records).toEqual(once.records);
        expect(weirds).toEqual(once.weirds);
      }),
      { numRuns: 200 },
    );
  });
  test('unanswered requests and sessions have ceilings', () => {
    const many = Array.from({ length: 500 }, (_, i) => `PLAY rtsp://cam/1 RTSP/1.0\r\nCSeq: ${i}\r\nSession: s${i}\r\n\r\n`).join(
      '',
    );
    const { records } = run(rtsp, flow, [asks(many)]);
    expect(records).toHaveLength(500);
    expect(Math.max(...records.map(({ record }) => Number(record['session'] ?? 0)))).toBe(limit('sessionsMax'));
  });
  test('an endless head, lengths that are none, and what follows a gap', () => {
    const endless = run(rtsp, flow, [
      asks('PLAY rtsp://cam/1 RTSP/1.0\r\n'),
      ...Array.from({ length: 100 }, () => asks('X-A: b\r\n'.repeat(1_000))),
    ]);
    expect(endless.weirds).toEqual([{ name: 'rtsp_malformed_message', addl: undefined }]);
    const odd = run(rtsp, flow, [asks('PLAY rtsp://cam/1 RTSP/1.0\r\nCSeq: 1\r\nContent-Length: -4\r\n\r\n')]);
    expect(odd.weirds).toEqual([{ name: 'rtsp_bad_content_length', addl: '-4' }]);
    const after = run(rtsp, flow, [
      asks('PLAY rtsp://cam/1 RTSP/1.0\r\nCSeq: 1\r\n\r\n'),
      { direction: 0, ts: 2, missing: 100 },
      asks('garbage'),
      asks('TEARDOWN rtsp://cam/1 RTSP/1.0\r\nCSeq: 3\r\n\r\n'),
    ]);
    expect(after.records.map(({ record }) => record['method'])).toEqual(['PLAY', 'TEARDOWN']);
  });
  test('HTTP and SIP are none of it', () => {
    const probe = (text: string) => rtsp.probe(ascii(text), 0, text.length, 0, true);
    expect(probe('OPTIONS * RTSP/1.0\r\n')).toBe('yes');
    expect(probe('GET / HTTP/1.1\r\n')).toBe('no');
    expect(probe('OPTIONS sip:a SIP/2.0\r\n')).toBe('no');
    expect(probe('OPTIONS rtsp://a RTS')).toBe('more');
  });
});
