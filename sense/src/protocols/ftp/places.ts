/** What FTP says about places: addresses of data flows (RFC 959 §4.1.2, RFC 2428) and paths of files. */

import { formatAddress, parseAddress } from '@forewarn/base/ip';

/** Where a data flow will arrive; the host is empty where the same one is meant. */
export type Place = { host: string; port: number };

const sixNumbers = /(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})/;

/** `192,0,2,1,4,1` in PORT and in the reply to PASV. */
export function placeOf(text: string): Place | undefined {
  const numbers = sixNumbers.exec(text)?.slice(1).map(Number);
  if (!numbers || numbers.some((number) => number > 255)) return undefined;
  return { host: numbers.slice(0, 4).join('.'), port: numbers[4]! * 256 + numbers[5]! };
}

const extended = /([!-/:-@[-`{-~])([12]?)\1([0-9a-fA-F:.]{0,45})\1(\d{1,5})\1/;

/** `|2|2001:db8::1|5282|` in EPRT, `|||6446|` in the reply to EPSV. */
export function extendedPlaceOf(text: string): Place | undefined {
  const match = extended.exec(text);
  if (!match || Number(match[4]) > 65_535) return undefined;
  if (match[3] === '') return { host: '', port: Number(match[4]) };
  const bytes = parseAddress(match[3]!);
  return bytes && { host: formatAddress(bytes), port: Number(match[4]) };
}

/** A path below a folder, with `..` and doubled slashes taken out. */
export function pathBelow(folder: string, path: string): string {
  const whole = /^(?:\/|[A-Za-z]:[\\/])/.test(path) ? path : `${folder}/${path}`;
  const absolute = whole.startsWith('/');
  const parts: string[] = [];
  for (const [i, part] of whole.split('/').entries()) {
    if (part === '' || (part === '.' && i > 0)) continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !absolute) parts.push(part);
  }
  return `${absolute ? '/' : ''}${parts.join('/')}`;
}

/** The path in `257 "/a ""b""" created` (RFC 959, appendix II). */
export function quotedPath(text: string): string | undefined {
  const first = text.indexOf('"');
  const last = text.lastIndexOf('"');
  if (first < 0 || last <= first) return undefined;
  return text.slice(first + 1, last).replaceAll('""', '"');
}
