import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Direction } from '../protocol.ts';
import { type Arrival, ascii, cut, flowOf, run } from '../trial.ts';
import { http } from './http.ts';
import { Inflater } from './inflate.ts';
import { mediaType } from '../../files/media.ts';

const there = (text: string, ts = 1): Arrival => ({ direction: 0, ts, bytes: ascii(text) });
const back = (text: string | Uint8Array, ts = 2): Arrival => ({
  direction: 1,
  ts,
  bytes: typeof text === 'string' ? ascii(text) : text,
});
const flow = flowOf('tcp', 80);
/** Records of the named log; files have their own tests, and `http` rows are compared without the names of theirs. */
const written = (arrivals: readonly Arrival[], log: string) =>
  run(http, flow, arrivals)
    .records.filter((each) => each.log === log)
    .map(({ record }) => record);
const records = (arrivals: readonly Arrival[]) =>
  written(arrivals, 'http').map(({ orig_fuids: _there, resp_fuids: _back, ...record }) => record as AnyRecord);
const weirds = (arrivals: readonly Arrival[]) => run(http, flow, arrivals).weirds.map(({ name }) => name);

const get = 'GET /index.html HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: test/1\r\nReferer: http://a.example/\r\n\r\n';

describe('one request with its response', () => {
  test('all fields of both', () => {
    const body = '<!DOCTYPE html><html></html>';
    expect(records([there(get), back(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)])).toEqual([
      {
        ...flow.head(1),
        trans_depth: 1,
        method: 'GET',
        host: 'www.example.com',
        uri: '/index.html',
        referrer: 'http://a.example/',
        version: '1.1',
        user_agent: 'test/1',
        request_body_len: 0,
        response_body_len: 28,
        status_code: 200,
        status_msg: 'OK',
        resp_mime_types: ['text/html'],
      },
    ]);
  });

  test('chunks are counted without their sizes, with extensions and a trailer', () => {
    const [record, next] = records([
      there(`${get}${get}`),
      back(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
      ),
    ]);
    expect(record).toMatchObject({ response_body_len: 11, resp_mime_types: ['text/plain'] });
    expect(next).toMatchObject({ trans_depth: 2, status_code: 204, response_body_len: 0 });
  });

  test('a body without a length lasts until the end of the flow', () => {
    expect(records([there(get), back('HTTP/1.0 200 OK\r\n\r\nabc'), back('defg')])).toMatchObject([
      { version: '1.0', response_body_len: 7 },
    ]);
  });

  test('HEAD, 204 and 304 have no body, whatever their headers say', () => {
    const [head, unchanged, last] = records([
      there('HEAD / HTTP/1.1\r\n\r\nGET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n'),
      back(
        'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      ),
    ]);
    expect([head!.response_body_len, unchanged!.response_body_len, last!.response_body_len]).toEqual([0, 0, 2]);
    expect(last!.uri).toBe('/b');
  });

  test('an informational response comes before the real one', () => {
    expect(
      records([
        there('POST /up HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n'),
        back('HTTP/1.1 100 Continue\r\n\r\n'),
        there('data'),
        back('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n'),
      ]),
    ).toMatchObject([{ info_code: 100, info_msg: 'Continue', status_code: 201, request_body_len: 4, trans_depth: 1 }]);
  });

  test('nothing is read after a tunnel is open', () => {
    const outcome = run(http, flow, [
      there('CONNECT mail.example:25 HTTP/1.1\r\nProxy-Connection: keep-alive\r\n\r\n'),
      back('HTTP/1.1 200 Connection established\r\n\r\n220 mail.example ESMTP\r\n'),
      there('EHLO me\r\n'),
    ]);
    expect(outcome.weirds).toEqual([]);
    expect(outcome.records).toMatchObject([
      { log: 'http', record: { method: 'CONNECT', proxied: ['PROXY-CONNECTION -> keep-alive'] } },
      { log: 'tunnel', record: { 'id.orig_p': 0, tunnel_type: 'Tunnel::HTTP', action: 'Tunnel::DISCOVER' } },
    ]);
  });

  test('a request alone and a response alone are recorded', () => {
    expect(records([there(get)])).toMatchObject([{ method: 'GET', response_body_len: 0 }]);
    const [alone] = records([back('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc')]);
    expect(alone).toMatchObject({ status_code: 200, response_body_len: 3 });
    expect(alone).not.toHaveProperty('method');
  });

  test('the target is shown without its escapes', () => {
    expect(records([there('GET /a%20b%2Fc?x=%zz HTTP/1.1\r\n\r\n')])[0]!.uri).toBe('/a b/c?x=%zz');
  });

  test('a folded header goes on in the next line', () => {
    const arrivals = [there('GET / HTTP/1.1\r\nUser-Agent: one\r\n\ttwo\r\nHost: a\r\n\r\n')];
    expect(records(arrivals)[0]).toMatchObject({ user_agent: 'one two', host: 'a' });
    expect(weirds(arrivals)).toEqual(['HTTP_obsolete_line_folding']);
  });
});

describe('secrets', () => {
  test('the user of basic authentication is kept, the password never', () => {
    const credentials = Buffer.from('alice:s3cret-W0rd').toString('base64');
    const outcome = run(http, flow, [there(`GET / HTTP/1.1\r\nAuthorization: Basic ${credentials}\r\n\r\n`)]);
    expect(outcome.records[0]!.record).toMatchObject({ username: 'alice' });
    const text = JSON.stringify(outcome);
    expect(text).not.toContain('s3cret');
    expect(text).not.toContain(credentials);
  });

  test('so is the user of digest authentication, and nothing else of it', () => {
    const header =
      'Digest username="Mufasa", realm="r", nonce="7ypf/xlj9XXwfDPE", uri="/", response="8ca523f5e9506fed4657c9700eebdbec"';
    const outcome = run(http, flow, [there(`GET / HTTP/1.1\r\nAuthorization: ${header}\r\n\r\n`)]);
    expect(outcome.records[0]!.record).toMatchObject({ username: 'Mufasa' });
    expect(JSON.stringify(outcome)).not.toMatch(/8ca523f5|7ypf/);
  });

  test('what is not user and password leaves nothing', () => {
    const credentials = Buffer.from('just-a-token').toString('base64');
    expect(JSON.stringify(records([there(`GET / HTTP/1.1\r\nAuthorization: Basic ${credentials}\r\n\r\n`)]))).not.toContain(
      'token',
    );
  });
});

describe('gaps', () => {
  test('inside a body of known length they are counted and passed over', () => {
    expect(
      records([
        there(`${get}${get}`),
        back('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc'),
        { direction: 1, ts: 3, missing: 990 },
        back('0123456HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'),
      ]),
    ).toMatchObject([
      { status_code: 200, response_body_len: 1000 },
      { status_code: 404, response_body_len: 0 },
    ]);
  });

  test('across a boundary they end the reading of that direction', () => {
    expect(
      records([there(get), back('HTTP/1.1 200 OK\r\nContent-'), { direction: 1, ts: 3, missing: 10 }, back('x\r\n\r\n')]),
    ).toMatchObject([{ method: 'GET', status_code: 200, response_body_len: 0 }]);
  });
});

describe('compressed bodies', () => {
  const content = `${'{"key": 1, "text": "'.padEnd(40)}${'lorem ipsum '.repeat(300)}"}`;
  const packed = gzipSync(content);
  const head = ascii(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`);
  test('the length is that of the content and the type is seen through the coding', () => {
    expect(records([there(get), back(Buffer.concat([head, packed]))])).toMatchObject([
      { response_body_len: content.length, resp_mime_types: ['text/json'] },
    ]);
  });
  test('their file is the content', () => {
    expect(written([there(get), back(Buffer.concat([head, packed]))], 'files')).toMatchObject([
      { seen_bytes: content.length, mime_type: 'text/json', sha256: createHash('sha256').update(content).digest('hex') },
    ]);
  });
  test('cut off, they count as far as they come out, and have no hash', () => {
    const arrivals = [there(get), back(Buffer.concat([head, packed.subarray(0, 60)]))];
    const [record] = records(arrivals);
    expect(record!.response_body_len).toBeGreaterThan(20);
    expect(record!.response_body_len).toBeLessThan(content.length);
    expect(written(arrivals, 'files')[0]).not.toHaveProperty('md5');
  });
  test('that are not compressed leave an oddity', () => {
    const arrivals = [there(get), back('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\nhello, world')];
    expect(weirds(arrivals)).toEqual(['inflate_failed']);
  });
  test('a bomb is not unpacked to its end', () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const arrivals = [there(get), back('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n'), back(bomb)];
    expect(weirds(arrivals)).toEqual(['HTTP_excessive_inflation']);
    expect(written(arrivals, 'files')[0]!.seen_bytes).toBeLessThan(10_000_000);
  });
  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate without a wrapper', deflateRawSync],
  ])('%s comes out right in any pieces, and any bytes at all are survived', (_name, pack) => {
    const inflater = new Inflater();
    const unpack = (bytes: Uint8Array, piece: number): Buffer => {
      const out: Buffer[] = [];
      inflater.reset(pack !== gzipSync);
      const target = {
        content: (from: Uint8Array, start: number, end: number) => void out.push(Buffer.from(from.slice(start, end))),
      };
      for (let at = 0; at < bytes.length; at += piece) inflater.push(bytes, at, Math.min(at + piece, bytes.length), target);
      return Buffer.concat(out);
    };
    const words = fc.array(fc.constantFrom('the same words ', 'again and ', 'again', '\n'), { maxLength: 2_000 });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 3_000 }),
      words.map((list) => Uint8Array.from(Buffer.from(list.join('')))),
    );
    fc.assert(
      fc.property(bytes, fc.constantFrom(0, 1, 6, 9), fc.integer({ min: 1, max: 4_000 }), (text, level, piece) => {
        expect(unpack(pack(text, { level }), piece)).toEqual(Buffer.from(text));
        expect(inflater.done).toBe(true);
        unpack(text, piece);
      }),
      { numRuns: 200 },
    );
    const large = Buffer.from(Array.from({ length: 40_000 }, (_, i) => (i * 7_919) % 10_007).join(','));
    for (const level of [0, 1, 9]) expect(unpack(pack(large, { level }), 1_460).equals(large)).toBe(true);
    // Copies of the longest kind that meet the end of the window.
    for (const length of [65_536, 65_537, 200_000]) {
      const same = Buffer.alloc(length, 7);
      expect(unpack(pack(same), 1_460).equals(same)).toBe(true);
    }
  });
});

describe('files', () => {
  const ok = 'HTTP/1.1 200 OK\r\n';
  const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

  test('each body is one, with its name, its stated length and its place in the record', () => {
    const outcome = run(http, flow, [
      there('PUT /a HTTP/1.1\r\nContent-Length: 9\r\n\r\n%PDF-1.7 '),
      back(
        `${ok}Content-Disposition: attachment; filename="r.txt"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`,
      ),
    ]);
    const [up, down, record] = outcome.records.map((each) => each.record);
    expect(up).toMatchObject({
      source: 'HTTP',
      is_orig: true,
      total_bytes: 9,
      mime_type: 'application/pdf',
      sha1: sha1('%PDF-1.7 '),
    });
    expect(down).toMatchObject({ is_orig: false, filename: 'r.txt', seen_bytes: 11, sha1: sha1('hello world') });
    expect(down).not.toHaveProperty('total_bytes');
    expect(record).toMatchObject({
      orig_fuids: [up!['fuid']],
      orig_mime_types: ['application/pdf'],
      resp_fuids: [down!['fuid']],
      resp_filenames: ['r.txt'],
      resp_mime_types: ['text/plain'],
    });
  });

  test('the parts of a form are files of their own', () => {
    const form =
      '--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n--x\r\nContent-Disposition: form-data; name="up"; filename="x.exe"\r\n\r\nMZ\x90\x00\r\n--x--\r\n';
    const arrivals = [
      there(
        `POST /up HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ${form.length}\r\n\r\n${form}`,
      ),
    ];
    expect(written(arrivals, 'files')).toMatchObject([
      { seen_bytes: 5, sha1: sha1('hello') },
      { seen_bytes: 4, filename: 'x.exe', mime_type: 'application/x-dosexec' },
    ]);
    expect(records(arrivals)).toMatchObject([{ request_body_len: form.length, orig_filenames: ['x.exe'] }]);
  });

  test('ranges that follow one another are one file', () => {
    const range = (from: number, text: string): string =>
      `HTTP/1.1 206 Partial Content\r\nContent-Range: bytes ${from}-${from + text.length - 1}/11\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
    const arrivals = [there(get), back(range(0, 'hello')), there(get), back(range(5, ' world'), 4)];
    expect(written(arrivals, 'files')).toMatchObject([
      { seen_bytes: 11, total_bytes: 11, timedout: false, sha1: sha1('hello world') },
    ]);
    const [first, second] = written(arrivals, 'http');
    expect(first!.resp_fuids).toEqual(second!.resp_fuids);
    const holed = written([there(get), back(range(2, 'llo')), there(get), back(range(9, 'ld'), 4)], 'files');
    expect(holed).toMatchObject([{ seen_bytes: 5, missing_bytes: 6, timedout: false }]);
    expect(holed[0]).not.toHaveProperty('sha1');
  });

  test('a body with a hole, or cut off, has no hash', () => {
    const holed = written(
      [there(get), back(`${ok}Content-Length: 20\r\n\r\nabc`), { direction: 1, ts: 3, missing: 10 }, back('0123456')],
      'files',
    );
    expect(holed).toMatchObject([{ seen_bytes: 10, missing_bytes: 10 }]);
    expect(holed[0]).not.toHaveProperty('sha1');
    expect(written([there(get), back(`${ok}Content-Length: 20\r\n\r\nabc`)], 'files')[0]).not.toHaveProperty('sha1');
  });

  test('an empty body is none', () => {
    expect(written([there(get), back(`${ok}Content-Length: 0\r\n\r\n`)], 'files')).toEqual([]);
  });
});

