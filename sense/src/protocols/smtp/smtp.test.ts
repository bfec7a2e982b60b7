import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Direction } from '../protocol.ts';
import { type Arrival, ascii, cut, flowOf, run } from '../trial.ts';
import { hostOf, listOf, mailboxesOf } from './addresses.ts';
import { smtp } from './smtp.ts';

const flow = flowOf('tcp', 25);
let clock = 0;
const there = (text: string): Arrival => ({ direction: 0, ts: ++clock, bytes: ascii(text) });
const back = (text: string): Arrival => ({ direction: 1, ts: ++clock, bytes: ascii(text) });
const written = (arrivals: readonly Arrival[], log = 'smtp') =>
  run(smtp, flow, arrivals)
    .records.filter((each) => each.log === log)
    .map(({ record }) => record);
const weirds = (arrivals: readonly Arrival[]) => run(smtp, flow, arrivals).weirds.map(({ name }) => name);

const opening = [
  back('220 b.example ESMTP\r\n'),
  there('EHLO a.example\r\n'),
  back('250 b.example\r\n'),
  there('MAIL FROM:<x@a.example>\r\nRCPT TO:<y@b.example>\r\nDATA\r\n'),
  back('250 OK\r\n250 OK\r\n354 Go on\r\n'),
];

describe('a message', () => {
  test('that begins anew behind chunks of which none was the last leaves no file open', () => {
    const files = written(
      [
        ...opening.slice(0, 3),
        there('MAIL FROM:<x@a.example>\r\nRCPT TO:<y@b.example>\r\nBDAT 14\r\nA: b\r\n\r\nchunk\r'),
        there('DATA\r\nC: d\r\n\r\nwhole\r\n.\r\n'),
      ],
      'files',
    );
    expect(files).toMatchObject([{ seen_bytes: 6 }, { seen_bytes: 7 }]);
    expect(files[0]).not.toHaveProperty('md5');
  });

  test('its parts are files with their coding undone', () => {
    const pdf = Buffer.from('%PDF-1.7 and so on');
    const text = [
      'Subject: two parts',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      '..dots',
      '--b',
      'Content-Type: application/pdf; name="a.pdf"',
      'Content-Transfer-Encoding: base64',
      '',
      pdf.toString('base64'),
      '--b--',
      '.',
      '',
    ].join('\r\n');
    const arrivals = [...opening, there(text), back('250 Queued\r\n')];
    expect(written(arrivals, 'files')).toMatchObject([
      { depth: 2, seen_bytes: 5, sha1: createHash('sha1').update('.dots').digest('hex') },
      { depth: 3, filename: 'a.pdf', mime_type: 'application/pdf', sha256: createHash('sha256').update(pdf).digest('hex') },
    ]);
    const [record] = written(arrivals);
    expect(record).toMatchObject({ subject: 'two parts', last_reply: '250 Queued' });
    expect(record!['fuids']).toHaveLength(2);
  });

  test('two in one session are two records, numbered through', () => {
    const one = 'Subject: 1\r\n\r\nx\r\n.\r\n';
    const next = [
      there('MAIL FROM:<x@a.example>\r\nRCPT TO:<z@b.example>\r\nDATA\r\n'),
      back('250 OK\r\n250 OK\r\n354 Go on\r\n'),
    ];
    expect(written([...opening, there(one), back('250 OK\r\n'), ...next, there(one), back('250 OK\r\n')])).toMatchObject([
      { trans_depth: 1, rcptto: ['y@b.example'] },
      { trans_depth: 2, rcptto: ['z@b.example'], helo: 'a.example' },
    ]);
  });

  test('with a hole has a file without hashes, and the session is read on', () => {
    const arrivals: Arrival[] = [
      ...opening,
      there('Subject: 1\r\n\r\nbegin'),
      { direction: 0, ts: ++clock, missing: 100 },
      there('end\r\n.\r\n'),
      back('250 OK\r\n'),
    ];
    expect(written(arrivals, 'files')).toMatchObject([{ seen_bytes: 10, missing_bytes: 100 }]);
    expect(written(arrivals, 'files')[0]).not.toHaveProperty('sha1');
    expect(written(arrivals)).toMatchObject([{ subject: '1', last_reply: '250 OK' }]);
  });

  test('whose end is lost ends with the reply', () => {
    const arrivals: Arrival[] = [
      ...opening,
      there('Subject: 1\r\n\r\nbegin'),
      { direction: 0, ts: ++clock, missing: 100 },
      back('250 Queued\r\n'),
      there('QUIT\r\n'),
      back('221 Bye\r\n'),
    ];
    expect(written(arrivals)).toMatchObject([{ subject: '1', last_reply: '250 Queued' }]);
  });

  test('an end that only some servers see is told', () => {
    expect(weirds([...opening, there('Subject: 1\r\n\r\nx\n.\r\nMAIL FROM:<admin@b.example>\r\n')])).toEqual([
      'smtp_end_of_data_without_crlf',
    ]);
    expect(weirds([...opening, there('Subject: 1\r\n\r\nx\r\n.\n')])).toEqual(['smtp_end_of_data_without_crlf']);
    expect(weirds([...opening, there('Subject: 1\r\n\r\nx\r\n.\r\n')])).toEqual([]);
  });
});

