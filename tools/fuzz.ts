#!/usr/bin/env node
/**
 * Mutated captures through the capture engine, in one process: nothing may throw, hang or grow beyond the ceilings.
 *
 *     node tools/fuzz.ts [--count 100000] [--seed 1] [--from N] [--data DIR] [--verbose]
 *
 * A case is a seed capture – built here, or a small one of the data set where that is present – with bits flipped,
 * lengths lied about, pieces cut, repeated, moved or spliced in from another. The n-th case depends on seed and n alone:
 * `--from N --count 1` repeats one. Prints figures and exits 1 at the first fault.
 */

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describe, Refusal } from '@forewarn/base/refusal';
import { createEngine } from '@forewarn/sense/engine';
import { oddities } from '@forewarn/sense/oddities';
import { protocols } from '@forewarn/sense/protocols/index';
import { builtSeeds, mutate, random, type Random } from '@forewarn/sense/testing/mutations';

/** Longest capture of a case, in bytes. */
const bytesMax = 65_536;

/** A case that takes longer than this hangs, whatever it does; ordinary ones take a millisecond. */
const hangSeconds = 10;

/** Records that one capture of 64 KB can rightly give; more would be growth without bound. */
const recordsMax = 20_000;

/** Ceilings that nearly every capture reaches. */
const tight = {
  flowsMax: 3,
  fragmentDatagramsMax: 2,
  fragmentBytesMax: 1500,
  fragmentPiecesMax: 3,
  pendingBytesPerDirectionMax: 400,
  pendingBytesMax: 700,
  pendingRangesMax: 2,
  probeBytesMax: 64,
  probeBytesTotalMax: 200,
  probePiecesMax: 2,
  tunnelParentsMax: 1,
  oddityRecordsPerFlowMax: 2,
  oddityRecordsPerNameMax: 5,
  kindsMax: 2,
};

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    data: { type: 'string', default: process.env['FOREWARN_DATA_SET'] ?? resolve(import.meta.dirname, '../../shared/data') },
    verbose: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const seed = Number(values.seed);
const from = Number(values.from);
if (![count, seed, from].every(Number.isSafeInteger)) {
  console.error('--count, --seed and --from are whole numbers.');
  process.exit(2);
}

const seeds = [...builtSeeds(), ...capturesBelow(join(values.data, 'net'))];
console.log(
  `${seeds.length} seed captures, ${count} cases from ${from}, seed ${seed}, protocols ${protocols.map((p) => p.service).join(' ')}`,
);

let packets = 0;
let bytes = 0;
let records = 0;
let refused = 0;
let stopped = 0;
let slowest = 0;
let rssMax = 0;
const began = process.hrtime.bigint();
const weird = new Map<string, number>();

for (let n = from; n < from + count; n++) {
  const dice = random(seed, n);
  const capture = mutate(seeds, dice, bytesMax);
  bytes += capture.length;
  const start = process.hrtime.bigint();
  try {
    run(capture, dice, n);
  } catch (error) {
    if (!(error instanceof Refusal)) fail(n, capture, error);
    refused++;
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (seconds > slowest) slowest = seconds;
  if (seconds > hangSeconds) fail(n, capture, new Error(`took ${seconds.toFixed(1)} s`));
  if (n % 1000 === 0) {
    rssMax = Math.max(rssMax, process.memoryUsage.rss());
    if (values.verbose) console.log(n, (rssMax / 1e6).toFixed(0), 'MB');
  }
}

const total = Number(process.hrtime.bigint() - began) / 1e9;
console.log(
  `${count} captures, ${(bytes / 1e6).toFixed(0)} MB, ${packets} packets, ${records} records in ${total.toFixed(0)} s; ` +
    `${refused} refused as no capture, ${stopped} read up to a contradiction; ` +
    `slowest ${(slowest * 1000).toFixed(0)} ms; resident memory at most ${(Math.max(rssMax, process.resourceUsage().maxRSS * 1024) / 1e6).toFixed(0)} MB`,
);
const known = [...weird].filter(([name]) => name in oddities);
console.log(`${known.length} of ${Object.keys(oddities).length} oddities met`);

function run(capture: Uint8Array, dice: Random, n: number): void {
  let ofThis = 0;
  const engine = createEngine({
    protocols,
    checksums: dice(4) === 0 ? 'verify' : 'ignore',
    networks: ['10.0.0.0/8', 'fe80::/10'],
    uidSeed: n,
    // Every fourth case meets the ceilings at once: what is given up there must be given up in order.
    ...(dice(4) === 0 ? { limits: tight } : {}),
    sink: {
      record: (log, record) => {
        if (++ofThis > recordsMax) throw new Error(`more than ${recordsMax} records`);
        if (log === 'weird' && !(String(record['name']) in oddities))
          throw new Error(`weird "${record['name']}" is not in the catalogue`);
      },
    },
    fault: (service, error) => {
      throw new Error(`the parser of ${service} threw`, { cause: error });
    },
  });
  const chunk = dice(3) === 0 ? 1 + dice(4096) : capture.length;
  for (let at = 0; at < capture.length; at += chunk) engine.push(capture.subarray(at, at + chunk));
  const account = engine.end();
  if (engine.heldBytes() !== 0) throw new Error(`${engine.heldBytes()} bytes are still held at the end`);
  const sum = (counts: { [name: string]: number }): number => Object.values(counts).reduce((a, b) => a + b, 0);
  if (account.inFlows + sum(account.notIp) + sum(account.undecodable) !== account.packets) {
    throw new Error(`the account does not add up: ${JSON.stringify(account)}`);
  }
  if (account.stop) stopped++;
  for (const [name, times] of Object.entries(account.oddities)) weird.set(name, (weird.get(name) ?? 0) + times);
  packets += account.packets;
  records += ofThis;
}

function fail(n: number, capture: Uint8Array, error: unknown): never {
  console.error(`case ${n} (seed ${seed}, ${capture.length} bytes) failed; repeat it with --seed ${seed} --from ${n} --count 1`);
  console.error(error instanceof Refusal ? describe(error) : error);
  process.exit(1);
}

/** Captures of the folder that are small enough to be a seed, in order of their paths. */
function capturesBelow(folder: string): Uint8Array[] {
  if (!existsSync(folder)) return [];
  const found: Uint8Array[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }).sort((a, b) =>
    join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
  )) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/\.(?:pcap|pcapng|cap|trace)$/.test(entry.name) || statSync(path).size > bytesMax) continue;
    found.push(readFileSync(path));
  }
  return found;
}
