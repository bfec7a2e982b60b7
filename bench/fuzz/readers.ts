/** What several protocols read with: certificates, security tokens, files and their codings, and what QUIC has sealed. */

import { createCipheriv, createHmac, type Cipheriv } from 'node:crypto';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { Files } from '@forewarn/sense/files/files';
import { mediaType } from '@forewarn/sense/files/media';
import { MimeReader } from '@forewarn/sense/files/mime';
import { fileNameOf } from '@forewarn/sense/files/name';
import { Base64Decoder, QuotedPrintableDecoder } from '@forewarn/sense/files/transfer';
import { defaultLimits } from '@forewarn/sense/limits';
import { oddities } from '@forewarn/sense/oddities';
import { Der, elementLength } from '@forewarn/sense/protocols/der';
import { SecurityTokens } from '@forewarn/sense/protocols/gssapi/gssapi';
import { inflatedFreeBytes, Inflater, inflationMax } from '@forewarn/sense/protocols/http/inflate';
import { isNtlm, NtlmExchange } from '@forewarn/sense/protocols/ntlm/ntlm';
import type { Direction, Emit, ProtocolParser } from '@forewarn/sense/protocols/protocol';
import { InitialKeys, initialSecret } from '@forewarn/sense/protocols/quic/initial';
import { after, integer, value } from '@forewarn/sense/protocols/quic/packet';
import { quic } from '@forewarn/sense/protocols/quic/quic';
import { type Version, versionOf } from '@forewarn/sense/protocols/quic/versions';
import { certificateRecord, fingerprintOf } from '@forewarn/sense/protocols/ssl/certificates';
import { namesHost, readCertificate } from '@forewarn/sense/protocols/ssl/x509';
import { type Arrival, flowOf, silent } from '@forewarn/sense/protocols/trial';
import { concat } from '@forewarn/sense/testing/packets';
import type { Family, Input, Witness } from './family.ts';
import { casesOf, foldersWithCases, shown } from './parsers.ts';

const t0 = 1_700_000_000;

const start = (seed: number, ...parts: readonly Uint8Array[]): Input => ({
  seed,
  arrivals: parts.map((bytes, i): Arrival => ({ direction: (i & 1) as Direction, ts: t0 + i * 0.01, bytes })),
});

/** All bytes of one direction of a case in one piece: what stands in them may have come in several. */
function streams(name: string): Uint8Array[] {
  return casesOf(name).flatMap(({ arrivals }) =>
    ([0, 1] as const).map((direction) =>
      concat(...arrivals.flatMap((each) => ('bytes' in each && each.direction === direction ? [each.bytes] : []))),
    ),
  );
}

/** Pieces of all cases that begin where `found` says how long they are; no piece twice. */
function pieces(names: readonly string[], found: (bytes: Uint8Array, at: number) => number): Uint8Array[] {
  const unique = new Map<string, Uint8Array>();
  for (const stream of names.flatMap(streams)) {
    for (let at = 0; at < stream.length;) {
      const length = found(stream, at);
      if (length > 0) {
        const piece = stream.slice(at, at + length);
        unique.set(Buffer.from(piece).toString('latin1'), piece);
      }
      at += Math.max(1, length);
    }
  }
  return [...unique.values()];
}

/** What takes whole pieces and keeps nothing between inputs. */
export function pieceFamily(
  name: string,
  starts: readonly Input[],
  make: (witness: Witness, input: Input) => { take(arrival: Arrival): void; finish(ts: number): void },
): Family {
  return {
    name,
    starts,
    inputsEach: 1_000,
    open: (witness) => {
      let reader: ReturnType<typeof make> | undefined;
      let last = t0;
      return {
        begin: (input) => {
          reader = make(witness, input);
        },
        arrive: (arrival) => {
          last = arrival.ts;
          reader!.take(arrival);
        },
        finish: () => reader!.finish(last + 1),
        end: () => {},
      };
    },
  };
}

