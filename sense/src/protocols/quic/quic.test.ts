import { createCipheriv, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Direction } from '../protocol.ts';
import { type Arrival, flowOf, hex, type Outcome, run } from '../trial.ts';
import { quic } from './quic.ts';
import { versionOf } from './versions.ts';

const flow = flowOf('udp', 443);

type Datagram = { direction: Direction; ts: number; bytes: Uint8Array };
const at = (direction: Direction, ts: number, ...packets: Uint8Array[]): Datagram => ({
  direction,
  ts,
  bytes: Uint8Array.from(Buffer.concat(packets)),
});

/** The sample packets of RFC 9001, appendix A: the client's Initial, the server's, and a Retry. */
function sample(name: string): Uint8Array[] {
  const text = readFileSync(new URL(`./cases/${name}/bytes.txt`, import.meta.url), 'utf8');
  return [...text.matchAll(/^\S+ [<>] (.*)$/gm)].map((match) => hex(match[1]!));
}

/** HKDF-Expand-Label of RFC 8446 §7.1. */
function label(secret: Uint8Array, name: string, length: number): Buffer {
  const full = Buffer.from(`tls13 ${name}`);
  const info = Buffer.from([0, length, full.length, ...full, 0]);
  return createHmac('sha256', secret).update(info).update(Uint8Array.of(1)).digest().subarray(0, length);
}

type Packet = {
  version?: number;
  /** What the keys come from. */
  connectionId: Uint8Array;
  client: boolean;
  destination?: Uint8Array;
  source?: Uint8Array;
  number?: number;
  frames: readonly number[];
  /** Length to which the frames are padded. */
  padded?: number;
};

/** An Initial packet, protected as RFC 9001 §5 says. */
function initial(packet: Packet): Uint8Array {
  const { version = 1, number = 0, padded = 64 } = packet;
  const { salt, second } = versionOf(version)!;
  const secret = createHmac('sha256', salt).update(packet.connectionId).digest();
  const own = label(secret, packet.client ? 'client in' : 'server in', 32);
  const prefix = second ? 'quicv2' : 'quic';
  const key = label(own, `${prefix} key`, 16);
  const nonce = label(own, `${prefix} iv`, 12);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ number) >>> 0, 8);
  const frames = Buffer.alloc(Math.max(padded, packet.frames.length));
  frames.set(packet.frames);
  const destination = packet.destination ?? packet.connectionId;
  const source = packet.source ?? new Uint8Array(0);
  const length = 2 + frames.length + 16;
  const header = Buffer.from([
    0xc1 | (second ? 0x10 : 0),
    ...[24, 16, 8, 0].map((shift) => (version >>> shift) & 0xff),
    destination.length,
    ...destination,
    source.length,
    ...source,
    0,
    0x40 | (length >> 8),
    length & 0xff,
    (number >> 8) & 0xff,
    number & 0xff,
  ]);
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  cipher.setAAD(header);
  const sealed = Buffer.concat([cipher.update(frames), cipher.final(), cipher.getAuthTag()]);
  const masks = createCipheriv('aes-128-ecb', label(own, `${prefix} hp`, 16), null);
  const mask = masks.update(sealed.subarray(2, 18));
  header[0]! ^= mask[0]! & 0x0f;
  header[header.length - 2]! ^= mask[1]!;
  header[header.length - 1]! ^= mask[2]!;
  return Uint8Array.from(Buffer.concat([header, sealed]));
}

const integer = (value: number): number[] => (value < 64 ? [value] : [0x40 | (value >> 8), value & 0xff]);
const crypto = (offset: number, bytes: readonly number[]): number[] => [
  0x06,
  ...integer(offset),
  ...integer(bytes.length),
  ...bytes,
];
const name = (host: string): string => {
  const text = Buffer.from(host).toString('hex');
  const length = host.length;
  const two = (value: number): string => value.toString(16).padStart(4, '0');
  return `0000 ${two(length + 5)} ${two(length + 3)} 00 ${two(length)} ${text}`;
};
const extensions = hex(`${name('www.example.org')} 0010 0005 0003 02 6833 002b 0003 02 0304`);
const clientHello = [
  ...hex('01 00 00'),
  43 + extensions.length,
  ...hex(`0303 ${'00'.repeat(32)} 00 0002 1301 01 00`),
  0,
  extensions.length,
  ...extensions,
];
const serverHello = [...hex(`02 000034 0303 ${'00'.repeat(32)} 00 1301 00 000c 002b 0002 0304 0033 0002 001d`)];
const retryHello = [
  ...hex(
    '02 000034 0303 cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c 00 1301 00 000c 002b 0002 0304 0033 0002 0017',
  ),
];

