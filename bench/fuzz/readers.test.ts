/** What several protocols read with; and that the fuzzer sees what it is there to see. */

import { expect, test } from 'vitest';
import { random } from '@forewarn/sense/testing/mutations';
import type { Family, Subject } from './family.ts';
import { fuzzes } from './ci.ts';
import { inputBytesMax, mutate } from './mutation.ts';
import { readerFamilies } from './readers.ts';
import { fuzz, type Outcome } from './run.ts';

for (const family of readerFamilies) fuzzes(family);

const starts = [
  { seed: 0, arrivals: [{ direction: 0 as const, ts: 1, bytes: Buffer.from('0123456789 abcdef 0123456789') }] },
  { seed: 0, arrivals: [{ direction: 1 as const, ts: 1, bytes: Buffer.from([0, 4, 1, 2, 3, 4]) }] },
];

/** A family whose subject does something wrong. */
const wrong = (subject: Partial<Subject>): Family => ({
  name: 'wrong',
  starts,
  inputsEach: 100,
  open: () => ({ begin: () => {}, arrive: () => {}, finish: () => {}, end: () => {}, ...subject }),
});
const given = (subject: Partial<Subject>, from = 0, count = 2_000): Outcome =>
  fuzz(wrong(subject), { seed: 5, from, count, timed: true, hangMs: 50, growthStarts: 1, growthEvery: 1_000_000 });

test('one that throws is found, and found again by its number alone', () => {
  const seen: number[] = [];
  const thrower = (): Partial<Subject> => {
    let n = 0;
    return {
      begin: (_input, number) => {
        n = number;
      },
      arrive: (arrival) => {
        if (!('bytes' in arrival) || arrival.bytes.length < 40) return;
        seen.push(n);
        throw new Error('long');
      },
    };
  };
  const { faults } = given(thrower());
  expect(faults[0]!.what).toContain('long');
  const again = given(thrower(), faults[0]!.n, 1);
  expect(again.faults[0]!.input).toBe(faults[0]!.input);
});

test('one that holds on to what it is given is found', () => {
  const held: Uint8Array[] = [];
  const { faults } = given({ arrive: (arrival) => 'bytes' in arrival && void held.push(new Uint8Array(200)) }, 0, 2);
  expect(faults[0]!.what).toMatch(/holds \d+ bytes/);
});

test('one that hangs is found, however busy the machine is', () => {
  const cpu = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  const slow: Partial<Subject> = {
    arrive: () => {
      for (const began = cpu(); cpu() - began < 80;);
    },
  };
  const options = { seed: 5, from: 0, count: 1, timed: true, hangMs: 50, growthStarts: 0, growthEvery: 1_000 };
  expect(fuzz(wrong(slow), options).faults[0]!.what).toMatch(/took \d+ ms/);
});

test('an input follows from seed and number, and stays within its ceilings', () => {
  for (let n = 0; n < 3_000; n++) {
    const input = mutate(starts[n % 2]!, starts, random(9, n));
    expect(mutate(starts[n % 2]!, starts, random(9, n))).toEqual(input);
    expect(input.arrivals.reduce((sum, each) => sum + ('bytes' in each ? each.bytes.length : 0), 0)).toBeLessThanOrEqual(
      inputBytesMax,
    );
  }
});
