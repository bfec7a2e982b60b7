import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, ascii, cut, flowOf, hex, run, silent } from '../trial.ts';
import { FieldDecoder } from './hpack.ts';
import { http2, openHttp2 } from './http2.ts';
import { decodeHuffman, symbolCount } from './huffman.ts';

const flow = flowOf('tcp', 80);
const preface = ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

function frame(type: number, flags: number, stream: number, ...parts: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  return Buffer.concat([
    Uint8Array.from([
      body.length >> 16,
      (body.length >> 8) & 255,
      body.length & 255,
      type,
      flags,
      0,
      0,
      stream >> 8,
      stream & 255,
    ]),
    body,
  ]);
}

/** A field as a literal that is not added to the table. */
function field(name: string, value: string): Uint8Array {
  const length = (text: string): Uint8Array =>
    text.length < 127
      ? Uint8Array.of(text.length)
      : Uint8Array.of(127, ((text.length - 127) & 127) | 128, (text.length - 127) >> 7);
  return Buffer.concat([Uint8Array.of(0), length(name), ascii(name), length(value), ascii(value)]);
}

const settings = frame(4, 0, 0);
const request = (path: string): Uint8Array =>
  Buffer.concat([hex('82 86'), field(':path', path), field(':authority', 'example.org')]);
const to = (...parts: Uint8Array[]): Arrival => ({ direction: 0, ts: 1, bytes: Buffer.concat(parts) });
const from = (...parts: Uint8Array[]): Arrival => ({ direction: 1, ts: 1, bytes: Buffer.concat(parts) });
const outcome = (...arrivals: Arrival[]) => run(http2, flow, arrivals);
const records = (...arrivals: Arrival[]) =>
  outcome(...arrivals)
    .records.filter(({ log }) => log === 'http')
    .map(({ record }) => record);

