/**
 * ISO transport over TCP (RFC 1006, ISO 8073) and what controllers say in it: S7 communication and S7 communication plus, written with the
 * columns of icsnpp-s7comm, and MMS.
 *
 *      0    1    2        4     5      6
 *     ┌────┬────┬────────┬─────┬──────┬─────────┬──────────────────────┐
 *     │ 03 │ 00 │ length │ li  │ TPDU │ …       │ 32 … S7 or 72 … plus │
 *     └────┴────┴────────┴─────┴──────┴─────────┴──────────────────────┘
 *      TPKT               COTP, li bytes behind li   user data of DT
 */

import type { Seconds } from '@forewarn/base/time';
import type { CotpRecord } from '@forewarn/model/records/s7';
import { Frames, type FrameTaker } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { hex2, tpduName } from './codes.ts';
import { Mms, mmsLimits } from './mms.ts';
import { S7 } from './s7.ts';

/** Head, parameters and the first data of a message: those of S7 have some sixty bytes, lists of variables of MMS a thousand and more. */
const shownBytesMax = 2_048;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'cotp.shownBytesMax',
    value: shownBytesMax,
    unit: 'bytes of a message, per direction',
    why: 'All that is looked at of a message: its heads and parameters. The rest is passed over.',
  },
  ...mmsLimits,
] as const;

const tpktBytes = 4;
const data = 15;

class CotpParser implements ProtocolParser, FrameTaker {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Frames, Frames] = [new Frames(shownBytesMax), new Frames(shownBytesMax)];
  /** A message that has begun goes on in the next TPDU of data. */
  private readonly continues: [boolean, boolean] = [false, false];
  private readonly s7: S7;
  private readonly mms: Mms;
  private confirmed = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
    this.s7 = new S7(flow, emit);
    this.mms = new Mms(flow, emit);
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.sides[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.sides[direction].gap(this, direction, length, ts);
  }

  finish(_ts: Seconds): void {
    for (const side of this.sides) side.stop();
  }

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    return packetLength(bytes, start, end);
  }

  frameShown(_bytes: Uint8Array, _start: number, _end: number, length: number): number {
    return Math.min(length, shownBytesMax);
  }

  frameRest(): void {}
  frameMissing(): void {}

  frameLost(direction: Direction, gap: boolean, ts: Seconds): void {
    this.continues[direction] = false;
    if (!gap) this.emit.weird('cotp_no_packet', ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return end - start >= 7 && packetLength(bytes, start, end) > 0 && isTpdu(bytes, start);
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    const at = start + tpktBytes;
    const indicator = bytes[at]!;
    const code = bytes[at + 1]! >> 4;
    const name = tpduName(code);
    if (name === undefined || indicator < 1 || indicator > length - tpktBytes - 1) {
      this.emit.weird('cotp_bad_tpdu', ts, hex2(bytes[at + 1]!));
      return;
    }
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    const record = this.flow.head(ts) as CotpRecord;
    record.is_orig = direction === 0;
    record.pdu_code = hex2(code);
    record.pdu_name = name;
    this.emit.record('cotp', record);
    if (code !== data) return;
    const isContinued = this.continues[direction];
    const from = at + 1 + indicator;
    // Some controllers send empty units that are said to go on: nothing begins with them.
    this.continues[direction] = (isContinued || length > from - start) && indicator >= 2 && (bytes[at + 2]! & 0x80) === 0;
    if (isContinued || from >= end) return;
    if (bytes[from] === 0x32 || bytes[from] === 0x72) this.s7.message(direction, bytes, from, end, ts);
    else this.mms.message(direction, bytes, from, end, ts);
  }
}

/** RFC 1006 §6: version 3, nothing, and the length of all; at least a head of COTP in it. */
function packetLength(bytes: Uint8Array, start: number, end: number): number {
  const have = end - start;
  if (bytes[start] !== 3 || (have > 1 && bytes[start + 1] !== 0)) return -1;
  if (have < tpktBytes) return 0;
  const length = (bytes[start + 2]! << 8) | bytes[start + 3]!;
  return length < tpktBytes + 3 ? -1 : length;
}

const isTpdu = (bytes: Uint8Array, start: number): boolean =>
  tpduName(bytes[start + 5]! >> 4) !== undefined &&
  bytes[start + 4]! >= 1 &&
  bytes[start + 4]! <= ((bytes[start + 2]! << 8) | bytes[start + 3]!) - tpktBytes - 1;

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const length = packetLength(bytes, start, end);
  if (length < 0) return 'no';
  const have = end - start;
  if (have < 7) return 'more';
  if (!isTpdu(bytes, start)) return 'no';
  if (usualPort) return 'yes';
  const code = bytes[start + 5]!;
  if (code === 0xf0) {
    // Data: the head of S7, or of S7 plus, must stand behind the three bytes of COTP.
    if (bytes[start + 4] !== 2 || (bytes[start + 6]! & 0x7f) !== 0 || length < 12) return 'no';
    if (have < 11) return 'more';
    const kind = bytes[start + 8]!;
    if (bytes[start + 7] === 0x32) {
      return [1, 2, 3, 7].includes(kind) && bytes[start + 9] === 0 && bytes[start + 10] === 0 ? 'yes' : 'no';
    }
    const stated = (bytes[start + 9]! << 8) | bytes[start + 10]!;
    return bytes[start + 7] === 0x72 && kind >= 1 && kind <= 3 && stated + 11 <= length && length <= stated + 15 ? 'yes' : 'no';
  }
  // A connection: one packet, class 0, and a parameter of ISO 8073, which Remote Desktop has not.
  if ((code !== 0xe0 && code !== 0xd0) || bytes[start + 4] !== length - 5 || length < 14) return 'no';
  if (have < 13) return 'more';
  const parameter = bytes[start + 11]!;
  return bytes[start + 10] === 0 && parameter >= 0xc0 && parameter <= 0xc2 && bytes[start + 12]! <= 16 ? 'yes' : 'no';
}

export const cotp: Protocol = {
  service: 'cotp',
  logs: ['cotp', 's7comm', 's7comm_plus', 's7comm_read_szl', 's7comm_upload_download', 'mms'],
  transports: ['tcp'],
  ports: [102],
  probe,
  open: (flow, emit) => new CotpParser(flow, emit),
};