// ---- certificates and other DER -----------------------------------------------------------------------------------

const certificates = pieces(['ssl', 'dtls', 'rdp', 'ldap'], (bytes, at) => {
  if (bytes[at] !== 0x30 || bytes[at + 1] !== 0x82) return 0;
  const length = elementLength(bytes, at, bytes.length);
  return length > 0 && at + length <= bytes.length && readCertificate(bytes, at, at + length) ? length : 0;
});

/** Asks everything of every element, and goes into those that hold others, as deep as they go but not without end. */
function walk(at: Der, depth: number, budget: { elements: number }): void {
  for (; budget.elements > 0 && at.next(); budget.elements--) {
    at.identifier();
    at.integer();
    at.integerHex();
    at.time();
    if ((at.tag & 0x20) !== 0 && depth < 12) walk(at.inside(), depth + 1, budget);
  }
}

const x509 = pieceFamily(
  'x509',
  certificates.map((bytes, seed) => start(seed, bytes)),
  (witness) => {
    let count = 0;
    return {
      take: (arrival) => {
        // A chain has a few; an input that repeats one fifty times says nothing new.
        if (!('bytes' in arrival) || ++count > 4) return;
        shown(arrival.bytes, (bytes, from, to) => {
          elementLength(bytes, from, to);
          walk(new Der(bytes, from, to), 0, { elements: 24 });
          const certificate = readCertificate(bytes, from, to);
          if (!certificate) return;
          const fingerprint = fingerprintOf(bytes, from, to);
          witness.record('x509', certificateRecord(certificate, fingerprint, { host: true, client: false }, arrival.ts));
          witness.trait(`names ${namesHost(certificate, 'www.example.org')}`);
          witness.trait(`${certificate.keyAlgorithm} ${certificate.curve} ${certificate.version > 3}`);
        });
      },
      finish: () => {},
    };
  },
);

// ---- security tokens ----------------------------------------------------------------------------------------------

const emitTo = (witness: Witness): Emit => ({
  ...silent,
  record: (log, record) => witness.record(log, record),
  weird: (name) => {
    if (!(name in oddities)) throw new Error(`weird "${name}" is not in the catalogue`);
    witness.weird(name);
  },
  confirm: (service) => witness.trait(`confirmed ${service}`),
});

const ntlmTokens = pieces(foldersWithCases, (bytes, at) =>
  isNtlm(bytes, at, bytes.length) ? Math.min(bytes.length - at, 400) : 0,
);

const tokens = pieces(foldersWithCases, (bytes, at) => {
  const length = [0x60, 0xa0, 0xa1].includes(bytes[at]!) ? elementLength(bytes, at, bytes.length) : -1;
  if (length < 8 || at + length > bytes.length) return 0;
  return new SecurityTokens(flowOf('tcp', 445), silent).token(0, bytes, at, at + length, t0) ? length : 0;
});

const pairs = (list: readonly Uint8Array[]): Input[] =>
  list.map((bytes, seed) => start(seed, bytes, list[(seed + 1) % list.length]!));

const gssapi = pieceFamily('gssapi', pairs([...tokens, ...ntlmTokens]), (witness) => {
  const reader = new SecurityTokens(flowOf('tcp', 445), emitTo(witness));
  return {
    take: (arrival) => {
      if (!('bytes' in arrival)) return;
      shown(arrival.bytes, (bytes, from, to) => reader.token(arrival.direction, bytes, from, to, arrival.ts));
      reader.base64(arrival.direction, Buffer.from(arrival.bytes).toString('base64'), arrival.ts);
    },
    finish: () => {
      reader.outcome(true);
      reader.finish();
    },
  };
});

