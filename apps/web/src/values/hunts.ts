/** Questions for the hunt page, made of a value and of what stands in the query bar. */

import { parsePredicate } from '@forewarn/model/query/text';
import { Refusal } from '@forewarn/base/refusal';
import { kqlText, printKql } from '@forewarn/model/kql/print';
import { withWhere } from '@forewarn/model/kql/edit';
import { entityOf } from './entities.ts';
import { equalTo, opposite } from './terms.ts';

/** What the query bar asks of a log, as a hunt; what cannot be said so is left to the person. */
export function huntOf(log: string, query: string): string {
  if (query.trim() === '') return log;
  try {
    const condition = printKql(parsePredicate(query));
    return condition === undefined ? log : `${log}\n| where ${condition}`;
  } catch (error) {
    if (error instanceof Refusal) return log;
    throw error;
  }
}

/** `column == "value"` as the hunt language writes it, and its opposite. */
export function conditionsFor(field: string, value: string): { condition: string; opposite: string } {
  const number = /^-?(?:0|[1-9]\d{0,15})(?:\.\d+)?$/.test(value) || value === 'true' || value === 'false';
  const equal = equalTo(field, value);
  const exact = {
    ...equal,
    cased: true,
    value: number ? (value === 'true' ? true : value === 'false' ? false : Number(value)) : value,
  };
  return { condition: printKql(exact as never)!, opposite: printKql(opposite(exact as never))! };
}

/** A question that finds the value wherever it may stand. */
export function huntFor(log: string | null, field: string, value: string): string {
  const entity = entityOf(field, value);
  if (entity?.kind === 'host')
    return `union conn, dns, http, ssl\n| where id.orig_h == ${kqlText(value)} or id.resp_h == ${kqlText(value)}`;
  if (entity?.kind === 'domain') return `search in (dns, http, ssl) ${kqlText(entity.id)}`;
  if (entity?.kind === 'certificate') return `search in (ssl, x509) ${kqlText(entity.id)}`;
  if (log === null) return `search ${kqlText(value)}`;
  return withWhere(log, { ...conditionsFor(field, value), grouped: false });
}
