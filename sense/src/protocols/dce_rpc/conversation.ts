/**
 * The PDUs of one DCE-RPC association, over TCP or a named pipe, written as Zeek's `dce_rpc.log` writes them: one record for each
 * call with its answer. Names of interfaces and numbers of operations are read; what is asked and answered is not.
 *
 *      0     1     2      3      4         8        10       12       16
 *     ┌─────┬─────┬──────┬──────┬─────────┬────────┬────────┬────────┬──────────────┬─────────────────┐
 *     │ 5   │ 0   │ type │ flags│ drep    │ length │ auth   │ call id│ body …       │ type level … ⟨token⟩│
 *     └─────┴─────┴──────┴──────┴─────────┴────────┴────────┴────────┴──────────────┴─────────────────┘
 *                                                                      C706 §12.6, [MS-RPCE] 2.2.2
 */

import type { Seconds } from '@forewarn/base/time';
import type { DceRpcRecord } from '@forewarn/model/records/windows';
import { SecurityTokens } from '../gssapi/gssapi.ts';
import type { Direction, Emit, FlowView } from '../protocol.ts';
import { asciiOf } from '../text.ts';
import { endpointName, interfaceOfPipe, isEveryday, operationName } from './interfaces.ts';

/** Calls under way in one association; clients keep one, some a few dozen. */
export const pendingMax = 128;

/** Presentation contexts of one association; Windows offers two to four. */
export const contextsMax = 64;

/** Length of the common head. */
export const headBytes = 16;

/** What is needed of a request or response: the head, the context and the number of the operation. */
export const callBytes = 24;

export const REQUEST = 0;
export const RESPONSE = 2;
const FAULT = 3;
const BIND = 11;
const BIND_ACK = 12;
const ALTER_CONTEXT = 14;
const ALTER_CONTEXT_RESP = 15;
const AUTH3 = 16;
const typeMax = 20;

const FIRST_FRAGMENT = 0x01;
const LAST_FRAGMENT = 0x02;

/** Kinds of security whose tokens are read: SPNEGO, NTLM, Kerberos ([MS-RPCE] 2.2.1.1.7). */
const tokenTypes: ReadonlySet<number> = new Set([9, 10, 16]);

type Call = { record: DceRpcRecord; context: number; operation: number };

/** Whether the head of a PDU stands at `start`, as far as it is there. */
export function isPduHead(bytes: Uint8Array, start: number, end: number): boolean {
  const have = end - start;
  if (have > 0 && bytes[start] !== 5) return false;
  if (have > 1 && bytes[start + 1]! > 1) return false;
  if (have > 2 && bytes[start + 2]! > typeMax) return false;
  // The order of integers is big or little end first, characters are ASCII, floating point IEEE; the last two bytes are 0.
  if (have > 4 && (bytes[start + 4]! & 0xef) !== 0) return false;
  for (const zero of [5, 6, 7]) if (have > zero && bytes[start + zero] !== 0) return false;
  return have < 10 || pduLength(bytes, start) >= headBytes;
}

/** Length of the PDU whose head stands at `start`. */
export function pduLength(bytes: Uint8Array, start: number): number {
  return (bytes[start + 4]! & 0x10) !== 0
    ? bytes[start + 8]! | (bytes[start + 9]! << 8)
    : (bytes[start + 8]! << 8) | bytes[start + 9]!;
}

/** Whether a PDU at `start` is a call or an answer, of which only the head is needed. */
export const isCall = (bytes: Uint8Array, start: number): boolean =>
  bytes[start + 2] === REQUEST || bytes[start + 2] === RESPONSE;

export class RpcConversation {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly contexts = new Map<number, string>();
  private readonly calls = new Map<number, Call>();
  private readonly tokens: SecurityTokens;
  /** The interface that was bound last. */
  private uuid: string | undefined;
  private pipe: string | undefined;
  private little = true;

  /** `pipe`: the name under which a client opened it, where it is a pipe. */
  constructor(flow: FlowView, emit: Emit, pipe?: string) {
    this.flow = flow;
    this.emit = emit;
    this.pipe = pipe;
    this.tokens = new SecurityTokens(flow, emit);
  }

