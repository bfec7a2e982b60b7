/**
 * SCTP (RFC 9260) as a transport: chunks of a packet, the course of an association, and its messages for the protocols that ride on it.
 *
 *      0             4      8          12
 *     ┌─────────────┬──────┬──────────┬──────────────────────────────────────────────┐
 *     │ ports       │ tag  │ checksum │ chunk: type, flags, length, value, padding …  │
 *     └─────────────┴──────┴──────────┴──────────────────────────────────────────────┘
 *
 *     INIT ▶ ◀ INIT ACK   COOKIE ECHO ▶ ◀ COOKIE ACK   DATA ⇄ SACK   SHUTDOWN ▶ ◀ SHUTDOWN ACK   SHUTDOWN COMPLETE ▶
 *     attempted           established                                            shut_down          (ABORT: aborted)
 *
 * The flow table counts the packets; here is what only SCTP knows. Each path of a multi-homed association is a flow of its own.
 */

import { formatAddress } from '@forewarn/base/ip';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { SctpRecord } from '@forewarn/model/records/telecom';
import type { Packet } from '../packet.ts';
import type { FlowFacts } from '../protocols/follow.ts';
import { word16, word32 } from '../protocols/digits.ts';
import { crc32c } from './crc32c.ts';
import { messageBytesMax, Side, type SideLimits, type SideTarget, type Store } from './side.ts';

const chunksMax = 512;
const addressesMax = 8;
const payloadProtocolsMax = 16;

/** The ceilings of SCTP, for the reference. */
export const limits = [
  {
    name: 'sctp.chunksMax',
    value: chunksMax,
    unit: 'chunks of a packet',
    why: 'A jumbo frame of 9,000 bytes holds as many of the shortest useful ones; what follows is not read.',
  },
  {
    name: 'sctp.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes',
    why: 'Messages joined from fragments: signalling stays below 10 KB. Longer ones are passed over.',
  },
  { name: 'sctp.addressesMax', value: addressesMax, unit: 'addresses per side', why: 'Multi-homed elements have two to four.' },
  {
    name: 'sctp.payloadProtocolsMax',
    value: payloadProtocolsMax,
    unit: 'payload protocols',
    why: 'An association carries one or two.',
  },
] as const;

export type AssociationsTarget = {
  facts(slot: number): FlowFacts;
  record(log: string, record: AnyRecord): void;
  weird(slot: number, name: string, ts: number, addl?: string): void;
  /** A whole message. */
  message(
    slot: number,
    direction: 0 | 1,
    payloadProtocol: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    ts: number,
  ): void;
};

// Chunk types (RFC 9260 §3.2, RFC 3758, RFC 8260).
const DATA = 0;
const INIT = 1;
const INIT_ACK = 2;
const SACK = 3;
const HEARTBEAT = 4;
const HEARTBEAT_ACK = 5;
const ABORT = 6;
const SHUTDOWN = 7;
const SHUTDOWN_ACK = 8;
const ERROR = 9;
const COOKIE_ECHO = 10;
const COOKIE_ACK = 11;
const SHUTDOWN_COMPLETE = 14;
const I_DATA = 64;
const FORWARD_TSN = 192;

class Association {
  readonly sides: [Side, Side];
  readonly began: number;
  state = 'midstream';
  heartbeats = 0;
  abortCause: number | undefined;
  /** Who aborted, and whether before the association stood. */
  abortedBy: 0 | 1 | undefined;
  refused = false;
  readonly payloadProtocols: number[] = [];
  readonly addresses: [string[], string[]] = [[], []];
  told = 0;
  /** When the packet at hand was captured. */
  now: number;
  /** Where the messages of each direction go. */
  readonly targets: readonly [SideTarget, SideTarget];

  constructor(
    began: number,
    store: Store,
    ceilings: SideLimits,
    target: (direction: 0 | 1, association: Association) => SideTarget,
  ) {
    this.began = began;
    this.now = began;
    this.sides = [new Side(store, ceilings), new Side(store, ceilings)];
    this.targets = [target(0, this), target(1, this)];
  }
}

