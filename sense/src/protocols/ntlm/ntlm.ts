/**
 * NTLM authentication ([MS-NLMP]), which SMB, HTTP, LDAP, DCE-RPC and RDP carry: written as Zeek's `ntlm.log` writes it. Whoever
 * meets a message hands it to `NtlmExchange`. Challenges, responses and session keys are passed over and never become text.
 *
 *     client                                server
 *       │── NEGOTIATE ───────────────────────▶│
 *       │◀────────────── CHALLENGE: names ────│
 *       │── AUTHENTICATE: account, domain, ──▶│
 *       │   workstation                       │
 *       │◀────── yes or no, by the carrier ───│
 */

import type { Seconds } from '@forewarn/base/time';
import type { NtlmRecord } from '@forewarn/model/records/windows';
import type { Emit, FlowView } from '../protocol.ts';
import { textOf } from '../text.ts';
import { utf16Of } from '../utf16.ts';

/** [MS-NLMP] 2.2.2.1 names eleven kinds of pairs, each at most once. */
const pairsMax = 32;

/** The ceilings of this reader, for the reference. */
export const limits = [
  {
    name: 'ntlm.pairsMax',
    value: pairsMax,
    unit: 'pairs per challenge',
    why: '[MS-NLMP] 2.2.2.1 names eleven kinds of target information, each at most once; those beyond are not read.',
  },
] as const;

const signature = [0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0x00];

/** Whether an NTLM message begins at `start`. */
export function isNtlm(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 12) return false;
  for (let i = 0; i < signature.length; i++) if (bytes[start + i] !== signature[i]) return false;
  return true;
}

/** The NTLM messages of one flow, put together to a record for each authentication. */
export class NtlmExchange {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private open: NtlmRecord | undefined;
  private authenticated = false;
  private unicode = true;
  private confirmed = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  /** One message, which may be followed by anything; false where it is none. */
  message(bytes: Uint8Array, start: number, end: number, ts: Seconds): boolean {
    if (!isNtlm(bytes, start, end)) return false;
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm('ntlm');
    }
    switch (bytes[start + 8]) {
      case 1:
        this.write();
        this.begin(ts);
        return true;
      case 2:
        this.challenge(bytes, start, end, ts);
        return true;
      case 3:
        this.authenticate(bytes, start, end, ts);
        return true;
    }
    return false;
  }

  /** What the protocol around it says of the authentication that was last seen. */
  outcome(success: boolean): void {
    if (!this.open) return;
    // A server may refuse before an account was named; then there is nothing that succeeded or failed.
    if (success || this.authenticated) this.open.success = success;
    this.write();
  }

  finish(): void {
    this.write();
  }

  private begin(ts: Seconds): NtlmRecord {
    return (this.open ??= this.flow.head(ts) as NtlmRecord);
  }

  /** CHALLENGE_MESSAGE (2.2.1.2): flags at 20, challenge at 24 (never read), target information at 40. */
  private challenge(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const record = this.begin(ts);
    if (end - start < 32) {
      this.emit.weird('ntlm_truncated_message', ts);
      return;
    }
    this.unicode = (bytes[start + 20]! & 1) !== 0;
    if (end - start < 48) return;
    const length = bytes[start + 40]! | (bytes[start + 41]! << 8);
    if (length === 0) return;
    let at = start + u32(bytes, start + 44);
    const stop = Math.min(at + length, end);
    if (at < start + 48 || at > end) {
      this.emit.weird('ntlm_truncated_message', ts);
      return;
    }
    // AV_PAIRs (2.2.2.1): identifier, length, value; identifier 0 ends them. Their values are always UTF-16.
    for (let pairs = 0; pairs < pairsMax; pairs++) {
      if (at + 4 > stop) {
        this.emit.weird('ntlm_unterminated_target_information', ts);
        return;
      }
      const id = bytes[at]! | (bytes[at + 1]! << 8);
      const size = bytes[at + 2]! | (bytes[at + 3]! << 8);
      at += 4;
      if (id === 0) return;
      if (at + size > stop) {
        this.emit.weird('ntlm_unterminated_target_information', ts);
        return;
      }
      if (size > 0) {
        if (id === 1) record.server_nb_computer_name = utf16Of(bytes, at, at + size);
        else if (id === 3) record.server_dns_computer_name = utf16Of(bytes, at, at + size);
        else if (id === 5) record.server_tree_name = utf16Of(bytes, at, at + size);
      }
      at += size;
    }
  }

  /** AUTHENTICATE_MESSAGE (2.2.1.3): domain at 28, account at 36, workstation at 44, flags at 60. The responses at 12 and 20 are never read. */
  private authenticate(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.authenticated) {
      this.write();
      this.authenticated = false;
    }
    const record = this.begin(ts);
    this.authenticated = true;
    if (end - start < 52) {
      this.emit.weird('ntlm_truncated_message', ts);
      return;
    }
    if (end - start >= 64 && u32(bytes, start + 32) >= 64) this.unicode = (bytes[start + 60]! & 1) !== 0;
    const domain = this.field(bytes, start, end, 28, ts);
    const account = this.field(bytes, start, end, 36, ts);
    const workstation = this.field(bytes, start, end, 44, ts);
    if (domain !== '') record.domainname = domain;
    if (account !== '') record.username = account;
    if (workstation !== '') record.hostname = workstation;
  }

  /** Length, room and offset at `start + at`; the text they point to. */
  private field(bytes: Uint8Array, start: number, end: number, at: number, ts: Seconds): string {
    const length = bytes[start + at]! | (bytes[start + at + 1]! << 8);
    if (length === 0) return '';
    const from = start + u32(bytes, start + at + 4);
    if (from < start + 52 || from + length > end) {
      this.emit.weird('ntlm_truncated_message', ts);
      return '';
    }
    return this.unicode ? utf16Of(bytes, from, from + length) : textOf(bytes, from, from + Math.min(length, 4_096));
  }

  private write(): void {
    if (!this.open) return;
    this.emit.record('ntlm', this.open);
    this.open = undefined;
    this.authenticated = false;
  }
}

const u32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
