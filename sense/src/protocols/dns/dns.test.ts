import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Arrival } from '../trial.ts';
import { cut, flowOf, run, silent } from '../trial.ts';
import { dns } from './dns.ts';

/** Labels of a name, the root at the end. */
function name(text: string): number[] {
  const labels = text === '' ? [] : text.split('.').flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')]);
  return [...labels, 0];
}

const u16 = (value: number): number[] => [value >> 8, value & 0xff];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];

type Section = {
  flags: number;
  id?: number;
  questions?: number[][];
  answers?: number[][];
  authority?: number[][];
  additional?: number[][];
};

function message({ flags, id = 0x1a2b, questions = [], answers = [], authority = [], additional = [] }: Section): Uint8Array {
  const counts = [questions, answers, authority, additional].flatMap((list) => u16(list.length));
  return Uint8Array.from([
    ...u16(id),
    ...u16(flags),
    ...counts,
    ...questions.flat(),
    ...answers.flat(),
    ...authority.flat(),
    ...additional.flat(),
  ]);
}

const question = (text: string, type: number, qclass = 1): number[] => [...name(text), ...u16(type), ...u16(qclass)];
const record = (owner: number[], type: number, ttl: number, data: number[]): number[] => [
  ...owner,
  ...u16(type),
  ...u16(1),
  ...u32(ttl),
  ...u16(data.length),
  ...data,
];
/** Compression pointer to the first question's name. */
const same = [0xc0, 12];

const asked = (type: number, text = 'Example.ORG'): Arrival => ({
  direction: 0,
  ts: 10,
  bytes: message({ flags: 0x0100, questions: [question(text, type)] }),
});
const answered = (type: number, answers: number[][], text = 'example.org', flags = 0x8180): Arrival => ({
  direction: 1,
  ts: 10.25,
  bytes: message({ flags, questions: [question(text, type)], answers }),
});

const only = (arrivals: readonly Arrival[], port = 53) => {
  const { records } = run(dns, flowOf('udp', port), arrivals);
  expect(records).toHaveLength(1);
  return records[0]!.record;
};

