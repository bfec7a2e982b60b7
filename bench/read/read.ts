#!/usr/bin/env node
/**
 * Capture → records, beside tshark and ndpiReader on the same file, in one run, per CPU second.
 *
 *     node bench/read/read.ts [--megabytes 200] [--rounds 3] [--without-tshark]
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchCapture, measure, type Profile } from '../capture/capture.ts';
import { cost, median, ours, print, spread, type Row } from '../capture/run.ts';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    'without-tshark': { type: 'boolean', default: false },
  },
});

const fields = [
  'frame.time_epoch',
  'ip.src',
  'ip.dst',
  'tcp.srcport',
  'tcp.dstport',
  'udp.srcport',
  'udp.dstport',
  'dns.qry.name',
];
fields.push('http.host', 'http.request.uri', 'http.response.code', 'tls.handshake.extensions_server_name', 'modbus.func_code');
const temporary = mkdtempSync(join(tmpdir(), 'forewarn-bench-'));

for (const profile of ['mixed', 'small'] as Profile[]) {
  const megabytes = profile === 'small' ? Number(values.megabytes) / 2 : Number(values.megabytes);
  const path = benchCapture(profile, megabytes);
  const whole: number[] = [];
  const first: number[] = [];
  const later: number[] = [];
  const ndpi: number[] = [];
  let rss = 0;
  // The tools take turns, so that a noisy minute hits all of them.
  for (let round = 0; round < Number(values.rounds); round++) {
    const script = join(import.meta.dirname, '../capture/ours.ts');
    whole.push(cost(process.execPath, [script, path, 'all'])!.cpuSeconds);
    const { readings, rssMB } = ours(path, 'all', 4);
    rss = Math.max(rss, rssMB);
    first.push(readings[0]!.cpuSeconds);
    later.push(...readings.slice(2).map((reading) => reading.cpuSeconds));
    const other = cost('ndpiReader', ['-q', '-i', path, '-C', join(temporary, 'ndpi.csv')]);
    if (other) ndpi.push(other.cpuSeconds);
  }
  const rows: Row[] = [
    { what: 'ours, all elements, first reading', cpuSeconds: median(first) },
    { what: 'ours, third and later in the same process', cpuSeconds: median(later) },
    { what: 'ours, whole process with its start', cpuSeconds: median(whole) },
    { what: 'ndpiReader -C', cpuSeconds: ndpi.length > 0 ? median(ndpi) : undefined },
  ];
  if (!values['without-tshark']) {
    const args = ['-n', '-r', path, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
    rows.push({ what: 'tshark -T fields', cpuSeconds: cost('tshark', args)?.cpuSeconds });
  }
  print(profile, measure(path), rows);
  console.log(
    `resident memory at most ${rss.toFixed(0)} MB; spread of the first readings ${spread(first)}, of the later ${spread(later)}`,
  );
}
rmSync(temporary, { recursive: true });
