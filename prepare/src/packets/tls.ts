/**
 * TLS 1.2 (RFC 5246) and 1.3 (RFC 8446) as a tap sees it: handshake messages in clear where the protocol leaves them in
 * clear, everything after as records of noise. Hellos differ by the software that sends them, as JA3 and JA4 measure.
 */

import type { Random } from '../random.ts';
import { bodyOf, cipherRecords, joinBodies, type Body } from './body.ts';
import { signatureOf, type KeyKind } from './certificate.ts';
import type { Turn } from './tcp.ts';

const list16 = (values: readonly number[]): number[] => values.flatMap((value) => [value >> 8, value & 0xff]);
const sized8 = (bytes: readonly number[]): number[] => [bytes.length, ...bytes];
const sized16 = (bytes: readonly number[]): number[] => [bytes.length >> 8, bytes.length & 0xff, ...bytes];
const latin = (text: string): number[] => [...Buffer.from(text, 'latin1')];

/** Extensions by name, in the order in which a piece of software sends them. */
type Extension =
  | 'serverName'
  | 'extendedMasterSecret'
  | 'renegotiation'
  | 'groups'
  | 'pointFormats'
  | 'sessionTicket'
  | 'alpn'
  | 'status'
  | 'signatures'
  | 'timestamps'
  | 'keyShare'
  | 'pskModes'
  | 'versions'
  | 'compressCertificate'
  | 'encryptThenMac'
  | 'recordSize'
  | 'delegated'
  | 'padding';

const codes: { readonly [name in Extension]: number } = {
  serverName: 0,
  status: 5,
  groups: 10,
  pointFormats: 11,
  signatures: 13,
  alpn: 16,
  timestamps: 18,
  padding: 21,
  encryptThenMac: 22,
  extendedMasterSecret: 23,
  compressCertificate: 27,
  recordSize: 28,
  delegated: 34,
  sessionTicket: 35,
  versions: 43,
  pskModes: 45,
  keyShare: 51,
  renegotiation: 0xff01,
};

const groupCodes = { x25519: 29, p256: 23, p384: 24, p521: 25, x25519mlkem768: 0x11ec, ffdhe2048: 256, ffdhe3072: 257 } as const;
/** Bytes of a client's share: an X25519 point, an uncompressed point, an ML-KEM-768 key with an X25519 point. */
const shareBytes: { readonly [group: number]: number } = { 29: 32, 23: 65, 24: 97, 0x11ec: 1_216 };

/** What a piece of software says of itself when it opens a TLS connection. */
export type TlsClient = {
  versions: readonly (0x0303 | 0x0304)[];
  ciphers: readonly number[];
  extensions: readonly Extension[];
  groups: readonly number[];
  shares: readonly number[];
  signatures: readonly number[];
  alpn: readonly string[];
  /** RFC 8701: reserved values at random, so that servers stay tolerant. */
  grease: boolean;
  /** Chromium sends its extensions in another order each time. */
  shuffled?: boolean;
};

const aead13 = [0x1301, 0x1302, 0x1303];
const signatureSet = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
const g = groupCodes;

const chromium: TlsClient = {
  versions: [0x0304, 0x0303],
  ciphers: [...aead13, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035],
  extensions: [
    'serverName',
    'extendedMasterSecret',
    'renegotiation',
    'groups',
    'pointFormats',
    'sessionTicket',
    'alpn',
    'status',
    'signatures',
    'timestamps',
    'keyShare',
    'pskModes',
    'versions',
    'compressCertificate',
  ],
  groups: [g.x25519mlkem768, g.x25519, g.p256, g.p384],
  shares: [g.x25519mlkem768, g.x25519],
  signatures: signatureSet,
  alpn: ['h2', 'http/1.1'],
  grease: true,
  shuffled: true,
};

