/**
 * Binary XML as Windows keeps events in (MS-EVEN6 §2.2.12). A record is nearly always an instance of a template: the elements stand once in the
 * chunk, the record holds only the values that go into their gaps.
 *
 *     0f fragment header   0c template instance   01/41 element   06/46 attribute   05/45 text   0d/0e gap (0e: may be empty)
 *     02 > of a start tag  03 />   04 end tag     07 CDATA        08 character      09 entity    0a/0b instruction   00 end
 *
 * 0x40 in a token says that there is more of its kind (41: an element with attributes).
 */

import type { Element, Scalar } from '../element.ts';
import { Bytes, Unreadable, types, valueAt } from './values.ts';

export const limits = {
  elementDepthMax: {
    name: 'evtx.elementDepthMax',
    value: 64,
    unit: 'levels',
    why: 'Of elements in one event, those within values included; real ones have five to ten.',
  },
  partsMax: {
    name: 'evtx.partsMax',
    value: 20_000,
    unit: 'parts',
    why: 'Elements, attributes and values of one event. A record is at most 64 KB, and the widest have some hundreds.',
  },
  textCharactersMax: {
    name: 'evtx.textCharactersMax',
    value: 1 << 20,
    unit: 'characters',
    why: 'Of one event: a template may use one value of 64 KB in every gap. The longest honest events, of scripts, have 32,000.',
  },
} as const;

/** A gap that a value of the instance fills. */
type Gap = { readonly gap: number; readonly optional: boolean };
type Part = string | Gap | Scalar | Node | Element;
type Node = { readonly node: string; readonly attributes: { name: string; parts: Part[] }[]; readonly parts: Part[] };

const isGap = (part: Part): part is Gap => typeof part === 'object' && 'gap' in part;
const isNode = (part: Part): part is Node => typeof part === 'object' && 'node' in part;