describe('types by first bytes', () => {
  const cases: [string, string | undefined][] = [
    ['<html><head>', 'text/html'],
    ['<?xml version="1.0"?><!-- x --><!DOCTYPE html PUBLIC>', 'text/html'],
    ['<?xml version="1.0"?><data/>', 'application/xml'],
    [`<!-- a -->${' '.repeat(200)}${'<!---->'.repeat(30)}x`, 'text/plain'],
    ['<!-- a --> <!-- b --><title>x', 'text/html'],
    ['{"a": [1]}', 'text/json'],
    ['[{"a": 1}]', 'text/json'],
    ['GIF89a', 'image/gif'],
    ['\x89PNG\r\n\x1a\n', 'image/png'],
    ['\xff\xd8\xff\xe0', 'image/jpeg'],
    ['%PDF-1.7', 'application/pdf'],
    ['PK\x03\x04', 'application/zip'],
    ['MZ\x90\x00', 'application/x-dosexec'],
    ['#!/bin/bash\n', 'text/x-shellscript'],
    ['just some words', 'text/plain'],
    ['too short', undefined],
    ['\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a', undefined],
  ];
  for (const [text, type] of cases) {
    test(`${type ?? 'nothing'} for ${JSON.stringify(text)}`, () => {
      const bytes = ascii(text);
      expect(mediaType(bytes, 0, bytes.length)).toBe(type);
    });
  }
});