export const tlsClients: { readonly [software: string]: TlsClient } = {
  chromium,
  // Before the hybrid key exchange: its hello fits one segment.
  chromiumOld: {
    ...chromium,
    groups: [g.x25519, g.p256, g.p384],
    shares: [g.x25519],
    extensions: [...chromium.extensions, 'padding'],
  },
  firefox: {
    versions: [0x0304, 0x0303],
    ciphers: [
      0x1301, 0x1303, 0x1302, 0xc02b, 0xc02f, 0xcca9, 0xcca8, 0xc02c, 0xc030, 0xc00a, 0xc009, 0xc013, 0xc014, 0x009c, 0x009d,
      0x002f, 0x0035,
    ],
    extensions: [
      'serverName',
      'extendedMasterSecret',
      'renegotiation',
      'groups',
      'pointFormats',
      'sessionTicket',
      'alpn',
      'status',
      'delegated',
      'keyShare',
      'versions',
      'signatures',
      'pskModes',
      'recordSize',
      'padding',
    ],
    groups: [g.x25519, g.p256, g.p384, g.p521, g.ffdhe2048, g.ffdhe3072],
    shares: [g.x25519, g.p256],
    signatures: [0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201],
    alpn: ['h2', 'http/1.1'],
    grease: false,
  },
  // The library of Windows: updates, telemetry, office programs.
  schannel: {
    versions: [0x0303],
    ciphers: [
      0xc02c, 0xc02b, 0xc030, 0xc02f, 0xc024, 0xc023, 0xc028, 0xc027, 0xc00a, 0xc009, 0xc014, 0xc013, 0x009d, 0x009c, 0x003d,
      0x003c, 0x0035, 0x002f,
    ],
    extensions: [
      'serverName',
      'status',
      'groups',
      'pointFormats',
      'signatures',
      'sessionTicket',
      'alpn',
      'extendedMasterSecret',
      'renegotiation',
    ],
    groups: [g.x25519, g.p256, g.p384],
    shares: [],
    signatures: [0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0201, 0x0403, 0x0503, 0x0203, 0x0202, 0x0601, 0x0603],
    alpn: ['h2', 'http/1.1'],
    grease: false,
  },
  openssl: {
    versions: [0x0304, 0x0303],
    ciphers: [
      0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0x009f, 0xcca9, 0xcca8, 0xccaa, 0xc02b, 0xc02f, 0x009e, 0xc024, 0xc028, 0x006b,
      0xc023, 0xc027, 0x0067, 0x00ff,
    ],
    extensions: [
      'serverName',
      'pointFormats',
      'groups',
      'alpn',
      'encryptThenMac',
      'extendedMasterSecret',
      'signatures',
      'versions',
      'pskModes',
      'keyShare',
    ],
    groups: [g.x25519, g.p256, 30, g.p521, g.p384, 256, 257, 258, 259, 260],
    shares: [g.x25519],
    signatures: [0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601],
    alpn: ['http/1.1'],
    grease: false,
  },
  go: {
    versions: [0x0304, 0x0303],
    ciphers: [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a, 0xc014, 0x1301, 0x1302, 0x1303],
    extensions: [
      'serverName',
      'status',
      'groups',
      'pointFormats',
      'signatures',
      'renegotiation',
      'extendedMasterSecret',
      'alpn',
      'timestamps',
      'versions',
      'keyShare',
    ],
    groups: [g.x25519, g.p256, g.p384, g.p521],
    shares: [g.x25519],
    signatures: [0x0804, 0x0403, 0x0807, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0503, 0x0603],
    alpn: ['h2', 'http/1.1'],
    grease: false,
  },
  // A small library in an appliance.
  embedded: {
    versions: [0x0303],
    ciphers: [0xc02c, 0xc030, 0xc02b, 0xc02f, 0x009d, 0x009c, 0x00ff],
    extensions: ['serverName', 'signatures', 'groups', 'pointFormats', 'encryptThenMac', 'extendedMasterSecret', 'sessionTicket'],
    groups: [g.p384, g.p256],
    shares: [],
    signatures: [0x0603, 0x0601, 0x0503, 0x0501, 0x0403, 0x0401],
    alpn: [],
    grease: false,
  },
};

