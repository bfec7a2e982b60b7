/**
 * The payloads of a message that are in clear, of both versions: security association with its proposals and transforms, key
 * exchange, certificates, vendor ids, notifications. Identities, nonces, keys and hashes are passed over.
 *
 *     next payload 1, critical 1, length 2, body …                                         RFC 2408 §3.2, RFC 7296 §3.2
 */

import { createHash } from 'node:crypto';
import type { IpsecRecord } from '@forewarn/model/records/ipsec';
import { word16, word32 } from '../digits.ts';
import { attributes, chosenV1, notificationName, transformName } from './codes.ts';
import { vendorName } from './vendors.ts';

export const payloadsMax = 128;
export const transformsMax = 256;

/** Payload types that are read (RFC 2408 §3.1, RFC 7296 §3.2). */
const v1 = { association: 1, exchange: -1, certificate: 6, notification: 11, vendor: 13 };
const v2 = { association: 33, exchange: 34, certificate: 37, notification: 41, vendor: 43 };
/** Encrypted and its fragment (RFC 7296 §3.14, RFC 7383 §2.5): nothing behind them is in clear. */
const encrypted = 46;
const encryptedFragment = 53;

/** What the lists of one record are made from. */
class Lists {
  vendors: string[] = [];
  notifications: string[] = [];
  transforms: string[] = [];
  groups: number[] = [];
  proposals: number[] = [];
  certificates: string[] = [];
  attributes: string[] = [];
  /** The same as `attributes`, with long values as the plugin hashes them: their bytes. */
  plain: string[] = [];
  suites: string[] = [];
  /** Transforms and proposals that may still be read. */
  room = transformsMax;
}

/** Zeek's text of a vector, over which the plugin's hash is made. */
const shown = (list: readonly (string | number)[]): string => `[${list.join(', ')}]`;

/** Reads the payloads of `bytes[start, end)` into the record; false where one does not fit. */
export function readPayloads(record: IpsecRecord, first: number, bytes: Uint8Array, start: number, end: number): boolean {
  const types = record.maj_ver === 1 ? v1 : v2;
  const lists = new Lists();
  let whole = true;
  let type = first;
  let at = start;
  for (let i = 0; type !== 0; i++) {
    const length = at + 4 <= end ? word16(bytes, at + 2) : 0;
    if (length < 4 || at + length > end || i >= payloadsMax) {
      whole = false;
      break;
    }
    if (record.maj_ver === 2 && (type === encrypted || type === encryptedFragment)) break;
    const [from, to] = [at + 4, at + length];
    if (type === types.association) {
      whole = (record.maj_ver === 1 ? associationV1 : associationV2)(record, lists, bytes, from, to) && whole;
    } else if (type === types.vendor) lists.vendors.push(vendorName(bytes, from, to));
    else if (type === types.notification) whole = notification(record.maj_ver, lists, bytes, from, to) && whole;
    else if (type === types.exchange && to - from >= 2) lists.groups.push(word16(bytes, from));
    else if (type === types.certificate && to - from > 1) {
      lists.certificates.push(
        createHash('md5')
          .update(bytes.subarray(from + 1, to))
          .digest('hex'),
      );
    }
    type = bytes[at]!;
    at = to;
  }
  write(record, lists);
  return whole;
}

function write(record: IpsecRecord, lists: Lists): void {
  const { vendors, notifications, transforms, groups, proposals, certificates } = lists;
  if (vendors.length > 0) record.vendor_ids = vendors;
  if (notifications.length > 0) record.notify_messages = notifications;
  if (transforms.length > 0) record.transforms = transforms;
  if (groups.length > 0) record.ke_dh_groups = groups;
  if (proposals.length > 0) record.proposals = proposals;
  if (certificates.length > 0) record.certificates = certificates;
  if (lists.attributes.length > 0) record.transform_attributes = lists.attributes;
  if (lists.suites.length > 0) record.suites = lists.suites;
  const all = [vendors, notifications, transforms, groups, proposals, certificates, lists.plain];
  if (all.every((list) => list.length === 0)) return;
  record.hash = createHash('md5').update(all.map(shown).join(''), 'latin1').digest('hex');
}

/** DOI, protocol, SPI size and type stand before it in version 1, all but the DOI in version 2 (RFC 2408 §3.14, RFC 7296 §3.10). */
function notification(version: number, lists: Lists, bytes: Uint8Array, from: number, to: number): boolean {
  const at = version === 1 ? from + 4 : from;
  if (at + 4 > to) return false;
  lists.notifications.push(notificationName(version, word16(bytes, at + 2)));
  return true;
}

