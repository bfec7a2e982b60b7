import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Direction } from '../protocol.ts';
import { type Arrival, ascii, cut, flowOf, run } from '../trial.ts';
import { pop3 } from './pop3.ts';

const flow = flowOf('tcp', 110);
let clock = 0;
const there = (text: string): Arrival => ({ direction: 0, ts: ++clock, bytes: ascii(text) });
const back = (text: string): Arrival => ({ direction: 1, ts: ++clock, bytes: ascii(text) });

describe('a mail that is fetched', () => {
  const mail = [
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    '',
    '..one dot',
    '..',
    '...',
    '--b',
    'Content-Disposition: attachment; filename="a.bin"',
    'Content-Transfer-Encoding: base64',
    '',
    'aGVsbG8=',
    '--b--',
    '.',
    '',
  ].join('\r\n');
  const files = (...arrivals: Arrival[]) =>
    run(pop3, flow, arrivals)
      .records.filter(({ log }) => log === 'files')
      .map(({ record }) => record);
  const parts = [
    { source: 'POP3', is_orig: false, seen_bytes: '.one dot\r\n.\r\n..'.length },
    { seen_bytes: 5, filename: 'a.bin', md5: '5d41402abc4b2a76b9719d911017c592' },
  ];

  test('leaves its parts as files, without the dots that the way has added, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 30 }), (places) => {
        const reply: Arrival = { direction: 1, ts: 3, bytes: ascii(`+OK\r\n${mail}+OK\r\n`) };
        expect(
          files(back('+OK hi\r\n'), there('RETR 1\r\nQUIT\r\n'), ...cut(reply as never, places)).toSorted(
            (a, b) => Number(b['seen_bytes']) - Number(a['seen_bytes']),
          ),
        ).toMatchObject(parts);
      }),
      { numRuns: 60 },
    );
  });

  test('is told from what only looks like one', () => {
    expect(files(back('+OK hi\r\n'), there('TOP 1 5\r\n'), back(`+OK\r\n${mail}`))).toEqual([]);
    expect(files(back('+OK hi\r\n'), there('RETR 1\r\n'), back('-ERR none\r\n'))).toEqual([]);
  });

  test('with a hole ends there, and the flow goes on', () => {
    const half = mail.slice(0, mail.indexOf('...'));
    const outcome = run(pop3, flow, [
      back('+OK hi\r\n'),
      there('RETR 1\r\n'),
      back(`+OK\r\n${half}`),
      { direction: 1, ts: ++clock, missing: 1_000 },
      back('rest\r\n.\r\n'),
      there('STLS\r\n'),
      back('+OK\r\n'),
    ]);
    expect(outcome.records.filter(({ log }) => log === 'files')).toMatchObject([{ record: { source: 'POP3' } }]);
    expect(outcome.records[0]!.record['md5']).toBeUndefined();
    expect(outcome.gaveWay?.service).toBe('ssl');
  });
});

describe('STLS', () => {
  const tls = ascii('\x16\x03\x01');
  test('behind its reply both directions are TLS', () => {
    const { gaveWay, confirmed } = run(pop3, flow, [
      back('+OK hi\r\n'),
      there('CAPA\r\n'),
      back('+OK\r\nSTLS\r\n.\r\n'),
      there('STLS\r\n'),
      back('+OK\r\n\x16\x03\x01'),
    ]);
    expect(confirmed).toBe(true);
    expect(gaveWay).toEqual({ service: 'ssl', rest: tls });
  });
  test('refused, or in a mail, changes nothing', () => {
    expect(run(pop3, flow, [back('+OK hi\r\n'), there('STLS\r\n'), back('-ERR no\r\n')]).gaveWay).toBeUndefined();
    const mail = '+OK\r\nSTLS\r\n+OK go\r\n.\r\n';
    expect(
      run(pop3, flow, [back('+OK hi\r\n'), there('RETR 1\r\n'), back(mail), there('NOOP\r\n'), back('+OK\r\n')]).gaveWay,
    ).toBeUndefined();
  });
  test('is found behind a gap', () => {
    const { gaveWay, weirds } = run(pop3, flow, [
      back('+OK hi\r\n'),
      there('RETR 1\r\n'),
      { direction: 1, ts: ++clock, missing: 100 },
      back('rest of the mail\r\n.\r\n'),
      there('STLS\r\n'),
      back('+OK\r\n'),
    ]);
    expect(gaveWay?.service).toBe('ssl');
    expect(weirds).toEqual([]);
  });
});

test('passwords and answers are kept nowhere', () => {
  const outcome = run(pop3, flow, [
    back('+OK hi\r\n'),
    there('USER bob\r\n'),
    back('+OK\r\n'),
    there('PASS s3cret-W0rd\r\n'),
    back('-ERR no\r\n'),
    there('AUTH PLAIN\r\n'),
    back('+ \r\n'),
    there('AGJvYgBzM2NyZXQ=\r\n'),
    back('+OK\r\n'),
    there('s3cret-W0rd\r\n'),
  ]);
  expect(outcome.weirds).toEqual([{ name: 'pop3_client_command_unknown', addl: undefined }]);
  expect(outcome.records).toEqual([]);
});

test('any split of the streams comes to the same end', () => {
  const requests = ascii('USER a\r\nPASS b\r\nLIST\r\nRETR 1\r\nAUTH X\r\nSTLS\r\n');
  const replies = ascii('+OK\r\n+OK\r\n+OK\r\n+OK\r\n1 2\r\n.\r\n+OK\r\nSubject: x\r\n..\r\n.\r\n-ERR\r\n+OK\r\nTLS');
  const outcomeOf = (first: number[], second: number[]) => {
    const outcome = run(pop3, flow, [
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

test('commands without replies do not pile up', () => {
  const outcome = run(pop3, flow, [
    back('+OK hi\r\n'),
    there('NOOP\r\n'.repeat(10_000)),
    back('+OK\r\n'.repeat(10_000)),
    there('STLS\r\n'),
    back('+OK\r\n'),
  ]);
  expect(outcome.gaveWay?.service).toBe('ssl');
});

describe('probe', () => {
  const ask = (text: string, direction: Direction, usual = false) => pop3.probe(ascii(text), 0, text.length, direction, usual);
  test('knows it by its greeting or its first command', () => {
    expect(ask('+OK POP3 ready\r\n', 1)).toBe('yes');
    expect(ask('+OK ready\r\n', 1)).toBe('more');
    expect(ask('+OK ready\r\n', 1, true)).toBe('yes');
    expect(ask('+OK ready\r\n+OK go on\r\n', 1)).toBe('yes');
    expect(ask('+OK\r\n+OK\r\n', 1)).toBe('more');
    expect(ask('+OK ready\r\n$3\r\n', 1)).toBe('no');
    expect(ask('CAPA\r\n', 0)).toBe('yes');
    expect(ask('USER bob\r\n', 0)).toBe('more');
  });
  test('does not take other protocols', () => {
    for (const usual of [false, true]) {
      expect(ask('220 FTP\r\n', 1, usual)).toBe('no');
      expect(ask('* OK IMAP\r\n', 1, usual)).toBe('no');
      expect(ask('+OKAY\r\n', 1, usual)).toBe('no');
      expect(ask('*1\r\n$4\r\nPING\r\n', 0, usual)).toBe('no');
    }
  });
});
