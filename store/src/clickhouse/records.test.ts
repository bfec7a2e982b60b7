import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Envelope } from '@forewarn/model/batch';
import { predicateCases, queryCases } from '@forewarn/model/query/cases';
import { parsePredicate } from '@forewarn/model/query/text';
import { recordTypes } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import { openRecords, type Records, type RecordScope } from './records.ts';

const dir = mkdtempSync(join(tmpdir(), 'forewarn-records-'));
let records: Records;
/** So few that the tests' records are more. */
const looked = { searchRows: 10_000, roughRows: 3 * 8_192 };
const costs: { rows: number }[] = [];
beforeAll(async () => {
  records = await openRecords({ dir, recordTypes, looked, onRead: (one) => void costs.push(one) });
});
afterAll(async () => {
  await records.close();
  rmSync(dir, { recursive: true, force: true });
});

const envelope = (organisation: string, more: Partial<Envelope> = {}): Envelope => ({
  sensor: `${organisation}-sensor`,
  organisation,
  link: null,
  networkType: 'computer',
  source: 'test',
  marking: 'TLP:AMBER',
  ...more,
});
const batchOf = (name: string, logs: { [log: string]: AnyRecord[] }) => ({
  id: createHash('sha256').update(name).digest('hex'),
  source: 'test',
  logs,
});
const only = (...organisations: string[]): RecordScope => ({ organisations });
const flow = (ts: number, uid: string, more: AnyRecord = {}): AnyRecord => ({
  ts,
  uid,
  'id.orig_h': '10.0.0.1',
  'id.orig_p': 1024,
  'id.resp_h': '192.0.2.1',
  'id.resp_p': 443,
  proto: 'tcp',
  ...more,
});

describe('every case of the algebra', () => {
  // Each case is an organisation of its own, so that all records are put in at once and the scope tells them apart.
  beforeAll(async () => {
    const logs = new Map<string, AnyRecord[]>();
    for (const [index, { log, record }] of predicateCases.entries()) {
      await records.insertBatch(envelope(`case-${index}`), batchOf(`case-${index}`, { [log]: [record] }));
      logs.set(log, [...(logs.get(log) ?? []), record]);
    }
    for (const [index, { records: given }] of queryCases.entries()) {
      const logsOf = Object.fromEntries(Object.entries(given).map(([log, list]) => [log, [...list]]));
      await records.insertBatch(envelope(`query-${index}`), batchOf(`query-${index}`, logsOf));
    }
  });

  test.each(predicateCases.map((one, index) => ({ ...one, index })))(
    '$log: $name',
    async ({ log, predicate, expected, index }) => {
      expect(await records.count(only(`case-${index}`), { log, where: predicate })).toBe(expected ? 1 : 0);
    },
  );

  test.each(queryCases.map((one, index) => ({ ...one, index })))('$name', async ({ query, rows, index }) => {
    const found = await records.query(only(`query-${index}`), query);
    const inOrder = (list: readonly object[]) => (query.order ? list : list.map((row) => JSON.stringify(row)).sort());
    expect(inOrder(found)).toEqual(inOrder(rows));
  });
});

test('a record comes back as it was sent, with its log and envelope', async () => {
  const record = flow(1_700_000_000.123456, 'Cback', {
    service: `'"\\\n\t{p0:String}\u0001 中文 😀`,
    orig_bytes: 2 ** 53,
    duration: 1e-9,
    vlan: -1,
    local_orig: false,
    tunnel_parents: ['a,b', `'`],
  });
  await records.insertBatch(envelope('back', { link: 'uplink' }), batchOf('back', { conn: [record] }));
  const [found] = await records.query(only('back'), { from: ['conn'] });
  const { _log, _organisation, _sensor, _link, _network_type, _source, _batch, _marking, ...rest } = found as AnyRecord;
  expect(rest).toEqual(record);
  expect([_log, _organisation, _sensor, _link, _network_type, _source, _marking]).toEqual([
    'conn',
    'back',
    'back-sensor',
    'uplink',
    'computer',
    'test',
    'TLP:AMBER',
  ]);
  expect(_batch).toMatch(/^[0-9a-f]{64}$/);
  // Its own hostile text, as a value of a question, finds it and nothing else.
  const where = { kind: 'text', field: 'service', op: 'equals', value: record['service'] as string, cased: true } as const;
  expect(await records.count('all', { log: 'conn', where })).toBe(1);
  const list = { kind: 'in', field: 'service', values: [record['service'] as string, `x'y`], cased: true } as const;
  expect(await records.count('all', { log: 'conn', where: list })).toBe(1);
});

