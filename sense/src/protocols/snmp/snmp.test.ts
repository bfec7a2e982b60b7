import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { snmp as declared } from '@forewarn/model/records/snmp';
import { flowOf, hex, run } from '../trial.ts';
import { snmp } from './snmp.ts';

const flow = flowOf('udp', 161);
const cases = join(import.meta.dirname, 'cases');
const messages = readdirSync(cases)
  .filter((name) => name !== 'nonsense')
  .flatMap((name) =>
    readFileSync(join(cases, name, 'bytes.txt'), 'utf8')
      .split('\n')
      .flatMap((line) => {
        const match = /^\d+\.\d+ [<>] (.*)$/.exec(line);
        return match ? [hex(match[1]!)] : [];
      }),
  );

test('the community is written nowhere', () => {
  expect(declared.columns).not.toHaveProperty('community');
  for (const bytes of messages) {
    expect(JSON.stringify(run(snmp, flow, [{ direction: 0, ts: 1, bytes }]))).not.toContain('public');
  }
});

test('mutated and cut messages never throw, and leave one record and one oddity at most', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...messages),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
      fc.nat(200),
      (message, changes, length) => {
        const bytes = Uint8Array.from(message);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const outcome = run(snmp, flow, [
          { direction: 0, ts: 1, bytes: bytes.subarray(0, length) },
          { direction: 1, ts: 2, bytes },
        ]);
        expect(outcome.records.length).toBeLessThanOrEqual(1);
        expect(outcome.weirds.length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('a message that is cut counts as far as it goes, with an oddity', () => {
  const get = hex('3026 020101 04 06 7075626c6963 a019 02014d 020100 020100 300e 300c 0608 2b06010201010100 0500');
  const whole = run(snmp, flow, [{ direction: 0, ts: 1, bytes: get }]);
  expect(whole.weirds).toEqual([]);
  for (let length = get.length - 1; length >= 16; length--) {
    const { records, weirds } = run(snmp, flow, [{ direction: 0, ts: 1, bytes: get.subarray(0, length) }]);
    expect(records).toMatchObject([{ record: { version: '2c', get_requests: 0 } }]);
    expect(weirds).toMatchObject([{ name: 'SNMP_malformed_message' }]);
  }
});

describe('probe', () => {
  const ask = (bytes: Uint8Array, usual: boolean) => snmp.probe(bytes, 0, bytes.length, 0, usual);
  test('every message on every port', () => {
    for (const bytes of messages) {
      expect(ask(bytes, false)).toBe('yes');
      expect(ask(bytes.subarray(0, bytes.length - 1), false)).toBe('no');
      expect(ask(bytes.subarray(0, bytes.length - 1), true)).toBe('yes');
      expect(ask(Buffer.concat([bytes, Buffer.of(0)]), false)).toBe('no');
      expect(ask(Buffer.concat([bytes, Buffer.of(0)]), true)).toBe('yes');
    }
  });
  test('no other protocol that begins with a sequence and a number', () => {
    // A search of connectionless LDAP, and a Kerberos request inside an application tag.
    expect(ask(hex('3025 020101 6320 0400 0a01 00 0a01 00 0201 00 0201 00 0101 00 870b 6f626a656374436c617373 3000'), true)).toBe(
      'no',
    );
    expect(ask(hex('6a10 300e a103 0201 05 a203 0201 0a a402 3000'), true)).toBe('no');
  });
});
