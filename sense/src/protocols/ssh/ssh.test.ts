import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Direction } from '../protocol.ts';
import { type Arrival, ascii, cut, flowOf, hex, run } from '../trial.ts';
import { AuthenticationGuess } from './authentication.ts';
import { ssh } from './ssh.ts';

const flow = flowOf('tcp', 22);
const there = (text: string): Arrival => ({ direction: 0, ts: 1, bytes: ascii(text) });
const back = (text: string): Arrival => ({ direction: 1, ts: 2, bytes: ascii(text) });

/** The arrivals of the case "login", each as `{ direction, ts, bytes }`. */
const login = readFileSync(join(import.meta.dirname, 'cases/login/bytes.txt'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const match = /^(\d+\.\d+) ([<>]) (.*)$/.exec(line);
    if (!match) return [];
    const text = match[3]!;
    const bytes = text.startsWith('"') ? ascii(JSON.parse(text) as string) : hex(text);
    return [{ direction: (match[2] === '>' ? 0 : 1) as Direction, ts: Number(match[1]), bytes }];
  });

test('what is in clear gives the same record however the stream is cut', () => {
  // Up to the keys: afterwards the sizes of segments are all there is to see.
  const clear = login.slice(0, 5);
  const whole = run(ssh, flow, clear);
  expect(whole.records[0]?.record).toMatchObject({ kex_alg: 'curve25519-sha256' });
  fc.assert(
    fc.property(fc.array(fc.nat(2_000), { maxLength: 20 }), (places) => {
      expect(
        run(
          ssh,
          flow,
          clear.flatMap((arrival) => cut(arrival, places)),
        ),
      ).toEqual(whole);
    }),
  );
});

test('mutated bytes never throw, and leave one record at most', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const copies = login.map((arrival) => ({ ...arrival, bytes: Uint8Array.from(arrival.bytes) }));
      for (const [which, at, value] of changes) {
        const { bytes } = copies[which % copies.length]!;
        bytes[at % bytes.length] = value;
      }
      expect(run(ssh, flow, copies).records.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 1_000 },
  );
});

describe('versions (RFC 4253 §5)', () => {
  const cases: [string, string, number | undefined][] = [
    ['SSH-2.0-a', 'SSH-2.0-b', 2],
    ['SSH-1.99-a', 'SSH-2.0-b', 2],
    ['SSH-1.99-a', 'SSH-1.99-b', 2],
    ['SSH-1.5-a', 'SSH-1.99-b', 1],
    ['SSH-1.5-a', 'SSH-1.5-b', 1],
    ['SSH-1.5-a', 'SSH-2.0-b', 0],
    ['SSH-9.0-a', 'SSH-2.0-b', undefined],
  ];
  for (const [client, server, version] of cases) {
    test(`${client} and ${server}`, () => {
      const { records } = run(ssh, flow, [there(`${client}\r\n`), back(`${server}\r\n`)]);
      expect(records).toHaveLength(1);
      expect(records[0]!.record['version']).toBe(version);
    });
  }
});

describe('what is wrong', () => {
  const weirds = (...arrivals: Arrival[]) => run(ssh, flow, arrivals).weirds.map(({ name }) => name);
  test('a client that says something else first', () => {
    expect(weirds(back('SSH-2.0-b\r\n'), there('GET / HTTP/1.0\r\n\r\n'))).toEqual(['malformed_ssh_identification']);
  });
  test('an identification without end, and a server that never comes to it', () => {
    expect(weirds(there(`SSH-2.0-${'a'.repeat(300)}`))).toEqual(['malformed_ssh_identification']);
    expect(weirds(there('SSH-2.0-a\r\n'), back('abc\n'.repeat(3_000)))).toEqual(['malformed_ssh_identification']);
  });
  test('a length no packet has, once', () => {
    expect(weirds(there('SSH-2.0-a\r\n\xff\xff\xff\xff\x04\x14'), there('\xff\xff\xff\xff\x04\x14'))).toEqual([
      'SSH_invalid_packet',
    ]);
  });
  test('a gap before the keys ends the reading of that side, a gap after them the guess', () => {
    const gap: Arrival = { direction: 1, ts: 3, missing: 10 };
    expect(run(ssh, flow, [there('SSH-2.0-a\r\n'), gap, back('SSH-2.0-b\r\n')]).records[0]!.record).not.toHaveProperty('server');
    const { records } = run(ssh, flow, [...login.slice(0, 9), gap, ...login.slice(9)]);
    expect(records[0]!.record).toMatchObject({ auth_attempts: 0, kex_alg: 'curve25519-sha256' });
    expect(records[0]!.record).not.toHaveProperty('auth_success');
  });
});

describe('the guess', () => {
  const answers = (...sizes: number[]) => {
    const guess = new AuthenticationGuess();
    guess.segment(0, 48);
    return sizes.map((size) => guess.segment(1, size));
  };
  test('success without any method', () => {
    expect(answers(52, 36)).toEqual([undefined, true]);
  });
  test('a long banner before the first failure', () => {
    expect(answers(52, 700, 68, 68, 36)).toEqual([undefined, undefined, undefined, false, true]);
  });
  test('other sizes are steps of a method, not answers', () => {
    expect(answers(52, 68, 120, 84, 68, 36, 68)).toEqual([undefined, undefined, undefined, undefined, false, true, undefined]);
  });
});

describe('probe', () => {
  const ask = (text: string, direction: Direction, usual: boolean) => {
    const bytes = ascii(text);
    return ssh.probe(bytes, 0, bytes.length, direction, usual);
  };
  test('an identification on any port, from either side', () => {
    expect(ask('SSH-2.0-x', 0, false)).toBe('yes');
    expect(ask('SSH-1.5-x', 1, false)).toBe('yes');
    expect(ask('SS', 0, false)).toBe('more');
    expect(ask('SIP/2.0', 0, false)).toBe('no');
    expect(ask('SSH2', 0, false)).toBe('no');
  });
  test('lines before it only from the server of port 22', () => {
    expect(ask('hello\r\nSSH-2.0-x', 1, true)).toBe('yes');
    expect(ask('hello\r\n', 1, true)).toBe('more');
    expect(ask('hello\r\nSSH-2.0-x', 1, false)).toBe('no');
    expect(ask('hello\r\n', 0, true)).toBe('no');
  });
});
