/**
 * TLS 1.0 to 1.3 over TCP (SSL 3.0 and TLCP alike, SSL 2.0 as far as its hellos), written as Zeek's `ssl.log` and
 * `x509.log` write them.
 *
 *     segments ─▶ records (type, version, length) ─▶ handshake messages ─▶ hellos, certificates, key exchange
 *                      │                                                        │
 *                      ├─ change cipher spec: this direction is encrypted       └─ ssl_history, one letter each
 *                      └─ a record after both are encrypted: established ─▶ ssl record; nothing more is read
 */

import { hash } from 'node:crypto';
import type { Seconds } from '@forewarn/base/time';
import type { SslRecord, X509Record } from '@forewarn/model/records/network';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { textOf } from '../text.ts';
import { cipherName } from './ciphers.ts';
import { alertName, groupName, handshakeLetters, isVersion13, versionName } from './names.ts';
import {
  alternativeNamesMax,
  attributeBytesMax,
  type Certificate,
  nameAttributesMax,
  namesHost,
  readCertificate,
} from './x509.ts';

/** RFC 5246 §6.2.3: 2^14 bytes of content and 2,048 that protection may add. */
const recordBytesMax = 18_432;

/** OpenSSL's SSL_MAX_CERT_LIST_DEFAULT is 100 KiB; a longer message is counted in the history and passed over. */
const handshakeBytesMax = 131_072;

/** Chains have two to five certificates; OpenSSL verifies no deeper than 100. */
const certificatesMax = 32;

/** Zeek's max_ssl_history_length. */
const historyLettersMax = 100;

/** Parsed certificates remembered, about 2 KB each: a busy site shows some hundreds again and again. */
const certificateCacheMax = 2_048;

/** The ceilings of this parser, for the reference. */
export const limits = [
  { name: 'ssl.recordBytesMax', value: recordBytesMax, unit: 'bytes', why: 'RFC 5246 §6.2.3 allows no longer record.' },
  {
    name: 'ssl.handshakeBytesMax',
    value: handshakeBytesMax,
    unit: 'bytes per message',
    why: 'OpenSSL takes 100 KiB of certificates; one split message is kept per direction, and a longer one is passed over.',
  },
  {
    name: 'ssl.certificatesMax',
    value: certificatesMax,
    unit: 'certificates per direction',
    why: 'Chains have two to five; those beyond are passed over.',
  },
  { name: 'ssl.historyLettersMax', value: historyLettersMax, unit: 'letters', why: "Zeek's max_ssl_history_length." },
  {
    name: 'ssl.certificateCacheMax',
    value: certificateCacheMax,
    unit: 'certificates',
    why: 'Parsed certificates of one process, about 2 KB each, so that a known one costs only its fingerprint.',
  },
  {
    name: 'ssl.alternativeNamesMax',
    value: alternativeNamesMax,
    unit: 'names per certificate',
    why: 'The largest public certificates have some hundreds.',
  },
  {
    name: 'ssl.nameAttributesMax',
    value: nameAttributesMax,
    unit: 'attributes per name',
    why: 'Subjects and issuers have about ten.',
  },
  {
    name: 'ssl.attributeBytesMax',
    value: attributeBytesMax,
    unit: 'bytes per attribute',
    why: 'RFC 5280 allows 64 for most attributes; longer ones are cut.',
  },
] as const;

const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const HEARTBEAT = 24;

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const SERVER_KEY_EXCHANGE = 12;
const CLIENT_KEY_EXCHANGE = 16;

/** The random of a hello retry request (RFC 8446 §4.1.3), by its first eight bytes. */
const retry = [0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11];

/** What one direction is reading. */
class Side {
  /** What segments have cut: five bytes of a record header, from 5 on two of an alert, from 7 on four of a message header. */
  readonly header = new Uint8Array(11);
  headerLength = 0;
  /** No record was read yet. */
  first = true;
  type = 0;
  /** Bytes of the current record that are still to come. */
  remaining = 0;
  encrypted = false;
  /** A boundary is lost: nothing of this direction can be read. */
  lost = false;
  /** A message was damaged: records are followed, messages are not. */
  skipMessages = false;
  alertLength = 0;
  messageHeaderLength = 0;
  messageLength = 0;
  messageRead = 0;
  buffer: Uint8Array | undefined = undefined;
}

