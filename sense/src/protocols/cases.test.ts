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
import { flowOf, readCase, run } from './trial.ts';

const here = dirname(fileURLToPath(import.meta.url));

for (const protocol of protocols) {
  const folder = join(here, protocol.service, 'cases');
  if (!existsSync(folder)) continue;
  describe(`${protocol.service}`, () => {
    for (const name of readdirSync(folder)) {
      test(`${name}`, () => {
        const { transport, port, arrivals } = readCase(readFileSync(join(folder, name, 'bytes.txt'), 'utf8'));
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
