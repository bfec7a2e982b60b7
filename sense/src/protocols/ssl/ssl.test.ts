import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Direction } from '../protocol.ts';
import { type Arrival, cut, flowOf, hex, run } from '../trial.ts';
import { cipherName } from './ciphers.ts';
import { Der } from '../der.ts';
import { versionName } from './names.ts';
import { ssl } from './ssl.ts';
import { namesHost, readCertificate } from './x509.ts';

const flow = flowOf('tcp', 443);

/** The arrivals of a case, those of one direction that follow each other put together. */
function caseOf(name: string): { direction: Direction; ts: number; bytes: Uint8Array }[] {
  const text = readFileSync(new URL(`./cases/${name}/bytes.txt`, import.meta.url), 'utf8');
  const arrivals: { direction: Direction; ts: number; bytes: Uint8Array }[] = [];
  for (const match of text.matchAll(/^(\S+) ([<>]) (.*)$/gm)) {
    const direction = match[2] === '>' ? 0 : 1;
    const bytes = hex(match[3]!);
    const last = arrivals.at(-1);
    if (last?.direction === direction) last.bytes = Uint8Array.from([...last.bytes, ...bytes]);
    else arrivals.push({ direction, ts: Number(match[1]), bytes });
  }
  return arrivals;
}

/** The first certificate of the server in the TLS 1.2 case. */
function certificate(): Uint8Array {
  const server = caseOf('tls12')[1]!.bytes;
  let at = 0;
  while (server[at + 5] !== 11) at += 5 + ((server[at + 3]! << 8) | server[at + 4]!);
  const from = at + 5 + 4 + 3 + 3;
  const length = (server[from - 3]! << 16) | (server[from - 2]! << 8) | server[from - 1]!;
  return server.subarray(from, from + length);
}

for (const name of ['tls12', 'tls13', 'client-certificate', 'version-refused', 'ssl2']) {
  test(`${name}: any split of the streams gives the same records`, () => {
    const arrivals = caseOf(name);
    const whole = run(ssl, flow, arrivals);
    expect(whole.records.length).toBeGreaterThan(0);
    fc.assert(
      fc.property(fc.array(fc.nat(3_000), { maxLength: 40 }), (places) => {
        expect(
          run(
            ssl,
            flow,
            arrivals.flatMap((arrival) => cut(arrival, places)),
          ),
        ).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  test(`${name}: byte by byte`, () => {
    const arrivals = caseOf(name);
    const bytewise = arrivals.flatMap((arrival) =>
      cut(
        arrival,
        Array.from({ length: arrival.bytes.length }, (_, i) => i),
      ),
    );
    expect(run(ssl, flow, bytewise)).toEqual(run(ssl, flow, arrivals));
  });

  test(`${name}: mutated bytes never throw`, () => {
    const arrivals = caseOf(name);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5_000), fc.nat(255)), { minLength: 1, maxLength: 8 }), fc.nat(5), (changes, which) => {
        const mutated = arrivals.map((arrival, i): Arrival => {
          if (i !== which % arrivals.length) return arrival;
          const bytes = Uint8Array.from(arrival.bytes);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          return { ...arrival, bytes };
        });
        const { records } = run(ssl, flow, mutated);
        expect(records.filter(({ log }) => log === 'ssl').length).toBeLessThanOrEqual(1);
        expect(records.length).toBeLessThanOrEqual(65);
      }),
      { numRuns: 400 },
    );
  });
}

test('a message cut into many records is put together', () => {
  const [client, ...rest] = caseOf('tls12');
  const message = client!.bytes.subarray(5);
  const records: number[] = [];
  for (let at = 0; at < message.length; at += 50) {
    const part = message.subarray(at, at + 50);
    records.push(22, 3, 1, 0, part.length, ...part);
  }
  const outcome = run(ssl, flow, [{ ...client!, bytes: Uint8Array.from(records) }, ...rest]);
  expect(outcome).toEqual(run(ssl, flow, [client!, ...rest]));
});

test('a resumed session shows by its id', () => {
  const random = '00'.repeat(32);
  const session = 'aa'.repeat(32);
  const client = hex(`16 0303 004f 01 00004b 0303 ${random} 20 ${session} 0002 c02f 01 00 0000`);
  const server = hex(`16 0303 004a 02 000046 0303 ${random} 20 ${session} c02f 00 14 0303 0001 01 16 0303 0004 aaaaaaaa`);
  const last = hex('14 0303 0001 01 16 0303 0004 bbbbbbbb');
  const { records } = run(ssl, flow, [
    { direction: 0, ts: 1, bytes: client },
    { direction: 1, ts: 2, bytes: server },
    { direction: 0, ts: 3, bytes: last },
  ]);
  expect(records[0]!.record).toMatchObject({
    resumed: true,
    established: true,
    ssl_history: 'CsiI',
    cipher: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  });
});