test('vectors with dots in their names may differ in length', async () => {
  const record = {
    ts: 3,
    fingerprint: 'aa',
    'san.dns': ['a.test', 'b.test'],
    'san.ip': ['10.0.0.1'],
    basic_constraints: undefined,
  };
  await records.insertBatch(envelope('dots'), batchOf('dots', { x509: [record] }));
  const [found] = await records.query(only('dots'), { from: ['x509'] });
  expect(found).toMatchObject({ 'san.dns': ['a.test', 'b.test'], 'san.ip': ['10.0.0.1'] });
});

test('secrets have no column to be written to', async () => {
  const record = { ...flow(1, 'Csecret'), trans_depth: 1, password: 'hunter2' };
  await records.insertBatch(envelope('secret'), batchOf('secret', { http: [record] }));
  expect(JSON.stringify(await records.query(only('secret'), { from: ['http'] }))).not.toContain('hunter2');
  expect(await records.count('all', { log: 'http', where: { kind: 'exists', field: 'password' } })).toBe(0);
});

test('a scope sees its organisations, links and markings, and nothing else', async () => {
  const put = (organisation: string, more: Partial<Envelope>) =>
    records.insertBatch(
      envelope(organisation, more),
      batchOf(`${organisation}-${JSON.stringify(more)}`, { conn: [flow(5, 'Cscope')] }),
    );
  await put('scope-east', { link: 'l1' });
  await put('scope-east', { link: 'l2', marking: 'TLP:RED' });
  await put('scope-west', {});
  const see = async (scope: RecordScope) =>
    (await records.flow(scope, 'Cscope'))['conn']?.map((row) => `${row['_organisation']}/${row['_link'] ?? ''}`).sort() ?? [];
  expect(await see(only('scope-east'))).toEqual(['scope-east/l1', 'scope-east/l2']);
  expect(await see(only('scope-west'))).toEqual(['scope-west/']);
  expect(await see({ organisations: ['scope-east'], links: ['l1'] })).toEqual(['scope-east/l1']);
  expect(await see({ organisations: ['scope-east'], markings: ['TLP:AMBER'] })).toEqual(['scope-east/l1']);
  expect(await see(only())).toEqual([]);
  expect(await see('all')).toHaveLength(3);
  // A condition cannot widen it.
  const everything = {
    kind: 'or',
    of: [
      { kind: 'and', of: [] },
      { kind: 'exists', field: '_organisation' },
    ],
  } as const;
  expect(await records.count(only('scope-west'), { log: 'conn', where: everything })).toBe(1);
});

test('a batch that comes again changes nothing, even after the folder was opened anew', async () => {
  const batch = batchOf('again', {
    conn: [flow(1_600_000_000, 'Ca'), flow(1_700_000_000, 'Cb')],
    dns: [flow(1_700_000_000, 'Ca')],
  });
  await records.insertBatch(envelope('again'), batch);
  await records.insertBatch(envelope('again'), batch);
  await records.close();
  records = await openRecords({ dir, recordTypes, looked, onRead: (one) => void costs.push(one) });
  await records.insertBatch(envelope('again'), batch);
  expect(await records.count(only('again'), { log: 'conn' })).toBe(2);
  expect(await records.count(only('again'), { log: 'dns' })).toBe(1);
});

