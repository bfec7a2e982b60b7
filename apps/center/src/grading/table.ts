/** The quantification table that counts: the newest edition that a person of the centre signed, made ready once. */

import { createHash } from 'node:crypto';
import { canonical, type Json } from '@forewarn/base/canonical';
import {
  compileQuantification,
  quantify,
  type CompiledQuantification,
  type Quantified,
} from '@forewarn/assess/quantify/quantify';
import type { Facts } from '@forewarn/model/facts';
import type { Transaction } from '@forewarn/store/postgres/database';
import { findQuantification, newestQuantification } from '@forewarn/store/resources/quantifications';
import type { Center } from '../center-parts.ts';

export type InForce = { version: number; signedAt: number; compiled: CompiledQuantification };

/** One edition is in force at a time; what was made ready of it is kept until the next. */
const ready = new WeakMap<Center['database'], { version: number; table: InForce | null }>();

/** Null while none is signed, or when the signed one names facts that this version no longer knows. */
export async function tableInForce(tx: Transaction, center: Center): Promise<InForce | null> {
  const version = await newestQuantification(tx);
  if (version === 0) return null;
  const known = ready.get(center.database);
  if (known?.version === version) return known.table;
  const edition = await findQuantification(tx, version);
  let table: InForce | null = null;
  if (edition) {
    try {
      table = { version, signedAt: edition.signedAt, compiled: compileQuantification(edition.table, center.content.facts) };
    } catch (error) {
      // Grading goes on without it; the page says so and offers to sign a table that fits.
      center.log.error({ err: error, version }, 'the signed quantification table does not fit this version');
    }
  }
  ready.set(center.database, { version, table });
  return table;
}

/** Facts with what the table in force makes of them; as they are where there is none. */
export function withTable(table: InForce | null, facts: Facts): { facts: Facts; made: Quantified[] } {
  return table ? quantify(table.compiled, facts) : { facts, made: [] };
}

/** SHA-256 of a value in its canonical form (RFC 8785), in hexadecimal. */
export const digestOf = (value: unknown): string =>
  createHash('sha256')
    // Through JSON first: what the database gives back is what was sealed.
    .update(canonical(JSON.parse(JSON.stringify(value)) as Json))
    .digest('hex');