const chosen = hex('8394c8f03e515708');
const server = hex('f067a550');
const client = (frames: readonly number[], more: Partial<Packet> = {}): Uint8Array =>
  initial({ connectionId: chosen, client: true, frames, padded: 200, ...more });
const answer = (frames: readonly number[], more: Partial<Packet> = {}): Uint8Array =>
  initial({ connectionId: chosen, client: false, frames, source: server, destination: new Uint8Array(0), ...more });

const quicOf = (outcome: Outcome) => outcome.records.filter(({ log }) => log === 'quic').map(({ record }) => record);
const sslOf = (outcome: Outcome) => outcome.records.filter(({ log }) => log === 'ssl').map(({ record }) => record);

test('the samples of RFC 9001 open, with what stands in them', () => {
  const [first, second] = sample('rfc9001');
  const outcome = run(quic, flow, [at(0, 1, first!), at(1, 2, second!)]);
  expect(outcome.weirds).toEqual([]);
  expect(outcome.services).toEqual(['quic', 'ssl']);
  expect(quicOf(outcome)).toMatchObject([
    { version: '1', client_initial_dcid: '8394c8f03e515708', server_scid: 'f067a5502a4262b5', server_name: 'example.com' },
  ]);
  expect(sslOf(outcome)).toMatchObject([{ version: 'TLSv13', server_name: 'example.com', ssl_history: 'Cs' }]);
});

describe('versions', () => {
  for (const version of [1, 0x6b3343cf, 0xff000016, 0xff000017, 0xff00001d, 0xff000022, 0xfaceb001, 0xfaceb002]) {
    test(`${versionOf(version)!.name}`, () => {
      const outcome = run(quic, flow, [
        at(0, 1, client(crypto(0, clientHello), { version })),
        at(1, 2, answer([2, 0, 0, 0, 0, ...crypto(0, serverHello)], { version })),
      ]);
      expect(outcome.weirds).toEqual([]);
      expect(quicOf(outcome)).toMatchObject([
        {
          version: versionOf(version)!.name,
          history: 'ISis',
          server_name: 'www.example.org',
          client_protocol: 'h3',
          client_scid: '',
          server_scid: 'f067a550',
        },
      ]);
      expect(sslOf(outcome)).toMatchObject([
        { version: 'TLSv13', cipher: 'TLS_AES_128_GCM_SHA256', curve: 'x25519', ssl_history: 'Cs', established: false },
      ]);
      expect(sslOf(outcome)[0]!['ja4']).toMatch(/^q13d0103h3_/);
    });
  }

  test('a server that answers in version 2 after version 1 (RFC 9368)', () => {
    const outcome = run(quic, flow, [
      at(0, 1, client(crypto(0, clientHello))),
      at(1, 2, answer(crypto(0, serverHello), { version: 0x6b3343cf })),
    ]);
    expect(outcome.weirds).toEqual([]);
    expect(sslOf(outcome)).toMatchObject([{ ssl_history: 'Cs' }]);
  });

  test('a version that is not known, the negotiation, and the version that both know', () => {
    const ids = '08 8394c8f03e515708 04 aabbccdd';
    const unknown = hex(`c0 1a2a3a4a ${ids} ${'00'.repeat(1_200)}`);
    const negotiation = hex('80 00000000 04 aabbccdd 08 8394c8f03e515708 00000001');
    const outcome = run(quic, flow, [
      at(0, 1, unknown),
      at(0, 2, unknown),
      at(1, 3, negotiation),
      at(0, 4, client(crypto(0, clientHello))),
      at(1, 5, answer(crypto(0, serverHello))),
    ]);
    expect(outcome.weirds).toEqual([]);
    expect(outcome.services).toEqual(['quic', 'ssl']);
    expect(quicOf(outcome).map(({ version, history }) => [version, history])).toEqual([
      ['unknown-1a2a3a4a', 'U'],
      ['unknown-0', 'u'],
      ['1', 'ISis'],
    ]);
  });

  test("the server's name in a hello of Google's own", () => {
    const hello = '43484c4f 0300 0000 50414400 04000000 534e4900 0f000000 56455200 13000000 00000000';
    const first = hex(`0d 8394c8f03e515708 51303433 01 ${'00'.repeat(12)} a0 01 3400 ${hello} 6578616d706c652e6f7267 51303433`);
    expect(quicOf(run(quic, flow, [at(0, 1, first)]))).toMatchObject([{ version: 'Q043', server_name: 'example.org' }]);
    for (let length = 16; length < first.length - 15; length++) {
      const [record] = quicOf(run(quic, flow, [at(0, 1, first.subarray(0, length))]));
      expect(record).not.toHaveProperty('server_name');
    }
  });

  test("Google's own are named and not read", () => {
    const first = hex('0d 8394c8f03e515708 51303433 01');
    expect(quic.probe(first, 0, first.length, 0, false)).toBe('no');
    const long = hex('0d 8394c8f03e515708 51303433 01 0000000000000000');
    expect(quic.probe(long, 0, long.length, 0, false)).toBe('yes');
    const outcome = run(quic, flow, [at(0, 1, long), at(1, 2, hex('0c 00'))]);
    expect(outcome.records).toMatchObject([
      { log: 'quic', record: { version: 'Q043', client_initial_dcid: '8394c8f03e515708', history: 'U' } },
    ]);
    expect(outcome.confirmed).toBe(true);
  });
});

