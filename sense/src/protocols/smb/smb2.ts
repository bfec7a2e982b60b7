/**
 * SMB 2 and 3 ([MS-SMB2]). A message is a chain of commands, each with its head:
 *
 *      0       4     6    8        12     14    16      20      24         32     36     40        48         64
 *     ┌───────┬─────┬────┬────────┬──────┬─────┬───────┬───────┬──────────┬──────┬──────┬─────────┬──────────┬──────────
 *     │ fe SMB│ 64  │    │ status │ cmd  │     │ flags │ next  │ message  │      │ tree │ session │ signature│ command …
 *     └───────┴─────┴────┴────────┴──────┴─────┴───────┴───────┴──────────┴──────┴──────┴─────────┴──────────┴──────────
 */

import type { Seconds } from '@forewarn/base/time';
import type { SmbMappingRecord } from '@forewarn/model/records/windows';
import type { Direction } from '../protocol.ts';
import { utf16Of } from '../utf16.ts';
import { fileTime, OpenFile, type Shares, type ShareType, type Tree } from './share.ts';
import type { Bulk } from './transfer.ts';

/** Requests under way in one flow; a server grants up to 8,192, clients use some dozens. */
export const pendingMax = 512;

/** Commands of one chain; clients join three to five. */
export const chainMax = 64;

export const headBytes = 64;

const SESSION_SETUP = 1;
const TREE_CONNECT = 3;
const TREE_DISCONNECT = 4;
const CREATE = 5;
const CLOSE = 6;
const READ = 8;
const WRITE = 9;
const IOCTL = 11;
const QUERY_DIRECTORY = 14;
const CHANGE_NOTIFY = 15;
const QUERY_INFO = 16;
const SET_INFO = 17;
const commandMax = 19;

const RESPONSE = 1;
const ASYNC = 2;
const RELATED = 4;

const PENDING = 0x103;
const BUFFER_OVERFLOW = 0x80000005;
const MORE_PROCESSING_REQUIRED = 0xc0000016;

/** CreateOptions FILE_DELETE_ON_CLOSE. */
const DELETE_ON_CLOSE = 0x1000;
/** FSCTL_PIPE_TRANSCEIVE: a question and its answer over a pipe. */
const PIPE_TRANSCEIVE = 0x0011c017;

const shareTypes: { readonly [code: number]: ShareType } = { 1: 'DISK', 2: 'PIPE', 3: 'PRINT' };

/** What a request asked, until its answer comes. */
type Request = {
  command: number;
  ts: Seconds;
  tree: Tree;
  file: OpenFile | undefined;
  path?: string;
  offset?: number;
  /** What is set on the file: a new name, its deletion, its attributes. */
  change?: { rename?: string; remove?: boolean; attributes?: true };
};

export class Smb2 {
  private readonly shares: Shares;
  private readonly bulk: [Bulk, Bulk];
  private readonly requests = new Map<number, Request>();
  /** The file of the last identifier, which is mostly that of the next one too. */
  private lastFile: OpenFile | undefined;
  private readonly lastId = new Uint8Array(16);

  constructor(shares: Shares, bulk: [Bulk, Bulk]) {
    this.shares = shares;
    this.bulk = bulk;
  }

  /**
   * How many bytes of a message are needed in one piece: of contents of files, what stands before them; of lists of folders, the
   * head. `start` is where the head begins, and at least 112 bytes or all of them are there.
   */
  shown(bytes: Uint8Array, start: number, end: number, length: number): number {
    if (end - start < headBytes || u32(bytes, start + 20) !== 0) return length;
    const response = (bytes[start + 16]! & RESPONSE) !== 0;
    switch (u16(bytes, start + 12)) {
      case READ: {
        if (!response || length < headBytes + 16) return length;
        const file = this.requests.get(messageId(bytes, start))?.file;
        return file?.isPipe ? length : Math.max(headBytes + 16, bytes[start + 66]!);
      }
      case WRITE: {
        if (response || length < headBytes + 48) return length;
        return this.fileAt(bytes, start + 80)?.isPipe ? length : Math.max(headBytes + 48, u16(bytes, start + 66));
      }
      case QUERY_DIRECTORY:
      case QUERY_INFO:
      case CHANGE_NOTIFY:
        return response ? Math.min(length, headBytes + 8) : length;
    }
    return length;
  }

