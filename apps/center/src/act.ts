/**
 * One act of a person, or of the product on what a person's acts make follow: the changes, the audit entries and the notice to
 * readers in one transaction.
 *
 * It runs in the centre's scope, because what follows from an act reaches rows its doer does not see (others' clocks, the series
 * of numbers). So whoever calls this has first, in the doer's own scope, found the thing that is acted upon.
 */

import type { Act } from '@forewarn/guard/audit';
import type { ChangeEvent } from '@forewarn/model/api';
import type { Scope, Transaction } from '@forewarn/store/postgres/database';
import { noteChange, type ChangeSubject } from '@forewarn/store/resources/changes';
import type { Center } from './center-parts.ts';
import type { Principal } from './ports.ts';

export type Doer = Pick<Principal, 'account' | 'organisation' | 'demo'>;

export type Acting = {
  readonly tx: Transaction;
  readonly center: Center;
  readonly doer: Doer;
  /** The present, in seconds; one for the whole act. */
  readonly at: number;
  /** Writes into the audit, at the end of the transaction: from there to the commit other acts wait. */
  audit(
    action: string,
    object: string,
    detail?: Act['detail'],
    /** Whose audit; the doer's organisation unless said otherwise. */
    organisation?: string,
  ): void;
  /** Tells readers who may see the thing. */
  changed(kind: ChangeEvent['kind'], id: string, subject: ChangeSubject): void;
};

/** The name under which the product's own steps are recorded: opening an incident from findings, a clock that ran out. */
export const systemAccount = 'forewarn';

export async function centreScope(center: Center): Promise<Scope> {
  const { centre } = await center.estate.index();
  return { organisation: centre?.id ?? 'centre', centre: true, account: systemAccount };
}

export async function act<Result>(center: Center, doer: Doer | null, work: (acting: Acting) => Promise<Result>): Promise<Result> {
  const scope = await centreScope(center);
  const who = doer ?? { account: systemAccount, organisation: scope.organisation, demo: center.demo };
  return center.database.scoped(scope, async (tx) => {
    const entries: Act[] = [];
    const changes = new Map<string, { kind: ChangeEvent['kind']; id: string; subject: ChangeSubject }>();
    const at = center.clock.now();
    const result = await work({
      tx,
      center,
      doer: who,
      at,
      audit: (action, object, detail = {}, organisation = who.organisation) =>
        void entries.push({ organisation, actor: who.account, demo: who.demo, action, object, detail }),
      changed: (kind, id, subject) => void changes.set(`${kind}\n${id}\n${JSON.stringify(subject)}`, { kind, id, subject }),
    });
    for (const { kind, id, subject } of changes.values()) await noteChange(tx, { kind, id, at }, subject);
    if (changes.size > 0) {
      tx.afterCommit(() => {
        center.changes.wake();
        center.findings.wake();
      });
    }
    for (const entry of entries) await center.audit.record(tx, entry);
    return result;
  });
}
