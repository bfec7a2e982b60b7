/** The operations of one LDAP flow: requests joined with their results by message identifier (RFC 4511 §4). */

import type { Seconds } from '@forewarn/base/time';
import type { LdapRecord, LdapSearchRecord } from '@forewarn/model/records/windows';
import { Der, ENUMERATED, INTEGER, OCTET_STRING, SEQUENCE } from '../der.ts';
import { SecurityTokens } from '../gssapi/gssapi.ts';
import { isNtlm } from '../ntlm/ntlm.ts';
import type { Direction, Emit, FlowView } from '../protocol.ts';
import { changesText, filterText, filterTextMax } from './filter.ts';
import {
  ABANDON_REQUEST,
  ADD_REQUEST,
  BIND_REQUEST,
  BIND_RESPONSE,
  COMPARE_REQUEST,
  DEL_REQUEST,
  derefName,
  EXTENDED_REQUEST,
  EXTENDED_RESPONSE,
  extendedName,
  INTERMEDIATE_RESPONSE,
  MOD_DN_REQUEST,
  MODIFY_REQUEST,
  operationName,
  resultName,
  scopeName,
  SEARCH_REQUEST,
  SEARCH_RESULT_DONE,
  SEARCH_RESULT_ENTRY,
  SEARCH_RESULT_REFERENCE,
  startTls,
  UNBIND_REQUEST,
} from './names.ts';

/** Operations under way in one flow; clients keep some dozens. */
export const pendingMax = 256;

/** Attributes of one search that are written. */
const attributesMax = 256;

/** resultCode of a bind that goes on (RFC 4511 §4.1.9). */
const SASL_BIND_IN_PROGRESS = 14;

export class Operations {
  /** A SASL bind succeeded: a security layer may begin. Whoever reads it takes it down. */
  saslAgreed = false;
  /** StartTLS was granted: what follows is TLS. */
  startTlsAgreed = false;
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly messages = new Map<number, LdapRecord>();
  private readonly searches = new Map<number, LdapSearchRecord>();
  private tokens: SecurityTokens | undefined;
  private saslAsked = false;
  private startTlsAsked = -1;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  /** One message, or what is kept of it; false where it is none. */
  message(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): boolean {
    // The length of a message that was cut reaches beyond what is kept, so its head is passed by hand.
    const at = new Der(bytes, start + 2 + (bytes[start + 1]! < 0x80 ? 0 : bytes[start + 1]! & 0x7f), end);
    if (!at.expect(INTEGER)) return false;
    const id = at.integer();
    const tag = at.at < end ? bytes[at.at]! : 0;
    const opcode = operationName(tag);
    if (id < 0 || opcode === undefined) return false;
    const whole = at.next();
    const body = whole ? at.inside() : new Der(bytes, end, end);
    switch (tag) {
      case SEARCH_RESULT_ENTRY:
        this.search(id, ts).result_count++;
        return true;
      case SEARCH_RESULT_REFERENCE:
      case INTERMEDIATE_RESPONSE:
        return true;
      case SEARCH_REQUEST:
        this.searchRequest(id, body, ts);
        return true;
      case SEARCH_RESULT_DONE: {
        const record = this.search(id, ts);
        this.result(record, body);
        this.searches.delete(id);
        this.emit.record('ldap_search', record);
        return true;
      }
      case BIND_REQUEST:
        this.bindRequest(id, body, direction, ts);
        return true;
      case UNBIND_REQUEST:
        this.done(id, this.operation(id, opcode, ts));
        return true;
      case ABANDON_REQUEST: {
        const record = this.operation(id, opcode, ts);
        // The content is the identifier itself, without a tag of its own (§4.11).
        if (whole) record.object = String(at.integer());
        this.done(id, record);
        return true;
      }
      case MODIFY_REQUEST: {
        const record = this.named(id, opcode, body, ts);
        const changes = changesText(body);
        if (changes !== '') record.argument = changes;
        return true;
      }
      case ADD_REQUEST:
      case MOD_DN_REQUEST:
      case COMPARE_REQUEST:
        this.named(id, opcode, body, ts);
        return true;
      case DEL_REQUEST: {
        const record = this.operation(id, opcode, ts);
        if (whole) record.object = at.text();
        return true;
      }
      case EXTENDED_REQUEST: {
        const record = this.operation(id, opcode, ts);
        if (!body.expect(0x80)) return true;
        const identifier = body.text(128);
        record.object = extendedName(identifier);
        if (identifier === startTls) this.startTlsAsked = id;
        return true;
      }
    }
    // What is left is a response.
    const record = this.operation(id, opcode, ts);
    const code = this.result(record, body, tag === BIND_RESPONSE ? direction : undefined, ts);
    if (tag === BIND_RESPONSE) this.bindResponse(code, body, direction, ts);
    if (tag === EXTENDED_RESPONSE && id === this.startTlsAsked && code === 0) this.startTlsAgreed = true;
    this.done(id, record);
    return true;
  }

