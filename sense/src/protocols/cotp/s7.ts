/**
 * S7 communication: how engineering stations, panels and controllers of one large family speak. There is no public specification; the
 * layout is the one that icsnpp-s7comm and Wireshark agree on.
 *
 *      0    1        2       4           6            8          10
 *     ┌────┬────────┬───────┬───────────┬────────────┬──────────┬─────────────────┬────────────┬──────┐
 *     │ 32 │ ROSCTR │ 0     │ reference │ parameters │ data     │ error, of (ack) │ parameters │ data │
 *     └────┴────────┴───────┴───────────┴────────────┴──────────┴─────────────────┴────────────┴──────┘
 */

import type { Seconds } from '@forewarn/base/time';
import type { S7commPlusRecord, S7commReadSzlRecord, S7commRecord, S7commUploadDownloadRecord } from '@forewarn/model/records/s7';
import type { Direction, Emit, FlowView } from '../protocol.ts';
import { textOf } from '../text.ts';
import {
  blockName,
  errorClassName,
  filesystemName,
  functionName,
  hex2,
  hex4,
  listName,
  plusFunctionName,
  plusOpcodeName,
  returnName,
  rosctrName,
  serviceName,
  subfunctionName,
  userDataName,
} from './codes.ts';

const job = 1;
const ack = 2;
const ackData = 3;
const userData = 7;

/** Bytes of a message that may be read: `[at, end)`. */
type Part = { bytes: Uint8Array; at: number; end: number };

const u16 = ({ bytes, at }: Part, offset: number): number => (bytes[at + offset]! << 8) | bytes[at + offset + 1]!;
const u32 = (part: Part, offset: number): number => u16(part, offset) * 65_536 + u16(part, offset + 2);
const length = ({ at, end }: Part): number => end - at;

export class S7 {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private confirmed = 0;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  /** The user data of COTP, or its first bytes. What is neither S7 nor S7 plus is left alone. */
  message(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (bytes[start] === 0x32) this.classic(direction, { bytes, at: start, end }, ts);
    else if (bytes[start] === 0x72) this.plus(direction, { bytes, at: start, end }, ts);
  }

  private confirm(bit: 1 | 2, service: string): void {
    if (this.confirmed & bit) return;
    this.confirmed |= bit;
    this.emit.confirm(service);
  }

  private classic(direction: Direction, message: Part, ts: Seconds): void {
    const { bytes, at, end } = message;
    const rosctr = bytes[at + 1] ?? 0;
    const isAnswer = rosctr === ack || rosctr === ackData;
    const head = isAnswer ? 12 : 10;
    if (length(message) < head) {
      this.emit.weird('s7comm_truncated_message', ts);
      return;
    }
    if (rosctr !== job && rosctr !== userData && !isAnswer) {
      this.emit.weird('s7comm_unknown_rosctr', ts, String(rosctr));
      return;
    }
    this.confirm(1, 's7comm');
    const parametersEnd = at + head + u16(message, 6);
    const parameters: Part = { bytes, at: at + head, end: Math.min(end, parametersEnd) };
    const data: Part = { bytes, at: Math.min(end, parametersEnd), end };
    if (length(parameters) < u16(message, 6)) this.emit.weird('s7comm_truncated_message', ts);
    const record = this.flow.head(ts) as S7commRecord;
    record.is_orig = direction === 0;
    record.rosctr_code = rosctr;
    record.rosctr_name = rosctrName(rosctr);
    // Alone of all numbers it has its lower byte first.
    record.pdu_reference = bytes[at + 4]! | (bytes[at + 5]! << 8);
    if (rosctr === userData) this.userData(record, parameters, data, ts);
    else {
      if (isAnswer) {
        record.error_class = errorClassName(bytes[at + 10]!);
        record.error_code = hex2(bytes[at + 11]!);
      }
      if (length(parameters) > 0) {
        const code = bytes[parameters.at]!;
        record.function_code = hex2(code);
        record.function_name = functionName(code);
        if (code === 0x28 && rosctr === job) control(record, parameters);
        if (code >= 0x1a && code <= 0x1f) this.transfer(record, parameters, data, ts);
      }
    }
    this.emit.record('s7comm', record);
  }

  /** Parameters: 00 01 12, length, method, kind and group, subfunction, sequence, and of answers unit, last unit, error. */
  private userData(record: S7commRecord, parameters: Part, data: Part, ts: Seconds): void {
    const { bytes, at } = parameters;
    if (length(parameters) < 8) return;
    const method = bytes[at + 4]!;
    const code = bytes[at + 5]!;
    const subfunction = bytes[at + 6]!;
    record.function_code = hex2(code);
    record.function_name = userDataName(code);
    record.subfunction_code = hex2(subfunction);
    record.subfunction_name = subfunctionName(code, subfunction);
    const hasError = method === 0x12 && length(parameters) >= 12;
    if (hasError) {
      const error = u16(parameters, 10);
      record.error_class = error === 0 ? 'No error' : 'Parameter Error';
      record.error_code = error === 0 ? '0x00' : hex4(error);
    }
    // Of an answer in several units the first names the list.
    if (
      (code & 15) === 4 &&
      subfunction === 1 &&
      length(data) >= 8 &&
      !(hasError && bytes[at + 8]! !== 0 && bytes[at + 9] === 0)
    ) {
      this.readSzl(record, method, data, ts);
    }
  }

