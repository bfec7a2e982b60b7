import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cutAll, flowOf, hex, readCase, run } from '../trial.ts';
import { pptp } from './pptp.ts';

const { arrivals } = readCase(readFileSync(new URL('cases/call/bytes.txt', import.meta.url), 'utf8'));

test('any cutting of the stream gives the same records', () => {
  const whole = run(pptp, flowOf('tcp', 1723), arrivals);
  expect(whole.records).toHaveLength(9);
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 12 }), (places) => {
      expect(run(pptp, flowOf('tcp', 1723), cutAll(arrivals, places))).toEqual(whole);
    }),
  );
});

test('after a gap nothing is guessed', () => {
  const torn = [{ direction: 0 as const, ts: 1, missing: 4 }, ...arrivals];
  const { records } = run(pptp, flowOf('tcp', 1723), torn);
  expect(records.every(({ record }) => record['is_orig'] === false)).toBe(true);
});

test('the number that was dialled is written nowhere', () => {
  expect(JSON.stringify(run(pptp, flowOf('tcp', 1723), arrivals).records)).not.toContain('5551');
});

test('probe: type and magic on every port', () => {
  const head = hex('009c 0001 1a2b3c4d 0001 0000');
  const ask = (bytes: Uint8Array) => pptp.probe(bytes, 0, bytes.length, 0, false);
  expect(ask(head)).toBe('yes');
  for (let length = 1; length < head.length; length++) expect(ask(head.subarray(0, length))).toBe('more');
  expect(ask(hex('009d 0001 1a2b3c4d 0001 0000'))).toBe('no');
  expect(ask(hex('009c 0002'))).toBe('no');
  expect(ask(hex('009c 0001 1a2b3c4d 0010 0000'))).toBe('no');
});