test('a hello over several packets, in pieces of any order, with padding and pings between', () => {
  const whole = run(quic, flow, [at(0, 1, client(crypto(0, clientHello))), at(1, 2, answer(crypto(0, serverHello)))]);
  const hash = sslOf(whole)[0]!['ja4'];
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: clientHello.length - 1 }), { maxLength: 16 }),
      fc.infiniteStream(fc.nat()),
      fc.integer({ min: 1, max: 4 }),
      (marks, random, packets) => {
        const cuts = [0, ...marks.toSorted((a, b) => a - b), clientHello.length];
        const pieces = cuts.slice(1).map((end, i) => crypto(cuts[i]!, clientHello.slice(cuts[i], end)));
        const order = pieces
          .map((piece) => ({ piece, key: random.next().value }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ piece }) => piece);
        const size = Math.ceil(order.length / packets);
        const datagrams: Datagram[] = [];
        for (let i = 0; i < order.length; i += size) {
          const frames = order.slice(i, i + size).flatMap((piece) => [...piece, 0, 0, 1]);
          datagrams.push(at(0, 1, client(frames, { number: datagrams.length })));
        }
        const outcome = run(quic, flow, [...datagrams, at(1, 2, answer(crypto(0, serverHello)))]);
        expect(outcome.weirds).toEqual([]);
        expect(sslOf(outcome)).toMatchObject([{ ja4: hash, ssl_history: 'Cs', server_name: 'www.example.org' }]);
      },
    ),
    { numRuns: 100 },
  );
});

test('packets in one datagram, short headers by powers of two, and what is discarded', () => {
  const handshake = hex(`e0 00000001 00 04 f067a550 08 ${'11'.repeat(8)}`);
  const zeroRtt = hex(`d0 00000001 08 8394c8f03e515708 00 08 ${'22'.repeat(8)}`);
  const short = hex('41 00112233445566');
  const outcome = run(quic, flow, [
    at(0, 1, client(crypto(0, clientHello)), zeroRtt),
    at(1, 2, answer(crypto(0, serverHello)), handshake, short),
    at(1, 3, short),
    at(1, 3, short),
    at(1, 3, short),
    at(0, 4, short),
    at(0, 5, handshake, new Uint8Array(20)),
  ]);
  expect(quicOf(outcome)).toMatchObject([{ history: 'ISZishoooOHX' }]);
});

