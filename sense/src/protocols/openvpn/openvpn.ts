/**
 * OpenVPN over UDP and TCP, with the names of corelight's package zeek-spicy-openvpn: one `openvpn` record a flow, and the TLS
 * of its control channel where that is in clear. Data is encrypted and only counted.
 *
 *     UDP   opcode and key 1 │ rest                           TCP   length 2 │ opcode and key 1 │ rest
 *
 * `packets.ts` has what the rest looks like.
 */

import type { Seconds } from '@forewarn/base/time';
import type { OpenvpnRecord } from '@forewarn/model/records/openvpn';
import { word16, word32 } from '../digits.ts';
import { Portions } from '../portions.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { ssl } from '../ssl/ssl.ts';
import { ControlChannel, pieceBytesMax, waitingMax } from './control.ts';
import {
  ACK,
  acksMax,
  CLIENT_V1,
  CONTROL,
  DATA_V1,
  DATA_V2,
  isClientReset,
  isServerReset,
  opcodeNames,
  protectionOf,
  sessionBytes,
  SOFT,
  isRunning,
  WRAPPED_KEY,
  type Protection,
} from './packets.ts';

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'openvpn.waitingMax',
    value: waitingMax,
    unit: 'packets of a direction',
    why: 'Packets of control that wait for one before them; OpenVPN itself keeps twelve. Beyond that TLS is read no further.',
  },
  {
    name: 'openvpn.pieceBytesMax',
    value: pieceBytesMax,
    unit: 'bytes',
    why: 'Longest packet of control: the size of its buffers in OpenVPN; longer ones are passed over.',
  },
] as const;

class OpenvpnParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private sides: [Side | undefined, Side | undefined] = [undefined, undefined];
  private record: OpenvpnRecord | undefined = undefined;
  private opcodes: string[] = [];
  /** Opcodes that were seen, as bits. */
  private seen = 0;
  private protection: Protection | undefined = undefined;
  private control: ControlChannel | undefined = undefined;
  /** The client's session, and who sent its reset. */
  private session = '';
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.flow.transport === 'tcp') {
      (this.sides[direction] ??= new Side()).feed(this, direction, bytes, start, end, ts);
    } else if (end > start) this.packet(direction, bytes[start]!, bytes, start + 1, end, ts);
  }

  gap(direction: Direction, length: number): void {
    const side = (this.sides[direction] ??= new Side());
    if (!side.gap(length)) side.stop();
  }

  finish(ts: Seconds): void {
    this.control?.finish(ts);
    this.control = undefined;
    const { record } = this;
    if (!record) return;
    record.opcodes = this.opcodes;
    this.emit.record('openvpn', record);
    this.record = undefined;
  }

  /** Of a stream: a length with the opcode behind it, and the rest of what is read; the rest of data is passed over. */
  portion(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const side = this.sides[direction]!;
    if (side.reading === 'rest') {
      side.ask('head', headBytes);
      this.packet(direction, side.first, bytes, start, end, ts);
      return;
    }
    const length = word16(bytes, start) - 1;
    side.first = bytes[start + 2]!;
    const opcode = side.first >> 3;
    if (length < 0 || opcodeNames[opcode] === undefined || opcode === 0) {
      this.malformed(ts);
      side.stop();
      return;
    }
    const isData = opcode === DATA_V1 || opcode === DATA_V2;
    const read = isData ? Math.min(length, 3) : length;
    if (read === 0) {
      this.packet(direction, side.first, bytes, end, end, ts);
      return;
    }
    side.ask('rest', read);
    side.behind = length - read;
  }

  private packet(direction: Direction, first: number, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const side = this.sides[direction];
    if (side && side.behind > 0) {
      side.skip = side.behind;
      side.behind = 0;
    }
    const opcode = first >> 3;
    const name = opcodeNames[opcode];
    if (name === undefined || opcode === 0) {
      this.malformed(ts);
      return;
    }
    const record = (this.record ??= this.begin(ts));
    if ((this.seen & (1 << opcode)) === 0) {
      this.seen |= 1 << opcode;
      this.opcodes.push(name);
    }
    if (opcode === DATA_V1 || opcode === DATA_V2) {
      record.data++;
      if (opcode === DATA_V2 && direction === 0 && record.peer_id === undefined && end - start >= 3) {
        const peer = (bytes[start]! << 16) | word16(bytes, start + 1);
        // All ones: the server has given it no number.
        if (peer !== 0xffffff) record.peer_id = peer;
      }
      return;
    }
    if (end - start < sessionBytes) {
      this.malformed(ts);
      return;
    }
    if (opcode === ACK) record.acks++;
    else record.control++;
    if (isClientReset(opcode) || isServerReset(opcode)) this.reset(record, direction, opcode, bytes, start, end, ts);
    else if (opcode === SOFT) record.soft_resets++;
    else if (opcode === CONTROL && (first & 7) === 0) this.tls(direction, bytes, start, end, ts);
  }

  /** A session begins, or begins anew in the same flow. */
  private reset(
    record: OpenvpnRecord,
    direction: Direction,
    opcode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    ts: Seconds,
  ): void {
    const session = Buffer.prototype.hexSlice.call(bytes, start, start + sessionBytes);
    const protection = protectionOf(opcode, bytes, start, end);
    if (isServerReset(opcode)) {
      record.remote_session_id = session;
      record.answered = true;
      // Another client's answer says nothing of how this one's is protected.
      this.protect(record, this.protection ?? protection);
      return;
    }
    if (session === this.session) return;
    record.resets++;
    this.session = session;
    record.session_id = session;
    this.protect(record, protection);
    this.control?.finish(ts);
    this.control = protection && protection.offset >= 0 ? new ControlChannel(this.flow, this.emit) : undefined;
  }

  private protect(record: OpenvpnRecord, protection: Protection | undefined): void {
    this.protection = protection;
    if (!protection) return;
    record.protection = protection.name;
    if (protection.code > 0) record.hmac_len = protection.code;
    else delete record.hmac_len;
  }

  /**
   * Acknowledgements, number, TLS. Only that of a session's first key, whose number is 0: later ones have a handshake of their own, with numbers
   * from the beginning, between the same ends.
   */
  private tls(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const offset = this.protection?.offset ?? -1;
    if (offset < 0) return;
    const at = start + sessionBytes + offset;
    const acks = at < end ? bytes[at]! : acksMax + 1;
    const number = at + 1 + 4 * acks + (acks > 0 ? sessionBytes : 0);
    if (acks > acksMax || number + 4 > end) {
      this.malformed(ts);
      return;
    }
    this.control?.take(direction, word32(bytes, number), bytes, number + 4, end, ts);
  }

  private begin(ts: Seconds): OpenvpnRecord {
    const record = this.flow.head(ts) as OpenvpnRecord;
    record.opcodes = [];
    record.answered = false;
    record.resets = 0;
    record.soft_resets = 0;
    record.control = 0;
    record.acks = 0;
    record.data = 0;
    this.emit.confirm();
    return record;
  }

  private malformed(ts: Seconds): void {
    if (!this.told) this.emit.weird('openvpn_bad_message', ts);
    this.told = true;
  }
}

