import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, ascii, cut, flowOf, hex, run } from '../trial.ts';
import { mysql } from './mysql.ts';

const flow = flowOf('tcp', 3306);

/** One packet: length, number, body. */
function packet(sequence: number, ...parts: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.from([body.length & 255, (body.length >> 8) & 255, body.length >> 16, sequence]), body]);
}

const u16 = (value: number): Uint8Array => Uint8Array.from([value & 255, (value >> 8) & 255]);
const u32 = (value: number): Uint8Array => Uint8Array.from([value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24]);

const greeting = (flags: number): Uint8Array =>
  packet(
    0,
    ascii('\x0a8.0.36\0'),
    u32(9),
    ascii('12345678\0'),
    u16(flags),
    hex('08 0200'),
    u16(flags >>> 16),
    hex('15 00000000000000000000'),
    ascii('123456789012\0'),
  );
const login = (flags: number, user: string): Uint8Array =>
  packet(1, u32(flags), u32(1 << 24), hex('08'), new Uint8Array(23), ascii(`${user}\0`), hex('04 01020304'));
const ok = (sequence: number, rows = 0): Uint8Array => packet(sequence, Uint8Array.from([0, rows, 0, 2, 0, 0, 0]));
const query = (text: string): Uint8Array => packet(0, ascii(`\x03${text}`));

const from = (bytes: Uint8Array): Arrival => ({ direction: 1, ts: 1, bytes });
const to = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });
const written = (...arrivals: Arrival[]) => run(mysql, flow, arrivals).records.map(({ record }) => record);

const flags41 = 0x200;
const session = [from(greeting(flags41)), to(login(flags41, 'clerk')), from(ok(2))];

describe('answers', () => {
  test('a result set whose columns end without EOF (CLIENT_DEPRECATE_EOF)', () => {
    const flags = flags41 | 0x1000000;
    const records = written(
      from(greeting(flags)),
      to(login(flags, 'clerk')),
      from(ok(2)),
      to(query('select 1')),
      from(
        Buffer.concat([
          packet(1, hex('01')),
          packet(2, ascii('\x03def')),
          packet(3, ascii('\x011')),
          packet(4, hex('fe 00 00 0200 0000')),
        ]),
      ),
      to(packet(0, hex('0e'))),
      from(ok(1)),
    );
    expect(records).toMatchObject([{ cmd: 'login' }, { cmd: 'query', success: true, rows: 0 }, { cmd: 'ping', success: true }]);
  });
  test('an error in the midst of rows is the outcome', () => {
    expect(
      written(
        ...session,
        to(query('select sleep(9)')),
        from(
          Buffer.concat([
            packet(1, hex('01')),
            packet(2, ascii('\x03def')),
            packet(3, hex('fe 0000 0200')),
            packet(4, hex('ff 2505'), ascii('#70100killed')),
          ]),
        ),
      ),
    ).toMatchObject([{}, { cmd: 'query', success: false, response: 'killed' }]);
  });
  test('query attributes stand before the text', () => {
    const flags = flags41 | 0x8000000;
    const attributed = packet(0, hex('03 01 01 00 01 fe00 02 6b31 03 616263'), ascii('select 2'));
    expect(
      written(
        from(greeting(flags)),
        to(login(flags, 'clerk')),
        from(ok(2)),
        to(attributed),
        to(packet(0, hex('03 00 01'), ascii('select 3'))),
      ).slice(1),
    ).toMatchObject([{ arg: 'select 2' }, { arg: 'select 3' }]);
  });
  test('parameters of prepared statements are not written', () => {
    const records = written(...session, to(packet(0, ascii('\x17\x01\0\0\0secret'))), from(ok(1)));
    expect(records[1]).toMatchObject({ cmd: 'stmt_execute', arg: '', success: true });
  });
  test('a file that the client loads holds no commands, however its packets are numbered', () => {
    const file = Array.from({ length: 300 }, (_, i) => packet((i + 2) & 255, ascii('\x03drop table t')));
    expect(
      written(
        ...session,
        to(query('load data local infile x')),
        from(packet(1, ascii('\xfbx'))),
        to(Buffer.concat([...file, packet(46, new Uint8Array(0))])),
        from(ok(47, 9)),
      ),
    ).toMatchObject([{}, { arg: 'load data local infile x', success: true, rows: 9 }]);
  });
  test('reports of progress are no errors (MariaDB)', () => {
    const report = packet(1, hex('ff ffff 01 02 03 e80300'), ascii('\x04copy'));
    expect(written(...session, to(query('alter table t force')), from(report), from(ok(2, 4)))[1]).toMatchObject({
      success: true,
      rows: 4,
    });
  });
  test('an unanswered command is written at the end', () => {
    expect(written(...session, to(query('select 1')))[1]).not.toHaveProperty('success');
  });
});