test('a retry writes a record; the keys after it come from the new connection id', () => {
  const retry = hex('f0 00000001 00 04 a1b2c3d4 746f6b656e 04a265ba2eff4d829058fb3f0f2496ba');
  const next = hex('a1b2c3d4');
  const outcome = run(quic, flow, [
    at(0, 1, client(crypto(0, clientHello))),
    at(1, 2, retry),
    at(0, 3, client(crypto(0, clientHello), { connectionId: next })),
    at(1, 4, answer(crypto(0, serverHello), { connectionId: next })),
  ]);
  expect(outcome.weirds).toEqual([]);
  expect(quicOf(outcome)).toMatchObject([
    { history: 'ISr', client_initial_dcid: '8394c8f03e515708', server_name: 'www.example.org' },
    { history: 'ISis', client_initial_dcid: 'a1b2c3d4', server_name: 'www.example.org', server_scid: 'f067a550' },
  ]);
  expect(sslOf(outcome)).toMatchObject([{ ssl_history: 'CCs' }]);
});

test('a hello retry request, and the second hello in the same stream', () => {
  const outcome = run(quic, flow, [
    at(0, 1, client(crypto(0, clientHello))),
    at(1, 2, answer(crypto(0, retryHello))),
    at(0, 3, client(crypto(clientHello.length, clientHello), { number: 1 })),
    at(1, 4, answer(crypto(retryHello.length, serverHello), { number: 1 })),
  ]);
  expect(outcome.weirds).toEqual([]);
  expect(sslOf(outcome)).toMatchObject([{ ssl_history: 'CjCs', curve: 'x25519' }]);
});

test('a refusal in the first packets', () => {
  const close = [0x1c, 0x02, 0x00, 0x00];
  const outcome = run(quic, flow, [at(0, 1, client(crypto(0, clientHello))), at(1, 2, answer(close))]);
  expect(quicOf(outcome)).toMatchObject([{ history: 'ISic' }]);
});

test('the client at the responder: whose own destination opens the packet', () => {
  const outcome = run(quic, flow, [
    at(0, 1, hex('41 00112233445566')),
    at(1, 2, client(crypto(0, clientHello))),
    at(0, 3, answer(crypto(0, serverHello))),
  ]);
  expect(sslOf(outcome)).toMatchObject([{ ssl_history: '^Cs', server_name: 'www.example.org' }]);
});