/** Stands in for the sides of every flow that is done; nothing is read into it. */
const spent: readonly [Side, Side] = [new Side(), new Side()];

class SslParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private sides: readonly [Side, Side] = [new Side(), new Side()];
  private record: SslRecord | undefined = undefined;
  private history = '';
  private version = -1;
  private done = false;
  private confirmed = false;
  private clientSession: string | undefined = undefined;
  private clientTicket = false;
  private clientPsk = false;
  private clientKeyExchange = false;
  private retried = false;
  /** A retry was asked for and the real server hello has not come: changes of cipher mean nothing yet (RFC 8446 §D.4). */
  private awaitsHello = false;
  private ellipticExchange = false;
  private hostCertificate: Certificate | undefined = undefined;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.done) return;
    const side = this.sides[direction];
    let at = start;
    while (at < end && !this.done && !side.lost) {
      if (side.remaining === 0) {
        if (side.headerLength < 5) {
          side.header[side.headerLength++] = bytes[at++]!;
          if (side.headerLength === 2 && side.first && side.header[0]! >= 0x80) {
            // No record type has its top bit set: an SSL 2.0 hello, whose length stands in the first two bytes.
            side.first = false;
            side.type = -1;
            side.remaining = ((side.header[0]! & 0x7f) << 8) | side.header[1]!;
            side.headerLength = 0;
            side.messageHeaderLength = 4;
            side.messageLength = side.remaining;
            side.messageRead = 0;
          }
          if (side.headerLength < 5) continue;
        }
        this.recordHeader(side, ts);
        continue;
      }
      const length = Math.min(side.remaining, end - at);
      this.content(direction, side, bytes, at, at + length, ts);
      side.remaining -= length;
      at += length;
    }
  }

  gap(direction: Direction, length: number, _ts: Seconds): void {
    if (this.done) return;
    const side = this.sides[direction];
    if (length > side.remaining) {
      side.lost = true;
      side.buffer = undefined;
      return;
    }
    side.remaining -= length;
    if (side.type === HANDSHAKE || side.type === -1) side.skipMessages = true;
  }

  finish(_ts: Seconds): void {
    if (!this.done) this.write();
  }

  private recordHeader(side: Side, ts: Seconds): void {
    const { header } = side;
    side.headerLength = 0;
    side.first = false;
    const type = header[0]!;
    const version = (header[1]! << 8) | header[2]!;
    const length = (header[3]! << 8) | header[4]!;
    const known = type >= CHANGE_CIPHER_SPEC && type <= HEARTBEAT && (header[1] === 3 || version === 0x0101);
    if (!known || length > recordBytesMax) {
      // Zeek gives up at the first record that is none, and so do we: the handshake is written as it stands.
      this.emit.weird('SSL_invalid_record', ts);
      this.write();
      return;
    }
    side.type = type;
    side.remaining = length;
    side.alertLength = 0;
    if (type === APPLICATION_DATA && isVersion13(this.version) && !this.awaitsHello) side.encrypted = true;
    if (side.encrypted && type !== CHANGE_CIPHER_SPEC) {
      if (this.sides[0].encrypted && this.sides[1].encrypted) {
        this.open(ts).established = true;
        this.write();
      }
    } else if (type === APPLICATION_DATA && this.version >= 0 && !isVersion13(this.version)) {
      this.emit.weird('ssl_early_application_data', ts);
    } else if (type === HEARTBEAT) {
      this.letter(side, 'b', ts);
    }
  }

  private content(direction: Direction, side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    switch (side.type) {
      case HANDSHAKE:
        if (!side.encrypted && !side.skipMessages) this.messages(direction, side, bytes, start, end, ts);
        return;
      case -1:
        if (!side.skipMessages) this.messages(direction, side, bytes, start, end, ts);
        return;
      case ALERT:
        if (side.encrypted) return;
        for (let at = start; at < end && side.alertLength < 2; at++) {
          side.header[5 + side.alertLength++] = bytes[at]!;
          if (side.alertLength === 2) {
            this.letter(side, 'l', ts);
            this.open(ts).last_alert = alertName(side.header[6]!);
          }
        }
        return;
      case CHANGE_CIPHER_SPEC:
        if (side.encrypted) return;
        side.encrypted = !this.awaitsHello;
        this.letter(side, 'i', ts);
        if (direction === 0 && this.clientTicket && !this.clientKeyExchange) this.open(ts).resumed = true;
    }
  }

  /** Handshake messages out of record contents: whole ones are read in place, split ones are put together. */
  private messages(direction: Direction, side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let at = start;
    while (at < end && !this.done && !side.skipMessages) {
      if (side.messageHeaderLength < 4) {
        side.header[7 + side.messageHeaderLength++] = bytes[at++]!;
        if (side.messageHeaderLength < 4) continue;
        side.messageLength = (side.header[8]! << 16) | (side.header[9]! << 8) | side.header[10]!;
        side.messageRead = 0;
        if (side.messageLength > 0) continue;
      }
      const need = side.messageLength - side.messageRead;
      const length = Math.min(need, end - at);
      if (length === need && side.messageRead === 0) {
        side.messageHeaderLength = 0;
        this.message(direction, side, bytes, at, at + length, ts);
      } else {
        this.collect(side, bytes, at, at + length);
        side.messageRead += length;
        if (length === need) {
          side.messageHeaderLength = 0;
          const kept = Math.min(side.messageLength, handshakeBytesMax);
          this.message(direction, side, side.buffer ?? bytes, 0, kept, ts);
          // Certificates are long and come once; what is kept between messages is small.
          if (side.buffer && side.buffer.length > 4_096) side.buffer = undefined;
        }
      }
      at += length;
    }
  }

  private collect(side: Side, bytes: Uint8Array, start: number, end: number): void {
    const room = handshakeBytesMax - side.messageRead;
    const length = Math.min(end - start, room);
    if (length <= 0) return;
    const need = side.messageRead + length;
    if (side.buffer === undefined || side.buffer.length < need) {
      const larger = new Uint8Array(Math.min(handshakeBytesMax, Math.max(1_024, need * 2)));
      if (side.buffer) larger.set(side.buffer.subarray(0, side.messageRead));
      side.buffer = larger;
    }
    side.buffer.set(bytes.subarray(start, start + length), side.messageRead);
  }

  private message(direction: Direction, side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (side.type === -1) {
      this.oldHello(direction, side, bytes, start, end, ts);
      return;
    }
    const type = side.header[7]!;
    this.open(ts);
    if (side.messageLength > handshakeBytesMax) this.emit.weird('SSL_handshake_too_long', ts, String(side.messageLength));
    else {
      switch (type) {
        case CLIENT_HELLO:
          this.clientHello(bytes, start, end, ts);
          break;
        case SERVER_HELLO:
          this.serverHello(bytes, start, end, ts);
          break;
        case CERTIFICATE:
          this.certificates(direction, bytes, start, end, ts);
          break;
        case SERVER_KEY_EXCHANGE:
          // ECParameters (RFC 8422 §5.4): a named curve is type 3.
          if (this.ellipticExchange && end - start >= 3 && bytes[start] === 3) {
            this.open(ts).curve = groupName((bytes[start + 1]! << 8) | bytes[start + 2]!);
          }
          break;
        case CLIENT_KEY_EXCHANGE:
          this.clientKeyExchange = true;
      }
    }
    const letter = type === SERVER_HELLO && this.retried ? 'j' : (handshakeLetters[type] ?? 'z');
    if (type === SERVER_HELLO) this.retried = false;
    this.letter(side, letter, ts);
  }

  private clientHello(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const record = this.open(ts);
    let at = start + 34;
    if (at >= end) {
      this.emit.weird('SSL_truncated_hello', ts);
      return;
    }
    const sessionLength = bytes[at++]!;
    const sessionAt = at;
    at += sessionLength;
    if (at + 2 > end) {
      this.emit.weird('SSL_truncated_hello', ts);
      return;
    }
    at += 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
    if (at < end) at += 1 + bytes[at]!;
    this.confirm();
    this.clientTicket = false;
    this.clientPsk = false;
    if (at + 2 <= end) {
      const stop = Math.min(end, at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!));
      at += 2;
      while (at + 4 <= stop) {
        const type = (bytes[at]! << 8) | bytes[at + 1]!;
        const from = at + 4;
        const to = from + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
        if (to > stop) {
          this.emit.weird('SSL_truncated_extension', ts, String(type));
          break;
        }
        if (type === 0) this.serverName(record, bytes, from, to, ts);
        else if (type === 35 && to > from) this.clientTicket = true;
        else if (type === 41) this.clientPsk = true;
        at = to;
      }
    }
    // A session id of zeros is none; with one, resumption shows in the server's answer, not in the ticket.
    let empty = true;
    for (let i = sessionAt; i < sessionAt + sessionLength; i++) if (bytes[i] !== 0) empty = false;
    this.clientSession = empty ? undefined : Buffer.prototype.hexSlice.call(bytes, sessionAt, sessionAt + sessionLength);
    if (!empty) this.clientTicket = false;
  }

  /** RFC 6066 §3: a list of names, of which the first host name counts. */
  private serverName(record: SslRecord, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let at = start + 2;
    let names = 0;
    while (at + 3 <= end) {
      const length = (bytes[at + 1]! << 8) | bytes[at + 2]!;
      if (at + 3 + length > end) break;
      if (bytes[at] === 0 && names++ === 0) record.server_name = textOf(bytes, at + 3, Math.min(at + 3 + length, at + 3 + 1_024));
      at += 3 + length;
    }
    if (names > 1) this.emit.weird('SSL_many_server_names', ts, String(names));
  }

  private serverHello(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const record = this.open(ts);
    if (end - start < 36) {
      this.emit.weird('SSL_truncated_hello', ts);
      return;
    }
    let version = (bytes[start]! << 8) | bytes[start + 1]!;
    this.retried = true;
    for (let i = 0; i < retry.length; i++) if (bytes[start + 2 + i] !== retry[i]) this.retried = false;
    this.awaitsHello = this.retried;
    let at = start + 34;
    // Drafts of TLS 1.3 before the 22nd had no session and no compression in this message.
    const draft = version >> 8 === 0x7f && (version & 0xff) < 22;
    let session: string | undefined;
    if (!draft) {
      const sessionLength = bytes[at++]!;
      if (at + sessionLength + 3 > end) {
        this.emit.weird('SSL_truncated_hello', ts);
        return;
      }
      session = sessionLength === 0 ? undefined : Buffer.prototype.hexSlice.call(bytes, at, at + sessionLength);
      at += sessionLength;
    }
    const cipher = (bytes[at]! << 8) | bytes[at + 1]!;
    at += draft ? 2 : 3;
    if (at + 2 <= end) {
      const stop = Math.min(end, at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!));
      at += 2;
      while (at + 4 <= stop) {
        const type = (bytes[at]! << 8) | bytes[at + 1]!;
        const from = at + 4;
        const to = from + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
        if (to > stop) {
          this.emit.weird('SSL_truncated_extension', ts, String(type));
          break;
        }
        if (type === 43 && to - from === 2) version = (bytes[from]! << 8) | bytes[from + 1]!;
        else if ((type === 51 || type === 40) && to - from >= 2) record.curve = groupName((bytes[from]! << 8) | bytes[from + 1]!);
        else if (type === 16 && to - from >= 3)
          record.next_protocol = textOf(bytes, from + 3, Math.min(to, from + 3 + bytes[from + 2]!));
        else if (type === 41 && this.clientPsk) record.resumed = true;
        at = to;
      }
    }
    this.version = version;
    record.version = versionName(version);
    const name = cipherName(cipher);
    record.cipher = name;
    this.ellipticExchange = /_ECDHE_|^ECDHE_|_ECDH_anon_/.test(name);
    if (session !== undefined && session === this.clientSession && !isVersion13(version)) record.resumed = true;
    this.confirm();
  }

  /** RFC 5246 §7.4.2: a list of certificates, the owner's first. */
  private certificates(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const record = this.open(ts);
    const chain: string[] = [];
    let at = start + 3;
    while (at + 3 <= end && chain.length < certificatesMax) {
      const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
      const from = at + 3;
      if (from + length > end) {
        this.emit.weird('SSL_truncated_certificate', ts);
        break;
      }
      at = from + length;
      if (length === 0) continue;
      const fingerprint = hash('sha256', bytes.subarray(from, at), 'hex');
      const certificate = knownCertificate(fingerprint, bytes, from, at);
      if (certificate === undefined) this.emit.weird('SSL_unreadable_certificate', ts, fingerprint);
      else {
        if (direction === 1 && chain.length === 0) this.hostCertificate = certificate;
        if (!chain.includes(fingerprint)) {
          this.emit.record('x509', certificateRecord(certificate, fingerprint, chain.length === 0, direction === 0, ts));
        }
      }
      chain.push(fingerprint);
    }
    if (chain.length === 0) return;
    record.cert_chain_fps ??= [];
    record.client_cert_chain_fps ??= [];
    if (direction === 1) record.cert_chain_fps = chain;
    else record.client_cert_chain_fps = chain;
  }

  /** SSL 2.0 (draft-hickman-netscape-ssl-00 §2.5): clients offered later versions in it too (RFC 5246 §E.2). */
  private oldHello(direction: Direction, side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const type = bytes[start]!;
    if (direction === 0 && type === 1 && end - start >= 9) {
      this.open(ts);
      this.confirm();
      this.letter(side, 'c', ts);
      return;
    }
    if (direction === 1 && type === 4 && end - start >= 11) {
      const record = this.open(ts);
      this.version = (bytes[start + 3]! << 8) | bytes[start + 4]!;
      record.version = versionName(this.version);
      const certificateLength = (bytes[start + 5]! << 8) | bytes[start + 6]!;
      const ciphersAt = start + 11 + certificateLength;
      if (ciphersAt + 3 <= end) {
        record.cipher = cipherName((bytes[ciphersAt]! << 16) | (bytes[ciphersAt + 1]! << 8) | bytes[ciphersAt + 2]!);
      }
      this.letter(side, 's', ts);
      this.confirm();
      this.write();
      return;
    }
    this.emit.weird('SSL_invalid_record', ts);
    this.write();
  }

  private letter(side: Side, letter: string, ts: Seconds): void {
    this.open(ts);
    if (this.history.length >= historyLettersMax) return;
    this.history += side === this.sides[0] ? letter.toUpperCase() : letter;
    if (this.history.length === historyLettersMax) this.emit.weird('SSL_max_ssl_history_length_reached', ts);
  }

  private open(ts: Seconds): SslRecord {
    if (this.record === undefined) {
      this.record = this.flow.head(ts) as SslRecord;
      this.record.resumed = false;
      this.record.established = false;
    }
    return this.record;
  }

  /** Writes what is known, once, and lets go of everything. */
  private write(): void {
    this.done = true;
    // The flow may live for days after its handshake: what was needed to read it goes now.
    this.sides = spent;
    const { record } = this;
    if (record === undefined || this.history === '') return;
    record.ssl_history = this.history;
    if (record.server_name !== undefined && this.hostCertificate !== undefined) {
      record.sni_matches_cert = namesHost(this.hostCertificate, record.server_name);
    }
    this.record = undefined;
    this.hostCertificate = undefined;
    this.emit.record('ssl', record);
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm();
  }
}

