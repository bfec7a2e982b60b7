/**
 * One TCP connection after the other, in the words of the flow table: the states of both ends, the letters of the history, bytes by
 * sequence numbers, and the order of the payload. The rules are Zeek's (TCPSessionAdapter, TCP_Endpoint, TCP_Reassembler), so that
 * `conn` comes out as analysts know it; RFC 9293 is the protocol.
 *
 * Payload that arrives in order is handed on from the packet itself. Only what arrives above a hole is kept, by the host, until the
 * hole is filled, or the peer acknowledges beyond it: then the hole is loss.
 */

import {
  addHistory,
  checkHistory,
  flipHistory,
  scaleHistory,
  seenAck,
  seenData,
  seenFin,
  seenFinRst,
  seenMultiFlag,
  seenRst,
  seenSyn,
} from './history';
import * as host from './host';
import * as at from '../src/flow/layout';
import { closed, established, inactive, partialState, reset, synAckSent, synSent } from '../src/tcp/states';
import { be32, byte, f, setF, setW, w } from './memory';
import { schedule } from './table';

const FIN: i32 = 1;
const SYN: i32 = 2;
const RST: i32 = 4;
const ACK: i32 = 16;
const URG: i32 = 32;

/** A jump beyond this in a SYN, RST or zero acknowledgement is nonsense rather than a long connection (Zeek). */
const jumpMax: i32 = 1_048_576;
const wrap: f64 = 4_294_967_296;

/** Seconds (Zeek's tcp_attempt_delay, tcp_close_delay, tcp_connection_linger, tcp_SYN_timeout, tcp_session_timer). */
const attemptDelay: f64 = 5;
const closeDelay: f64 = 5;
const linger: f64 = 5;
const synTimeout: f64 = 5;
const sessionTimer: f64 = 6;
/** Idle timeout once the handshake is over; before, it is that of UDP. */
const inactivity: i32 = 300;

// Numbers of the oddities, as the host lists them in `tcp/oddities.ts`.
const seqUnderflow = 0;
const ackUnderflow = 1;
const synSeqJump = 2;
const synInside = 3;
const originatorSynAck = 4;
const badSynAck = 5;
const simultaneousOpen = 6;
const unsolicitedSynResponse = 7;
const spontaneousFin = 8;
const spontaneousRst = 9;
const repeatedSynWithAck = 10;
const repeatedSynReply = 11;
const inappropriateFin = 12;
const dataBeforeEstablished = 13;
const synAfterPartial = 14;
const synAfterClose = 15;
const finAdvanced = 16;
const synAfterReset = 17;
const finAfterReset = 18;
const dataAfterReset = 19;
const splitRouting = 20;
const truncatedPayload = 21;
const christmas = 22;
const baroqueSyn = 23;
const synWithData = 24;

/** When the segment at hand was captured. */
let now: f64 = 0;
/** Whether the state machine asks to report the endpoint closed after the payload was delivered. */
let close: bool = false;

// ---- words --------------------------------------------------------------------------------------------------------

function stateOf(e: i32): i32 {
  return w(e + at.state) & 15;
}
function beforeOf(e: i32): i32 {
  return (w(e + at.state) >> 4) & 15;
}
function flag(place: i32, bits: i32): void {
  setW(place, w(place) | bits);
}
function unflag(place: i32, bits: i32): void {
  setW(place, w(place) & ~bits);
}
/** A 32-bit number as it counts from zero. */
function unsigned(value: i32): f64 {
  return <f64>(<u32>value);
}
/** The lower 32 bits of the number before an endpoint's first byte, which may be -1. */
function startLow(e: i32): i32 {
  return <i32>(<i64>f(e + at.startSequence));
}
function lastFull(e: i32): f64 {
  return <f64>(w(e + at.wraps) & 0xffff) * wrap + unsigned(w(e + at.lastSequence));
}
function ackFull(e: i32): f64 {
  return <f64>(w(e + at.wraps) >>> 16) * wrap + unsigned(w(e + at.acknowledged));
}
/** Whether anybody may still want the payload. */
function wanted(base: i32): bool {
  return (w(base + at.flags) & at.contentDone) == 0;
}

