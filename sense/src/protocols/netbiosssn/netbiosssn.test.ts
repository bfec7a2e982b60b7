import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { flowOf, readCase, run } from '../trial.ts';
import { encodedName } from './names.ts';
import { netbiosssn } from './netbiosssn.ts';

const { arrivals } = readCase(readFileSync(new URL('./cases/browser/bytes.txt', import.meta.url), 'utf8'));
const { bytes } = arrivals[0] as { bytes: Uint8Array };
const ask = (changed: Uint8Array) => netbiosssn.probe(changed, 0, changed.length, 0, true);
const name = Buffer.from(`\x20${'CA'.repeat(16)}\0`, 'latin1');

test('names of two hosts prove a datagram, and it is named once', () => {
  expect(ask(bytes)).toBe('yes');
  const outcome = run(netbiosssn, flowOf('udp', 138), [...arrivals, ...arrivals]);
  expect(outcome).toMatchObject({ services: ['netbiosssn'], records: [], weirds: [] });
});

describe('what is none', () => {
  test('another type, flags, length or name', () => {
    for (const at of [0, 1, 11, 15, 60]) {
      const changed = Uint8Array.from(bytes);
      changed[at] = changed[at]! ^ 0x60;
      expect(ask(changed)).toBe('no');
    }
    expect(ask(bytes.subarray(0, 60))).toBe('no');
  });
});

test('errors and queries', () => {
  expect(ask(Uint8Array.from([0x13, 2, 0, 1, 192, 0, 2, 1, 0, 138, 0x82]))).toBe('yes');
  expect(ask(Uint8Array.from([0x13, 2, 0, 1, 192, 0, 2, 1, 0, 138, 0x20]))).toBe('no');
  expect(ask(Uint8Array.from([0x14, 2, 0, 1, 192, 0, 2, 1, 0, 138, ...name]))).toBe('yes');
});

test('encoded names with and without a scope', () => {
  expect(encodedName(name, 0, name.length)).toBe(34);
  const scoped = Buffer.concat([name.subarray(0, 33), Buffer.from('\x03net\0', 'latin1')]);
  expect(encodedName(scoped, 0, scoped.length)).toBe(38);
  expect(encodedName(scoped, 0, scoped.length - 1)).toBe(0);
});
