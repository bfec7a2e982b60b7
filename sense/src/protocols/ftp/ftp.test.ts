import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Direction, ExpectedFlow } from '../protocol.ts';
import { type Arrival, ascii, cut, flowOf, run } from '../trial.ts';
import { ftpData } from './data.ts';
import { ftp } from './ftp.ts';
import { extendedPlaceOf, pathBelow, placeOf, quotedPath } from './places.ts';

const flow = flowOf('tcp', 21);
let clock = 0;
const there = (text: string): Arrival => ({ direction: 0, ts: ++clock, bytes: ascii(text) });
const back = (text: string): Arrival => ({ direction: 1, ts: ++clock, bytes: ascii(text) });
const written = (arrivals: readonly Arrival[]): AnyRecord[] => run(ftp, flow, arrivals).records.map(({ record }) => record);

const login = [
  back('220 FTP\r\n'),
  there('USER bob\r\n'),
  back('331 Password\r\n'),
  there('PASS s3cret-W0rd\r\n'),
  back('230 In\r\n'),
];

describe('data flows', () => {
  test('are announced where they will arrive', () => {
    const at = clock;
    const { expected } = run(ftp, flow, [
      ...login,
      there('PASV\r\n'),
      back('227 Entering (198,51,100,1,200,10)\r\n'),
      there('EPSV\r\n'),
      back('229 Entering (|||51211|)\r\n'),
      there('PORT 192,0,2,1,156,66\r\n'),
    ]);
    expect(at).toBeLessThan(clock);
    expect(expected.map(({ host, port, service }) => `${service} ${host}:${port}`)).toEqual([
      'ftp-data 198.51.100.1:51210',
      'ftp-data 198.51.100.1:51211',
      'ftp-data 192.0.2.1:40002',
    ]);
  });

  test('to other hosts or to ports of services are not', () => {
    const { expected, weirds } = run(ftp, flow, [
      ...login,
      there('PORT 203,0,113,9,200,10\r\n'),
      back('200 OK\r\n'),
      there('PORT 192,0,2,1,0,25\r\n'),
    ]);
    expect(expected).toEqual([]);
    expect(weirds.map(({ name }) => name)).toEqual(['FTP_port_of_another_host', 'FTP_port_of_a_service']);
  });

  test('carry a file, which the transfer names', () => {
    const parser = (() => {
      const records: AnyRecord[] = [];
      let announced: ExpectedFlow | undefined;
      const emit = {
        record: (_log: string, record: AnyRecord) => void records.push(record),
        weird: () => {},
        confirm: () => {},
        giveWay: () => {},
        expect: (one: ExpectedFlow) => void (announced = one),
        file: () => ({ id: 'Fdata', mediaType: 'application/zip', data: () => {}, gap: () => {}, end: () => {} }),
      };
      return { control: ftp.open(flow, emit), emit, records, announced: () => announced };
    })();
    const tell = (direction: Direction, text: string): void => parser.control.data(direction, ascii(text), 0, text.length, 1);
    tell(1, '220 FTP\r\n');
    tell(0, 'PASV\r\n');
    tell(1, '227 Entering (198,51,100,1,200,10)\r\n');
    tell(0, 'RETR a.zip\r\n');
    tell(1, '150 Go\r\n');
    const data = ftpData.open(flowOf('tcp', 51_210, 40_001, parser.announced()), parser.emit);
    data.data(1, ascii('PK'), 0, 2, 2);
    data.finish(3);
    tell(1, '226 Done\r\n');
    tell(0, 'QUIT\r\n');
    expect(parser.records.at(-1)).toMatchObject({ command: 'RETR', fuid: 'Fdata', mime_type: 'application/zip' });
  });

  test('with and without holes', () => {
    const records = (arrivals: readonly Arrival[]) =>
      run(ftpData, flowOf('tcp', 51_210), arrivals).records.map(({ record }) => record);
    const sha1 = createHash('sha1').update('whole file').digest('hex');
    expect(records([back('whole '), back('file')])).toMatchObject([{ source: 'FTP_DATA', is_orig: false, sha1 }]);
    const [holed] = records([back('whole '), { direction: 1, ts: ++clock, missing: 5_000_000_000 }, back('file')]);
    expect(holed).toMatchObject({ missing_bytes: 5_000_000_000 });
    expect(holed).not.toHaveProperty('sha1');
    expect(records([])).toEqual([]);
  });
});

test('passwords are kept nowhere, in order or in part', () => {
  for (const arrivals of [
    login,
    [there('PASS s3cret-W0rd\r\n')],
    [there('USER bob\r\nPASS s3cret-W0rd\r\nACCT s3cret-W0rd\r\n')],
  ]) {
    expect(JSON.stringify(run(ftp, flow, arrivals))).not.toContain('s3cret');
  }
});

test('behind AUTH both directions are TLS', () => {
  const { gaveWay } = run(ftp, flow, [back('220 FTP\r\n'), there('AUTH TLS\r\n'), back('234 Go\r\n\x16\x03\x01')]);
  expect(gaveWay).toEqual({ service: 'ssl', rest: ascii('\x16\x03\x01') });
});

test('replies of several lines are one, also where they end with another code', () => {
  expect(written([...login, there('RETR a\r\n'), back('150-One\r\n Two\r\n150 Three\r\n226 Done\r\n')]).at(-1)).toMatchObject({
    reply_code: 226,
    reply_msg: 'Done',
  });
});

