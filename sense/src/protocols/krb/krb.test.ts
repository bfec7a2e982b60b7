import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, cutAll, flowOf, hex, readCase, run } from '../trial.ts';
import { krb } from './krb.ts';
import { readKerberos } from './messages.ts';
import { cipherName, errorName } from './names.ts';

const caseOf = (name: string) => readCase(readFileSync(new URL(`./cases/${name}/bytes.txt`, import.meta.url), 'utf8'));
const names = readdirSync(new URL('./cases/', import.meta.url));
const tcp = names.filter((name) => caseOf(name).transport === 'tcp' && name !== 'no-message');

for (const name of tcp) {
  test(`${name}: any split of the streams gives the same records`, () => {
    const { port, arrivals } = caseOf(name);
    const whole = run(krb, flowOf('tcp', port), arrivals).records.map(({ record }) => ({ ...record, ts: 0 }));
    fc.assert(
      fc.property(fc.array(fc.nat(600), { maxLength: 12 }), (places) => {
        const { records } = run(krb, flowOf('tcp', port), cutAll(arrivals, places));
        expect(records.map(({ record }) => ({ ...record, ts: 0 }))).toEqual(whole);
      }),
    );
  });
}

test('nothing encrypted becomes text', () => {
  for (const name of names) {
    const { transport, port, arrivals } = caseOf(name);
    const text = JSON.stringify(run(krb, flowOf(transport, port), arrivals));
    expect(text).not.toMatch(/eeee|\\xee|aaaa|\\xaa/);
  }
});

describe('one record for each request', () => {
  const [ask, , again] = caseOf('ticket-over-udp').arrivals as [Arrival, Arrival, Arrival];
  const flow = flowOf('udp', 88);
  test('a request without an answer is written at the end, or when the next one comes', () => {
    const { records } = run(krb, flow, [ask, again]);
    expect(records).toHaveLength(2);
    expect(records[0]!.record).not.toHaveProperty('success');
  });
  test('a refusal that every login meets is not written', () => {
    expect(run(krb, flow, caseOf('ticket-over-udp').arrivals.slice(0, 2)).records).toEqual([]);
  });
  test('an error alone is written', () => {
    const [, refusal] = caseOf('unknown-account').arrivals as [Arrival, Arrival];
    expect(run(krb, flow, [refusal]).records).toMatchObject([
      { record: { success: false, error_msg: 'KDC_ERR_C_PRINCIPAL_UNKNOWN', service: 'krbtgt/EXAMPLE.NET' } },
    ]);
  });
});

describe('messages that are wrong', () => {
  const good = (caseOf('ticket-over-udp').arrivals[2] as { bytes: Uint8Array }).bytes;
  test('cut anywhere they are read as far as they go, or refused', () => {
    for (let length = 0; length < good.length; length++) expect(() => readKerberos(good, 0, length)).not.toThrow();
    expect(readKerberos(good, 0, 1)).toBeUndefined();
  });
  test('mutated bytes never throw and write little', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const bytes = Uint8Array.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        const arrivals: Arrival[] = [0, 1].map((direction) => ({ direction: direction as 0 | 1, ts: 1, bytes }));
        expect(run(krb, flowOf('udp', 88), arrivals).records.length).toBeLessThan(4);
      }),
      { numRuns: 1_000 },
    );
  });
  test('a message that is too long is passed over and told of', () => {
    const long = new Uint8Array(200_000).fill(0x41);
    long.set([0, 3, 0x0d, 0x3c]);
    const next = (caseOf('service-ticket-over-tcp').arrivals[2] as { bytes: Uint8Array }).bytes;
    const { records, weirds } = run(krb, flowOf('tcp', 88), [
      { direction: 1, ts: 1, bytes: long },
      { direction: 1, ts: 2, bytes: next },
    ]);
    expect(weirds).toEqual([{ name: 'krb_message_too_long', addl: undefined }]);
    expect(records).toHaveLength(1);
  });
});

test('names', () => {
  expect([errorName(25), errorName(99)]).toEqual(['KDC_ERR_PREAUTH_REQUIRED', 'unknown-99']);
  expect([cipherName(23), cipherName(4)]).toEqual(['rc4-hmac', 'unknown-4']);
});

describe('probe', () => {
  const ask = (text: string, usual = false) => {
    const bytes = hex(text);
    return krb.probe(bytes, 0, bytes.length, 0, usual);
  };
  test('tag, lengths and version prove it', () => {
    expect(ask('6a0b 3009 a103 020105 a20200 00')).toBe('yes');
    expect(ask('6a0b 3009 a103 020104 a20200 00')).toBe('no');
    expect(ask('6a0b 3009 a103 020104 a20200 00', true)).toBe('yes');
    expect(ask('6a0c 3009 a103 020105 a20200 00')).toBe('no');
    expect(ask('0000000d 6a0b 3009 a103 020105')).toBe('yes');
    expect(ask('0000000e 6a0b 3009 a103 020105')).toBe('no');
    expect(ask('0000')).toBe('more');
    expect(ask('0001')).toBe('no');
    expect(ask('30')).toBe('no');
  });
});
