/**
 * The type of a body by its first bytes, under Zeek's names: a choice of the signatures that Zeek ships
 * (`base/frameworks/files/magic`), for what HTTP carries most. Where several fit, the one Zeek ranks highest wins.
 */

import { asciiOf } from '../protocols/text.ts';

/** How much of a body is looked at; Zeek keeps 4,096 bytes, but no signature here needs more than a few hundred. */
export const sniffBytes = 512;

/** `text/html`, `image/png`, …; `undefined` where nothing fits, as Zeek leaves the field unset. */
export function mediaType(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end <= start) return undefined;
  let at = start;
  if (end - at >= 3 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
  while (at < end && isBlank(bytes[at]!)) at++;
  const first = at < end ? bytes[at]! : 0;
  if (first === 0x3c || first === 0x7b || first === 0x5b) {
    const marked = markup(asciiOf(bytes, at, Math.min(end, at + sniffBytes)), first);
    if (marked) return marked;
  }
  return binary(bytes, start, end) ?? script(bytes, start, at, end) ?? plain(bytes, start, end);
}

const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a;

const html = /^<(?:!doctype +html|html|meta +http-equiv|head|title|body)/i;
const atom = /^<(?:rss[^>]*xmlns:atom|feed[^>]*xmlns=["']?http:\/\/www\.w3\.org\/2005\/Atom)/i;
const soap = /^<soap(?:-env)?:envelope/i;
const javascript = /^<script[ \t]+(?:type|language)=['"]?(?:text\/)?javascript|^<script>[\r\n \t]*(?:var|function) /i;
const object = /^\{[\r\n \t]*(?:"[^"]+"|[a-zA-Z][a-zA-Z0-9\\_]*)[\r\n \t]*:[\r\n \t]*(?:["[{0-9]|true|false)/;
const array = /^\[[\r\n \t]*(?:(?:"[^"]+"|[0-9]+(?:\.[0-9]+)?|true|false)[\r\n \t]*,|\{|\[)/;
const emptyJson = /^(?:\[\]|\{\})[\r\n \t]*$/;

function markup(text: string, first: number): string | undefined {
  if (first !== 0x3c) return object.test(text) || array.test(text) || emptyJson.test(text) ? 'text/json' : undefined;
  const xmlAt = behindComments(text, 0);
  const xml = text.startsWith('<?xml ', xmlAt);
  const xmlEnd = xml ? text.indexOf('?>', xmlAt) : -1;
  const body = text.slice(xmlEnd < 0 ? xmlAt : behindComments(text, xmlEnd + 2));
  if (html.test(body)) return 'text/html';
  if (atom.test(body)) return 'text/atom';
  if (/^<rss/i.test(body)) return 'text/rss';
  if (javascript.test(text)) return 'application/javascript';
  if (soap.test(body)) return 'application/soap+xml';
  if (/^<methodresponse>/i.test(body)) return 'application/xml-rpc';
  if (/^<!doctype +cross-domain-policy|^<cross-domain-policy/i.test(body)) return 'text/x-cross-domain-policy';
  if (/^<svg/i.test(body) || /^<!doctype svg/i.test(body)) return 'image/svg+xml';
  return xml ? 'application/xml' : undefined;
}

/** Behind white space and comments. Written out, because a pattern for it would try every way to pair the comments. */
function behindComments(text: string, from: number): number {
  let at = from;
  for (;;) {
    while (at < text.length && isBlank(text.charCodeAt(at))) at++;
    const end = text.startsWith('<!--', at) ? text.indexOf('-->', at + 4) : -1;
    if (end < 0) return at;
    at = end + 3;
  }
}

/** Signatures by their first bytes, `..` standing for any byte. */
const signatures: readonly [string, string][] = [
  ['47494638', 'image/gif'],
  ['89504e470d0a1a0a', 'image/png'],
  ['ffd8ff', 'image/jpeg'],
  ['52494646........57454250', 'image/webp'],
  ['00000100', 'image/x-icon'],
  ['49492a00', 'image/tiff'],
  ['4d4d002a', 'image/tiff'],
  ['25504446', 'application/pdf'],
  ['504b0304', 'application/zip'],
  ['1f8b', 'application/x-gzip'],
  ['425a68', 'application/x-bzip2'],
  ['fd377a585a00', 'application/x-xz'],
  ['377abcaf271c', 'application/x-7z-compressed'],
  ['526172211a07', 'application/x-rar'],
  ['4d534346', 'application/vnd.ms-cab-compressed'],
  ['4d5a', 'application/x-dosexec'],
  ['7f454c46........................0200', 'application/x-executable'],
  ['7f454c46........................0300', 'application/x-sharedlib'],
  ['7f454c46........................0100', 'application/x-object'],
  ['cefaedfe', 'application/x-mach-o-executable'],
  ['cffaedfe', 'application/x-mach-o-executable'],
  ['cafebabe......2d', 'application/x-java-applet'],
  ['d0cf11e0a1b11ae1', 'application/msword'],
  ['4c0000000114020000000000c0000000', 'application/x-ms-shortcut'],
  ['465753', 'application/x-shockwave-flash'],
  ['435753', 'application/x-shockwave-flash'],
  ['5a5753', 'application/x-shockwave-flash'],
  ['464c56', 'video/x-flv'],
  ['........66747970', 'video/mp4'],
  ['1a45dfa3', 'video/webm'],
  ['494433', 'audio/mpeg'],
  ['4f676753', 'application/ogg'],
  ['774f4646', 'application/font-woff'],
  ['774f4632', 'application/font-woff2'],
  ['d4c3b2a1', 'application/vnd.tcpdump.pcap'],
  ['a1b2c3d4', 'application/vnd.tcpdump.pcap'],
  ['2d2d2d2d2d424547494e204345525449464943415445', 'application/x-pem'],
];

type Signature = { bytes: readonly number[]; type: string };

/** The signatures by their first byte; those that begin with any byte stand under -1. */
const byFirst = new Map<number, Signature[]>();
for (const [pattern, type] of signatures) {
  const bytes = (pattern.match(/../g) ?? []).map((pair) => (pair === '..' ? -1 : Number.parseInt(pair, 16)));
  const list = byFirst.get(bytes[0]!) ?? [];
  list.push({ bytes, type });
  byFirst.set(bytes[0]!, list);
}
const anywhere = byFirst.get(-1) ?? [];

function binary(bytes: Uint8Array, start: number, end: number): string | undefined {
  for (const { bytes: wanted, type } of byFirst.get(bytes[start]!) ?? []) {
    if (fits(bytes, start, end, wanted)) return type;
  }
  for (const { bytes: wanted, type } of anywhere) if (fits(bytes, start, end, wanted)) return type;
  return certificateStatus(bytes, start, end);
}

function fits(bytes: Uint8Array, start: number, end: number, wanted: readonly number[]): boolean {
  if (end - start < wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (wanted[i]! >= 0 && bytes[start + i] !== wanted[i]) return false;
  return true;
}

const ocspRequest = [0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a];
const ocspResponse = [0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01];

/** OCSP (RFC 6960): an object identifier eleven to nineteen bytes into a DER sequence. */
function certificateStatus(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (bytes[start] !== 0x30) return undefined;
  for (let at = start + 11; at <= start + 19; at++) {
    if (fits(bytes, at, end, ocspRequest)) return 'application/ocsp-request';
    if (fits(bytes, at, end, ocspResponse)) return 'application/ocsp-response';
  }
  return undefined;
}

const shebang = /^#![^\n]{1,15}bin\/(?:env\s+)?(?:((?:ba|tc|c|z|fa|ae|k)?sh)|(perl)|(ruby)|(python)|(?:node(?:js)?)|(php))/;

function script(bytes: Uint8Array, start: number, at: number, end: number): string | undefined {
  const first = bytes[at];
  if (first === 0x23 && at === start && bytes[start + 1] === 0x21) {
    const match = shebang.exec(asciiOf(bytes, start, Math.min(end, start + 64)));
    if (!match) return undefined;
    if (match[1]) return 'text/x-shellscript';
    if (match[2]) return 'text/x-perl';
    if (match[3]) return 'text/x-ruby';
    if (match[4]) return 'text/x-python';
    return match[5] ? 'text/x-php' : 'application/javascript';
  }
  if (first === 0x66 || first === 0x64 || first === 0x28) {
    const text = asciiOf(bytes, at, Math.min(end, at + 24));
    if (/^for \(;;\);|^document\.write(?:ln)?[ \t]?\(|^\(function\(\)[ \t\n]*\{/.test(text)) return 'application/javascript';
  }
  return undefined;
}

/** Ten printable characters or white space at the beginning, after a byte order mark. */
function plain(bytes: Uint8Array, start: number, end: number): string | undefined {
  let at = start;
  if (bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
  else if ((bytes[at] === 0xfe && bytes[at + 1] === 0xff) || (bytes[at] === 0xff && bytes[at + 1] === 0xfe)) at += 2;
  if (end - at < 10) return undefined;
  for (let i = at; i < at + 10; i++) {
    const byte = bytes[i]!;
    if (!((byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d))) return undefined;
  }
  return 'text/plain';
}
