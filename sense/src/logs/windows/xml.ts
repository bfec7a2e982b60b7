/**
 * XML, as much of it as events need: elements, attributes, text, CDATA, the five entities of XML itself and characters by number. Declared
 * entities are never expanded – a document type is passed over – so that no text of a kilobyte becomes one of a gigabyte.
 */

import type { Element, Scalar } from '../element.ts';
import { isElement } from '../element.ts';
import type { RefusedReason } from '../format.ts';
import { limits as shared } from '../limits.ts';

export const limits = {
  xmlDepthMax: {
    name: 'windows.xmlDepthMax',
    value: 64,
    unit: 'levels',
    why: 'Of elements in one event; real ones have five to ten.',
  },
  xmlElementsMax: {
    name: 'windows.xmlElementsMax',
    value: 20_000,
    unit: 'elements',
    why: 'Of one event; the widest have some hundreds.',
  },
} as const;

const entities: { readonly [name: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** `&lt;`, `&#13;`, `&#xA;`; what is no entity of XML itself stays as it stands. */
export function unescape(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return Object.hasOwn(entities, name) ? entities[name]! : whole;
      const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal);
      return code > 0 && code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

/** Reads one element, complete from its `<` to its last `>`. Answers why it is none. */
export function readElement(xml: string): Element | RefusedReason {
  type Open = { name: string; attributes: [string, Scalar][]; children: (Element | Scalar)[] };
  const stack: Open[] = [];
  let elements = 0;
  let at = 0;
  while (at < xml.length) {
    const open = xml.indexOf('<', at);
    const top = stack.at(-1);
    const text = xml.slice(at, open < 0 ? xml.length : open);
    if (text !== '' && top) top.children.push(unescape(text));
    if (open < 0) return 'cut';
    if (xml.startsWith('<![CDATA[', open)) {
      const end = xml.indexOf(']]>', open + 9);
      if (end < 0) return 'cut';
      top?.children.push(xml.slice(open + 9, end));
      at = end + 3;
      continue;
    }
    if (xml.startsWith('<!--', open) || xml.startsWith('<?', open)) {
      const mark = xml[open + 1] === '?' ? '?>' : '-->';
      const end = xml.indexOf(mark, open + (mark === '-->' ? 4 : 2));
      if (end < 0) return 'cut';
      at = end + mark.length;
      continue;
    }
    if (xml[open + 1] === '!') return 'malformed';
    const end = tagEnd(xml, open + 1);
    if (end < 0) return 'cut';
    at = end + 1;
    if (xml[open + 1] === '/') {
      const closed = stack.pop();
      if (!closed || closed.name !== local(xml.slice(open + 2, end).trim())) return 'malformed';
      const element = trimmed(closed);
      const parent = stack.at(-1);
      if (!parent) return element;
      parent.children.push(element);
      continue;
    }
    if (++elements > limits.xmlElementsMax.value) return 'too-large';
    if (stack.length >= limits.xmlDepthMax.value) return 'too-deep';
    const empty = xml[end - 1] === '/';
    const tag = xml.slice(open + 1, empty ? end - 1 : end);
    const name = /^[^\s/>]+/.exec(tag)?.[0];
    if (name === undefined) return 'malformed';
    const opened: Open = { name: local(name), attributes: attributesOf(tag.slice(name.length)), children: [] };
    if (!empty) stack.push(opened);
    else if (stack.length === 0) return opened;
    else stack.at(-1)!.children.push(opened);
  }
  return 'cut';
}

/** Between elements, white space is layout. */
function trimmed(of: { name: string; attributes: [string, Scalar][]; children: (Element | Scalar)[] }): Element {
  if (!of.children.some(isElement)) return of;
  return { ...of, children: of.children.filter((child) => isElement(child) || String(child).trim() !== '') };
}

/** Where the tag ends: the first `>` outside of quotes. -1: it does not. */
const tagEnd = (xml: string, from: number): number => new TagScan(from).end(xml);

/** Looks for the end of a tag, and goes on where it stopped when more of the text has come. */
class TagScan {
  /** Where the tag begins. */
  readonly from: number;
  #at: number;
  #quote = '';

  constructor(from: number) {
    this.from = from;
    this.#at = from;
  }

  end(xml: string): number {
    for (;;) {
      if (this.#quote !== '') {
        const close = xml.indexOf(this.#quote, this.#at);
        this.#at = close < 0 ? xml.length : close + 1;
        if (close < 0) return -1;
        this.#quote = '';
      }
      for (; this.#at < xml.length; this.#at++) {
        const c = xml.charCodeAt(this.#at);
        if (c === 0x3e) return this.#at;
        if (c === 0x22 || c === 0x27) break;
      }
      if (this.#at >= xml.length) return -1;
      this.#quote = xml[this.#at++]!;
    }
  }
}

/** `name="value"` pairs, walked once. */
function attributesOf(tag: string): [string, Scalar][] {
  const attributes: [string, Scalar][] = [];
  let at = 0;
  while (attributes.length < shared.fieldsMax.value) {
    const equals = tag.indexOf('=', at);
    if (equals < 0) break;
    const name = tag.slice(at, equals).trim();
    let open = equals + 1;
    while (open < tag.length && tag.charCodeAt(open) <= 0x20) open++;
    const quote = tag[open];
    if (quote !== '"' && quote !== "'") {
      at = equals + 1;
      continue;
    }
    const close = tag.indexOf(quote, open + 1);
    if (close < 0) break;
    if (name !== '' && name.length <= shared.nameCharactersMax.value && !/\s/.test(name))
      attributes.push([local(name), unescape(tag.slice(open + 1, close))]);
    at = close + 1;
  }
  return attributes;
}

/**
 * Cuts a text that comes in pieces into its elements `Event`, whatever stands around them. Only tags are looked at; each character once.
 */
export class EventCutter {
  readonly #take: (xml: string) => void;
  readonly #refused: (reason: RefusedReason) => void;
  /** What of the text is still needed: from the beginning of the event at hand, or of a tag that is not complete. */
  #held = '';
  /** How much of it was looked at. */
  #seen = 0;
  #depth = 0;
  #inEvent = false;
  /** What ends the part at hand, where that is no tag: `-->`, `]]>`, `?>`. */
  #until = '';
  #dropped = false;
  /** The tag at hand, while its end has not come. */
  #tag: TagScan | undefined;

  constructor(take: (xml: string) => void, refused: (reason: RefusedReason) => void) {
    this.#take = take;
    this.#refused = refused;
  }

  push(text: string): void {
    this.#held += text;
    while (this.#step());
    if (this.#held.length > shared.eventBytesMax.value) {
      // What is this long is no event; the next one begins anew.
      if (this.#inEvent || this.#until === '') this.#drop('too-long');
      else {
        this.#held = this.#held.slice(this.#seen);
        this.#seen = 0;
      }
    }
  }

  end(): void {
    if (this.#inEvent || this.#tag) this.#drop('cut');
  }

  #drop(reason: RefusedReason): void {
    this.#refused(reason);
    this.#inEvent = false;
    this.#depth = 0;
    this.#until = '';
    this.#held = '';
    this.#seen = 0;
    this.#tag = undefined;
  }

  /** Goes on by one tag; answers false when more text is needed. */
  #step(): boolean {
    if (this.#until !== '') {
      const end = this.#held.indexOf(this.#until, this.#seen);
      if (end < 0) {
        this.#seen = Math.max(this.#seen, this.#held.length - this.#until.length + 1);
        this.#forget(this.#seen);
        return false;
      }
      this.#seen = end + this.#until.length;
      this.#until = '';
    }
    const open = this.#held.indexOf('<', this.#seen);
    if (open < 0) {
      this.#seen = this.#held.length;
      this.#forget(this.#seen);
      return false;
    }
    this.#seen = open;
    this.#forget(open);
    const at = this.#seen;
    // Nine characters tell everything apart.
    if (this.#held.length - at < 9 && !this.#held.includes('>', at)) return false;
    for (const [mark, until] of parts) {
      if (!this.#held.startsWith(mark, at)) continue;
      if (mark === '<!' && !this.#dropped) {
        this.#dropped = true;
        this.#refused('unrecognised');
      }
      this.#until = until;
      this.#seen = at + mark.length;
      return true;
    }
    if (this.#tag?.from !== at + 1) this.#tag = new TagScan(at + 1);
    const end = this.#tag.end(this.#held);
    if (end < 0) return false;
    this.#tag = undefined;
    const closing = this.#held[at + 1] === '/';
    const name = /^[^\s/>]*/.exec(this.#held.slice(at + (closing ? 2 : 1), Math.min(end, at + 260)))![0];
    const begins = !closing && local(name) === 'Event';
    if (begins && (!this.#inEvent || this.#held.slice(at, end).includes(eventNamespace))) {
      // Another event within one that was never closed.
      if (this.#inEvent) this.#refused('malformed');
      this.#inEvent = true;
      this.#depth = 0;
      this.#held = this.#held.slice(at);
      this.#seen = end + 1 - at;
    } else this.#seen = end + 1;
    if (!this.#inEvent) return true;
    if (closing) this.#depth--;
    else if (this.#held[this.#seen - 2] !== '/') this.#depth++;
    if (this.#depth <= 0) {
      const xml = this.#held.slice(0, this.#seen);
      this.#inEvent = false;
      this.#held = this.#held.slice(this.#seen);
      this.#seen = 0;
      this.#take(xml);
    }
    return true;
  }

  /** What lies before is needed no more, when it is of no event. */
  #forget(before: number): void {
    if (this.#inEvent || before === 0) return;
    this.#held = this.#held.slice(before);
    this.#seen -= before;
  }
}

export const eventNamespace = 'http://schemas.microsoft.com/win/2004/08/events/event';

/** A document type ends with its internal subset, which nobody who exports events writes. */
const parts: readonly (readonly [mark: string, until: string])[] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
  ['<!', '>'],
];