describe('HPACK, after the examples of RFC 7541 appendix C', () => {
  const decode = (decoder: FieldDecoder, text: string): string[] => {
    const found: string[] = [];
    const bytes = hex(text);
    expect(decoder.decode(bytes, 0, bytes.length, { field: (_id, name, value) => void found.push(`${name}: ${value}`) })).toBe(
      true,
    );
    return found;
  };
  test('C.3 and C.4: requests in clear and in Huffman codes', () => {
    for (const blocks of [
      [
        '828684410f7777772e6578616d706c652e636f6d',
        '828684be58086e6f2d6361636865',
        '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
      ],
      ['828684418cf1e3c2e5f23a6ba0ab90f4ff', '828684be5886a8eb10649cbf', '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf'],
    ]) {
      const decoder = new FieldDecoder();
      const sizes = [57, 110, 164];
      for (const [i, block] of blocks.entries()) {
        const found = decode(decoder, block);
        expect(found).toContain(':authority: www.example.com');
        expect(found).toContain(i === 2 ? ':path: /index.html' : ':path: /');
        expect(decoder.size).toBe(sizes[i]);
      }
    }
  });
  test('C.6: responses, with entries that make room (table of 256 bytes)', () => {
    const decoder = new FieldDecoder();
    expect(decode(decoder, '3fe101')).toEqual([]);
    const sizes = [222, 222, 215];
    const blocks = [
      '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
      '4883640effc1c0bf',
      '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
    ];
    for (const [i, block] of blocks.entries()) {
      expect(decode(decoder, block)).toContain(`:status: ${[302, 307, 200][i]}`);
      expect(decoder.size).toBe(sizes[i]);
    }
  });
  test('every symbol of the Huffman code has its length', () => {
    expect(symbolCount).toBe(257);
    const target = new Uint8Array(8);
    // '0' is 00000, '!' 1111111000, byte 10 thirty bits; padding is ones.
    expect(decodeHuffman(hex('07'), 0, 1, target)).toBe(1);
    expect(target[0]).toBe(0x30);
    expect(decodeHuffman(hex('fe3f'), 0, 2, target)).toBe(1);
    expect(target[0]).toBe(0x21);
    expect(decodeHuffman(hex('fffffff3'), 0, 4, target)).toBe(1);
    expect(target[0]).toBe(0x0a);
    expect(decodeHuffman(hex('fffffffc'), 0, 4, target)).toBe(-1);
    expect(decodeHuffman(hex('ffff'), 0, 2, target)).toBe(-1);
    expect(decodeHuffman(hex('00'), 0, 1, target)).toBe(-1);
  });
  test('what is broken', () => {
    for (const text of ['80', 'ff80808080808080', '40', '4103', '3fffffff7f', '7f', '418cf1']) {
      const bytes = hex(text);
      expect(new FieldDecoder().decode(bytes, 0, bytes.length, { field: () => {} })).toBe(false);
    }
  });
  test('any bytes, without an exception and within the table', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }), (blocks) => {
        const decoder = new FieldDecoder();
        for (const block of blocks) decoder.decode(block, 0, block.length, { field: () => {} });
        expect(decoder.size).toBeLessThanOrEqual(16_384);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('streams', () => {
  test('fields over several frames, trailers, escapes', () => {
    const block = request('/a%20b%C3%A9?q=1%25');
    expect(
      records(
        to(
          preface,
          settings,
          frame(1, 1, 1, block.subarray(0, 5)),
          frame(9, 0, 1, block.subarray(5, 9)),
          frame(9, 4, 1, block.subarray(9)),
        ),
        from(
          settings,
          frame(1, 4, 1, hex('88'), field('content-type', 'application/grpc')),
          frame(0, 0, 1, ascii('body')),
          frame(1, 5, 1, field('grpc-status', '0'), field(':status', '500')),
        ),
      ),
    ).toMatchObject([{ uri: '/a bé?q=1%', host: 'example.org', status_code: 200, response_body_len: 4 }]);
  });
  test('a pushed request is recorded with its response', () => {
    expect(
      records(
        to(preface, settings, frame(1, 5, 1, request('/'))),
        from(
          settings,
          frame(5, 4, 1, hex('00000002'), request('/style.css')),
          frame(1, 5, 1, hex('88')),
          frame(1, 5, 2, hex('88')),
        ),
      ),
    ).toMatchObject([
      { uri: '/', trans_depth: 1 },
      { uri: '/style.css', trans_depth: 2, status_code: 200 },
    ]);
  });
  test('the request of an upgrade is answered in stream 1', () => {
    const asked = {
      ts: 1,
      uid: 'C',
      'id.orig_h': 'a',
      'id.orig_p': 1,
      'id.resp_h': 'b',
      'id.resp_p': 2,
      trans_depth: 1,
      method: 'GET',
      uri: '/x',
      host: 'h',
    };
    const upgraded = {
      ...http2,
      open: (view: Parameters<typeof http2.open>[0], emit: Parameters<typeof http2.open>[1]) => openHttp2(view, emit, asked),
    };
    const { records: written } = run(upgraded, flow, [
      from(settings, frame(1, 5, 1, hex('88'))),
      to(preface, settings, frame(1, 5, 3, request('/y'))),
    ]);
    expect(written.map(({ record }) => record)).toMatchObject([
      { method: 'GET', uri: '/x', host: 'h', status_code: 200 },
      { uri: '/y' },
    ]);
  });
  test('a body that goes on behind the end of its stream begins no file that would stay open', () => {
    const [first, ...others] = outcome(
      to(preface, settings, frame(1, 4, 1, request('/')), frame(0, 1, 1, ascii('all')), frame(0, 0, 1, ascii('more'))),
      from(settings, frame(1, 5, 1, hex('88'))),
    ).records.filter(({ log }) => log === 'files');
    expect(first!.record).toMatchObject({ seen_bytes: 3 });
    expect(others).toEqual([]);
    let open = 0;
    const parser = http2.open(flow, {
      ...silent,
      file: () => {
        open++;
        return { id: 'F', mediaType: undefined, data: () => {}, gap: () => {}, end: () => void open-- };
      },
    });
    const bytes = Buffer.concat([preface, settings, frame(1, 5, 1, request('/')), frame(0, 0, 1, ascii('more'))]);
    parser.data(0, bytes, 0, bytes.length, 1);
    parser.finish(2);
    expect(open).toBe(0);
  });

  test('a gap inside a body is counted; elsewhere only the other direction is read on', () => {
    const body = frame(0, 1, 1, new Uint8Array(1_000));
    const begin = [
      to(preface, settings, frame(1, 5, 1, request('/'))),
      from(settings, frame(1, 4, 1, hex('88')), body.subarray(0, 100)),
    ];
    expect(records(...begin, { direction: 1, ts: 1, missing: 500 }, from(body.subarray(600)))).toMatchObject([
      { response_body_len: 1_000 },
    ]);
    expect(
      records(...begin, { direction: 1, ts: 1, missing: 2_000 }, from(body), to(frame(1, 5, 3, request('/z')))),
    ).toMatchObject([{ uri: '/' }, { uri: '/z' }]);
  });
  test('more streams than are held', () => {
    const many = Array.from({ length: 1_100 }, (_, i) => frame(1, 5, 2 * i + 1, request(`/${i}`)));
    const { records: written, weirds } = outcome(to(preface, settings, ...many));
    expect(written).toHaveLength(1_100);
    expect(weirds.map(({ name }) => name)).toEqual(['HTTP2_excessive_streams']);
  });
});

test('DNS over HTTPS in clear is DNS as well: by POST, and by GET', () => {
  const question = hex('0000 0100 0001 0000 0000 0000 07 6578616d706c65 03 6f7267 00 0001 0001');
  const answer = hex(
    '0000 8180 0001 0001 0000 0000 07 6578616d706c65 03 6f7267 00 0001 0001 c00c 0001 0001 0000003c 0004 c0000201',
  );
  const type = field('content-type', 'application/dns-message');
  const asked = Buffer.from(question).toString('base64url');
  const { records: all, confirmed } = outcome(
    to(preface, settings, frame(1, 4, 1, hex('83 86'), field(':path', '/dns-query'), type), frame(0, 1, 1, question)),
    to(frame(1, 5, 3, request(`/dns-query?dns=${asked}`))),
    from(settings, frame(1, 4, 1, hex('88'), type), frame(0, 0, 1, answer.subarray(0, 20)), frame(0, 1, 1, answer.subarray(20))),
    from(frame(1, 4, 3, hex('88'), type), frame(0, 1, 3, answer)),
  );
  expect(confirmed).toBe(true);
  const lookups = all.filter(({ log }) => log === 'dns').map(({ record }) => record);
  const wanted = { proto: 'tcp', query: 'example.org', qtype_name: 'A', answers: ['192.0.2.1'], rcode_name: 'NOERROR' };
  expect(lookups).toMatchObject([wanted, wanted]);
  expect(all.filter(({ log }) => log === 'http')).toHaveLength(2);
});

describe('what is wrong', () => {
  const weirds = (...arrivals: Arrival[]) => outcome(...arrivals).weirds.map(({ name }) => name);
  test('ends the reading of its direction', () => {
    expect(weirds(to(ascii('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'), settings))).toEqual(['HTTP2_bad_preface']);
    expect(weirds(to(preface, settings, frame(1, 0, 1, request('/')), frame(0, 0, 1, ascii('x'))))).toEqual(['HTTP2_bad_frame']);
    expect(weirds(to(preface, frame(4, 0, 0, ascii('x'))))).toEqual(['HTTP2_bad_frame']);
    expect(weirds(to(preface, settings, frame(0, 0, 0, ascii('x'))))).toEqual(['HTTP2_bad_frame']);
    expect(weirds(to(preface, settings, frame(0, 8, 1, hex('09 00'))))).toEqual(['HTTP2_bad_padding']);
    expect(weirds(to(preface, settings, frame(1, 12, 1, hex('09 00'))))).toEqual(['HTTP2_bad_padding']);
    expect(weirds(to(preface, settings, frame(1, 0, 1, new Uint8Array(60_000)), frame(9, 0, 1, new Uint8Array(60_000))))).toEqual(
      ['HTTP2_excessive_header_block'],
    );
    expect(weirds(to(preface, settings, frame(1, 5, 1, hex('80'))))).toEqual(['HTTP2_bad_header_block']);
    expect(weirds(to(preface, settings, frame(1, 5, 1, new Uint8Array(2_000).fill(0x82))))).toEqual(['HTTP2_bad_header_block']);
  });
});

test('any cutting gives the same records', () => {
  const there = Buffer.concat([
    preface,
    settings,
    frame(1, 4, 1, request('/a')),
    frame(0, 8, 1, hex('02'), ascii('hello'), hex('0000')),
    frame(0, 1, 1),
    frame(1, 37, 3, hex('0000000010'), request('/b')),
    frame(3, 0, 3, hex('00000008')),
  ]);
  const build = (places: readonly number[]) =>
    records(...cut({ direction: 0, ts: 1, bytes: there }, places)).map((record) => ({ ...record, orig_fuids: undefined }));
  expect(build([])).toMatchObject([{ uri: '/b' }, { uri: '/a', request_body_len: 5 }]);
  fc.assert(fc.property(fc.array(fc.nat(200), { maxLength: 20 }), (places) => void expect(build(places)).toEqual(build([]))));
});

test('mutated conversations never throw', () => {
  const good = [
    to(preface, settings, frame(1, 4, 1, request('/a')), frame(0, 1, 1, ascii('hello')), frame(1, 5, 3, request('/b'))),
    from(settings, frame(1, 4, 1, hex('88')), frame(0, 1, 1, ascii('hello')), frame(3, 0, 3, hex('00000008'))),
  ];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1), fc.nat(200), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const arrivals = good.map((arrival) => ({ ...arrival, bytes: Uint8Array.from((arrival as { bytes: Uint8Array }).bytes) }));
      for (const [which, at, value] of changes) arrivals[which]!.bytes[at % arrivals[which]!.bytes.length] = value;
      expect(run(http2, flow, arrivals).records.length).toBeLessThan(12);
    }),
    { numRuns: 1_000 },
  );
});

test('probe', () => {
  const ask = (bytes: Uint8Array, direction: 0 | 1 = 0) => http2.probe(bytes, 0, bytes.length, direction, false);
  expect(ask(preface)).toBe('yes');
  expect(ask(preface.subarray(0, 14))).toBe('more');
  expect(ask(ascii('PRIORITY / HTTP/1.1\r\n'))).toBe('no');
  expect(ask(settings, 1)).toBe('more');
  expect(ask(hex('000005 04 00 00000000'), 1)).toBe('no');
  expect(ask(ascii('HTTP/1.1 200'), 1)).toBe('no');
});