test('commands that do not wait find their replies', () => {
  const records = written([
    ...login,
    there('DELE a\r\nDELE b\r\nPASV\r\n'),
    back('250 a gone\r\n550 b: no such file\r\n227 (198,51,100,1,200,10)\r\n'),
  ]);
  expect(records.slice(1).map(({ command, reply_code: code }) => `${command} ${code}`)).toEqual([
    'DELE 250',
    'DELE 550',
    'PASV 227',
  ]);
});

test('reading goes on behind a gap with the next line', () => {
  const records = written([...login, { direction: 0, ts: ++clock, missing: 9 }, there('DELE a\r\n'), back('250 Gone\r\n')]);
  expect(records.at(-1)).toMatchObject({ command: 'DELE', reply_code: 250 });
  const middle = written([
    ...login,
    { direction: 0, ts: ++clock, missing: 9 },
    there('the rest\r\nDELE a\r\n'),
    back('250 Gone\r\n'),
  ]);
  expect(middle.at(-1)).toMatchObject({ command: 'DELE', reply_code: 250 });
});

test('lines without end and commands without end are held up to their ceilings', () => {
  const outcome = run(ftp, flow, [...login, there(`RETR ${'a'.repeat(100_000)}\r\n`), there('NOOP\r\n'.repeat(500))]);
  expect(outcome.records.length).toBeLessThan(5);
  expect(JSON.stringify(outcome.records).length).toBeLessThan(20_000);
});

test('any split of the streams gives the same records', () => {
  const requests = ascii('USER bob\r\nPASS x\r\nCWD a\r\nPASV\r\nRETR b\r\nEPRT |2|::1|5000|\r\nQUIT\r\n');
  const replies = ascii(
    '220-Hi\r\n220 FTP\r\n331 P\r\n230 In\r\n250 C\r\n227 (198,51,100,1,200,10)\r\n150 Go\r\n226 Done\r\n500 No\r\n221 Bye\r\n',
  );
  const outcomeOf = (first: number[], second: number[]) =>
    run(ftp, flow, [
      ...cut({ direction: 0, ts: 1, bytes: requests }, first),
      ...cut({ direction: 1, ts: 2, bytes: replies }, second),
    ]);
  const whole = outcomeOf([], []);
  expect(whole.records.length).toBeGreaterThan(2);
  const places = fc.array(fc.nat(300), { maxLength: 30 });
  fc.assert(
    fc.property(places, places, (first, second) => void expect(outcomeOf(first, second)).toEqual(whole)),
    { numRuns: 500 },
  );
});

describe('places', () => {
  test.each([
    ['192,0,2,1,4,1', { host: '192.0.2.1', port: 1_025 }],
    ['Entering Passive Mode (192,0,2,1,4,1).', { host: '192.0.2.1', port: 1_025 }],
    ['256,0,2,1,4,1', undefined],
    ['1,2,3', undefined],
  ])('%s', (text, place) => expect(placeOf(text)).toEqual(place));
  test.each([
    ['|1|132.235.1.2|6275|', { host: '132.235.1.2', port: 6_275 }],
    ['|2|1080::8:800:200C:417A|5282|', { host: '1080::8:800:200c:417a', port: 5_282 }],
    ['Entering Extended Passive Mode (|||6446|)', { host: '', port: 6_446 }],
    ['|1|999.1.1.1|6275|', undefined],
    ['|||99999|', undefined],
  ])('%s', (text, place) => expect(extendedPlaceOf(text)).toEqual(place));
  test.each([
    ['.', 'a', './a'],
    ['./a', '../b', './b'],
    ['/a/b', '..', '/a'],
    ['/a', '/c//d/./e', '/c/d/e'],
    ['/', '../..', '/'],
  ])('%s and %s is %s', (folder, path, whole) => expect(pathBelow(folder, path)).toBe(whole));
  test('in quotes', () => expect(quotedPath('"/a ""b""" is current')).toBe('/a "b"'));
});

describe('probe', () => {
  const ask = (text: string, direction: Direction, usual = false) => ftp.probe(ascii(text), 0, text.length, direction, usual);
  test('knows it by greeting, login or first command', () => {
    expect(ask('220 ProFTPD Server\r\n', 1)).toBe('yes');
    expect(ask('220 ready\r\n', 1)).toBe('more');
    expect(ask('220 ready\r\n', 1, true)).toBe('yes');
    expect(ask('USER bob\r\n', 0)).toBe('more');
    expect(ask('USER bob\r\n', 0, true)).toBe('yes');
    expect(ask('331 Password required\r\n', 1)).toBe('yes');
    expect(ask('220-Hello\r\n220 there\r\n331 Password required\r\n', 1)).toBe('yes');
    expect(ask('220 Hello\r\n250 there\r\n', 1)).toBe('no');
    expect(ask('AUTH TLS\r\n', 0)).toBe('yes');
  });
  test('does not take other protocols', () => {
    for (const usual of [false, true]) {
      expect(ask('220 mail ESMTP\r\n', 1, usual)).toBe('no');
      expect(ask('+OK ready\r\n', 1, usual)).toBe('no');
      expect(ask('EHLO me\r\n', 0, usual)).toBe('no');
      expect(ask('GET / HTTP/1.1\r\n', 0, usual)).toBe('no');
    }
  });
  test('never claims data that nobody announced', () => expect(ftpData.probe(ascii('220'), 0, 3, 1, true)).toBe('no'));
});
