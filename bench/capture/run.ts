/** Runs a command line and says what it cost; medians, and the tables that the benches print. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Cost = { cpuSeconds: number; wallSeconds: number; rssMB: number };

/** Whether a program is installed. */
export function installed(tool: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', tool], { stdio: 'ignore' }).status === 0;
}

/** The tool did not get to the end. */
export class Failure extends Error {}

/** Where GNU time writes what it measured. */
const measured = join(tmpdir(), `forewarn-bench-${process.pid}.time`);

/**
 * CPU seconds (user + system, its children included), wall seconds and largest resident memory of a command line, by GNU
 * `time`. Throws with the tool's own words where it fails.
 */
export function cost(tool: string, args: readonly string[]): Cost {
  const { status, stderr, error } = spawnSync('/usr/bin/time', ['-o', measured, '-f', '%U %S %e %M', tool, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 1 << 28,
  });
  if (error) throw new Error('GNU time (Debian package `time`) measures the tools, and is not there.', { cause: error });
  const line = existsSync(measured) ? readFileSync(measured, 'utf8').trim().split('\n').at(-1)! : '';
  rmSync(measured, { force: true });
  // A shell's way to say which signal ended it.
  if (status === null || status > 128) throw new Failure(`aborted (signal ${(status ?? 128) - 128})`);
  if (status !== 0) throw new Failure(`ended with ${status}: ${String(stderr).trim().split('\n').at(-1)}`);
  const [user, system, wall, kilobytes] = line.split(' ').map(Number) as [number, number, number, number];
  return { cpuSeconds: user + system, wallSeconds: wall, rssMB: kilobytes / 1024 };
}

/** What our engine read: each reading's cost after the code was loaded, and what came out of one. */
export type OurReadings = {
  readings: { cpuSeconds: number; wallSeconds: number }[];
  records: { [log: string]: number };
  fields: number;
  rssMB: number;
};

/** Readings by our engine in one process of its own, `times` of them. */
export function ours(path: string, mode: 'all' | 'flows' | 'nothing', times = 1): OurReadings {
  const out = execFileSync(process.execPath, [`${import.meta.dirname}/ours.ts`, path, mode, String(times)], { encoding: 'utf8' });
  return JSON.parse(out) as OurReadings;
}

/** One line of a table: what was run, what it cost in each round, on how many packets and bytes. */
export type Row = {
  what: string;
  costs: { cpuSeconds: number; wallSeconds: number; rssMB?: number }[];
  packets: number;
  bytes: number;
  /** Why there is nothing, where a tool is not there or was left out. */
  missing?: string;
};

/** Prints MB/s and packets/s per CPU second, and how many times faster each row is than the one named `unit`. */
export function print(title: string, rows: readonly Row[], unit: string): void {
  const rate = ({ costs, bytes }: Row): number => bytes / 1e6 / median(costs.map((each) => each.cpuSeconds));
  const base = rows.find((row) => row.what === unit && row.costs.length > 0);
  const lines = rows.map((row) => {
    if (row.costs.length === 0) return [row.what, row.missing ?? 'not installed', '', '', '', '', '', ''];
    const cpu = median(row.costs.map((each) => each.cpuSeconds));
    const wall = median(row.costs.map((each) => each.wallSeconds));
    const rss = Math.max(...row.costs.map((each) => each.rssMB ?? 0));
    const megabytes = rate(row);
    return [
      row.what,
      cpu.toFixed(2),
      wall.toFixed(2),
      megabytes.toFixed(megabytes < 10 ? 1 : 0),
      Math.round(row.packets / cpu).toLocaleString('en'),
      base ? `${(megabytes / rate(base)).toFixed(2)}×` : '–',
      rss > 0 ? rss.toFixed(0) : '–',
      row.costs.length > 1 ? spread(row.costs.map((each) => each.cpuSeconds)) : '–',
    ];
  });
  console.log(`\n${title}\n`);
  printTable(['what', 'CPU s', 'wall s', 'MB/s per CPU s', 'packets/s per CPU s', `× ${unit}`, 'peak MB', 'spread'], lines);
}

/** A table in Markdown: the first column to the left, the others to the right. */
export function printTable(head: readonly string[], lines: readonly (readonly string[])[], left = 1): void {
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => (line[i] ?? '').length)));
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i < left ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  console.log(row(head));
  console.log(`| ${widths.map((width, i) => (i < left ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`);
  for (const line of lines) console.log(row(line));
}

/** The middle of several measurements. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** How far apart they lie, in percent of the median. */
export function spread(values: readonly number[]): string {
  return `${(((Math.max(...values) - Math.min(...values)) / median(values)) * 100).toFixed(0)} %`;
}
