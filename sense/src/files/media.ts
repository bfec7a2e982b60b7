/**
 * The type of a file by its first bytes, under Zeek's names: a choice of the signatures that Zeek ships
 * (`base/frameworks/files/magic`) – programs, archives, documents, pictures, scripts, certificates. Where several fit,
 * the one that Zeek ranks highest wins.
 */

import { asciiOf } from '../protocols/text.ts';

/** How much of a file is looked at, as in Zeek: what a zip holds shows behind its first entries. */
export const sniffBytes = 4_096;

/** How much of a text is looked at. */
const textBytes = 512;

/** `text/html`, `image/png`, …; `undefined` where nothing fits, as Zeek leaves the field unset. */
export function mediaType(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end <= start) return undefined;
  let at = start;
  if (end - at >= 3 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
  while (at < end && isBlank(bytes[at]!)) at++;
  const first = at < end ? bytes[at]! : 0;
  if (first === 0x3c || first === 0x7b || first === 0x5b) {
    const marked = markup(asciiOf(bytes, at, Math.min(end, at + textBytes)), first);
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
  if (/^<\?php/i.test(body)) return 'text/x-php';
  if (body.startsWith('<jnlp ')) return 'application/x-java-jnlp-file';
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

/** Signatures by their first bytes, `..` standing for any byte. Where several fit, the first one counts. */
const signatures: readonly [string, string][] = [
  // Images
  ['47494638', 'image/gif'],
  ['89504e47', 'image/png'],
  ['ffd8ff', 'image/jpeg'],
  ['52494646........57454250', 'image/webp'],
  ['00000100', 'image/x-icon'],
  ['00000200', 'image/x-cursor'],
  ['49492a00', 'image/tiff'],
  ['49492b00', 'image/tiff'],
  ['4d4d002a', 'image/tiff'],
  ['4d4d002b', 'image/tiff'],
  ['38425053', 'image/vnd.adobe.photoshop'],
  ['41433130', 'image/vnd.dwg'],
  ['0000000c6a5020200d0a870a................6a703220', 'image/jp2'],
  // Documents
  ['255044462d', 'application/pdf'],
  ['7b5c727466', 'text/rtf'],
  ['d0cf11e0a1b11ae1', 'application/msword'],
  ['........5374616e64617264204a657420444200', 'application/x-msaccess'],
  ['........5374616e646172642041434520444200', 'application/x-msaccess'],
  ['789f3e22', 'application/vnd.ms-tnef'],
  ['2521', 'application/postscript'],
  // Archives and compressed files; what a zip is shows further inside.
  ['1f8b', 'application/x-gzip'],
  ['1f9d', 'application/x-compress'],
  ['425a68', 'application/x-bzip2'],
  ['fd377a585a00', 'application/x-xz'],
  ['377abcaf271c', 'application/x-7z-compressed'],
  ['52617221', 'application/x-rar'],
  ['504b0708504b0304', 'application/zip'],
  ['4d53434600000000', 'application/vnd.ms-cab-compressed'],
  ['78617221', 'application/x-xar'],
  ['7801730d626260', 'application/x-dmg'],
  ['78da63601805', 'application/x-dmg'],
  ['780163601805', 'application/x-dmg'],
  ['edabeedb', 'application/x-rpm'],
  ['6472706d', 'application/x-rpm'],
  ['213c617263683e0a64656269616e', 'application/x-debian-package'],
  ['213c617263683e', 'application/x-archive'],
  ['04224d18', 'application/x-lz4'],
  ['28b52ffd', 'application/zstd'],
  ['4c5a4950', 'application/x-lzip'],
  ['5d0000', 'application/x-lzma'],
  ['60ea', 'application/x-arj'],
  ['..............2a2a4143452a2a', 'application/x-ace'],
  ['....2d6c68..2d', 'application/x-lzh'],
  ['71c7', 'application/x-cpio'],
  ['c771', 'application/x-cpio'],
  ['53495421', 'application/x-stuffit'],
  ['574152432f', 'application/warc'],
  // Programs
  ['4d5a', 'application/x-dosexec'],
  ['7f454c46..01....................0100', 'application/x-object'],
  ['7f454c46..02....................0001', 'application/x-object'],
  ['7f454c46..01....................0200', 'application/x-executable'],
  ['7f454c46..02....................0002', 'application/x-executable'],
  ['7f454c46..01....................0300', 'application/x-sharedlib'],
  ['7f454c46..02....................0003', 'application/x-sharedlib'],
  ['7f454c46..01....................0400', 'application/x-coredump'],
  ['7f454c46..02....................0004', 'application/x-coredump'],
  ['cefaedfe', 'application/x-mach-o-executable'],
  ['cffaedfe', 'application/x-mach-o-executable'],
  ['0061736d', 'application/wasm'],
  ['cafed00d', 'application/x-java-pack200'],
  ['feedfeed', 'application/x-java-keystore'],
  ['cececece', 'application/x-java-jce-keystore'],
  ['4c0000000114020000000000c000000000000046', 'application/x-ms-shortcut'],
  ['465753', 'application/x-shockwave-flash'],
  ['435753', 'application/x-shockwave-flash'],
  ['5a5753', 'application/x-shockwave-flash'],
  // Sound and film
  ['464c56', 'video/x-flv'],
  ['........6674797071742020', 'video/quicktime'],
  ['........667479706a7032', 'image/jp2'],
  ['........66747970', 'video/mp4'],
  ['1a45dfa3', 'video/webm'],
  ['494433', 'audio/mpeg'],
  ['4f676753', 'application/ogg'],
  ['3026b2758e66cf11', 'video/x-ms-asf'],
  ['52494646........57415645', 'audio/x-wav'],
  ['52494646........41564920', 'video/x-msvideo'],
  // Others
  ['774f4646', 'application/font-woff'],
  ['774f4632', 'application/font-woff2'],
  ['d4c3b2a1', 'application/vnd.tcpdump.pcap'],
  ['a1b2c3d4', 'application/vnd.tcpdump.pcap'],
  ['0a0d0d0a........4d3c2b1a', 'application/vnd.tcpdump.pcap'],
  ['0a0d0d0a........1a2b3c4d', 'application/vnd.tcpdump.pcap'],
  ['53514c69746520666f726d6174203300', 'application/x-sqlite3'],
  ['64383a616e6e6f756e6365', 'application/x-bittorrent'],
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
  switch (bytes[start]) {
    case 0x50:
      return container(bytes, start, end);
    case 0xca:
      return fitsWord(bytes, start, end, 0xcafebabe) ? manifold(bytes, start, end) : undefined;
    case 0x42:
      return bitmap(bytes, start, end) ? 'image/x-ms-bmp' : undefined;
    case 0x30:
      return certificateStatus(bytes, start, end);
    default:
      return archive(bytes, start, end) ? 'application/x-tar' : undefined;
  }
}

const fitsWord = (bytes: Uint8Array, at: number, end: number, word: number): boolean =>
  end - at >= 4 && ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) === (word | 0);

/** Java classes and universal programs of macOS share a first word; what follows is a version, or a small number of programs. */
function manifold(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start < 8) return undefined;
  const last = bytes[start + 7]!;
  if (bytes[start + 6] !== 0) return undefined;
  return last >= 0x2d ? 'application/x-java-applet' : last > 0 && last <= 0x14 ? 'application/x-mach-o-executable' : undefined;
}

