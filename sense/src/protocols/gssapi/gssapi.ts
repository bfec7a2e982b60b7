/**
 * Tokens of GSS-API (RFC 2743) and of its negotiation SPNEGO (RFC 4178), as SMB, LDAP, DCE-RPC, HTTP and others carry them: what is
 * inside is NTLM or Kerberos, and is read there.
 *
 *     60 … 1.3.6.1.5.5.2 ─▶ NegTokenInit  ─▶ mechToken ─────┐
 *     a1 …              ─▶ NegTokenResp  ─▶ responseToken ─┼─▶ "NTLMSSP"                 NtlmExchange
 *     60 … 1.2.840.113554.1.2.2 ──────────────────────────┴─▶ 01 00  AP-REQ in DER      KerberosExchange
 */

import type { Seconds } from '@forewarn/base/time';
import { Der, ENUMERATED, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE } from '../der.ts';
import { KerberosExchange } from '../krb/exchange.ts';
import { isKerberosTag } from '../krb/messages.ts';
import { isNtlm, NtlmExchange } from '../ntlm/ntlm.ts';
import type { Direction, Emit, FlowView } from '../protocol.ts';

/** A negotiation holds a mechanism's token; more layers than these serve no one. */
const depthMax = 4;

/** A base64 token in text beyond this is left: Windows bounds a token at 65,535 bytes. */
const base64BytesMax = 98_304;

/** The ceilings of this reader, for the reference. */
export const limits = [
  {
    name: 'gssapi.depthMax',
    value: depthMax,
    unit: 'layers',
    why: 'A negotiation holds the token of a mechanism, which holds no other; deeper ones are not read.',
  },
  {
    name: 'gssapi.base64BytesMax',
    value: base64BytesMax,
    unit: 'characters',
    why: 'Windows bounds a token at 65,535 bytes; a longer one in a header is not read.',
  },
] as const;

const spnego = '1.3.6.1.5.5.2';
/** Kerberos (RFC 4121), Microsoft's number for it, and the one with user-to-user. */
const kerberos: ReadonlySet<string> = new Set(['1.2.840.113554.1.2.2', '1.2.840.48018.1.2.2', '1.2.840.113554.1.2.2.3']);

/** What a server says at the end of a negotiation (RFC 4178 §4.2.2). */
const ACCEPT_COMPLETED = 0;
const ACCEPT_INCOMPLETE = 1;

/** The security tokens of one flow. A parser that meets one hands it over, and says what the server decided where it knows. */
export class SecurityTokens {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private ntlm: NtlmExchange | undefined;
  private kerberos: KerberosExchange | undefined;
  private confirmed = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  /** A token; false where it is none that is known. */
  token(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): boolean {
    return this.layer(direction, bytes, start, end, ts, 0);
  }

  /** A token in base64, as `WWW-Authenticate: Negotiate …` has it (RFC 4559). */
  base64(direction: Direction, text: string, ts: Seconds): boolean {
    if (text.length > base64BytesMax) return false;
    const bytes = Buffer.from(text, 'base64');
    const known = this.token(direction, bytes, 0, bytes.length, ts);
    bytes.fill(0);
    return known;
  }

  /** Whether the server let the client in, where the protocol around the tokens says so. */
  outcome(success: boolean): void {
    this.ntlm?.outcome(success);
    this.kerberos?.outcome(success);
  }

  finish(): void {
    this.ntlm?.finish();
    this.kerberos?.finish();
  }

  private layer(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds, depth: number): boolean {
    if (end - start < 2 || depth > depthMax) return false;
    if (isNtlm(bytes, start, end)) {
      this.ntlm ??= new NtlmExchange(this.flow, this.emit);
      return this.ntlm.message(bytes, start, end, ts);
    }
    const tag = bytes[start]!;
    if (isKerberosTag(tag)) return this.kerberosMessage(bytes, start, end, ts);
    const at = new Der(bytes, start, end);
    switch (tag) {
      case 0x60: {
        // InitialContextToken (RFC 2743 §3.1): the mechanism, then what it likes.
        if (!at.next()) return false;
        const inside = at.inside();
        if (!inside.expect(OBJECT_IDENTIFIER)) return false;
        const mechanism = inside.identifier();
        if (mechanism === spnego) this.layer(direction, bytes, inside.at, inside.end, ts, depth + 1);
        // Kerberos puts two bytes before its message: 01 00 AP-REQ, 02 00 AP-REP, 03 00 error (RFC 4121 §4.1).
        else if (kerberos.has(mechanism) && inside.end - inside.at > 2)
          this.kerberosMessage(bytes, inside.at + 2, inside.end, ts);
        this.confirm();
        return true;
      }
      case 0xa0:
      case 0xa1: {
        if (!at.next()) return false;
        const inside = at.inside();
        if (!inside.expect(SEQUENCE)) return false;
        if (tag === 0xa0) this.negTokenInit(direction, inside.inside(), ts, depth);
        else this.negTokenResp(direction, inside.inside(), ts, depth);
        this.confirm();
        return true;
      }
    }
    return false;
  }

  /** mechTypes [0], reqFlags [1], mechToken [2], mechListMIC [3] (RFC 4178 §4.2.1). */
  private negTokenInit(direction: Direction, fields: Der, ts: Seconds, depth: number): void {
    while (fields.next()) if (fields.tag === 0xa2) this.inner(direction, fields.inside(), ts, depth);
  }

  /** negState [0], supportedMech [1], responseToken [2], mechListMIC [3] (RFC 4178 §4.2.2). */
  private negTokenResp(direction: Direction, fields: Der, ts: Seconds, depth: number): void {
    let state = -1;
    while (fields.next()) {
      if (fields.tag === 0xa0) {
        const inside = fields.inside();
        if (inside.expect(ENUMERATED)) state = inside.integer();
      } else if (fields.tag === 0xa2) {
        this.inner(direction, fields.inside(), ts, depth);
      }
    }
    if (direction === 1 && state >= 0 && state !== ACCEPT_INCOMPLETE && state <= 2) this.outcome(state === ACCEPT_COMPLETED);
  }

  private inner(direction: Direction, at: Der, ts: Seconds, depth: number): void {
    if (at.expect(OCTET_STRING)) this.layer(direction, at.bytes, at.from, at.to, ts, depth + 1);
  }

  private kerberosMessage(bytes: Uint8Array, start: number, end: number, ts: Seconds): boolean {
    this.kerberos ??= new KerberosExchange(this.flow, this.emit, 'krb');
    return this.kerberos.message(bytes, start, end, ts);
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm('gssapi');
  }
}
