import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Direction } from '../protocol.ts';
import { type Arrival, ascii, cut, flowOf, run } from '../trial.ts';
import { imap } from './imap.ts';

const flow = flowOf('tcp', 143);
let clock = 0;
const there = (text: string): Arrival => ({ direction: 0, ts: ++clock, bytes: ascii(text) });
const back = (text: string): Arrival => ({ direction: 1, ts: ++clock, bytes: ascii(text) });

test('the parts of a whole mail become files; other literals do not', () => {
  const mail = 'Content-Type: text/plain; name="a.txt"\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n';
  const fetched = (what: string): Arrival =>
    back(`* 1 FETCH (UID 7 ${what} {${mail.length}}\r\n${mail} FLAGS (\\Seen))\r\na OK done\r\n`);
  const files = (...arrivals: Arrival[]) => run(imap, flow, arrivals).records.filter(({ log }) => log === 'files');
  const wanted = { source: 'IMAP', is_orig: false, seen_bytes: 5, filename: 'a.txt', md5: '5d41402abc4b2a76b9719d911017c592' };
  for (const what of ['BODY[]', 'RFC822', 'body[]']) {
    expect(files(back('* OK hi\r\n'), there('a FETCH 1 x\r\n'), fetched(what))).toMatchObject([{ record: wanted }]);
  }
  for (const what of ['BODY[HEADER]', 'BODY[1]', 'BODY[]<512>']) {
    expect(files(back('* OK hi\r\n'), there('a FETCH 1 x\r\n'), fetched(what))).toEqual([]);
  }
  const [first, last] = [mail.slice(0, 79), mail.slice(82)];
  const cutShort = files(
    back('* OK hi\r\n'),
    back(`* 1 FETCH (BODY[] {${mail.length}}\r\n${first}`),
    { direction: 1, ts: ++clock, missing: 3 },
    back(`${last})\r\na OK done\r\n`),
  );
  expect(cutShort).toHaveLength(1);
  expect(cutShort[0]!.record['md5']).toBeUndefined();
});

describe('STARTTLS', () => {
  test('behind its answer both directions are TLS', () => {
    const { gaveWay, confirmed } = run(imap, flow, [
      back('* OK hi\r\n'),
      there('a STARTTLS\r\n'),
      back('* note\r\na OK go\r\n\x16\x03\x01'),
    ]);
    expect(confirmed).toBe(true);
    expect(gaveWay).toEqual({ service: 'ssl', rest: ascii('\x16\x03\x01') });
  });
  test('refused, or in a mail of either direction, changes nothing', () => {
    expect(run(imap, flow, [back('* OK hi\r\n'), there('a STARTTLS\r\n'), back('a NO\r\n')]).gaveWay).toBeUndefined();
    const fetched = '* 1 FETCH (BODY[] {24}\r\n\r\na OK\r\nb OK STARTTLS\r\n\r\n)\r\na OK done\r\n';
    expect(
      run(imap, flow, [back('* OK hi\r\n'), there('a FETCH 1 BODY[]\r\n'), back(fetched), there('b NOOP\r\n')]).gaveWay,
    ).toBeUndefined();
    const appended = [there('c APPEND box {14+}\r\nd STARTTLS\r\n\r\n\r\n'), back('c OK\r\nd OK\r\n')];
    expect(run(imap, flow, [back('* OK hi\r\n'), ...appended]).gaveWay).toBeUndefined();
  });
  test('is found behind a literal that the server refused, and behind a gap', () => {
    const refused = [
      there('a APPEND box {3000000000}\r\n'),
      back('a NO [TOOBIG]\r\n'),
      there('b STARTTLS\r\n'),
      back('b OK\r\n'),
    ];
    expect(run(imap, flow, [back('* OK hi\r\n'), ...refused]).gaveWay?.service).toBe('ssl');
    const holed: Arrival[] = [
      there('a FETCH 1 BODY[]\r\n'),
      back('* 1 FETCH (BODY[] {1000}\r\nSubject'),
      { direction: 1, ts: ++clock, missing: 1_200 },
      back('a OK\r\n'),
      there('b STARTTLS\r\n'),
      back('b OK\r\n'),
    ];
    expect(run(imap, flow, [back('* OK hi\r\n'), ...holed]).gaveWay?.service).toBe('ssl');
  });
});

test('nothing of a login is kept', () => {
  const outcome = run(imap, flow, [
    back('* OK hi\r\n'),
    there('a LOGIN bob s3cret-W0rd\r\n'),
    back('a NO\r\n'),
    there('s3cret-W0rd x\r\n'),
  ]);
  expect(JSON.stringify(outcome)).not.toContain('s3cret');
});

test('any split of the streams comes to the same end', () => {
  const requests = ascii('a LOGIN {3+}\r\nbob {3+}\r\nx y\r\nb APPEND box {12}\r\nc STARTTLS\r\n\r\nd STARTTLS\r\n');
  const replies = ascii('* OK\r\na OK\r\n+ go\r\nb OK\r\n* LIST {4}\r\nd OK\r\nd OK now\r\nTLS');
  const outcomeOf = (first: number[], second: number[]) => {
    const outcome = run(imap, flow, [
      ...cut({ direction: 0, ts: 1, bytes: requests }, first),
      ...cut({ direction: 1, ts: 2, bytes: replies }, second),
    ]);
    return { weirds: outcome.weirds, service: outcome.gaveWay?.service };
  };
  const places = fc.array(fc.nat(200), { maxLength: 20 });
  fc.assert(
    fc.property(places, places, (first, second) => void expect(outcomeOf(first, second)).toEqual({ weirds: [], service: 'ssl' })),
    { numRuns: 300 },
  );
});

test('a greeting that nobody answers is enough, an answer to nothing known is not', () => {
  const greeting: Arrival = { direction: 1, ts: 1, bytes: ascii('* OK IMAP4 ready\r\n') };
  expect(run(imap, flow, [greeting]).confirmed).toBe(true);
  expect(run(imap, flow, [greeting, { direction: 0, ts: 2, bytes: ascii('GET / HTTP/1.0\r\n') }]).confirmed).toBe(false);
});

describe('probe', () => {
  const ask = (text: string, direction: Direction, usual = false) => imap.probe(ascii(text), 0, text.length, direction, usual);
  test('knows it by its greeting or its first command', () => {
    expect(ask('* OK [CAPABILITY IMAP4rev1] ready\r\n', 1)).toBe('yes');
    expect(ask('* OK ready\r\n', 1)).toBe('more');
    expect(ask('* OK ready\r\n', 1, true)).toBe('yes');
    expect(ask('a001 CAPABILITY\r\n', 0)).toBe('yes');
    expect(ask('a001 LOGIN bob x\r\n', 0)).toBe('yes');
    expect(ask('a001 SELECT x\r\n', 0)).toBe('more');
    expect(ask('a001', 0)).toBe('more');
  });
  test('does not take other protocols', () => {
    for (const usual of [false, true]) {
      expect(ask('220 FTP\r\n', 1, usual)).toBe('no');
      expect(ask('+OK POP3\r\n', 1, usual)).toBe('no');
      expect(ask('GET / HTTP/1.1\r\n', 0, usual)).toBe('no');
      expect(ask('USER bob\r\n', 0, usual)).toBe('no');
    }
  });
});
