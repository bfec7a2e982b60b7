/** What a client holds of a server over SMB: the shares it connected to, the files and pipes it opened, and what passes through them. */

import type { Seconds } from '@forewarn/base/time';
import type { SmbFilesRecord, SmbMappingRecord } from '@forewarn/model/records/windows';
import { RpcStream } from '../dce_rpc/dce_rpc.ts';
import { SecurityTokens } from '../gssapi/gssapi.ts';
import type { Direction, Emit, FlowView } from '../protocol.ts';
import { Transfer } from './transfer.ts';

/** Shares that one flow is connected to; clients use a handful, terminal servers some dozens. */
export const treesMax = 256;

/** Files open at a time in one flow; Windows allows 16,384 a session, real clients hold some hundreds. */
export const filesMax = 2_048;

/** Files told lately, so that one opened again and again is told once. */
export const recentMax = 1_024;

export type ShareType = 'DISK' | 'PIPE' | 'PRINT';

export type Tree = { path: string | undefined; type: ShareType; known: boolean };

/** Last write, last access, creation, change: seconds since 1970. */
export type FileTimes = { modified: number; accessed: number; created: number; changed: number };

/** Names of pipes that tell themselves, where the connection to IPC$ was not seen (Zeek's SMB::pipe_filenames). */
const pipeNames: ReadonlySet<string> = new Set([
  'spoolss',
  'winreg',
  'samr',
  'srvsvc',
  'netdfs',
  'lsarpc',
  'wkssvc',
  'msftewds',
  'svcctl',
  'atsvc',
  'netlogon',
  'lsass',
  'epmapper',
  'browser',
  'eventlog',
  'ntsvcs',
  'efsrpc',
  'drsuapi',
  'dssetup',
]);

/** A file or pipe that was asked for, and is open once the server has given it an identifier. */
export class OpenFile {
  readonly tree: Tree | undefined;
  name: string;
  size = 0;
  times: FileTimes | undefined;
  fuid: string | undefined;
  deleteOnClose = false;
  key: string | number | undefined;
  readonly isPipe: boolean;
  /** Read from the server and written to it. */
  transfers: [Transfer | undefined, Transfer | undefined] = [undefined, undefined];
  rpc: RpcStream | undefined;

  constructor(tree: Tree | undefined, name: string) {
    this.tree = tree;
    this.name = name;
    this.isPipe = tree?.known ? tree.type === 'PIPE' : pipeNames.has(name.slice(name.lastIndexOf('\\') + 1).toLowerCase());
  }
}