function weird(slot: i32, number: i32): void {
  const place = slot * at.stride + at.oddities;
  const bit = 1 << number;
  if (w(place) & bit) return;
  flag(place, bit);
  host.oddity(slot, number);
}

/** Writes an oddity of the packet layer (checksum, header) once a flow. */
export function note(slot: i32, number: i32, ts: f64): void {
  now = ts;
  weird(slot, number);
}

// ---- segments -----------------------------------------------------------------------------------------------------

/** Prepares a new flow: the first byte of payload has the relative number 1, after the SYN's. */
export function beginTcp(slot: i32): void {
  const o = slot * at.stride + at.endpoints;
  const r = o + at.endpointStride;
  setF(o + at.delivered, 1);
  setF(o + at.trimmed, 1);
  setF(r + at.delivered, 1);
  setF(r + at.trimmed, 1);
}

/** Whether a SYN begins a new connection on the addresses and ports of an old one. */
export function isReuse(slot: i32, header: usize): bool {
  const bits = byte(header + 13);
  if (!(bits & SYN)) return false;
  const o = slot * at.stride + at.endpoints;
  const r = o + at.endpointStride;
  let e = o;
  if (bits & ACK) {
    if (stateOf(o) != inactive) return false;
    e = r;
  }
  // Once an end has closed, any SYN is a new beginning; before, only one with another number.
  if (!((w(o + at.state) | w(r + at.state)) & at.didClose)) {
    const sequence = be32(header + 4);
    if (sequence == startLow(e)) return false;
    if (!(bits & ACK) && stateOf(o) == synAckSent && stateOf(r) == inactive && sequence == startLow(r)) return false;
  }
  return true;
}

/**
 * The ordinary segment of an established connection – payload in order, or a plain acknowledgement of what was seen, nothing new for
 * the history – done on the short way. Answers false, and has done nothing, for every other segment.
 */
export function ordinary(slot: i32, direction: i32, header: usize, payload: usize, length: i32, captured: i32, ts: f64): bool {
  const base = slot * at.stride;
  const o = base + at.endpoints;
  const r = o + at.endpointStride;
  const stateMask = 15 | at.hasPending | at.didClose | at.finSeen;
  if ((w(o + at.state) & stateMask) != established || (w(r + at.state) & stateMask) != established) return false;
  if ((byte(header + 13) & (SYN | FIN | RST | ACK)) != ACK || captured < length) return false;
  // The letter for this kind of segment stands in the history already, and no zero window asks for one.
  const seen = w(base + at.historySeen) >>> (direction << 4);
  if (!(seen & (length > 0 ? seenData : seenAck))) return false;
  if (load<u16>(header + 14) == 0) return false;

  const e = direction == 0 ? o : r;
  const p = direction == 0 ? r : o;
  const sequence = be32(header + 4);
  if (sequence != w(e + at.lastSequence)) return false;
  const ack = be32(header + 8);
  const acknowledged = w(p + at.acknowledged);
  // Wrap-arounds take the long way.
  if (<u32>ack < <u32>acknowledged || ack - acknowledged < 0 || ack == 0) return false;
  const relativeAck = <f64>(w(p + at.wraps) >>> 16) * wrap + unsigned(ack) - f(p + at.startSequence);
  if (relativeAck > f(p + at.delivered)) return false;
  if (length > 0) {
    const past = sequence + length;
    if (<u32>past < <u32>sequence) return false;
    const relative = <f64>(w(e + at.wraps) & 0xffff) * wrap + unsigned(sequence) - f(e + at.startSequence);
    if (relative != f(e + at.delivered)) return false;
    setW(e + at.lastSequence, past);
    setF(e + at.delivered, relative + <f64>length);
    setF(e + at.upper, relative + <f64>length);
  }
  setW(p + at.acknowledged, ack);
  if (relativeAck > f(p + at.trimmed)) setF(p + at.trimmed, relativeAck);
  setF(base + at.last, ts);
  if (length > 0 && wanted(base)) {
    now = ts;
    host.data(slot, direction, <i32>payload, <i32>payload + length);
  }
  return true;
}

