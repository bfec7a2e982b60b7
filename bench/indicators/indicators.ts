#!/usr/bin/env node
/**
 * What millions of indicators cost: memory, building, looking up, and whether anything is found that is not there.
 *
 *     node --expose-gc bench/indicators/indicators.ts [--values 10000000] [--asked 1000000] [--seed 1] [--json]
 */

import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Indicators, type ListDefaults } from '@forewarn/detect/indicators/indicators';
import type { ListedValue } from '@forewarn/model/indicator';
import { printTable } from '../capture/run.ts';

/** How a public mix looks: addresses and names are most, hashes follow, URLs are long and fewer. Shares add up to 100. */
const mix = [
  { kind: 'address', share: 35 },
  { kind: 'domain', share: 35 },
  { kind: 'hash', share: 18 },
  { kind: 'url', share: 10 },
  { kind: 'network', share: 2 },
] as const;

/** Two values of a number, different for each number and the same for everybody (splitmix32, as a permutation of 32 bits). */
function mixed(n: number, seed: number): number {
  let z = (n * 2 + 1 + Math.imul(seed, 0x9e3779b9)) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

const letters = 'etaoinshrdlucmfwypvbgkjqxz0123456789';
const tops = ['com', 'net', 'org', 'info', 'xyz', 'top', 'ru', 'cn', 'example', 'online'];

/** A name of 8 to 27 characters that holds its number, so that no two are equal. */
function nameOf(n: number, seed: number): string {
  let name = '';
  let bits = mixed(n, seed);
  const length = 2 + (bits % 12);
  for (let i = 0; i < length; i++) {
    name += letters[bits % 26];
    bits = mixed(bits, i);
  }
  return `${name}${n.toString(36)}.${tops[mixed(n, seed + 7) % tops.length]}`;
}

function hex(n: number, seed: number, words: number): string {
  let text = n.toString(16).padStart(8, '0');
  for (let i = 1; i < words; i++)
    text += mixed(n, seed + i)
      .toString(16)
      .padStart(8, '0');
  return text;
}

/** The value of a number: in the list for numbers below the list's size, in none above it. */
export function valueOf(n: number, seed: number): ListedValue {
  let share = mixed(n, seed + 100) % 100;
  let kind: (typeof mix)[number]['kind'] = 'address';
  for (const one of mix) {
    kind = one.kind;
    if (share < one.share) break;
    share -= one.share;
  }
  switch (kind) {
    case 'address': {
      // Numbers below 2³¹ as addresses, each once; one in sixteen is of the new Internet.
      if (n % 16 === 0) return { kind, value: `2001:db8:${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}::1` };
      const bits = (Math.imul(n, 0x9e3779b1) ^ 0x5bd1e995) >>> 0;
      return { kind, value: `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}` };
    }
    case 'domain':
      return { kind, value: nameOf(n, seed) };
    case 'hash':
      return { kind, value: hex(n, seed, n % 4 === 0 ? 4 : n % 4 === 1 ? 5 : 8) };
    case 'url':
      return { kind, value: `http://${nameOf(n, seed)}/${hex(n, seed, 2)}/${letters.slice(n % 20, (n % 20) + 12)}.php?id=${n}` };
    case 'network':
      return { kind, value: `2001:db8:${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}::/64` };
  }
}

const day = 86_400;
const start = 1_760_000_000;

/** Half of the values say from when to when they hold, as feeds with a row for each do. */
function dated(value: ListedValue, n: number, seed: number): ListedValue {
  if (n % 2 === 0) return value;
  const validFrom = start - (mixed(n, seed + 300) % 365) * day;
  return { ...value, validFrom, validUntil: validFrom + 3_650 * day };
}

function main(): void {
  const { values: asked } = parseArgs({
    options: {
      values: { type: 'string', default: '10000000' },
      asked: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean' },
    },
  });
  const count = Number(asked.values);
  const lookUps = Number(asked.asked);
  const seed = Number(asked.seed);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;

  const indicators = new Indicators();
  const lists: ListDefaults[] = Array.from({ length: 100 }, (_unused, i) => ({
    list: `list-${i}`,
    source: `source ${i}`,
    reliability: (['A', 'B', 'C', 'D'] as const)[i % 4],
    credibility: (['1', '2', '3', '4'] as const)[i % 4],
  }));
  collect();
  const before = process.memoryUsage();

  // What it takes to make the values is measured apart and taken away.
  let sink = 0;
  const making = process.cpuUsage();
  for (let n = 0; n < count; n++) sink += dated(valueOf(n, seed), n, seed).value.length;
  const made = process.cpuUsage(making).user;
  const building = process.cpuUsage();
  const began = performance.now();
  let refused = 0;
  for (let n = 0; n < count; n++) if (indicators.add(dated(valueOf(n, seed), n, seed), lists[n % 100]!)) refused++;
  const built = process.cpuUsage(building).user;
  const wallMs = performance.now() - began;
  for (let i = 0; i < 3; i++) collect();
  const after = process.memoryUsage();

  const at = start + day;
  const look = ({ kind, value }: ListedValue): unknown => {
    switch (kind) {
      case 'address':
        return indicators.address(value, at);
      case 'domain':
        return indicators.domain(value, at);
      case 'hash':
        return indicators.hash(value, at);
      default:
        return undefined;
    }
  };
  const rows: string[][] = [];
  const results: { [name: string]: number } = {};
  let falsePositives = 0;
  let missed = 0;
  for (const kind of ['address', 'domain', 'hash'] as const) {
    for (const listed of [false, true]) {
      const values: ListedValue[] = [];
      for (let i = 0; values.length < lookUps; i++) {
        const n = listed ? mixed(i, seed + 9) % count : count + i;
        // A bare number from above is in no list: networks and addresses hold those below only.
        const value = valueOf(n, seed);
        // As records have them: in one piece, not as the parts they were made of here.
        if (value.kind === kind) values.push({ ...value, value: Buffer.from(value.value).toString('latin1') });
      }
      // Once over all of them, so that the engine has made its code.
      for (const value of values.slice(0, 50_000)) look(value);
      const from = process.cpuUsage();
      let found = 0;
      for (const value of values) if (look(value) !== undefined) found++;
      const ns = (process.cpuUsage(from).user * 1_000) / values.length;
      if (listed) missed += values.length - found;
      else falsePositives += found;
      results[`${kind} ${listed ? 'listed' : 'unlisted'} ns`] = ns;
      rows.push([kind, listed ? 'on a list' : 'on none', String(values.length), String(found), String(Math.round(ns))]);
    }
  }
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
  const summary = {
    values: indicators.size,
    refused,
    tableMegabytes: megabytes(indicators.bytes),
    heapMegabytes: megabytes(after.heapUsed - before.heapUsed),
    residentMegabytes: megabytes(after.rss - before.rss),
    bytesEach: Math.round((indicators.bytes / indicators.size) * 10) / 10,
    buildCpuSeconds: Math.round((built - made) / 1e5) / 10,
    buildWallSeconds: Math.round(wallMs / 100) / 10,
    falsePositives,
    missed,
    characters: sink,
  };
  if (asked.json) console.log(JSON.stringify({ ...summary, ...results }));
  else {
    console.log(
      Object.entries(summary)
        .map(([name, value]) => `${name}: ${value}`)
        .join('\n'),
    );
    printTable(['kind', 'asked for', 'look-ups', 'found', 'ns CPU each'], rows, 2);
  }
}

if (import.meta.main) main();