/** The length of the second header is one of a few. */
function bitmap(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 16 || bytes[start + 1] !== 0x4d || bytes[start + 15] !== 0) return false;
  return [0x0c, 0x28, 0x40, 0x6c, 0x7c, 0x80].includes(bytes[start + 14]!);
}

/** The header of the first file of a tar (POSIX.1 ustar and before): a name, three short and two long octal numbers. */
function archive(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 157 || bytes[start]! < 0x20) return false;
  let at = start + 100;
  let digits = 0;
  for (const length of [8, 8, 8, 12, 12]) {
    for (const stop = at + length - 1; at < stop; at++) {
      const byte = bytes[at]!;
      if (byte >= 0x30 && byte <= 0x37) digits++;
      else if (byte !== 0x20) return false;
    }
    if (bytes[at] !== 0 && bytes[at] !== 0x20) return false;
    at++;
  }
  return digits > 4;
}

/** Entries of a zip that are looked at; office programs write what tells them apart among the first. */
const entriesMax = 16;

const office = 'application/vnd.openxmlformats-officedocument';

/** What a zip holds, by the names of its first files (APPNOTE 4.3.7). */
function container(bytes: Uint8Array, start: number, end: number): string | undefined {
  let at = start;
  let packaged = false;
  for (let entry = 0; entry < entriesMax && end - at >= 30 && fitsWord(bytes, at, end, 0x504b0304); entry++) {
    const nameLength = bytes[at + 26]! | (bytes[at + 27]! << 8);
    const data = at + 30 + nameLength + (bytes[at + 28]! | (bytes[at + 29]! << 8));
    const size = (bytes[at + 18]! | (bytes[at + 19]! << 8) | (bytes[at + 20]! << 16) | (bytes[at + 21]! << 24)) >>> 0;
    const name = asciiOf(bytes, at + 30, Math.min(end, at + 30 + Math.min(nameLength, 64)));
    if (entry === 0) {
      packaged = /^(?:\[Content_Types\]\.xml|_rels\/\.rels|docProps\/|word\/|xl\/|ppt\/)/.test(name);
      // OpenDocument and others begin with their type, stored as it is (ODF 1.2 part 3 §3.3).
      if (name === 'mimetype' && data < end) return asciiOf(bytes, data, Math.min(end, data + Math.min(size, 128)));
    }
    if (/^META-INF\/(?:MANIFEST\.MF)?$/.test(name)) return 'application/java-archive';
    if (packaged) {
      if (name.startsWith('word/')) return `${office}.wordprocessingml.document`;
      if (name.startsWith('xl/')) return `${office}.spreadsheetml.sheet`;
      if (name.startsWith('ppt/')) return `${office}.presentationml.presentation`;
    }
    at = data + size;
    // Written in one go, the length of an entry stands behind it: the next one is looked for.
    if ((bytes[start + 6]! & 8) !== 0 && size === 0) {
      at = data;
      while (at < end - 4 && !fitsWord(bytes, at, end, 0x504b0304)) at++;
    }
  }
  if (!fitsWord(bytes, start, end, 0x504b0304)) return undefined;
  return packaged && bytes[start + 4] === 0x14 && bytes[start + 6] === 6 ? office : 'application/zip';
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
  for (let at = start + 11; at <= start + 19; at++) {
    if (fits(bytes, at, end, ocspRequest)) return 'application/ocsp-request';
    if (fits(bytes, at, end, ocspResponse)) return 'application/ocsp-response';
  }
  return undefined;
}