/** Parsed certificates by fingerprint: what they say depends on nothing else. The longest unused goes first. */
const cache = new Map<string, Certificate | undefined>();

function knownCertificate(fingerprint: string, bytes: Uint8Array, start: number, end: number): Certificate | undefined {
  if (cache.has(fingerprint)) {
    const known = cache.get(fingerprint);
    cache.delete(fingerprint);
    cache.set(fingerprint, known);
    return known;
  }
  const certificate = readCertificate(bytes, start, end);
  if (cache.size >= certificateCacheMax) cache.delete(cache.keys().next().value!);
  cache.set(fingerprint, certificate);
  return certificate;
}

function certificateRecord(from: Certificate, fingerprint: string, host: boolean, client: boolean, ts: Seconds): X509Record {
  const record: X509Record = {
    ts,
    fingerprint,
    'certificate.version': from.version,
    'certificate.serial': from.serial,
    'certificate.subject': from.subject,
    'certificate.issuer': from.issuer,
    'certificate.key_alg': from.keyAlgorithm,
    'certificate.sig_alg': from.signatureAlgorithm,
  };
  if (from.notValidBefore !== undefined) record['certificate.not_valid_before'] = from.notValidBefore;
  if (from.notValidAfter !== undefined) record['certificate.not_valid_after'] = from.notValidAfter;
  if (from.keyType !== undefined) record['certificate.key_type'] = from.keyType;
  if (from.keyLength !== undefined) record['certificate.key_length'] = from.keyLength;
  if (from.exponent !== undefined) record['certificate.exponent'] = from.exponent;
  if (from.curve !== undefined) record['certificate.curve'] = from.curve;
  // Lists are copied: records are given away, the cache is not.
  if (from.sanDns) record['san.dns'] = [...from.sanDns];
  if (from.sanUri) record['san.uri'] = [...from.sanUri];
  if (from.sanEmail) record['san.email'] = [...from.sanEmail];
  if (from.sanIp) record['san.ip'] = [...from.sanIp];
  if (from.ca !== undefined) record['basic_constraints.ca'] = from.ca;
  if (from.pathLength !== undefined) record['basic_constraints.path_len'] = from.pathLength;
  record.host_cert = host;
  record.client_cert = client;
  return record;
}

