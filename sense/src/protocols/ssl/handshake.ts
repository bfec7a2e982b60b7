/**
 * One handshake, whatever carried its messages – TLS records over TCP, DTLS records over UDP, or CRYPTO frames of QUIC –
 * and the `ssl` and `x509` records that it leaves, as Zeek writes them.
 *
 *     record layer ─▶ message(type, who, bytes) ─▶ hellos, certificates, key exchange ─▶ columns
 *                  ─▶ alert(), cipherChanged() ─────────────────────────────────────────▶ ssl_history, a letter each
 */

import type { Seconds } from '@forewarn/base/time';
import type { SslRecord } from '@forewarn/model/records/network';
import type { Direction, Emit, FlowView } from '../protocol.ts';
import { textOf } from '../text.ts';
import { certificateRecord, fingerprintOf, knownCertificate } from './certificates.ts';
import { cipherName } from './ciphers.ts';
import { type Carrier, fingerprintBytesMax, HelloParts, ja3, ja3s, ja4 } from './fingerprint.ts';
import { alertName, groupName, handshakeLetters, isVersion13, versionName } from './names.ts';
import { type Certificate, namesHost } from './x509.ts';

/** OpenSSL's SSL_MAX_CERT_LIST_DEFAULT is 100 KiB; a longer message is counted in the history and passed over. */
export const handshakeBytesMax = 131_072;

/** Chains have two to five certificates; OpenSSL verifies no deeper than 100. */
const certificatesMax = 32;

/** Zeek's max_ssl_history_length. */
const historyLettersMax = 100;

/** The ceilings of a handshake, for the reference. */
export const limits = [
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
    name: 'ssl.fingerprintBytesMax',
    value: fingerprintBytesMax,
    unit: 'bytes per hello',
    why: 'One record holds no more (RFC 8446 §5.1); a longer hello gets no fingerprint.',
  },
] as const;

export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;
export const HELLO_VERIFY_REQUEST = 3;
const CERTIFICATE = 11;
const SERVER_KEY_EXCHANGE = 12;
const CLIENT_KEY_EXCHANGE = 16;

const SERVER_NAME = 0;
const SUPPORTED_GROUPS = 10;
const EC_POINT_FORMATS = 11;
const SIGNATURE_ALGORITHMS = 13;
const ALPN = 16;
const SESSION_TICKET = 35;
/** What key_share was until draft 22 of TLS 1.3. */
const KEY_SHARE_OF_DRAFTS = 40;
const PRE_SHARED_KEY = 41;
const SUPPORTED_VERSIONS = 43;
const KEY_SHARE = 51;

/** Longest server name that is written; DNS allows 253. */
const nameBytesMax = 1_024;

/** The random of a hello retry request (RFC 8446 §4.1.3), by its first eight bytes. */
const retry = [0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11];

/** The hello that is being read; its numbers are used before the call ends, so one serves all flows. */
const hello = new HelloParts();

/** What is known of one handshake, and its record until it is written. */
export class Handshake {
  /** The version that the server chose; -1 before it did. */
  version = -1;
  /** A retry was asked for and the real server hello has not come: changes of cipher mean nothing yet (RFC 8446 §D.4). */
  awaitsHello = false;
  /** The server has asked for a second hello (RFC 8446 §4.1.4). */
  askedAgain = false;
  /** The client sits at the responder: WebRTC, or TLS in a data connection of FTP. */
  flipped = false;
  /** The first protocol that a client offers. */
  clientProtocol: string | undefined = undefined;
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly carrier: Carrier;
  private record: SslRecord | undefined = undefined;
  private history = '';
  private confirmed = false;
  private clientSession: string | undefined = undefined;
  private clientTicket = false;
  private clientPsk = false;
  private clientKeyExchange = false;
  private retried = false;
  private ellipticExchange = false;
  private hostCertificate: Certificate | undefined = undefined;