/** What one flow of SMB knows, for both versions of the protocol. */
export class Shares {
  readonly flow: FlowView;
  readonly emit: Emit;
  readonly tokens: SecurityTokens;
  private readonly trees = new Map<number, Tree>();
  private readonly files = new Map<string | number, OpenFile>();
  private readonly recent = new Set<string>();
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
    this.tokens = new SecurityTokens(flow, emit);
  }

  /** The share of this number; one that was connected to before the capture began is not known. */
  tree(id: number): Tree {
    let tree = this.trees.get(id);
    if (!tree) this.setTree(id, (tree = { path: undefined, type: 'DISK', known: false }));
    return tree;
  }

  setTree(id: number, tree: Tree): void {
    if (this.trees.size >= treesMax) this.trees.delete(this.trees.keys().next().value!);
    this.trees.set(id, tree);
  }

  removeTree(id: number): void {
    this.trees.delete(id);
  }

  /** A share was granted. */
  mapped(record: SmbMappingRecord): void {
    this.emit.record('smb_mapping', record);
  }

  file(key: string | number): OpenFile | undefined {
    return this.files.get(key);
  }

  /** The server gave the file an identifier: it is open. */
  opened(key: string | number, file: OpenFile, ts: Seconds): void {
    const before = this.files.get(key);
    if (before) this.closed(before, ts);
    if (this.files.size >= filesMax) {
      this.closed(this.files.values().next().value!, ts);
      if (!this.told) this.emit.weird('smb_too_many_open_files', ts, String(filesMax));
      this.told = true;
    }
    file.key = key;
    this.files.set(key, file);
    if (file.isPipe) return;
    this.tell(file, file.tree?.type === 'PRINT' ? 'SMB::PRINT_OPEN' : 'SMB::FILE_OPEN', ts);
  }

  /** The file is closed: what passed of it is at its end. */
  closed(file: OpenFile, ts: Seconds): void {
    if (file.key !== undefined) this.files.delete(file.key);
    file.key = undefined;
    if (file.deleteOnClose) this.tell(file, 'SMB::FILE_DELETE', ts);
    if (file.tree?.type === 'PRINT') this.tell(file, 'SMB::PRINT_CLOSE', ts);
    this.end(file, ts, true);
  }

  /** Writes an `smb_files` record, unless the same was written lately. */
  tell(file: OpenFile, action: string, ts: Seconds, previous?: string): void {
    const { times, tree } = file;
    if (times) {
      const identity = `${action} ${file.fuid ?? ''} ${file.name} ${tree?.path ?? ''} ${file.size} ${times.modified} ${times.created} ${times.changed}`;
      if (this.recent.has(identity)) return;
      if (this.recent.size >= recentMax) this.recent.delete(this.recent.values().next().value!);
      this.recent.add(identity);
    }
    const record = this.flow.head(ts) as SmbFilesRecord;
    if (file.fuid !== undefined) record.fuid = file.fuid;
    record.action = action;
    if (tree?.path !== undefined) record.path = tree.path;
    record.name = file.name;
    record.size = file.size;
    if (previous !== undefined) record.prev_name = previous;
    if (times) {
      record['times.modified'] = times.modified;
      record['times.accessed'] = times.accessed;
      record['times.created'] = times.created;
      record['times.changed'] = times.changed;
    }
    this.emit.record('smb_files', record);
  }

  /** Bytes of a pipe. */
  pipeData(file: OpenFile, direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (end <= start) return;
    file.rpc ??= new RpcStream(this.flow, this.emit, file.name);
    file.rpc.data(direction, bytes, start, end, ts);
  }

  /**
   * The way on which bytes of the file pass in this direction. There is none for a file that is closed, or was given up: an answer
   * that comes late may not begin a stream that nobody would end.
   */
  transfer(file: OpenFile, direction: Direction, ts: Seconds): Transfer | undefined {
    if (file.key === undefined) return undefined;
    const open = file.transfers[direction];
    if (open) return open;
    const origin = { source: 'SMB', direction, ts, name: file.name };
    const stream = this.emit.file(direction === 1 && file.size > 0 ? { ...origin, totalBytes: file.size } : origin);
    file.fuid = stream.id;
    return (file.transfers[direction] = new Transfer(stream));
  }

  finish(ts: Seconds): void {
    for (const file of this.files.values()) this.end(file, ts, false);
    this.files.clear();
    this.tokens.finish();
  }

  private end(file: OpenFile, ts: Seconds, closed: boolean): void {
    const [written, read] = file.transfers;
    written?.end(ts, closed);
    // What is read is whole when its stated size was reached, whoever closes it and when.
    read?.end(ts, file.size > 0 ? read.reached >= file.size : closed);
    file.transfers = [undefined, undefined];
    file.rpc?.finish(ts);
    file.rpc = undefined;
  }
}

/** 100 ns since 1601 ([MS-DTYP] 2.3.3) as seconds since 1970; 0 for none. */
export function fileTime(bytes: Uint8Array, at: number): number {
  const low = (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  const high = (bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24)) >>> 0;
  if (low === 0 && high === 0) return 0;
  // A double cannot hold so many units of 100 ns, but it holds microseconds.
  const micros = (BigInt(high) * 4_294_967_296n + BigInt(low)) / 10n - 11_644_473_600_000_000n;
  return Number(micros) / 1e6;
}