  /** A system status list: what the controller is, what it holds, how it fares. */
  private readSzl(of: S7commRecord, method: number, data: Part, ts: Seconds): void {
    const record = this.flow.head(ts) as S7commReadSzlRecord;
    record.is_orig = of.is_orig!;
    record.pdu_reference = of.pdu_reference!;
    record.method = method === 0x12 ? 'Response' : 'Request';
    record.szl_id = hex4(u16(data, 4));
    record.szl_id_name = listName(u16(data, 4));
    record.szl_index = hex4(u16(data, 6));
    record.return_code = hex2(data.bytes[data.at]!);
    record.return_code_name = returnName(data.bytes[data.at]!);
    this.emit.record('s7comm_read_szl', record);
  }

  /** Blocks of a program on their way out of the controller or into it. */
  private transfer(of: S7commRecord, parameters: Part, data: Part, ts: Seconds): void {
    const { bytes, at } = parameters;
    const code = bytes[at]!;
    const isAsked = of.rosctr_code === job;
    const record = this.flow.head(ts) as S7commUploadDownloadRecord;
    record.is_orig = of.is_orig!;
    record.rosctr = of.rosctr_name!;
    record.pdu_reference = of.pdu_reference!;
    record.function_name = of.function_name!;
    if (length(parameters) >= 2) record.function_status = hex2(bytes[at + 1]!);
    if (length(parameters) >= 8) record.session_id = u32(parameters, 4);
    if (isAsked && code !== 0x1e && code !== 0x1f) this.file(record, parameters);
    else if (code === 0x1d && length(parameters) > 8) {
      const digits = textOf(bytes, at + 9, Math.min(parameters.end, at + 9 + bytes[at + 8]!));
      if (/^\d{1,10}$/.test(digits)) record.blocklength = Number(digits);
    } else if (!isAsked && (code === 0x1e || code === 0x1b) && length(data) >= 2) record.blocklength = u16(data, 0);
    this.emit.record('s7comm_upload_download', record);
  }

  /** `_0B00000A`: an underscore, the type of the block, its number, and the file system it goes to. */
  private file(record: S7commUploadDownloadRecord, parameters: Part): void {
    const { bytes, at } = parameters;
    if (length(parameters) < 9) return;
    const name = textOf(bytes, at + 9, Math.min(parameters.end, at + 9 + bytes[at + 8]!));
    record.filename = name;
    const parts = /^_([0-9A-Z]{2})([0-9]{5})([A-Z])$/.exec(name);
    if (!parts) return;
    record.block_type = blockName(parts[1]!);
    record.block_number = parts[2]!;
    record.destination_filesystem = filesystemName(parts[3]!);
  }

  /** The head of S7 plus: 72, version, length; from version 3 on a digest; then what is asked. The rest is not public, or encrypted. */
  private plus(direction: Direction, message: Part, ts: Seconds): void {
    const { bytes, at } = message;
    const version = bytes[at + 1] ?? 0;
    // A digest has its length before it; 254 and 255 are keep-alives and the like.
    const opcodeAt = version === 3 ? 5 + (bytes[at + 4] ?? 0) : 4;
    if (version < 1 || version > 3 || length(message) <= opcodeAt) return;
    this.confirm(2, 's7comm-plus');
    const opcode = bytes[at + opcodeAt]!;
    const record = this.flow.head(ts) as S7commPlusRecord;
    record.is_orig = direction === 0;
    record.version = version;
    record.opcode = hex2(opcode);
    record.opcode_name = plusOpcodeName(opcode);
    if ((opcode === 0x31 || opcode === 0x32) && length(message) >= opcodeAt + 5) {
      const code = u16(message, opcodeAt + 3);
      record.function_code = hex4(code);
      record.function_name = plusFunctionName(code);
    }
    this.emit.record('s7comm_plus', record);
  }
}

/** PLC Control: 28, seven bytes, the length of a block and the block, the length of the service's name and the name. */
function control(record: S7commRecord, parameters: Part): void {
  const { bytes, at, end } = parameters;
  if (length(parameters) < 10) return;
  const nameAt = at + 10 + u16(parameters, 8);
  if (nameAt >= end) return;
  const name = textOf(bytes, nameAt + 1, Math.min(end, nameAt + 1 + bytes[nameAt]!));
  record.subfunction_code = name;
  record.subfunction_name = serviceName(name);
}