test('TLCP (GB/T 38636) is read like its relatives', () => {
  const random = '00'.repeat(32);
  const client = hex(`16 0101 002d 01 000029 0101 ${random} 00 0002 e013 01 00`);
  const server = hex(`16 0101 002a 02 000026 0101 ${random} 00 e013 00  16 0101 0004 0e 000000`);
  expect(ssl.probe(client, 0, client.length, 0, false)).toBe('yes');
  const { records } = run(ssl, flow, [
    { direction: 0, ts: 1, bytes: client },
    { direction: 1, ts: 2, bytes: server },
    { direction: 0, ts: 3, bytes: hex('16 0101 0006 10 000002 aaaa 14 0101 0001 01 16 0101 0004 bbbbbbbb') },
    { direction: 1, ts: 4, bytes: hex('14 0101 0001 01 16 0101 0004 cccccccc') },
  ]);
  expect(records).toMatchObject([
    { record: { version: 'TLCPv11', cipher: 'ECC_SM4_CBC_SM3', established: true, ssl_history: 'CsnGIi' } },
  ]);
});

test('a change of cipher after a retry means nothing yet', () => {
  const random = '00'.repeat(32);
  const magic = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';
  const client = hex(`16 0301 002d 01 000029 0303 ${random} 00 0002 1301 01 00`);
  const versions = '002b 0002 0304';
  const asks = hex(`16 0303 0038 02 000034 0303 ${magic} 00 1301 00 000c ${versions} 0033 0002 0017  14 0303 0001 01`);
  const serves = hex(`16 0303 0032 02 00002e 0303 ${random} 00 1301 00 0006 ${versions}  17 0303 0004 aaaaaaaa`);
  const { records } = run(ssl, flow, [
    { direction: 0, ts: 1, bytes: client },
    { direction: 1, ts: 2, bytes: asks },
    { direction: 0, ts: 3, bytes: Uint8Array.from([...hex('14 0303 0001 01'), ...client]) },
    { direction: 1, ts: 4, bytes: serves },
    { direction: 0, ts: 5, bytes: hex('17 0303 0004 bbbbbbbb') },
  ]);
  expect(records).toMatchObject([
    { record: { ssl_history: 'CjiICs', established: true, version: 'TLSv13', curve: 'secp256r1' } },
  ]);
});

test('a gap inside a record costs its message, a gap across records the direction', () => {
  const [client, server, ...rest] = caseOf('tls12');
  const inside = run(ssl, flow, [
    client!,
    { ...server!, bytes: server!.bytes.subarray(0, 300) },
    { direction: 1, ts: 2, missing: 100 },
    { ...server!, bytes: server!.bytes.subarray(400) },
    ...rest,
  ]);
  expect(inside.records).toMatchObject([{ record: { version: 'TLSv12', ssl_history: 'CsGIi', established: true } }]);
  const across = run(ssl, flow, [client!, { direction: 1, ts: 2, missing: 5_000 }, ...rest]);
  expect(across.records).toMatchObject([{ record: { server_name: 'www.example.org', established: false } }]);
});

test('a message that claims sixteen megabytes holds no more than its ceiling', () => {
  const parts: Arrival[] = [{ direction: 1, ts: 1, bytes: hex('16 0303 0004 0b ffffff') }];
  const filler = Uint8Array.from([22, 3, 3, 0x40, 0, ...Array.from({ length: 0x4000 }, () => 0x41)]);
  for (let i = 0; i < 40; i++) parts.push({ direction: 1, ts: 2, bytes: filler });
  expect(run(ssl, flow, parts).records).toEqual([]);
});

test('a server that is asked from the other side, as in a data connection of FTP', () => {
  const turned = caseOf('tls12').map((each) => ({ ...each, direction: (1 - each.direction) as Direction }));
  const { records } = run(ssl, flowOf('tcp', 40_001), turned);
  const { ssl_history: history } = run(ssl, flow, caseOf('tls12')).records.at(-1)!.record;
  expect(records.at(-1)!.record).toMatchObject({ ssl_history: `^${history}`, established: true });
  expect(records.filter(({ log }) => log === 'x509').map(({ record }) => record['client_cert'])).toContain(false);
});

