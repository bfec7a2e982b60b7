/**
 * BMP (RFC 7854): a router tells a station what its neighbours tell it. The UPDATEs and OPENs within are read by the parsers of BGP and give the same
 * records, with the peer of the router in the place of the sender.
 *
 *     ┌─────────┬────────┬──────┬──────────────────────────────────────────────────────────────────┬────────────────────┐
 *     │ version │ length │ type │ peer: type, flags, distinguisher, address, AS, identifier, time  │ messages, elements │
 *     └─────────┴────────┴──────┴──────────────────────────────────────────────────────────────────┴────────────────────┘
 *      0         1        5      6                                                                  48
 */

import { formatAddress } from '@forewarn/base/ip';
import type { Seconds } from '@forewarn/base/time';
import type { BgpPeering, BgpSessionRecord } from '@forewarn/model/records/bgp';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Reading } from '../bgp/attributes.ts';
import { fits, headerBytes as messageHeadBytes, messageBytesMax, readMessage, Session, type Message } from '../bgp/message.ts';
import { NOTIFICATION, OPEN } from '../bgp/names.ts';
import { distinguisherText } from '../bgp/prefixes.ts';
import type { Head, Reader } from '../bgp/update.ts';
import { printable, word16, word32 } from '../digits.ts';
import { Frames, type FrameTaker } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';

const headerBytes = 6;
const peerBytes = 42;
const bmpBytesMax = 1_048_576;
const keptBytesMax = 131_072;
const peersMax = 4_096;
const textBytesMax = 256;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'bmp.messageBytesMax',
    value: bmpBytesMax,
    unit: 'bytes',
    why: 'A mirrored session in one message has some messages of at most 65,535 bytes; what states more is no BMP.',
  },
  {
    name: 'bmp.keptBytesMax',
    value: keptBytesMax,
    unit: 'bytes kept per direction',
    why: 'The longest message of BGP, 65,535 bytes, twice; what is mirrored behind it is passed over.',
  },
  {
    name: 'bmp.peersMax',
    value: peersMax,
    unit: 'sessions of one router',
    why: 'Large route servers have some two thousand sessions; of further ones the bytes must tell how they are read.',
  },
  {
    name: 'bmp.textBytesMax',
    value: textBytesMax,
    unit: 'bytes',
    why: 'sysName and sysDescr of SNMP have at most 255 (RFC 1213).',
  },
] as const;

const ROUTE_MONITORING = 0;
const STATISTICS = 1;
const PEER_DOWN = 2;
const PEER_UP = 3;
const INITIATION = 4;
const TERMINATION = 5;
const ROUTE_MIRRORING = 6;

/** Peer type of RFC 9069: not a neighbour's table but the router's own. */
const LOC_RIB = 3;

const downReasons: readonly string[] = [
  '',
  'closed by the router, with a NOTIFICATION',
  'closed by the router, without a NOTIFICATION',
  'closed by the peer, with a NOTIFICATION',
  'closed by the peer, without a NOTIFICATION',
  'no longer reported on',
  'table no longer reported on',
];
const endReasons: readonly string[] = [
  'administratively closed',
  'unspecified',
  'out of resources',
  'redundant connection',
  'permanently administratively closed',
];

type Told = { -readonly [K in keyof BgpSessionRecord]: BgpSessionRecord[K] };

class BmpParser implements ProtocolParser, FrameTaker, Reader {
  readonly #flow: FlowView;
  readonly #emit: Emit;
  readonly #frames: readonly [Frames, Frames] = [new Frames(keptBytesMax), new Frames(keptBytesMax)];
  readonly #sessions = new Map<string, Session>();
  readonly #told = new Set<string>();
  #router: string | undefined;
  #peering: BgpPeering = {};
  #ts: Seconds = 0;
  #confirmed = false;
  /** What the record at hand is made into; NOTIFICATIONs within others are parts of them. */
  #into: Told | undefined;

  constructor(flow: FlowView, emit: Emit) {
    this.#flow = flow;
    this.#emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.#frames[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.#frames[direction].gap(this, direction, length, ts);
  }

  finish(): void {
    for (const frames of this.#frames) frames.stop();
  }

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    if (bytes[start] !== 3) return -1;
    if (end - start < headerBytes) return 0;
    const length = word32(bytes, start + 1);
    const type = bytes[start + 5]!;
    const least = headerBytes + (type === INITIATION || type === TERMINATION ? 0 : peerBytes);
    return type > ROUTE_MIRRORING || length < least || length > bmpBytesMax ? -1 : length;
  }

  frameShown(_bytes: Uint8Array, _start: number, _end: number, length: number): number {
    return Math.min(length, keptBytesMax);
  }