export class Associations {
  readonly #target: AssociationsTarget;
  readonly #verify: boolean;
  readonly #ceilings: SideLimits;
  readonly #bySlot: (Association | undefined)[] = [];
  readonly #store: Store = { bytes: 0 };

  constructor(verify: boolean, ceilings: SideLimits, target: AssociationsTarget) {
    this.#verify = verify;
    this.#ceilings = ceilings;
    this.#target = target;
  }

  /** Bytes held above holes and in unfinished messages. */
  get heldBytes(): number {
    return this.#store.bytes;
  }

  /** A packet of the flow; answers how many bytes of user data it had. */
  packet(slot: number, direction: 0 | 1, packet: Packet): number {
    const { bytes, at: start, end, wireEnd, ts } = packet;
    while (this.#bySlot.length <= slot) this.#bySlot.push(undefined);
    const association = (this.#bySlot[slot] ??= new Association(ts, this.#store, this.#ceilings, (way, one) =>
      this.#messages(one, slot, way),
    ));
    association.now = ts;
    if (wireEnd - start < 16) {
      this.#odd(association, slot, 1, 'sctp_malformed_packet', ts);
      return 0;
    }
    if (this.#verify && end >= wireEnd && crc32c(bytes, start, wireEnd, start + 8) !== littleEndian(bytes, start + 8)) {
      this.#odd(association, slot, 2, 'bad_SCTP_checksum', ts);
      return 0;
    }
    let userData = 0;
    let at = start + 12;
    for (let n = 0; n < chunksMax && at + 4 <= end; n++) {
      const length = word16(bytes, at + 2);
      if (length < 4 || at + length > wireEnd) {
        this.#odd(association, slot, 1, 'sctp_malformed_packet', ts, `chunk ${bytes[at]}`);
        break;
      }
      // The capture kept less than the packet had.
      if (at + length > end) break;
      userData += this.#chunk(association, slot, direction, bytes, at, at + length, ts);
      at += (length + 3) & ~3;
    }
    return userData;
  }

  /** What Zeek would call the state of the connection, by the course of the association; nothing where it is not known. */
  connState(slot: number): string | undefined {
    const association = this.#bySlot[slot];
    if (!association) return undefined;
    switch (association.state) {
      case 'attempted':
        return 'S0';
      case 'established':
        return 'S1';
      case 'shut_down':
        return 'SF';
      case 'aborted':
        return association.refused ? 'REJ' : association.abortedBy === 0 ? 'RSTO' : 'RSTR';
      default:
        return 'OTH';
    }
  }

  /** The flow is over. */
  finish(slot: number): void {
    const association = this.#bySlot[slot];
    if (!association) return;
    const [orig, resp] = association.sides;
    orig.flush(association.targets[0]);
    resp.flush(association.targets[1]);
    const facts = this.#target.facts(slot);
    const record: SctpRecord = {
      ts: association.began,
      uid: facts.uid,
      'id.orig_h': facts.originator,
      'id.orig_p': facts.originatorPort,
      'id.resp_h': facts.responder,
      'id.resp_p': facts.responderPort,
      state: association.state,
      orig_messages: orig.messages,
      resp_messages: resp.messages,
      orig_bytes: orig.messageBytes,
      resp_bytes: resp.messageBytes,
      retransmissions: orig.retransmissions + resp.retransmissions,
      missing: orig.missing + resp.missing,
      heartbeats: association.heartbeats,
    };
    if (orig.streams !== undefined) record.orig_streams = orig.streams;
    if (resp.streams !== undefined) record.resp_streams = resp.streams;
    if (association.addresses[0].length > 0) record.orig_addresses = association.addresses[0];
    if (association.addresses[1].length > 0) record.resp_addresses = association.addresses[1];
    if (association.payloadProtocols.length > 0) record.payload_protocols = association.payloadProtocols;
    if (association.abortCause !== undefined) record.abort_cause = association.abortCause;
    this.#target.record('sctp', record);
    this.#bySlot[slot] = undefined;
  }