/**
 * One segment. `header` is where the TCP header stands, `payload` where the payload; `length` is the payload's on the wire, `captured`
 * how much of it is in the packet.
 */
export function segment(slot: i32, way: i32, header: usize, payload: usize, length: i32, captured: i32, ts: f64): void {
  now = ts;
  let direction = way;
  const base = slot * at.stride;
  const bits = byte(header + 13);
  if (beganWithSynAck(base) && !(bits & (SYN | RST))) {
    // A stealth scan gets a RST for its SYN-ACK or nothing. This is an acknowledgement or payload: the SYN was missed, and whoever
    // sent the SYN-ACK is the responder (Zeek pull request 2191).
    flip(slot);
    direction = 1 - direction;
    setState(slot, base + at.endpoints + at.endpointStride, established);
    flag(base + at.flags, at.firstFromOriginator);
  }
  const e = base + at.endpoints + direction * at.endpointStride;
  const p = base + at.endpoints + (1 - direction) * at.endpointStride;
  const sequence = be32(header + 4);
  const ack = be32(header + 8);
  const flowFlags = base + at.flags;

  // A flow is partial until both ends began with a SYN.
  if (direction == 0) {
    if (!(w(flowFlags) & at.firstFromOriginator)) {
      if (!(bits & SYN) || bits & ACK) flag(flowFlags, at.partial);
      else unflag(flowFlags, at.partial);
    }
  } else if (!(w(flowFlags) & at.firstFromResponder) && !(w(flowFlags) & at.partial) && !(bits & SYN)) {
    flag(flowFlags, at.partial);
  }

  // SYN and FIN take a place in the sequence; the payload of a RST does not belong to the stream.
  let segmentLength = bits & RST ? 0 : length;
  if (bits & SYN) segmentLength++;
  if (bits & FIN) segmentLength++;
  const past = sequence + segmentLength;

  initEndpoint(slot, e, bits, sequence, past);

  const relative = relativeTo(e, sequence, w(e + at.lastSequence), w(e + at.wraps) & 0xffff);
  const underflow = relative < 0;
  if (underflow && !(bits & RST)) weird(slot, seqUnderflow);

  updateHistory(slot, direction, e, bits, relative, length);
  if (load<u16>(header + 14) == 0 && !(bits & RST) && stateOf(p) != closed && stateOf(e) != reset) {
    scaleHistory(slot, direction, e + at.zeroWindows, 87);
  }

  if (!(w(e + at.state) & w(p + at.state) & at.didClose)) setF(base + at.last, ts);

  if (bits & SYN) {
    if (bits & RST) weird(slot, christmas);
    if (bits & URG) weird(slot, baroqueSyn);
    if (length > 0) weird(slot, synWithData);
  }
  if (bits & FIN) {
    flag(e + at.state, at.finSeen);
    setF(e + at.finSequence, relative + <f64>segmentLength);
  }

  let relativeAck: f64 = 0;
  if (bits & ACK) {
    if (stateOf(p) == inactive) {
      relativeAck = 1;
      const state = stateOf(e);
      if (!(bits & (SYN | FIN | RST)) && (state == synSent || state == synAckSent || state == established)) {
        weird(slot, splitRouting);
      }
      // Count the peer's sequence as if it had begun with a SYN, so that later payload keeps its place.
      setF(p + at.startSequence, unsigned(ack) - 1);
      setW(p + at.acknowledged, ack - 1);
      setW(p + at.lastSequence, ack - 1);
    } else {
      relativeAck = relativeTo(p, ack, w(p + at.acknowledged), w(p + at.wraps) >>> 16);
      if (relativeAck < 0) {
        relativeAck = 0;
        weird(slot, ackUnderflow);
      } else if (!(bits & RST)) {
        const delta = ack - w(p + at.acknowledged);
        if (delta > 0 && !(ack == 0 && delta > jumpMax)) {
          if (<u32>ack < <u32>w(p + at.acknowledged)) setW(p + at.wraps, w(p + at.wraps) + 0x10000);
          setW(p + at.acknowledged, ack);
        }
      }
    }
  }

  const advance = updateLast(slot, direction, e, past, bits, length);

  close = false;
  const state = stateOf(e);
  if (state == inactive) direction = fromInactive(slot, direction, sequence, ack, length, bits);
  else if (state == synSent || state == synAckSent) fromSynSent(slot, direction, e, p, length, bits);
  else if (state == established || state == partialState) fromEstablished(slot, e, p, bits);
  else if (state == closed) fromClosed(slot, e, p, advance, bits);
  else {
    if (bits & SYN) weird(slot, synAfterReset);
    if (bits & FIN) weird(slot, finAfterReset);
    if (length > 0 && !(bits & RST)) weird(slot, dataAfterReset);
  }
  const closing = close;

  // The two ends may have changed places just now.
  const ee = base + at.endpoints + direction * at.endpointStride;
  if (bits & ACK) ackReceived(slot, 1 - direction, relativeAck);
  flag(flowFlags, direction == 0 ? at.firstFromOriginator : at.firstFromResponder);

  if (length > 0 && !(bits & RST) && !underflow) {
    if (captured >= length) dataSent(slot, direction, bits & SYN ? relative + 1 : relative, length, payload);
    else weird(slot, truncatedPayload);
  }

  if (w(ee + at.state) & at.finSeen || closing || stateOf(ee) >= closed) checkEnd(slot, direction);
  if (closing) connectionClosed(slot, direction);
}