describe('answers are rendered as Zeek renders them', () => {
  const cases: [string, number, number[], string][] = [
    ['A', 1, [192, 0, 2, 7], '192.0.2.7'],
    ['AAAA', 28, [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '2001:db8::1'],
    ['CNAME, lower case', 5, name('WWW.Example.Net'), 'www.example.net'],
    ['PTR', 12, name('host.example'), 'host.example'],
    ['MX without its preference', 15, [0, 10, ...name('mail.example')], 'mail.example'],
    [
      'SOA by its primary',
      6,
      [...name('ns1.example'), ...name('root.example'), ...Array.from({ length: 20 }, () => 1)],
      'ns1.example',
    ],
    ['TXT with lengths', 16, [5, ...Buffer.from('hello'), 2, 0x68, 0x69], 'TXT 5 hello TXT 2 hi'],
    ['TXT with a byte that is no text', 16, [2, 0xff, 0x41], 'TXT 2 \\xffA'],
    ['SPF', 99, [3, ...Buffer.from('all')], 'SPF 3 all'],
    ['SRV by its target', 33, [0, 1, 0, 2, 0, 80, ...name('srv.example')], 'srv.example'],
    ['LOC', 29, [0, 18, 21, 19, ...Array.from({ length: 12 }, () => 0)], 'LOC:  18 21 19'],
    ['DS', 43, [0, 1, 8, 2, 0xaa], 'DS 8 2'],
    ['DNSKEY', 48, [1, 0, 3, 5, 0xaa], 'DNSKEY 5'],
    ['RRSIG of the root', 46, [0, 48, ...Array.from({ length: 16 }, () => 0), 0, 1, 2], 'RRSIG 48 <Root>'],
    ['NSEC', 47, [...name('next.example'), 0, 1, 0x40], 'NSEC example.org next.example'],
    ['SSHFP', 44, [1, 1, 0xde, 0xad], 'SSHFP: dead'],
    ['CAA', 257, [0, 5, ...Buffer.from('issueca.example')], 'CAA 0 issue ca.example'],
    ['a type without a name', 65_280, [1], '<unknown type=65280>'],
    [
      'HTTPS with parameters (RFC 9460 §2.1)',
      65,
      [0, 1, 0, 0, 1, 0, 6, 2, 0x68, 0x33, 2, 0x68, 0x32, 0, 4, 0, 4, 192, 0, 2, 1],
      'HTTPS 1 . alpn=h3,h2 ipv4hint=192.0.2.1',
    ],
  ];
  for (const [title, type, data, text] of cases) {
    test(`${title}`, () => {
      expect(only([asked(type), answered(type, [record(same, type, 300, data)])])).toMatchObject({
        query: 'example.org',
        qtype: type,
        rcode_name: 'NOERROR',
        answers: [text],
        TTLs: [300],
        rtt: 0.25,
        RD: true,
        RA: true,
        rejected: false,
      });
    });
  }
});

describe('pairing', () => {
  test('an unanswered question is written at the end, without a response code', () => {
    const written = only([asked(1)]);
    expect(written).toMatchObject({ query: 'example.org', qtype_name: 'A', RA: false, trans_id: 0x1a2b, proto: 'udp' });
    expect(written).not.toHaveProperty('rcode');
    expect(written).not.toHaveProperty('rtt');
  });

  test('A and AAAA with one id are told apart by their type', () => {
    const outcome = run(dns, flowOf('udp', 53), [
      asked(1),
      asked(28),
      answered(28, [record(same, 28, 60, [0x20, 1, ...Array.from({ length: 14 }, () => 0)])]),
      answered(1, [record(same, 1, 60, [192, 0, 2, 1])]),
    ]);
    expect(outcome.records.map(({ record: each }) => [each.qtype_name, each.answers])).toEqual([
      ['AAAA', ['2001::']],
      ['A', ['192.0.2.1']],
    ]);
  });

  test('an answer to another question does not close the pending one', () => {
    const outcome = run(dns, flowOf('udp', 53), [asked(1), answered(1, [record(same, 1, 60, [192, 0, 2, 66])], 'evil.example')]);
    expect(outcome.records.map(({ record: each }) => [each.query, each.answers])).toEqual([
      ['example.org', undefined],
      ['evil.example', ['192.0.2.66']],
    ]);
  });

  test('mDNS answers stand for themselves', () => {
    const outcome = run(dns, flowOf('udp', 5353), [
      { direction: 0, ts: 1, bytes: message({ flags: 0, id: 0, questions: [question('a.local', 1)] }) },
      {
        direction: 0,
        ts: 2,
        bytes: message({ flags: 0x8400, id: 0, answers: [record(name('b.local'), 1, 120, [192, 0, 2, 2])] }),
      },
    ]);
    expect(outcome.records.map(({ record: each }) => [each.query, each.rcode, each.answers])).toEqual([
      ['a.local', undefined, undefined],
      ['b.local', 0, ['192.0.2.2']],
    ]);
  });

  test('no more than the ceiling of questions is held', () => {
    const many = Array.from({ length: 1_000 }, (_, id): Arrival => ({
      direction: 0,
      ts: 1,
      bytes: message({ id, flags: 0x0100, questions: [question(`h${id}.example`, 1)] }),
    }));
    let written = 0;
    const parser = dns.open(flowOf('udp', 53), { ...silent, record: () => void written++ });
    for (const arrival of many) if ('bytes' in arrival) parser.data(0, arrival.bytes, 0, arrival.bytes.length, arrival.ts);
    expect(written).toBe(1_000 - 256);
    parser.finish(2);
    expect(written).toBe(1_000);
  });
});

describe('refusals', () => {
  test('a refused question is rejected', () => {
    expect(only([asked(1), answered(1, [], 'example.org', 0x8185)])).toMatchObject({ rcode_name: 'REFUSED', rejected: true });
  });

  test('an empty answer without an error is not', () => {
    expect(only([asked(28), answered(28, [])])).toMatchObject({ rcode_name: 'NOERROR', rejected: false });
  });
});

describe('hostile messages', () => {
  const weirds = (bytes: number[]) =>
    run(dns, flowOf('udp', 53), [{ direction: 0, ts: 1, bytes: Uint8Array.from(bytes) }]).weirds.map((weird) => weird.name);
  const header = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];

  test('a pointer to itself', () => {
    expect(weirds([...header, 0xc0, 12, 0, 1, 0, 1])).toEqual(['DNS_label_forward_compress_offset']);
  });

  test('a label longer than the message', () => {
    expect(weirds([...header, 63, 0x61, 0x61])).toEqual(['DNS_label_len_gt_pkt']);
  });

  test('a chain of pointers as long as the message', () => {
    const chain: number[] = [0, 0];
    for (let i = 0; i < 4_000; i++) chain.push(...u16(0xc000 | (12 + 2 * i)));
    // The question's name is the root byte; the chain hangs behind it as the owner of an answer.
    const bytes = [0, 1, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0, ...chain];
    const owner = 12 + chain.length - 2;
    expect(weirds([0, 1, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0, ...u16(0xc000 | 12)])).toHaveLength(1);
    expect(owner).toBeLessThan(16_384);
    const started = run(dns, flowOf('udp', 53), [{ direction: 1, ts: 1, bytes: Uint8Array.from(bytes) }]);
    expect(started.weirds.length).toBeLessThanOrEqual(1);
  });

  test('a header that claims 65,535 questions', () => {
    expect(weirds([0, 1, 1, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0])).toEqual(['DNS_Conn_count_too_large']);
  });
});

