/**
 * SMB 1, also called CIFS ([MS-CIFS], [MS-SMB]). Behind the head stand the words and the bytes of the command; commands with AndX
 * form a chain, each naming the next and its place:
 *
 *      0       4     5        9       10       12     24    26    28    30    32    33         33 + 2n
 *     ┌───────┬─────┬────────┬───────┬────────┬──────┬─────┬─────┬─────┬─────┬─────┬──────────┬───────┬────────
 *     │ ff SMB│ cmd │ status │ flags │ flags2 │ …    │ tid │ pid │ uid │ mid │ n   │ n words  │ count │ bytes …
 *     └───────┴─────┴────────┴───────┴────────┴──────┴─────┴─────┴─────┴─────┴─────┴──────────┴───────┴────────
 */

import type { Seconds } from '@forewarn/base/time';
import type { SmbMappingRecord } from '@forewarn/model/records/windows';
import type { Direction } from '../protocol.ts';
import { textOf } from '../text.ts';
import { utf16Of } from '../utf16.ts';
import { fileTime, OpenFile, type Shares, type Tree } from './share.ts';
import type { Bulk } from './transfer.ts';

/** Requests under way in one flow; SMB1 negotiates at most 50 (MaxMpxCount). */
export const pendingMax = 256;

/** Commands of one chain; [MS-CIFS] 2.2.3.4 allows what fits, clients join two or three. */
export const chainMax = 16;

export const headBytes = 32;

const CLOSE = 0x04;
const DELETE = 0x06;
const RENAME = 0x07;
const TRANSACTION = 0x25;
const READ_ANDX = 0x2e;
const WRITE_ANDX = 0x2f;
const TRANSACTION2 = 0x32;
const TREE_DISCONNECT = 0x71;
const SESSION_SETUP_ANDX = 0x73;
const LOGOFF_ANDX = 0x74;
const TREE_CONNECT_ANDX = 0x75;
const OPEN_ANDX = 0x2d;
const LOCKING_ANDX = 0x24;
const NT_CREATE_ANDX = 0xa2;
const none = 0xff;

const chained: ReadonlySet<number> = new Set([
  READ_ANDX,
  WRITE_ANDX,
  SESSION_SETUP_ANDX,
  LOGOFF_ANDX,
  TREE_CONNECT_ANDX,
  OPEN_ANDX,
  LOCKING_ANDX,
  NT_CREATE_ANDX,
]);

/** The named pipe function of a transaction that asks and is answered. */
const TRANSACT_NAMED_PIPE = 0x26;

/** Subcommand of TRANSACTION2, and its kinds that are read; those above 1,000 are kinds of [MS-FSCC] passed through. */
const SET_FILE_INFORMATION = 0x08;
const SET_DISPOSITION = 0x102;
const PASS_DISPOSITION = 1_013;
const PASS_RENAME = 1_010;

const MORE_PROCESSING_REQUIRED = 0xc0000016;

type Request = {
  ts: Seconds;
  path?: string;
  service?: string;
  file?: OpenFile | undefined;
  offset?: number;
  /** Of a file that is renamed or deleted by its name. */
  name?: string;
  /** The new name. */
  to?: string;
  remove?: boolean;
};

export class Smb1 {
  private readonly shares: Shares;
  private readonly bulk: [Bulk, Bulk];
  /** By multiplex identifier and command: the links of a chain share the identifier. */
  private readonly requests = new Map<number, Request>();
  private told = false;

  constructor(shares: Shares, bulk: [Bulk, Bulk]) {
    this.shares = shares;
    this.bulk = bulk;
  }

  /** How many bytes of a message are needed in one piece; at least 112 of them or all are there. */
  shown(bytes: Uint8Array, start: number, end: number, length: number): number {
    if (end - start < 60) return length;
    const response = (bytes[start + 9]! & 0x80) !== 0;
    const words = bytes[start + 32]!;
    switch (bytes[start + 4]) {
      case READ_ANDX: {
        if (!response || words < 12 || bytes[start + 33] !== none) return length;
        const file = this.requests.get(this.keyOf(bytes, start, READ_ANDX))?.file;
        return file?.isPipe ? length : Math.max(59, u16(bytes, start + 45));
      }
      case WRITE_ANDX: {
        if (response || words < 12 || bytes[start + 33] !== none) return length;
        return this.shares.file(u16(bytes, start + 37))?.isPipe ? length : Math.max(59, u16(bytes, start + 55));
      }
      case TRANSACTION2:
        return response ? Math.min(length, headBytes + 24) : length;
    }
    return length;
  }

