/**
 * Reading one DNS message: a cursor with its faults, names with compression, and record data as text.
 *
 * One cursor is shared by all flows: a message is read from its first byte to its last within one call, and nothing
 * of it is kept but the strings that were asked for.
 */

import { formatAddress } from '@forewarn/base/ip';
import { asciiOf, textOf } from '../text.ts';
import { serviceParameters, typeName } from './names.ts';

/** RFC 1035 §2.3.4 stops at 255 octets; Zeek reads up to 512 before it gives up, and so do we. */
export const nameBytesMax = 512;

/** A name has at most 127 labels and real chains one to three pointers; without a ceiling 64 KiB of pointers to pointers cost quadratic time. */
export const pointersPerNameMax = 64;

const scratch = new Uint8Array(nameBytesMax + 64);

export class Message {
  bytes: Uint8Array = scratch;
  /** Where the message begins: compression pointers count from here. */
  start = 0;
  at = 0;
  end = 0;
  /** NetBIOS name service: labels may be longer than 63 bytes. */
  netbios = false;
  /** Name of the first fault met, or `undefined`; reading stops there. */
  fault: string | undefined = undefined;
  faultDetail: string | undefined = undefined;
  /** Something odd that is no reason to stop: a record whose data did not fill its length, a name that is too long. */
  note: string | undefined = undefined;

  open(bytes: Uint8Array, start: number, end: number, netbios: boolean): void {
    this.bytes = bytes;
    this.start = start;
    this.at = start;
    this.end = end;
    this.netbios = netbios;
    this.fault = undefined;
    this.faultDetail = undefined;
    this.note = undefined;
  }

  left(): number {
    return this.end - this.at;
  }

  fail(name: string, detail?: string): void {
    this.fault ??= name;
    this.faultDetail ??= detail;
  }