test('what AUTH says is kept nowhere, seen whole or in part', () => {
  const secret = Buffer.from('\0alice\0s3cret-W0rd').toString('base64');
  const login = [there(`AUTH PLAIN\r\n`), back('334 bm9uY2U=\r\n'), there(`${secret}\r\n`), back('235 Good\r\n')];
  const inline = [there(`AUTH PLAIN ${secret}\r\n`), back('235 Good\r\n')];
  const half = [there(`AUTH LOGIN\r\n`), there(`${secret}\r\n`)];
  for (const way of [login, inline, half]) {
    const text = JSON.stringify(run(smtp, flow, [...opening.slice(0, 3), ...way, ...opening.slice(3)]));
    expect(text).not.toContain(secret);
    expect(text).not.toContain('bm9uY2U');
  }
});

test('behind STARTTLS both directions are TLS', () => {
  const { gaveWay } = run(smtp, flow, [...opening.slice(0, 3), there('STARTTLS\r\n'), back('220 Go\r\n\x16\x03\x01')]);
  expect(gaveWay).toEqual({ service: 'ssl', rest: ascii('\x16\x03\x01') });
});

test('a client that never follows the order is given up', () => {
  const outcome = run(smtp, flow, [there('EHLO x\r\n'), there('RCPT TO:<a@b.example>\r\n'.repeat(40))]);
  expect(outcome.weirds.at(-1)!.name).toBe('smtp_excessive_invalid_mail_transactions');
  expect(outcome.weirds.length).toBeLessThan(40);
});

test('recipients beyond the ceiling are not kept', () => {
  const many = Array.from({ length: 1_500 }, (_, i) => `RCPT TO:<u${i}@b.example>\r\n`).join('');
  const [record] = written([there(`EHLO x\r\nMAIL FROM:<a@b.example>\r\n${many}`)]);
  expect(record!['rcptto']).toHaveLength(1_000);
});

