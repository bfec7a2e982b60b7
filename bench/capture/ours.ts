/** Readings by our engine, as a process of its own: `node ours.ts FILE all|flows|nothing [TIMES]`. */

import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { createEngine } from '@forewarn/sense/engine';
import { protocols } from '@forewarn/sense/protocols/index';

const [path, mode, times] = process.argv.slice(2) as [string, string, string | undefined];
const chunk = new Uint8Array(1 << 20);
const readings: { cpuSeconds: number; wallSeconds: number }[] = [];
const records: { [log: string]: number } = {};
/** Fields of all records, by log and name. */
const fields = new Set<string>();

/** Counts what comes, as cheaply as can be: the last log's counter is at hand. */
function counter(look: boolean) {
  const counts = new Map<string, { count: number }>();
  let log = '';
  let last = { count: 0 };
  return {
    record(name: string, record: object): void {
      if (name !== log) {
        log = name;
        last = counts.get(name) ?? { count: 0 };
        counts.set(name, last);
      }
      last.count++;
      if (look) for (const field in record) fields.add(`${name}.${field}`);
    },
    end(): void {
      for (const [name, { count }] of counts) records[name] = count;
    },
  };
}

function read(sink: ReturnType<typeof counter>): void {
  const file = openSync(path, 'r');
  const engine = mode === 'nothing' ? undefined : createEngine({ protocols, flowsOnly: mode === 'flows', sink, uidSeed: 1 });
  for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) engine?.push(chunk.subarray(0, length));
  engine?.end();
  closeSync(file);
}

/** The largest resident memory of this process. What `getrusage` says begins with that of the parent, which may have made a large capture. */
function peakKilobytes(): number {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (peak !== undefined) return Number(peak);
  } catch {
    // Another system has no such file.
  }
  return process.resourceUsage().maxRSS;
}

for (let n = 0; n < Number(times ?? 1); n++) {
  const sink = counter(false);
  const began = process.hrtime.bigint();
  const before = process.cpuUsage();
  read(sink);
  const used = process.cpuUsage(before);
  readings.push({ cpuSeconds: (used.user + used.system) / 1e6, wallSeconds: Number(process.hrtime.bigint() - began) / 1e9 });
  sink.end();
}
const rssMB = peakKilobytes() / 1024;
// Which fields there are is asked in a reading of its own, off the clock.
if (mode !== 'nothing') read(counter(true));
console.log(JSON.stringify({ readings, records, fields: fields.size, rssMB }));
