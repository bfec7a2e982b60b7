/**
 * One TCP connection after the other, in the words of the flow table: the states of both ends, the letters of the
 * history, bytes by sequence numbers, and the order of the payload. The rules are Zeek's (TCPSessionAdapter,
 * TCP_Endpoint, TCP_Reassembler), so that `conn` comes out as analysts know it; RFC 9293 is the protocol.
 *
 * Payload that arrives in order is handed on from the packet itself. Only what arrives above a hole is kept
 * (`pending.ts`), until the hole is filled, or the peer acknowledges beyond it: then the hole is loss.
 */

import type { Limits } from '../limits.ts';
import type { FlowTable } from '../flow/table.ts';
import { addHistory, checkHistory, flipHistory, scaleHistory } from '../flow/history.ts';
import * as at from '../flow/layout.ts';
import { seenAck, seenData, seenFin, seenFinRst, seenMultiFlag, seenRst, seenSyn } from '../flow/history.ts';
import { oddityBit, type TcpOddity } from './oddities.ts';
import { Pending } from './pending.ts';

// States of an endpoint.
export const inactive = 0;
export const synSent = 1;
export const synAckSent = 2;
export const partialState = 3;
export const established = 4;
export const closed = 5;
export const reset = 6;

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;
const URG = 32;

/** A jump beyond this in a SYN, RST or zero acknowledgement is nonsense rather than a long connection (Zeek). */
const jumpMax = 1_048_576;
const wrap = 4_294_967_296;

/** Seconds (Zeek's tcp_attempt_delay, tcp_close_delay, tcp_connection_linger, tcp_SYN_timeout, tcp_session_timer). */
const attemptDelay = 5;
const closeDelay = 5;
const linger = 5;
const synTimeout = 5;
const sessionTimer = 6;
/** Idle timeout once the handshake is over; before, it is that of UDP. */
const inactivity = 300;

/** Who takes the payload. `wants` tells whether bytes above a hole are worth keeping. */
export type StreamTarget = {
  wants(slot: number): boolean;
  data(slot: number, direction: 0 | 1, bytes: Uint8Array, start: number, end: number, ts: number): void;
  gap(slot: number, direction: 0 | 1, length: number, ts: number): void;
  oddity(slot: number, name: string, ts: number): void;
  flip(slot: number): void;
};

export class Tcp {
  readonly #table: FlowTable;
  readonly #target: StreamTarget;
  readonly #limits: Limits;
  readonly #pending = new Map<number, Pending>();
  #pendingBytes = 0;
  #ts = 0;
  /** Whether the state machine asks to report the endpoint closed after the payload was delivered. */
  #close = false;

  constructor(table: FlowTable, target: StreamTarget, limits: Limits) {
    this.#table = table;
    this.#target = target;
    this.#limits = limits;
  }

  /** Bytes held above holes, for the account. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  #weird(slot: number, name: TcpOddity): void {
    const word = slot * at.stride + at.oddities;
    const bit = 1 << oddityBit(name);
    const seen = this.#table.words[word]!;
    if (seen & bit) return;
    this.#table.words[word] = seen | bit;
    this.#target.oddity(slot, name, this.#ts);
  }

  /** Prepares a new flow: the first byte of payload has the relative number 1, after the SYN's. */
  begin(slot: number): void {
    const f = this.#table.doubles;
    const o = (slot * at.stride + at.endpoints) >> 1;
    const r = o + (at.endpointStride >> 1);
    f[o + (at.delivered >> 1)] = 1;
    f[o + (at.trimmed >> 1)] = 1;
    f[r + (at.delivered >> 1)] = 1;
    f[r + (at.trimmed >> 1)] = 1;
  }

  /** Writes an oddity of the packet layer (checksum, header) once a flow. */
  note(slot: number, name: TcpOddity, ts: number): void {
    this.#ts = ts;
    this.#weird(slot, name);
  }

  /**
   * Whether a SYN begins a new connection on the addresses and ports of an old one. `header` is where the TCP header
   * stands.
   */
  isReuse(slot: number, bytes: Uint8Array, header: number): boolean {
    const flagBits = bytes[header + 13]!;
    if (!(flagBits & SYN)) return false;
    const w = this.#table.words;
    const base = slot * at.stride;
    const o = base + at.endpoints;
    const r = o + at.endpointStride;
    const originState = w[o + at.state]!;
    const responseState = w[r + at.state]!;
    let e = o;
    if (flagBits & ACK) {
      if ((originState & 15) !== inactive) return false;
      e = r;
    }
    // Once an end has closed, any SYN is a new beginning; before, only one with another number.
    if (!((originState | responseState) & at.didClose)) {
      const f = this.#table.doubles;
      const sequence = (bytes[header + 4]! << 24) | (bytes[header + 5]! << 16) | (bytes[header + 6]! << 8) | bytes[header + 7]!;
      if (sequence === (f[(e + at.startSequence) >> 1]! | 0)) return false;
      if (
        !(flagBits & ACK) &&
        (originState & 15) === synAckSent &&
        (responseState & 15) === inactive &&
        sequence === (f[(r + at.startSequence) >> 1]! | 0)
      ) {
        return false;
      }
    }
    return true;
  }

