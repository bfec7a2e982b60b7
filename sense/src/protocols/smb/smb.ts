/**
 * SMB over TCP (port 445) and over the session service of NetBIOS (port 139), versions 1 to 3, written as Zeek's `smb_files.log`
 * and `smb_mapping.log` write it. Remote calls over pipes become `dce_rpc`, logins `ntlm` or `kerberos`, contents of files `files`.
 *
 *     ┌──────┬────────────┬───────────────────────────────────────┐
 *     │ 0    │ length (3) │ ff SMB │ fe SMB │ fd SMB (encrypted)   │   [MS-SMB2] 2.1, RFC 1002 §4.3
 *     └──────┴────────────┴───────────────────────────────────────┘
 *       81 session request, 82 to 84 its answers, 85 keep alive
 */

import type { Seconds } from '@forewarn/base/time';
import { type FrameTaker, Frames } from '../frames.ts';
import { encodedName } from '../netbiosssn/names.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { filesMax, recentMax, Shares, treesMax } from './share.ts';
import { chainMax as chain1Max, pendingMax as pending1Max, Smb1 } from './smb1.ts';
import { chainMax as chain2Max, pendingMax as pending2Max, Smb2 } from './smb2.ts';
import { aheadBytesMax, aheadBytesTotalMax, aheadPiecesMax, Bulk } from './transfer.ts';

/** Messages are read whole up to here, contents of files excepted: a token has at most 65,535 bytes, a call over a pipe as many. */
const messageBytesMax = 73_728;

/** What tells how much of a message is needed. */
const decideBytes = 4 + 112;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'smb.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes per direction',
    why: 'A token has at most 65,535 bytes, a call over a pipe as many; contents of files are handed on as they pass.',
  },
  {
    name: 'smb.treesMax',
    value: treesMax,
    unit: 'shares per flow',
    why: 'Clients use a handful, terminal servers some dozens; the oldest is forgotten.',
  },
  {
    name: 'smb.filesMax',
    value: filesMax,
    unit: 'open files per flow',
    why: 'Windows allows 16,384 a session, clients hold some hundreds; the oldest counts as closed.',
  },
  {
    name: 'smb.recentMax',
    value: recentMax,
    unit: 'files per flow',
    why: 'Files told lately, so that one opened again and again is told once, as in Zeek.',
  },
  {
    name: 'smb.pending2Max',
    value: pending2Max,
    unit: 'unanswered requests per flow, SMB 2',
    why: 'Clients use some dozens of the credits that a server grants; the oldest is forgotten.',
  },
  {
    name: 'smb.pending1Max',
    value: pending1Max,
    unit: 'unanswered requests per flow, SMB 1',
    why: 'At most 50 are negotiated; the oldest is forgotten.',
  },
  {
    name: 'smb.chain2Max',
    value: chain2Max,
    unit: 'commands of one message, SMB 2',
    why: 'Clients join three to five; those beyond are not read.',
  },
  {
    name: 'smb.chain1Max',
    value: chain1Max,
    unit: 'commands of one message, SMB 1',
    why: 'Clients join two or three; those beyond are not read.',
  },
  {
    name: 'smb.aheadBytesMax',
    value: aheadBytesMax,
    unit: 'bytes per file',
    why: 'Pieces of a file that came before those in front of them: eight of 1 MB, the largest that Windows asks for by itself.',
  },
  {
    name: 'smb.aheadPiecesMax',
    value: aheadPiecesMax,
    unit: 'pieces per file',
    why: 'Windows keeps at most 64 requests for one file under way; beyond it the hole counts as missing.',
  },
  {
    name: 'smb.aheadBytesTotalMax',
    value: aheadBytesTotalMax,
    unit: 'bytes of all files',
    why: 'As much as the engine holds of TCP payload above holes; beyond it holes count as missing.',
  },
] as const;

class SmbParser implements ProtocolParser, FrameTaker {
  private readonly emit: Emit;
  private readonly shares: Shares;
  private readonly sides: readonly [Frames, Frames] = [new Frames(messageBytesMax), new Frames(messageBytesMax)];
  private readonly bulk: [Bulk, Bulk] = [new Bulk(), new Bulk()];
  private smb1: Smb1 | undefined;
  private smb2: Smb2 | undefined;
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.emit = emit;
    this.shares = new Shares(flow, emit);
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.sides[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.sides[direction].gap(this, direction, length, ts);
  }