/** A length and an opcode. */
const headBytes = 3;

/** One direction of a stream. */
class Side extends Portions {
  reading: 'head' | 'rest' = 'head';
  first = 0;
  /** Bytes of the packet at hand that are passed over. */
  behind = 0;

  constructor() {
    super(headBytes);
  }

  ask(reading: 'head' | 'rest', bytes: number): void {
    this.reading = reading;
    this.want(bytes);
  }
}

/** The first packet of either end proves itself. On its port, what looks like a packet of a running tunnel is believed. */
function probeDatagram(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const opcode = bytes[start]! >> 3;
  if (opcode < CLIENT_V1 || opcode > WRAPPED_KEY || end - start < 14) return 'no';
  // A session's first key has number 0.
  if ((bytes[start]! & 7) === 0 && protectionOf(opcode, bytes, start + 1, end)) return 'yes';
  return usualPort && isRunning(bytes[start]!, bytes, start + 1, end) ? 'yes' : 'no';
}

/** Longest first packet that is waited for: with the wrapped key of tls-crypt-v2, of which OpenVPN allows 1,024 bytes. */
const firstBytesMax = 1_100;

function probeStream(bytes: Uint8Array, start: number, end: number): Probe {
  if (end - start < headBytes) return end - start === 1 && bytes[start]! > 4 ? 'no' : 'more';
  const length = word16(bytes, start);
  const opcode = bytes[start + 2]! >> 3;
  if (length < 14 || length > firstBytesMax || (bytes[start + 2]! & 7) !== 0) return 'no';
  if (!isClientReset(opcode) && !isServerReset(opcode)) return 'no';
  if (end - start < 2 + length) return 'more';
  return protectionOf(opcode, bytes, start + headBytes, start + 2 + length) ? 'yes' : 'no';
}

const open = (flow: FlowView, emit: Emit): ProtocolParser => new OpenvpnParser(flow, emit);

export const openvpn: Protocol = {
  service: 'openvpn',
  logs: ['openvpn', ...ssl.logs],
  transports: ['udp'],
  ports: [1194],
  probe: probeDatagram,
  open,
};

/** A length stands before each packet. */
export const openvpnOverTcp: Protocol = { ...openvpn, transports: ['tcp'], probe: probeStream };
