/** Templates of one exporter: which fields its records have, in which order (RFC 7011 §3.4, RFC 3954 §5). */

import type { Seconds } from '@forewarn/base/time';
import type { Exporter } from '../exporters.ts';
import { u16, u32 } from '../exports.ts';
import {
  bootElement,
  columnOf,
  paddingElement,
  scopeElements,
  textBytesMax,
  timeElements,
  type Column,
  type TimeUnit,
} from './elements.ts';

/** A length that each record tells itself. */
export const variable = 0xffff;

/** Flexible NetFlow makes some dozens; 1,024 are more than any exporter has. */
const templatesMax = 1_024;

/** The registry has some five hundred elements; the longest templates seen (yaf with deep inspection) have about a hundred fields. */
const fieldsMax = 512;

/** Of all exporters together: 2,600 templates of a hundred fields. A field takes about 100 bytes. */
export const fieldsOfAllMax = 262_144;

/** Three times the half hour after which Cisco's devices repeat a template by default (RFC 7011 §8.4 asks for three times). */
const lifetimeSeconds = 5_400;

/** Samplers of one exporter: one an interface and direction. */
export const samplersMax = 1_024;

export const limits = [
  { name: 'ipfix.templatesMax', value: templatesMax, unit: 'templates per exporter', why: 'Exporters have some dozens.' },
  { name: 'ipfix.fieldsMax', value: fieldsMax, unit: 'fields per template', why: 'The registry has some five hundred elements.' },
  {
    name: 'ipfix.fieldsOfAllMax',
    value: fieldsOfAllMax,
    unit: 'fields of all templates',
    why: 'About 30 MB. Above it the exporter that is silent for longest loses its templates, and sends them again.',
  },
  {
    name: 'ipfix.lifetimeSeconds',
    value: lifetimeSeconds,
    unit: 's',
    why: 'A template that came by UDP and is not repeated is no longer believed: three times the usual half hour.',
  },
  {
    name: 'ipfix.samplersMax',
    value: samplersMax,
    unit: 'samplers per exporter',
    why: 'One an interface and direction of a large router.',
  },
  {
    name: 'ipfix.textBytesMax',
    value: textBytesMax,
    unit: 'bytes per text',
    why: 'Descriptions of interfaces have at most 255 bytes (RFC 2863); what is longer is cut.',
  },
] as const;

export type Field = {
  readonly id: number;
  readonly enterprise: number;
  readonly length: number;
  readonly column: Column | undefined;
  readonly time: { readonly end: 0 | 1; readonly in: TimeUnit } | undefined;
  readonly isBoot: boolean;
};

export type Template = {
  readonly fields: readonly Field[];
  readonly isOptions: boolean;
  /** The shortest record; never 0. */
  readonly bytesMin: number;
  readonly hasVariable: boolean;
  /** When it came last. */
  at: Seconds;
};

/** What is kept of an exporter of templates. */
export type Kept = {
  readonly templates: Map<number, Template>;
  /** One packet of so many, by sampler; undefined: of all that name none. */
  readonly samplers: Map<number | undefined, number>;
  fields: number;
};

/** Why a template was not taken. */
export type TemplateTrouble = 'cut' | 'too-long' | 'empty';

/** All templates of one reading, under one ceiling. */
export class Templates {
  #fields = 0;
  /** Who has templates, whoever used its own least lately first: looked for from the beginning, that would be slow when many are forged. */
  readonly #having = new Set<Exporter>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  of(exporter: Exporter): Kept {
    return (exporter.kept ??= { templates: new Map(), samplers: new Map(), fields: 0 } satisfies Kept) as Kept;
  }

  /** Fields of all templates. */
  get fields(): number {
    return this.#fields;
  }

  /** An exporter was forgotten. */
  forget(exporter: Exporter): void {
    const kept = exporter.kept as Kept | undefined;
    if (kept) this.#fields -= kept.fields;
    this.#having.delete(exporter);
  }

  remove(kept: Kept, id: number): void {
    const template = kept.templates.get(id);
    if (!template) return;
    kept.templates.delete(id);
    kept.fields -= template.fields.length;
    this.#fields -= template.fields.length;
  }

  /** Takes a template, in place of the one of its number; true when it is another than before. */
  put(exporter: Exporter, id: number, template: Template): boolean {
    const kept = this.of(exporter);
    const before = kept.templates.get(id);
    if (before && same(before, template)) {
      before.at = template.at;
      return false;
    }
    this.remove(kept, id);
    // The order of a Map is that of insertion: the template that was defined first goes first.
    if (kept.templates.size >= templatesMax) this.remove(kept, kept.templates.keys().next().value!);
    this.#having.delete(exporter);
    for (const other of this.#having) {
      if (this.#fields + template.fields.length <= this.#max) break;
      for (const number of (other.kept as Kept).templates.keys()) this.remove(other.kept as Kept, number);
      this.#having.delete(other);
    }
    this.#having.add(exporter);
    // One exporter alone stays below the ceiling of all: its own templates go, the oldest first.
    while (this.#fields + template.fields.length > this.#max && kept.templates.size > 0) {
      this.remove(kept, kept.templates.keys().next().value!);
    }
    kept.templates.set(id, template);
    kept.fields += template.fields.length;
    this.#fields += template.fields.length;
    return true;
  }

  /** The template for a set of records, if it has come and is believed still. */
  find(exporter: Exporter, id: number, now: Seconds, expires: boolean): Template | undefined {
    const kept = this.of(exporter);
    const template = kept.templates.get(id);
    if (!template) return undefined;
    if (expires && now - template.at > lifetimeSeconds) {
      this.remove(kept, id);
      return undefined;
    }
    this.#having.delete(exporter);
    this.#having.add(exporter);
    return template;
  }
}