  /** A message; `length` is its whole length, of which `bytes[start, end)` is shown. False where it is none. */
  message(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): boolean {
    let at = start;
    let tree: Tree | undefined;
    let file: OpenFile | undefined;
    for (let links = 0; links < chainMax; links++) {
      if (end - at < headBytes || bytes[at] !== 0xfe || u16(bytes, at + 4) !== 64) return links > 0;
      const command = u16(bytes, at + 12);
      if (command > commandMax) return links > 0;
      const flags = u32(bytes, at + 16);
      const next = u32(bytes, at + 20);
      const stop = next >= headBytes && at + next <= end ? at + next : end;
      const whole = next === 0 ? length - (at - start) : stop - at;
      // A related command goes on with the share and the file of the one before it.
      if ((flags & RELATED) === 0) file = undefined;
      if ((flags & RESPONSE) !== 0) {
        this.response(direction, command, flags, bytes, at, stop, whole, ts);
      } else {
        const id = (flags & ASYNC) !== 0 ? -1 : u32(bytes, at + 36);
        if ((flags & RELATED) === 0 || !tree)
          tree = id < 0 ? { path: undefined, type: 'DISK', known: false } : this.shares.tree(id);
        file = this.request(direction, command, bytes, at, stop, whole, tree, file, ts);
      }
      if (next < headBytes || at + next >= end) return true;
      at += next;
    }
    return true;
  }

  /** Answers the file that it is about. */
  private request(
    direction: Direction,
    command: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    length: number,
    tree: Tree,
    related: OpenFile | undefined,
    ts: Seconds,
  ): OpenFile | undefined {
    const body = at + headBytes;
    const request: Request = { command, ts, tree, file: undefined };
    switch (command) {
      case SESSION_SETUP:
        if (end - body >= 24) this.token(direction, bytes, at, end, u16(bytes, body + 12), u16(bytes, body + 14), ts);
        break;
      case TREE_CONNECT:
        if (end - body >= 8) request.path = textAt(bytes, at, end, u16(bytes, body + 4), u16(bytes, body + 6));
        break;
      case CREATE: {
        if (end - body < 56) break;
        const name = textAt(bytes, at, end, u16(bytes, body + 44), u16(bytes, body + 46));
        request.file = new OpenFile(tree, name === '' ? '<share_root>' : name);
        request.file.deleteOnClose = (u32(bytes, body + 40) & DELETE_ON_CLOSE) !== 0;
        break;
      }
      case CLOSE:
        if (end - body >= 24) request.file = this.fileAt(bytes, body + 8, related);
        break;
      case READ:
        if (end - body < 32) break;
        request.file = this.fileAt(bytes, body + 16, related);
        request.offset = u64(bytes, body + 8);
        break;
      case WRITE:
        if (end - body < 32) break;
        request.file = this.fileAt(bytes, body + 16, related);
        if (request.file)
          this.contents(
            request.file,
            direction,
            bytes,
            at,
            end,
            length,
            u16(bytes, body + 2),
            u32(bytes, body + 4),
            u64(bytes, body + 8),
            ts,
          );
        break;
      case IOCTL:
        if (end - body < 32 || u32(bytes, body + 4) !== PIPE_TRANSCEIVE) break;
        request.file = this.fileAt(bytes, body + 8, related);
        this.piped(request.file, direction, bytes, at, end, u32(bytes, body + 24), u32(bytes, body + 28), ts);
        break;
      case SET_INFO:
        if (end - body < 32) break;
        request.file = this.fileAt(bytes, body + 16, related);
        if (bytes[body + 2] === 1)
          request.change = changeOf(bytes, at, end, bytes[body + 3]!, u16(bytes, body + 8), u32(bytes, body + 4));
        break;
      case QUERY_DIRECTORY:
      case QUERY_INFO:
        return related;
      default:
        return related;
    }
    if (this.requests.size >= pendingMax) this.requests.delete(this.requests.keys().next().value!);
    this.requests.set(messageId(bytes, at), request);
    return request.file ?? related;
  }

