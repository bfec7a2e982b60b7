/** TLS records (RFC 8446 §5, RFC 5246 §6) and the heads of handshake messages, as far as they stand in the packet. Nothing is decrypted. */

import { cipherName } from '../../protocols/ssl/ciphers.ts';
import { alertName } from '../../protocols/ssl/names.ts';
import { hexadecimal, type Dissection, type Layer } from '../dissection.ts';
import type { PayloadReader } from './payload.ts';

/** As people and Wireshark write them. */
const versions: ReadonlyMap<number, string> = new Map([
  [0x0300, 'SSLv3'],
  [0x0301, 'TLSv1.0'],
  [0x0302, 'TLSv1.1'],
  [0x0303, 'TLSv1.2'],
  [0x0304, 'TLSv1.3'],
  [0x0101, 'TLCPv1.1'],
]);

const versionName = (version: number): string => versions.get(version) ?? hexadecimal(4)(version);

const contents: ReadonlyMap<number, string> = new Map([
  [20, 'Change cipher spec'],
  [21, 'Alert'],
  [22, 'Handshake'],
  [23, 'Application data'],
  [24, 'Heartbeat'],
]);

const messages: ReadonlyMap<number, string> = new Map([
  [0, 'Hello request'],
  [1, 'Client hello'],
  [2, 'Server hello'],
  [4, 'New session ticket'],
  [5, 'End of early data'],
  [8, 'Encrypted extensions'],
  [11, 'Certificate'],
  [12, 'Server key exchange'],
  [13, 'Certificate request'],
  [14, 'Server hello done'],
  [15, 'Certificate verify'],
  [16, 'Client key exchange'],
  [20, 'Finished'],
  [22, 'Certificate status'],
  [24, 'Key update'],
]);

/** Records of one packet; a segment that offloading made has 64 KB, which is four full records, and small ones rarely come ten at once. */
const recordsMax = 32;

/** RFC 5246 §6.2.3: 2^14 and what compression and encryption add. */
const recordBytesMax = 16_384 + 2048;

function isRecord(d: Dissection, at: number): boolean {
  const kind = d.number(at, 1);
  const version = d.number(at + 1, 2);
  return (
    kind >= 20 &&
    kind <= 24 &&
    (version >> 8 === 3 ? (version & 0xff) <= 4 : version === 0x0101) &&
    d.number(at + 3, 2) <= recordBytesMax
  );
}

export const tls: PayloadReader = {
  services: ['ssl'],
  transports: ['tcp'],
  ports: [443, 465, 636, 853, 993, 995, 8443],
  recognises: (d) => d.left >= 5 && isRecord(d, d.at) && d.number(d.at + 3, 2) > 0,
  read: (d) => {
    const layer = d.open('tls', 5);
    if (!layer) return undefined;
    let at = d.at;
    const said: string[] = [];
    for (let n = 0; n < recordsMax && at + 5 <= d.end && isRecord(d, at); n++) {
      const kind = d.number(at, 1);
      const length = d.number(at + 3, 2);
      const offset = at - layer.start;
      const end = Math.min(at + 5 + length, d.end);
      const name = contents.get(kind)!;
      layer.text('tls.record.content_type', offset, 1, `${name} (${kind})`);
      layer.text(
        'tls.record.version',
        offset + 1,
        2,
        `${versionName(d.number(at + 1, 2))} (${hexadecimal(4)(d.number(at + 1, 2))})`,
      );
      layer.text('tls.record.length', offset + 3, 2, String(length));
      const before = said.length;
      if (kind === 22) handshake(d, layer, at + 5, end, said);
      else if (kind === 21 && length === 2) {
        const level = d.number(at + 5, 1) === 2 ? 'fatal' : 'warning';
        const alert = alertName(d.number(at + 6, 1));
        layer.text('tls.alert_message', offset + 5, 2, `${level}, ${alert}`);
        said.push(`Alert (${level}, ${alert})`);
      }
      if (said.length === before) said.push(kind === 22 ? 'Encrypted handshake message' : name);
      at = end;
    }
    const line = counted(said);
    layer.line = line;
    // A record's version is a disguise in TLS 1.3 (RFC 8446 §5.1), so only the server's hello says which was chosen.
    d.say('TLS', line);
    layer.close(at - layer.start);
    return undefined;
  },
};

/** `Server hello, Application data × 3`. */
function counted(said: readonly string[]): string {
  const parts: { text: string; times: number }[] = [];
  for (const text of said) {
    const last = parts.at(-1);
    if (last?.text === text) last.times++;
    else parts.push({ text, times: 1 });
  }
  return parts.map(({ text, times }) => (times === 1 ? text : `${text} × ${times}`)).join(', ');
}

