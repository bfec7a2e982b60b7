/** Headers that are read, and what their values say. */

import { handshakeHeaders } from '../websocket/handshake.ts';
import { textOf } from '../text.ts';
import { isBlank } from './letters.ts';

/** Zeek 8 cuts text fields of its logs at this length (Log::default_max_field_string_bytes). */
export const valueBytesMax = 4_096;

/** Headers that are read, by number; 0 is any other. */
export const REFERER = 1;
export const HOST = 2;
export const ORIGIN = 3;
export const USER_AGENT = 4;
export const AUTHORIZATION = 5;
export const CONTENT_LENGTH = 6;
export const TRANSFER_ENCODING = 7;
export const CONTENT_ENCODING = 8;
export const CONNECTION = 9;
export const UPGRADE = 10;
export const CONTENT_RANGE = 11;
export const PROXY = 12;
export const CONTENT_TYPE = 13;
export const CONTENT_DISPOSITION = 14;
export const WEBSOCKET = 15;
export const AUTHENTICATE = 16;

type Header = { name: string; id: number };

/** Headers that are read, by the length of their names. */
export const headersByLength: Header[][] = [];
for (const [name, id] of [
  ['referer', REFERER],
  ['host', HOST],
  ['origin', ORIGIN],
  ['user-agent', USER_AGENT],
  ['authorization', AUTHORIZATION],
  ['proxy-authorization', AUTHORIZATION],
  ['www-authenticate', AUTHENTICATE],
  ['proxy-authenticate', AUTHENTICATE],
  ['content-length', CONTENT_LENGTH],
  ['transfer-encoding', TRANSFER_ENCODING],
  ['content-encoding', CONTENT_ENCODING],
  ['connection', CONNECTION],
  ['upgrade', UPGRADE],
  ['content-range', CONTENT_RANGE],
  ['content-type', CONTENT_TYPE],
  ['content-disposition', CONTENT_DISPOSITION],
  ['forwarded', PROXY],
  ['x-forwarded-for', PROXY],
  ['x-forwarded-from', PROXY],
  ['client-ip', PROXY],
  ['via', PROXY],
  ['xroxy-connection', PROXY],
  ['proxy-connection', PROXY],
  ...handshakeHeaders.map((header) => [header, WEBSOCKET] as const),
] as const) {
  (headersByLength[name.length] ??= []).push({ name, id });
}

/** `bytes 0-499/1234`: first, last and all bytes (RFC 9110 §14.4). */
export const contentRange = /^bytes\s+(\d+)\s*-\s*(\d+)\s*\/\s*(\S+)$/i;

/** A header's value without the white space around it. */
export function value(bytes: Uint8Array, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(bytes[from]!)) from++;
  while (to > from && isBlank(bytes[to - 1]!)) to--;
  return textOf(bytes, from, Math.min(to, from + valueBytesMax));
}

/** Digits, or the same digits in a list (RFC 9112 §6.3); -1 for anything else. */
export function contentLength(text: string): number {
  const parts = text.split(',').map((part) => part.trim());
  if (!parts.every((part) => /^\d{1,64}$/.test(part))) return -1;
  const length = Number(parts[0]);
  return parts.every((part) => Number(part) === length) && Number.isSafeInteger(length) ? length : -1;
}

/** The user of `Basic dXNlcjpwYXNz` (RFC 7617); what stands behind the colon is never turned into text. */
export function basicUser(text: string): string | undefined {
  const match = /^basic[ \t]+([A-Za-z0-9+/=_-]+)/i.exec(text);
  if (!match) return undefined;
  const bytes = Buffer.from(match[1]!, 'base64');
  const colon = bytes.indexOf(0x3a);
  const user = colon < 0 ? undefined : textOf(bytes, 0, colon);
  bytes.fill(0);
  return user;
}

/** The user of `Digest username="Mufasa", …` (RFC 7616 §3.4); its response, which passwords can be guessed by, is passed over. */
export function digestUser(text: string): string | undefined {
  return /^digest[ \t].*?\busername="([^"]*)"/i.exec(text)?.[1];
}