/** Sequence number relative to the endpoint's start, across wrap-arounds; negative before the start. */
function relativeTo(e: i32, value: i32, lastOne: i32, wrapsSoFar: i32): f64 {
  const delta = value - lastOne;
  let count = wrapsSoFar;
  if (delta < 0) {
    if (count > 0 && <u32>value > <u32>lastOne) count--;
  } else if (delta > 0 && <u32>value < <u32>lastOne) count++;
  if (count == 0) return <f64>(value - startLow(e));
  return <f64>count * wrap + unsigned(value) - f(e + at.startSequence);
}

function startAt(e: i32, sequence: f64, past: i32): void {
  setF(e + at.startSequence, sequence);
  // The start before a first byte with the number 0, as refusals have, is -1; that is not 2^32 - 1 acknowledged.
  setW(e + at.acknowledged, sequence < 0 ? 0 : <i32>(<i64>sequence));
  setW(e + at.lastSequence, past);
}

function initEndpoint(slot: i32, e: i32, bits: i32, sequence: i32, past: i32): void {
  const word = w(e + at.state);
  switch (word & 15) {
    case 0: // inactive
      if (bits & SYN) startAt(e, unsigned(sequence), past);
      // In the middle of a connection: count as if a SYN had come before this byte.
      else startAt(e, unsigned(sequence) - 1, sequence);
      return;
    case 1: // synSent
    case 2: // synAckSent
      if (bits & SYN && sequence != startLow(e)) {
        weird(slot, synSeqJump);
        startAt(e, unsigned(sequence), past);
      }
      return;
    case 4: // established
    case 3: // partialState
      if (bits & SYN) {
        if (sizeOf(slot, e) > 0) weird(slot, synInside);
        if (sequence != startLow(e)) weird(slot, synSeqJump);
        startAt(e, unsigned(sequence), past);
      }
      return;
    case 6: // reset
      // Numbers that a RST brought may have been forged; a SYN after it is believed instead.
      if (bits & SYN && ((word >> 4) & 15) == inactive) startAt(e, unsigned(sequence), past);
      return;
    default:
  }
}