/** The messages of one record. Encrypted ones have no type that is known. */
function handshake(d: Dissection, layer: Layer, from: number, end: number, said: string[]): void {
  for (let at = from; at + 4 <= end;) {
    const kind = d.number(at, 1);
    const length = d.number(at + 1, 3);
    const name = messages.get(kind);
    // What is encrypted looks like any number; its length then runs far beyond the record, as a cut message's rarely does.
    if (name === undefined || (at + 4 + length > end && kind !== 1 && kind !== 2 && kind !== 11 && kind !== 12)) return;
    const offset = at - layer.start;
    layer.text('tls.handshake.type', offset, 1, `${name} (${kind})`);
    layer.text('tls.handshake.length', offset + 1, 3, String(length));
    const stop = Math.min(at + 4 + length, end);
    let word = name;
    if (kind === 1 || kind === 2) {
      const hello = kind === 1 ? clientHello(d, layer, at + 4, stop) : serverHello(d, layer, at + 4, stop);
      if (hello.name) word += ` (SNI=${hello.name})`;
      if (kind === 2) word += ` (${[versionName(hello.version), hello.suite].filter(Boolean).join(', ')})`;
    }
    said.push(word);
    at = stop;
  }
}

type Hello = { version: number; name?: string; suite?: string };

function clientHello(d: Dissection, layer: Layer, from: number, end: number): Hello {
  const hello = head(d, layer, from);
  let at = from + 34 + 1 + d.number(from + 34, 1);
  if (at + 2 > end) return hello;
  const suites = d.number(at, 2);
  const names: string[] = [];
  // Nobody reads more than the first of a hundred in one line.
  for (let i = 0; i + 2 <= suites && at + 4 + i <= end && names.length < 24; i += 2)
    names.push(cipherName(d.number(at + 2 + i, 2)));
  layer.text('tls.handshake.ciphersuites', at - layer.start, 2 + suites, names.join(', '));
  at += 2 + suites;
  at += 1 + d.number(at, 1);
  return extensions(d, layer, at, end, hello, true);
}

function serverHello(d: Dissection, layer: Layer, from: number, end: number): Hello {
  const hello = head(d, layer, from);
  const at = from + 34 + 1 + d.number(from + 34, 1);
  if (at + 3 > end) return hello;
  hello.suite = cipherName(d.number(at, 2));
  layer.text('tls.handshake.ciphersuite', at - layer.start, 2, hello.suite);
  return extensions(d, layer, at + 3, end, hello, false);
}

/** Version, random and session identifier. */
function head(d: Dissection, layer: Layer, from: number): Hello {
  const version = d.number(from, 2);
  const offset = from - layer.start;
  layer.text('tls.handshake.version', offset, 2, `${versionName(version)} (${hexadecimal(4)(version)})`);
  layer.text('tls.handshake.random', offset + 2, 32, d.hex(from + 2, 32));
  const length = d.number(from + 34, 1);
  if (length > 0) layer.text('tls.handshake.session_id', offset + 35, length, d.hex(from + 35, length));
  return { version };
}

/** Server name (RFC 6066 §3), protocols of the application (RFC 7301) and versions (RFC 8446 §4.2.1). */
function extensions(d: Dissection, layer: Layer, from: number, end: number, hello: Hello, client: boolean): Hello {
  let at = from + 2;
  while (at + 4 <= end) {
    const kind = d.number(at, 2);
    const length = d.number(at + 2, 2);
    const body = at + 4;
    const stop = Math.min(body + length, end);
    const offset = at - layer.start;
    if (kind === 0 && client && length > 5) {
      hello.name = d.letters(body + 5, Math.min(body + 5 + d.number(body + 3, 2), stop));
      layer.text('tls.handshake.extensions_server_name', offset, 4 + length, hello.name);
    } else if (kind === 16 && length > 3) {
      const names: string[] = [];
      for (let one = body + 2; one < stop; one += 1 + d.number(one, 1))
        names.push(d.letters(one + 1, Math.min(one + 1 + d.number(one, 1), stop)));
      layer.text('tls.handshake.extensions_alpn_str', offset, 4 + length, names.join(', '));
    } else if (kind === 43) {
      const list: string[] = [];
      for (let one = client ? body + 1 : body; one + 2 <= stop; one += 2) list.push(versionName(d.number(one, 2)));
      if (!client && length === 2) hello.version = d.number(body, 2);
      layer.text('tls.handshake.extensions.supported_version', offset, 4 + length, list.join(', '));
    } else layer.text('tls.handshake.extension.type', offset, 4 + length, String(kind));
    at = body + length;
  }
  return hello;
}
