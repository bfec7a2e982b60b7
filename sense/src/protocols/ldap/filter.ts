/** Search filters and modifications as text (RFC 4511 §4.5.1, §4.6; RFC 4515). Values of secret attributes are never written. */

import { Der, ENUMERATED, OCTET_STRING, SEQUENCE, SET } from '../der.ts';
import { isSecret } from './names.ts';

/** Filters in filters; directory servers themselves stop at a few hundred terms and about 50 levels. */
export const filterDepthMax = 32;

/** Text of a filter or of modifications: what Zeek 8 allows a field (Log::default_max_field_string_bytes). */
export const filterTextMax = 4_096;

/** Bytes of one value that are written. */
const valueBytesMax = 256;

const redacted = 'REDACTED';

/** The filter at the cursor, as RFC 4515 writes it; cut off with `…` where it is too deep or too long. */
export function filterText(at: Der): string {
  return filter(at, 0, { left: filterTextMax });
}

type Room = { left: number };

function filter(at: Der, depth: number, room: Room): string {
  if (depth > filterDepthMax || room.left <= 0) return '…';
  if (!at.next()) return '';
  switch (at.tag) {
    case 0xa0:
      return terms('&', at.inside(), depth, room);
    case 0xa1:
      return terms('|', at.inside(), depth, room);
    case 0xa2:
      return `(!${filter(at.inside(), depth + 1, room)})`;
    case 0xa3:
      return assertion(at.inside(), '=', room);
    case 0xa4:
      return substrings(at.inside(), room);
    case 0xa5:
      return assertion(at.inside(), '>=', room);
    case 0xa6:
      return assertion(at.inside(), '<=', room);
    case 0x87: {
      const name = at.text(valueBytesMax);
      room.left -= name.length + 4;
      return `(${name}=*)`;
    }
    case 0xa8:
      return assertion(at.inside(), '~=', room);
    case 0xa9:
      return extensible(at.inside(), room);
  }
  return '(?)';
}

function terms(sign: string, parts: Der, depth: number, room: Room): string {
  let text = `(${sign}`;
  room.left -= 3;
  while (parts.at < parts.end && room.left > 0) {
    const part = filter(parts, depth + 1, room);
    if (part === '') break;
    text += part;
  }
  if (parts.at < parts.end) text += '…';
  return `${text})`;
}

/** AttributeValueAssertion: description and value. */
function assertion(parts: Der, sign: string, room: Room): string {
  const name = parts.expect(OCTET_STRING) ? parts.text(valueBytesMax) : '';
  const value = parts.expect(OCTET_STRING) ? shown(name, parts) : '';
  room.left -= name.length + value.length + 3;
  return `(${name}${sign}${value})`;
}

/** SubstringFilter: description and a list of initial [0], any [1] and final [2]. */
function substrings(parts: Der, room: Room): string {
  const name = parts.expect(OCTET_STRING) ? parts.text(valueBytesMax) : '';
  let text = '';
  let last = 0x80;
  if (parts.expect(SEQUENCE)) {
    const pieces = parts.inside();
    while (pieces.next() && text.length < room.left) {
      if (pieces.tag !== 0x80) text += '*';
      text += shown(name, pieces);
      last = pieces.tag;
    }
  }
  if (last !== 0x82) text += '*';
  room.left -= name.length + text.length + 3;
  return `(${name}=${text})`;
}

/** MatchingRuleAssertion: matchingRule [1], type [2], matchValue [3], dnAttributes [4]. */
function extensible(parts: Der, room: Room): string {
  let rule = '';
  let name = '';
  let value = '';
  let dn = '';
  while (parts.next()) {
    if (parts.tag === 0x81) rule = `:${parts.text(valueBytesMax)}`;
    else if (parts.tag === 0x82) name = parts.text(valueBytesMax);
    else if (parts.tag === 0x83) value = shown(name, parts);
    else if (parts.tag === 0x84 && parts.to > parts.from && parts.bytes[parts.from] !== 0) dn = ':dn';
  }
  room.left -= name.length + rule.length + value.length + 5;
  return `(${name}${dn}${rule}:=${value})`;
}

