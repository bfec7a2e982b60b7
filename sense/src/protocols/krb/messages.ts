/** Reads Kerberos messages (RFC 4120 §5): who asks for which service, how it is encrypted, and why it was refused. No tickets, no keys. */

import { BIT_STRING, Der, GENERALIZED_TIME, INTEGER, SEQUENCE } from '../der.ts';

/** Tags of the messages: their numbers as application tags (RFC 4120 §5.10). */
export const AS_REQ = 0x6a;
export const AS_REP = 0x6b;
export const TGS_REQ = 0x6c;
export const TGS_REP = 0x6d;
export const AP_REQ = 0x6e;
export const AP_REP = 0x6f;
export const KRB_ERROR = 0x7e;
const KRB_SAFE = 0x74;
const KRB_CRED = 0x76;
const TICKET = 0x61;

/** Components of a principal beyond this are cut; real ones have two or three. */
export const componentsMax = 16;

export type KerberosMessage = {
  tag: number;
  clientName?: string;
  clientRealm?: string;
  serviceName?: string;
  serviceRealm?: string;
  from?: number;
  till?: number;
  forwardable?: boolean;
  renewable?: boolean;
  /** Number of the encryption of the ticket (RFC 3961 §8). */
  cipher?: number;
  errorCode?: number;
  errorText?: string;
};

/** Whether the tag is that of a Kerberos message. */
export function isKerberosTag(tag: number): boolean {
  return (tag >= AS_REQ && tag <= AP_REP) || tag === KRB_ERROR || (tag >= KRB_SAFE && tag <= KRB_CRED);
}

/** The message that `bytes[start, end)` begins with, or `undefined` where it is none. What is unreadable in it is left out. */
export function readKerberos(bytes: Uint8Array, start: number, end: number): KerberosMessage | undefined {
  const outer = new Der(bytes, start, end);
  if (!outer.next() || !isKerberosTag(outer.tag)) return undefined;
  const message: KerberosMessage = { tag: outer.tag };
  const inner = outer.inside();
  if (!inner.expect(SEQUENCE)) return undefined;
  const fields = inner.inside();
  switch (outer.tag) {
    case AS_REQ:
    case TGS_REQ:
      // pvno [1], msg-type [2], padata [3], req-body [4] (§5.4.1)
      while (fields.next()) {
        if (fields.tag !== 0xa4) continue;
        const body = fields.inside();
        if (body.expect(SEQUENCE)) readBody(body.inside(), message);
      }
      return message;
    case AS_REP:
    case TGS_REP:
      // pvno [0], msg-type [1], padata [2], crealm [3], cname [4], ticket [5], enc-part [6] (§5.4.2)
      while (fields.next()) {
        if (fields.tag === 0xa3) message.clientRealm = stringIn(fields);
        else if (fields.tag === 0xa4) message.clientName = principalIn(fields);
        else if (fields.tag === 0xa5) readTicket(fields.inside(), message);
      }
      return message;
    case AP_REQ:
      // pvno [0], msg-type [1], ap-options [2], ticket [3], authenticator [4] (§5.5.1)
      while (fields.next()) if (fields.tag === 0xa3) readTicket(fields.inside(), message);
      return message;
    case KRB_ERROR:
      readError(fields, message);
      return message;
    default:
      return message;
  }
}

/** KDC-REQ-BODY (§5.4.1). */
function readBody(fields: Der, message: KerberosMessage): void {
  while (fields.next()) {
    switch (fields.tag) {
      case 0xa0: {
        // Bit 1 is forwardable, bit 8 renewable; the first byte of a bit string counts its unused bits.
        const options = fields.inside();
        if (!options.expect(BIT_STRING) || options.to - options.from < 3) break;
        message.forwardable = (options.bytes[options.from + 1]! & 0x40) !== 0;
        message.renewable = (options.bytes[options.from + 2]! & 0x80) !== 0;
        break;
      }
      case 0xa1:
        message.clientName = principalIn(fields);
        break;
      case 0xa2:
        message.serviceRealm = stringIn(fields);
        break;
      case 0xa3:
        message.serviceName = principalIn(fields);
        break;
      case 0xa4:
        setTime(fields, message, 'from');
        break;
      case 0xa5:
        setTime(fields, message, 'till');
    }
  }
}

/** Ticket: tkt-vno [0], realm [1], sname [2], enc-part [3] (§5.3). */
function readTicket(at: Der, message: KerberosMessage): void {
  if (!at.expect(TICKET)) return;
  const inner = at.inside();
  if (!inner.expect(SEQUENCE)) return;
  const fields = inner.inside();
  while (fields.next()) {
    if (fields.tag === 0xa1) message.serviceRealm = stringIn(fields);
    else if (fields.tag === 0xa2) message.serviceName = principalIn(fields);
    else if (fields.tag === 0xa3) {
      // EncryptedData: etype [0], kvno [1], cipher [2] (§5.2.9)
      const encrypted = fields.inside();
      if (!encrypted.expect(SEQUENCE)) continue;
      const parts = encrypted.inside();
      if (parts.next() && parts.tag === 0xa0) {
        const number = numberIn(parts);
        if (number !== undefined) message.cipher = number;
      }
    }
  }
}

/** KRB-ERROR (§5.9.1). */
function readError(fields: Der, message: KerberosMessage): void {
  while (fields.next()) {
    if (fields.tag === 0xa6) {
      const number = numberIn(fields);
      if (number !== undefined) message.errorCode = number;
    } else if (fields.tag === 0xa7) message.clientRealm = stringIn(fields);
    else if (fields.tag === 0xa8) message.clientName = principalIn(fields);
    else if (fields.tag === 0xa9) message.serviceRealm = stringIn(fields);
    else if (fields.tag === 0xaa) message.serviceName = principalIn(fields);
    else if (fields.tag === 0xab) message.errorText = stringIn(fields);
  }
}

function setTime(field: Der, message: KerberosMessage, name: 'from' | 'till'): void {
  const inner = field.inside();
  const time = inner.expect(GENERALIZED_TIME) ? inner.time() : undefined;
  if (time !== undefined) message[name] = time;
}

function numberIn(field: Der): number | undefined {
  const inner = field.inside();
  return inner.expect(INTEGER) ? inner.integer() : undefined;
}

/** KerberosString: a GeneralString, or whatever else stands there as text. */
function stringIn(field: Der): string {
  const inner = field.inside();
  return inner.next() ? inner.text() : '';
}

/** PrincipalName: name-type [0], name-string [1] SEQUENCE OF KerberosString, written with slashes (RFC 1964 §2.1.1). */
function principalIn(field: Der): string {
  const inner = field.inside();
  if (!inner.expect(SEQUENCE)) return '';
  const parts = inner.inside();
  while (parts.next()) {
    if (parts.tag !== 0xa1) continue;
    const list = parts.inside();
    if (!list.expect(SEQUENCE)) return '';
    const names = list.inside();
    let text = '';
    for (let i = 0; i < componentsMax && names.next(); i++) text += i === 0 ? names.text() : `/${names.text()}`;
    return text;
  }
  return '';
}
