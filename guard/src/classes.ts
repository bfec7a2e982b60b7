/**
 * What of a record may be kept. Every column is declared `technical`, `personal`, `content` or `secret`
 * (`model/records/record.ts`); here the declaration is acted upon, before anything reaches a disk of the centre:
 *
 * - secrets are dropped, whatever a policy says;
 * - content is dropped, or cut to what its column says may stay, unless a policy names the field, with a purpose and an end;
 * - personal values become keyed pseudonyms: the same account is the same pseudonym in every record, and nobody without the key
 *   can tell whose it is or try names;
 * - what is not declared, or is not of its declared type, is dropped and counted: sensors are not trusted to be well. Undeclared fields of a log with an
 *   open-ended schema are content: they are withheld, and counted as such, unless a policy names them or `_fields`, which stands for all.
 */

import { createHmac } from 'node:crypto';
import { parseAddress } from '@forewarn/base/ip';
import type { Seconds } from '@forewarn/base/time';
import type { Batch } from '@forewarn/model/batch';
import type { ContentGrant } from '@forewarn/model/link';
import { fieldTexts, isSecretField, undeclaredColumn } from '@forewarn/model/records/open';
import type { AnyRecord, Column, ColumnType, RecordType } from '@forewarn/model/records/record';

export type KeepingPolicy = {
  readonly grants: readonly ContentGrant[];
  readonly now: Seconds;
  readonly pseudonym: (value: string) => string;
};

export const limits = {
  textCharacters: {
    name: 'textCharacters',
    value: 65_536,
    unit: 'characters',
    why: 'Of one value; no rule looks further (model/query, matchedCharactersMax).',
  },
  vectorElements: {
    name: 'vectorElements',
    value: 1_000,
    unit: 'elements',
    why: 'Of one vector; a DNS answer over TCP of 64 KB holds at most some four thousand addresses, an honest one some tens.',
  },
} as const;

/** Pseudonyms under a key of 32 bytes: HMAC-SHA-256, cut to 128 bits. */
export function pseudonymiser(key: Uint8Array): (value: string) => string {
  return (value) => `ps-${createHmac('sha256', key).update(value).digest('hex').slice(0, 32)}`;
}

type Value = string | number | boolean | readonly string[] | readonly number[];

/** One record as it may be kept, and how many of its values were not what they should be; no record without a time. */
export function classify(
  record: { readonly [name: string]: unknown },
  type: RecordType,
  policy: KeepingPolicy,
): {
  record: AnyRecord | undefined;
  odd: number;
  /** Of an open type: its own fields that no policy lets in. */ withheld?: number;
} {
  const kept: { [name: string]: Value } = {};
  let odd = 0;
  let known = 0;
  for (const [name, column] of Object.entries(type.columns)) {
    const given = Object.hasOwn(record, name) ? record[name] : undefined;
    if (given === undefined) continue;
    known += 1;
    if (given === null) continue;
    const value = valueOf(type.open ? likeType(given, column.type) : given, column.type);
    if (value === undefined) odd += 1;
    else {
      const allowed = allowedPart(value, name, column, type.log, policy);
      if (allowed !== undefined) kept[name] = allowed;
    }
  }
  if (type.open) {
    const withheld = keepUndeclared(record, type, policy, kept);
    return { record: 'ts' in kept ? kept : undefined, odd, withheld };
  }
  odd += Object.keys(record).length - known;
  return { record: 'ts' in kept ? kept : undefined, odd };
}

/** Puts the undeclared fields that a policy names into their column; answers how many it withheld. */
function keepUndeclared(
  record: { readonly [name: string]: unknown },
  type: RecordType,
  policy: KeepingPolicy,
  kept: { [name: string]: Value },
): number {
  const granted = new Set(
    policy.grants.filter((grant) => grant.log === type.log && policy.now < grant.until).map((grant) => grant.field),
  );
  const fields: string[] = [];
  let withheld = 0;
  for (const [name, value] of Object.entries(record)) {
    if (Object.hasOwn(type.columns, name) || value === null || value === undefined) continue;
    const allowed =
      (granted.has(name) || granted.has(undeclaredColumn)) &&
      (typeof value !== 'object' || Array.isArray(value)) &&
      !isSecretField(name, value as Value);
    if (!allowed || fields.length >= limits.vectorElements.value) withheld += 1;
    else fields.push(...fieldTexts(name, value).map((text) => text.slice(0, limits.textCharacters.value).toWellFormed()));
  }
  if (fields.length > 0) kept[undeclaredColumn] = fields.slice(0, limits.vectorElements.value);
  return withheld;
}