  constructor(flow: FlowView, emit: Emit, carrier: Carrier) {
    this.flow = flow;
    this.emit = emit;
    this.carrier = carrier;
  }

  /** The name that the client asked for, as far as it is known. */
  get serverName(): string | undefined {
    return this.record?.server_name;
  }

  /** The suite that the server chose, as far as it is known. */
  get cipher(): string | undefined {
    return this.record?.cipher;
  }

  /** Whether the direction is that of the client. */
  fromClient(direction: Direction): boolean {
    return (direction === 0) !== this.flipped;
  }

  /** One whole message; `bytes[start, end)` is what follows its header. */
  message(direction: Direction, type: number, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.open(ts);
    switch (type) {
      case CLIENT_HELLO:
        if (direction === 1 && !this.flipped && this.version < 0 && !this.history.includes('C')) {
          this.flipped = true;
          this.history += '^';
        }
        this.clientHello(bytes, start, end, ts);
        break;
      case SERVER_HELLO:
        this.serverHello(bytes, start, end, ts);
        break;
      case CERTIFICATE:
        this.certificates(this.fromClient(direction), bytes, start, end, ts);
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
    this.messageLetter(direction, type, ts);
  }

  /** A message that was too long to be kept: its letter alone. */
  messageTooLong(direction: Direction, type: number, length: number, ts: Seconds): void {
    this.emit.weird('SSL_handshake_too_long', ts, String(length));
    this.messageLetter(direction, type, ts);
  }

  /** An alert in clear. */
  alert(direction: Direction, description: number, ts: Seconds): void {
    this.letter(direction, 'l', ts);
    this.open(ts).last_alert = alertName(description);
  }

  /** A change of cipher; answers whether the direction is encrypted from here on. */
  cipherChanged(direction: Direction, ts: Seconds): boolean {
    this.letter(direction, 'i', ts);
    if (this.fromClient(direction) && this.clientTicket && !this.clientKeyExchange) this.open(ts).resumed = true;
    return !this.awaitsHello;
  }

  /** Both directions are encrypted, and a record came after that. */
  established(ts: Seconds): void {
    this.open(ts).established = true;
  }

  /** Adds a letter to the history, a capital where the client sent it. */
  letter(direction: Direction, letter: string, ts: Seconds): void {
    this.open(ts);
    if (this.history.length >= historyLettersMax) return;
    this.history += this.fromClient(direction) ? letter.toUpperCase() : letter;
    if (this.history.length === historyLettersMax) this.emit.weird('SSL_max_ssl_history_length_reached', ts);
  }

  /** The hellos of SSL 2.0 (draft-hickman-netscape-ssl-00 §2.5) tell little more than that they are there. */
  oldClientHello(ts: Seconds): void {
    this.letter(0, 'c', ts);
    this.confirm();
  }

  oldServerHello(version: number, suite: number | undefined, ts: Seconds): void {
    const record = this.open(ts);
    this.version = version;
    record.version = versionName(version);
    if (suite !== undefined) record.cipher = cipherName(suite);
    this.letter(1, 's', ts);
    this.confirm();
  }

  /** Writes what is known, once, and lets go of it. */
  write(): void {
    const { record } = this;
    if (record === undefined || this.history === '') return;
    record.ssl_history = this.history;
    if (record.server_name !== undefined && this.hostCertificate !== undefined) {
      record.sni_matches_cert = namesHost(this.hostCertificate, record.server_name);
    }
    this.record = undefined;
    this.hostCertificate = undefined;
    this.history = '';
    this.emit.record('ssl', record);
  }

  private messageLetter(direction: Direction, type: number, ts: Seconds): void {
    const letter = type === SERVER_HELLO && this.retried ? 'j' : (handshakeLetters[type] ?? 'z');
    if (type === SERVER_HELLO) this.retried = false;
    this.letter(direction, letter, ts);
  }

  private clientHello(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const record = this.open(ts);
    let at = start + 34;
    if (at >= end) {
      this.emit.weird('SSL_truncated_hello', ts);
      return;
    }
    hello.reset(start, end);
    hello.version = (bytes[start]! << 8) | bytes[start + 1]!;
    const sessionLength = bytes[at++]!;
    const sessionAt = at;
    at += sessionLength;
    // The cookie with which a server of DTLS keeps no state (RFC 6347 §4.2.1).
    if (this.carrier === 'd' && at < end) at += 1 + bytes[at]!;
    if (at + 2 > end) {
      this.emit.weird('SSL_truncated_hello', ts);
      return;
    }
    hello.ciphersAt = at + 2;
    at += 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
    hello.ciphersEnd = Math.min(at, end);
    if (at < end) at += 1 + bytes[at]!;
    this.confirm();
    this.clientTicket = false;
    this.clientPsk = false;
    if (at + 2 <= end) this.clientExtensions(record, bytes, at, end, ts);
    // A session id of zeros is none; with one, resumption shows in the server's answer, not in the ticket.
    let empty = true;
    for (let i = sessionAt; i < sessionAt + sessionLength; i++) if (bytes[i] !== 0) empty = false;
    this.clientSession = empty ? undefined : Buffer.prototype.hexSlice.call(bytes, sessionAt, sessionAt + sessionLength);
    if (!empty) this.clientTicket = false;
    if (record.ja4 !== undefined) {
      // The first hello counts: a second one answers the server's retry and no longer shows the client alone.
      if (this.askedAgain) record.ja4_retry ??= ja4(this.carrier, bytes, hello);
      return;
    }
    const clientJa3 = ja3(bytes, hello);
    if (clientJa3 !== undefined) record.ja3 = clientJa3;
    const clientJa4 = ja4(this.carrier, bytes, hello);
    if (clientJa4 !== undefined) record.ja4 = clientJa4;
  }

  private clientExtensions(record: SslRecord, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const stop = Math.min(end, start + 2 + ((bytes[start]! << 8) | bytes[start + 1]!));
    let at = start + 2;
    hello.extensionsAt = at;
    hello.extensionsEnd = at;
    while (at + 4 <= stop) {
      const type = (bytes[at]! << 8) | bytes[at + 1]!;
      const from = at + 4;
      const to = from + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
      if (to > stop) {
        this.emit.weird('SSL_truncated_extension', ts, String(type));
        return;
      }
      switch (type) {
        case SERVER_NAME:
          hello.hasServerName = true;
          this.serverNames(record, bytes, from, to, ts);
          break;
        case SESSION_TICKET:
          if (to > from) this.clientTicket = true;
          break;
        case PRE_SHARED_KEY:
          this.clientPsk = true;
          break;
        // Lists begin with their own length, of two bytes here …
        case SUPPORTED_GROUPS:
          hello.groupsAt = Math.min(from + 2, to);
          hello.groupsEnd = to;
          break;
        case SIGNATURE_ALGORITHMS:
          hello.signaturesAt = Math.min(from + 2, to);
          hello.signaturesEnd = to;
          break;
        // … and of one byte here.
        case EC_POINT_FORMATS:
          hello.formatsAt = Math.min(from + 1, to);
          hello.formatsEnd = to;
          break;
        case SUPPORTED_VERSIONS:
          hello.versionsAt = Math.min(from + 1, to);
          hello.versionsEnd = to;
          break;
        case ALPN:
          if (to - from < 3) break;
          hello.protocolAt = from + 3;
          hello.protocolEnd = Math.min(to, from + 3 + bytes[from + 2]!);
          this.clientProtocol ??= textOf(bytes, hello.protocolAt, hello.protocolEnd);
      }
      at = to;
      hello.extensionsEnd = at;
    }
  }

  /** RFC 6066 §3: a list of names, of which the first host name counts. */
  private serverNames(record: SslRecord, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let at = start + 2;
    let names = 0;
    while (at + 3 <= end) {
      const length = (bytes[at + 1]! << 8) | bytes[at + 2]!;
      if (at + 3 + length > end) break;
      if (bytes[at] === 0 && names++ === 0) {
        record.server_name = textOf(bytes, at + 3, Math.min(at + 3 + length, at + 3 + nameBytesMax));
      }
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
    const stated = (bytes[start]! << 8) | bytes[start + 1]!;
    let version = stated;
    this.retried = true;
    for (let i = 0; i < retry.length; i++) if (bytes[start + 2 + i] !== retry[i]) this.retried = false;
    if (this.retried) this.askedAgain = true;
    this.awaitsHello = this.retried;
    let at = start + 34;
    // Drafts of TLS 1.3 before the 22nd had no session and no compression in this message; those before the 16th already
    // called themselves 1.3, which the standard itself never does here.
    const draft = stated === 0x0304 || (stated >> 8 === 0x7f && (stated & 0xff) < 22);
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
    const extensionsAt = Math.min(at + 2, end);
    let extensionsEnd = extensionsAt;
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
        if (type === SUPPORTED_VERSIONS && to - from === 2) version = (bytes[from]! << 8) | bytes[from + 1]!;
        else if ((type === KEY_SHARE || type === KEY_SHARE_OF_DRAFTS) && to - from >= 2) {
          record.curve = groupName((bytes[from]! << 8) | bytes[from + 1]!);
        } else if (type === ALPN && to - from >= 3) {
          record.next_protocol = textOf(bytes, from + 3, Math.min(to, from + 3 + bytes[from + 2]!));
        } else if (type === PRE_SHARED_KEY && this.clientPsk) record.resumed = true;
        at = to;
        extensionsEnd = at;
      }
    }
    this.version = version;
    record.version = versionName(version);
    const name = cipherName(cipher);
    record.cipher = name;
    this.ellipticExchange = /_ECDHE_|^ECDHE_|_ECDH_anon_/.test(name);
    if (session !== undefined && session === this.clientSession && !isVersion13(version)) record.resumed = true;
    // Of a retry and the hello after it, the hello counts.
    const server = ja3s(bytes, stated, cipher, extensionsAt, extensionsEnd);
    if (server !== undefined) record.ja3s = server;
    this.confirm();
  }