  /** A message; false where it is none. */
  message(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): boolean {
    if (end - start < headBytes + 3) return false;
    const response = (bytes[start + 9]! & 0x80) !== 0;
    let command = bytes[start + 4]!;
    let at = start + headBytes;
    for (let links = 0; links < chainMax; links++) {
      const words = bytes[at]!;
      if (at + 3 + 2 * words > end) return links > 0;
      if (response) this.response(direction, command, bytes, start, at + 1, end, length, words, ts);
      else this.request(direction, command, bytes, start, at + 1, end, length, words, ts);
      if (!chained.has(command) || words < 2) return true;
      command = bytes[at + 1]!;
      if (command === none) return true;
      const next = start + u16(bytes, at + 3);
      if (next <= at) {
        // A chain that does not move on would be read for ever.
        if (!this.told) this.shares.emit.weird('smb_andx_offset_not_advancing', ts);
        this.told = true;
        return true;
      }
      if (next + 3 > end) return true;
      at = next;
    }
    return true;
  }

  /** `at`: the first word. */
  private request(
    direction: Direction,
    command: number,
    bytes: Uint8Array,
    start: number,
    at: number,
    end: number,
    length: number,
    words: number,
    ts: Seconds,
  ): void {
    const tree = this.shares.tree(u16(bytes, start + 24));
    const unicode = (bytes[start + 11]! & 0x80) !== 0;
    // The bytes of the command stand behind its words and their own count.
    const data = at + 2 * words + 2;
    const request: Request = { ts };
    switch (command) {
      case SESSION_SETUP_ANDX:
        // Twelve words carry a token, thirteen passwords, which are never read.
        if (words !== 12) return;
        this.token(direction, bytes, data, end, u16(bytes, at + 14), ts);
        return;
      case TREE_CONNECT_ANDX: {
        if (words < 4) return;
        const from = data + u16(bytes, at + 6);
        const [path, behind] = this.text(bytes, start, from, end, unicode);
        request.path = path;
        request.service = textOf(bytes, behind, zeroAt(bytes, behind, Math.min(end, behind + 32)));
        break;
      }
      case NT_CREATE_ANDX: {
        if (words < 24) return;
        const size = u16(bytes, at + 5);
        const from = unicode && ((data - start) & 1) !== 0 ? data + 1 : data;
        const stop = Math.min(end, from + size);
        const name = unicode ? utf16Of(bytes, from, stop) : textOf(bytes, from, zeroAt(bytes, from, stop));
        request.file = new OpenFile(tree, orRoot(name));
        request.file.deleteOnClose = (u32(bytes, at + 39) & 0x1000) !== 0;
        break;
      }
      case OPEN_ANDX: {
        if (words < 15) return;
        const [name] = this.text(bytes, start, data, end, unicode);
        request.file = new OpenFile(tree, orRoot(name));
        break;
      }
      case READ_ANDX:
        if (words < 10) return;
        request.file = this.shares.file(u16(bytes, at + 4));
        request.offset = u32(bytes, at + 6) + (words >= 12 ? 4_294_967_296 * u32(bytes, at + 20) : 0);
        break;
      case WRITE_ANDX: {
        if (words < 12) return;
        const file = this.shares.file(u16(bytes, at + 4));
        if (!file) return;
        const place = u32(bytes, at + 6) + (words >= 14 ? 4_294_967_296 * u32(bytes, at + 24) : 0);
        const size = u16(bytes, at + 20) + 65_536 * u16(bytes, at + 18);
        this.contents(file, direction, bytes, start, end, length, u16(bytes, at + 22), size, place, ts);
        return;
      }
      case CLOSE:
        if (words < 1) return;
        request.file = this.shares.file(u16(bytes, at));
        break;
      case DELETE: {
        // Each text of these old commands has a byte before it that says what it is.
        const [name] = this.text(bytes, start, data + 1, end, unicode);
        request.name = name;
        break;
      }
      case RENAME: {
        const [name, behind] = this.text(bytes, start, data + 1, end, unicode);
        request.name = name;
        request.to = this.text(bytes, start, behind + 1, end, unicode)[0];
        break;
      }
      case TRANSACTION: {
        // Fourteen words and the setup: function and identifier of the pipe ([MS-CIFS] 2.2.5.6).
        if (words < 16 || u16(bytes, at + 28) !== TRANSACT_NAMED_PIPE) return;
        request.file = this.shares.file(u16(bytes, at + 30)) ?? this.pipeOf(tree, u16(bytes, at + 30), ts);
        this.piped(request.file, direction, bytes, start, end, u16(bytes, at + 24), u16(bytes, at + 22), ts);
        break;
      }
      case TRANSACTION2:
        if (words < 15 || u16(bytes, at + 28) !== SET_FILE_INFORMATION) return;
        this.change(request, bytes, start, end, start + u16(bytes, at + 20), start + u16(bytes, at + 24));
        break;
      case TREE_DISCONNECT:
        break;
      default:
        return;
    }
    if (this.requests.size >= pendingMax) this.requests.delete(this.requests.keys().next().value!);
    this.requests.set(this.keyOf(bytes, start, command), request);
  }