  /**
   * The ordinary segment of an established connection – payload in order, or a plain acknowledgement of what was seen,
   * nothing new for the history – done on the short way. Answers false, and has done nothing, for every other segment.
   */
  ordinary(
    slot: number,
    direction: 0 | 1,
    bytes: Uint8Array,
    header: number,
    payload: number,
    length: number,
    captured: number,
    ts: number,
  ): boolean {
    const w = this.#table.words;
    const base = slot * at.stride;
    const o = base + at.endpoints;
    const r = o + at.endpointStride;
    const stateMask = 15 | at.hasPending | at.didClose | at.finSeen;
    if ((w[o + at.state]! & stateMask) !== established || (w[r + at.state]! & stateMask) !== established) return false;
    if ((bytes[header + 13]! & (SYN | FIN | RST | ACK)) !== ACK || captured < length) return false;
    // The letter for this kind of segment stands in the history already, and no zero window asks for one.
    const seen = w[base + at.historySeen]! >>> (direction * 16);
    if (!(seen & (length > 0 ? seenData : seenAck))) return false;
    if (bytes[header + 14] === 0 && bytes[header + 15] === 0) return false;

    const e = direction === 0 ? o : r;
    const p = direction === 0 ? r : o;
    const f = this.#table.doubles;
    const sequence = (bytes[header + 4]! << 24) | (bytes[header + 5]! << 16) | (bytes[header + 6]! << 8) | bytes[header + 7]!;
    if (sequence !== w[e + at.lastSequence]!) return false;
    const ack = (bytes[header + 8]! << 24) | (bytes[header + 9]! << 16) | (bytes[header + 10]! << 8) | bytes[header + 11]!;
    const acknowledged = w[p + at.acknowledged]!;
    // Wrap-arounds take the long way.
    if (ack >>> 0 < acknowledged >>> 0 || ((ack - acknowledged) | 0) < 0 || ack === 0) return false;
    const relativeAck = (w[p + at.wraps]! >>> 16) * wrap + (ack >>> 0) - f[(p + at.startSequence) >> 1]!;
    if (relativeAck > f[(p + at.delivered) >> 1]!) return false;
    if (length > 0) {
      const next = (sequence + length) | 0;
      if (next >>> 0 < sequence >>> 0) return false;
      const relative = (w[e + at.wraps]! & 0xffff) * wrap + (sequence >>> 0) - f[(e + at.startSequence) >> 1]!;
      if (relative !== f[(e + at.delivered) >> 1]!) return false;
      w[e + at.lastSequence] = next;
      f[(e + at.delivered) >> 1] = relative + length;
      f[(e + at.upper) >> 1] = relative + length;
    }
    w[p + at.acknowledged] = ack;
    if (relativeAck > f[(p + at.trimmed) >> 1]!) f[(p + at.trimmed) >> 1] = relativeAck;
    f[(base + at.last) >> 1] = ts;
    if (length > 0) {
      this.#ts = ts;
      this.#target.data(slot, direction, bytes, payload, payload + length, ts);
    }
    return true;
  }