describe('over TCP', () => {
  const framed = (bytes: Uint8Array): Uint8Array => Uint8Array.from([...u16(bytes.length), ...bytes]);
  const questions = Uint8Array.from([
    ...framed(message({ id: 1, flags: 0x0100, questions: [question('one.example', 1)] })),
    ...framed(message({ id: 2, flags: 0x0100, questions: [question('two.example', 28)] })),
  ]);
  const answers = Uint8Array.from([
    ...framed(message({ id: 2, flags: 0x8180, questions: [question('two.example', 28)] })),
    ...framed(
      message({ id: 1, flags: 0x8180, questions: [question('one.example', 1)], answers: [record(same, 1, 5, [192, 0, 2, 9])] }),
    ),
  ]);
  const whole = run(dns, flowOf('tcp', 53), [
    { direction: 0, ts: 1, bytes: questions },
    { direction: 1, ts: 1.5, bytes: answers },
  ]);

  test('several messages in one segment', () => {
    expect(whole.records.map(({ record: each }) => [each.trans_id, each.query, each.answers])).toEqual([
      [2, 'two.example', undefined],
      [1, 'one.example', ['192.0.2.9']],
    ]);
  });

  test('any split of the stream gives the same records', () => {
    const places = fc.array(fc.nat(200), { maxLength: 20 });
    fc.assert(
      fc.property(places, places, (there, back) => {
        const outcome = run(dns, flowOf('tcp', 53), [
          ...cut({ direction: 0, ts: 1, bytes: questions }, there),
          ...cut({ direction: 1, ts: 1.5, bytes: answers }, back),
        ]);
        expect(outcome).toEqual(whole);
      }),
    );
  });

  test('a gap inside a message costs that message only', () => {
    const outcome = run(dns, flowOf('tcp', 53), [
      { direction: 0, ts: 1, bytes: questions.subarray(0, 10) },
      { direction: 0, ts: 1, missing: 10 },
      { direction: 0, ts: 1, bytes: questions.subarray(20) },
    ]);
    expect(outcome.records.map(({ record: each }) => each.query)).toEqual(['two.example']);
  });

  test('mutated bytes never throw', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const bytes = Uint8Array.from(answers);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const outcome = run(dns, flowOf('tcp', 53), [{ direction: 1, ts: 1, bytes }]);
        expect(outcome.records.length).toBeLessThan(30);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('probe', () => {
  const query = message({
    flags: 0x0100,
    questions: [question('www.example.org', 1)],
    additional: [[0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0]],
  });
  test('knows a query on any port', () => {
    expect(dns.probe(query, 0, query.length, 0, false)).toBe('yes');
    expect(dns.probe(query, 0, query.length, 0, true)).toBe('yes');
  });
  test('knows a query over TCP, and waits for its rest', () => {
    const stream = Uint8Array.from([...u16(query.length), ...query]);
    expect(dns.probe(stream, 0, stream.length, 0, false)).toBe('yes');
    expect(dns.probe(stream, 0, 20, 0, false)).toBe('more');
  });
  test('does not take TLS, HTTP or SSH for DNS, not even on port 53', () => {
    for (const text of [
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03abcdefghijklmnop',
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      'SSH-2.0-OpenSSH_9.6\r\n',
    ]) {
      const bytes = Buffer.from(text, 'latin1');
      expect(dns.probe(bytes, 0, bytes.length, 0, false)).toBe('no');
    }
  });
});
