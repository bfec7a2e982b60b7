/** Values as the table keeps them: bytes of addresses and hashes, characters of names and URLs, written into one scratch block. */

import { parseAddress, parseNetwork } from '@forewarn/base/ip';
import type { IndicatorKind } from '@forewarn/model/indicator';
import { forms, type Form } from './table.ts';

/** Longest key: a URL (`canonicalUrl`). */
const keyMax = 4_000;

export class KeyWriter {
  readonly bytes = new Uint8Array(keyMax + 1);
  form: Form = 0;
  length = 0;

  /** Writes a value in its one writing (`canonicalValue`), or one of a record; false when it is none of the kind. */
  write(kind: IndicatorKind, value: string): boolean {
    switch (kind) {
      case 'address':
        return this.address(value);
      case 'network': {
        const network = parseNetwork(value);
        if (network) this.network(network.bytes, network.prefix);
        return network !== undefined;
      }
      case 'domain':
        return value.length <= 255 && this.#ascii(forms.domain, value, true);
      case 'url':
        return value.length <= keyMax && this.#ascii(forms.url, value, false);
      case 'hash':
        return this.#hash(value);
    }
  }

  address(text: string): boolean {
    if (this.#dotted(text)) return true;
    const bytes = text.length <= 45 ? parseAddress(text) : undefined;
    if (!bytes) return false;
    this.bytes.set(bytes);
    this.form = bytes.length === 4 ? forms.address4 : forms.address6;
    this.length = bytes.length;
    return true;
  }

  /** An address with all bits right of the prefix cleared. */
  network(address: Uint8Array, prefix: number): void {
    const length = address.length;
    for (let i = 0; i < length; i++) {
      const kept = Math.max(0, Math.min(8, prefix - i * 8));
      this.bytes[i] = address[i]! & (0xff << (8 - kept)) & 0xff;
    }
    this.bytes[length] = prefix;
    this.form = length === 4 ? forms.network4 : forms.network6;
    this.length = length + 1;
  }

  /** Nearly all addresses are dotted: read without a piece of text for each number. */
  #dotted(text: string): boolean {
    let at = 0;
    let part = -1;
    let digits = 0;
    for (let i = 0; i <= text.length; i++) {
      const c = i < text.length ? text.charCodeAt(i) - 48 : -2;
      if (c >= 0 && c <= 9) {
        // A leading zero is left to whoever reads on, who refuses it.
        if (digits === 1 && part === 0) return false;
        part = digits === 0 ? c : part * 10 + c;
        if (++digits > 3) return false;
      } else if (c === -2) {
        if (digits === 0 || part > 255 || at > 3) return false;
        this.bytes[at++] = part;
        part = -1;
        digits = 0;
      } else return false;
    }
    this.form = forms.address4;
    this.length = 4;
    return at === 4;
  }

  #ascii(form: Form, text: string, lower: boolean): boolean {
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c > 127) return false;
      this.bytes[i] = lower && c >= 65 && c <= 90 ? c + 32 : c;
    }
    this.form = form;
    this.length = text.length;
    return true;
  }

  #hash(text: string): boolean {
    if (text.length % 2 !== 0 || text.length < 32 || text.length > 128) return false;
    for (let i = 0; i < text.length; i += 2) {
      const high = nibble(text.charCodeAt(i));
      const low = nibble(text.charCodeAt(i + 1));
      if (high < 0 || low < 0) return false;
      this.bytes[i >> 1] = high * 16 + low;
    }
    this.form = forms.hash;
    this.length = text.length / 2;
    return true;
  }
}

function nibble(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  const lower = c | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
