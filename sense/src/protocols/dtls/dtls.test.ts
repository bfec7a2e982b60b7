import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Direction } from '../protocol.ts';
import { type Arrival, flowOf, hex, run } from '../trial.ts';
import { dtls } from './dtls.ts';

const flow = flowOf('udp', 4433);

type Datagram = { direction: Direction; ts: number; bytes: Uint8Array };

function caseOf(name: string): Datagram[] {
  const text = readFileSync(new URL(`./cases/${name}/bytes.txt`, import.meta.url), 'utf8');
  return [...text.matchAll(/^(\S+) ([<>]) (.*)$/gm)].map((match) => ({
    direction: match[2] === '>' ? 0 : 1,
    ts: Number(match[1]),
    bytes: hex(match[3]!),
  }));
}

const number = (value: number, length: number): number[] =>
  Array.from({ length }, (_, i) => Math.floor(value / 256 ** (length - 1 - i)) % 256);

/** A record of version 1.2 with the given content. */
const record = (type: number, epoch: number, content: readonly number[]): number[] => [
  type,
  0xfe,
  0xfd,
  ...number(epoch, 2),
  ...number(0, 6),
  ...number(content.length, 2),
  ...content,
];

/** One fragment of a handshake message, in a record of its own. */
function fragment(type: number, sequence: number, message: readonly number[], from = 0, to = message.length): number[] {
  const header = [type, ...number(message.length, 3), ...number(sequence, 2), ...number(from, 3), ...number(to - from, 3)];
  return record(22, 0, [...header, ...message.slice(from, to)]);
}

const at = (direction: Direction, ts: number, bytes: readonly number[]): Datagram => ({
  direction,
  ts,
  bytes: Uint8Array.from(bytes),
});

/** A client hello that offers 1.3 alone. */
const clientHello = [...hex(`fefd ${'00'.repeat(32)} 00 00  0002 1301 01 00  0007 002b 0003 02 fefc`)];
const serverHello = [...hex(`fefd ${'00'.repeat(32)} 00 1301 00  000c 002b 0002 fefc 0033 0002 001d`)];

test('version 1.3: the hellos are read, its ciphertext headers end the handshake', () => {
  const { records, confirmed } = run(dtls, flow, [
    at(0, 1, fragment(1, 0, clientHello)),
    // With the length: a second ciphertext follows in the datagram.
    at(1, 2, [...fragment(2, 0, serverHello), ...hex('2e 0000 0002 0909  2e 0000 0002 0909')]),
    at(0, 3, [0x22, 0, 9, 9, 9]),
  ]);
  expect(confirmed).toBe(true);
  expect(records).toMatchObject([
    {
      log: 'ssl',
      record: { version: 'DTLSv13', cipher: 'TLS_AES_128_GCM_SHA256', curve: 'x25519', established: true, ssl_history: 'Cs' },
    },
  ]);
  expect(records[0]!.record['ja4']).toMatch(/^dd3i010100_/);
});

test('fragments in any order, repeated and overlapping, make the same message', () => {
  const [client, , ...rest] = caseOf('dtls12');
  const whole = run(dtls, flow, [client!, ...rest]);
  const content = [...client!.bytes.subarray(25)];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(content.length), fc.nat(content.length)), { maxLength: 12 }),
      fc.integer({ min: 1, max: 60 }),
      (extra, step) => {
        const pieces = extra.map(([a, b]) => fragment(1, 0, content, Math.min(a, b), Math.max(a, b)));
        for (let from = content.length; from > 0; from -= step) {
          // Backwards, so that the first fragment completes the message.
          pieces.push(fragment(1, 0, content, Math.max(0, from - step), from));
        }
        const outcome = run(dtls, flow, [...pieces.map((piece) => at(0, client!.ts, piece)), ...rest]);
        const letters = outcome.records.find(({ log }) => log === 'ssl')!.record['ssl_history'];
        // What comes again after its message was complete may complete it once more, as a flight that is sent again does.
        expect(letters).toMatch(/^C+sxknGIti$|^C+Csxkn/);
        expect(outcome.records.at(-1)!.record['ja4']).toBe(whole.records.at(-1)!.record['ja4']);
      },
    ),
    { numRuns: 200 },
  );
});

