import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWindowRunner } from '@forewarn/detect/sigma/window';
import type { WindowQuery } from '@forewarn/model/query/window';
import { flows, windowCases, windowOf } from '@forewarn/model/query/window-cases';
import { recordTypes } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import { openRecords, type Records } from './records.ts';

const dir = mkdtempSync(join(tmpdir(), 'forewarn-windows-'));
let records: Records;
beforeAll(async () => {
  records = await openRecords({ dir, recordTypes: recordTypes.filter(({ log }) => log === 'conn' || log === 'dns') });
});
afterAll(async () => {
  await records.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Puts records in, each of an organisation, so that the scope tells them apart. */
async function insert(given: readonly { of: string; log: string; record: AnyRecord }[]): Promise<void> {
  for (const [organisation, own] of Map.groupBy(given, ({ of }) => of)) {
    const logs = Object.fromEntries(
      [...Map.groupBy(own, ({ log }) => log)].map(([log, some]) => [log, some.map(({ record }) => record)]),
    );
    await records.insertBatch(
      { organisation, sensor: 'sensor', link: null, networkType: 'computer', source: 'test', marking: 'TLP:AMBER' },
      { id: createHash('sha256').update(organisation).digest('hex'), source: 'test', logs },
    );
  }
}

const always = { from: -1e9, to: 1e10 };
const name = ({ group, at }: { group: readonly string[]; at: number }): string => JSON.stringify([group, at]);

describe('every case of windows', () => {
  beforeAll(() => insert(windowCases.flatMap((one, index) => one.records.map((record) => ({ of: `case-${index}`, ...record })))));

  test.each(windowCases.map((one, index) => [one.name, index] as const))('%s', async (_name, index) => {
    const { window, holds } = windowCases[index]!;
    const found = await records.past.windows({ organisations: [`case-${index}`] }, { window, range: always });
    expect(found.map(({ group, to }) => name({ group, at: to })).sort()).toEqual(holds.map(name).sort());
    for (const { group, at, number } of holds) {
      if (number === undefined) continue;
      const held = found.find((one) => name({ group: one.group, at: one.to }) === name({ group, at }))!;
      expect(held.number).toBe(number);
      expect(held.from).toBeLessThanOrEqual(held.to);
    }
  });
});

describe('streaming and stored say the same', () => {
  const by = ['service', 'id.orig_h'];
  const a = flows(1, [], by);
  const b = flows(2, [], by);
  const c = flows(3, [], by);
  const valued = flows(1, ['orig_bytes'], by);
  const windows: readonly (readonly [string, WindowQuery, /* what order does not change, or a late event adds to */ boolean])[] =
    [
      ['event_count', windowOf('event_count', [a, b], [{ op: 'gte', value: 3 }]), true],
      ['value_count', windowOf('value_count', [valued], [{ op: 'gt', value: 2 }]), true],
      ['value_sum', windowOf('value_sum', [valued], [{ op: 'gte', value: 7 }]), true],
      ['value_avg', windowOf('value_avg', [valued], [{ op: 'gte', value: 3 }]), false],
      ['a percentile', windowOf('value_percentile', [valued], [{ op: 'gt', value: 2 }], { percentile: 60 }), false],
      ['a share', windowOf('value_percentile', [valued], [{ op: 'lte', value: 25 }]), false],
      ['temporal', windowOf('temporal', [a, b, c], [{ op: 'gte', value: 3 }]), true],
      ['temporal_ordered', windowOf('temporal_ordered', [a, b, c], [{ op: 'gte', value: 3 }]), true],
      ['exactly so many', windowOf('event_count', [a, b], [{ op: 'eq', value: 3 }]), true],
      ['few different', windowOf('value_count', [valued], [{ op: 'lt', value: 2 }]), true],
      ['a percentile below', windowOf('value_percentile', [valued], [{ op: 'lte', value: 1 }], { percentile: 50 }), true],
      ['few of several', windowOf('temporal', [a, b, c], [{ op: 'lt', value: 3 }]), true],
      [
        'a chain',
        windowOf(
          'temporal_ordered',
          [
            { kind: 'window', window: windowOf('event_count', [a], [{ op: 'gte', value: 2 }], { seconds: 5 }), by, values: [] },
            b,
          ],
          [{ op: 'gte', value: 2 }],
        ),
        true,
      ],
      [
        'a chain of windows that are over',
        windowOf(
          'temporal',
          [{ kind: 'window', window: windowOf('event_count', [a], [{ op: 'eq', value: 2 }], { seconds: 5 }), by, values: [] }, b],
          [{ op: 'gte', value: 2 }],
        ),
        true,
      ],
    ].map(
      ([title, window, adds]) => [title, { ...(window as WindowQuery), seconds: 10 }, adds] as [string, WindowQuery, boolean],
    );

  // Each stream is a group of its own, so that one statement looks at all of them. In every second one all comes in order, at instants of its own.
  const event = fc.record({
    at: fc.integer({ min: 0, max: 40 }),
    late: fc.integer({ min: 0, max: 300 }),
    port: fc.constantFrom(1, 1, 2, 3),
    host: fc.constantFrom('10.0.0.1', '10.0.0.1', '10.0.0.2'),
    bytes: fc.option(fc.integer({ min: 0, max: 5 }), { freq: 4 }),
  });
  const streams = fc
    .sample(fc.array(event, { minLength: 10, maxLength: 40, size: 'max' }), { numRuns: 300, seed: 20_261_122 })
    .map((events, index) => {
      const comes =
        index % 2 === 0 ? events.toSorted((x, y) => x.at + x.late - y.at - y.late) : events.toSorted((x, y) => x.at - y.at);
      return comes.map(({ at, port, host, bytes }, place): AnyRecord => ({
        ts: index % 2 === 0 ? at : at + place / 64,
        uid: `C${index}.${place}`,
        'id.orig_h': host,
        'id.orig_p': 1024,
        'id.resp_h': '192.0.2.1',
        'id.resp_p': port,
        proto: 'tcp',
        service: `stream-${index}`,
        ...(bytes === null ? {} : { orig_bytes: bytes }),
      }));
    });
  beforeAll(() => insert(streams.flat().map((record) => ({ of: 'streams', log: 'conn', record }))));

  test.each(windows)('%s', async (_title, window, onlyAdds) => {
    const stored = new Set(
      (await records.past.windows({ organisations: ['streams'] }, { window, range: always })).map(({ group, to }) =>
        name({ group, at: to }),
      ),
    );
    const told = new Set<string>();
    const toldInOrder = new Set<string>();
    for (const [index, stream] of streams.entries()) {
      const into = index % 2 === 0 ? told : toldInOrder;
      const runner = createWindowRunner(window, {
        lateness: 600,
        tell: ({ group, to }) => void into.add(name({ group: group.map(String), at: to })),
      });
      let newest = -Infinity;
      for (const record of stream) {
        runner.push('conn', record);
        runner.advance((newest = Math.max(newest, Number(record['ts']))));
      }
      runner.end();
    }
    expect(stored.size).toBeGreaterThan(50);
    const isInOrder = (one: string): boolean => Number(/stream-(\d+)/.exec(one)![1]) % 2 === 1;
    expect([...stored].filter(isInOrder).sort()).toEqual([...toldInOrder].sort());
    const outOfOrder = [...stored].filter((one) => !isInOrder(one)).sort();
    // What was told too early stands on the stream alone.
    const toldAlone = [...told].filter((one) => !stored.has(one)).sort();
    expect(outOfOrder.filter((one) => !told.has(one))).toEqual([]);
    expect(onlyAdds ? toldAlone : []).toEqual([]);
  });
});

test('the same address in two organisations is two groups', async () => {
  const one = { uid: 'C1', 'id.orig_h': '10.0.0.9', 'id.orig_p': 1, 'id.resp_h': '192.0.2.1', 'id.resp_p': 77, proto: 'tcp' };
  await insert([0, 1].flatMap((ts) => ['ours', 'theirs'].map((of) => ({ of, log: 'conn', record: { ts, ...one } }))));
  const window = windowOf('event_count', [flows(77)], [{ op: 'gte', value: 2 }]);
  const chain = windowOf('event_count', [{ kind: 'window', window, by: ['id.orig_h'], values: [] }], [{ op: 'gte', value: 1 }]);
  for (const asked of [window, chain]) {
    const held = await records.past.windows('all', { window: asked, range: always });
    expect(held.map(({ organisation, group, to }) => [organisation, ...group, to])).toEqual([
      ['ours', '10.0.0.9', 1],
      ['theirs', '10.0.0.9', 1],
    ]);
  }
});

test('many conditions in one reading of a log, by organisation', async () => {
  const of = (port: number) => ({ kind: 'text', field: 'id.resp_p', op: 'equals', value: port }) as const;
  const asked = { log: 'conn', conditions: [of(77), of(78), of(77)], range: always };
  const taken = { rows: 0, bytes: 0 };
  const found = await records.past.tally({ organisations: ['ours', 'nobody'] }, asked, taken);
  expect(found.map(({ organisation, condition, count, first, last }) => [organisation, condition, count, first, last])).toEqual([
    ['ours', 0, 2, 0, 1],
    ['ours', 2, 2, 0, 1],
  ]);
  expect(taken.rows).toBeGreaterThan(0);
});

test('windows that no database could answer are refused, and say what to do', async () => {
  let window = windowOf(
    'temporal_ordered',
    Array.from({ length: 64 }, (_unused, port) => flows(port)),
    [{ op: 'gte', value: 64 }],
  );
  for (let depth = 0; depth < 7; depth++) {
    const inner = { kind: 'window' as const, window, by: ['id.orig_h'], values: [] };
    window = { ...window, of: [inner, ...window.of.slice(1)] };
  }
  await expect(records.past.windows('all', { window, range: always })).rejects.toMatchObject({ code: 'records.condition' });
  const hostile = windowOf(
    'event_count',
    [
      {
        kind: 'records',
        parts: [{ logs: ['conn'], where: { kind: 'regex', field: 'service', pattern: '(a)\\1', flags: [] }, by: [], values: [] }],
      },
    ],
    [{ op: 'gte', value: 1 }],
  );
  await expect(records.past.windows('all', { window: hostile, range: always })).rejects.toMatchObject({ code: 'query.regex' });
});