  frame(_direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    this.#ts = ts;
    if (!this.#confirmed) {
      this.#confirmed = true;
      this.#emit.confirm();
    }
    const type = bytes[start + 5]!;
    const right =
      type === INITIATION || type === TERMINATION
        ? this.#ofRouter(bytes, start + headerBytes, end, type)
        : this.#ofPeer(bytes, start + headerBytes, end, type);
    if (!right && end - start === length) this.odd('bmp_malformed_message');
  }

  frameRest(): void {}
  frameMissing(): void {}

  frameLost(_direction: Direction, gap: boolean, ts: Seconds): void {
    this.#ts = ts;
    if (!gap) this.odd('bmp_malformed_message');
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return isMessage(bytes, start, end) === 'yes';
  }

  head(): Head {
    return { ...this.#flow.head(this.#ts), ...this.#peering };
  }

  record(log: string, record: AnyRecord): void {
    if (this.#into) {
      for (const name of ['error_code', 'error', 'error_subcode', 'error_detail'] as const)
        if (record[name] !== undefined) Object.assign(this.#into, { [name]: record[name] });
    } else this.#emit.record(log, record);
  }

  odd(name: string, addl?: string): void {
    if (this.#told.has(name)) return;
    this.#told.add(name);
    this.#emit.weird(name, this.#ts, addl);
  }

  shortened(): void {}

  /** Initiation and termination: what the router says of itself. */
  #ofRouter(bytes: Uint8Array, from: number, end: number, type: number): boolean {
    this.#peering = this.#router === undefined ? {} : { collector: this.#router };
    const record: Told = { ...this.head(), event: type === INITIATION ? 'initiation' : 'termination' };
    const right = elements(bytes, from, end, (kind, at, to) => {
      const text = (): string => printable(bytes, at, Math.min(to, at + textBytesMax));
      if (type === TERMINATION) {
        if (kind === 1 && to - at === 2) record.reason = endReasons[word16(bytes, at)] ?? `unknown-${word16(bytes, at)}`;
      } else if (kind === 1) record.software = text();
      else if (kind === 2) {
        this.#router = text();
        record.router_name = this.#router;
        record.collector = this.#router;
      }
    });
    this.#emit.record('bgp_session', record);
    return right;
  }

  /** Messages with the header of a peer. */
  #ofPeer(bytes: Uint8Array, at: number, end: number, type: number): boolean {
    const from = at + peerBytes;
    if (from > end) return false;
    const kind = bytes[at]!;
    const flags = bytes[at + 1]!;
    const six = kind !== LOC_RIB && (flags & 0x80) !== 0;
    const size = six ? 16 : 4;
    const out = kind !== LOC_RIB && (flags & 0x10) !== 0;
    const named = kind === 1 || kind === 2;
    this.#peering = {
      ...(this.#router === undefined ? {} : { collector: this.#router }),
      ...(kind === LOC_RIB ? {} : { peer_ip: formatAddress(bytes, at + 26 - size, size) }),
      peer_asn: word32(bytes, at + 26),
      rib: `${kind === LOC_RIB ? 'loc-rib' : `adj-rib-${out ? 'out' : 'in'} ${(flags & 0x40) === 0 ? 'pre' : 'post'}-policy`}${named ? ` of ${distinguisherText(bytes, at + 2)}` : ''}`,
      ...(out ? { is_local: true } : {}),
    };
    // Sessions are told apart by all that does not change: type, distinguisher, address.
    const key = String.fromCharCode(kind, ...bytes.subarray(at + 2, at + 26));
    // The peer is one end, the router the other.
    const agreed = this.#sessions.get(key)?.reading(out ? 1 : 0);
    const reading: Reading = {
      octets: (flags & 0x20) === 0 || kind === LOC_RIB ? 4 : 2,
      lenient: true,
      addPath: (family) => agreed?.addPath(family),
    };
    switch (type) {
      case ROUTE_MONITORING:
        return this.#message(bytes, from, end, reading) !== undefined;
      case STATISTICS:
        return this.#statistics(bytes, from, end);
      case PEER_DOWN:
        this.#sessions.delete(key);
        return this.#down(bytes, from, end, reading);
      case PEER_UP:
        return this.#up(bytes, from, end, six, key);
    }
    return elements(bytes, from, end, (element, start, to) => {
      if (element === 0) this.#message(bytes, start, to, reading);
      else if (element === 1 && to - start === 2 && word16(bytes, start) === 1)
        this.#emit.record('bgp_session', { ...this.head(), event: 'messages-lost' });
    });
  }

  /** One message of BGP at the beginning of what is left: where it ends, and what it was. */
  #message(bytes: Uint8Array, from: number, end: number, reading: Reading): { end: number; message: Message } | undefined {
    if (end - from < messageHeadBytes) return undefined;
    const length = word16(bytes, from + 16);
    if (length > end - from || length > messageBytesMax || !fits(bytes[from + 18]!, length)) return undefined;
    return { end: from + length, message: readMessage(bytes, from, from + length, reading, this) };
  }

