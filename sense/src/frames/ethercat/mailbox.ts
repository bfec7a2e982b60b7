/**
 * Mailbox messages within EtherCAT (ETG.1000.4 §5.6, ETG.1000.6 §5): objects, files, drives' parameters, ADS.
 *
 *      0         2         4       5       6
 *     ┌─────────┬─────────┬───────┬───────┬──────────┐
 *     │ length  │ address │channel│cnt│typ│ service… │
 *     └─────────┴─────────┴───────┴───────┴──────────┘
 *
 * Where a slave has its mailbox it is told when it starts, which a capture rarely has: a message is told by its form.
 */

import type { EcatAoeRecord, EcatCoeRecord, EcatFoeRecord, EcatSoeRecord } from '@forewarn/model/records/ethercat';
import { textOf } from '../../protocols/text.ts';
import type { FrameEmit } from '../frame.ts';
import { adsName, fileCommandName, hexadecimal } from './codes.ts';

const headBytes = 6;
const fileNameBytesMax = 255;

export const limits = [
  {
    name: 'ethercat.fileNameBytesMax',
    value: fileNameBytesMax,
    unit: 'bytes',
    why: 'Names of files that slaves take are some dozens of bytes; a longer one is cut.',
  },
] as const;

const two = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);
const four = (bytes: Uint8Array, at: number): number => (two(bytes, at) | (two(bytes, at + 2) << 16)) >>> 0;

/** Where the message in `bytes[start, end)` ends, or 0 where there is none. */
export function mailboxEnd(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < headBytes + 2) return 0;
  const length = two(bytes, start);
  const type = bytes[start + 5]! & 15;
  if (length < 4 || length > end - start - headBytes) return 0;
  // Channel and the highest bit of the counter are reserved.
  if ((bytes[start + 4]! & 0x3f) !== 0 || bytes[start + 5]! > 0x7f) return 0;
  const at = start + headBytes;
  if (type === 1) return length >= 32 && two(bytes, at + 16) < adsCommandsMax ? at + length : 0;
  if (type === 3) {
    const kind = bytes[at + 1]! >> 4;
    const known = kind >= 1 && kind <= 8 && (bytes[at + 1]! & 0x0e) === 0;
    return known && (kind > 3 || length >= 10) ? at + length : 0;
  }
  if (type === 4) return bytes[at]! >= 1 && bytes[at]! <= 6 && bytes[at + 1] === 0 && length >= 6 ? at + length : 0;
  if (type === 5) return (bytes[at]! & 7) >= 1 ? at + length : 0;
  return 0;
}

const adsCommandsMax = 10;

/** Writes the record of a message that `mailboxEnd` has found. */
export function readMailbox(emit: FrameEmit, slave: string, bytes: Uint8Array, start: number, end: number, ts: number): void {
  const at = start + headBytes;
  switch (bytes[start + 5]! & 15) {
    case 1: {
      const record: EcatAoeRecord = {
        ts,
        slave_id: slave,
        targetid: bytes.subarray(at, at + 6).join('.'),
        targetport: hexadecimal(two(bytes, at + 6)),
        senderid: bytes.subarray(at + 8, at + 14).join('.'),
        senderport: hexadecimal(two(bytes, at + 14)),
        cmd: adsName(two(bytes, at + 16)),
        stateflags: hexadecimal(two(bytes, at + 18)),
      };
      emit.record('ecat_aoe_info', record);
      return;
    }
    case 3: {
      const kind = bytes[at + 1]! >> 4;
      const record: EcatCoeRecord = {
        ts,
        slave_id: slave,
        number: hexadecimal(two(bytes, at) & 0x1ff),
        Type: hexadecimal(kind),
      };
      if (kind === 2 || kind === 3) {
        record.req_resp = hexadecimal(bytes[at + 2]!);
        record.index = hexadecimal(two(bytes, at + 3));
        record.subindex = hexadecimal(bytes[at + 5]!);
        record.dataoffset = hexadecimal(four(bytes, at + 6));
      }
      emit.record('ecat_coe_info', record);
      return;
    }
    case 4: {
      const opCode = fileCommandName(bytes[at]!);
      if (opCode === undefined) return;
      const record: EcatFoeRecord = { ts, slave_id: slave, opCode };
      if (opCode === 'Error') record.error_code = hexadecimal(four(bytes, at + 2));
      else {
        record.has_password = four(bytes, at + 2) !== 0;
        record.filename = textOf(bytes, at + 6, Math.min(end, at + 6 + fileNameBytesMax));
      }
      emit.record('ecat_foe_info', record);
      return;
    }
    case 5: {
      const first = bytes[at]!;
      const record: EcatSoeRecord = {
        ts,
        slave_id: slave,
        opCode: hexadecimal(first & 7),
        incomplete: hexadecimal((first >> 3) & 1),
        error: hexadecimal((first >> 4) & 1),
        drive_num: hexadecimal(first >> 5),
        element_flags: hexadecimal(bytes[at + 1]!),
        index: hexadecimal(two(bytes, at + 2)),
      };
      emit.record('ecat_soe_info', record);
      return;
    }
    default:
  }
}
