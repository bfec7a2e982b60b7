/** Fields of AMQP 0-9-1 (§4.2.5): numbers, short and long strings, tables. */

import { Cursor } from '../cursor.ts';
import { textOf } from '../text.ts';

const entriesMax = 64;

export const limits = [
  {
    name: 'amqp.entriesMax',
    value: entriesMax,
    unit: 'entries per table',
    why: 'Clients and brokers tell about a dozen of themselves; those beyond are passed over.',
  },
] as const;

/** A place in the method at hand. */
export class Fields extends Cursor {
  shortText(): string {
    return this.#text(this.byte());
  }

  longText(): string {
    return this.#text(this.four());
  }

  #text(length: number): string {
    const start = this.at;
    this.skip(length);
    return textOf(this.bytes, start, this.at);
  }

  /** `product version` out of a table of what somebody says of itself, and the account out of one of AMQPLAIN. */
  table(length: number): { product: string; version: string; login: string; password: boolean } {
    const found = { product: '', version: '', login: '', password: false };
    const whole = this.end;
    const end = this.at + length;
    if (end > whole) this.short = true;
    else this.end = end;
    for (let i = 0; i < entriesMax && this.at < this.end && !this.short; i++) {
      const name = this.shortText();
      const type = this.byte();
      if (type === 0x53) {
        if (name === 'product') found.product = this.longText();
        else if (name === 'version') found.version = this.longText();
        else if (name === 'LOGIN') found.login = this.longText();
        else {
          found.password ||= name === 'PASSWORD';
          this.skip(this.four());
        }
      } else this.#passValue(type);
    }
    this.end = whole;
    if (!this.short) this.at = end;
    return found;
  }

  #passValue(type: number): void {
    const size = sizes[String.fromCharCode(type)];
    if (size === undefined) this.short = true;
    else this.skip(size < 0 ? this.four() : size);
  }
}

/** Length of a value by the letter of its type; -1 where the value tells it. */
const sizes: { readonly [letter: string]: number } = {
  t: 1,
  b: 1,
  B: 1,
  s: 2,
  u: 2,
  U: 2,
  I: 4,
  i: 4,
  f: 4,
  D: 5,
  L: 8,
  l: 8,
  d: 8,
  T: 8,
  V: 0,
  A: -1,
  F: -1,
  x: -1,
};