/** Sources of open types are of one mind about names, and of several about types: a number may be written as text and one value as a list. */
function likeType(value: unknown, type: ColumnType): unknown {
  if (type === 'vector[string]') return (Array.isArray(value) ? value : [value]).map(scalarText);
  if (type === 'string' || type === 'enum') return Array.isArray(value) ? value.map(scalarText).join(', ') : scalarText(value);
  if (typeof value !== 'string') return value;
  if (type === 'bool') return value === 'true' ? true : value === 'false' ? false : value;
  return type !== 'addr' && /^-?\d{1,15}(?:\.\d{1,9})?$/.test(value) ? Number(value) : value;
}

const scalarText = (value: unknown): unknown => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value);

function allowedPart(value: Value, name: string, column: Column, log: string, policy: KeepingPolicy): Value | undefined {
  switch (column.class) {
    case 'technical':
      return value;
    case 'secret':
      return undefined;
    case 'personal':
      return Array.isArray(value)
        ? (value as readonly (string | number)[]).map((element) => policy.pseudonym(String(element)))
        : policy.pseudonym(String(value));
    case 'content':
      if (policy.grants.some((grant) => grant.log === log && grant.field === name && policy.now < grant.until)) return value;
      if (column.kept === undefined || typeof value !== 'string') return undefined;
      return column.kept === 'uri-path' ? uriPath(value) : filePath(value);
  }
}

/** `http://user:word@host/a/b?c=d#e` → `http://host/a/b`: what RFC 3986 §3 calls userinfo, query and fragment is left out. */
export function uriPath(uri: string): string {
  const path = uri.split(/[?#]/, 1)[0] ?? '';
  return path.replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/]*@/i, '$1//');
}

/** `C:\Users\ann\a.exe` → `C:\Users\*\a.exe`, and the same of `/home/ann`: whose folder it is is left out. */
export function filePath(path: string): string {
  return path
    .replaceAll(/([\\/](?:Users|Documents and Settings|home)[\\/]+)[^\\/]+/gi, '$1*')
    .replaceAll(/S-1-5-21(?:-\d+)+/g, 'S-1-5-21-*');
}

/** The value if it is of the type; addresses in small letters, texts well-formed and not over-long. */
function valueOf(value: unknown, type: ColumnType): Value | undefined {
  switch (type) {
    case 'string':
    case 'enum':
      return textOf(value);
    case 'addr':
      return typeof value === 'string' && value.length <= 45 && parseAddress(value) ? value.toLowerCase() : undefined;
    case 'time':
    case 'interval':
    case 'double':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    case 'count':
      return isCount(value) ? value : undefined;
    case 'port':
      return isCount(value) && value <= 65_535 ? value : undefined;
    case 'int':
      return Number.isSafeInteger(value) ? (value as number) : undefined;
    case 'bool':
      return typeof value === 'boolean' ? value : undefined;
    case 'vector[string]':
      return vectorOf(value, textOf);
    case 'vector[count]':
      return vectorOf(value, (element) => (isCount(element) ? element : undefined));
    case 'vector[interval]':
      return vectorOf(value, (element) => (typeof element === 'number' && Number.isFinite(element) ? element : undefined));
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return value.slice(0, limits.textCharacters.value).toWellFormed();
}

function vectorOf<Element extends string | number>(
  value: unknown,
  element: (value: unknown) => Element | undefined,
): readonly Element[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const elements: Element[] = [];
  for (const given of value.slice(0, limits.vectorElements.value) as unknown[]) {
    const one = element(given);
    if (one === undefined) return undefined;
    elements.push(one);
  }
  return elements;
}

/** A whole batch as it may be kept; logs that are not declared are dropped with their records. */
export function classifyBatch(
  batch: Batch,
  recordType: (log: string) => RecordType | undefined,
  policy: KeepingPolicy,
): {
  batch: Batch;
  refused: number;
  odd: number;
  /** Fields that no policy lets in, by log; only logs of open types have any. */
  withheld: { readonly [log: string]: number };
} {
  const logs: { [log: string]: { [name: string]: unknown }[] } = {};
  let refused = 0;
  let odd = 0;
  const withheld: { [log: string]: number } = {};
  for (const [log, records] of Object.entries(batch.logs)) {
    const type = recordType(log);
    if (!type) {
      refused += records.length;
      continue;
    }
    const kept: { [name: string]: unknown }[] = [];
    for (const given of records) {
      const one = classify(given, type, policy);
      odd += one.odd;
      if (one.withheld !== undefined && one.withheld > 0) withheld[log] = (withheld[log] ?? 0) + one.withheld;
      if (one.record) kept.push(one.record);
      else refused += 1;
    }
    logs[log] = kept;
  }
  return { batch: { id: batch.id, source: batch.source.toWellFormed(), logs }, refused, odd, withheld };
}
