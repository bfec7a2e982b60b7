/** Runs a command and says what it cost; the table that the benches print. */

import { execFileSync } from 'node:child_process';

export type Cost = { cpuSeconds: number; wallSeconds: number };

/** CPU seconds (user + system) and wall seconds of a command line, by the shell's own `time`; undefined when the tool is absent. */
export function cost(tool: string, args: readonly string[]): Cost | undefined {
  try {
    execFileSync('bash', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const script = 'TIMEFORMAT="%U %S %R"; { time "$@" >/dev/null 2>/dev/null; } 2>&1';
  const out = execFileSync('bash', ['-c', script, 'bash', tool, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const [user, system, wall] = out.trim().split('\n').at(-1)!.replaceAll(',', '.').split(' ').map(Number) as [
    number,
    number,
    number,
  ];
  return { cpuSeconds: user + system, wallSeconds: wall };
}

/** One reading by our engine in a process of its own; `reading` is the time after the code was loaded. */
export function ours(
  path: string,
  mode: 'all' | 'flows' | 'nothing',
  times = 1,
): { readings: Cost[]; records: number; rssMB: number } {
  const out = execFileSync(process.execPath, [`${import.meta.dirname}/ours.ts`, path, mode, String(times)], { encoding: 'utf8' });
  return JSON.parse(out) as { readings: Cost[]; records: number; rssMB: number };
}

export type Row = { what: string; cpuSeconds: number | undefined };

/** Prints MB/s and packets/s per CPU second, and each row's ratio to the first. */
export function print(title: string, size: { bytes: number; packets: number }, rows: readonly Row[]): void {
  const first = rows[0]!.cpuSeconds!;
  console.log(
    `\n${title}: ${(size.bytes / 1e6).toFixed(0)} MB, ${size.packets} packets, ${(size.bytes / size.packets).toFixed(0)} bytes each`,
  );
  console.log(`| ${'what'.padEnd(44)} | CPU s |   MB/s | packets/s | CPU, ×   |`);
  console.log(`| ${'-'.repeat(44)} | ----: | -----: | --------: | -------: |`);
  for (const { what, cpuSeconds } of rows) {
    if (cpuSeconds === undefined) {
      console.log(`| ${what.padEnd(44)} | not installed |`);
      continue;
    }
    const rate = (size.bytes / 1e6 / cpuSeconds).toFixed(size.bytes / 1e6 / cpuSeconds < 10 ? 1 : 0);
    console.log(
      `| ${what.padEnd(44)} | ${cpuSeconds.toFixed(2).padStart(5)} | ${rate.padStart(6)} | ${Math.round(size.packets / cpuSeconds)
        .toLocaleString('en')
        .padStart(9)} | ${(cpuSeconds / first).toFixed(2).padStart(7)}× |`,
    );
  }
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
