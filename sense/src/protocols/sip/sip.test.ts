import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Arrival, ascii, cutAll, flowOf, readCase, run } from '../trial.ts';
import { calledCode } from './called.ts';
import { mediaMax, readSdp } from './sdp.ts';
import { limits, sip } from './sip.ts';

const cases = join(import.meta.dirname, 'cases');
const caseOf = (name: string) => readCase(readFileSync(join(cases, name, 'bytes.txt'), 'utf8'));
const udp = flowOf('udp', 5060);
const limit = (name: string): number => limits.find((one) => one.name === `sip.${name}`)!.value;
const datagram = (text: string, direction: 0 | 1 = 0, ts = 1): Arrival => ({ direction, ts, bytes: ascii(text) });

describe('media', () => {
  test('the place of media is announced with the clocks of its formats', () => {
    const { expected } = run(sip, udp, caseOf('call-refused').arrivals);
    expect(expected).toMatchObject([
      { transport: 'udp', host: '192.0.2.1', port: 49_170, service: 'rtp' },
      { transport: 'udp', host: '192.0.2.1', port: 49_171, service: 'rtp' },
    ]);
    expect(expected[0]!.clockRates!.get(96)).toBe(48_000);
  });
  test('ports of services, names and refused media are not announced', () => {
    const sdp =
      'v=0\nc=IN IP4 phone.example\nm=audio 4000 RTP/AVP 0\nm=video 0 RTP/AVP 31\nc=IN IP6 2001:DB8:0::1\nm=image 4002 udptl t38\n';
    expect(readSdp(ascii(sdp), 0, sdp.length)).toEqual([]);
    const call = `INVITE sip:a SIP/2.0\r\nContent-Type: application/sdp\r\n\r\nc=IN IP4 192.0.2.9\r\nm=audio 53 RTP/AVP 0\r\n`;
    expect(run(sip, udp, [datagram(call)]).expected).toEqual([]);
  });
  test('each medium may have a place of its own', () => {
    const sdp =
      'c=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\na=rtcp:5000\r\nm=video 4002 RTP/SAVPF 97\r\nc=IN IP6 2001:DB8:0::1\r\na=rtpmap:97 H264/90000\r\n';
    expect(readSdp(ascii(sdp), 0, sdp.length)).toEqual([
      { host: '192.0.2.1', port: 4_000, rtcpPort: 5_000, clockRates: new Map() },
      { host: '2001:db8::1', port: 4_002, rtcpPort: 4_003, clockRates: new Map([[97, 90_000]]) },
    ]);
  });
  test('no more media are followed than a conference has', () => {
    const sdp = `c=IN IP4 192.0.2.1\n${'m=audio 4000 RTP/AVP 0\n'.repeat(100)}`;
    expect(readSdp(ascii(sdp), 0, sdp.length)).toHaveLength(mediaMax);
  });
});

describe('what is never written', () => {
  test('credentials and bodies', () => {
    for (const name of readdirSync(cases)) {
      const text = JSON.stringify(run(sip, udp, caseOf(name).arrivals).records);
      expect(text).not.toMatch(/Digest|username|not kept|rtpmap/);
    }
  });
});

describe('hostile input', () => {
  test('unanswered requests have a ceiling, and none is lost', () => {
    const count = limit('waitingMax') + 50;
    const asked = Array.from({ length: count }, (_, i) => datagram(`OPTIONS sip:a SIP/2.0\r\nCall-ID: ${i}\r\n\r\n`));
    expect(run(sip, udp, asked).records).toHaveLength(count);
  });
  test('too long a path is cut, with an oddity', () => {
    const { records, weirds } = run(sip, udp, [datagram(`OPTIONS sip:a SIP/2.0\r\n${'Via: x\r\n'.repeat(200)}\r\n`)]);
    expect(records[0]!.record['request_path']).toHaveLength(limit('viaMax'));
    expect(weirds).toMatchObject([{ name: 'sip_max_request_path_length_exceeded' }]);
  });
  test('however a stream is cut, the records are the same', () => {
    const { arrivals } = caseOf('over-tcp');
    const flow = flowOf('tcp', 5060);
    const whole = run(sip, flow, arrivals).records;
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 12 }), (places) => {
        expect(run(sip, flow, cutAll(arrivals, places)).records).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });
  test('after a gap reading goes on with a piece that begins a message', () => {
    const { arrivals } = caseOf('over-tcp');
    const later: Arrival[] = [
      arrivals[0]!,
      { direction: 0, ts: 2, missing: 30 },
      datagram('rest of something', 0, 3),
      datagram('BYE sip:a SIP/2.0\r\nCall-ID: x\r\nCSeq: 3 BYE\r\n\r\n', 0, 4),
    ];
    expect(run(sip, flowOf('tcp', 5060), later).records).toMatchObject([{ record: { method: 'BYE' } }]);
  });
});

test('a request of HTTP is none of SIP', () => {
  for (const text of ['GET / HTTP/1.1\r\n\r\n', 'OPTIONS * HTTP/1.1\r\n\r\n', 'SIP/1.0 200 OK\r\n', 'SIPHON x\r\n']) {
    const bytes = ascii(text);
    expect(sip.probe(bytes, 0, bytes.length, 0, true)).toBe('no');
  }
});

test.each([
  ['sip:+252612345678@gw.example', '+252'],
  ['tel:+1-876-555-0100', '+1876'],
  ['sip:0044 20@x', undefined],
  ['sip:00442079460000@x;user=phone', '+44'],
  ['sips:+8613800000000@x', '+86'],
  ['sip:+979123456789@x', '+979'],
  ['sip:+79991234567@x', '+7'],
  ['sip:01012345678@x', undefined],
  ['sip:bob@example.org', undefined],
  ['sip:+@x', undefined],
  ['sip:+0123456789@x', undefined],
  ['nothing', undefined],
  [`sip:+${'9'.repeat(5_000)}`, undefined],
])('a call to %s goes to %s', (uri, code) => {
  expect(calledCode(uri)).toBe(code);
});