test('the client may sit at the responder, after STUN in the same flow', () => {
  const stun = at(0, 1, [0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42, ...number(0, 12)]);
  const turned = caseOf('dtls12').map((each) => ({ ...each, direction: (1 - each.direction) as Direction }));
  const { records, weirds } = run(
    dtls,
    flow,
    turned.flatMap((each) => [stun, each]),
  );
  expect(weirds).toEqual([]);
  expect(records).toMatchObject([
    { log: 'x509', record: { client_cert: false } },
    { log: 'ssl', record: { ssl_history: '^CvCsxknGIti', established: true, server_name: 'www.example.org' } },
  ]);
});

test('a capture that begins with ciphertext shows DTLS and no handshake', () => {
  const middle = record(23, 1, number(0, 40));
  expect(dtls.probe(Uint8Array.from(middle), 0, middle.length, 0, false)).toBe('yes');
  const outcome = run(dtls, flow, [at(0, 1, middle), at(1, 2, middle)]);
  expect(outcome.confirmed).toBe(true);
  expect(outcome.records).toEqual([]);
});

test('an alert before encryption is told', () => {
  const { records } = run(dtls, flow, [at(0, 1, fragment(1, 0, clientHello)), at(1, 2, record(21, 0, [2, 40]))]);
  expect(records).toMatchObject([{ record: { last_alert: 'handshake_failure', established: false, ssl_history: 'Cl' } }]);
});

describe('hostile', () => {
  test('a fragment that reaches beyond its message costs one oddity', () => {
    const bad = record(22, 0, [1, 0, 0, 4, 0, 0, 0, 0, 3, 0, 0, 2, 1, 2]);
    const { weirds, records } = run(dtls, flow, [at(0, 1, bad), at(0, 2, bad)]);
    expect(weirds).toEqual([{ name: 'DTLS_invalid_fragment', addl: undefined }]);
    expect(records).toEqual([]);
  });

  test('messages that are never completed are bounded', () => {
    const arrivals: Datagram[] = [];
    for (let sequence = 0; sequence < 2_000; sequence++) {
      const header = [11, ...number(32_768, 3), ...number(sequence, 2), ...number(32_000, 3), ...number(16, 3)];
      arrivals.push(at(1, sequence, record(22, 0, [...header, ...number(0, 16)])));
    }
    expect(run(dtls, flow, arrivals).records).toEqual([]);
  });

  for (const name of ['dtls12', 'fragments']) {
    test(`${name}: mutated bytes never throw`, () => {
      const datagrams = caseOf(name);
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat(12), fc.nat(2_000), fc.nat(255)), { minLength: 1, maxLength: 10 }),
          fc.nat(12),
          (changes, drop) => {
            const mutated = datagrams.map((each) => ({ ...each, bytes: Uint8Array.from(each.bytes) }));
            for (const [which, place, value] of changes) {
              const { bytes } = mutated[which % mutated.length]!;
              bytes[place % bytes.length] = value;
            }
            const arrivals: Arrival[] = mutated.filter((_, i) => i !== drop);
            const { records } = run(dtls, flow, arrivals);
            expect(records.filter(({ log }) => log === 'ssl').length).toBeLessThanOrEqual(1);
          },
        ),
        { numRuns: 500 },
      );
    });
  }
});

describe('probe', () => {
  const ask = (bytes: Uint8Array) => dtls.probe(bytes, 0, bytes.length, 0, false);
  test('hellos of every version, whole or in fragments', () => {
    for (const name of ['dtls12', 'dtls10', 'fragments']) {
      const datagrams = caseOf(name);
      expect(ask(datagrams[0]!.bytes)).toBe('yes');
      expect(ask(datagrams[1]!.bytes)).toBe('yes');
    }
    // OpenSSL's version before its 0.9.8f.
    expect(ask(hex('16 0100 0000 000000000000 000f 03 000003 0000 000000 000003 010000'))).toBe('yes');
  });
  test('not what only looks alike', () => {
    expect(ask(hex('16 fefd 0000 000000000000 000f 03 000003 0000 000001 000003 010000'))).toBe('no');
    expect(ask(hex('16 fefd 0000 000000000000 00ff 03 000003 0000 000000 000003 010000'))).toBe('no');
    expect(ask(hex('16 0303 0000 000000000000 000f 03 000003 0000 000000 000003 010000'))).toBe('no');
    expect(ask(hex('16fe'))).toBe('no');
  });
});