const entities: { readonly [name: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** What one event may still take. */
type Budget = { parts: number; characters: number };

/** The values of an instance; one of binary XML stands as its elements. */
type Values = readonly (Scalar | readonly Element[] | undefined)[];

/** The names and templates of one chunk, and what is made of its records. */
export class BinXml {
  readonly #of: Bytes;
  readonly #names = new Map<number, string>();
  readonly #templates = new Map<number, { parts: readonly Part[]; end: number }>();
  #budget: Budget = { parts: 0, characters: 0 };

  constructor(chunk: Uint8Array) {
    this.#of = new Bytes(chunk);
  }

  /** The elements of a record's fragment. Throws `Unreadable`. */
  record(from: number, to: number): Element[] {
    this.#budget = { parts: limits.partsMax.value, characters: limits.textCharactersMax.value };
    return this.#resolved(this.#parse(from, to, true, 0).parts, [], 0);
  }

  #take(parts: number, characters = 0): void {
    this.#budget.parts -= parts;
    this.#budget.characters -= characters;
    if (this.#budget.parts < 0 || this.#budget.characters < 0) throw new Unreadable('too-large');
  }

  /** The name at an offset of the chunk: a link, a hash, a length and UTF-16. */
  #name(at: number): string {
    let name = this.#names.get(at);
    if (name === undefined) {
      name = this.#of.utf16(at + 8, this.#of.u16(at + 6) * 2);
      this.#names.set(at, name);
    }
    return name;
  }

  /** A reference to a name, which may stand right behind it. Answers where it goes on. */
  #reference(at: number): { name: string; at: number } {
    const offset = this.#of.u32(at);
    const name = this.#name(offset);
    return { name, at: offset === at + 4 ? offset + 10 + this.#of.u16(offset + 6) * 2 : at + 4 };
  }

  /**
   * Parses tokens to the end of the fragment. Elements within values have no dependency number before their length.
   */
  #parse(from: number, to: number, dependency: boolean, depth: number): { parts: Part[]; end: number } {
    const of = this.#of;
    const top: Part[] = [];
    const stack: Node[] = [];
    let at = of.need(from, to - from);
    /** Where values go now: into an attribute, or between the tags. */
    let attribute: Part[] | undefined;
    const put = (part: Part): void => {
      this.#take(1);
      (attribute ?? stack.at(-1)?.parts ?? top).push(part);
    };
    while (at < to) {
      const token = of.u8(at) & 0x3f;
      const more = (of.u8(at) & 0x40) !== 0;
      switch (token) {
        case 0x00:
          return { parts: top, end: at + 1 };
        case 0x0f:
          at += 4;
          break;
        case 0x01: {
          at += 1 + (dependency ? 2 : 0) + 4;
          const { name, at: next } = this.#reference(at);
          at = next + (more ? 4 : 0);
          const node: Node = { node: name, attributes: [], parts: [] };
          attribute = undefined;
          put(node);
          stack.push(node);
          if (stack.length + depth > limits.elementDepthMax.value) throw new Unreadable('too-deep');
          break;
        }
        case 0x06: {
          const { name, at: next } = this.#reference(at + 1);
          at = next;
          const node = stack.at(-1);
          if (!node) throw new Unreadable();
          attribute = [];
          node.attributes.push({ name, parts: attribute });
          break;
        }
        case 0x02:
          attribute = undefined;
          at += 1;
          break;
        case 0x03:
        case 0x04:
          attribute = undefined;
          if (!stack.pop()) throw new Unreadable();
          at += 1;
          break;
        case 0x05: {
          // Text in a template is always a string with its length before it.
          if (of.u8(at + 1) !== types.string) throw new Unreadable();
          const length = of.u16(at + 2) * 2;
          put(of.utf16(at + 4, length));
          at += 4 + length;
          break;
        }
        case 0x07:
        case 0x0b: {
          const length = of.u16(at + 1) * 2;
          const text = of.utf16(at + 3, length);
          if (token === 0x07) put(text);
          at += 3 + length;
          break;
        }
        case 0x08:
          put(String.fromCharCode(of.u16(at + 1)));
          at += 3;
          break;
        case 0x09: {
          const { name, at: next } = this.#reference(at + 1);
          // Only the five of XML itself: no other entity is ever expanded.
          put(entities[name] ?? `&${name};`);
          at = next;
          break;
        }
        case 0x0a:
          at = this.#reference(at + 1).at;
          break;
        case 0x0c: {
          const { elements, end } = this.#instance(at + 1, to, depth + stack.length);
          for (const element of elements) put(element);
          at = end;
          break;
        }
        case 0x0d:
        case 0x0e:
          put({ gap: of.u16(at + 1), optional: token === 0x0e });
          at += 4;
          break;
        default:
          throw new Unreadable();
      }
    }
    return { parts: top, end: at };
  }

  /** A template instance: which template, how many values of what size and type, and the values. */
  #instance(from: number, to: number, depth: number): { elements: Element[]; end: number } {
    if (depth > limits.elementDepthMax.value) throw new Unreadable('too-deep');
    const of = this.#of;
    const offset = of.u32(from + 5);
    let at = from + 9;
    const template = this.#template(offset, depth);
    if (offset === at) at = template.end;
    const count = of.u32(at);
    at += 4;
    this.#take(count);
    of.need(at, count * 4);
    const values: (Scalar | readonly Element[] | undefined)[] = [];
    let data = at + count * 4;
    for (let i = 0; i < count; i++) {
      const length = of.u16(at + i * 4);
      const type = of.u8(at + i * 4 + 2);
      if (data + length > to) throw new Unreadable();
      if (type === types.binxml)
        values.push(this.#resolved(this.#parse(data, data + length, false, depth + 1).parts, [], depth + 1));
      else values.push(valueAt(of, data, length, type));
      data += length;
    }
    return { elements: this.#resolved(template.parts, values, depth), end: data };
  }

  /** A definition: a link to the next, a GUID, a length, and the fragment. It is parsed once a chunk. */
  #template(at: number, depth: number): { parts: readonly Part[]; end: number } {
    let template = this.#templates.get(at);
    if (!template) {
      const end = at + 24 + this.#of.u32(at + 20);
      this.#of.need(at, end - at);
      // A template that holds an instance of itself would be parsed without end; meanwhile it is empty.
      this.#templates.set(at, { parts: [], end });
      try {
        template = { parts: this.#parse(at + 24, end, true, depth).parts, end };
      } catch (error) {
        this.#templates.delete(at);
        throw error;
      }
      this.#templates.set(at, template);
    }
    return template;
  }

  /** The elements among the parts, with the gaps filled. */
  #resolved(parts: readonly Part[], values: Values, depth: number): Element[] {
    return this.#filled(parts, values, depth).filter((part): part is Element => typeof part === 'object' && 'name' in part);
  }

  #filled(parts: readonly Part[], values: Values, depth: number): (Element | Scalar)[] {
    if (depth > limits.elementDepthMax.value) throw new Unreadable('too-deep');
    const filled: (Element | Scalar)[] = [];
    for (const part of parts) {
      this.#take(1, typeof part === 'string' ? part.length : 0);
      if (isNode(part)) {
        const attributes: [string, Scalar][] = [];
        for (const { name, parts: own } of part.attributes) {
          const of = this.#filled(own, values, depth + 1).filter(
            (one): one is Scalar => typeof one !== 'object' || Array.isArray(one),
          );
          if (of.length > 0) attributes.push([name, of.length === 1 ? of[0]! : of.map(String).join('')]);
        }
        filled.push({ name: part.node, attributes, children: this.#filled(part.parts, values, depth + 1) });
      } else if (isGap(part)) {
        const value = values[part.gap];
        if (value === undefined) continue;
        if (Array.isArray(value) && typeof value[0] === 'object') {
          for (const element of value as readonly Element[]) filled.push(element);
          this.#take(sizeOf(value as readonly Element[]));
        } else {
          this.#take(0, typeof value === 'string' ? value.length : Array.isArray(value) ? value.join('').length : 8);
          filled.push(value as Scalar);
        }
      } else filled.push(part);
    }
    return filled;
  }
}

/** How many elements there are, those within others included. */
function sizeOf(elements: readonly Element[]): number {
  let size = elements.length;
  for (const { children } of elements)
    size += sizeOf(children.filter((child): child is Element => typeof child === 'object' && 'name' in child));
  return size;
}
