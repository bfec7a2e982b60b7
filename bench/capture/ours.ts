/** Readings by our engine, as a process of its own: `node ours.ts FILE all|flows|nothing [TIMES]`. */

import { closeSync, openSync, readSync } from 'node:fs';
import { createEngine } from '@forewarn/sense/engine';
import { protocols } from '@forewarn/sense/protocols/index';

const [path, mode, times] = process.argv.slice(2) as [string, string, string | undefined];
const chunk = new Uint8Array(1 << 20);
const readings: { cpuSeconds: number; wallSeconds: number }[] = [];
let records = 0;
for (let n = 0; n < Number(times ?? 1); n++) {
  const file = openSync(path, 'r');
  records = 0;
  const began = process.hrtime.bigint();
  const before = process.cpuUsage();
  const engine =
    mode === 'nothing'
      ? undefined
      : createEngine({ protocols, flowsOnly: mode === 'flows', sink: { record: () => records++ }, uidSeed: 1 });
  for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) engine?.push(chunk.subarray(0, length));
  engine?.end();
  closeSync(file);
  const used = process.cpuUsage(before);
  readings.push({ cpuSeconds: (used.user + used.system) / 1e6, wallSeconds: Number(process.hrtime.bigint() - began) / 1e9 });
}
console.log(JSON.stringify({ readings, records, rssMB: process.resourceUsage().maxRSS / 1024 }));