function updateHistory(slot: i32, direction: i32, e: i32, bits: i32, relative: f64, length: i32): void {
  const control = bits & (SYN | FIN | RST);
  if (control == 0) {
    if (length > 0) checkHistory(slot, direction, seenData, 68);
    else if (bits & ACK) checkHistory(slot, direction, seenAck, 65);
    return;
  }
  const sequence = <i32>(<i64>relative);
  if (control == SYN) {
    const code = bits & ACK ? 72 : 83;
    if (checkHistory(slot, direction, seenSyn, code) && sequence != w(e + at.synHistory)) addHistory(slot, direction, code);
    setW(e + at.synHistory, sequence);
  } else if (control == FIN) {
    const end = sequence + length;
    if (checkHistory(slot, direction, seenFin, 70) && end != w(e + at.finHistory)) addHistory(slot, direction, 70);
    setW(e + at.finHistory, end);
  } else if (control == RST) {
    if (checkHistory(slot, direction, seenRst, 82) && sequence != w(e + at.rstHistory)) addHistory(slot, direction, 82);
    setW(e + at.rstHistory, sequence);
  } else if ((bits & (FIN | RST)) == (FIN | RST)) checkHistory(slot, direction, seenFinRst, 73);
  else checkHistory(slot, direction, seenMultiFlag, 81);
}

function updateLast(slot: i32, direction: i32, e: i32, past: i32, bits: i32, length: i32): i32 {
  const before = w(e + at.lastSequence);
  const delta = past - before;
  let take = false;
  if (bits & (SYN | RST) && (delta > jumpMax || delta < -jumpMax)) return delta;
  if (bits & FIN && before == startLow(e) + 1) take = true;
  else if (stateOf(e) == reset) return delta;
  else if (delta > 0) take = true;
  else if (length > 0) scaleHistory(slot, direction, e + at.retransmissions, 84);
  if (take) {
    if (<u32>past < <u32>before) {
      const wraps = w(e + at.wraps);
      setW(e + at.wraps, (wraps & ~0xffff) | ((wraps + 1) & 0xffff));
    }
    setW(e + at.lastSequence, past);
  }
  return delta;
}

function setState(slot: i32, e: i32, to: i32): void {
  const word = w(e + at.state);
  const from = word & 15;
  if (from == to) return;
  setW(e + at.state, (word & ~0xff) | (from << 4) | to);
  const base = slot * at.stride;
  if (to > synAckSent && from <= synAckSent) {
    const o = base + at.endpoints;
    const other = e == o ? o + at.endpointStride : o;
    if (stateOf(other) <= synAckSent) setW(base + at.flags, (w(base + at.flags) & ~at.idleMask) | inactivity);
  }
  // A connection that was answered no longer ends as an unanswered attempt.
  if (f(base + at.fixed) != Infinity && !attempting(base) && !bothDone(base)) setF(base + at.fixed, Infinity);
}

function attempting(base: i32): bool {
  const o = base + at.endpoints;
  const own = stateOf(o);
  return (own == synSent || own == synAckSent) && stateOf(o + at.endpointStride) == inactive;
}

function beganWithSynAck(base: i32): bool {
  const o = base + at.endpoints;
  return stateOf(o) == synAckSent && stateOf(o + at.endpointStride) == inactive;
}

function bothDone(base: i32): bool {
  const o = base + at.endpoints;
  return ((w(o + at.state) | w(o + at.endpointStride + at.state)) & at.didClose) != 0;
}

function endAt(slot: i32, ts: f64): void {
  setF(slot * at.stride + at.fixed, ts);
  schedule(slot);
}