  finish(ts: Seconds): void {
    this.shares.finish(ts);
    for (const direction of [0, 1] as const) {
      this.sides[direction].stop();
      this.bulk[direction].end();
    }
  }

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    const type = bytes[start]!;
    if (type !== 0 && (type < 0x81 || type > 0x85)) return -1;
    if (end - start < 4) return 0;
    const length = (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!;
    if (type !== 0) return length > 1_024 ? -1 : 4 + length;
    if (length === 0) return 4;
    if (end - start < 8) return 0;
    return isSmb(bytes, start + 4) ? 4 + length : -1;
  }

  frameShown(bytes: Uint8Array, start: number, end: number, length: number): number {
    if (bytes[start] !== 0 || length === 4) return length;
    const version = bytes[start + 4]!;
    // What is encrypted or compressed stays closed; its head is enough.
    if (version < 0xfe) return Math.min(length, 8);
    if (end - start < Math.min(length, decideBytes)) return 0;
    return 4 + this.version(version).shown(bytes, start + 4, end, length - 4);
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    this.bulk[direction].end();
    if (bytes[start] !== 0) {
      this.session(bytes, start, end);
      return;
    }
    if (length === 4) return;
    this.confirm();
    const version = bytes[start + 4]!;
    if (version < 0xfe) return;
    if (!this.version(version).message(direction, bytes, start + 4, end, length - 4, ts)) this.odd('smb_bad_message', ts);
  }

  frameRest(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.bulk[direction].data(bytes, start, end, ts);
  }

  frameMissing(direction: Direction, length: number, ts: Seconds): void {
    this.bulk[direction].missing(length, ts);
  }

  frameLost(direction: Direction, gap: boolean, ts: Seconds): void {
    this.bulk[direction].end();
    if (!gap) this.odd('smb_bad_message', ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return end - start >= 8 && bytes[start] === 0 && isSmb(bytes, start + 4);
  }

  private version(first: number): Smb1 | Smb2 {
    if (first === 0xfe) return (this.smb2 ??= new Smb2(this.shares, this.bulk));
    return (this.smb1 ??= new Smb1(this.shares, this.bulk));
  }

  /** A session request names who calls whom (RFC 1002 §4.3.2): the service of NetBIOS is sure. */
  private session(bytes: Uint8Array, start: number, end: number): void {
    if (bytes[start] === 0x81 && encodedName(bytes, start + 4, end) > 0) this.emit.confirm('netbiosssn');
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm();
  }

  private odd(name: string, ts: Seconds): void {
    if (this.told) return;
    this.told = true;
    this.emit.weird(name, ts);
  }
}

/** `ff`, `fe`, `fd` or `fc`, then "SMB". */
function isSmb(bytes: Uint8Array, at: number): boolean {
  return bytes[at]! >= 0xfc && bytes[at + 1] === 0x53 && bytes[at + 2] === 0x4d && bytes[at + 3] === 0x42;
}

function probe(bytes: Uint8Array, start: number, end: number, direction: Direction): Probe {
  const have = end - start;
  if (have === 0) return 'more';
  const type = bytes[start]!;
  if (type === 0x81 && direction === 0) {
    if (have < 6) return 'more';
    // Two encoded names of 34 bytes, without scopes (RFC 1002 §4.3.2).
    if (bytes[start + 1] !== 0 || bytes[start + 2] !== 0 || bytes[start + 3] !== 68) return 'no';
    if (have < 72) return bytes[start + 4] === 32 ? 'more' : 'no';
    return encodedName(bytes, start + 4, end) > 0 && encodedName(bytes, start + 38, end) > 0 ? 'yes' : 'no';
  }
  // The answer to a session request may be the first that is seen of the server; it waits for what proves it.
  let at = start;
  if (type === 0x82 && direction === 1) {
    for (const zero of [1, 2, 3]) if (have > zero && bytes[start + zero] !== 0) return 'no';
    if (have < 4) return 'more';
    at += 4;
    if (at >= end) return 'more';
  }
  if (bytes[at] !== 0) return 'no';
  if (end - at < 8) return end - at > 4 && bytes[at + 4]! < 0xfc ? 'no' : 'more';
  return isSmb(bytes, at + 4) ? 'yes' : 'no';
}

export const smb: Protocol = {
  service: 'smb',
  logs: ['smb_files', 'smb_mapping', 'dce_rpc', 'ntlm', 'kerberos', 'files'],
  transports: ['tcp'],
  ports: [445, 139],
  probe: (bytes, start, end, direction) => probe(bytes, start, end, direction),
  open: (flow, emit) => new SmbParser(flow, emit),
};