  private response(
    direction: Direction,
    command: number,
    flags: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    length: number,
    ts: Seconds,
  ): void {
    const status = u32(bytes, at + 8);
    const body = at + headBytes;
    // An answer that says that the answer will come.
    if (status === PENDING && (flags & ASYNC) !== 0) return;
    if (command === SESSION_SETUP) {
      if (end - body >= 8) this.token(direction, bytes, at, end, u16(bytes, body + 4), u16(bytes, body + 6), ts);
      if (status !== MORE_PROCESSING_REQUIRED) this.shares.tokens.outcome(status === 0);
    }
    const id = messageId(bytes, at);
    const request = this.requests.get(id);
    if (!request || request.command !== command) return;
    this.requests.delete(id);
    const { file } = request;
    const failed = status >= 0xc0000000;
    switch (command) {
      case TREE_CONNECT: {
        if (status !== 0 || end - body < 16) return;
        const tree: Tree = { path: request.path, type: shareTypes[bytes[body + 2]!] ?? 'DISK', known: true };
        this.shares.setTree(u32(bytes, at + 36), tree);
        const record = this.shares.flow.head(request.ts) as SmbMappingRecord;
        if (request.path !== undefined) record.path = request.path;
        record.share_type = tree.type;
        this.shares.mapped(record);
        return;
      }
      case TREE_DISCONNECT:
        if (status === 0) this.shares.removeTree(u32(bytes, at + 36));
        return;
      case CREATE: {
        if (failed || !file || end - body < 80) return;
        const modified = fileTime(bytes, body + 24);
        if (modified > 0) {
          file.times = {
            modified,
            accessed: fileTime(bytes, body + 16),
            created: fileTime(bytes, body + 8),
            changed: fileTime(bytes, body + 32),
          };
        }
        file.size = u64(bytes, body + 48);
        this.shares.opened(keyOf(bytes, body + 64), file, ts);
        this.remember(bytes, body + 64, file);
        return;
      }
      case CLOSE:
        if (failed || !file) return;
        if (this.lastFile === file) this.lastFile = undefined;
        this.shares.closed(file, ts);
        return;
      case READ:
        if (failed || !file || end - body < 16) return;
        this.contents(file, direction, bytes, at, end, length, bytes[body + 2]!, u32(bytes, body + 4), request.offset ?? 0, ts);
        return;
      case IOCTL:
        if ((failed && status !== BUFFER_OVERFLOW) || !file || end - body < 40) return;
        this.piped(file, direction, bytes, at, end, u32(bytes, body + 32), u32(bytes, body + 36), ts);
        return;
      case SET_INFO: {
        const { change } = request;
        if (status !== 0 || !file || !change || file.isPipe) return;
        if (change.rename !== undefined) {
          const previous = file.name;
          file.name = change.rename;
          this.shares.tell(file, 'SMB::FILE_RENAME', ts, previous);
        } else if (change.remove === true) this.shares.tell(file, 'SMB::FILE_DELETE', ts);
        else if (change.remove === false) file.deleteOnClose = false;
      }
    }
  }

  /** Contents of a file or pipe, which stand `offset` bytes behind the head; what is not shown follows as bulk. */
  private contents(
    file: OpenFile,
    direction: Direction,
    bytes: Uint8Array,
    at: number,
    end: number,
    length: number,
    offset: number,
    size: number,
    place: number,
    ts: Seconds,
  ): void {
    if (offset < headBytes || offset > length) return;
    const count = Math.min(size, length - offset);
    const from = Math.min(at + offset, end);
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
    at: number,
    end: number,
    offset: number,
    size: number,
    ts: Seconds,
  ): void {
    if (!file || offset < headBytes) return;
    const from = Math.min(at + offset, end);
    this.shares.pipeData(file, direction, bytes, from, Math.min(from + size, end), ts);
  }

  private token(
    direction: Direction,
    bytes: Uint8Array,
    at: number,
    end: number,
    offset: number,
    size: number,
    ts: Seconds,
  ): void {
    if (size === 0 || offset < headBytes || at + offset + size > end) return;
    this.shares.tokens.token(direction, bytes, at + offset, at + offset + size, ts);
  }

  /** The file of the identifier at `at`; all ones mean the one of the command before. */
  private fileAt(bytes: Uint8Array, at: number, related?: OpenFile): OpenFile | undefined {
    if (at + 16 > bytes.length) return undefined;
    const { lastId } = this;
    let ones = true;
    let same = this.lastFile?.key !== undefined;
    for (let i = 0; i < 16; i++) {
      const byte = bytes[at + i]!;
      if (byte !== 0xff) ones = false;
      if (byte !== lastId[i]) same = false;
    }
    if (ones) return related;
    if (same) return this.lastFile;
    const file = this.shares.file(keyOf(bytes, at));
    if (file) this.remember(bytes, at, file);
    return file;
  }

  private remember(bytes: Uint8Array, at: number, file: OpenFile): void {
    for (let i = 0; i < 16; i++) this.lastId[i] = bytes[at + i]!;
    this.lastFile = file;
  }
}

/** FileRenameInformation, FileDispositionInformation(Ex), FileBasicInformation ([MS-FSCC] 2.4). */
function changeOf(bytes: Uint8Array, at: number, end: number, kind: number, offset: number, size: number): Request['change'] {
  const from = at + offset;
  if (offset < headBytes || from + Math.min(size, 1) > end) return undefined;
  switch (kind) {
    case 4:
      return { attributes: true };
    case 10:
      if (from + 20 > end) return undefined;
      return { rename: utf16Of(bytes, from + 20, Math.min(end, from + 20 + u32(bytes, from + 16))) };
    case 13:
    case 64:
      return { remove: (bytes[from]! & 1) !== 0 };
  }
  return undefined;
}

function textAt(bytes: Uint8Array, at: number, end: number, offset: number, size: number): string {
  return size === 0 || offset < headBytes ? '' : utf16Of(bytes, at + offset, Math.min(end, at + offset + size));
}

const keyOf = (bytes: Uint8Array, at: number): string => Buffer.prototype.latin1Slice.call(bytes, at, at + 16);

const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);

const u32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

const u64 = (bytes: Uint8Array, at: number): number => u32(bytes, at) + 4_294_967_296 * u32(bytes, at + 4);

const messageId = (bytes: Uint8Array, at: number): number => u64(bytes, at + 24);
