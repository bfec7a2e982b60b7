import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { flowOf, hex, readCase, run } from '../trial.ts';
import { messages, pseudowireName, resultName } from './codes.ts';
import { l2tp } from './l2tp.ts';

const arrivalsOf = (name: string) => readCase(readFileSync(new URL(`cases/${name}/bytes.txt`, import.meta.url), 'utf8')).arrivals;
const bytesOf = (name: string): Uint8Array[] =>
  arrivalsOf(name).flatMap((one) => ('bytes' in one ? [Uint8Array.from(one.bytes)] : []));

describe('probe', () => {
  const ask = (bytes: Uint8Array, usual = false) => l2tp.probe(bytes, 0, bytes.length, 0, usual);
  test('a whole message with its type first, on any port', () => {
    const [first] = bytesOf('version-2');
    expect(ask(first!)).toBe('yes');
    expect(ask(bytesOf('version-3')[0]!)).toBe('yes');
    expect(ask(first!.subarray(0, -1))).toBe('no');
    expect(ask(Buffer.concat([first!, Buffer.of(0)]))).toBe('no');
    expect(ask(Buffer.concat([first!, Buffer.of(0)]), true)).toBe('yes');
  });
  test('what only acknowledges, on its port', () => {
    const acknowledgement = hex('c802 000c 0001 0000 0001 0001');
    expect(ask(acknowledgement)).toBe('no');
    expect(ask(acknowledgement, true)).toBe('yes');
  });
  test('data is the tunnel reader’s', () => {
    expect(ask(hex('4002 0010 0001 0002 ff03 0021 4500 0000'), true)).toBe('no');
  });
});

test('names of numbers', () => {
  expect(messages[5]).toBeUndefined();
  expect(resultName('StopCCN', 6)).toBe('requester is being shut down');
  expect(resultName('CDN', 3)).toBe('administrative reasons');
  expect(resultName('ICRQ', 3)).toBeUndefined();
  expect(pseudowireName(4_000)).toBe('4000');
});

test('secrets, users and numbers of callers are written nowhere', () => {
  const attribute = (type: string, text: string) =>
    `80${(6 + text.length).toString(16).padStart(2, '0')} 0000 ${type} ${Buffer.from(text).toString('hex')}`;
  const secrets = ['challenged', '5550100', '5550199', 'proxyuser', 'proxyproof'];
  const types = ['000b', '0015', '0016', '001e', '0021'];
  const body = `8008 0000 0000 000c ${types.map((type, i) => attribute(type, secrets[i]!)).join('')}`;
  const bytes = hex(`c802 ${(12 + hex(body).length).toString(16).padStart(4, '0')} 0001 0002 0003 0002 ${body}`);
  const outcome = run(l2tp, flowOf('udp', 1701), [{ direction: 0, ts: 1, bytes }]);
  expect(outcome.records).toMatchObject([{ record: { message_type: 'ICCN', challenge: true } }]);
  expect(outcome.weirds).toEqual([]);
  for (const text of secrets) expect(JSON.stringify(outcome.records)).not.toContain(text);
});

test('messages with any byte changed: one record and one oddity at most', () => {
  const list = [...bytesOf('version-2'), ...bytesOf('version-3')];
  fc.assert(
    fc.property(
      fc.constantFrom(...list),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
      fc.nat(200),
      (message, changes, length) => {
        const bytes = message.slice(0, Math.max(1, message.length - (length % 2 === 0 ? length : 0)));
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const outcome = run(l2tp, flowOf('udp', 1701), [{ direction: 0, ts: 1, bytes }]);
        expect(outcome.records.length).toBeLessThanOrEqual(1);
        expect(outcome.weirds.length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 2_000 },
  );
});
