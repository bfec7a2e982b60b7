/** The audit as a list with filters; `audit.ts` keeps and verifies it. */

import type { AuditEntry } from '@forewarn/guard/audit';
import type { Transaction } from '../postgres/database.ts';
import { Conditions } from './page.ts';

export type AuditAsked = {
  limit: number;
  before?: number | undefined;
  from?: number | undefined;
  to?: number | undefined;
  actor?: string | undefined;
  action?: string | undefined;
};

/**
 * Newest first, one row more than asked when there are more. `action` is an action or its beginning before a dot.
 *
 * `seq` numbers what the scope sees: for the centre that is the chain's own number, for an organisation its own entries from 1, because
 * the gaps of the chain would tell it how much others do.
 */
export function listAudit(tx: Transaction, asked: AuditAsked): Promise<AuditEntry[]> {
  const where = new Conditions();
  if (asked.before !== undefined) where.and('seq < ?', asked.before);
  if (asked.from !== undefined) where.and('at >= ?', asked.from);
  if (asked.to !== undefined) where.and('at < ?', asked.to);
  if (asked.actor !== undefined) where.and('actor = ?', asked.actor);
  if (asked.action !== undefined) where.and(`action = ? or starts_with(action, ? || '.')`, asked.action, asked.action);
  const columns = 'at, organisation, actor, demo, action, object, detail, previous, hash';
  return tx.query<AuditEntry>(
    `select * from (
       select case when app_centre() then seq else row_number() over (order by seq) end as seq, ${columns} from audit
     ) numbered ${where.sql} order by seq desc limit ${where.value(asked.limit + 1)}`,
    where.parameters,
  );
}