test('a capture that begins with ciphertext shows TLS and no handshake', () => {
  const bytes = hex(`17 0303 0020 ${'ab'.repeat(32)} 17 0303 0020 ${'cd'.repeat(32)}`);
  expect(ssl.probe(bytes, 0, bytes.length, 1, false)).toBe('yes');
  expect(ssl.probe(bytes, 0, 20, 1, false)).toBe('yes');
  expect(ssl.probe(hex(`17 0303 0020 ${'ab'.repeat(32)} 48 5454`), 0, 40, 1, false)).toBe('no');
  const outcome = run(ssl, flow, [{ direction: 1, ts: 1, bytes }]);
  expect(outcome.confirmed).toBe(true);
  expect(outcome.records).toEqual([]);
});

test('a capture that begins with a change of cipher, too', () => {
  const bytes = hex(`14 0303 0001 01 17 0303 0020 ${'ab'.repeat(32)}`);
  expect(ssl.probe(bytes, 0, bytes.length, 0, false)).toBe('yes');
  for (let length = 1; length < 9; length++) expect(ssl.probe(bytes, 0, length, 0, false)).toBe('more');
  expect(ssl.probe(hex('14 0303 0001 02 17 0303'), 0, 9, 0, false)).toBe('no');
  expect(ssl.probe(hex('14 0303 0001 01 17 0301'), 0, 9, 0, false)).toBe('no');
  const outcome = run(ssl, flow, [{ direction: 0, ts: 1, bytes }]);
  expect(outcome.confirmed).toBe(true);
  expect(outcome.records).toEqual([]);
});

test('a capture that begins between hello and certificate shows TLS by the certificate', () => {
  const server = caseOf('tls12')[1]!;
  const bytes = server.bytes.subarray(5 + ((server.bytes[3]! << 8) | server.bytes[4]!));
  expect(bytes[5]).toBe(11);
  const outcome = run(ssl, flow, [{ ...server, bytes }]);
  expect(outcome.confirmed).toBe(true);
  expect(outcome.records.map(({ log }) => log)).toContain('x509');
  const unreadable = Uint8Array.from(bytes);
  unreadable.fill(0, 15, 60);
  expect(run(ssl, flow, [{ ...server, bytes: unreadable.subarray(0, 400) }]).confirmed).toBe(false);
});

test('a capture of nothing but the encrypted alert that closes a connection, too', () => {
  const bytes = hex(`15 0303 001a ${'ab'.repeat(26)}`);
  expect(ssl.probe(bytes, 0, bytes.length, 0, false)).toBe('yes');
  expect(ssl.probe(bytes, 0, bytes.length - 1, 0, false)).toBe('more');
  expect(ssl.probe(hex(`15 0303 001a ${'ab'.repeat(27)}`), 0, 32, 0, false)).toBe('no');
  expect(ssl.probe(hex(`15 0303 0009 ${'ab'.repeat(9)}`), 0, 14, 0, false)).toBe('no');
  const outcome = run(ssl, flow, [{ direction: 0, ts: 1, bytes }]);
  expect(outcome.confirmed).toBe(true);
  expect(outcome.records).toEqual([]);
});

test('a hello that the capture has cut is TLS without a record', () => {
  const [client] = caseOf('tls13');
  const outcome = run(ssl, flow, [{ ...client!, bytes: client!.bytes.subarray(0, 60) }]);
  expect(outcome.confirmed).toBe(true);
  expect(outcome.records).toEqual([]);
});

test('the second hello has a fingerprint of its own, whether the server that asked for it was captured or not', () => {
  const random = '00'.repeat(32);
  const magic = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';
  const hello = (extensions: string, bytes: number): string => {
    const long = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
    return `16 0301 ${long(bytes + 47, 4)} 01 ${long(bytes + 43, 6)} 0303 ${random} 00 0002 1301 01 00 ${long(bytes, 4)} ${extensions}`;
  };
  const client = hex(hello('002b 0003 02 0304', 7));
  const again = hex(`14 0303 0001 01 ${hello('002b 0003 02 0304 002c 0004 0002 aaaa', 15)}`);
  const asks = hex(`16 0303 0038 02 000034 0303 ${magic} 00 1301 00 000c 002b 0002 0304 0033 0002 0017`);
  const seen = run(ssl, flow, [
    { direction: 0, ts: 1, bytes: client },
    { direction: 1, ts: 2, bytes: asks },
    { direction: 0, ts: 3, bytes: again },
  ]).records[0]!.record;
  const half = run(ssl, flow, [
    { direction: 0, ts: 1, bytes: client },
    { direction: 0, ts: 3, bytes: again },
  ]).records[0]!.record;
  for (const record of [seen, half]) {
    expect(record['ja4']).toMatch(/^t13i0101/);
    expect(record['ja4_retry']).toMatch(/^t13i0102/);
  }
  expect(half['ssl_history']).toBe('CIC');
  // The encrypted Finished of an earlier version is no hello, though it stands in a record of the same kind.
  const finished = hex(`14 0303 0001 01 16 0303 0028 ${'01aa'.repeat(20)}`);
  const older = run(ssl, flow, [
    { direction: 0, ts: 1, bytes: client },
    { direction: 0, ts: 3, bytes: finished },
  ]).records[0]!.record;
  expect(older['ja4_retry']).toBeUndefined();
});