  finish(_ts: Seconds): void {
    for (const record of this.messages.values()) this.emit.record('ldap', record);
    for (const record of this.searches.values()) this.emit.record('ldap_search', record);
    this.messages.clear();
    this.searches.clear();
    this.tokens?.finish();
  }

  private operation(id: number, opcode: string, ts: Seconds): LdapRecord {
    let record = this.messages.get(id);
    if (!record) {
      if (this.messages.size >= pendingMax) {
        const [oldest, waiting] = this.messages.entries().next().value!;
        this.messages.delete(oldest);
        this.emit.weird('LDAP_max_pending_messages_exceeded', ts, String(pendingMax));
        this.emit.record('ldap', waiting);
      }
      record = this.flow.head(ts) as LdapRecord;
      record.message_id = id;
      this.messages.set(id, record);
    }
    record.opcode ??= opcode;
    return record;
  }

  private search(id: number, ts: Seconds): LdapSearchRecord {
    let record = this.searches.get(id);
    if (!record) {
      if (this.searches.size >= pendingMax) {
        const [oldest, waiting] = this.searches.entries().next().value!;
        this.searches.delete(oldest);
        this.emit.weird('LDAP_max_pending_searches_exceeded', ts, String(pendingMax));
        this.emit.record('ldap_search', waiting);
      }
      record = this.flow.head(ts) as LdapSearchRecord;
      record.message_id = id;
      record.result_count = 0;
      this.searches.set(id, record);
    }
    return record;
  }

  private done(id: number, record: LdapRecord): void {
    this.messages.delete(id);
    this.emit.record('ldap', record);
  }

  /** An operation whose content begins with the name of an entry. */
  private named(id: number, opcode: string, body: Der, ts: Seconds): LdapRecord {
    const record = this.operation(id, opcode, ts);
    if (body.expect(OCTET_STRING) && body.to > body.from) record.object = body.text();
    return record;
  }

  /** LDAPResult: resultCode, matchedDN, diagnosticMessage, referral (§4.1.9). Answers the code, -1 where it cannot be read. */
  private result(record: LdapRecord | LdapSearchRecord, body: Der, bound?: Direction, ts?: Seconds): number {
    if (!body.expect(ENUMERATED)) return -1;
    const code = body.integer();
    record.result = resultName(code);
    if (!body.expect(OCTET_STRING)) return code;
    // Sicily puts the challenge of NTLM where the name of an entry should stand ([MS-ADTS] 5.1.1.1.3).
    if (bound !== undefined && isNtlm(body.bytes, body.from, body.to)) {
      (this.tokens ??= new SecurityTokens(this.flow, this.emit)).token(bound, body.bytes, body.from, body.to, ts!);
    }
    if (body.expect(OCTET_STRING) && body.to > body.from) record.diagnostic_message = printable(body.text());
    return code;
  }

