/** A document of XML that is read when it is whole: held up to a ceiling, never expanded. */

import { type Element, isElement } from '../../logs/element.ts';
import type { RefusedReason } from '../../logs/format.ts';
import { readElement } from '../../logs/windows/xml.ts';
import type { ContentHost, ContentReader } from './contents.ts';

const documentBytesMax = 524_288;
const nestingMax = 64;

/** The ceilings of documents, for the reference. */
export const limits = [
  { name: 'contents.documentBytesMax', value: documentBytesMax, unit: 'bytes', why: 'Of a description of DASH or a warning of CAP: an hour of segments, or an outline of a thousand points, has a fifth of it.' },
] as const; // oxfmt-ignore

const nothing = new Uint8Array(0);

export class Document implements ContentReader {
  readonly #host: ContentHost;
  readonly #take: (root: Element | RefusedReason, ts: number) => void;
  #held: Uint8Array = nothing;
  #have = 0;
  #lost = false;

  /** `take` is given the root element, or why there is none. */
  constructor(host: ContentHost, take: (root: Element | RefusedReason, ts: number) => void) {
    this.#host = host;
    this.#take = take;
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    if (this.#lost) return;
    const need = this.#have + end - start;
    if (need > this.#held.length) {
      const size = Math.max(Math.min(documentBytesMax, need * 2), 8_192);
      if (need > documentBytesMax || !this.#host.room(size - this.#held.length)) {
        this.gap();
        return;
      }
      const larger = new Uint8Array(size);
      larger.set(this.#held.subarray(0, this.#have));
      this.#held = larger;
    }
    this.#held.set(bytes.subarray(start, end), this.#have);
    this.#have = need;
  }

  gap(): void {
    this.#lost = true;
    this.#giveBack();
  }

  end(ts: number, whole: boolean): void {
    const text = this.#lost ? '' : decode(this.#held.subarray(0, this.#have));
    const lost = this.#lost || !whole;
    this.#lost = true;
    this.#giveBack();
    this.#take(lost ? 'cut' : readElement(text), ts);
  }

  #giveBack(): void {
    this.#host.room(-this.#held.length);
    this.#held = nothing;
    this.#have = 0;
  }
}

/** UTF-8, unless the declaration names one of the others that are in use. */
export function decode(bytes: Uint8Array): string {
  const head = Buffer.prototype.latin1Slice.call(bytes, 0, Math.min(bytes.length, 100));
  const named =
    /^\W{0,4}<\?xml[^>]{0,80}?encoding=["'](gb18030|gbk|gb2312|iso-8859-1|windows-1252|big5|shift_jis|euc-kr)["']/i.exec(head);
  return new TextDecoder(named?.[1] ?? 'utf-8').decode(bytes);
}

/** Elements of a name anywhere below, at most `max`, themselves not searched. */
export function descendants(of: Element, name: string, max: number): Element[] {
  const found: Element[] = [];
  const search = (element: Element, depth: number): void => {
    for (const child of element.children) {
      if (found.length >= max || depth > nestingMax) return;
      if (!isElement(child)) continue;
      if (child.name === name) found.push(child);
      else search(child, depth + 1);
    }
  };
  search(of, 0);
  return found;
}

/** Elements of a name directly within. */
export const childrenOf = (of: Element, name: string): Element[] =>
  of.children.filter((child): child is Element => isElement(child) && child.name === name);

export const attributeOf = (of: Element, name: string): string | undefined => {
  const found = of.attributes.find(([each]) => each === name)?.[1];
  return found === undefined ? undefined : String(found as string);
};