  /** The next 16 bits; the caller has asked `left()`. */
  u16(): number {
    const at = this.at;
    this.at = at + 2;
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  u32(): number {
    const at = this.at;
    const bytes = this.bytes;
    this.at = at + 4;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  /**
   * Reads a name at the cursor, labels joined by dots without the last one; `''` for the root. On a fault the cursor
   * stands anywhere and `fault` is set; the text read so far is returned.
   *
   * Compression (RFC 1035 §4.1.4): a pointer must lead backwards, and what it leads to must end before the pointer,
   * as Zeek demands; so positions only fall and the reading ends.
   */
  name(lower = true): string {
    const bytes = this.bytes;
    let at = this.at;
    let limit = this.end;
    let jumped = false;
    let hops = 0;
    let length = 0;
    let upper = 0;
    for (;;) {
      if (at >= limit) {
        this.fail(jumped ? 'DNS_compression_loop' : 'DNS_truncated_quest_too_short');
        break;
      }
      const label = bytes[at]!;
      if (label === 0) {
        at++;
        break;
      }
      if (label >= 0xc0) {
        if (at + 1 >= limit) {
          this.fail('DNS_label_len_gt_pkt');
          break;
        }
        const target = this.start + (((label & 0x3f) << 8) | bytes[at + 1]!);
        if (!jumped) {
          this.at = at + 2;
          jumped = true;
        }
        if (target >= at) {
          this.fail('DNS_label_forward_compress_offset');
          break;
        }
        if (++hops > pointersPerNameMax) {
          this.fail('DNS_too_many_compression_pointers');
          break;
        }
        limit = at;
        at = target;
        continue;
      }
      if (label > 63 && !this.netbios) {
        this.fail('DNS_label_too_long');
        break;
      }
      if (at + 1 + label > limit) {
        this.fail('DNS_label_len_gt_pkt');
        break;
      }
      if (length + label + 1 > nameBytesMax) {
        this.fail('DNS_label_len_gt_name_len');
        break;
      }
      at++;
      for (const stop = at + label; at < stop; at++) {
        let byte = bytes[at]!;
        upper |= byte;
        if (lower && byte >= 0x41 && byte <= 0x5a) byte += 0x20;
        scratch[length++] = byte;
      }
      scratch[length++] = 0x2e;
    }
    if (!jumped) this.at = at;
    if (length > 255) this.note ??= 'DNS_NAME_too_long';
    if (length > 0) length--;
    return upper < 0x80 ? asciiOf(scratch, 0, length) : textOf(scratch, 0, length);
  }
}

/** Types whose data Zeek reads but reports no answer for; they leave no trace in `answers`. */
const SILENT = '';

/**
 * The data of a resource record as Zeek's `answers` shows it: an address, a name, `TXT 5 hello`, `RRSIG 1 example.org`.
 * `''` where Zeek shows nothing (WKS, OPT, TSIG, NBNS) and `undefined` when the data cannot be read.
 * The cursor is left behind the record, whatever was in it.
 */
export function recordData(message: Message, type: number, owner: string, dataLength: number): string | undefined {
  const begin = message.at;
  const stop = begin + dataLength;
  const text = readData(message, type, owner, begin, stop);
  if (message.fault !== undefined) return undefined;
  if (message.at !== stop && exactTypes.has(type) && !message.netbios) message.note ??= 'DNS_RR_length_mismatch';
  message.at = stop;
  return text;
}

/** Types made of names and fixed fields: their data ends where the last one ends. */
const exactTypes: ReadonlySet<number> = new Set([2, 5, 6, 12, 15, 33, 39]);

function readData(message: Message, type: number, owner: string, begin: number, stop: number): string | undefined {
  const { bytes } = message;
  const length = stop - begin;
  switch (type) {
    case 1:
      return length < 4 ? tooShort(message) : formatAddress(bytes, begin, 4);
    case 28:
      return length < 16 ? tooShort(message) : formatAddress(bytes, begin, 16);
    case 38: {
      // A6 (RFC 2874) starts with a prefix length; with 0 the whole address follows.
      if (length < 1) return tooShort(message);
      if (length >= 17 && bytes[begin] === 0) return formatAddress(bytes, begin + 1, 16);
      return length >= 16 ? formatAddress(bytes, begin, 16) : tooShort(message);
    }
    case 2:
    case 5:
    case 12:
    case 39:
      return message.name();
    case 6: {
      const primary = message.name();
      if (message.fault === undefined) message.name();
      if (message.fault === undefined && message.left() < 20) return tooShort(message);
      message.at += 20;
      return primary;
    }
    case 13: {
      const parts = characterStrings(message, begin, stop);
      return parts === undefined ? undefined : `HINFO ${parts.join(' ')}`;
    }
    case 15:
      if (length < 3) return tooShort(message);
      message.at += 2;
      return message.name();
    case 16:
      return strings(message, 'TXT', begin, stop);
    case 99:
      return strings(message, 'SPF', begin, stop);
    case 29:
      return length < 16 ? tooShort(message) : `LOC:  ${bytes[begin + 1]} ${bytes[begin + 2]} ${bytes[begin + 3]}`;
    case 33:
      // On port 137 the number means NBSTAT, which Zeek does not read either.
      if (message.netbios) return SILENT;
      if (length < 7) return tooShort(message);
      message.at += 6;
      return message.name();
    case 35:
      return namingAuthority(message, begin, stop);
    case 43:
    case 59:
      return length < 4 ? tooShort(message) : `${typeName(type)} ${bytes[begin + 2]} ${bytes[begin + 3]}`;
    case 44:
      return length < 2 ? tooShort(message) : `SSHFP: ${Buffer.prototype.hexSlice.call(bytes, begin + 2, stop)}`;
    case 46: {
      if (length < 18) return tooShort(message);
      const covered = message.u16();
      message.at += 16;
      const signer = message.name();
      return `RRSIG ${covered} ${signer === '' ? '<Root>' : signer}`;
    }
    case 47:
      return `NSEC ${owner} ${message.name()}`;
    case 48:
    case 60:
      return length < 4 ? tooShort(message) : `${typeName(type)} ${bytes[begin + 3]}`;
    case 50:
      return 'NSEC3';
    case 51:
      return 'NSEC3PARAM';
    case 64:
    case 65:
      return serviceBinding(message, type, begin, stop);
    case 257:
      return certificationAuthority(message, begin, stop);
    case 65534:
      return 'BIND9 signing signal';
    case 11:
    case 32:
    case 41:
    case 250:
      return SILENT;
    default:
      return `<unknown type=${type}>`;
  }
}

function tooShort(message: Message): undefined {
  message.fail('DNS_truncated_RR_rdlength_lt_len');
  return undefined;
}

/** `TXT 5 hello TXT 5 world`: each character string with its length in bytes. */
function strings(message: Message, word: string, begin: number, stop: number): string | undefined {
  const { bytes } = message;
  let text = '';
  for (let at = begin; at < stop;) {
    const length = bytes[at]!;
    if (at + 1 + length > stop) {
      message.fail('DNS_TXT_char_str_past_rdlen');
      return undefined;
    }
    text += `${text === '' ? '' : ' '}${word} ${length} ${textOf(bytes, at + 1, at + 1 + length)}`;
    at += 1 + length;
  }
  return text;
}

function characterStrings(message: Message, begin: number, stop: number): string[] | undefined {
  const parts: string[] = [];
  for (let at = begin; at < stop;) {
    const length = message.bytes[at]!;
    if (at + 1 + length > stop) {
      message.fail('DNS_HINFO_char_str_past_rdlen');
      return undefined;
    }
    parts.push(textOf(message.bytes, at + 1, at + 1 + length));
    at += 1 + length;
  }
  return parts;
}

/** NAPTR (RFC 3403 §4): order, preference, three strings and a name. */
function namingAuthority(message: Message, begin: number, stop: number): string | undefined {
  if (stop - begin < 8) return tooShort(message);
  const order = message.u16();
  const preference = message.u16();
  const parts: string[] = [];
  for (let i = 0; i < 3; i++) {
    const length = message.at < stop ? message.bytes[message.at]! : 255;
    if (message.at + 1 + length > stop) return tooShort(message);
    parts.push(`"${textOf(message.bytes, message.at + 1, message.at + 1 + length)}"`);
    message.at += 1 + length;
  }
  return `NAPTR ${order} ${preference} ${parts.join(' ')} ${message.name(false)}`;
}

/** CAA (RFC 8659 §4.1). */
function certificationAuthority(message: Message, begin: number, stop: number): string | undefined {
  const { bytes } = message;
  const tagLength = stop - begin >= 2 ? bytes[begin + 1]! : 0;
  if (stop - begin < 2 || begin + 2 + tagLength > stop) {
    message.fail('DNS_CAA_char_str_past_rdlen');
    return undefined;
  }
  const valueAt = begin + 2 + tagLength;
  return `CAA ${bytes[begin]} ${textOf(bytes, begin + 2, valueAt)} ${textOf(bytes, valueAt, stop)}`;
}

/** SVCB and HTTPS (RFC 9460 §2.2) in presentation form: `HTTPS 1 . alpn=h3,h2 ipv4hint=192.0.2.1`. */
function serviceBinding(message: Message, type: number, begin: number, stop: number): string | undefined {
  const { bytes } = message;
  if (stop - begin < 3) {
    message.fail('DNS_SVCB_wrong_length');
    return undefined;
  }
  const priority = message.u16();
  const target = message.name(false);
  if (message.fault !== undefined) return undefined;
  let text = `${typeName(type)} ${priority} ${target === '' ? '.' : target}`;
  let at = message.at;
  while (at < stop) {
    const length = at + 4 <= stop ? (bytes[at + 2]! << 8) | bytes[at + 3]! : -1;
    if (length < 0 || at + 4 + length > stop) {
      message.fail('DNS_SVCB_wrong_length');
      return undefined;
    }
    text += ` ${serviceParameter(bytes, (bytes[at]! << 8) | bytes[at + 1]!, at + 4, at + 4 + length)}`;
    at += 4 + length;
  }
  if (at > stop) message.fail('DNS_SVCB_wrong_length');
  message.at = stop;
  return text;
}

function serviceParameter(bytes: Uint8Array, key: number, begin: number, stop: number): string {
  const name = serviceParameters[key] ?? `key-${key}`;
  const length = stop - begin;
  const values: string[] = [];
  switch (key) {
    case 0:
      for (let at = begin; at + 2 <= stop; at += 2) {
        const needed = (bytes[at]! << 8) | bytes[at + 1]!;
        values.push(serviceParameters[needed] ?? `key-${needed}`);
      }
      break;
    case 1:
      for (let at = begin; at < stop; at += 1 + bytes[at]!) {
        values.push(textOf(bytes, at + 1, Math.min(at + 1 + bytes[at]!, stop)));
      }
      break;
    case 2:
      return name;
    case 3:
      if (length === 2) values.push(String((bytes[begin]! << 8) | bytes[begin + 1]!));
      break;
    case 4:
      for (let at = begin; at + 4 <= stop; at += 4) values.push(formatAddress(bytes, at, 4));
      break;
    case 6:
      for (let at = begin; at + 16 <= stop; at += 16) values.push(formatAddress(bytes, at, 16));
      break;
    case 7:
      values.push(textOf(bytes, begin, stop));
      break;
    default:
      // Encrypted client hello configurations and the unknown are long and opaque: their length says enough.
      return `${name}=<${length} bytes>`;
  }
  return `${name}=${values.join(',')}`;
}