test('early data after the first hello is no middle of a flow', () => {
  const [client] = caseOf('tls13');
  const early = hex(`17 0303 0020 ${'ab'.repeat(32)}`);
  const { records } = run(ssl, flow, [client!, { direction: 0, ts: 2, bytes: early }]);
  expect(records).toMatchObject([{ log: 'ssl', record: { ssl_history: 'C', established: false } }]);
});

describe('certificates', () => {
  test('mutated ones never throw, and truncated ones are refused', () => {
    const good = certificate();
    expect(readCertificate(good, 0, good.length)?.subject).toContain('www.example.org');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(good.length),
        (changes, length) => {
          const bytes = Uint8Array.from(good);
          for (const [at, value] of changes) bytes[at] = value;
          readCertificate(bytes, 0, bytes.length);
          expect(readCertificate(good, 0, Math.min(length, good.length - 1))).toBeUndefined();
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('names: whole, by wildcard, and not by more than one label', () => {
    const good = certificate();
    const parsed = readCertificate(good, 0, good.length)!;
    expect(namesHost(parsed, 'WWW.example.org')).toBe(true);
    expect(namesHost(parsed, 'a.example.net')).toBe(true);
    expect(namesHost(parsed, 'a.b.example.net')).toBe(false);
    expect(namesHost(parsed, 'example.net')).toBe(false);
    expect(namesHost({ ...parsed, sanDns: ['*.net'] }, 'example.net')).toBe(false);
  });

  const one = (text: string): Der => {
    const bytes = hex(text);
    const der = new Der(bytes, 0, bytes.length);
    expect(der.next()).toBe(true);
    return der;
  };
  test('integers, identifiers and times', () => {
    expect(one('02 02 00ff').integerHex()).toBe('FF');
    expect(one('02 01 00').integerHex()).toBe('00');
    expect(one('02 01 ff').integerHex()).toBe('-01');
    expect(one('02 03 010001').integerText()).toBe('65537');
    expect(one('06 09 2a864886f70d01010b').identifier()).toBe('1.2.840.113549.1.1.11');
    expect(one('06 03 883703').identifier()).toBe('2.999.3');
    expect(one('17 0d 3439313233313233353935395a').time()).toBe(Date.UTC(2049, 11, 31, 23, 59, 59) / 1000);
    expect(one('17 0d 3530303130313030303030305a').time()).toBe(Date.UTC(1950, 0, 1) / 1000);
    expect(one('18 0f 32303530303130313030303030305a').time()).toBe(Date.UTC(2050, 0, 1) / 1000);
    expect(one('18 03 787878').time()).toBeUndefined();
  });
});

describe('names', () => {
  test('versions', () => {
    expect([0x0303, 0x7f17, 0x7e01, 0x0101].map(versionName)).toEqual(['TLSv12', 'TLSv13-draft23', 'unknown-32257', 'TLCPv11']);
  });
  test('suites', () => {
    expect([0x1301, 0xc02b, 0x00c6, 0xe013, 0x130d].map(cipherName)).toEqual([
      'TLS_AES_128_GCM_SHA256',
      'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
      'TLS_SM4_GCM_SM3',
      'ECC_SM4_CBC_SM3',
      'unknown-4877',
    ]);
  });
});

describe('probe', () => {
  const ask = (bytes: Uint8Array, length = bytes.length) => ssl.probe(bytes, 0, length, 0, false);
  test('hellos on any port, waiting for enough of them', () => {
    for (const name of ['tls12', 'tls13', 'ssl2']) {
      const { bytes } = caseOf(name)[0]!;
      expect(ask(bytes)).toBe('yes');
      for (let length = 0; length < 11; length++) expect(ask(bytes, length)).toBe('more');
    }
    expect(ask(caseOf('tls12')[1]!.bytes)).toBe('yes');
    expect(ask(hex('15 0303 0002 02 28'))).toBe('yes');
  });
  test('not what only looks alike', () => {
    expect(ask(hex('16 0303 0200 0b 0000fc 0303 00'))).toBe('no');
    expect(ask(hex('16 0203 0200 01 0000fc 0303 00'))).toBe('no');
    expect(ask(Buffer.from('GET / HTTP/1.1\r\n'))).toBe('no');
  });
});
