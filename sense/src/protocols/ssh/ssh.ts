/**
 * SSH 1 and 2, written as Zeek's `ssh.log` writes it: identifications, what was agreed, the host key, and whether the
 * login seems to have succeeded. One record a connection.
 *
 *     line "SSH-2.0-…"  ──▶  packets in clear (KEXINIT, key exchange)  ──NEWKEYS──▶  encrypted: only sizes are looked at
 *
 *      0               4         5       6
 *     ┌───────────────┬─────────┬───────┬─────────────────┬──────────┐
 *     │ packet_length │ padding │ type  │ payload …       │ padding  │    RFC 4253 §6, before keys are taken into use
 *     └───────────────┴─────────┴───────┴─────────────────┴──────────┘
 *                     └────────────── packet_length ─────────────────┘
 */

import { hash } from 'node:crypto';
import type { Seconds } from '@forewarn/base/time';
import type { SshRecord } from '@forewarn/model/records/ssh';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { textOf } from '../text.ts';
import { AuthenticationGuess } from './authentication.ts';

const identificationBytesMax = 255;
const preambleBytesMax = 8_192;
const packetBytesMax = 35_000;
const nameBytesMax = 64;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'ssh.identificationBytesMax',
    value: identificationBytesMax,
    unit: 'bytes',
    why: 'RFC 4253 §4.2: the identification is at most 255 characters with its line end.',
  },
  {
    name: 'ssh.preambleBytesMax',
    value: preambleBytesMax,
    unit: 'bytes',
    why: 'Lines a server may send before its identification; OpenSSH gives up after 8,192 bytes of one.',
  },
  {
    name: 'ssh.packetBytesMax',
    value: packetBytesMax,
    unit: 'bytes per direction',
    why: 'RFC 4253 §6.1: the longest packet that everybody must take; one that a segment has cut is held, and only before encryption.',
  },
  {
    name: 'ssh.nameBytesMax',
    value: nameBytesMax,
    unit: 'bytes',
    why: 'RFC 4251 §6: the longest name of an algorithm; what is longer is cut.',
  },
] as const;

// Message numbers: RFC 4250 §4.1.2; 30 to 49 belong to the key exchange method.
const KEXINIT = 20;
const NEWKEYS = 21;

// SSH 1: draft-ylonen-ssh-protocol-00.
const SMSG_PUBLIC_KEY = 2;
const CMSG_SESSION_KEY = 3;

const none = new Uint8Array(0);

/** Lines; then packets in clear, whose framing the versions decide; then nothing that can be read. */
type Stage = 'line' | 'clear' | 'encrypted' | 'lost';

/** The name-lists of a KEXINIT that are looked at, in their order (RFC 4253 §7.1). */
type Offer = {
  kex: string;
  hostKey: string;
  cipherToServer: string;
  cipherToClient: string;
  macToServer: string;
  macToClient: string;
  compressionToServer: string;
  compressionToClient: string;
};

class Side {
  stage: Stage = 'line';
  /** Bytes of a line or packet that a segment has cut. */
  held: Uint8Array = none;
  have = 0;
  /** Bytes of lines that came before the identification. */
  preamble = 0;
  identification: string | undefined = undefined;
  offer: Offer | undefined = undefined;
}

class SshParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Side, Side] = [new Side(), new Side()];
  private record: SshRecord | undefined = undefined;
  private written = false;
  private confirmed = false;
  /** A side spoke SSH 1 after the identification. */
  private one = false;
  private guess: AuthenticationGuess | undefined = undefined;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.written) return;
    const side = this.sides[direction];
    let at = start;
    while (at < end) {
      switch (side.stage) {
        case 'line':
          at = this.line(side, direction, bytes, at, end, ts);
          break;
        case 'clear':
          at = this.clear(side, direction, bytes, at, end, ts);
          break;
        case 'encrypted':
          this.encrypted(direction, end - at);
          return;
        case 'lost':
          return;
      }
    }
  }

  gap(direction: Direction, _length: number, _ts: Seconds): void {
    const side = this.sides[direction];
    if (side.stage !== 'encrypted') this.lose(side);
    // Which packet answers which can no longer be told.
    (this.guess ??= new AuthenticationGuess()).stop();
  }

  finish(_ts: Seconds): void {
    this.write();
  }

  /** A line that ends in LF, the CR before it being usual: the identification, or what a server says before it. */
  private line(side: Side, direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): number {
    const stop = lineEnd(bytes, start, end);
    const whole = stop < end;
    let text = bytes;
    let from = start;
    let to = stop;
    if (side.have > 0 || !whole) {
      // One byte more, for the CR.
      if (side.held.length === 0) side.held = new Uint8Array(identificationBytesMax + 1);
      const room = side.held.length - side.have;
      const length = Math.min(room, stop - start);
      side.held.set(bytes.subarray(start, start + length), side.have);
      side.have += length;
      if (length < stop - start && isIdentification(side.held, 0, side.have)) return this.malformed(side, ts, end);
      if (!whole) {
        side.preamble += stop - start;
        // What is held may be the identification, which does not count.
        return side.preamble > preambleBytesMax + side.held.length ? this.malformed(side, ts, end) : end;
      }
      text = side.held;
      from = 0;
      to = side.have;
      side.have = 0;
    }
    if (to > from && text[to - 1] === 0x0d) to--;
    if (isIdentification(text, from, to)) {
      if (to - from > identificationBytesMax) return this.malformed(side, ts, end);
      side.identification = textOf(text, from, to);
      side.stage = 'clear';
      side.held = none;
      this.identified(direction, ts);
      return stop + 1;
    }
    side.preamble += stop - start + 1;
    // Only a server may say something first (RFC 4253 §4.2).
    return direction === 0 || side.preamble > preambleBytesMax ? this.malformed(side, ts, end) : stop + 1;
  }

  private malformed(side: Side, ts: Seconds, end: number): number {
    this.lose(side);
    this.emit.weird('malformed_ssh_identification', ts);
    return end;
  }

  private identified(direction: Direction, ts: Seconds): void {
    const record = (this.record ??= this.open(ts));
    const [client, server] = [this.sides[0].identification, this.sides[1].identification];
    if (direction === 0) record.client = client;
    else {
      record.server = server;
      this.confirm();
    }
    if (client !== undefined && server !== undefined) {
      const version = agreedVersion(client, server);
      if (version !== undefined) record.version = version;
    }
  }

  private open(ts: Seconds): SshRecord {
    const record = this.flow.head(ts) as SshRecord;
    record.auth_attempts = 0;
    return record;
  }

  /** One packet before encryption, whole in `bytes` or put together in `held`. */
  private clear(side: Side, direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): number {
    if (side.have === 0 && end - start >= 6) {
      const size = this.sizeOf(side, bytes, start, ts);
      if (size === 0) return end;
      if (end - start >= size) {
        this.packet(side, direction, bytes, start, start + size, ts);
        return start + size;
      }
    }
    let at = start;
    if (side.held.length === 0) side.held = new Uint8Array(Math.min(2_048, packetBytesMax));
    if (side.have < 6) {
      const length = Math.min(6 - side.have, end - at);
      side.held.set(bytes.subarray(at, at + length), side.have);
      side.have += length;
      at += length;
      if (side.have < 6) return at;
    }
    const size = this.sizeOf(side, side.held, 0, ts);
    if (size === 0) return end;
    if (side.held.length < size) {
      const larger = new Uint8Array(size);
      larger.set(side.held.subarray(0, side.have));
      side.held = larger;
    }
    const length = Math.min(size - side.have, end - at);
    side.held.set(bytes.subarray(at, at + length), side.have);
    side.have += length;
    at += length;
    if (side.have < size) return at;
    side.have = 0;
    this.packet(side, direction, side.held, 0, size, ts);
    return at;
  }

  /**
   * How long the packet at `at` is, by its first six bytes; 0 and the end of reading when it cannot be one.
   *
   * Which of the two versions is spoken shows in the packet itself: the first of SSH 2 has its type at byte 5, and no
   * packet in clear of SSH 1 has anything but padding or the types 2 and 3 there.
   */
  private sizeOf(side: Side, bytes: Uint8Array, at: number, ts: Seconds): number {
    const length = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
    const type = bytes[at + 5]!;
    this.one =
      this.record?.version === 1 ||
      (this.record?.version === undefined && side.identification?.startsWith('SSH-1.') === true && type !== KEXINIT);
    const size = this.one ? length + 12 - (length % 8) : length + 4;
    const possible = this.one
      ? length >= 5
      : length >= 6 && bytes[at + 4]! < length - 1 && (type <= 4 || (type >= KEXINIT && type <= 49));
    if (possible && length <= packetBytesMax - 12) return size;
    this.lose(side);
    this.emit.weird('SSH_invalid_packet', ts);
    return 0;
  }

  private packet(side: Side, direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.one) {
      this.packetOfOne(side, direction, bytes, start, end);
      return;
    }
    const type = bytes[start + 5]!;
    const at = start + 6;
    const stop = end - bytes[start + 4]!;
    if (type === KEXINIT) this.offered(side, direction, bytes, at, stop, ts);
    else if (type === NEWKEYS) this.close(side);
    else if (type >= 30 && direction === 1) this.hostKey(bytes, at, stop);
  }

  private packetOfOne(side: Side, direction: Direction, bytes: Uint8Array, start: number, end: number): void {
    const length = ((bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!) >>> 0;
    const at = start + 4 + 8 - (length % 8);
    const type = bytes[at]!;
    if (direction === 1 && type === SMSG_PUBLIC_KEY) this.hostKeyOfOne(bytes, at + 1, end - 4);
    if (direction === 0 && type === CMSG_SESSION_KEY) this.confirm();
    // Each side has one packet in clear.
    this.close(side);
  }

  /** The offer of one side; with both, what was agreed. */
  private offered(side: Side, direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    // A second offer of the same side is another key exchange; the record shows the first.
    if (side.offer !== undefined) return;
    const lists: string[] = [];
    // Sixteen bytes of cookie, then ten name-lists, of which the languages are not looked at.
    let at = start + 16;
    while (lists.length < 8) {
      const length = at + 4 <= end ? u32(bytes, at) : end;
      if (at + 4 + length > end) {
        this.lose(side);
        this.emit.weird('SSH_truncated_KEXINIT', ts);
        return;
      }
      lists.push(textOf(bytes, at + 4, at + 4 + length));
      at += 4 + length;
    }
    const [kex, hostKey, cipherToServer, cipherToClient, macToServer, macToClient, compressionToServer, compressionToClient] =
      lists as [string, string, string, string, string, string, string, string];
    side.offer = {
      kex,
      hostKey,
      cipherToServer,
      cipherToClient,
      macToServer,
      macToClient,
      compressionToServer,
      compressionToClient,
    };
    const record = (this.record ??= this.open(ts));
    this.confirm();
    if (direction === 0) record.hassh = md5(`${kex};${cipherToServer};${macToServer};${compressionToServer}`);
    else record.hasshServer = md5(`${kex};${cipherToClient};${macToClient};${compressionToClient}`);
    const client = this.sides[0].offer;
    const server = this.sides[1].offer;
    if (!client || !server) return;
    record.cipher_alg = both(
      agreed(client.cipherToServer, server.cipherToServer),
      agreed(client.cipherToClient, server.cipherToClient),
    );
    record.mac_alg = both(agreed(client.macToServer, server.macToServer), agreed(client.macToClient, server.macToClient));
    record.compression_alg = both(
      agreed(client.compressionToServer, server.compressionToServer),
      agreed(client.compressionToClient, server.compressionToClient),
    );
    record.kex_alg = agreed(client.kex, server.kex);
    record.host_key_alg = agreed(client.hostKey, server.hostKey);
  }

  /**
   * The host key: the first string of one of the server's messages, whichever its number is in the method that was
   * agreed (RFC 4253 §8, 4419 §3, 4432 §6, 4462 §2.1, 5656 §4). A key tells itself by the name of its algorithm in
   * front (§6.6); the group of a group exchange, which stands in the same place, does not.
   */
  private hostKey(bytes: Uint8Array, start: number, end: number): void {
    const { record } = this;
    if (!record || record.host_key !== undefined || start + 8 > end) return;
    const length = u32(bytes, start);
    const name = u32(bytes, start + 4);
    if (start + 4 + length > end || name < 4 || name > 64 || name + 4 > length) return;
    for (let at = start + 8; at < start + 8 + name; at++) if (bytes[at]! <= 0x20 || bytes[at]! > 0x7e) return;
    const key = bytes.subarray(start + 4, start + 4 + length);
    record.host_key = colons(hash('md5', key, 'hex'));
    record.host_key_fingerprint = `SHA256:${hash('sha256', key, 'base64').replace('=', '')}`;
  }

  /** Of SSH 1 the digest is over modulus and exponent, as `ssh-keygen` of that time and Zeek make it. */
  private hostKeyOfOne(bytes: Uint8Array, start: number, end: number): void {
    const { record } = this;
    // Cookie, bits of the server key, its exponent and modulus, bits of the host key, its exponent and modulus.
    let at = start + 8 + 4;
    const parts: Uint8Array[] = [];
    for (let i = 0; i < 4; i++) {
      if (i === 2) at += 4;
      const length = at + 2 <= end ? (((bytes[at]! << 8) | bytes[at + 1]!) + 7) >> 3 : end;
      if (at + 2 + length > end) return;
      parts.push(bytes.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
    if (record) record.host_key = colons(hash('md5', Buffer.concat([parts[3]!, parts[2]!]), 'hex'));
  }

  private encrypted(direction: Direction, length: number): void {
    const { record } = this;
    if (record?.version !== 2) return;
    // Compressed packets have sizes of their own.
    if (record.compression_alg === 'zlib' || record.compression_alg === 'zlib@openssh.com') return;
    const guess = (this.guess ??= new AuthenticationGuess());
    const answer = guess.segment(direction, length);
    if (answer === undefined) return;
    record.auth_success = answer;
    record.auth_attempts++;
    if (answer) this.write();
  }

  private close(side: Side): void {
    side.stage = 'encrypted';
    side.held = none;
    side.have = 0;
  }

  private lose(side: Side): void {
    side.stage = 'lost';
    side.held = none;
    side.have = 0;
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm();
  }

  private write(): void {
    if (this.written || !this.record) return;
    this.written = true;
    this.emit.record('ssh', this.record);
  }
}

/** Where the next LF stands, or `end`. The array behind the bytes may be much longer than they are. */
function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== 0x0a) at++;
  return at;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** `SSH-`, a digit and a dot. */
function isIdentification(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= 6 &&
    bytes[start] === 0x53 &&
    bytes[start + 1] === 0x53 &&
    bytes[start + 2] === 0x48 &&
    bytes[start + 3] === 0x2d &&
    bytes[start + 4]! >= 0x31 &&
    bytes[start + 4]! <= 0x39 &&
    bytes[start + 5] === 0x2e
  );
}