describe('hostile input', () => {
  test('a line without an end is held only up to its ceiling', () => {
    const long = 'a'.repeat(10_000);
    const [record] = records([there(`GET /${long}`), there(long), there(long), there(' HTTP/1.1\r\nHost: a\r\n\r\n')]);
    expect((record!.uri as string).length).toBe(4_096);
  });

  test('requests without end are written, not held', () => {
    const outcome = run(http, flow, [there('GET / HTTP/1.1\r\n\r\n'.repeat(500))]);
    expect(outcome.records).toHaveLength(500);
    expect(outcome.weirds.length).toBe(400);
  });

  test('a chunk size beyond any number is named and ends the body', () => {
    expect(weirds([there('POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n\r\n')])).toEqual([
      'HTTP_bad_chunk_size',
    ]);
  });

  test('both length and chunks in a request are named', () => {
    expect(weirds([there('POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')])).toEqual([
      'HTTP_content_length_and_chunked',
    ]);
  });

  test('mutated bytes never throw', () => {
    const stream = ascii(
      `${get}POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 6 }),
        fc.constantFrom<Direction>(0, 1),
        (changes, direction) => {
          const bytes = Uint8Array.from(stream);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          expect(run(http, flow, [{ direction, ts: 1, bytes }]).records.length).toBeLessThan(10);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

test('any split of the streams gives the same records', () => {
  const requests = ascii(`${get}POST /p HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\nhelloGET /q HTTP/1.1\r\nVia: x\r\n\r\n`);
  const replies = ascii(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{"a": true }\r\n0\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 12\r\n\r\nhello world!HTTP/1.0 200 OK\r\n\r\nuntil the end',
  );
  const whole = run(http, flow, [
    { direction: 0, ts: 1, bytes: requests },
    { direction: 1, ts: 2, bytes: replies },
  ]);
  expect(whole.records.map(({ log }) => log)).toEqual(['files', 'files', 'http', 'files', 'http', 'files', 'http']);
  const places = fc.array(fc.nat(400), { maxLength: 30 });
  fc.assert(
    fc.property(places, places, (first, second) => {
      const outcome = run(http, flow, [
        ...cut({ direction: 0, ts: 1, bytes: requests }, first),
        ...cut({ direction: 1, ts: 2, bytes: replies }, second),
      ]);
      expect(outcome).toEqual(whole);
    }),
    { numRuns: 500 },
  );
});

describe('probe', () => {
  const ask = (text: string, direction: Direction = 0, usual = false) =>
    http.probe(ascii(text), 0, text.length, direction, usual);
  test('requests and responses on any port', () => {
    expect(ask('GET / HTTP/1.1\r\n')).toBe('yes');
    expect(ask('PROPFIND /dav HTTP/1.1\r\n')).toBe('yes');
    expect(ask('HTTP/1.1 200 OK\r\n', 1)).toBe('yes');
    expect(ask('HTTP/1.1 200 OK\r\n', 0)).toBe('yes');
  });
  test('asks for more while it can be', () => {
    for (const text of ['', 'G', 'GET', 'GET ', 'GET /inde']) expect(ask(text)).toBe('more');
    expect(ask('HTTP/1.', 1)).toBe('more');
  });
  test('does not take other protocols', () => {
    for (const usual of [false, true]) {
      expect(ask('SSH-2.0-OpenSSH_9.6 x\r\n', 0, usual)).toBe('no');
      expect(ask('\x16\x03\x01\x00\xc8', 0, usual)).toBe('no');
      expect(ask('220 mail ESMTP\r\n', 1, usual)).toBe('no');
    }
    expect(ask('OPTIONS sip:a@b SIP/2.0\r\n')).toBe('no');
    expect(ask('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 0, true)).toBe('no');
    expect(ask('USER alice\r\n')).toBe('no');
  });
});
