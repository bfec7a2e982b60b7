import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Arrival, ascii, flowOf, hex, run } from '../trial.ts';
import { radius } from './radius.ts';

const flow = flowOf('udp', 1812);
const cases = join(import.meta.dirname, 'cases');
const messages = readdirSync(cases)
  .filter((name) => name !== 'malformed')
  .flatMap((name) =>
    readFileSync(join(cases, name, 'bytes.txt'), 'utf8')
      .split('\n')
      .flatMap((line) => {
        const match = /^\d+\.\d+ [<>] (.*)$/.exec(line);
        return match ? [hex(match[1]!)] : [];
      }),
  );

/** A message of a code and an identifier with attributes of a type and a text each. */
function message(code: number, id: number, ...attributes: [number, string][]): Uint8Array {
  const body = Buffer.concat(attributes.map(([type, text]) => Buffer.concat([Buffer.of(type, text.length + 2), ascii(text)])));
  return Buffer.concat([Buffer.of(code, id, 0, 20 + body.length), Buffer.alloc(16), body]);
}
const ask = (id: number, ...attributes: [number, string][]): Arrival => ({
  direction: 0,
  ts: 1,
  bytes: message(1, id, ...attributes),
});
const answer = (code: number, id: number, ...attributes: [number, string][]): Arrival => ({
  direction: 1,
  ts: 2,
  bytes: message(code, id, ...attributes),
});
const records = (...arrivals: Arrival[]) => run(radius, flow, arrivals).records.map(({ record }) => record);

describe('pairing', () => {
  test('an answer without its request stands for itself', () => {
    expect(records(answer(3, 9))).toMatchObject([{ result: 'failed' }]);
    expect(records(answer(3, 9))[0]).not.toHaveProperty('ttl');
  });
  test('an identifier that is used for another user ends the first', () => {
    expect(records(ask(1, [1, 'a']), ask(1, [1, 'b']), answer(2, 1))).toMatchObject([
      { username: 'a', result: 'unknown' },
      { username: 'b', result: 'success' },
    ]);
  });
  test('challenges are told apart by their State', () => {
    const written = records(
      ask(1, [1, 'a']),
      ask(2, [1, 'b']),
      answer(11, 1, [24, 'x']),
      answer(11, 2, [24, 'y']),
      ask(3, [1, 'b'], [24, 'y']),
      ask(4, [1, 'a'], [24, 'x']),
      answer(2, 3),
      answer(3, 4),
    );
    expect(written).toMatchObject([
      { username: 'b', result: 'success' },
      { username: 'a', result: 'failed' },
    ]);
  });
  test('challenges that nobody answers are bounded', () => {
    const arrivals: Arrival[] = [];
    for (let i = 0; i < 400; i++) arrivals.push(ask(i % 256, [1, 'a']), answer(11, i % 256, [24, `state ${i}`]));
    expect(records(...arrivals)).toHaveLength(400);
  });
});

test('hardware addresses in their usual forms, and nothing else', () => {
  const of = (text: string) => records(ask(1, [31, text]))[0]!['mac'];
  for (const text of ['00-14-22-E9-54-5E', '00:14:22:e9:54:5e', '0014.22e9.545e', '001422E9545E']) {
    expect(of(text)).toBe('00:14:22:e9:54:5e');
  }
  for (const text of ['+4930123456', '00-14-22-E9-54', '00-14-22-E9-54-5E-AA-BB', 'xx-14-22-E9-54-5E'])
    expect(of(text)).toBeUndefined();
});

test('passwords, challenges and EAP messages are written nowhere', () => {
  const secret = 'correct horse';
  const outcome = run(radius, flow, [
    ask(1, [1, 'a'], [2, secret], [3, secret], [60, secret], [79, secret], [24, secret], [69, secret]),
    answer(11, 1, [24, secret], [79, secret]),
  ]);
  expect(JSON.stringify(outcome)).not.toContain('horse');
});

test('mutated and cut messages never throw', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...messages), { minLength: 1, maxLength: 6 }),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }),
      (list, changes) => {
        const arrivals = list.map((each, i): Arrival => {
          const bytes = Uint8Array.from(each);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          return { direction: (i & 1) as 0 | 1, ts: i, bytes };
        });
        expect(run(radius, flow, arrivals).records.length).toBeLessThanOrEqual(list.length);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('probe', () => {
  const probe = (bytes: Uint8Array, usual: boolean) => radius.probe(bytes, 0, bytes.length, 0, usual);
  for (const bytes of messages.filter((each) => each.length > 20)) {
    expect(probe(bytes, false)).toBe('yes');
    expect(probe(bytes.subarray(0, bytes.length - 1), true)).toBe('no');
  }
  expect(probe(message(5, 1), true)).toBe('yes');
  expect(probe(message(5, 1), false)).toBe('no');
  expect(probe(message(9, 1), true)).toBe('no');
  // An impossible attribute is an oddity on its own port, and a sign against it elsewhere.
  const odd = Buffer.concat([message(1, 1).subarray(0, 3), Buffer.of(24), Buffer.alloc(16), Buffer.of(1, 9, 0, 0)]);
  expect(probe(odd, true)).toBe('yes');
  expect(probe(odd, false)).toBe('no');
});