/** RFC 4253 §5: 1.99 speaks both; 0 when one speaks only the first and the other only the second version. */
function agreedVersion(client: string, server: string): number | undefined {
  const two = (text: string): boolean => text.startsWith('SSH-2.') || text.startsWith('SSH-1.99');
  const one = (text: string): boolean => text.startsWith('SSH-1.');
  if (two(client) && two(server)) return 2;
  if (one(client) && one(server)) return 1;
  return (one(client) || two(client)) && (one(server) || two(server)) ? 0 : undefined;
}

/** The first of the client's names that the server has too (RFC 4253 §7.1). */
function agreed(client: string, server: string): string {
  const known = new Set(server.split(','));
  for (const name of client.split(',')) if (name !== '' && known.has(name)) return name.slice(0, nameBytesMax);
  return 'Algorithm negotiation failed';
}

const both = (toServer: string, toClient: string): string =>
  toServer === toClient ? toServer : `To server: ${toServer}, to client: ${toClient}`;

const md5 = (text: string): string => hash('md5', text, 'hex');

const colons = (digest: string): string => digest.match(/../g)!.join(':');

/** `SSH-2.` begins like this: for starts that are shorter. */
const beginning = [0x53, 0x53, 0x48, 0x2d];

function probe(bytes: Uint8Array, start: number, end: number, direction: Direction, usualPort: boolean): Probe {
  if (bytes[start] === 0x53) {
    if (isIdentification(bytes, start, end)) return 'yes';
    if (end - start < 6 && beginning.every((byte, i) => start + i >= end || bytes[start + i] === byte)) return 'more';
  }
  // A server may greet in plain lines first; that is looked for on port 22 only.
  if (!usualPort || direction === 0 || start >= end || bytes[start]! < 0x20 || bytes[start]! > 0x7e) return 'no';
  for (let at = lineEnd(bytes, start, end); at < end; at = lineEnd(bytes, at + 1, end)) {
    if (isIdentification(bytes, at + 1, end)) return 'yes';
  }
  return 'more';
}

export const ssh: Protocol = {
  service: 'ssh',
  logs: ['ssh'],
  transports: ['tcp'],
  ports: [22],
  probe,
  open: (flow, emit) => new SshParser(flow, emit),
};