  private response(
    direction: Direction,
    command: number,
    bytes: Uint8Array,
    start: number,
    at: number,
    end: number,
    length: number,
    words: number,
    ts: Seconds,
  ): void {
    const status = u32(bytes, start + 5);
    const unicode = (bytes[start + 11]! & 0x80) !== 0;
    const data = at + 2 * words + 2;
    if (command === SESSION_SETUP_ANDX) {
      if (words >= 4) this.token(direction, bytes, data, end, u16(bytes, at + 6), ts);
      if (status !== MORE_PROCESSING_REQUIRED) this.shares.tokens.outcome(status === 0);
      return;
    }
    const key = this.keyOf(bytes, start, command);
    const request = this.requests.get(key);
    if (!request) return;
    this.requests.delete(key);
    const tid = u16(bytes, start + 24);
    const { file } = request;
    // Warnings, as of a pipe that has more, are no failures; without 32-bit status any class of error is one.
    const failed = (bytes[start + 11]! & 0x40) !== 0 ? status >= 0xc0000000 : status !== 0;
    if (failed) return;
    switch (command) {
      case TREE_CONNECT_ANDX: {
        if (words < 2) return;
        const stop = zeroAt(bytes, data, end);
        const service = textOf(bytes, data, Math.min(stop, data + 32));
        const [system] = this.text(bytes, start, stop + 1, end, unicode);
        const type = service === 'IPC' ? 'PIPE' : service === 'LPT1:' ? 'PRINT' : 'DISK';
        this.shares.setTree(tid, { path: request.path, type, known: true });
        const record = this.shares.flow.head(request.ts) as SmbMappingRecord;
        if (request.path !== undefined) record.path = request.path;
        if (service !== '') record.service = service;
        if (system !== '') record.native_file_system = system;
        record.share_type = type;
        this.shares.mapped(record);
        return;
      }
      case TREE_DISCONNECT:
        this.shares.removeTree(tid);
        return;
      case NT_CREATE_ANDX: {
        if (words < 34 || !file) return;
        const modified = fileTime(bytes, at + 27);
        if (modified > 0) {
          file.times = {
            modified,
            accessed: fileTime(bytes, at + 19),
            created: fileTime(bytes, at + 11),
            changed: fileTime(bytes, at + 35),
          };
        }
        file.size = u32(bytes, at + 55) + 4_294_967_296 * u32(bytes, at + 59);
        this.shares.opened(u16(bytes, at + 5), file, ts);
        return;
      }
      case OPEN_ANDX:
        if (words < 15 || !file) return;
        // The only time that this old command tells is that of the last write; the others are not known.
        file.size = u32(bytes, at + 12);
        this.shares.opened(u16(bytes, at + 4), file, ts);
        return;
      case TRANSACTION2:
        if (!file) return;
        if (request.to !== undefined) {
          const previous = file.name;
          file.name = request.to;
          this.shares.tell(file, 'SMB::FILE_RENAME', ts, previous);
        } else if (request.remove) this.shares.tell(file, 'SMB::FILE_DELETE', ts);
        return;
      case CLOSE:
        if (file) this.shares.closed(file, ts);
        return;
      case READ_ANDX: {
        if (words < 12 || !file) return;
        const size = u16(bytes, at + 10) + 65_536 * u16(bytes, at + 14);
        this.contents(file, direction, bytes, start, end, length, u16(bytes, at + 12), size, request.offset ?? 0, ts);
        return;
      }
      case TRANSACTION:
        if (words >= 10) this.piped(file, direction, bytes, start, end, u16(bytes, at + 14), u16(bytes, at + 12), ts);
        return;
      case DELETE:
      case RENAME: {
        if (request.name === undefined) return;
        const gone = new OpenFile(this.shares.tree(tid), request.to ?? request.name);
        if (command === DELETE) this.shares.tell(gone, 'SMB::FILE_DELETE', ts);
        else this.shares.tell(gone, 'SMB::FILE_RENAME', ts, request.name);
      }
    }
  }