/** DOI, situation, and proposals that hold transforms (RFC 2408 §3.4 to §3.6). Only the situation of IPsec has a known length. */
function associationV1(record: IpsecRecord, lists: Lists, bytes: Uint8Array, from: number, to: number): boolean {
  if (from + 8 > to) return false;
  record.doi = word32(bytes, from);
  if (record.doi !== 1) return true;
  let situation = '';
  for (let i = from + 4; i < from + 8; i++) situation += `\\x${bytes[i]!.toString(16).padStart(2, '0')}`;
  record.situation = situation;
  return each(lists, bytes, from + 8, to, (at, end) => {
    if (at + 8 > end || at + 8 + bytes[at + 6]! > end) return false;
    const number = bytes[at + 4]!;
    lists.proposals.push(number);
    record.protocol_id = bytes[at + 5]!;
    return each(lists, bytes, at + 8 + bytes[at + 6]!, end, (inner, stop) => {
      if (inner + 8 > stop) return false;
      const id = bytes[inner + 5]!;
      lists.transforms.push(String(id));
      // Cipher, hash, authentication and group in this order, whatever the order in which they stand.
      const names: (string | undefined)[] = [undefined, undefined, undefined, undefined];
      let key = 0;
      const whole = eachAttribute(bytes, inner + 8, stop, (type, value, plain) => {
        const head = `${number}:${id}:${attributes[type] ?? `unknown-transform-type: ${type}`}=`;
        lists.attributes.push(`${head}${value}`);
        lists.plain.push(`${head}${plain}`);
        if (type === 14) key = value;
        if (type <= names.length) names[type - 1] ??= chosenV1(type, value);
      });
      if (key > 0 && names[0] !== undefined) names[0] += `-${key}`;
      const told = names.filter((name) => name !== undefined);
      if (told.length > 0) lists.suites.push(`${number}:${told.join('/')}`);
      return whole;
    });
  });
}

/** Proposals that hold transforms, each of one kind (RFC 7296 §3.3): those of a kind are alternatives. */
function associationV2(_record: IpsecRecord, lists: Lists, bytes: Uint8Array, from: number, to: number): boolean {
  return each(lists, bytes, from, to, (at, end) => {
    if (at + 8 > end || at + 8 + bytes[at + 6]! > end) return false;
    const number = bytes[at + 4]!;
    lists.proposals.push(number);
    const ofKind = new Map<number, string[]>();
    const whole = each(lists, bytes, at + 8 + bytes[at + 6]!, end, (inner, stop) => {
      if (inner + 8 > stop) return false;
      const kind = bytes[inner + 4]!;
      const id = word16(bytes, inner + 6);
      let name = transformName(kind, id);
      const fits = eachAttribute(bytes, inner + 8, stop, (type, value, plain) => {
        const head = `${number}:${id}:${attributes[type] ?? `unknown-transform-type: ${type}`}=`;
        lists.attributes.push(`${head}${value}`);
        lists.plain.push(`${head}${plain}`);
        if (type === 14) name += `-${value}`;
      });
      const names = ofKind.get(kind);
      if (names) names.push(name);
      else ofKind.set(kind, [name]);
      return fits;
    });
    if (ofKind.size > 0) {
      const kinds = [...ofKind].sort(([a], [b]) => a - b).map(([, names]) => names.join('+'));
      lists.suites.push(`${number}:${kinds.join('/')}`);
    }
    return whole;
  });
}

/** Proposals or transforms one after the other: type of the next, a zero, length; the first byte 0 says that it is the last. */
function each(lists: Lists, bytes: Uint8Array, from: number, to: number, read: (at: number, end: number) => boolean): boolean {
  for (let at = from; at < to;) {
    if (at + 4 > to || lists.room-- <= 0) return false;
    const length = word16(bytes, at + 2);
    if (length < 8 || at + length > to || !read(at, at + length)) return false;
    if (bytes[at] === 0) return true;
    at += length;
  }
  return true;
}

/** Attributes: a type with its first bit set and two bytes of value, or a type, a length and so many bytes (RFC 2408 §3.3). */
function eachAttribute(
  bytes: Uint8Array,
  from: number,
  to: number,
  take: (type: number, value: number, plain: string) => void,
): boolean {
  for (let at = from; at < to;) {
    if (at + 4 > to) return false;
    const type = word16(bytes, at);
    const value = word16(bytes, at + 2);
    if (type >= 0x8000) {
      take(type - 0x8000, value, String(value));
      at += 4;
      continue;
    }
    if (at + 4 + value > to) return false;
    // A duration has four bytes, at most eight; the numbers of groups beside it are as long as keys and say nothing here.
    if (value <= longValueBytesMax) {
      let number = 0;
      for (let i = at + 4; i < at + 4 + value; i++) number = number * 256 + bytes[i]!;
      take(type, number, Buffer.prototype.latin1Slice.call(bytes, at + 4, at + 4 + value));
    }
    at += 4 + value;
  }
  return true;
}

/** What a JavaScript number holds without loss. */
const longValueBytesMax = 6;
