#!/usr/bin/env node
/**
 * Damaged inputs for every family of decoders: nothing may throw, hang or grow without bound.
 *
 *     node bench/fuzz/fuzz.ts [--family NAME…] [--without NAME…] [--count 2000000] [--seed 1] [--from N] [--list]
 *
 * Prints a line a family and goes on after a fault; exits 1 when there was one. How far it is stands on standard error.
 */

import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { families } from './families.ts';
import { fuzz, type Outcome } from './run.ts';

const { values } = parseArgs({
  options: {
    family: { type: 'string', multiple: true, default: [] },
    without: { type: 'string', multiple: true, default: [] },
    count: { type: 'string', default: '2000000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    out: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});
const [count, seed, from] = [values.count, values.seed, values.from].map(Number) as [number, number, number];
const unknown = [...values.family, ...values.without].filter((name) => !families.some((family) => family.name === name));
if (![count, seed, from].every(Number.isSafeInteger) || unknown.length > 0) {
  console.error(
    unknown.length > 0
      ? `No family is called ${unknown.join(' or ')}; --list names them.`
      : '--count, --seed and --from are whole numbers.',
  );
  process.exit(2);
}

const chosen = families.filter(
  ({ name }) => (values.family.length === 0 || values.family.includes(name)) && !values.without.includes(name),
);
if (values.list) {
  for (const { name, starts } of chosen) console.log(`${name.padEnd(16)} ${starts.length} starts`);
  process.exit(0);
}

const columns = [
  'family',
  'inputs',
  'starts',
  'kept',
  'packets',
  'records',
  'oddities',
  'µs/input',
  'slowest ms',
  'longest record',
  'held KB',
  'RSS MB',
];
const widths = [16, 9, 6, 5, 10, 10, 8, 8, 10, 14, 8, 7];
const line = (cells: readonly (string | number)[]): string =>
  `| ${cells.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]!) : String(cell).padStart(widths[i]!))).join(' | ')} |`;
const say = (text: string): void => {
  console.log(text);
  if (values.out !== undefined) appendFileSync(values.out, `${text}\n`);
};

say(line(columns));
say(`| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`);
let faults = 0;
for (const family of chosen) {
  const began = process.hrtime.bigint();
  const progress = progressOf(family.name);
  const outcome = fuzz(family, { seed, from, count, timed: true, hangMs: 50, growthStarts: 8, growthEvery: 100_000, progress });
  const microseconds = Number(process.hrtime.bigint() - began) / 1e3 / Math.max(1, outcome.inputs);
  say(
    line([
      family.name,
      outcome.inputs,
      family.starts.length,
      outcome.kept,
      outcome.packets,
      outcome.records,
      outcome.weirds.size,
      microseconds.toFixed(1),
      outcome.slowestMs.toFixed(1),
      outcome.recordCharacters,
      (outcome.heldBytesMax / 1024).toFixed(0),
      (process.memoryUsage.rss() / 1e6).toFixed(0),
    ]),
  );
  for (const fault of outcome.faults) {
    faults++;
    say(`\n${family.name}, input ${fault.n}, ${fault.times} times: ${fault.what}`);
    say(`  again: node bench/fuzz/fuzz.ts --family ${family.name} --seed ${seed} --from ${fault.n} --count 1`);
    say(`${count === 1 ? fault.input : shortened(fault.input)}\n`);
  }
}
say(`\nresident memory at most ${(process.resourceUsage().maxRSS / 1e3).toFixed(0)} MB; ${faults} faults`);
if (faults > 0) process.exitCode = 1;

/** Says on standard error, once in ten seconds, how far a family is, what it found and when it will be done. */
function progressOf(name: string): (outcome: Outcome) => void {
  const began = performance.now();
  let said = began;
  return ({ inputs, faults: met }) => {
    const now = performance.now();
    if (now - said < 10_000) return;
    said = now;
    const minutes = (((now - began) / inputs) * (count - inputs)) / 60_000;
    const found = met.length === 0 ? '' : `, ${met.length} faults`;
    console.error(`${name}: ${inputs} of ${count}${found}, some ${minutes.toFixed(0)} minutes left`);
  };
}

/** Lines that fit on a screen; the whole input is shown where it is the only one. */
function shortened(text: string): string {
  return text
    .split('\n')
    .slice(0, 12)
    .map((each) => (each.length > 160 ? `${each.slice(0, 160)}…` : each))
    .join('\n');
}