const ntlm = pieceFamily('ntlm', pairs(ntlmTokens), (witness) => {
  const reader = new NtlmExchange(flowOf('tcp', 445), emitTo(witness));
  return {
    take: (arrival) => {
      if (!('bytes' in arrival)) return;
      shown(arrival.bytes, (bytes, from, to) => {
        if (isNtlm(bytes, from, to)) witness.trait(`message ${reader.message(bytes, from, to, arrival.ts)}`);
      });
    },
    finish: () => {
      reader.outcome(false);
      reader.finish();
    },
  };
});

// ---- files: types by content, MIME, codings, compression ------------------------------------------------------------

const mail = [
  'From: a@example.org\r\nTo: b@example.org,\r\n\tc@example.org\r\nSubject: =?utf-8?B?w7w=?=\r\nMIME-Version: 1.0\r\n',
  'Content-Type: multipart/mixed;\r\n boundary="=_x"\r\n\r\npreamble\r\n--=_x\r\n',
  'Content-Type: multipart/alternative; boundary=inner\r\n\r\n--inner\r\nContent-Type: text/plain\r\n\r\nfirst\r\n-- \r\nlast\r\n',
  '--inner\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html\r\n\r\n<p>=C3=BC=\r\n</p>\r\n--inner--\r\n',
  "--=_x\r\nContent-Disposition: attachment; filename*=utf-8''a%20b.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n",
  'UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAYQ==\r\n--=_x\r\nContent-Type: message/rfc822\r\n\r\nSubject: inside\r\n\r\ntext\r\n',
  '--=_x\r\nContent-Range: bytes 0-9/100\r\nContent-Disposition: form-data; name="f"; filename="c:\\\\x.txt"\r\n\r\n0123456789\r\n--=_x--\r\n',
].map((text) => Buffer.from(text, 'latin1'));