function fromInactive(slot: i32, direction: i32, sequence: i32, ack: i32, length: i32, bits: i32): i32 {
  const base = slot * at.stride;
  let own = direction;
  let e = base + at.endpoints + own * at.endpointStride;
  let p = base + at.endpoints + (1 - own) * at.endpointStride;
  if (bits & SYN) {
    if (own == 0) {
      if (bits & ACK) {
        weird(slot, originatorSynAck);
        setState(slot, e, synAckSent);
      } else setState(slot, e, synSent);
      endAt(slot, now + attemptDelay);
    } else {
      const peerState = stateOf(p);
      if (bits & ACK) {
        if (peerState != inactive && peerState != partialState) {
          const low = ack - startLow(p);
          const high = ack - w(p + at.lastSequence);
          if (low < 0 || high > 0) weird(slot, badSynAck);
        }
      } else if (peerState == synAckSent && sequence == startLow(e)) {
        // The SYN-ACK was captured before its SYN: the ends change places.
        unflag(base + at.flags, at.partial);
        flip(slot);
        own = 0;
        e = base + at.endpoints;
        p = e + at.endpointStride;
        setState(slot, p, established);
        flag(base + at.flags, at.firstFromOriginator);
      } else weird(slot, simultaneousOpen);
      const peerNow = stateOf(p);
      if (peerNow == synSent) setState(slot, p, established);
      else if (peerNow == inactive) weird(slot, unsolicitedSynResponse);
      setState(slot, e, established);
    }
  }
  if (bits & FIN) {
    setState(slot, e, closed);
    close = true;
    if (stateOf(p) != partialState && !(bits & SYN)) weird(slot, spontaneousFin);
  }
  if (bits & RST) {
    setState(slot, e, reset);
    const peerState = stateOf(p);
    const reject = own == 0 ? peerState == established : peerState == synSent || peerState == synAckSent;
    close = true;
    if (!reject && peerState == inactive) weird(slot, spontaneousRst);
  }
  if (stateOf(e) == inactive) {
    const peerState = stateOf(p);
    if (own == 1 && length == 0 && peerState == synSent) {
      // Some stacks acknowledge a SYN before they answer it.
    } else if (bits & ACK && peerState == established) {
      // A SYN-ACK without its SYN, now acknowledged: the SYN was missed, the connection is whole.
      setState(slot, e, established);
      unflag(base + at.flags, at.partial);
      flag(base + at.flags, own == 0 ? at.firstFromOriginator : at.firstFromResponder);
    } else setState(slot, e, partialState);
  }
  return own;
}

function fromSynSent(slot: i32, direction: i32, e: i32, p: i32, length: i32, bits: i32): void {
  const state = stateOf(e);
  if (bits & SYN) {
    if (direction == 0) {
      if (bits & ACK && !(bits & (FIN | RST)) && state != synAckSent) weird(slot, repeatedSynWithAck);
    } else if (!(bits & ACK) && state != synSent) weird(slot, repeatedSynReply);
  }
  if (bits & FIN) {
    const peerState = stateOf(p);
    if (peerState == inactive || peerState == synSent) weird(slot, inappropriateFin);
    setState(slot, e, closed);
    close = true;
  }
  if (bits & RST) {
    setState(slot, e, reset);
    close = true;
  } else if (length > 0) weird(slot, dataBeforeEstablished);
}

function fromEstablished(slot: i32, e: i32, p: i32, bits: i32): void {
  if (!(bits & (SYN | FIN | RST))) return;
  const peerWord = w(p + at.state);
  if (bits & SYN && stateOf(e) == partialState && (peerWord & 15) == inactive && !(bits & ACK)) {
    weird(slot, synAfterPartial);
    setState(slot, e, synSent);
  }
  if (bits & FIN && !(bits & RST)) {
    setState(slot, e, closed);
    // A FIN followed by a RST, and now our FIN: that was an ordinary end.
    if ((peerWord & 15) == reset && ((peerWord >> 4) & 15) == closed) setState(slot, p, closed);
    close = true;
  }
  if (bits & RST) {
    setState(slot, e, reset);
    close = true;
  }
}

