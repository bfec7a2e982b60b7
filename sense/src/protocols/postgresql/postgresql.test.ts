import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, ascii, cut, flowOf, hex, run } from '../trial.ts';
import { postgresql } from './postgresql.ts';

const flow = flowOf('tcp', 5432);

function message(type: string, body: string): Uint8Array {
  const bytes = ascii(`${type}\0\0\0\0${body}`);
  new DataView(bytes.buffer).setUint32(type.length, body.length + 4);
  return bytes;
}

const to = (...parts: Uint8Array[]): Arrival => ({ direction: 0, ts: 1, bytes: Buffer.concat(parts) });
const from = (...parts: Uint8Array[]): Arrival => ({ direction: 1, ts: 1, bytes: Buffer.concat(parts) });
const written = (...arrivals: Arrival[]) => run(postgresql, flow, arrivals).records.map(({ record }) => record);

const start = message('', '\0\x03\0\0user\0clerk\0database\0shop\0application_name\0psql\0\0');
const ready = (status = 'I') => message('Z', status);
const session = [to(start), from(message('R', '\0\0\0\0'), message('K', '12345678'), ready())];

describe('queries', () => {
  test('parsed statements are written with their text, parameters are not', () => {
    const records = written(
      ...session,
      to(message('P', 's1\0select $1\0\0\0'), message('B', '\0s1\0secret'), message('E', '\0\0\0\0\0'), message('S', '')),
      from(message('1', ''), message('2', ''), message('D', '\0\0'), message('C', 'SELECT 1\0'), ready()),
      to(message('B', '\0s1\0secret'), message('E', '\0\0\0\0\0'), message('S', '')),
      from(message('2', ''), message('D', '\0\0'), message('D', '\0\0'), ready()),
    );
    expect(records.slice(1)).toMatchObject([
      { frontend: 'parse', frontend_arg: 'select $1', rows: 1, success: true },
      { frontend: 'execute', rows: 2, success: true },
    ]);
    expect(JSON.stringify(records)).not.toContain('secret');
  });
  test('a failed transaction and an error', () => {
    const error = message('E', 'SERROR\0VERROR\0C42P01\0Mrelation "t" does not exist\0zodd\0\0');
    expect(
      written(
        ...session,
        to(message('Q', 'select * from t\0')),
        from(error, ready('E')),
        to(message('Q', 'select 1\0')),
        from(ready('E')),
      ).slice(1),
    ).toMatchObject([
      {
        success: false,
        backend: 'error',
        backend_arg: expect.stringContaining('Code=42P01,Message=relation "t" does not exist,UnknownErrorIdz=odd'),
      },
      { frontend_arg: 'select 1', success: false },
    ]);
  });
  test('notices stand beside the query', () => {
    expect(written(...session, to(message('Q', 'x\0')), from(message('N', 'SNOTICE\0Mhello\0\0'), ready()))[1]).toMatchObject({
      backend_arg: 'SeverityLocalized=NOTICE,Message=hello',
      success: true,
    });
  });
  test('copied data are passed over, seen or missing', () => {
    const copied = message('d', 'x'.repeat(5_000));
    expect(
      written(
        ...session,
        to(message('Q', 'COPY t FROM STDIN\0')),
        from(message('G', '\0\0\0')),
        to(copied.subarray(0, 10)),
        { direction: 0, ts: 1, missing: 4_990 },
        to(copied.subarray(5_000), message('c', '')),
        from(ready()),
      ),
    ).toMatchObject([{}, { frontend_arg: 'COPY t FROM STDIN', success: true }]);
  });
});

test('TLS and GSSAPI', () => {
  const outcome = run(postgresql, flow, [to(hex('00000008 04d2162f')), from(ascii('S'), hex('16 03'))]);
  expect(outcome.records).toMatchObject([{ record: { frontend: 'ssl_request', backend_arg: 'S', success: true } }]);
  expect(outcome.gaveWay).toEqual({ service: 'ssl', rest: hex('16 03') });
  expect(written(to(hex('00000008 04d21630')), from(ascii('G')), to(hex('00112233')))).toMatchObject([
    { frontend: 'gssenc_request', success: true },
  ]);
  expect(written(to(hex('00000008 04d2162f')), from(message('E', 'SFATAL\0\0')))).toMatchObject([
    { frontend: 'ssl_request', backend: 'error', success: false },
  ]);
});

test('any cutting gives the same records', () => {
  const there = Buffer.concat([start, message('Q', 'select 1\0'), message('P', '\0select 2\0'), message('X', '')]);
  const build = (places: readonly number[]) => run(postgresql, flow, cut({ direction: 0, ts: 1, bytes: there }, places));
  expect(build([]).records).toHaveLength(4);
  fc.assert(fc.property(fc.array(fc.nat(120), { maxLength: 20 }), (places) => void expect(build(places)).toEqual(build([]))));
});

test('mutated conversations never throw', () => {
  const good = [
    ...session,
    to(message('Q', 'select 1\0')),
    from(message('E', 'SERROR\0Mno\0\0'), message('R', '\0\0\0\x0b'), ready()),
  ];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(90), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const arrivals = good.map((arrival) => ({ ...arrival, bytes: Uint8Array.from((arrival as { bytes: Uint8Array }).bytes) }));
      for (const [which, at, value] of changes) arrivals[which]!.bytes[at % arrivals[which]!.bytes.length] = value;
      expect(run(postgresql, flow, arrivals).records.length).toBeLessThan(12);
    }),
    { numRuns: 1_000 },
  );
});

test('probe', () => {
  const ask = (bytes: Uint8Array, direction: 0 | 1 = 0) => postgresql.probe(bytes, 0, bytes.length, direction, false);
  expect(ask(start)).toBe('yes');
  expect(ask(start.subarray(0, 7))).toBe('more');
  expect(ask(hex('00000008 04d2162f'))).toBe('yes');
  expect(ask(hex('00000010 04d2162e 00000001 00000002'))).toBe('yes');
  expect(ask(hex('00000010 00020000 7573657200'))).toBe('no');
  expect(ask(hex('00000010 00030000 55736572'))).toBe('no');
  expect(ask(start, 1)).toBe('no');
});