describe('pages, histograms and frequent values', () => {
  const scope = only('pages');
  beforeAll(async () => {
    // Many records with the same instant: the cursor must not lose or repeat any.
    const list = Array.from({ length: 50 }, (_unused, index) =>
      flow(2_000 + Math.floor(index / 10), `Cp${index}`, {
        service: index % 5 === 0 ? 'dns' : 'ssl',
        'id.orig_p': index,
        tunnel_parents: ['x', `y${index % 2}`],
      }),
    );
    await records.insertBatch(envelope('pages'), batchOf('pages-1', { conn: list.slice(0, 25) }));
    await records.insertBatch(envelope('pages'), batchOf('pages-2', { conn: list.slice(25) }));
  });

  test('pages follow one another, newest first, without gap or repetition, while more comes in', async () => {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await records.search(scope, { log: 'conn', limit: 7, cursor });
      seen.push(...page.items.map((row) => row['id.orig_p'] as number));
      cursor = page.next ?? undefined;
      await records.insertBatch(envelope('pages-other'), batchOf(`other-${seen.length}`, { conn: [flow(9_999, 'Cnew')] }));
    } while (cursor !== undefined);
    expect(seen).toHaveLength(50);
    expect(new Set(seen).size).toBe(50);
    const times = (await records.search(scope, { log: 'conn', limit: 50 })).items.map((row) => row['ts'] as number);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  test('a cursor that is none is refused', async () => {
    await expect(records.search(scope, { log: 'conn', limit: 5, cursor: 'xyz' })).rejects.toMatchObject({
      code: 'records.cursor',
    });
  });

  test('a histogram counts every record of the range once', async () => {
    const asked = { log: 'conn', range: { from: 2_000, to: 2_005 } };
    expect(await records.histogram(scope, { ...asked, buckets: 5 })).toEqual([10, 10, 10, 10, 10]);
    expect((await records.histogram(scope, { ...asked, buckets: 3 })).reduce((sum, count) => sum + count)).toBe(50);
    expect(await records.histogram(scope, { log: 'conn', range: { from: 2_002, to: 2_003 }, buckets: 1 })).toEqual([10]);
  });

  test('frequent values, of fields and of the elements of vectors', async () => {
    expect(await records.top(scope, { log: 'conn', field: 'service', limit: 5 })).toEqual([
      { value: 'ssl', count: 40 },
      { value: 'dns', count: 10 },
    ]);
    expect(await records.top(scope, { log: 'conn', field: 'tunnel_parents', limit: 2 })).toEqual([
      { value: 'x', count: 50 },
      { value: 'y0', count: 25 },
    ]);
    expect(await records.top(scope, { log: 'conn', field: 'id.resp_p', limit: 1 })).toEqual([{ value: 443, count: 50 }]);
    await expect(records.top(scope, { log: 'conn', field: 'x) from y', limit: 1 })).rejects.toMatchObject({
      code: 'records.field',
    });
  });
});

test('several logs in one query: rows of each, groups over all', async () => {
  await records.insertBatch(
    envelope('several'),
    batchOf('several', {
      conn: [flow(10, 'C1', { vlan: 5 }), flow(12, 'C2')],
      ssl: [{ ...flow(11, 'C1'), established: true, version: 'TLSv13' }],
      x509: [{ ts: 13, fingerprint: 'aa', 'certificate.version': 3 }],
    }),
  );
  const rows = await records.query(only('several'), {
    from: ['conn', 'ssl', 'x509'],
    order: [{ field: 'ts', descending: true }],
    limit: 3,
  });
  expect(rows.map((row) => [row['_log'], row['ts']])).toEqual([
    ['x509', 13],
    ['conn', 12],
    ['ssl', 11],
  ]);
  const groups = await records.query(only('several'), {
    from: ['conn', 'ssl', 'x509'],
    group: {
      by: ['uid'],
      aggregates: [
        { kind: 'count', as: 'n"`\'' },
        { kind: 'max', field: 'vlan', as: 'vlan' },
      ],
    },
    having: { kind: 'order', field: 'n"`\'', op: 'gte', value: 1 },
    order: [{ field: 'uid' }],
  });
  expect(groups).toEqual([
    { uid: null, 'n"`\'': 1, vlan: null },
    { uid: 'C1', 'n"`\'': 2, vlan: 5 },
    { uid: 'C2', 'n"`\'': 1, vlan: null },
  ]);
});

test('what cannot be asked is refused with what to do', async () => {
  await expect(records.count('all', { log: 'conn; drop table conn' })).rejects.toMatchObject({ code: 'records.log' });
  const regex = { kind: 'regex', field: 'service', pattern: '(a)\\1', flags: [] } as const;
  await expect(records.count('all', { log: 'conn', where: regex })).rejects.toMatchObject({ code: 'query.regex' });
  const network = { kind: 'cidr', field: 'id.orig_h', network: '10.0.0.1/8' } as const;
  await expect(records.count('all', { log: 'conn', where: network })).rejects.toMatchObject({ code: 'query.network' });
  // Patterns without a field are sought in every column, so a text of 20,000 characters can grow beyond what ClickHouse parses.
  const words = parsePredicate(Array.from({ length: 1_300 }, (_, i) => `*wo?d${i}`).join(' or '));
  await expect(records.count('all', { log: 'http', where: words })).rejects.toMatchObject({ code: 'records.condition' });
  // Words that are looked for together do not.
  const plain = parsePredicate(Array.from({ length: 1_300 }, (_, i) => `word${i}`).join(' or '));
  expect(await records.count('all', { log: 'http', where: plain })).toBe(0);
});

test('times far away, before 1970 and after 2100, are kept and found', async () => {
  await records.insertBatch(
    envelope('far'),
    batchOf('far', { conn: [-1e12, -1, 0, 5e9, 1e15].map((ts, index) => flow(ts, `Cf${index}`)) }),
  );
  const { items } = await records.search(only('far'), { log: 'conn', limit: 10 });
  expect(items.map((row) => row['ts'])).toEqual([1e15, 5e9, 0, -1, -1e12]);
});

describe('many records', () => {
  // Three hours and a bit, two organisations; every seventh flow of east is ssh, and one alone has an address of its own.
  const start = 1_800_000_017.5;
  const seconds = 11_003;
  const many = 60_000;
  const scope = only('many-east');
  const range = { from: start, to: start + seconds };
  const everything = { kind: 'exists', field: 'ts' } as const;
  const ssh = { kind: 'text', field: 'service', op: 'equals', value: 'ssh' } as const;
  const alone = { kind: 'text', field: 'id.orig_h', op: 'equals', value: '10.9.9.9' } as const;
  beforeAll(async () => {
    for (const organisation of ['many-east', 'many-west']) {
      const list = Array.from({ length: many }, (_unused, index) =>
        flow(start + (index * seconds) / many, `C${organisation}${index}`, {
          service: index % 7 === 0 ? 'ssh' : 'dns',
          'id.orig_h': index === 100 ? '10.9.9.9' : '10.0.0.1',
        }),
      );
      await records.insertBatch(envelope(organisation), batchOf(organisation, { conn: list }));
    }
  });

  test('what is counted by the minute is what is counted row by row, wherever the borders lie', async () => {
    const pieces = [
      [range, 1],
      [range, 7],
      [{ from: start + 0.3, to: start + seconds - 61.25 }, 3],
      [{ from: 1_800_000_000, to: 1_800_007_200 }, 2],
      [{ from: start - 1e6, to: start + 1e6 }, 40],
      [{ from: start + 59, to: start + 61 }, 1],
    ] as const;
    for (const [asked, buckets] of pieces) {
      const counted = await records.histogram(scope, { log: 'conn', range: asked, buckets });
      expect(counted).toEqual(await records.histogram(scope, { log: 'conn', range: asked, buckets, where: everything }));
      const sum = counted.reduce((all, count) => all + count, 0);
      expect(await records.count(scope, { log: 'conn', range: asked })).toBe(sum);
      expect(await records.count(scope, { log: 'conn', range: asked, where: everything })).toBe(sum);
      expect((await records.counts(scope, { range: asked })).find(({ log }) => log === 'conn')?.count ?? 0).toBe(sum);
    }
    expect(await records.count(scope, { log: 'conn', range })).toBe(many);
    expect(await records.count({ organisations: ['many-east'], markings: ['TLP:RED'] }, { log: 'conn', range })).toBe(0);
    expect(await records.count(only(), { log: 'conn', range })).toBe(0);
  });

  test('bars of whole minutes may begin before the range and end after it, and hold what lies in it', async () => {
    const bars = { from: 1_799_999_400, seconds: 1_200 };
    const counted = await records.histogram(scope, { log: 'conn', range, buckets: 10, bars });
    expect(counted.reduce((sum, count) => sum + count)).toBe(many);
    expect(counted).toEqual(await records.histogram(scope, { log: 'conn', range, buckets: 10, bars, where: everything }));
    expect(counted[1]).toBe(Math.round((many / seconds) * 1_200));
  });

  test('sums by link, a row a minute or record by record', async () => {
    const put = (link: string) =>
      records.insertBatch(
        envelope('sums', { link }),
        batchOf(`sums-${link}`, {
          conn: Array.from({ length: 30 }, (_unused, index) =>
            flow(1_850_000_000 + index * 40, `Csum${link}${index}`, { orig_ip_bytes: 2 ** 53, resp_ip_bytes: index }),
          ),
        }),
      );
    await put('sum-a');
    await put('sum-b');
    const asked = { log: 'conn', by: '_link', of: ['sum-a', 'sum-c'], fields: ['orig_ip_bytes', 'resp_ip_bytes'] } as const;
    // 1,850,000,000 is no whole minute; the first of these ranges begins at one.
    for (const from of [1_849_999_980, 1_849_999_985]) {
      const found = await records.sums(only('sums'), { ...asked, range: { from, to: from + 1_200 }, seconds: 600 });
      expect(found.map(({ of, bucket, count }) => [of, bucket, count])).toEqual([
        ['sum-a', 0, 15],
        ['sum-a', 1, 15],
      ]);
      expect(found.map(({ sums }) => sums)).toEqual([
        [15 * 2 ** 53, 105],
        [15 * 2 ** 53, 330],
      ]);
    }
    const whole = { range: { from: 1_849_999_980, to: 1_850_001_180 }, seconds: 600 };
    expect(await records.sums(only('others'), { ...asked, ...whole })).toEqual([]);
    expect(await records.sums(only('sums'), { ...asked, ...whole, of: [] })).toEqual([]);
    await expect(records.sums('all', { ...asked, ...whole, fields: ['nothing'] })).rejects.toMatchObject({
      code: 'records.field',
    });
  });

  test('a rough answer says that it is one and is near; of few records it is exact', async () => {
    const asked = { log: 'conn', range, buckets: 6 };
    const rough = await records.roughHistogram(scope, { ...asked, where: ssh });
    const exact = await records.histogram(scope, { ...asked, where: ssh });
    expect(rough.looked).toBeGreaterThan(0.1);
    expect(rough.looked).toBeLessThan(0.8);
    for (const [index, count] of exact.entries()) expect(Math.abs(rough.counts[index]! - count)).toBeLessThan(count * 0.2);
    expect(await records.roughHistogram(scope, asked)).toEqual({ counts: await records.histogram(scope, asked), looked: 1 });
    const short = { log: 'conn', range: { from: start, to: start + 600 }, buckets: 6, where: ssh };
    expect(await records.roughHistogram(scope, short)).toEqual({ counts: await records.histogram(scope, short), looked: 1 });

    const top = await records.roughTop(scope, { log: 'conn', range, field: 'service', limit: 5 });
    expect(top.looked).toBeLessThan(0.8);
    expect(top.values.map(({ value }) => value)).toEqual(['dns', 'ssh']);
    expect(Math.abs(top.values[1]!.count - many / 7)).toBeLessThan((many / 7) * 0.2);
    // Of values that were met once nothing can be said; of nobody's records there is none.
    expect((await records.roughTop(scope, { log: 'conn', range, field: 'uid', limit: 5 })).values).toEqual([]);
    expect((await records.roughTop(only(), { log: 'conn', range, field: 'service', limit: 5 })).values).toEqual([]);
    expect((await records.roughHistogram(only(), { ...asked, where: ssh })).counts).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('a page looks through so many records and says how far it came; the pages together find everything once', async () => {
    const found: number[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await records.search(scope, { log: 'conn', range, where: ssh, limit: 500, cursor });
      found.push(...page.items.map((row) => row['ts'] as number));
      cursor = page.next ?? undefined;
      expect((pages += 1)).toBeLessThan(100);
    } while (cursor !== undefined);
    expect(found).toHaveLength(Math.ceil(many / 7));
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual([...found].sort((a, b) => b - a));

    // Near its start stands what the newest pages do not hold: they are empty, and go on.
    const inside = { ...alone, op: 'contains', value: '.9.9.9' } as const;
    const first = await records.search(scope, { log: 'conn', range, where: inside, limit: 100 });
    expect(first.items).toEqual([]);
    expect(first.reached).toBeGreaterThan(start);
    let last = first;
    const reached = [first.reached!];
    for (; last.next !== null && last.items.length === 0; reached.push(last.reached!))
      last = await records.search(scope, { log: 'conn', range, where: inside, limit: 100, cursor: last.next });
    expect(last.items.map((row) => row['uid'])).toEqual(['Cmany-east100']);
    expect(reached.length).toBeGreaterThan(2);
    // A filter leaves out what lies between, and one page looks as far.
    const { items } = await records.search(scope, { log: 'conn', range, where: alone, limit: 100 });
    expect(items.map((row) => row['uid'])).toEqual(['Cmany-east100']);
  });

  test('a page is read from some granules, and the next goes on after its last record', async () => {
    // One in three thousand lies in nearly every granule.
    const every = {
      kind: 'in',
      field: 'uid',
      values: Array.from({ length: 20 }, (_, one) => `Cmany-east${one * 3_000}`),
    } as const;
    const found: unknown[] = [];
    let cursor: string | undefined;
    let partial = 0;
    do {
      const page = await records.search(scope, { log: 'conn', range, where: every, limit: 100, cursor });
      found.push(...page.items.map((row) => row['uid']));
      if (page.items.length > 0 && page.reached === page.items.at(-1)!['ts']) partial += 1;
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(found).toEqual(every.values.toReversed());
    expect(partial).toBeGreaterThan(0);
  });

  test('the logs with records in a range, of everybody and of one', async () => {
    const whole = { range: { from: start - 7_200, to: start + seconds + 7_200 } };
    expect(await records.logsWith(scope, whole)).toEqual(['conn']);
    expect(await records.logsWith(only('nobody'), whole)).toEqual([]);
    expect(await records.logsWith(scope, { range: { from: start - 1, to: start + 1 } })).toEqual(['conn']);
    expect(await records.logsWith(scope, { range: { from: start - 2, to: start } })).toEqual([]);
    const all = { range: { from: 0, to: 4e9 } };
    expect(await records.logsWith('all', all)).toEqual((await records.counts('all', all)).map(({ log }) => log));
  });

  test('the newest page reads the end of the table, not all of it', async () => {
    const inserted = 100_000;
    const dns = Array.from({ length: inserted }, (_unused, index) => ({ ts: 1_900_000_000 + index, uid: `Clong${index}` }));
    await records.insertBatch(envelope('many-long'), batchOf('many-long', { dns }));
    costs.length = 0;
    const { items } = await records.search('all', { log: 'dns', range: { from: 1_900_000_000, to: 1_901_000_000 }, limit: 50 });
    expect(items[0]!['ts']).toBe(1_900_000_000 + inserted - 1);
    expect(costs.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThan(inserted / 2);
  });
});