function fromClosed(slot: i32, e: i32, p: i32, advance: i32, bits: i32): void {
  if (bits & SYN) weird(slot, synAfterClose);
  if (bits & FIN && advance > 0) weird(slot, finAdvanced);
  if (bits & RST && stateOf(p) != closed) {
    setState(slot, e, reset);
    if (!(w(e + at.state) & at.didClose)) close = true;
  }
}

/** Exchanges originator and responder, and says so in the history. */
export function flip(slot: i32): void {
  const base = slot * at.stride;
  for (let i = 0; i < 4; i++) swap(base + at.origin + i, base + at.response + i);
  setW(base + at.ports, rotl<i32>(w(base + at.ports), 16));
  swap(base + at.packetsOf, base + at.packetsOf + 1);
  for (let i = 0; i < 2; i++) swap(base + at.bytesOf + i, base + at.bytesOf + 2 + i);
  for (let i = 0; i < at.endpointStride; i++) swap(base + at.endpoints + i, base + at.endpoints + at.endpointStride + i);
  const word = w(base + at.flags);
  let first = 0;
  if (word & at.firstFromOriginator) first |= at.firstFromResponder;
  if (word & at.firstFromResponder) first |= at.firstFromOriginator;
  setW(base + at.flags, (word & ~(at.firstFromOriginator | at.firstFromResponder | at.partial)) | first);
  flipHistory(slot);
  host.flipped(slot);
}

function swap(a: i32, b: i32): void {
  const kept = w(a);
  setW(a, w(b));
  setW(b, kept);
}

/** Payload bytes of an endpoint by its sequence numbers, as Zeek counts `orig_bytes` and `resp_bytes`. */
export function sizeOf(slot: i32, e: i32): f64 {
  const o = slot * at.stride + at.endpoints;
  const p = e == o ? o + at.endpointStride : o;
  const word = w(e + at.state);
  const begin = f(e + at.startSequence);
  const ack = ackFull(e);
  if (beforeOf(e) == synSent && (word & 15) == reset && stateOf(p) == inactive && !(ack == begin || ack == begin + 1)) return 0;
  const lastOne = lastFull(e);
  let size = (lastOne > ack ? lastOne : ack) - begin;
  if (size > 0) size--;
  if (word & at.finSeen && size > 0) size--;
  return size > 0 ? size : 0;
}

function clean(base: i32): bool {
  const o = base + at.endpoints;
  const a = w(o + at.state) & 0xff;
  const b = w(o + at.endpointStride + at.state) & 0xff;
  const left = (established << 4) | closed;
  return ((a & 15) == established || a == left) && ((b & 15) == established || b == left);
}

/** So many bytes are lost: counted, and told to whoever reads the flow. */
export function lose(slot: i32, direction: i32, length: f64): void {
  const base = slot * at.stride;
  // Elsewhere a hole may come from a forged RST or from what was sent before the capture began.
  if (clean(base)) {
    scaleHistory(slot, direction, base + at.endpoints + direction * at.endpointStride + at.gaps, 71);
    setF(base + at.missed, f(base + at.missed) + length);
  }
  if (wanted(base)) host.gap(slot, direction, length);
}

/** The peer has received everything below `sequence`. */
function ackReceived(slot: i32, direction: i32, received: f64): void {
  const base = slot * at.stride;
  const e = base + at.endpoints + direction * at.endpointStride;
  let sequence = received;
  if (w(e + at.state) & at.finSeen) {
    const fin = f(e + at.finSequence);
    if (sequence >= fin) sequence = fin - 1;
  }
  if (sequence <= f(e + at.trimmed)) return;
  const delivered = f(e + at.delivered);
  if (sequence > delivered && !(w(e + at.state) & at.skipping)) {
    // The first acknowledgement of a flow seen from its middle speaks of bytes from before.
    if (!(sequence <= 2 && w(base + at.flags) & at.partial)) {
      if (w(e + at.state) & at.hasPending) host.giveUp(slot, direction, sequence);
      else {
        setF(e + at.delivered, sequence);
        lose(slot, direction, sequence - delivered);
      }
    }
  }
  setF(e + at.trimmed, sequence);
  if (w(e + at.state) & (at.finSeen | at.didClose) || stateOf(e) >= closed) checkEnd(slot, direction);
}

