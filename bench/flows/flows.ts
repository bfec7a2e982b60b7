#!/usr/bin/env node
/**
 * Flows only, beside reading the file and doing nothing, and nfpcapd, on the same file, in one run, per CPU second.
 *
 *     node bench/flows/flows.ts [--megabytes 200] [--rounds 5]
 */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchCapture, measure, type Profile } from '../capture/capture.ts';
import { cost, median, ours, print, spread } from '../capture/run.ts';

const { values } = parseArgs({
  options: { megabytes: { type: 'string', default: '200' }, rounds: { type: 'string', default: '5' } },
});
const temporary = mkdtempSync(join(tmpdir(), 'forewarn-bench-'));

for (const profile of ['mixed', 'small'] as Profile[]) {
  const megabytes = profile === 'small' ? Number(values.megabytes) / 2 : Number(values.megabytes);
  const path = benchCapture(profile, megabytes);
  const whole: number[] = [];
  const first: number[] = [];
  const later: number[] = [];
  const nothing: number[] = [];
  const nfpcapd: number[] = [];
  let rss = 0;
  for (let round = 0; round < Number(values.rounds); round++) {
    const script = join(import.meta.dirname, '../capture/ours.ts');
    whole.push(cost(process.execPath, [script, path, 'flows'])!.cpuSeconds);
    const { readings, rssMB } = ours(path, 'flows', 5);
    rss = Math.max(rss, rssMB);
    first.push(readings[0]!.cpuSeconds);
    later.push(...readings.slice(2).map((reading) => reading.cpuSeconds));
    nothing.push(...ours(path, 'nothing', 2).readings.map((reading) => reading.cpuSeconds));
    const folder = join(temporary, `${profile}-${round}`);
    mkdirSync(folder);
    const other = cost('nfpcapd', ['-r', path, '-w', folder]);
    if (other) nfpcapd.push(other.cpuSeconds);
  }
  print(profile, measure(path), [
    { what: 'ours, flows only, first reading', cpuSeconds: median(first) },
    { what: 'ours, third and later in the same process', cpuSeconds: median(later) },
    { what: 'ours, whole process with its start', cpuSeconds: median(whole) },
    { what: 'nfpcapd', cpuSeconds: nfpcapd.length > 0 ? median(nfpcapd) : undefined },
    { what: 'reading the file and doing nothing', cpuSeconds: median(nothing) },
  ]);
  console.log(
    `resident memory at most ${rss.toFixed(0)} MB; spread of the first readings ${spread(first)}, of the later ${spread(later)}`,
  );
}
rmSync(temporary, { recursive: true });