test('any split of the streams gives the same records', () => {
  const requests = ascii(
    'EHLO a\r\nMAIL FROM:<x@a>\r\nRCPT TO:<y@b>\r\nDATA\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n..a\r\n--b--\r\n.\r\nMAIL FROM:<x@a>\r\nRCPT TO:<y@b>\r\nBDAT 4\r\nA: bBDAT 5 LAST\r\n\r\n\r\nxQUIT\r\n',
  );
  const replies = ascii(
    '220 b ESMTP\r\n250-b\r\n250 X\r\n250 1\r\n250 2\r\n354 3\r\n250 4\r\n250 5\r\n250 6\r\n250 7\r\n250 8\r\n221 9\r\n',
  );
  const greeting = { direction: 1 as const, ts: 1, bytes: replies.subarray(0, 13) };
  const outcomeOf = (first: number[], second: number[]) =>
    run(smtp, flow, [
      greeting,
      ...cut({ direction: 0, ts: 1, bytes: requests }, first),
      ...cut({ direction: 1, ts: 2, bytes: replies.subarray(13) }, second),
    ]);
  const whole = outcomeOf([], []);
  expect(whole.records.filter(({ log }) => log === 'smtp')).toHaveLength(2);
  expect(whole.weirds).toEqual([]);
  const places = fc.array(fc.nat(400), { maxLength: 30 });
  fc.assert(
    fc.property(places, places, (first, second) => void expect(outcomeOf(first, second)).toEqual(whole)),
    { numRuns: 500 },
  );
});

test('words of SMTP in any order are survived', () => {
  const words = [
    'EHLO x\r\n',
    'MAIL FROM:<a@b>\r\n',
    'RCPT TO:<',
    'DATA\r\n',
    'BDAT 3 LAST\r\n',
    '.\r\n',
    '\n',
    'AUTH X\r\n',
    'x',
    'RSET\r\n',
    '250 OK\r\n',
    '334 x\r\n',
    '354 x\r\n',
    '220 x\r\n',
    'STARTTLS\r\n',
  ];
  const arrival = fc.record({
    direction: fc.constantFrom<Direction>(0, 1),
    word: fc.constantFrom(...words),
    missing: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 60 }), (list) => {
      const arrivals = list.map(({ direction, word, missing }, i): Arrival =>
        missing && i % 7 === 0 ? { direction, ts: i, missing: word.length } : { direction, ts: i, bytes: ascii(word) },
      );
      run(smtp, flow, arrivals);
    }),
    { numRuns: 2_000 },
  );
});

describe('addresses', () => {
  test('out of commands', () => {
    expect(mailboxesOf('<a@b.example> SIZE=3')).toEqual(['a@b.example']);
    expect(mailboxesOf(' a@b.example')).toEqual(['a@b.example']);
    expect(mailboxesOf('<>')).toEqual([]);
  });
  test('out of lists', () => {
    expect(listOf('"a, b" <c@d>, e@f,, ', 9)).toEqual(['"a, b" <c@d>', 'e@f']);
    expect(listOf('"never closed, e@f', 9)).toEqual(['"never closed', 'e@f']);
  });
  test('of hosts out of Received', () => {
    expect(hostOf('from a ([192.0.2.1]) by b')).toBe('192.0.2.1');
    expect(hostOf('from a ([192.0.2.1]) by b (192.0.2.2)')).toBe('192.0.2.2');
    expect(hostOf('from a ([IPv6:2001:db8::1]) by b')).toBe('2001:db8::1');
    expect(hostOf('from 192.0.2.1 by b')).toBeUndefined();
  });
});

describe('probe', () => {
  const ask = (text: string, direction: Direction, usual = false) => smtp.probe(ascii(text), 0, text.length, direction, usual);
  test('knows it by its greeting or its first command', () => {
    expect(ask('220 mail ESMTP Postfix\r\n', 1)).toBe('yes');
    expect(ask('220 mail ready\r\n', 1)).toBe('more');
    expect(ask('220 mail ready\r\n', 1, true)).toBe('yes');
    expect(ask('EHLO me\r\n', 0)).toBe('yes');
    expect(ask('22', 1)).toBe('more');
  });
  test('does not take other protocols', () => {
    for (const usual of [false, true]) {
      expect(ask('220 ProFTPD Server ready\r\n', 1, usual)).toBe('no');
      expect(ask('+OK POP3 ready\r\n', 1, usual)).toBe('no');
      expect(ask('GET / HTTP/1.1\r\n', 0, usual)).toBe('no');
      expect(ask('\x16\x03\x01\x02', 0, usual)).toBe('no');
    }
    expect(ask('QUIT\r\n', 0)).toBe('no');
  });
});