  /**
   * One segment. `header` is where the TCP header stands, `payload` where the payload; `length` is the payload's on the
   * wire, `captured` how much of it is in the packet.
   */
  segment(
    slot: number,
    directionIn: 0 | 1,
    bytes: Uint8Array,
    header: number,
    payload: number,
    length: number,
    captured: number,
    ts: number,
  ): void {
    const table = this.#table;
    const w = table.words;
    const f = table.doubles;
    this.#ts = ts;
    let direction = directionIn;
    const base = slot * at.stride;
    if (this.#beganWithSynAck(slot) && !(bytes[header + 13]! & (SYN | RST))) {
      // A stealth scan gets a RST for its SYN-ACK or nothing. This is an acknowledgement or payload: the SYN was missed,
      // and whoever sent the SYN-ACK is the responder (Zeek pull request 2191).
      this.flip(slot);
      direction = (1 - direction) as 0 | 1;
      this.#setState(slot, base + at.endpoints + at.endpointStride, established);
      w[base + at.flags]! |= at.firstFromOriginator;
    }
    const e = base + at.endpoints + direction * at.endpointStride;
    const p = base + at.endpoints + (1 - direction) * at.endpointStride;
    const bits = bytes[header + 13]!;
    const sequence = (bytes[header + 4]! << 24) | (bytes[header + 5]! << 16) | (bytes[header + 6]! << 8) | bytes[header + 7]!;
    const ack = (bytes[header + 8]! << 24) | (bytes[header + 9]! << 16) | (bytes[header + 10]! << 8) | bytes[header + 11]!;
    const flowFlags = base + at.flags;

    // A flow is partial until both ends began with a SYN.
    if (direction === 0) {
      if (!(w[flowFlags]! & at.firstFromOriginator)) {
        if (!(bits & SYN) || bits & ACK) w[flowFlags]! |= at.partial;
        else w[flowFlags]! &= ~at.partial;
      }
    } else if (!(w[flowFlags]! & at.firstFromResponder) && !(w[flowFlags]! & at.partial) && !(bits & SYN)) {
      w[flowFlags]! |= at.partial;
    }

    // SYN and FIN take a place in the sequence; the payload of a RST does not belong to the stream.
    let segmentLength = bits & RST ? 0 : length;
    if (bits & SYN) segmentLength++;
    if (bits & FIN) segmentLength++;
    const past = (sequence + segmentLength) | 0;

    this.#initEndpoint(slot, e, bits, sequence, past);

    const relative = this.#relative(e, sequence, w[e + at.lastSequence]!, w[e + at.wraps]! & 0xffff);
    const underflow = relative < 0;
    if (underflow && !(bits & RST)) this.#weird(slot, 'TCP_seq_underflow_or_misorder');

    this.#updateHistory(slot, direction, e, bits, relative, length);
    if (
      bytes[header + 14] === 0 &&
      bytes[header + 15] === 0 &&
      !(bits & RST) &&
      (w[p + at.state]! & 15) !== closed &&
      (w[e + at.state]! & 15) !== reset
    ) {
      scaleHistory(w, slot, direction, e + at.zeroWindows, 87);
    }

    if (!(w[e + at.state]! & w[p + at.state]! & at.didClose)) f[(base + at.last) >> 1] = ts;

    if (bits & SYN) {
      if (bits & RST) this.#weird(slot, 'TCP_christmas');
      if (bits & URG) this.#weird(slot, 'baroque_SYN');
      if (length > 0) this.#weird(slot, 'SYN_with_data');
    }
    if (bits & FIN) {
      w[e + at.state]! |= at.finSeen;
      f[(e + at.finSequence) >> 1] = relative + segmentLength;
    }

    let relativeAck = 0;
    if (bits & ACK) {
      if ((w[p + at.state]! & 15) === inactive) {
        relativeAck = 1;
        const state = w[e + at.state]! & 15;
        if (!(bits & (SYN | FIN | RST)) && (state === synSent || state === synAckSent || state === established)) {
          this.#weird(slot, 'possible_split_routing');
        }
        // Count the peer's sequence as if it had begun with a SYN, so that later payload keeps its place.
        f[(p + at.startSequence) >> 1] = (ack >>> 0) - 1;
        w[p + at.acknowledged] = (ack - 1) | 0;
        w[p + at.lastSequence] = (ack - 1) | 0;
      } else {
        relativeAck = this.#relative(p, ack, w[p + at.acknowledged]!, w[p + at.wraps]! >>> 16);
        if (relativeAck < 0) {
          relativeAck = 0;
          this.#weird(slot, 'TCP_ack_underflow_or_misorder');
        } else if (!(bits & RST)) {
          const delta = (ack - w[p + at.acknowledged]!) | 0;
          if (delta > 0 && !(ack === 0 && delta > jumpMax)) {
            if (ack >>> 0 < w[p + at.acknowledged]! >>> 0) w[p + at.wraps] = w[p + at.wraps]! + 0x10000;
            w[p + at.acknowledged] = ack;
          }
        }
      }
    }

    const advance = this.#updateLast(slot, direction, e, past, bits, length);

    this.#close = false;
    switch (w[e + at.state]! & 15) {
      case inactive:
        direction = this.#fromInactive(slot, direction, sequence, ack, length, bits);
        break;
      case synSent:
      case synAckSent:
        this.#fromSynSent(slot, direction, e, p, length, bits);
        break;
      case established:
      case partialState:
        this.#fromEstablished(slot, e, p, bits);
        break;
      case closed:
        this.#fromClosed(slot, e, p, advance, bits);
        break;
      default:
        if (bits & SYN) this.#weird(slot, 'SYN_after_reset');
        if (bits & FIN) this.#weird(slot, 'FIN_after_reset');
        if (length > 0 && !(bits & RST)) this.#weird(slot, 'data_after_reset');
    }
    const close = this.#close;

    // The two ends may have changed places just now.
    const ee = base + at.endpoints + direction * at.endpointStride;
    const peer = (1 - direction) as 0 | 1;

    if (bits & ACK) this.#ackReceived(slot, peer, relativeAck);
    w[flowFlags]! |= direction === 0 ? at.firstFromOriginator : at.firstFromResponder;

    if (length > 0 && !(bits & RST) && !underflow) {
      if (captured >= length) this.#dataSent(slot, direction, bits & SYN ? relative + 1 : relative, length, bytes, payload);
      else this.#weird(slot, 'truncated_tcp_payload');
    }

    if (w[ee + at.state]! & at.finSeen || close || (w[ee + at.state]! & 15) >= closed) this.#checkEnd(slot, direction);
    if (close) this.#connectionClosed(slot, direction);
  }