  /** TRANS2_SET_FILE_INFORMATION ([MS-CIFS] 2.2.6.9, [MS-SMB] 2.2.2.3.5): identifier and kind in the parameters, what is set in the data. */
  private change(request: Request, bytes: Uint8Array, start: number, end: number, parameters: number, data: number): void {
    if (parameters < start + headBytes || parameters + 4 > end || data < start + headBytes || data >= end) return;
    const kind = u16(bytes, parameters + 2);
    const file = this.shares.file(u16(bytes, parameters));
    if (kind === SET_DISPOSITION || kind === PASS_DISPOSITION) {
      request.file = file;
      request.remove = (bytes[data]! & 1) !== 0;
    } else if (kind === PASS_RENAME && data + 12 <= end) {
      request.file = file;
      request.to = utf16Of(bytes, data + 12, Math.min(end, data + 12 + u32(bytes, data + 8)));
    }
  }

  /** A pipe whose opening was not seen. */
  private pipeOf(tree: Tree, key: number, ts: Seconds): OpenFile {
    const file = new OpenFile({ path: tree.path, type: 'PIPE', known: true }, '');
    this.shares.opened(key, file, ts);
    return file;
  }

  private contents(
    file: OpenFile,
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    offset: number,
    size: number,
    place: number,
    ts: Seconds,
  ): void {
    if (offset < headBytes || offset > length) return;
    const count = Math.min(size, length - offset);
    const from = Math.min(start + offset, end);
    const to = Math.min(from + count, end);
    if (count === 0) return;
    if (file.isPipe) {
      this.shares.pipeData(file, direction, bytes, from, to, ts);
      return;
    }
    const transfer = this.shares.transfer(file, direction, ts);
    if (transfer) this.bulk[direction].begin(transfer, place, count, bytes, from, to, ts);
  }

  private piped(
    file: OpenFile | undefined,
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    end: number,
    offset: number,
    size: number,
    ts: Seconds,
  ): void {
    if (!file || offset < headBytes) return;
    const from = Math.min(start + offset, end);
    this.shares.pipeData(file, direction, bytes, from, Math.min(from + size, end), ts);
  }

  private token(direction: Direction, bytes: Uint8Array, from: number, end: number, size: number, ts: Seconds): void {
    if (size > 0 && from + size <= end) this.shares.tokens.token(direction, bytes, from, from + size, ts);
  }

  /** A text that ends with zero, and where the next field begins; UTF-16 stands at even places of the message. */
  private text(bytes: Uint8Array, start: number, from: number, end: number, unicode: boolean): [string, number] {
    if (!unicode) {
      const stop = zeroAt(bytes, from, end);
      return [textOf(bytes, Math.min(from, stop), Math.min(stop, from + 4_096)), stop + 1];
    }
    const even = from + ((from - start) & 1);
    let stop = even;
    while (stop + 1 < end && (bytes[stop] !== 0 || bytes[stop + 1] !== 0)) stop += 2;
    return [utf16Of(bytes, even, stop), stop + 2];
  }

  private keyOf(bytes: Uint8Array, start: number, command: number): number {
    return (u16(bytes, start + 30) << 8) | command;
  }
}

function zeroAt(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== 0) at++;
  return at;
}

/** The root of a share is named by nothing, or by the sign that every other name begins with. */
const orRoot = (name: string): string => (name === '' || name === '\\' ? '<share_root>' : name);

const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);

const u32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