  /** version, name, authentication: simple [0], sasl [3], Sicily [9] to [11] (§4.2; [MS-ADTS] 5.1.1.1.3). */
  private bindRequest(id: number, body: Der, direction: Direction, ts: Seconds): void {
    const record = this.operation(id, 'bind', ts);
    if (body.expect(INTEGER)) record.version ??= body.integer();
    if (body.expect(OCTET_STRING) && body.to > body.from) record.object = body.text();
    this.saslAsked = false;
    if (!body.next()) return;
    switch (body.tag) {
      case 0x80:
        record.opcode = 'bind simple';
        // Nothing of a password is read but that there is one.
        if (body.to > body.from) record.argument = 'REDACTED';
        return;
      case 0xa3: {
        record.opcode = 'bind SASL';
        this.saslAsked = true;
        const credentials = body.inside();
        if (!credentials.expect(OCTET_STRING)) return;
        const mechanism = credentials.text(64);
        if (mechanism !== '') record.argument = mechanism;
        if (credentials.expect(OCTET_STRING)) this.token(mechanism, credentials, direction, ts);
        return;
      }
      case 0x89:
        record.opcode = 'bind SICILY_PACKAGE_DISCOVERY';
        return;
      case 0x8a:
      case 0x8b:
        record.opcode = body.tag === 0x8a ? 'bind SICILY_NEGOTIATE' : 'bind SICILY_RESPONSE';
        this.saslAsked = true;
        if (isNtlm(body.bytes, body.from, body.to)) record.argument = 'NTLMSSP';
        this.token('NTLM', body, direction, ts);
    }
  }

  /** serverSaslCreds [7] stands behind the result (§4.2.2). */
  private bindResponse(code: number, body: Der, direction: Direction, ts: Seconds): void {
    while (body.next()) if (body.tag === 0x87) this.tokens?.token(direction, body.bytes, body.from, body.to, ts);
    if (code === 0 || code > SASL_BIND_IN_PROGRESS) this.tokens?.outcome(code === 0);
    if (code === 0 && this.saslAsked) this.saslAgreed = true;
  }

  /** Only the mechanisms that carry NTLM or Kerberos are read; of others (PLAIN, SCRAM, DIGEST-MD5) the credentials are secrets. */
  private token(mechanism: string, at: Der, direction: Direction, ts: Seconds): void {
    if (mechanism !== 'GSS-SPNEGO' && mechanism !== 'GSSAPI' && mechanism !== 'NTLM') return;
    (this.tokens ??= new SecurityTokens(this.flow, this.emit)).token(direction, at.bytes, at.from, at.to, ts);
  }

  /** baseObject, scope, derefAliases, sizeLimit, timeLimit, typesOnly, filter, attributes (§4.5.1). */
  private searchRequest(id: number, body: Der, ts: Seconds): void {
    const record = this.search(id, ts);
    if (!body.expect(OCTET_STRING)) return;
    if (body.to > body.from) record.base_object = body.text();
    if (!body.expect(ENUMERATED)) return;
    record.scope = scopeName(body.integer());
    if (!body.expect(ENUMERATED)) return;
    record.deref_aliases = derefName(body.integer());
    for (let i = 0; i < 3; i++) if (!body.next()) return;
    record.filter = filterText(body);
    if (!body.expect(SEQUENCE)) return;
    const list = body.inside();
    const attributes: string[] = [];
    let room = filterTextMax;
    while (room > 0 && attributes.length < attributesMax && list.expect(OCTET_STRING)) {
      const name = list.text(256);
      room -= name.length;
      attributes.push(name);
    }
    if (attributes.length > 0) record.attributes = attributes;
  }
}

/** Servers end the message with NUL and put line breaks in it; Zeek shows each control character as a question mark. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\x00-\x1f\x7f]/g, '?');
}