  /** Sequence number relative to the endpoint's start, across wrap-arounds; negative before the start. */
  #relative(e: number, value: number, lastOne: number, wrapsSoFar: number): number {
    const delta = (value - lastOne) | 0;
    let count = wrapsSoFar;
    if (delta < 0) {
      if (count > 0 && value >>> 0 > lastOne >>> 0) count--;
    } else if (delta > 0 && value >>> 0 < lastOne >>> 0) count++;
    const begin = this.#table.doubles[(e + at.startSequence) >> 1]!;
    if (count === 0) return (value - (begin | 0)) | 0;
    return count * wrap + (value >>> 0) - begin;
  }

  #start(e: number, sequence: number, past: number): void {
    const { words: w, doubles: f } = this.#table;
    f[(e + at.startSequence) >> 1] = sequence;
    // The start before a first byte with the number 0, as refusals have, is -1; that is not 2^32 - 1 acknowledged.
    w[e + at.acknowledged] = sequence < 0 ? 0 : sequence | 0;
    w[e + at.lastSequence] = past;
  }

  #initEndpoint(slot: number, e: number, bits: number, sequence: number, past: number): void {
    const f = this.#table.doubles;
    const stateWord = this.#table.words[e + at.state]!;
    switch (stateWord & 15) {
      case inactive:
        if (bits & SYN) this.#start(e, sequence >>> 0, past);
        // In the middle of a connection: count as if a SYN had come before this byte.
        else this.#start(e, (sequence >>> 0) - 1, sequence);
        return;
      case synSent:
      case synAckSent:
        if (bits & SYN && sequence !== (f[(e + at.startSequence) >> 1]! | 0)) {
          this.#weird(slot, 'SYN_seq_jump');
          this.#start(e, sequence >>> 0, past);
        }
        return;
      case established:
      case partialState:
        if (bits & SYN) {
          if (this.size(slot, e) > 0) this.#weird(slot, 'SYN_inside_connection');
          if (sequence !== (f[(e + at.startSequence) >> 1]! | 0)) this.#weird(slot, 'SYN_seq_jump');
          this.#start(e, sequence >>> 0, past);
        }
        return;
      case reset:
        // Numbers that a RST brought may have been forged; a SYN after it is believed instead.
        if (bits & SYN && ((stateWord >> 4) & 15) === inactive) this.#start(e, sequence >>> 0, past);
        return;
      default:
    }
  }

  #updateHistory(slot: number, direction: 0 | 1, e: number, bits: number, relative: number, length: number): void {
    const w = this.#table.words;
    const control = bits & (SYN | FIN | RST);
    if (control === 0) {
      if (length > 0) checkHistory(w, slot, direction, seenData, 68);
      else if (bits & ACK) checkHistory(w, slot, direction, seenAck, 65);
      return;
    }
    const sequence = relative | 0;
    if (control === SYN) {
      const code = bits & ACK ? 72 : 83;
      if (checkHistory(w, slot, direction, seenSyn, code) && sequence !== w[e + at.synHistory]) {
        addHistory(w, slot, direction, code);
      }
      w[e + at.synHistory] = sequence;
    } else if (control === FIN) {
      const end = (sequence + length) | 0;
      if (checkHistory(w, slot, direction, seenFin, 70) && end !== w[e + at.finHistory]) addHistory(w, slot, direction, 70);
      w[e + at.finHistory] = end;
    } else if (control === RST) {
      if (checkHistory(w, slot, direction, seenRst, 82) && sequence !== w[e + at.rstHistory]) {
        addHistory(w, slot, direction, 82);
      }
      w[e + at.rstHistory] = sequence;
    } else if ((bits & (FIN | RST)) === (FIN | RST)) checkHistory(w, slot, direction, seenFinRst, 73);
    else checkHistory(w, slot, direction, seenMultiFlag, 81);
  }

  #updateLast(slot: number, direction: 0 | 1, e: number, past: number, bits: number, length: number): number {
    const { words: w, doubles: f } = this.#table;
    const before = w[e + at.lastSequence]!;
    const delta = (past - before) | 0;
    let take = false;
    if (bits & (SYN | RST) && (delta > jumpMax || delta < -jumpMax)) return delta;
    if (bits & FIN && before === ((f[(e + at.startSequence) >> 1]! + 1) | 0)) take = true;
    else if ((w[e + at.state]! & 15) === reset) return delta;
    else if (delta > 0) take = true;
    else if (length > 0) scaleHistory(w, slot, direction, e + at.retransmissions, 84);
    if (take) {
      if (past >>> 0 < before >>> 0) w[e + at.wraps] = (w[e + at.wraps]! & ~0xffff) | ((w[e + at.wraps]! + 1) & 0xffff);
      w[e + at.lastSequence] = past;
    }
    return delta;
  }

  #setState(slot: number, e: number, to: number): void {
    const w = this.#table.words;
    const word = w[e + at.state]!;
    const from = word & 15;
    if (from === to) return;
    w[e + at.state] = (word & ~0xff) | (from << 4) | to;
    if (to > synAckSent && from <= synAckSent) {
      const base = slot * at.stride;
      const o = base + at.endpoints;
      const other = e === o ? o + at.endpointStride : o;
      if ((w[other + at.state]! & 15) <= synAckSent) {
        w[base + at.flags] = (w[base + at.flags]! & ~at.idleMask) | inactivity;
      }
    }
    // A connection that was answered no longer ends as an unanswered attempt.
    const fixed = (slot * at.stride + at.fixed) >> 1;
    const limit = this.#table.doubles[fixed]!;
    if (limit !== Number.POSITIVE_INFINITY && !this.#attempting(slot) && !this.#bothDone(slot)) {
      this.#table.doubles[fixed] = Number.POSITIVE_INFINITY;
    }
  }

  #attempting(slot: number): boolean {
    const w = this.#table.words;
    const o = slot * at.stride + at.endpoints;
    const originState = w[o + at.state]! & 15;
    return (originState === synSent || originState === synAckSent) && (w[o + at.endpointStride + at.state]! & 15) === inactive;
  }

  #beganWithSynAck(slot: number): boolean {
    const w = this.#table.words;
    const o = slot * at.stride + at.endpoints;
    return (w[o + at.state]! & 15) === synAckSent && (w[o + at.endpointStride + at.state]! & 15) === inactive;
  }

  #bothDone(slot: number): boolean {
    const w = this.#table.words;
    const o = slot * at.stride + at.endpoints;
    return ((w[o + at.state]! | w[o + at.endpointStride + at.state]!) & at.didClose) !== 0;
  }

  #endAt(slot: number, ts: number): void {
    this.#table.doubles[(slot * at.stride + at.fixed) >> 1] = ts;
    this.#table.schedule(slot);
  }

  #fromInactive(slot: number, direction: 0 | 1, sequence: number, ack: number, length: number, bits: number): 0 | 1 {
    const { words: w, doubles: f } = this.#table;
    const base = slot * at.stride;
    let own = direction;
    let e = base + at.endpoints + own * at.endpointStride;
    let p = base + at.endpoints + (1 - own) * at.endpointStride;
    if (bits & SYN) {
      if (own === 0) {
        if (bits & ACK) {
          this.#weird(slot, 'connection_originator_SYN_ack');
          this.#setState(slot, e, synAckSent);
        } else this.#setState(slot, e, synSent);
        this.#endAt(slot, this.#ts + attemptDelay);
      } else {
        const peerState = w[p + at.state]! & 15;
        if (bits & ACK) {
          if (peerState !== inactive && peerState !== partialState) {
            const low = (ack - (f[(p + at.startSequence) >> 1]! | 0)) | 0;
            const high = (ack - w[p + at.lastSequence]!) | 0;
            if (low < 0 || high > 0) this.#weird(slot, 'bad_SYN_ack');
          }
        } else if (peerState === synAckSent && sequence === (f[(e + at.startSequence) >> 1]! | 0)) {
          // The SYN-ACK was captured before its SYN: the ends change places.
          w[base + at.flags]! &= ~at.partial;
          this.flip(slot);
          own = 0;
          e = base + at.endpoints;
          p = e + at.endpointStride;
          this.#setState(slot, p, established);
          w[base + at.flags]! |= at.firstFromOriginator;
        } else this.#weird(slot, 'simultaneous_open');
        const peerNow = w[p + at.state]! & 15;
        if (peerNow === synSent) this.#setState(slot, p, established);
        else if (peerNow === inactive) this.#weird(slot, 'unsolicited_SYN_response');
        this.#setState(slot, e, established);
      }
    }
    if (bits & FIN) {
      this.#setState(slot, e, closed);
      this.#close = true;
      if ((w[p + at.state]! & 15) !== partialState && !(bits & SYN)) this.#weird(slot, 'spontaneous_FIN');
    }
    if (bits & RST) {
      this.#setState(slot, e, reset);
      const peerState = w[p + at.state]! & 15;
      const reject = own === 0 ? peerState === established : peerState === synSent || peerState === synAckSent;
      this.#close = true;
      if (!reject && peerState === inactive) this.#weird(slot, 'spontaneous_RST');
    }
    if ((w[e + at.state]! & 15) === inactive) {
      const peerState = w[p + at.state]! & 15;
      if (own === 1 && length === 0 && peerState === synSent) {
        // Some stacks acknowledge a SYN before they answer it.
      } else if (bits & ACK && peerState === established) {
        // A SYN-ACK without its SYN, now acknowledged: the SYN was missed, the connection is whole.
        this.#setState(slot, e, established);
        w[base + at.flags]! &= ~at.partial;
        w[base + at.flags]! |= own === 0 ? at.firstFromOriginator : at.firstFromResponder;
      } else this.#setState(slot, e, partialState);
    }
    return own;
  }

  #fromSynSent(slot: number, direction: 0 | 1, e: number, p: number, length: number, bits: number): void {
    const w = this.#table.words;
    const state = w[e + at.state]! & 15;
    if (bits & SYN) {
      if (direction === 0) {
        if (bits & ACK && !(bits & (FIN | RST)) && state !== synAckSent) this.#weird(slot, 'repeated_SYN_with_ack');
      } else if (!(bits & ACK) && state !== synSent) this.#weird(slot, 'repeated_SYN_reply_wo_ack');
    }
    if (bits & FIN) {
      const peerState = w[p + at.state]! & 15;
      if (peerState === inactive || peerState === synSent) this.#weird(slot, 'inappropriate_FIN');
      this.#setState(slot, e, closed);
      this.#close = true;
    }
    if (bits & RST) {
      this.#setState(slot, e, reset);
      this.#close = true;
    } else if (length > 0) this.#weird(slot, 'data_before_established');
  }

  #fromEstablished(slot: number, e: number, p: number, bits: number): void {
    if (!(bits & (SYN | FIN | RST))) return;
    const w = this.#table.words;
    const peerWord = w[p + at.state]!;
    if (bits & SYN && (w[e + at.state]! & 15) === partialState && (peerWord & 15) === inactive && !(bits & ACK)) {
      this.#weird(slot, 'SYN_after_partial');
      this.#setState(slot, e, synSent);
    }
    if (bits & FIN && !(bits & RST)) {
      this.#setState(slot, e, closed);
      // A FIN followed by a RST, and now our FIN: that was an ordinary end.
      if ((peerWord & 15) === reset && ((peerWord >> 4) & 15) === closed) this.#setState(slot, p, closed);
      this.#close = true;
    }
    if (bits & RST) {
      this.#setState(slot, e, reset);
      this.#close = true;
    }
  }

  #fromClosed(slot: number, e: number, p: number, advance: number, bits: number): void {
    const w = this.#table.words;
    if (bits & SYN) this.#weird(slot, 'SYN_after_close');
    if (bits & FIN && advance > 0) this.#weird(slot, 'FIN_advanced_last_seq');
    if (bits & RST && (w[p + at.state]! & 15) !== closed) {
      this.#setState(slot, e, reset);
      if (!(w[e + at.state]! & at.didClose)) this.#close = true;
    }
  }

  /** Exchanges originator and responder, and says so in the history. */
  flip(slot: number): void {
    const { words: w, doubles: f } = this.#table;
    const base = slot * at.stride;
    for (let i = 0; i < 4; i++) swap(w, base + at.origin + i, base + at.response + i);
    const pair = w[base + at.ports]!;
    w[base + at.ports] = (pair << 16) | (pair >>> 16);
    swap(w, base + at.packetsOf, base + at.packetsOf + 1);
    swap(f, (base + at.bytesOf) >> 1, (base + at.bytesOf + 2) >> 1);
    for (let i = 0; i < at.endpointStride; i++) {
      swap(w, base + at.endpoints + i, base + at.endpoints + at.endpointStride + i);
    }
    const word = w[base + at.flags]!;
    let first = 0;
    if (word & at.firstFromOriginator) first |= at.firstFromResponder;
    if (word & at.firstFromResponder) first |= at.firstFromOriginator;
    w[base + at.flags] = (word & ~(at.firstFromOriginator | at.firstFromResponder | at.partial)) | first;
    const pendingOrigin = this.#pending.get(slot * 2);
    const pendingResponse = this.#pending.get(slot * 2 + 1);
    this.#pending.delete(slot * 2);
    this.#pending.delete(slot * 2 + 1);
    if (pendingOrigin) this.#pending.set(slot * 2 + 1, pendingOrigin);
    if (pendingResponse) this.#pending.set(slot * 2, pendingResponse);
    flipHistory(w, slot);
    this.#target.flip(slot);
  }

  /** Payload bytes of an endpoint by its sequence numbers, as Zeek counts `orig_bytes` and `resp_bytes`. */
  size(slot: number, e: number): number {
    const { words: w, doubles: f } = this.#table;
    const o = slot * at.stride + at.endpoints;
    const p = e === o ? o + at.endpointStride : o;
    const word = w[e + at.state]!;
    const begin = f[(e + at.startSequence) >> 1]!;
    const ackFull = (w[e + at.wraps]! >>> 16) * wrap + (w[e + at.acknowledged]! >>> 0);
    if (
      ((word >> 4) & 15) === synSent &&
      (word & 15) === reset &&
      (w[p + at.state]! & 15) === inactive &&
      !(ackFull === begin || ackFull === begin + 1)
    ) {
      return 0;
    }
    const lastFull = (w[e + at.wraps]! & 0xffff) * wrap + (w[e + at.lastSequence]! >>> 0);
    let size = (lastFull > ackFull ? lastFull : ackFull) - begin;
    if (size > 0) size--;
    if (word & at.finSeen && size > 0) size--;
    return size > 0 ? size : 0;
  }

  #clean(slot: number): boolean {
    const w = this.#table.words;
    const o = slot * at.stride + at.endpoints;
    const a = w[o + at.state]! & 0xff;
    const b = w[o + at.endpointStride + at.state]! & 0xff;
    return (
      ((a & 15) === established || a === ((established << 4) | closed)) &&
      ((b & 15) === established || b === ((established << 4) | closed))
    );
  }

  #gap(slot: number, direction: 0 | 1, length: number): void {
    const { words: w, doubles: f } = this.#table;
    const base = slot * at.stride;
    // Elsewhere a hole may come from a forged RST or from what was sent before the capture began.
    if (this.#clean(slot)) {
      scaleHistory(w, slot, direction, base + at.endpoints + direction * at.endpointStride + at.gaps, 71);
      f[(base + at.missed) >> 1]! += length;
    }
    this.#target.gap(slot, direction, length, this.#ts);
  }

  /** The peer has received everything below `sequence`. */
  #ackReceived(slot: number, direction: 0 | 1, sequenceIn: number): void {
    const { words: w, doubles: f } = this.#table;
    const base = slot * at.stride;
    const e = base + at.endpoints + direction * at.endpointStride;
    let sequence = sequenceIn;
    if (w[e + at.state]! & at.finSeen) {
      const fin = f[(e + at.finSequence) >> 1]!;
      if (sequence >= fin) sequence = fin - 1;
    }
    if (sequence <= f[(e + at.trimmed) >> 1]!) return;
    const delivered = f[(e + at.delivered) >> 1]!;
    if (sequence > delivered && !(w[e + at.state]! & at.skipping)) {
      // The first acknowledgement of a flow seen from its middle speaks of bytes from before.
      if (!(sequence <= 2 && w[base + at.flags]! & at.partial)) this.#giveUp(slot, direction, e, sequence);
    }
    f[(e + at.trimmed) >> 1] = sequence;
    if (w[e + at.state]! & (at.finSeen | at.didClose) || (w[e + at.state]! & 15) >= closed) this.#checkEnd(slot, direction);
  }

  /** Everything missing below `upTo` will not come: holes become gaps, what lies between is delivered. */
  #giveUp(slot: number, direction: 0 | 1, e: number, upTo: number): void {
    const f = this.#table.doubles;
    const d = (e + at.delivered) >> 1;
    const pending = this.#table.words[e + at.state]! & at.hasPending ? this.#pending.get(slot * 2 + direction) : undefined;
    if (pending) {
      for (;;) {
        const first = pending.ranges[0];
        if (first === undefined || first.sequence >= upTo) break;
        const delivered = f[d]!;
        if (first.sequence > delivered) {
          f[d] = first.sequence;
          this.#gap(slot, direction, first.sequence - delivered);
        }
        this.#drain(slot, direction, e, pending);
      }
    }
    const delivered = f[d]!;
    if (upTo > delivered) {
      f[d] = upTo;
      this.#gap(slot, direction, upTo - delivered);
      if (pending) this.#drain(slot, direction, e, pending);
    }
  }

  /** Delivers what is now in order. */
  #drain(slot: number, direction: 0 | 1, e: number, pending: Pending): void {
    const f = this.#table.doubles;
    const d = (e + at.delivered) >> 1;
    for (;;) {
      const first = pending.ranges[0];
      if (first === undefined || first.sequence > f[d]!) break;
      const before = pending.bytes;
      pending.shift();
      this.#pendingBytes += pending.bytes - before;
      const delivered = f[d]!;
      if (first.upper <= delivered) continue;
      f[d] = first.upper;
      if (first.bytes) {
        this.#target.data(slot, direction, first.bytes, delivered - first.sequence, first.bytes.length, this.#ts);
      } else if (this.#target.wants(slot)) this.#target.gap(slot, direction, first.upper - delivered, this.#ts);
    }
    if (pending.ranges.length === 0) {
      this.#pending.delete(slot * 2 + direction);
      this.#table.words[e + at.state]! &= ~at.hasPending;
    }
  }

  #dataSent(slot: number, direction: 0 | 1, sequenceIn: number, length: number, bytes: Uint8Array, payload: number): void {
    const { words: w, doubles: f } = this.#table;
    const e = slot * at.stride + at.endpoints + direction * at.endpointStride;
    const upper = sequenceIn + length;
    // What is acknowledged was delivered or given up.
    const ackFull = (w[e + at.wraps]! >>> 16) * wrap + (w[e + at.acknowledged]! >>> 0);
    const ack = ackFull - f[(e + at.startSequence) >> 1]!;
    let sequence = sequenceIn;
    if (sequence < ack) {
      if (upper <= ack) return;
      sequence = ack;
    }
    const trimmed = f[(e + at.trimmed) >> 1]!;
    if (upper <= trimmed) return;
    if (sequence < trimmed) sequence = trimmed;
    if (upper > f[(e + at.upper) >> 1]!) f[(e + at.upper) >> 1] = upper;
    const d = (e + at.delivered) >> 1;
    const delivered = f[d]!;
    if (upper <= delivered) return;
    const hasPending = w[e + at.state]! & at.hasPending;
    if (sequence <= delivered) {
      const start = payload + (delivered - sequenceIn);
      if (!hasPending) {
        f[d] = upper;
        this.#target.data(slot, direction, bytes, start, payload + length, this.#ts);
        return;
      }
      // What was held above the hole came first and stays; the packet fills up to it.
      const pending = this.#pending.get(slot * 2 + direction)!;
      const first = pending.ranges[0]!;
      const fill = Math.min(upper, first.sequence);
      f[d] = fill;
      this.#target.data(slot, direction, bytes, start, start + fill - delivered, this.#ts);
      if (upper > fill) this.#hold(slot, direction, e, pending, fill, upper, bytes, payload + fill - sequenceIn);
      this.#drain(slot, direction, e, pending);
      return;
    }
    let pending = hasPending ? this.#pending.get(slot * 2 + direction) : undefined;
    if (!pending) {
      pending = new Pending();
      this.#pending.set(slot * 2 + direction, pending);
      w[e + at.state]! |= at.hasPending;
    }
    this.#hold(slot, direction, e, pending, sequence, upper, bytes, payload + sequence - sequenceIn);
  }

  #hold(
    slot: number,
    direction: 0 | 1,
    e: number,
    pending: Pending,
    sequence: number,
    upper: number,
    bytes: Uint8Array,
    start: number,
  ): void {
    const limits = this.#limits;
    const before = pending.bytes;
    const content = this.#target.wants(slot) ? bytes : undefined;
    if (pending.insert(sequence, upper, content, start)) this.#weird(slot, 'rexmit_inconsistency');
    this.#pendingBytes += pending.bytes - before;
    while (
      pending.bytes > limits.pendingBytesPerDirectionMax ||
      pending.ranges.length > limits.pendingRangesMax ||
      (this.#pendingBytes > limits.pendingBytesMax && pending.ranges.length > 0)
    ) {
      // No room to wait longer: the first hole is given up as if it had been acknowledged.
      this.#weird(slot, 'excessive_data_above_hole');
      this.#giveUp(slot, direction, e, pending.ranges[0]!.sequence + 1);
    }
  }

  /** Whether bytes up to the last sequence number are still awaited, or the peer's are still unacknowledged. */
  #dataPending(slot: number, direction: 0 | 1): boolean {
    const { words: w, doubles: f } = this.#table;
    const base = slot * at.stride;
    const e = base + at.endpoints + direction * at.endpointStride;
    const p = base + at.endpoints + (1 - direction) * at.endpointStride;
    if (w[e + at.state]! & at.skipping) return false;
    const delivered = f[(e + at.startSequence) >> 1]! + f[(e + at.delivered) >> 1]!;
    const lastFull = (w[e + at.wraps]! & 0xffff) * wrap + (w[e + at.lastSequence]! >>> 0);
    if (lastFull < delivered) return false;
    if (delivered !== lastFull - 1 && delivered !== lastFull) return true;
    return (w[e + at.state]! & 15) !== reset && f[(p + at.upper) >> 1]! > f[(p + at.trimmed) >> 1]!;
  }

  #checkEnd(slot: number, direction: 0 | 1): void {
    const w = this.#table.words;
    const base = slot * at.stride;
    const e = base + at.endpoints + direction * at.endpointStride;
    const word = w[e + at.state]!;
    if (word & at.endOfStream) return;
    if (!(word & at.finSeen) && (word & 15) < closed) return;
    if (this.#dataPending(slot, direction)) return;
    w[e + at.state]! |= at.endOfStream;
    if (w[base + at.flags]! & at.closeDeferred) {
      this.#connectionClosed(slot, direction);
      w[base + at.flags]! &= ~at.closeDeferred;
    }
  }

  #connectionClosed(slot: number, direction: 0 | 1): void {
    const { words: w, doubles: f } = this.#table;
    const base = slot * at.stride;
    const e = base + at.endpoints + direction * at.endpointStride;
    const p = base + at.endpoints + (1 - direction) * at.endpointStride;
    if (this.#dataPending(slot, direction)) {
      w[base + at.flags]! |= at.closeDeferred;
      return;
    }
    w[base + at.flags]! &= ~at.closeDeferred;
    if (w[e + at.state]! & at.didClose) return;
    w[e + at.state]! |= at.didClose;
    const own = w[e + at.state]! & 15;
    const peer = w[p + at.state]!;
    const lastTime = f[(base + at.last) >> 1]!;
    if (own === reset || peer & at.didClose || (peer & 15) === inactive) this.#endAt(slot, lastTime + closeDelay);
    else if ((peer & 15) === reset) {
      // Half closed and reset: ends at the first look of the session timer after the connection went quiet.
      const begin = f[(base + at.start) >> 1]!;
      const looks = Math.floor((lastTime + linger - begin - synTimeout) / sessionTimer) + 1;
      this.#endAt(slot, begin + synTimeout + Math.max(0, looks) * sessionTimer);
    }
  }

  /** Gives back what is held for a flow that ends; bytes above a hole are delivered behind the gap before it. */
  finish(slot: number, ts: number): void {
    const w = this.#table.words;
    const base = slot * at.stride;
    this.#ts = ts;
    for (let direction = 0; direction < 2; direction++) {
      const e = base + at.endpoints + direction * at.endpointStride;
      if (!(w[e + at.state]! & at.hasPending)) continue;
      const pending = this.#pending.get(slot * 2 + direction);
      if (!pending) continue;
      const f = this.#table.doubles;
      while (pending.ranges.length > 0) {
        const first = pending.ranges[0]!;
        const delivered = f[(e + at.delivered) >> 1]!;
        if (first.sequence > delivered) {
          // Not counted as missed: the capture ended before anyone said that the bytes had arrived.
          f[(e + at.delivered) >> 1] = first.sequence;
          this.#target.gap(slot, direction as 0 | 1, first.sequence - delivered, ts);
        }
        this.#drain(slot, direction as 0 | 1, e, pending);
      }
    }
  }
}

function swap(values: Int32Array | Float64Array, a: number, b: number): void {
  const held = values[a]!;
  values[a] = values[b]!;
  values[b] = held;
}
