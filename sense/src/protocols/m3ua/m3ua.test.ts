import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SccpRecord } from '@forewarn/model/records/telecom';
import { type Arrival, flowOf, hex, randomBytes, readCase, run } from '../trial.ts';
import { limits, m3ua } from './m3ua.ts';
import { readTcap } from './tcap.ts';

const flow = flowOf('sctp', 2905);
const cases = join(import.meta.dirname, 'cases');
const messages = readdirSync(cases).flatMap((name) =>
  readCase(readFileSync(join(cases, name, 'bytes.txt'), 'utf8')).arrivals.flatMap((one) => ('bytes' in one ? [one.bytes] : [])),
);
const sent = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });
const componentsMax = limits.find(({ name }) => name === 'm3ua.componentsMax')!.value;

function tcap(text: string): { right: boolean; record: SccpRecord } {
  const bytes = hex(text);
  const record = {} as SccpRecord;
  return { right: readTcap(record, bytes, 0, bytes.length), record };
}

describe('TCAP', () => {
  test('several components, a linked one and a reject', () => {
    const bytes = '6522 480101 490102 6c1a a106020101020102 a109020102800101020107 a4050500800101';
    expect(tcap(bytes)).toMatchObject({
      right: true,
      record: { tcap: 'continue', otid: '01', dtid: '02', components: ['invoke', 'invoke', 'reject'], operation_codes: [2, 7] },
    });
    expect(tcap(bytes.replace('6522', '6523')).right).toBe(false);
  });
  test('an abort by the provider', () => {
    expect(tcap('6709 4904 01020304 4a0102')).toMatchObject({
      right: true,
      record: { tcap: 'abort', dtid: '01020304', abort_cause: 2 },
    });
  });
  test('what is no TCAP of ITU-T is left alone', () => {
    expect(tcap('e203 c70100')).toEqual({ right: true, record: {} });
  });
  test('components have a ceiling', () => {
    const many = Buffer.concat(Array.from({ length: 15 }, () => Buffer.from('a106020101020102', 'hex')));
    const part = Buffer.concat([Buffer.from([0x6c, many.length]), many]);
    const bytes = Buffer.concat([Buffer.from([0x62, part.length]), part]);
    expect(tcap(bytes.toString('hex')).record.operation_codes).toHaveLength(15);
    const more = Buffer.concat(Array.from({ length: 100 }, () => Buffer.from('a106020101020102', 'hex')));
    const long = Buffer.concat([Buffer.from([0x6c, 0x82, more.length >> 8, more.length & 255]), more]);
    const whole = Buffer.concat([Buffer.from([0x62, 0x82, long.length >> 8, long.length & 255]), long]);
    expect(tcap(whole.toString('hex')).record.operation_codes).toHaveLength(componentsMax);
  });
  test('open lengths in open lengths end', () => {
    const bytes = Buffer.alloc(4_000, Buffer.from('6280', 'hex'));
    expect(tcap(bytes.toString('hex')).right).toBe(false);
  });
  test('any bytes are survived', () => {
    const random = randomBytes(3);
    for (let i = 0; i < 5_000; i++) {
      const bytes = random(40);
      bytes[0] = [0x62, 0x64, 0x65, 0x67][i & 3]!;
      expect(() => readTcap({} as SccpRecord, bytes, 0, bytes.length)).not.toThrow();
    }
  });
});

describe('hostile messages', () => {
  test('cut anywhere', () => {
    for (const bytes of messages) {
      for (let length = 1; length < bytes.length; length++) run(m3ua, flow, [sent(bytes.subarray(0, length))]);
    }
    expect(run(m3ua, flow, messages.map(sent)).records.length).toBeGreaterThan(10);
  });
  test('changed anywhere', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...messages),
        fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 6 }),
        (bytes, changes) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, value] of changes) changed[at % changed.length] = value;
          const { records } = run(m3ua, flow, [sent(changed)]);
          expect(records.length).toBeLessThanOrEqual(2);
          expect(JSON.stringify(records).length).toBeLessThan(4_000);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

test('arguments of operations are in no record', () => {
  const text = JSON.stringify(run(m3ua, flow, messages.map(sent)).records);
  expect(text).toContain('sendAuthenticationInfo');
  expect(text).not.toMatch(/001010123456789|imsi/);
});