  /** Peer up: the router's address, ports, the OPEN that it sent and the one that it received. */
  #up(bytes: Uint8Array, from: number, end: number, six: boolean, key: string): boolean {
    const size = six ? 16 : 4;
    if (from + 20 > end) return false;
    const peering = { ...this.#peering, local_ip: formatAddress(bytes, from + 16 - size, size) };
    const plain: Reading = { octets: 4, addPath: () => undefined };
    this.#peering = { ...peering, is_local: true };
    const sent = this.#message(bytes, from + 20, end, plain);
    this.#peering = peering;
    const received = sent && this.#message(bytes, sent.end, end, plain);
    if (sent?.message.type !== OPEN || received?.message.type !== OPEN) return false;
    const session = new Session();
    session.opened[0] = received.message.opened;
    session.opened[1] = sent.message.opened;
    if (this.#sessions.has(key) || this.#sessions.size < peersMax) this.#sessions.set(key, session);
    this.#emit.record('bgp_session', { ...this.head(), event: 'state-change', new_state: 'Established' });
    return true;
  }

  /** Peer down: why, with the NOTIFICATION that was sent or received. */
  #down(bytes: Uint8Array, from: number, end: number, reading: Reading): boolean {
    if (from >= end) return false;
    const reason = bytes[from]!;
    const record: Told = { ...this.head(), event: 'state-change', old_state: 'Established', new_state: 'Idle' };
    record.reason = downReasons[reason] || `unknown-${reason}`;
    let right = true;
    if (reason === 1 || reason === 3) {
      this.#into = record;
      right = bytes[from + 19] === NOTIFICATION && this.#message(bytes, from + 1, end, reading) !== undefined;
      this.#into = undefined;
    }
    this.#emit.record('bgp_session', record);
    return right;
  }

  /** Counters of four bytes and gauges of eight; those by address family are passed over. */
  #statistics(bytes: Uint8Array, from: number, end: number): boolean {
    const record: Told = { ...this.head(), event: 'statistics' };
    const right = elements(bytes, from + 4, end, (kind, at, to) => {
      if (to - at !== 4 && to - at !== 8) return;
      const value = to - at === 4 ? word32(bytes, at) : word32(bytes, at) * 2 ** 32 + word32(bytes, at + 4);
      if (kind === 0) record.rejected_prefixes = value;
      else if (kind === 7) record.adj_rib_in_routes = value;
      else if (kind === 8) record.loc_rib_routes = value;
      else if (kind === 11) record.treated_as_withdraw = value;
    });
    this.#emit.record('bgp_session', record);
    return right;
  }
}

/** Shows each element: type, length, value; false where one does not fit. */
function elements(
  bytes: Uint8Array,
  start: number,
  end: number,
  show: (kind: number, from: number, to: number) => void,
): boolean {
  for (let at = start; at < end;) {
    if (at + 4 > end || at + 4 + word16(bytes, at + 2) > end) return false;
    const to = at + 4 + word16(bytes, at + 2);
    show(word16(bytes, at), at + 4, to);
    at = to;
  }
  return start <= end;
}

/** A first message: its length and type, and behind them elements, or a peer whose address of four bytes has nothing before it. */
function isMessage(bytes: Uint8Array, start: number, end: number): Probe {
  if (bytes[start] !== 3) return 'no';
  if (end - start < headerBytes) return end - start > 1 && bytes[start + 1] !== 0 ? 'no' : 'more';
  const length = word32(bytes, start + 1);
  const type = bytes[start + 5]!;
  if (type > ROUTE_MIRRORING || length > keptBytesMax) return 'no';
  const from = start + headerBytes;
  if (type === INITIATION || type === TERMINATION) {
    if (length < headerBytes + 4) return 'no';
    if (end - from < 4) return 'more';
    return word16(bytes, from) <= 4 && word16(bytes, from + 2) <= length - headerBytes - 4 ? 'yes' : 'no';
  }
  if (length < headerBytes + peerBytes) return 'no';
  if (end - from < peerBytes) return 'more';
  const kind = bytes[from]!;
  if (kind > LOC_RIB) return 'no';
  const zeros = kind === LOC_RIB ? 16 : (bytes[from + 1]! & 0x80) === 0 ? 12 : 0;
  for (let at = from + 10; at < from + 10 + zeros; at++) if (bytes[at] !== 0) return 'no';
  if (type !== ROUTE_MONITORING) return zeros > 0 ? 'yes' : 'no';
  for (let at = from + peerBytes; at < Math.min(end, from + peerBytes + 16); at++) if (bytes[at] !== 0xff) return 'no';
  return end - from >= peerBytes + 16 ? 'yes' : 'more';
}

export const bmp: Protocol = {
  service: 'bmp',
  logs: ['bgp_session', 'bgp_update'],
  transports: ['tcp'],
  ports: [1790, 11_019],
  probe: (bytes, start, end) => isMessage(bytes, start, end),
  open: (flow, emit) => new BmpParser(flow, emit),
};