describe('hostile', () => {
  test('packets that do not open are given up after some', () => {
    const bad = client(crypto(0, clientHello));
    bad[60]! ^= 1;
    const outcome = run(
      quic,
      flow,
      Array.from({ length: 50 }, (_, i) => at(0, i, bad)),
    );
    expect(outcome.confirmed).toBe(false);
    expect(outcome.records).toMatchObject([{ log: 'quic', record: { history: 'I'.repeat(50) } }]);
  });

  test('a hello that claims too much, or lies far away, costs one oddity', () => {
    for (const frames of [
      crypto(0, [1, 0xff, 0xff, 0xff]),
      crypto(16_000, [1, 2, 3]),
      [0x06, 0xff, 255, 255, 255, 255, 255, 255, 255, 1, 0],
    ]) {
      const outcome = run(quic, flow, [at(0, 1, client(frames)), at(0, 2, client(frames, { number: 1 }))]);
      expect(outcome.weirds).toEqual([{ name: 'QUIC_excessive_crypto', addl: undefined }]);
    }
  });

  test('a frame that must not be there, or is cut', () => {
    for (const frames of [[0x1e], [0x02, 0x01], [0x02, 0, 0, 0x7f, 0xff], [0x06, 0x00, 0x7f, 0xff]]) {
      const outcome = run(quic, flow, [at(0, 1, client(frames, { padded: frames.length + 2 }))]);
      expect(outcome.weirds).toEqual([{ name: 'QUIC_invalid_frame', addl: undefined }]);
    }
  });

  test('retries without end write no more records than the ceiling', () => {
    const retry = hex('f0 00000001 00 04 a1b2c3d4 746f6b656e 04a265ba2eff4d829058fb3f0f2496ba');
    const outcome = run(
      quic,
      flow,
      Array.from({ length: 500 }, (_, i) => at(1, i, retry)),
    );
    expect(outcome.records.length).toBe(32);
  });

  test('mutated datagrams never throw', () => {
    const datagrams = [
      at(0, 1, client(crypto(0, clientHello))),
      at(1, 2, hex('f0 00000001 00 04 a1b2c3d4 746f6b656e 04a265ba2eff4d829058fb3f0f2496ba')),
      at(0, 3, client(crypto(0, clientHello), { connectionId: hex('a1b2c3d4') })),
      at(1, 4, answer(crypto(0, serverHello), { connectionId: hex('a1b2c3d4') }), hex('41 0011')),
    ];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(3), fc.oneof(fc.nat(30), fc.nat(400)), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const mutated: Arrival[] = datagrams.map((each) => ({ ...each, bytes: Uint8Array.from(each.bytes) }));
          for (const [which, place, value] of changes) {
            const { bytes } = mutated[which] as Datagram;
            bytes[place % bytes.length] = value;
          }
          expect(run(quic, flow, mutated).records.length).toBeLessThan(8);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('mutated frames in packets that open never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(0, 1, 2, 3, 6, 0x1c), (frames, type) => {
        run(quic, flow, [at(0, 1, client([type, ...frames], { padded: 121 })), at(1, 2, answer([type, ...frames]))]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('probe', () => {
  const ask = (bytes: Uint8Array, usual = false) => quic.probe(bytes, 0, bytes.length, 0, usual);
  test('packets of versions that are read, on any port', () => {
    expect(ask(client(crypto(0, clientHello)))).toBe('yes');
    expect(ask(client(crypto(0, clientHello), { version: 0x6b3343cf }))).toBe('yes');
    expect(ask(hex('f0 00000001 00 04 a1b2c3d4 746f6b656e 04a265ba2eff4d829058fb3f0f2496ba'))).toBe('yes');
  });
  test('other versions by their form on the usual port, or where they force a negotiation', () => {
    const unknown = hex(`c0 12345678 08 8394c8f03e515708 00 ${'00'.repeat(40)}`);
    expect(ask(unknown)).toBe('no');
    expect(ask(unknown, true)).toBe('yes');
    expect(ask(hex(`c0 1a2a3a4a 08 8394c8f03e515708 00 ${'00'.repeat(1_200)}`))).toBe('yes');
  });
  test("a refusal of Google's servers, which names no version", () => {
    const tags = `52454a00 0200 0000 53544b00 04000000 534e4f00 08000000 ${'aa'.repeat(30)}`;
    for (const head of [`08 1122334455667788 01`, `10 0102`, `04 ${'cc'.repeat(32)} 01`]) {
      const refusal = hex(`${head} ${'dd'.repeat(12)} 400103d9 01000600 a001025b ${tags}`);
      expect(ask(refusal)).toBe('yes');
      const outcome = run(quic, flow, [at(1, 1, refusal), at(1, 2, hex(`10 0203 ${'ee'.repeat(40)}`))]);
      expect(outcome.confirmed).toBe(true);
      expect(outcome.records).toEqual([]);
    }
    expect(ask(hex(`08 1122334455667788 01 ${'dd'.repeat(12)} 52454a01 ${'00'.repeat(30)}`))).toBe('no');
  });
  test('not what only looks alike', () => {
    expect(ask(hex('41 0011223344556677889900112233445566'))).toBe('no');
    expect(ask(hex(`c0 00000001 15 ${'00'.repeat(60)}`))).toBe('no');
    expect(ask(hex(`c0 00000001 08 8394c8f03e515708 00 00 7fff ${'00'.repeat(60)}`))).toBe('no');
  });
});
