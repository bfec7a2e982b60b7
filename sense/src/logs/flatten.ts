/** Objects of JSON as flat records. */

import type { AnyRecord } from '@forewarn/model/records/record';
import type { JsonObject, LogEmit } from './format.ts';
import { limits } from './limits.ts';

export type FlatRecord = { [name: string]: AnyRecord[string] };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * `{ a: { b: 1 }, c: [{ d: 2 }, { d: 3 }] }` → `{ 'a.b': 1, 'c.d': [2, 3] }`: names joined by dots, lists of objects as a list for each of their
 * fields, as search engines and Sigma's back ends have it. Empty values (`null`, `{}`) are left out. `undefined`, with the event refused, when
 * it is nested too deep; fields and elements beyond the ceilings are left out and the record counted as shortened.
 */
export function flatten(event: JsonObject, emit: LogEmit): FlatRecord | undefined {
  const flat = new Flat();
  if (!flat.object(event, '', 1, false)) {
    emit.refused('too-deep');
    return undefined;
  }
  if (flat.shortened) emit.shortened();
  return flat.record;
}

class Flat {
  readonly record: FlatRecord = {};
  shortened = false;
  #fields = 0;

  /** Answers false when it is too deep. `listed`: within a list, where each field is a list. */
  object(of: JsonObject, prefix: string, depth: number, listed: boolean): boolean {
    if (depth > limits.nestingMax.value) return false;
    for (const name in of) {
      if (!Object.hasOwn(of, name)) continue;
      const value = of[name];
      if (value === null || value === undefined) continue;
      if (!this.value(prefix === '' ? name : `${prefix}.${name}`, value, depth, listed)) return false;
    }
    return true;
  }

  value(name: string, value: unknown, depth: number, listed: boolean): boolean {
    if (Array.isArray(value)) return this.#list(name, value, depth + 1, listed);
    if (typeof value === 'object' && value !== null) return this.object(value as JsonObject, name, depth + 1, listed);
    if (typeof value === 'bigint') this.#put(name, String(value), listed);
    else if (typeof value === 'string' || typeof value === 'boolean') this.#put(name, value, listed);
    else if (typeof value === 'number' && Number.isFinite(value)) this.#put(name, value, listed);
    return true;
  }

  #list(name: string, values: readonly unknown[], depth: number, listed: boolean): boolean {
    if (depth > limits.nestingMax.value) return false;
    let scalars = 0;
    for (const value of values) {
      if (value === null || value === undefined) continue;
      if (typeof value === 'object') {
        if (!this.value(name, value, depth, true)) return false;
      } else scalars++;
    }
    if (scalars === 0) {
      // An empty list says that there is none of it, which is more than nothing.
      if (values.length === 0 && !listed) this.#put(name, [], false);
      return true;
    }
    for (const value of values) {
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') this.#put(name, value, true);
    }
    return true;
  }

  #put(name: string, value: string | number | boolean | [], listed: boolean): void {
    // Assigned, this name would be the object's prototype.
    if (name === '__proto__') return;
    const before = Object.hasOwn(this.record, name) ? this.record[name] : undefined;
    if (before === undefined) {
      if (this.#fields >= limits.fieldsMax.value || name.length > limits.nameCharactersMax.value) {
        this.shortened = true;
        return;
      }
      this.#fields++;
      this.record[name] = listed ? ([element(value as string | number | boolean)] as string[] | number[]) : value;
      return;
    }
    if (!listed || !Array.isArray(before)) return;
    const list = before as (string | number)[];
    if (list.length >= limits.elementsMax.value) {
      this.shortened = true;
      return;
    }
    let one = element(value as string | number | boolean);
    // A list is of one kind; of two it is a list of texts.
    if (list.length > 0 && typeof one !== typeof list[0]) {
      if (typeof list[0] === 'number') for (let i = 0; i < list.length; i++) list[i] = String(list[i]);
      one = String(one);
    }
    list.push(one);
  }
}

const element = (value: string | number | boolean): string | number => (typeof value === 'boolean' ? String(value) : value);