const versionLow = (byte: number): boolean => byte <= 4;

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const length = end - start;
  if (length === 0) return 'more';
  const first = bytes[start]!;
  if (first >= 0x80) return probeOld(bytes, start, end);
  if (first !== HANDSHAKE && first !== ALERT) return 'no';
  if (length < 3) return 'more';
  const tlcp = bytes[start + 1] === 1 && bytes[start + 2] === 1;
  if (!tlcp && (bytes[start + 1] !== 3 || !versionLow(bytes[start + 2]!))) return 'no';
  if (length < 5) return 'more';
  const recordLength = (bytes[start + 3]! << 8) | bytes[start + 4]!;
  if (first === ALERT) {
    if (recordLength !== 2) return 'no';
    if (length < 7) return 'more';
    const level = bytes[start + 5]!;
    return (level === 1 || level === 2) && !alertName(bytes[start + 6]!).startsWith('unknown') ? 'yes' : 'no';
  }
  if (recordLength < 4 || recordLength > recordBytesMax) return 'no';
  if (length < 6) return 'more';
  const type = bytes[start + 5]!;
  if (type !== CLIENT_HELLO && type !== SERVER_HELLO && !(usualPort && handshakeLetters[type] !== undefined)) return 'no';
  // A record may be as short as its sender likes; the version of the hello then stands in the next one.
  if (recordLength < 6) return usualPort ? 'yes' : 'no';
  if (length < 11) return 'more';
  if (bytes[start + 6]! > 1) return 'no';
  if (type > SERVER_HELLO) return 'yes';
  const major = bytes[start + 9]!;
  const minor = bytes[start + 10]!;
  return (major === 3 && versionLow(minor)) || (tlcp && major === 1 && minor === 1) || major === 0x7f || major === 0x7e
    ? 'yes'
    : 'no';
}