  #odd(association: Association, slot: number, bit: number, name: string, ts: number, addl?: string): void {
    if (association.told & bit) return;
    association.told |= bit;
    this.#target.weird(slot, name, ts, addl);
  }

  #chunk(one: Association, slot: number, direction: 0 | 1, bytes: Uint8Array, start: number, end: number, ts: number): number {
    const flags = bytes[start + 1]!;
    const length = end - start;
    switch (bytes[start]) {
      case DATA:
      case I_DATA: {
        const head = bytes[start] === DATA ? 16 : 20;
        if (length <= head) {
          this.#odd(one, slot, 1, 'sctp_malformed_packet', ts, 'DATA');
          return 0;
        }
        const interleaved = head === 20;
        // Of interleaved messages (RFC 8260) only whole ones are read: their fragments have no numbers in a row.
        const parts = interleaved && (flags & 3) !== 3 ? 0 : flags & 3;
        const payloadProtocol = word32(bytes, interleaved ? start + 16 : start + 12);
        one.sides[direction].data(
          one.targets[direction],
          word32(bytes, start + 4),
          parts,
          payloadProtocol,
          bytes,
          start + head,
          end,
        );
        return length - head;
      }
      case INIT:
      case INIT_ACK:
        if (length >= 20) this.#begin(one, direction, bytes, start, end);
        else this.#odd(one, slot, 1, 'sctp_malformed_packet', ts, 'INIT');
        break;
      case COOKIE_ECHO:
      case COOKIE_ACK:
        if (one.state === 'attempted' || one.state === 'midstream') one.state = 'established';
        break;
      case SACK:
      case SHUTDOWN:
        // Both acknowledge what the other side has sent.
        if (length >= 8) {
          const peer = (1 - direction) as 0 | 1;
          one.sides[peer].acknowledged(one.targets[peer], word32(bytes, start + 4));
        }
        break;
      case FORWARD_TSN:
        if (length >= 8) one.sides[direction].acknowledged(one.targets[direction], word32(bytes, start + 4));
        break;
      case HEARTBEAT:
      case HEARTBEAT_ACK:
        one.heartbeats++;
        break;
      case ABORT:
        one.refused = one.state === 'attempted';
        one.state = 'aborted';
        one.abortedBy = direction;
        if (length >= 8) one.abortCause ??= word16(bytes, start + 4);
        break;
      case ERROR:
        if (length >= 8) one.abortCause ??= word16(bytes, start + 4);
        break;
      case SHUTDOWN_ACK:
      case SHUTDOWN_COMPLETE:
        if (one.state !== 'aborted') one.state = 'shut_down';
        break;
    }
    return 0;
  }

  /** INIT or INIT ACK: tag, window, streams, first number, and addresses. */
  #begin(one: Association, direction: 0 | 1, bytes: Uint8Array, start: number, end: number): void {
    const side = one.sides[direction];
    const tag = word32(bytes, start + 4);
    // Sent again because no answer has come; or unexpected, which does not harm what stands (RFC 9260 §5.2.2).
    if (side.tag === tag || one.state === 'established') return;
    side.tag = tag;
    side.streams = word16(bytes, start + 12);
    side.begin(word32(bytes, start + 16));
    if (bytes[start] === INIT) one.state = 'attempted';
    for (let at = start + 20; at + 4 <= end;) {
      const type = word16(bytes, at);
      const length = word16(bytes, at + 2);
      if (length < 4 || at + length > end) break;
      const list = one.addresses[direction];
      const size = type === 5 && length === 8 ? 4 : type === 6 && length === 20 ? 16 : 0;
      if (size > 0 && list.length < addressesMax) {
        const address = formatAddress(bytes, at + 4, size as 4 | 16);
        if (!list.includes(address)) list.push(address);
      }
      at += (length + 3) & ~3;
    }
  }

  #messages(one: Association, slot: number, direction: 0 | 1): SideTarget {
    return {
      message: (payloadProtocol, bytes, start, end) => {
        if (!one.payloadProtocols.includes(payloadProtocol) && one.payloadProtocols.length < payloadProtocolsMax) {
          one.payloadProtocols.push(payloadProtocol);
        }
        this.#target.message(slot, direction, payloadProtocol, bytes, start, end, one.now);
      },
      tooLong: () => this.#odd(one, slot, 4, 'sctp_message_too_long', one.now),
    };
  }
}

const littleEndian = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
