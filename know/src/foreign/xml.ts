/**
 * XML as a stream of elements, as far as machines' reports need it (XML 1.0, 5th edition): no document type is read and no entity of it is
 * ever expanded, so that a file of a hundred lines stays one (CWE-776), and nothing outside of the file is asked for (CWE-611).
 */

export type XmlEvent =
  | { kind: 'open'; name: string; attributes: { readonly [name: string]: string } }
  | { kind: 'close'; name: string }
  | { kind: 'text'; text: string }
  /** The text cannot be read further. */
  | { kind: 'broken'; line: number };

/** Reports stand under ten elements deep; nothing a person wrote passes this. */
const depthMax = 64;
/** The widest element of nmap has under twenty. */
const attributesMax = 100;
/** A tag with all its attributes; nmap's longest, with a script's whole output in it, are some tens of kilobytes. */
const tagMax = 4 * 1024 * 1024;

/** Reads element after element. What stands after something broken is not read. */
export function* xmlEvents(text: string): Generator<XmlEvent> {
  const open: string[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf('<', at);
    const between = text.slice(at, start < 0 ? text.length : start);
    if (open.length > 0 && between.trim() !== '') yield { kind: 'text', text: plain(between) };
    if (start < 0) {
      if (open.length > 0) yield { kind: 'broken', line: lineAt(text, text.length) };
      return;
    }
    const broken = (): XmlEvent => ({ kind: 'broken', line: lineAt(text, start) });
    const passed = skipped(text, start);
    if (passed !== undefined) {
      if (passed < 0) return yield broken();
      if (text.startsWith('<![CDATA[', start) && open.length > 0) yield { kind: 'text', text: text.slice(start + 9, passed - 3) };
      at = passed;
      continue;
    }
    const end = tagEnd(text, start);
    if (end < 0) return yield broken();
    const inside = text.slice(start + 1, end);
    at = end + 1;
    if (inside.startsWith('/')) {
      const name = inside.slice(1).trim();
      if (open.pop() !== name) return yield broken();
      yield { kind: 'close', name };
      continue;
    }
    const empty = inside.endsWith('/');
    const read = tag(empty ? inside.slice(0, -1) : inside);
    if (!read || open.length >= depthMax) return yield broken();
    yield { kind: 'open', ...read };
    if (empty) yield { kind: 'close', name: read.name };
    else open.push(read.name);
  }
}

/** The end of a comment, instruction, section of characters or document type; -1 when it has none, `undefined` when it is an element. */
function skipped(text: string, start: number): number | undefined {
  const ends = [
    ['<!--', '-->'],
    ['<?', '?>'],
    ['<![CDATA[', ']]>'],
  ] as const;
  for (const [begin, end] of ends) {
    if (!text.startsWith(begin, start)) continue;
    const found = text.indexOf(end, start + begin.length);
    return found < 0 ? -1 : found + end.length;
  }
  if (!text.startsWith('<!', start)) return undefined;
  const end = text.indexOf('>', start);
  const subset = text.indexOf('[', start);
  if (end < 0 || subset < 0 || subset > end) return end < 0 ? -1 : end + 1;
  const close = text.indexOf(']', subset);
  const after = close < 0 ? -1 : text.indexOf('>', close);
  return after < 0 ? -1 : after + 1;
}

/** Where a tag ends: a `>` outside of quotation marks. */
function tagEnd(text: string, start: number): number {
  const sign = /["'>]/g;
  sign.lastIndex = start + 1;
  for (let found = sign.exec(text); found; found = sign.exec(text)) {
    if (found.index - start > tagMax) return -1;
    if (found[0] === '>') return found.index;
    const close = text.indexOf(found[0], found.index + 1);
    if (close < 0) return -1;
    sign.lastIndex = close + 1;
  }
  return -1;
}

function tag(inside: string): { name: string; attributes: { [name: string]: string } } | undefined {
  const name = /^[^\s/<>"'=]+/.exec(inside)?.[0];
  if (name === undefined) return undefined;
  const attributes: { [name: string]: string } = Object.create(null) as { [name: string]: string };
  const attribute = /\s*([^\s/<>"'=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
  attribute.lastIndex = name.length;
  let count = 0;
  let at = name.length;
  for (let found = attribute.exec(inside); found; found = attribute.exec(inside)) {
    if (++count > attributesMax) return undefined;
    attributes[found[1]!] = plain(found[2] ?? found[3] ?? '');
    at = attribute.lastIndex;
  }
  return inside.slice(at).trim() === '' ? { name, attributes } : undefined;
}

const named: { readonly [entity: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Takes the five entities of XML and characters by number; every other stays as it is written. */
function plain(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|amp|lt|gt|quot|apos);/gi, (whole, entity: string) => {
    if (!entity.startsWith('#')) return named[entity] ?? whole;
    const code = entity[1] === 'x' || entity[1] === 'X' ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
    const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : whole;
  });
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) line++;
  return line;
}