function dataSent(slot: i32, direction: i32, sequenceIn: f64, length: i32, payload: usize): void {
  const base = slot * at.stride;
  const e = base + at.endpoints + direction * at.endpointStride;
  const upper = sequenceIn + <f64>length;
  // What is acknowledged was delivered or given up.
  const ack = ackFull(e) - f(e + at.startSequence);
  let sequence = sequenceIn;
  if (sequence < ack) {
    if (upper <= ack) return;
    sequence = ack;
  }
  const trimmed = f(e + at.trimmed);
  if (upper <= trimmed) return;
  if (sequence < trimmed) sequence = trimmed;
  if (upper > f(e + at.upper)) setF(e + at.upper, upper);
  const delivered = f(e + at.delivered);
  if (upper <= delivered) return;
  if (sequence <= delivered && !(w(e + at.state) & at.hasPending)) {
    setF(e + at.delivered, upper);
    if (wanted(base)) host.data(slot, direction, <i32>payload + <i32>(delivered - sequenceIn), <i32>payload + length);
    return;
  }
  host.outOfOrder(slot, direction, sequence, sequenceIn, length, <i32>payload);
}

/** Whether bytes up to the last sequence number are still awaited, or the peer's are still unacknowledged. */
function dataPending(base: i32, direction: i32): bool {
  const e = base + at.endpoints + direction * at.endpointStride;
  const p = base + at.endpoints + (1 - direction) * at.endpointStride;
  if (w(e + at.state) & at.skipping) return false;
  const delivered = f(e + at.startSequence) + f(e + at.delivered);
  const lastOne = lastFull(e);
  if (lastOne < delivered) return false;
  if (delivered != lastOne - 1 && delivered != lastOne) return true;
  return stateOf(e) != reset && f(p + at.upper) > f(p + at.trimmed);
}

function checkEnd(slot: i32, direction: i32): void {
  const base = slot * at.stride;
  const e = base + at.endpoints + direction * at.endpointStride;
  const word = w(e + at.state);
  if (word & at.endOfStream) return;
  if (!(word & at.finSeen) && (word & 15) < closed) return;
  if (dataPending(base, direction)) return;
  flag(e + at.state, at.endOfStream);
  if (word & at.closeDeferred) connectionClosed(slot, direction);
}

function connectionClosed(slot: i32, direction: i32): void {
  const base = slot * at.stride;
  const e = base + at.endpoints + direction * at.endpointStride;
  const p = base + at.endpoints + (1 - direction) * at.endpointStride;
  if (dataPending(base, direction)) {
    flag(e + at.state, at.closeDeferred);
    return;
  }
  unflag(e + at.state, at.closeDeferred);
  if (w(e + at.state) & at.didClose) return;
  flag(e + at.state, at.didClose);
  const own = stateOf(e);
  const peer = w(p + at.state);
  const lastTime = f(base + at.last);
  if (own == reset || peer & at.didClose || (peer & 15) == inactive) endAt(slot, lastTime + closeDelay);
  else if ((peer & 15) == reset) {
    // Half closed and reset: ends at the first look of the session timer after the connection went quiet.
    const begin = f(base + at.start);
    const looks = Math.floor((lastTime + linger - begin - synTimeout) / sessionTimer) + 1;
    endAt(slot, begin + synTimeout + Math.max(0, looks) * sessionTimer);
  }
}