function same(one: Template, other: Template): boolean {
  return (
    one.isOptions === other.isOptions &&
    one.fields.length === other.fields.length &&
    one.fields.every(({ id, enterprise, length }, i) => {
      const field = other.fields[i]!;
      return field.id === id && field.enterprise === enterprise && field.length === length;
    })
  );
}

const fieldOf = (id: number, enterprise: number, length: number): Field => ({
  id,
  enterprise,
  length,
  column: columnOf(enterprise, id),
  time: enterprise === 0 ? timeElements.get(id) : undefined,
  isBoot: enterprise === 0 && id === bootElement,
});

/** Scopes of v9 that are the exporter itself have the number 0, which is no element; padding is nobody's loss. */
const isNothing = ({ id, enterprise }: Field): boolean => enterprise === 0 && (id === 0 || id === paddingElement);

/** Elements that have neither a column nor a meaning for times, as `enterprise:number` where they are an enterprise's. */
export const unwritten = ({ fields }: Template): string[] =>
  fields
    .filter((field) => !field.column && !field.time && !field.isBoot && !isNothing(field))
    .map(({ id, enterprise }) => (enterprise === 0 ? String(id) : `${enterprise}:${id}`));

export type ReadTemplate =
  | { kind: 'template'; id: number; template: Template; next: number }
  | { kind: 'withdrawal'; id: number; next: number }
  | { kind: 'trouble'; trouble: TemplateTrouble; next: number };

/** Reads the template at `at` of a set of an IPFIX message that ends at `end`. */
export function readTemplate(bytes: Uint8Array, at: number, end: number, isOptions: boolean, now: Seconds): ReadTemplate {
  const id = u16(bytes, at);
  const count = u16(bytes, at + 2);
  if (count === 0) return { kind: 'withdrawal', id, next: at + 4 };
  let place = at + (isOptions ? 6 : 4);
  if (place > end) return { kind: 'trouble', trouble: 'cut', next: end };
  const fields: Field[] = [];
  for (let i = 0; i < count; i++) {
    if (place + 4 > end) return { kind: 'trouble', trouble: 'cut', next: end };
    const number = u16(bytes, place);
    const length = u16(bytes, place + 2);
    place += 4;
    let enterprise = 0;
    if (number & 0x8000) {
      if (place + 4 > end) return { kind: 'trouble', trouble: 'cut', next: end };
      enterprise = u32(bytes, place);
      place += 4;
    }
    if (i < fieldsMax) fields.push(fieldOf(number & 0x7fff, enterprise, length));
  }
  return made(id, fields, count, isOptions, now, place);
}

/** Reads the template at `at` of a flow set of a NetFlow v9 datagram. Lengths are fixed, and nothing is withdrawn. */
export function readTemplate9(bytes: Uint8Array, at: number, end: number, isOptions: boolean, now: Seconds): ReadTemplate {
  const id = u16(bytes, at);
  let place = at + (isOptions ? 6 : 4);
  if (place > end) return { kind: 'trouble', trouble: 'cut', next: end };
  const scopes = isOptions ? u16(bytes, at + 2) >> 2 : 0;
  const count = isOptions ? scopes + (u16(bytes, at + 4) >> 2) : u16(bytes, at + 2);
  const fields: Field[] = [];
  for (let i = 0; i < count; i++, place += 4) {
    if (place + 4 > end) return { kind: 'trouble', trouble: 'cut', next: end };
    const number = u16(bytes, place);
    if (i < fieldsMax) fields.push(fieldOf(i < scopes ? (scopeElements[number] ?? 0) : number, 0, u16(bytes, place + 2)));
  }
  return made(id, fields, count, isOptions, now, place);
}

function made(id: number, fields: Field[], count: number, isOptions: boolean, at: Seconds, next: number): ReadTemplate {
  if (count > fieldsMax) return { kind: 'trouble', trouble: 'too-long', next };
  let bytesMin = 0;
  for (const { length } of fields) bytesMin += length === variable ? 1 : length;
  // Of records without a byte any number would fit into a set.
  if (id < 256 || bytesMin === 0) return { kind: 'trouble', trouble: 'empty', next };
  const hasVariable = fields.some(({ length }) => length === variable);
  return { kind: 'template', id, template: { fields, isOptions, bytesMin, hasVariable, at }, next };
}
