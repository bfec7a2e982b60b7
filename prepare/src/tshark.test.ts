/** Wireshark reads what we write: neither malformed packet nor wrong checksum nor missing segment, and as many packets as we count. */

import { execFile } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { generate } from './generate.ts';
import { writePcap } from './pcap.ts';
import { readScenario } from './scenario/language.ts';

const run = promisify(execFile);
const present = await Promise.all([run('tshark', ['--version']), run('capinfos', ['--version'])]).then(
  () => true,
  () => false,
);
const folder = mkdtempSync(join(tmpdir(), 'forewarn-range-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.runIf(!present)('tshark is here', () => {
  console.warn('not run: tshark missing');
  // Where it counts, a check that did not run is a check that failed.
  expect(process.env.CI, 'tshark is missing: install the packages in .ci/packages').not.toBe('true');
});

const content = fileURLToPath(new URL('../../content/scenarios', import.meta.url));
const cases = [
  ...['hospital-phishing', 'water-works'].flatMap((id) => [1, 2, 3, 4, 5].map((seed) => ({ id, seed }))),
  ...['heating-plant', 'telephone-exchange', 'ticket-shop'].flatMap((id) => [1, 2].map((seed) => ({ id, seed }))),
];

test.runIf(present).each(cases)('$id, seed $seed', async ({ id, seed }) => {
  const recording = generate(readScenario(readFileSync(join(content, `${id}.yaml`), 'utf8'), id), { seed });
  const path = join(folder, `${id}-${seed}.pcap`);
  const file = openSync(path, 'w');
  let count = 0;
  const counted = function* () {
    for (const packet of recording.packets) {
      count++;
      yield packet;
    }
  };
  for (const chunk of writePcap(counted())) for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
  closeSync(file);
  const { stdout: info } = await run('capinfos', ['-c', '-M', '-T', '-r', path]);
  expect(Number(info.trim().split('\t').at(-1))).toBe(count);
  const checksums = ['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
  const filter = [
    '_ws.malformed',
    '_ws.expert.severity == error',
    'ip.checksum.status == "Bad"',
    'tcp.checksum.status == "Bad"',
    'udp.checksum.status == "Bad"',
    'icmp.checksum.status == "Bad"',
    'icmpv6.checksum.status == "Bad"',
    'tcp.analysis.lost_segment',
    'tcp.analysis.ack_lost_segment',
    'tcp.analysis.out_of_order',
    'tcp.analysis.zero_window',
    'tcp.analysis.window_full',
  ].join(' || ');
  const { stdout } = await run(
    'tshark',
    [
      '-n',
      '-r',
      path,
      ...checksums,
      '-Y',
      filter,
      '-T',
      'fields',
      '-e',
      'frame.number',
      '-e',
      '_ws.col.Info',
      '-e',
      '_ws.expert.message',
    ],
    { maxBuffer: 1 << 26 },
  );
  expect(stdout.split('\n').slice(0, 5).join('\n')).toBe('');
  rmSync(path);
});