/** What a server answers with. */
export type TlsServer = {
  versions: readonly (0x0303 | 0x0304)[];
  /** Certificates in DER, its own first; with the kind of its own key. */
  certificates: readonly Uint8Array[];
  key: KeyKind;
  /** Protocols it speaks, best first; the first that the client offers is chosen. */
  alpn: readonly string[];
};

const handshake = (type: number, body: readonly number[] | Uint8Array): number[] => [
  type,
  body.length >> 16,
  (body.length >> 8) & 0xff,
  body.length & 0xff,
  ...body,
];

const record = (type: number, bytes: readonly number[], version = 0x0303): number[] => [
  type,
  version >> 8,
  version & 0xff,
  ...sized16(bytes),
];

/** Handshake messages cut into records of at most 2^14 bytes. */
const handshakeRecords = (bytes: readonly number[], version = 0x0303): number[] => {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; at += 16_384) out.push(...record(0x16, bytes.slice(at, at + 16_384), version));
  return out;
};

const changeCipherSpec = [0x14, 3, 3, 0, 1, 1];

const grease = (random: Random): number => {
  const nibble = random.whole(0, 15);
  return (nibble << 12) | 0x0a00 | (nibble << 4) | 0x0a;
};

export type Hello = { client: TlsClient; serverName?: string; random: Random };

/** The ClientHello's handshake message. */
export function clientHello({ client, serverName, random }: Hello): { bytes: number[]; session: number[] } {
  const modern = client.versions.includes(0x0304);
  // A TLS 1.3 client sends a session name for the sake of middleboxes (RFC 8446 §D.4).
  const session = modern ? [...random.bytes(32)] : [];
  const greased = client.grease ? grease(random) : undefined;
  const groupGrease = client.grease ? grease(random) : undefined;
  const build = (extension: Extension): number[] => {
    switch (extension) {
      case 'serverName':
        return sized16([0, ...sized16(latin(serverName!))]);
      case 'status':
        return [1, 0, 0, 0, 0];
      case 'groups':
        return sized16(list16([...(groupGrease === undefined ? [] : [groupGrease]), ...client.groups]));
      case 'pointFormats':
        return [1, 0];
      case 'signatures':
        return sized16(list16(client.signatures));
      case 'alpn':
        return sized16(client.alpn.flatMap((one) => sized8(latin(one))));
      case 'compressCertificate':
        return [2, 0, 2];
      case 'recordSize':
        return [0x40, 0x01];
      case 'delegated':
        return sized16(list16([0x0403, 0x0503, 0x0603, 0x0203]));
      case 'versions':
        return sized8(list16([...(greased === undefined ? [] : [greased]), ...client.versions]));
      case 'pskModes':
        return [1, 1];
      case 'keyShare':
        return sized16([
          ...(groupGrease === undefined ? [] : [...list16([groupGrease]), 0, 1, 0]),
          ...client.shares.flatMap((group) => [...list16([group]), ...sized16([...random.bytes(shareBytes[group]!)])]),
        ]);
      case 'renegotiation':
        return [0];
      default:
        return [];
    }
  };
  let order = client.extensions.filter(
    (one) =>
      (one !== 'serverName' || serverName !== undefined) && (one !== 'alpn' || client.alpn.length > 0) && one !== 'padding',
  );
  if (client.shuffled) order = random.shuffle(order);
  const extensions = order.flatMap((one) => [...list16([codes[one]]), ...sized16(build(one))]);
  if (greased !== undefined) {
    extensions.unshift(...list16([greased]), 0, 0);
    extensions.push(...list16([greased ^ 0x1010]), 0, 1, 0);
  }
  const head = [
    3,
    3,
    ...random.bytes(32),
    ...sized8(session),
    ...sized16(list16([...(greased === undefined ? [] : [greased]), ...client.ciphers])),
    1,
    0,
  ];
  if (client.extensions.includes('padding')) {
    // Between 256 and 511 bytes some servers hung; so the hello is filled up to 512 (RFC 7685).
    const length = head.length + 2 + extensions.length + 4;
    if (length >= 256 && length < 512) {
      const fill = Math.max(0, 512 - length - 4);
      extensions.push(...list16([codes.padding]), ...sized16(Array.from({ length: fill }, () => 0)));
    }
  }
  return { bytes: handshake(1, [...head, ...sized16(extensions)]), session };
}

