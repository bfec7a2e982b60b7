/**
 * Runs every case of every protocol: `<protocol>/cases/<name>/` holds `bytes.txt` (what was sent), `expected.ndjson`
 * (the records and oddities, with the fields the case is about) and `about.md`.
 *
 *     # udp 53
 *     0.000 > 1a2b 0100 0001 "abc\r\n"     seconds, direction, bytes in hexadecimal or JSON strings
 *     0.010 < …
 *     0.020 < gap 100                       so many bytes are missing
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { protocols } from './index.ts';
import type { Transport } from './protocol.ts';
import { type Arrival, flowOf, hex, run } from './trial.ts';

const here = dirname(fileURLToPath(import.meta.url));

function readArrivals(text: string): { transport: Transport; port: number; arrivals: Arrival[] } {
  const first = /^# (tcp|udp) (\d+)/.exec(text);
  if (!first) throw new Error('bytes.txt begins with "# tcp 80" or the like');
  const arrivals: Arrival[] = [];
  for (const line of text.split('\n')) {
    const match = /^(\d+\.\d+) ([<>]) (.*)$/.exec(line);
    if (!match) continue;
    const ts = 1_700_000_000 + Number(match[1]);
    const direction = match[2] === '>' ? 0 : 1;
    const body = match[3]!;
    const gap = /^gap (\d+)$/.exec(body);
    if (gap) {
      arrivals.push({ direction, ts, missing: Number(gap[1]) });
      continue;
    }
    const parts = body.match(/"(?:[^"\\]|\\.)*"|[0-9a-fA-F]+/g) ?? [];
    const bytes = Buffer.concat(
      parts.map((part) => (part.startsWith('"') ? Buffer.from(JSON.parse(part), 'latin1') : hex(part))),
    );
    arrivals.push({ direction, ts, bytes });
  }
  return { transport: first[1] as Transport, port: Number(first[2]), arrivals };
}

for (const protocol of protocols) {
  const folder = join(here, protocol.service, 'cases');
  if (!existsSync(folder)) continue;
  describe(`${protocol.service}`, () => {
    for (const name of readdirSync(folder)) {
      test(`${name}`, () => {
        const { transport, port, arrivals } = readArrivals(readFileSync(join(folder, name, 'bytes.txt'), 'utf8'));
        const outcome = run(protocol, flowOf(transport, port), arrivals);
        const expected = readFileSync(join(folder, name, 'expected.ndjson'), 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Record<string, unknown>);
        const written = [
          ...outcome.records.map(({ log, record }) => ({ log, ...record })),
          ...outcome.weirds.map(({ name: weird, addl }) => ({ log: 'weird', name: weird, addl })),
        ];
        expect(written).toMatchObject(expected);
        expect(written).toHaveLength(expected.length);
      });
    }
  });
}
