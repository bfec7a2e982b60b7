/** A record's values as they are written in a cell, and as the query language looks for them. */

import type { Texts } from '../../session/language.tsx';

export type RecordValues = { [field: string]: unknown };

/** `_organisation`, `_sensor`, `_link`: what the centre adds to a record. */
export const envelope = ['_organisation', '_sensor', '_link'] as const;

export function isNumberType(type: string): boolean {
  return type === 'count' || type === 'int' || type === 'double' || type === 'interval';
}

export function writeCell(
  value: unknown,
  type: string,
  name: string,
  exact: (seconds: number) => string,
  { n }: Pick<Texts, 'n'>,
): string {
  if (value === undefined || value === null) return '';
  if (type === 'time' && typeof value === 'number') return exact(value);
  if (type === 'interval' && typeof value === 'number') return value.toFixed(6).replace(/0{1,5}$/, '');
  if (typeof value === 'number') return type === 'port' || !/bytes|pkts|len/.test(name) ? String(value) : n(value);
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The single values of a cell: each element of a vector by itself. */
export function valuesOf(value: unknown): string[] {
  if (value === undefined || value === null || value === '') return [];
  return (Array.isArray(value) ? value : [value]).map((each) => (typeof each === 'object' ? JSON.stringify(each) : String(each)));
}

/** A share in whole percents, of which a small one is not none. */
export const percentOf = (share: number): string => String(Math.max(1, Math.round(share * 100)));
