/**
 * Runs every case of every protocol directly on Ethernet: `<name>/cases/<case>/` holds `bytes.txt` (the frames, one a line),
 * `expected.ndjson` (records and oddities, with the fields the case is about) and `about.md`. And what holds for all of them.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oddities } from '../oddities.ts';
import type { Timed } from '../testing/packets.ts';
import { frameProtocols } from './index.ts';
import { readCase, readFrames } from './trial.ts';

for (const protocol of frameProtocols) {
  const folder = join(import.meta.dirname, protocol.name, 'cases');
  if (!existsSync(folder)) continue;
  describe(`${protocol.name}`, () => {
    const seeds: Timed[] = [];
    for (const name of readdirSync(folder)) {
      const frames = readCase(readFileSync(join(folder, name, 'bytes.txt'), 'utf8'));
      seeds.push(...frames);
      test(`${name}`, () => {
        const expected = readFileSync(join(folder, name, 'expected.ndjson'), 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Record<string, unknown>);
        const written = readFrames(frames);
        expect(written).toMatchObject(expected);
        expect(written).toHaveLength(expected.length);
        for (const { log } of written) expect([...protocol.logs, 'weird']).toContain(log);
      });
    }

    test('damaged and cut frames never throw, and write no more than they may', () => {
      const change = fc.tuple(
        fc.nat(seeds.length - 1),
        fc.nat(1_600),
        fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
      );
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (list) => {
          const frames = list.map(([which, length, changes], i) => {
            const bytes = seeds[which]!.bytes.slice(0, Math.max(14, length));
            for (const [at, value] of changes) if (at >= 14 && at < bytes.length) bytes[at] = value;
            return { ts: 1_700_000_000 + i, bytes };
          });
          const written = readFrames(frames);
          expect(written.length).toBeLessThan(300);
          for (const one of written.filter(({ log }) => log === 'weird')) expect(oddities).toHaveProperty([String(one['name'])]);
        }),
        { numRuns: 1_000 },
      );
    });

    test('nothing is written where only flows are asked for, and by one of several readers only', () => {
      expect(readFrames(seeds, { flowsOnly: true })).toEqual([]);
      expect(readFrames(seeds, { share: { part: 1, parts: 2 } })).toEqual([]);
    });
  });
}
