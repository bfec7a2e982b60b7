/**
 * Record types of open-ended schemas. A source with thousands of event types of its own (Windows, clouds, Suricata) cannot be declared column by column:
 * the fields that matter are, and the others keep their names and travel along. What nobody declared is of class `content`, so the centre keeps none of it
 * unless a link's policy names it, and counts what it withholds; what by its name is a secret is written nowhere. Whoever reads his own files sees
 * everything but secrets, and rules look at every field.
 *
 * Undeclared fields have no column of their own: in a JSON line they stand under their names, in the store and in tab-separated logs together in
 * `_fields`, as `name=value`.
 */

import type { AnyRecord, Column, RecordType } from './record.ts';

/** The column that holds what has none; a policy that names it lets all undeclared fields in. */
export const undeclaredColumn = '_fields';

export const technical = (means: string, type: Column['type'] = 'string'): Column => ({ type, class: 'technical', means });
export const personal = (means: string, type: Column['type'] = 'string'): Column => ({ type, class: 'personal', means });
export const content = (means: string, type: Column['type'] = 'string'): Column => ({ type, class: 'content', means });
export const secret = (means: string): Column => ({ type: 'string', class: 'secret', means });
/** Of a path what is not somebody's folder may stay. */
export const path = (means: string): Column => ({ type: 'string', class: 'content', kept: 'file-path', means });
/** Of a URI what comes before its query may stay. */
export const uri = (means: string): Column => ({ type: 'string', class: 'content', kept: 'uri-path', means });

/** Declares a log whose source has fields beyond those that are declared. */
export function openRecord(of: Pick<RecordType, 'log' | 'means' | 'source' | 'columns'>): RecordType {
  return {
    ...of,
    open: true,
    columns: {
      ts: { type: 'time', class: 'technical', unit: 's', always: true, means: 'When it happened, as its source says.' },
      ...of.columns,
      [undeclaredColumn]: content('What the source says beyond the other columns, `name=value` each.', 'vector[string]'),
    },
  };
}

/** The type of a log that is not declared at all: for whoever reads his own files. */
export const undeclaredLog = (log: string): RecordType =>
  openRecord({ log, means: 'A log that is not declared.', source: 'the file', columns: {} });

/** Ends of names, without what divides their words, under which systems write secrets. */
const secretName =
  /(?:password|passwd|passphrase|pwd|secret|secretkey|secretaccesskey|privatekey|apikey|(?:access|session|refresh|id|auth|bearer|csrf|security)token|authorization|cookie|credentials?)$/;

/** Is an undeclared field a secret, by its name? A flag that there was one is none. */
export function isSecretField(name: string, value: AnyRecord[string]): boolean {
  if (typeof value === 'boolean') return false;
  const last = name.slice(name.lastIndexOf('.') + 1);
  return secretName.test(last.replaceAll(/[^A-Za-z]/g, '').toLowerCase());
}

/** The undeclared fields of a record that may be shown to its owner, as `_fields` holds them. */
export function undeclaredFields(record: AnyRecord, type: RecordType): string[] {
  const fields: string[] = [];
  for (const name in record) {
    const value = record[name];
    if (value === undefined || Object.hasOwn(type.columns, name) || isSecretField(name, value)) continue;
    fields.push(...fieldTexts(name, value));
  }
  return fields;
}

/** A field as `_fields` holds it: each of its values as `name=value`. */
export const fieldTexts = (name: string, value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).map((one) => `${name}=${String(one as string | number | boolean)}`);

/** A kept record as rules look at it: what stands in `_fields` under its own names. */
export function widened(record: AnyRecord): AnyRecord {
  const fields = record[undeclaredColumn];
  if (!Array.isArray(fields)) return record;
  const own = new Map<string, string[]>();
  for (const field of fields as readonly string[]) {
    const at = field.indexOf('=');
    if (at <= 0) continue;
    const name = field.slice(0, at);
    const values = own.get(name);
    if (values) values.push(field.slice(at + 1));
    else own.set(name, [field.slice(at + 1)]);
  }
  const { [undeclaredColumn]: _fields, ...declared } = record;
  return {
    ...Object.fromEntries([...own].map(([name, values]) => [name, values.length === 1 ? values[0]! : values])),
    ...declared,
  };
}