export type TlsTalk = {
  hello: Hello;
  server: TlsServer;
  /** What is said under cover of the cipher; sizes in bytes of plain text. */
  exchanges: readonly { upBytes: number; downBytes: number; after?: number; notBefore?: number; serverSeconds?: number }[];
  /** Seconds the server computes in the handshake. */
  thinking?: number;
  random: Random;
};

const roundUp = (bytes: readonly number[]): Body => bodyOf(Uint8Array.from(bytes));

/** The turns of a whole TLS conversation, to be given to `converse`. */
export function tlsTurns(talk: TlsTalk): Turn[] {
  const { random, server, hello } = talk;
  const client = hello.client;
  const { bytes: helloBytes, session } = clientHello(hello);
  const version = client.versions.includes(0x0304) && server.versions.includes(0x0304) ? 0x0304 : 0x0303;
  const chosen = server.alpn.find((one) => client.alpn.includes(one));
  const thinking = talk.thinking ?? 0.001 + 0.003 * random.unit();
  const turns: Turn[] = [
    // The first record says 1.0 for the sake of old middleboxes (RFC 8446 §5.1).
    { from: 'client', body: roundUp(handshakeRecords(helloBytes, 0x0301)), after: 0.0005 },
  ];
  const noise = (plaintextBytes: number, overhead: number): Body =>
    cipherRecords({ key: random.word(), plaintextBytes, overhead });
  let overhead: number;
  if (version === 0x0304) {
    overhead = 17;
    const offered = client.ciphers.filter((one) => aead13.includes(one));
    const group = client.shares.find((one) => one !== g.x25519mlkem768) ?? g.x25519;
    const extensions = [
      ...list16([codes.keyShare]),
      ...sized16([...list16([group]), ...sized16([...random.bytes(shareBytes[group]!)])]),
      ...list16([codes.versions]),
      ...sized16([3, 4]),
    ];
    const serverHello = handshake(2, [
      3,
      3,
      ...random.bytes(32),
      ...sized8(session),
      ...list16([offered[0]!]),
      0,
      ...sized16(extensions),
    ]);
    const chain = server.certificates.reduce((sum, one) => sum + one.length + 5, 8);
    const proof = server.key === 'rsa' ? 264 : 80;
    turns.push({
      from: 'server',
      after: thinking,
      body: joinBodies([
        roundUp([...handshakeRecords(serverHello), ...changeCipherSpec]),
        noise(40, overhead),
        noise(chain, overhead),
        noise(proof, overhead),
        noise(52, overhead),
      ]),
    });
    const finished = joinBodies([roundUp(changeCipherSpec), noise(52, overhead)]);
    const first = talk.exchanges[0];
    turns.push({ from: 'client', after: 0.0008, body: finished });
    if (first) turns.push({ from: 'server', after: 0.0002, body: noise(2 * (180 + random.whole(0, 40)), overhead) });
  } else {
    overhead = 24;
    const signed = server.key === 'rsa' ? [0xc02f, 0xc030, 0xcca8] : [0xc02b, 0xc02c, 0xcca9];
    const cipher = client.ciphers.find((one) => signed.includes(one)) ?? (server.key === 'rsa' ? 0xc02f : 0xc02b);
    const curve = client.groups.find((one) => one === g.x25519 || one === g.p256 || one === g.p384) ?? g.p256;
    const pointBytes = shareBytes[curve]!;
    const point = (): number[] => {
      const bytes = random.bytes(pointBytes);
      // Uncompressed points start with four.
      if (curve !== g.x25519) bytes[0] = 4;
      return [...bytes];
    };
    const has = (one: Extension): boolean => client.extensions.includes(one);
    const extensions = [
      ...(has('renegotiation') ? [...list16([codes.renegotiation]), ...sized16([0])] : []),
      ...(has('pointFormats') ? [...list16([codes.pointFormats]), ...sized16([1, 0])] : []),
      ...(has('sessionTicket') ? [...list16([codes.sessionTicket]), 0, 0] : []),
      ...(has('extendedMasterSecret') ? [...list16([codes.extendedMasterSecret]), 0, 0] : []),
      ...(chosen === undefined ? [] : [...list16([codes.alpn]), ...sized16(sized16(sized8(latin(chosen))))]),
    ];
    const serverHello = handshake(2, [
      3,
      3,
      ...random.bytes(32),
      ...sized8([...random.bytes(32)]),
      ...list16([cipher]),
      0,
      ...sized16(extensions),
    ]);
    const sized24 = (bytes: readonly number[]): number[] => [
      bytes.length >> 16,
      (bytes.length >> 8) & 0xff,
      bytes.length & 0xff,
      ...bytes,
    ];
    const chain = handshake(11, sized24(server.certificates.flatMap((one) => sized24([...one]))));
    const signature = [...signatureOf(server.key, random)];
    const keyExchange = handshake(12, [
      3,
      ...list16([curve]),
      ...sized8(point()),
      ...list16([server.key === 'rsa' ? 0x0804 : 0x0403]),
      ...sized16(signature),
    ]);
    const flight = [...serverHello, ...chain, ...keyExchange, ...handshake(14, [])];
    // Some servers put each message in a record of its own, some all into one.
    const together = random.chance(0.5);
    turns.push({
      from: 'server',
      after: thinking,
      body: roundUp(
        together
          ? handshakeRecords(flight)
          : [
              ...handshakeRecords(serverHello),
              ...handshakeRecords(chain),
              ...handshakeRecords(keyExchange),
              ...handshakeRecords(handshake(14, [])),
            ],
      ),
    });
    const clientKey = handshakeRecords(handshake(16, sized8(point())));
    const finished = (): number[] => record(0x16, [...random.bytes(40)]);
    turns.push({ from: 'client', after: 0.001, body: roundUp([...clientKey, ...changeCipherSpec, ...finished()]) });
    const ticket = has('sessionTicket')
      ? handshakeRecords(handshake(4, [0, 0, 0x1c, 0x20, ...sized16([...random.bytes(176)])]))
      : [];
    turns.push({ from: 'server', after: thinking / 2, body: roundUp([...ticket, ...changeCipherSpec, ...finished()]) });
  }
  for (const exchange of talk.exchanges) {
    if (exchange.upBytes > 0) {
      turns.push({
        from: 'client',
        body: noise(exchange.upBytes, overhead),
        after: exchange.after ?? 0.001,
        ...(exchange.notBefore === undefined ? {} : { notBefore: exchange.notBefore }),
      });
    }
    if (exchange.downBytes > 0) {
      turns.push({
        from: 'server',
        body: noise(exchange.downBytes, overhead),
        after: exchange.serverSeconds ?? 0.004 + 0.03 * random.unit(),
      });
    }
  }
  // Close notify: an alert under cover; in TLS 1.3 it looks like data.
  turns.push({
    from: 'client',
    after: 0.002 + 0.05 * random.unit(),
    body: version === 0x0304 ? noise(2, overhead) : roundUp(record(0x15, [...random.bytes(26)])),
  });
  return turns;
}