  /** One PDU, or at least the first `callBytes` of a call; `length` is what its head says. False where it is none. */
  pdu(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): boolean {
    if (end - start < headBytes || !isPduHead(bytes, start, end)) return false;
    this.little = (bytes[start + 4]! & 0x10) !== 0;
    const flags = bytes[start + 3]!;
    const call = this.u32(bytes, start + 12);
    switch (bytes[start + 2]) {
      case BIND:
      case ALTER_CONTEXT:
        this.bind(bytes, start, end);
        break;
      case BIND_ACK:
        this.acknowledged(bytes, start, end);
        break;
      case REQUEST:
        if ((flags & FIRST_FRAGMENT) !== 0 && end - start >= callBytes) this.request(bytes, start, call, ts);
        return true;
      case RESPONSE:
      case FAULT:
        if ((flags & LAST_FRAGMENT) !== 0) this.answered(call, ts);
        return true;
      case AUTH3:
      case ALTER_CONTEXT_RESP:
        break;
      default:
        return true;
    }
    this.verifier(direction, bytes, start, end, length, ts);
    return true;
  }

  /** Writes calls that were never answered. */
  finish(): void {
    for (const call of this.calls.values()) this.write(call);
    this.calls.clear();
    this.tokens.finish();
  }

  /** Contexts at 24: a number and a reserved byte each, then identifier, count of syntaxes, and the interface with its version (C706 §12.6.4.3). */
  private bind(bytes: Uint8Array, start: number, end: number): void {
    if (end - start < 28) return;
    let at = start + 28;
    for (let left = bytes[start + 24]!; left > 0; left--) {
      if (at + 24 > end) {
        return;
      }
      const id = this.u16(bytes, at);
      const uuid = this.uuidAt(bytes, at + 4);
      if (this.contexts.size < contextsMax) this.contexts.set(id, uuid);
      this.uuid = uuid;
      at += 24 + 20 * bytes[at + 2]!;
    }
  }

  /** The secondary address at 24: its length and name, a port or a pipe (C706 §12.6.4.4). */
  private acknowledged(bytes: Uint8Array, start: number, end: number): void {
    if (end - start < 27) return;
    const length = this.u16(bytes, start + 24);
    const stop = Math.min(start + 26 + length, end, start + 26 + 256);
    let last = start + 26;
    while (last < stop && bytes[last] !== 0) last++;
    if (last > start + 26) this.pipe = asciiOf(bytes, start + 26, last);
  }

  private request(bytes: Uint8Array, start: number, id: number, ts: Seconds): void {
    if (this.calls.size >= pendingMax) {
      const [oldest, call] = this.calls.entries().next().value!;
      this.calls.delete(oldest);
      this.write(call);
      this.emit.weird('dce_rpc_too_many_pending_calls', ts, String(pendingMax));
    }
    const record = this.flow.head(ts) as DceRpcRecord;
    this.calls.set(id, { record, context: this.u16(bytes, start + 20), operation: this.u16(bytes, start + 22) });
  }

  private answered(id: number, ts: Seconds): void {
    const call = this.calls.get(id);
    if (!call) return;
    this.calls.delete(id);
    call.record.rtt = Math.max(0, ts - call.record.ts);
    this.write(call);
  }

  /** Without an interface there is nothing to say, and what everybody does all day is left out, as Zeek leaves it out. */
  private write({ record, context, operation }: Call): void {
    const uuid = this.contexts.get(context) ?? this.uuid ?? (this.pipe === undefined ? undefined : interfaceOfPipe(this.pipe));
    if (uuid === undefined) return;
    const endpoint = endpointName(uuid);
    const name = operationName(uuid, operation);
    if (isEveryday(endpoint, name)) return;
    if (this.pipe !== undefined) record.named_pipe = this.pipe;
    record.endpoint = endpoint;
    record.operation = name;
    this.emit.record('dce_rpc', record);
  }

  /** The security trailer at the end: type, level, padding, reserved, context (8 bytes), then the token ([MS-RPCE] 2.2.2.11). */
  private verifier(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    const size = this.u16(bytes, start + 10);
    const trailer = start + length - size - 8;
    if (size === 0 || start + length > end || trailer < start + headBytes) return;
    if (tokenTypes.has(bytes[trailer]!)) this.tokens.token(direction, bytes, trailer + 8, trailer + 8 + size, ts);
  }

  private u16(bytes: Uint8Array, at: number): number {
    return this.little ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
  }

  private u32(bytes: Uint8Array, at: number): number {
    return this.little
      ? (this.u16(bytes, at) | (this.u16(bytes, at + 2) << 16)) >>> 0
      : ((this.u16(bytes, at) << 16) | this.u16(bytes, at + 2)) >>> 0;
  }

  private uuidAt(bytes: Uint8Array, at: number): string {
    return uuidText(bytes, at, this.little);
  }
}

/** A UUID as text; its first three fields are integers in the order of the sender (C706 appendix A). */
export function uuidText(bytes: Uint8Array, at: number, little: boolean): string {
  const order = little
    ? [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
    : [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
  let text = '';
  for (const [i, place] of order.entries()) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
    text += bytes[at + place]!.toString(16).padStart(2, '0');
  }
  return text;
}