const shebang = /^#![^\n]{1,15}bin\/(?:env\s+)?((?:ba|tc|c|z|fa|ae|k)?sh|perl|ruby|python|node|php|[gn]?awk|wish|tcl|lua)/;
const interpreters: { readonly [name: string]: string } = {
  perl: 'text/x-perl',
  ruby: 'text/x-ruby',
  python: 'text/x-python',
  node: 'application/javascript',
  php: 'text/x-php',
  awk: 'text/x-awk',
  gawk: 'text/x-awk',
  nawk: 'text/x-awk',
  wish: 'text/x-tcl',
  tcl: 'text/x-tcl',
  lua: 'text/x-lua',
};

function script(bytes: Uint8Array, start: number, at: number, end: number): string | undefined {
  const first = bytes[at];
  if (first === 0x23 && at === start && bytes[start + 1] === 0x21) {
    const match = shebang.exec(asciiOf(bytes, start, Math.min(end, start + 64)));
    if (!match) return undefined;
    return interpreters[match[1]!] ?? 'text/x-shellscript';
  }
  if (first === 0x40 && at === start) {
    const text = asciiOf(bytes, start, Math.min(end, start + 32));
    if (/^@ *echo +off|^@rem|^@set +/i.test(text)) return 'text/x-msdos-batch';
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
