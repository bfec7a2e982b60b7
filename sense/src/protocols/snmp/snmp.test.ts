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

test('mutated and cut messages never throw, and leave one session, an alarm each and one oddity at most', () => {
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
        expect(outcome.records.filter(({ log }) => log === 'snmp').length).toBeLessThanOrEqual(1);
        expect(outcome.records.filter(({ log }) => log === 'alarm').length).toBeLessThanOrEqual(2);
        expect(outcome.weirds.length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('what a notification carries is told by its identifiers, and nothing of its text', () => {
  const written = messages.flatMap((bytes) => run(snmp, flow, [{ direction: 0, ts: 1, bytes }]).records);
  expect(written.filter(({ log }) => log === 'alarm').length).toBeGreaterThan(4);
  for (const text of ['Optical', 'neighbour', 'rack']) expect(JSON.stringify(written)).not.toContain(text);
});

test('more values than are told: the first ones', () => {
  const value = '300c 0608 2b06010201010100 0500'.replaceAll(' ', '');
  const bindings = value.repeat(60);
  const size = (bytes: number) => `82${bytes.toString(16).padStart(4, '0')}`;
  const list = `30${size(bindings.length / 2)}${bindings}`;
  const pdu = `02014d020100020100${list}`;
  const inside = `020101 04067075626c6963 a7${size(pdu.length / 2)}${pdu}`;
  const bytes = hex(`30${size(hex(inside).length)}${inside}`);
  const [first] = run(snmp, flow, [{ direction: 0, ts: 1, bytes }]).records;
  expect(first).toMatchObject({ log: 'alarm' });
  expect(first!.record['variables']).toHaveLength(32);
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
