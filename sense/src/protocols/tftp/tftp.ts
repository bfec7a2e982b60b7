/**
 * TFTP, written as the Zeek project's package spicy-tftp writes it: one `tftp` record a request, and the file as it passes.
 *
 *     client:p ──▶ server:69    request: opcode, name, mode, options                RFC 1350 §5, RFC 2347
 *     server:q ──▶ client:p     DATA or ACK, block by block, from a port of its own (§4): another flow, which is announced
 *     server:69 ──▶ client:p    the same, from servers that keep their port
 */

import type { Seconds } from '@forewarn/base/time';
import type { TftpRecord } from '@forewarn/model/records/tftp';
import type { FileStream } from '../../files/files.ts';
import type { Direction, Emit, ExpectedFlow, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { textOf } from '../text.ts';

const nameBytesMax = 255;
const messageBytesMax = 255;
const lostBlocksMax = 1_024;
const answerSecondsMax = 60;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'tftp.nameBytesMax',
    value: nameBytesMax,
    unit: 'bytes',
    why: 'A file name as long as file systems take; what is longer is cut.',
  },
  { name: 'tftp.messageBytesMax', value: messageBytesMax, unit: 'bytes', why: 'The words of an error; what is longer is cut.' },
  {
    name: 'tftp.lostBlocksMax',
    value: lostBlocksMax,
    unit: 'blocks',
    why: 'A block number ahead by no more counts as loss, by more as a repetition: sixteen times the usual greatest window (RFC 7440).',
  },
  {
    name: 'tftp.answerSecondsMax',
    value: answerSecondsMax,
    unit: 's',
    why: "How long the server's own port is waited for, as spicy-tftp waits.",
  },
] as const;

// Opcodes (RFC 1350 §5, RFC 2347).
const READ = 1;
const WRITE = 2;
const DATA = 3;
const ACK = 4;
const OACK = 6;

/** One file on its way, shared by the flow that asked for it and the flow that carries it. */
class Transfer {
  readonly record: TftpRecord;
  blockBytes = 512;
  totalBytes: number | undefined = undefined;
  /** The last block was sent. */
  complete = false;
  written = false;
  /** Another flow carries the file, and its end is the transfer's. */
  elsewhere = false;
  file: FileStream | undefined = undefined;

  constructor(record: TftpRecord) {
    this.record = record;
  }
}

/** What was announced for which transfer; forgotten with the announcement. */
const announcements = new WeakMap<ExpectedFlow, Transfer>();

class TftpParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private transfer: Transfer | undefined = undefined;
  /** This is the flow that was announced. */
  private carries = false;
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
    const transfer = flow.announced && announcements.get(flow.announced);
    if (!transfer || transfer.written) return;
    this.transfer = transfer;
    this.carries = true;
    transfer.elsewhere = true;
    transfer.record.uid_data = flow.uid;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const opcode = end - start >= 4 && bytes[start] === 0 ? bytes[start + 1]! : 0;
    if (opcode < READ || opcode > OACK) {
      if (!this.told) this.emit.weird('TFTP_malformed_message', ts);
      this.told = true;
      return;
    }
    this.confirm();
    if (opcode <= WRITE) {
      this.request(opcode === WRITE, bytes, start + 2, end, ts);
      return;
    }
    const { transfer } = this;
    if (!transfer || transfer.written) return;
    const number = (bytes[start + 2]! << 8) | bytes[start + 3]!;
    if (opcode === DATA) this.block(transfer, direction, number, bytes, start + 4, end, ts);
    else if (opcode === ACK) this.acknowledged(transfer, number, ts);
    else if (opcode === OACK) options(transfer, bytes, start + 2, end);
    else {
      transfer.record.error_code = number;
      transfer.record.error_msg = textOf(bytes, start + 4, Math.min(textEnd(bytes, start + 4, end), start + 4 + messageBytesMax));
      this.write(transfer, ts);
    }
  }

  gap(): void {}

  finish(ts: Seconds): void {
    const { transfer } = this;
    if (!transfer) return;
    // The flow that asked is over sooner than the one that carries the file.
    if (transfer.elsewhere && !this.carries) return;
    this.write(transfer, ts);
  }

  private request(write: boolean, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const nameEnd = textEnd(bytes, start, end);
    const modeEnd = textEnd(bytes, nameEnd + 1, end);
    const name = textOf(bytes, start, Math.min(nameEnd, start + nameBytesMax));
    const mode = nameEnd < end ? textOf(bytes, nameEnd + 1, Math.min(modeEnd, nameEnd + 1 + nameBytesMax)) : '';
    const before = this.transfer;
    if (before && !before.written) {
      // A client that hears nothing repeats itself.
      if (before.record.fname === name && before.record.block_sent === 0) return;
      if (!before.elsewhere) this.write(before, ts);
    }
    const record = this.flow.head(ts) as TftpRecord;
    record.wrq = write;
    record.fname = name;
    record.mode = mode;
    record.size = 0;
    record.block_sent = 0;
    record.block_acked = 0;
    const transfer = new Transfer(record);
    this.transfer = transfer;
    const announcement: ExpectedFlow = {
      transport: 'udp',
      host: record['id.orig_h'],
      port: record['id.orig_p'],
      service: 'tftp',
      until: ts + answerSecondsMax,
    };
    announcements.set(announcement, transfer);
    this.emit.expect(announcement);
  }

  private block(
    transfer: Transfer,
    direction: Direction,
    number: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    ts: Seconds,
  ): void {
    const { record } = transfer;
    if (transfer.complete) return;
    // Numbers have sixteen bits and begin anew in long files.
    const ahead = (number - record.block_sent - 1) & 0xffff;
    if (ahead > lostBlocksMax) return;
    const { fname: name } = record;
    const { totalBytes } = transfer;
    transfer.file ??= this.emit.file({
      source: 'TFTP',
      direction,
      ts,
      name,
      ...(totalBytes === undefined ? {} : { totalBytes }),
    });
    if (ahead > 0) transfer.file.gap(ahead * transfer.blockBytes, ts);
    transfer.file.data(bytes, start, end, ts);
    record.block_sent += ahead + 1;
    record.size += end - start;
    if (end - start < transfer.blockBytes) {
      transfer.complete = true;
      transfer.file.end(ts);
    }
  }

  private acknowledged(transfer: Transfer, number: number, ts: Seconds): void {
    const { record } = transfer;
    const behind = (record.block_sent - number) & 0xffff;
    const block = record.block_sent - behind;
    if (block < record.block_acked) return;
    record.block_acked = block;
    if (transfer.complete && behind === 0) this.write(transfer, ts);
  }

  private write(transfer: Transfer, ts: Seconds): void {
    if (transfer.written) return;
    transfer.written = true;
    if (transfer.file && !transfer.complete) transfer.file.end(ts, false);
    transfer.file = undefined;
    this.emit.record('tftp', transfer.record);
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm();
  }
}

/** What the server agrees to (RFC 2347): the size of blocks (RFC 2348) and of the file (RFC 2349). */
function options(transfer: Transfer, bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end;) {
    const nameEnd = textEnd(bytes, at, end);
    const valueEnd = textEnd(bytes, nameEnd + 1, end);
    // Names and numbers that are looked at are short.
    if (nameEnd - at <= 8 && valueEnd - nameEnd <= 16) {
      const name = textOf(bytes, at, nameEnd).toLowerCase();
      const value = Number(textOf(bytes, nameEnd + 1, valueEnd));
      if (name === 'blksize' && value >= 8 && value <= 65_464) transfer.blockBytes = value;
      if (name === 'tsize' && Number.isSafeInteger(value) && value > 0) transfer.totalBytes = value;
    }
    at = valueEnd + 1;
  }
}

/** Where the zero byte behind a text stands, or the end. */
function textEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== 0) at++;
  return Math.min(at, end);
}

/** The first letters of the modes in lower case: netascii, octet, mail. */
const modes = ['netascii', 'octet', 'mail'];

function probe(bytes: Uint8Array, start: number, end: number, direction: Direction, usualPort: boolean): Probe {
  if (bytes[start] !== 0 || end - start < 4) return 'no';
  const opcode = bytes[start + 1]!;
  if (opcode < READ || opcode > OACK || (opcode > WRITE && !usualPort)) return 'no';
  if (opcode > WRITE) return 'yes';
  if (direction !== 0) return 'no';
  const nameEnd = textEnd(bytes, start + 2, end);
  if (nameEnd === start + 2 || nameEnd >= end) return 'no';
  if (usualPort) return 'yes';
  const modeEnd = textEnd(bytes, nameEnd + 1, end);
  return modeEnd < end && modes.some((mode) => equals(bytes, nameEnd + 1, modeEnd, mode)) ? 'yes' : 'no';
}

/** Whether the bytes are the given lower-case letters, in whatever case. */
function equals(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if ((bytes[start + i]! | 0x20) !== text.charCodeAt(i)) return false;
  return true;
}

export const tftp: Protocol = {
  service: 'tftp',
  logs: ['tftp', 'files'],
  transports: ['udp'],
  ports: [69],
  probe,
  open: (flow, emit) => new TftpParser(flow, emit),
};
