import * as fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Direction } from '../protocol.ts';
import { type Arrival, ascii, cut, flowOf, run } from '../trial.ts';
import { http } from './http.ts';
import { inflateHead } from './inflate.ts';
import { mediaType } from '../../files/media.ts';

const there = (text: string, ts = 1): Arrival => ({ direction: 0, ts, bytes: ascii(text) });
const back = (text: string | Uint8Array, ts = 2): Arrival => ({
  direction: 1,
  ts,
  bytes: typeof text === 'string' ? ascii(text) : text,
});
const flow = flowOf('tcp', 80);
const records = (arrivals: readonly Arrival[]) => run(http, flow, arrivals).records.map(({ record }) => record);
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
    expect(outcome.records).toHaveLength(1);
    expect(outcome.weirds).toEqual([]);
    expect(outcome.records[0]!.record).toMatchObject({ method: 'CONNECT', proxied: ['PROXY-CONNECTION -> keep-alive'] });
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
  test('cut off, they count as they were sent', () => {
    expect(records([there(get), back(Buffer.concat([head, packed.subarray(0, 30)]))])).toMatchObject([{ response_body_len: 30 }]);
  });
  test('a trailer that promises more than gzip can do is not believed', () => {
    const liar = Buffer.from(packed);
    liar.writeUInt32LE(0xffff_ffff, liar.length - 4);
    expect(records([there(get), back(Buffer.concat([head, liar]))])).toMatchObject([{ response_body_len: packed.length }]);
  });
  test('the first bytes are unpacked right, and any bytes at all are survived', () => {
    const out = new Uint8Array(512);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.constantFrom(0, 1, 9), (bytes, level) => {
        const zipped = gzipSync(bytes, { level });
        const length = inflateHead(zipped, 0, zipped.length, out);
        expect(Buffer.from(out.subarray(0, length))).toEqual(Buffer.from(bytes.subarray(0, 512)));
        expect(inflateHead(bytes, 0, bytes.length, out)).toBeLessThanOrEqual(512);
      }),
    );
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
  expect(whole.records).toHaveLength(3);
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