/** A value as the filter shows it: binary ones of Active Directory in the form that people know, others with RFC 4515's escapes. */
function shown(name: string, { bytes, from, to }: Der): string {
  if (isSecret(name)) return redacted;
  const length = to - from;
  switch (name.toLowerCase()) {
    case 'domainguid':
    case 'objectguid':
      if (length === 16) return guid(bytes, from);
      break;
    case 'domainsid':
    case 'objectsid':
      if (length >= 8 && bytes[from] === 1 && length === 8 + 4 * bytes[from + 1]!) return sid(bytes, from);
      break;
    case 'ntver':
      if (length === 4) return `0x${word(bytes, from).toString(16).padStart(8, '0')}`;
  }
  return escaped(bytes, from, Math.min(to, from + valueBytesMax));
}

/** `*`, `(`, `)`, `\` and everything unprintable as `\2a` (RFC 4515 §3). */
function escaped(bytes: Uint8Array, start: number, end: number): string {
  let plain = true;
  for (let i = start; i < end && plain; i++) plain = !mustEscape(bytes[i]!);
  if (plain) return Buffer.prototype.latin1Slice.call(bytes, start, end);
  const decoded: string = Buffer.prototype.utf8Slice.call(bytes, start, end);
  const valid = !decoded.includes('\ufffd');
  let text = '';
  if (valid) {
    for (const character of decoded) {
      const code = character.codePointAt(0)!;
      text += code < 0x80 && mustEscape(code) ? escapeOf(code) : character;
    }
    return text;
  }
  for (let i = start; i < end; i++) text += mustEscape(bytes[i]!) ? escapeOf(bytes[i]!) : String.fromCharCode(bytes[i]!);
  return text;
}

const mustEscape = (byte: number): boolean =>
  byte < 0x20 || byte > 0x7e || byte === 0x28 || byte === 0x29 || byte === 0x2a || byte === 0x5c;

const escapeOf = (byte: number): string => `\\${byte.toString(16).padStart(2, '0')}`;

const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

function guid(bytes: Uint8Array, at: number): string {
  const hex = (from: number, to: number): string => Buffer.prototype.hexSlice.call(bytes, at + from, at + to);
  const turned = (from: number, to: number): string => {
    let text = '';
    for (let i = to - 1; i >= from; i--) text += bytes[at + i]!.toString(16).padStart(2, '0');
    return text;
  };
  return `${turned(0, 4)}-${turned(4, 6)}-${turned(6, 8)}-${hex(8, 10)}-${hex(10, 16)}`;
}

/** `S-1-5-21-…` ([MS-DTYP] 2.4.2). */
function sid(bytes: Uint8Array, at: number): string {
  let authority = 0;
  for (let i = 2; i < 8; i++) authority = authority * 256 + bytes[at + i]!;
  let text = `S-1-${authority}`;
  for (let i = 0; i < bytes[at + 1]!; i++) text += `-${word(bytes, at + 8 + 4 * i)}`;
  return text;
}

const changes = ['add', 'delete', 'replace', 'increment'];

/** The changes of a modification: `replace(description=new text), delete(member=cn=a)`. */
export function changesText(at: Der): string {
  if (!at.expect(SEQUENCE)) return '';
  const list = at.inside();
  let text = '';
  while (list.expect(SEQUENCE)) {
    if (text.length >= filterTextMax) return `${text}…`;
    const change = list.inside();
    const kind = change.expect(ENUMERATED) ? (changes[change.integer()] ?? 'unknown') : 'unknown';
    if (!change.expect(SEQUENCE)) continue;
    const attribute = change.inside();
    const name = attribute.expect(OCTET_STRING) ? attribute.text(valueBytesMax) : '';
    let values = '';
    if (attribute.expect(SET)) {
      const set = attribute.inside();
      while (set.expect(OCTET_STRING) && values.length < filterTextMax)
        values += `${values === '' ? '' : ','}${shown(name, set)}`;
    }
    text += `${text === '' ? '' : ', '}${kind}(${name}${values === '' ? '' : `=${values}`})`;
  }
  return text;
}
