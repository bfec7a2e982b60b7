import { expect, test } from 'vitest';
import { Random } from '../random.ts';
import { bytesOf, joinBodies } from './body.ts';
import { certificate } from './certificate.ts';
import { clientHello, tlsClients, tlsTurns, type TlsServer } from './tls.ts';

/** Walks over a ClientHello; throws where a length does not fit. */
function readHello(bytes: Uint8Array): {
  version: number;
  session: number;
  ciphers: number[];
  extensions: Map<number, Uint8Array>;
  order: number[];
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  expect(bytes[0]).toBe(1);
  expect(view.getUint32(0) & 0xff_ffff).toBe(bytes.length - 4);
  let at = 4 + 2 + 32;
  const session = bytes[at]!;
  at += 1 + session;
  const ciphers: number[] = [];
  const end = at + 2 + view.getUint16(at);
  for (at += 2; at < end; at += 2) ciphers.push(view.getUint16(at));
  at += 1 + bytes[at]!;
  expect(view.getUint16(at)).toBe(bytes.length - at - 2);
  const extensions = new Map<number, Uint8Array>();
  const order: number[] = [];
  for (at += 2; at < bytes.length;) {
    const type = view.getUint16(at);
    const length = view.getUint16(at + 2);
    expect(extensions.has(type)).toBe(false);
    extensions.set(type, bytes.subarray(at + 4, at + 4 + length));
    order.push(type);
    at += 4 + length;
  }
  expect(at).toBe(bytes.length);
  return { version: view.getUint16(4), session, ciphers, extensions, order };
}

const hello = (software: string, seed = 'hello') =>
  readHello(
    Uint8Array.from(clientHello({ client: tlsClients[software]!, serverName: 'www.example', random: new Random(seed) }).bytes),
  );

test.each(Object.keys(tlsClients))('the hello of %s holds together and names its server', (software) => {
  for (let seed = 0; seed < 20; seed++) {
    const read = hello(software, `seed ${seed}`);
    expect(read.version).toBe(0x0303);
    expect(Buffer.from(read.extensions.get(0)!).toString('latin1')).toBe('\0\x0e\0\0\x0bwww.example');
    expect(read.extensions.has(43)).toBe(tlsClients[software]!.versions.includes(0x0304));
  }
});

test('programs differ, and Chromium changes its order each time but not its set', () => {
  const marks = Object.keys(tlsClients).map((software) =>
    hello(software)
      .ciphers.filter((one) => (one & 0x0f0f) !== 0x0a0a)
      .join(),
  );
  expect(new Set(marks).size).toBe(Object.keys(tlsClients).length - 1);
  const real = (order: number[]) => order.filter((one) => (one & 0x0f0f) !== 0x0a0a);
  const one = real(hello('chromium', 'a').order);
  const other = real(hello('chromium', 'b').order);
  expect(one).not.toEqual(other);
  expect(one.toSorted()).toEqual(other.toSorted());
  expect(real(hello('go', 'a').order)).toEqual(real(hello('go', 'b').order));
});

/** Types of the records that one side sends, and handshake types while they are in clear. */
function records(bytes: Uint8Array): { types: number[]; handshakes: number[] } {
  const types: number[] = [];
  const handshakes: number[] = [];
  let clear = true;
  for (let at = 0; at < bytes.length;) {
    const length = bytes[at + 3]! * 256 + bytes[at + 4]!;
    types.push(bytes[at]!);
    if (bytes[at] === 0x14) clear = false;
    if (bytes[at] === 0x16 && clear) {
      for (let inner = at + 5; inner < at + 5 + length;) {
        handshakes.push(bytes[inner]!);
        inner += 4 + ((bytes[inner + 1]! << 16) | (bytes[inner + 2]! << 8) | bytes[inner + 3]!);
      }
    }
    at += 5 + length;
    expect(at).toBeLessThanOrEqual(bytes.length);
  }
  return { types, handshakes };
}

const server = (versions: TlsServer['versions']): TlsServer => {
  const name = { common: 'www.example' };
  const at = 1_772_524_800;
  return {
    versions,
    key: 'ec',
    alpn: ['http/1.1'],
    certificates: [
      certificate({
        subject: name,
        issuer: name,
        names: ['www.example'],
        key: 'ec',
        signedWith: 'ec',
        notBefore: at,
        notAfter: at + 1,
        random: new Random('c'),
      }),
    ],
  };
};

const talk = (software: string, versions: TlsServer['versions']) => {
  const turns = tlsTurns({
    hello: { client: tlsClients[software]!, serverName: 'www.example', random: new Random('h') },
    server: server(versions),
    exchanges: [{ upBytes: 100, downBytes: 40_000 }],
    random: new Random('t'),
  });
  const side = (from: string) => records(bytesOf(joinBodies(turns.filter((turn) => turn.from === from).map(({ body }) => body))));
  return { client: side('client'), server: side('server') };
};

test('TLS 1.2: the server shows its certificate, then both change to the cipher', () => {
  for (const software of ['schannel', 'embedded', 'openssl']) {
    const { client, server: answer } = talk(software, [0x0303]);
    expect(client.handshakes).toEqual([1, 16]);
    expect(answer.handshakes.slice(0, 4)).toEqual([2, 11, 12, 14]);
    expect(client.types.at(-1)).toBe(0x15);
    expect(answer.types.filter((type) => type === 0x17).length).toBe(3);
  }
});

test('TLS 1.3: nothing after the ServerHello is in clear', () => {
  for (const software of ['chromium', 'firefox', 'go', 'openssl']) {
    const { client, server: answer } = talk(software, [0x0304, 0x0303]);
    expect(client.handshakes).toEqual([1]);
    expect(answer.handshakes).toEqual([2]);
    expect(client.types).not.toContain(0x15);
    expect(answer.types.slice(0, 3)).toEqual([0x16, 0x14, 0x17]);
  }
});