/** An SSL 2.0 client hello: its three lengths must add up to that of the message. */
function probeOld(bytes: Uint8Array, start: number, end: number): Probe {
  if (end - start < 3) return 'more';
  if (bytes[start + 2] !== 1) return 'no';
  if (end - start < 11) return 'more';
  const length = ((bytes[start]! & 0x7f) << 8) | bytes[start + 1]!;
  const version = (bytes[start + 3]! << 8) | bytes[start + 4]!;
  const ciphers = (bytes[start + 5]! << 8) | bytes[start + 6]!;
  const session = (bytes[start + 7]! << 8) | bytes[start + 8]!;
  const challenge = (bytes[start + 9]! << 8) | bytes[start + 10]!;
  if (version !== 2 && (version < 0x0300 || version > 0x0303)) return 'no';
  const fits = ciphers > 0 && ciphers % 3 === 0 && (session === 0 || session === 16) && challenge >= 16 && challenge <= 32;
  return fits && 9 + ciphers + session + challenge === length ? 'yes' : 'no';
}

export const ssl: Protocol = {
  service: 'ssl',
  logs: ['ssl', 'x509'],
  transports: ['tcp'],
  ports: [443, 563, 585, 614, 636, 989, 990, 992, 993, 995, 5223],
  probe,
  open: (flow, emit) => new SslParser(flow, emit),
};