  /** RFC 5246 §7.4.2: a list of certificates, the owner's first. */
  private certificates(fromClient: boolean, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const record = this.open(ts);
    const chain: string[] = [];
    const before = fromClient ? record.client_cert_chain_fps : record.cert_chain_fps;
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
      const fingerprint = fingerprintOf(bytes, from, at);
      const certificate = knownCertificate(fingerprint, bytes, from, at);
      if (certificate === undefined) this.emit.weird('SSL_unreadable_certificate', ts, fingerprint);
      else {
        // Where the hellos were not captured, a certificate that can be read shows TLS as well.
        this.confirm();
        const host = chain.length === 0;
        if (!fromClient && host) this.hostCertificate = certificate;
        // A flight of DTLS that is sent again shows the same chain.
        if (!chain.includes(fingerprint) && !before?.includes(fingerprint)) {
          this.emit.record('x509', certificateRecord(certificate, fingerprint, { host, client: fromClient }, ts));
        }
      }
      chain.push(fingerprint);
    }
    if (chain.length === 0) return;
    record.cert_chain_fps ??= [];
    record.client_cert_chain_fps ??= [];
    if (fromClient) record.client_cert_chain_fps = chain;
    else record.cert_chain_fps = chain;
  }

  private open(ts: Seconds): SslRecord {
    if (this.record === undefined) {
      this.record = this.flow.head(ts) as SslRecord;
      this.record.resumed = false;
      this.record.established = false;
    }
    return this.record;
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    if (this.carrier === 'q') this.emit.confirm('ssl');
    else this.emit.confirm();
  }
}