const heads = [
  '4d5a900003000000 04000000ffff0000 b800000000000000 4000000000000000 504500004c01',
  '7f454c460201010000000000000000000200 3e00',
  '504b03041400000008000000210000000000000000000000000013000000 5b436f6e74656e745f54797065735d2e786d6c',
  '504b030414000000000000002100000000000000000000000000080000006d696d6574797065',
  '255044462d312e370a25e2e3cfd3',
  '89504e470d0a1a0a0000000d49484452',
  'ffd8ffe000104a46494600',
  '474946383961',
  '1f8b0800',
  'd0cf11e0a1b11ae1',
  '377abcaf271c',
  '526172211a0700',
  '425a6839',
  'fd377a585a00',
  '0000001c66747970 69736f6d',
  '4f676753',
  '52494646240000005741564566',
  'cafebabe00000034001d0a00',
  'cffaedfe07000001',
  '3c3f786d6c2076657273696f6e3d22312e30223f3e3c68746d6c3e',
  '3c21444f43545950452068746d6c3e',
  '7b2261223a205b312c20322c202262225d7d',
  '2321 2f62696e2f7368 0a',
  '23 21 2f7573722f62696e2f656e7620707974686f6e 0a',
  'efbbbf 68656c6c6f',
  'fffe680065006c00',
  '7573746172',
].map((text) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex')));

const text = Buffer.from('GET / and GET / again and again, ä ö ü. '.repeat(20));
const compressed = [
  gzipSync(text),
  deflateSync(text),
  deflateRawSync(text, { level: 9 }),
  gzipSync(text, { level: 0 }),
  deflateRawSync(text, { strategy: 4 }),
  gzipSync(new Uint8Array(200_000)),
].map((each) => new Uint8Array(each));

const kinds = ['type', 'mime', 'http-multipart', 'base64', 'quoted-printable', 'inflate', 'name'] as const;
type Kind = (typeof kinds)[number];

const fileStarts: { kind: Kind; pieces: readonly Uint8Array[] }[] = [
  ...heads.map((bytes) => ({ kind: 'type' as const, pieces: [concat(bytes, new Uint8Array(64))] })),
  { kind: 'mime', pieces: mail },
  { kind: 'mime', pieces: [concat(...mail)] },
  { kind: 'http-multipart', pieces: [concat(...mail.slice(1))] },
  { kind: 'base64', pieces: [Buffer.from('aGVsbG8gd29ybGQ=\r\nYWJjZGVmZ2hpamtsbW5vcA==\r\n', 'latin1')] },
  { kind: 'quoted-printable', pieces: [Buffer.from('a =3D b=\r\n c =C3=BC \t\r\n=', 'latin1')] },
  ...compressed.map((bytes) => ({ kind: 'inflate' as const, pieces: [bytes] })),
  {
    kind: 'name',
    pieces: [
      Buffer.from(
        `attachment; filename="a\\"b.txt"; filename*=UTF-8'en'%e2%82%ac%20x; filename*0="a"; filename*1*=%41`,
        'latin1',
      ),
    ],
  },
];

const facts = { uid: 'Ctrial', originator: '192.0.2.1', originatorPort: 40_000, responder: '198.51.100.1', responderPort: 80 };

/** Output is looked at as often as the window is full, so a little more than the ceiling may come out. */
const inflatedSlack = 65_536;

const filesFamily = pieceFamily(
  'files',
  fileStarts.map(({ pieces: list }, seed) => ({
    seed,
    arrivals: list.map((bytes, i): Arrival => ({ direction: 0, ts: t0 + i * 0.01, bytes })),
  })),
  (witness, input) => {
    const { kind } = fileStarts[input.seed]!;
    const files = new Files(defaultLimits, 0, (log, record) => {
      witness.record(log, record);
      witness.trait(`type ${String(record['mime_type'])}`);
    });
    const file = files.begin(facts, { source: 'HTTP', direction: 0, ts: t0 }, 0, 1);
    const open = [file];
    const into = (bytes: Uint8Array, from: number, to: number, ts: number): void => file.data(bytes, from, to, ts);
    const closed = (ts: number, complete: boolean): void => {
      for (const each of open) each.end(ts, complete);
      if (files.open !== 0) throw new Error(`${files.open} files are still open`);
    };
    switch (kind) {
      case 'mime':
      case 'http-multipart': {
        const reader = new MimeReader(
          {
            header: (entity, name, content) => witness.trait(`${entity} ${name.length < 20 ? name : ''} ${content.length > 200}`),
            file: (_entity, name, range, ts) => {
              const origin = { source: 'SMTP', direction: 0, ts, ...(name === undefined ? {} : { name }) } as const;
              const part = files.begin(facts, origin, 0, open.length + 1);
              open.push(part);
              witness.trait(`part ${name !== undefined} ${range !== undefined}`);
              return part;
            },
            weird: (name) => {
              if (!(name in oddities)) throw new Error(`weird "${name}" is not in the catalogue`);
              witness.weird(name);
            },
          },
          kind === 'mime' ? undefined : 'multipart/mixed; boundary="=_x"',
        );
        return {
          take: (arrival) => {
            if ('missing' in arrival) reader.gap(arrival.missing, arrival.ts);
            else shown(arrival.bytes, (bytes, from, to) => reader.data(bytes, from, to, arrival.ts));
          },
          finish: (ts) => {
            reader.end(ts, true);
            closed(ts, true);
          },
        };
      }
      case 'base64':
      case 'quoted-printable': {
        const decoder = kind === 'base64' ? new Base64Decoder(into) : new QuotedPrintableDecoder(into);
        return {
          take: (arrival) => {
            if ('bytes' in arrival) shown(arrival.bytes, (bytes, from, to) => decoder.push(bytes, from, to, arrival.ts));
          },
          finish: (ts) => {
            decoder.finish(ts);
            closed(ts, true);
          },
        };
      }
      case 'inflate': {
        let length = 0;
        let came = 0;
        const inflater = new Inflater();
        const target = {
          content: (bytes: Uint8Array, from: number, to: number): void => {
            length += to - from;
            if (length > inflatedFreeBytes + inflationMax * came + inflatedSlack)
              throw new Error(`${length} bytes came out of ${came}`);
            into(bytes, from, to, t0);
          },
        };
        return {
          take: (arrival) => {
            if ('missing' in arrival) return;
            came += arrival.bytes.length;
            shown(arrival.bytes, (bytes, from, to) => inflater.push(bytes, from, to, target));
          },
          finish: (ts) => {
            witness.trait(`inflated ${inflater.exceeded} ${Math.min(20, Math.ceil(Math.log2(length + 1)))}`);
            closed(ts, true);
          },
        };
      }
      default:
        return {
          take: (arrival) => {
            if ('missing' in arrival) {
              file.gap(arrival.missing, arrival.ts);
              return;
            }
            if (kind === 'name') {
              const line = Buffer.from(arrival.bytes).toString('latin1');
              witness.trait(`name ${fileNameOf(line, 'filename')?.length} ${fileNameOf(line, 'name')?.length}`);
            }
            shown(arrival.bytes, (bytes, from, to) => {
              witness.trait(`content ${mediaType(bytes, from, to)}`);
              file.data(bytes, from, to, arrival.ts);
            });
          },
          finish: (ts) => closed(ts, true),
        };
    }
  },
);

// ---- QUIC behind its protection -------------------------------------------------------------------------------------

/** The connection id of RFC 9001, appendix A; all keys follow from it. */
const connectionId = Uint8Array.from(Buffer.from('8394c8f03e515708', 'hex'));
const versions = [1, 0x6b3343cf] as const;

/** HKDF-Expand-Label of RFC 8446 §7.1, as far as one block goes. */
function expand(secret: Uint8Array, label: string, length: number): Uint8Array {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.from([0, length, name.length, ...name, 0, 1]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, length);
}

/** One side's protection: what `initial.ts` opens is sealed here (RFC 9001 §5). */
class Sealer {
  readonly #version: number;
  readonly #second: boolean;
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  readonly #mask: Cipheriv;
  readonly #client: boolean;

  constructor(number: number, version: Version, client: boolean) {
    this.#version = number;
    this.#second = version.second;
    this.#client = client;
    const own = expand(createHmac('sha256', version.salt).update(connectionId).digest(), client ? 'client in' : 'server in', 32);
    const prefix = version.second ? 'quicv2' : 'quic';
    this.#key = expand(own, `${prefix} key`, 16);
    this.#iv = expand(own, `${prefix} iv`, 12);
    this.#mask = createCipheriv('aes-128-ecb', expand(own, `${prefix} hp`, 16), null);
  }

  seal(frames: Uint8Array, number: number): Uint8Array {
    // The sample needs four bytes behind a number of two.
    const body = frames.length < 4 ? concat(frames, new Uint8Array(4)) : frames;
    const length = 2 + body.length + 16;
    const header = Uint8Array.from([
      0xc1 | (this.#second ? 0x10 : 0),
      ...[24, 16, 8, 0].map((shift) => (this.#version >>> shift) & 255),
      ...(this.#client ? [8, ...connectionId, 0] : [0, 8, ...connectionId]),
      ...(this.#client ? [0] : [0]),
      0x40 | (length >> 8),
      length & 255,
      number >> 8,
      number & 255,
    ]);
    const nonce = Uint8Array.from(this.#iv);
    nonce[10]! ^= number >> 8;
    nonce[11]! ^= number & 255;
    const cipher = createCipheriv('aes-128-gcm', this.#key, nonce);
    cipher.setAAD(header);
    const sealed = concat(cipher.update(body), cipher.final(), cipher.getAuthTag());
    const mask = this.#mask.update(sealed.subarray(2, 18));
    header[0]! ^= mask[0]! & 0x0f;
    header[header.length - 2]! ^= mask[1]!;
    header[header.length - 1]! ^= mask[2]!;
    return concat(header, sealed);
  }
}

const sealers = versions.map((number) => [true, false].map((client) => new Sealer(number, versionOf(number)!, client)));

/** The client speaks first, whoever does in the input: the keys come from its connection id. */
const pings = sealers.map(([client]) => client!.seal(concat(Uint8Array.of(1), new Uint8Array(1_200)), 0));

/** What stands in the first packets of RFC 9001's examples, opened with the reader under test; then cut over two packets. */
const quicStarts: Input[] = versions.flatMap((number, v) => {
  const frames = casesOf('quic').flatMap(({ arrivals }) => {
    const keys = [true, false].map(
      (client) => new InitialKeys(versionOf(number)!, initialSecret(versionOf(number)!, connectionId), client),
    );
    return arrivals.flatMap((arrival): { direction: Direction; bytes: Uint8Array }[] => {
      if (!('bytes' in arrival)) return [];
      const { bytes } = arrival;
      // First byte, version, both connection ids, the token and the length.
      let at = 5;
      for (let i = 0; i < 2 && at < bytes.length; i++) at += 1 + bytes[at]!;
      if (!integer(bytes, at, bytes.length)) return [];
      at = after + value;
      if (at + 2 > bytes.length) return [];
      const end = at + 2 + (((bytes[at]! & 0x3f) << 8) | bytes[at + 1]!);
      if (end > bytes.length) return [];
      const opened = keys[arrival.direction]!.open(bytes, 0, at + 2, end);
      return opened ? [{ direction: arrival.direction, bytes: opened }] : [];
    });
  });
  if (frames.length === 0) return [];
  const arrivals = frames.map((each, i): Arrival => ({ ...each, bytes: trimmed(each.bytes), ts: t0 + i * 0.01 }));
  return [{ seed: v, arrivals }, ...arrivals.map((each) => ({ seed: v, arrivals: [each] })), ...splits(v, arrivals)];
});

/** Without the padding at the end. */
function trimmed(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 1 && bytes[end - 1] === 0) end--;
  return bytes.slice(0, end);
}

/** The stream of the first CRYPTO frame in two frames of two packets, the second first. */
function splits(seed: number, arrivals: readonly Arrival[]): Input[] {
  const first = arrivals[0];
  if (!first || !('bytes' in first) || first.bytes[0] !== 6) return [];
  const stream = first.bytes.subarray(4);
  const half = stream.length >> 1;
  const frame = (offset: number, bytes: Uint8Array): Uint8Array =>
    concat(Uint8Array.from([6, 0x40 | (offset >> 8), offset & 255, 0x40 | (bytes.length >> 8), bytes.length & 255]), bytes);
  const pieces2 = [frame(half, stream.subarray(half)), frame(0, stream.subarray(0, half))];
  return [{ seed, arrivals: pieces2.map((bytes, i): Arrival => ({ direction: 0, ts: t0 + i * 0.01, bytes })) }];
}

const quicInitial = pieceFamily('quic-initial', quicStarts, (witness, input) => {
  const both = sealers[input.seed]!;
  const ping = pings[input.seed]!;
  const parser: ProtocolParser = quic.open(flowOf('udp', 443), emitTo(witness));
  let number = 1;
  return {
    take: (arrival) => {
      if (!('bytes' in arrival)) return;
      const give = (packet: Uint8Array, direction: Direction): void =>
        shown(packet, (bytes, from, to) => parser.data(direction, bytes, from, to, arrival.ts));
      if (number === 1 && arrival.direction === 1) give(ping, 0);
      give(both[arrival.direction]!.seal(arrival.bytes.subarray(0, 8_000), number++ & 0xffff), arrival.direction);
    },
    finish: (ts) => parser.finish(ts),
  };
});

export const readerFamilies: readonly Family[] = [filesFamily, x509, gssapi, ntlm, quicInitial];