test('TLS is given way to, in the place where it begins', () => {
  const request = packet(1, u32(flags41 | 0x800), u32(1 << 24), hex('08'), new Uint8Array(23));
  const outcome = run(mysql, flow, [from(greeting(flags41 | 0x800)), to(Buffer.concat([request, hex('16 0301')]))]);
  expect(outcome.gaveWay).toEqual({ service: 'ssl', rest: hex('16 0301') });
  expect(outcome.records).toEqual([]);
  expect(outcome.confirmed).toBe(true);
});

test('a compressed session is not read behind its login', () => {
  const flags = flags41 | 0x20;
  expect(written(from(greeting(flags)), to(login(flags, 'clerk')), from(ok(2)), to(query('select 1')))).toMatchObject([
    { cmd: 'login' },
  ]);
});

test('any cutting gives the same records, and rows cost nothing', () => {
  const rows = Buffer.concat([
    packet(1, hex('01')),
    packet(2, ascii('\x03def')),
    packet(3, hex('fe 0000 0200')),
    packet(4, new Uint8Array(5_000)),
    packet(5, hex('fe 0000 0200')),
    ok(1, 7),
  ]);
  const build = (places: readonly number[]) =>
    run(mysql, flow, [...session, to(query('select 1')), ...cut({ direction: 1, ts: 1, bytes: rows }, places)]);
  const whole = build([]);
  expect(whole.records).toHaveLength(2);
  fc.assert(fc.property(fc.array(fc.nat(6_000), { maxLength: 20 }), (places) => void expect(build(places)).toEqual(whole)));
  expect(
    written(
      ...session,
      to(query('select 1')),
      from(rows.subarray(0, 40)),
      { direction: 1, ts: 1, missing: 4_980 },
      to(query('select 2')),
    ),
  ).toMatchObject([{}, { arg: 'select 1' }, { arg: 'select 2' }]);
});

test('mutated conversations never throw', () => {
  const good = [
    ...session,
    to(query('select 1')),
    from(Buffer.concat([packet(1, hex('01')), packet(2, ascii('\x03def')), ok(3)])),
  ];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(90), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const arrivals = good.map((arrival) => ({ ...arrival, bytes: Uint8Array.from((arrival as { bytes: Uint8Array }).bytes) }));
      for (const [which, at, value] of changes) arrivals[which]!.bytes[at % arrivals[which]!.bytes.length] = value;
      expect(run(mysql, flow, arrivals).records.length).toBeLessThan(8);
    }),
    { numRuns: 1_000 },
  );
});

describe('probe', () => {
  const ask = (bytes: Uint8Array, direction: 0 | 1, usual = false) => mysql.probe(bytes, 0, bytes.length, direction, usual);
  test('a greeting is proof on any port; the client is never first', () => {
    expect(ask(greeting(flags41), 1)).toBe('yes');
    expect(ask(greeting(flags41).subarray(0, 6), 1)).toBe('more');
    expect(ask(login(flags41, 'clerk'), 0)).toBe('no');
    expect(ask(hex('4a000000 0b 352e37 00 0000000000000000'), 1)).toBe('no');
  });
  test('an error as the first packet only on the usual port', () => {
    const blocked = packet(0, hex('ff 6a04'), ascii('Host is not allowed'));
    expect(ask(blocked, 1, true)).toBe('yes');
    expect(ask(blocked, 1)).toBe('no');
  });
});
