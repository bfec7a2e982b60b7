/** Whether the danger is gone at whom was warned: what the inventory still has of what the scope names, and whether traffic named it again. */

import { WarningView } from '@forewarn/model/api';
import type { Transaction } from '@forewarn/store/postgres/database';
import { audiencesOf, noteChecks, seenSince } from '@forewarn/store/resources/warning-audience';
import { lockWarning, saveWarning, warningsDue, type Warning } from '@forewarn/store/resources/warnings';
import { act, centreScope } from '../act.ts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import { inventoryOf } from './audience.ts';
import { mayWrite, workOn } from './life.ts';

/** Warnings of one look; the others follow in the next. */
const warningsMax = 20;

/** Each warning in force is looked at again after this time: patches are told in hours, not in seconds. */
const everySeconds = 3_600;

export const limits = [
  { name: 'warnings.checkedAtOnce', value: warningsMax, unit: 'warnings', why: 'Compared with inventory and findings in one go; the others follow.' },
  { name: 'warnings.checkSeconds', value: everySeconds, unit: 'seconds', why: 'After which a warning in force is compared again.' },
]; // oxfmt-ignore

/** Looks at what is due. Answers how many warnings were compared. */
export async function checkWarnings(center: Center): Promise<number> {
  const due = await center.database.scoped(await centreScope(center), (tx) =>
    warningsDue(tx, 'check', center.clock.now(), warningsMax),
  );
  for (const id of due) {
    await act(center, null, async ({ tx, at, changed }) => {
      const warning = await lockWarning(tx, id);
      if (!warning) return;
      const inForce = warning.state === 'issued' || warning.state === 'adjusted';
      if (inForce && (await checkOne(tx, warning, at))) changed('warning', id, { warning: id });
      await saveWarning(tx, { ...warning, checkAt: inForce ? at + everySeconds : null });
    });
  }
  return due.length;
}

/** True when something is otherwise than at the last look. */
async function checkOne(tx: Transaction, warning: Warning, at: number): Promise<boolean> {
  const { scope } = warning.body;
  const byInventory = scope.vulnerabilities !== undefined || scope.products !== undefined;
  // Who relies on others does not have it itself.
  const { concerned } = await inventoryOf(tx, { ...scope, dependents: false });
  const exposed = new Map(concerned.map((one) => [one.organisation, one.exposed]));
  const seen = await seenSince(tx, warning.id, { since: warning.issuedAt ?? at, addresses: scope.addresses, names: scope.names });
  const told = (await audiencesOf(tx, [warning.id])).get(warning.id)!.filter(({ part }) => part === 'warned');
  const checks = told.map(({ organisation }) => ({
    organisation,
    exposed: byInventory ? (exposed.get(organisation) ?? 0) : null,
    seenAt: seen.get(organisation) ?? null,
  }));
  await noteChecks(tx, warning.id, checks, at);
  return told.some((one, i) => one.exposed !== checks[i]!.exposed || (checks[i]!.seenAt ?? one.seenAt) !== one.seenAt);
}

export const checkWarning = route({
  method: 'post',
  path: '/warnings/{id}/check',
  access: 'warnings:draft',
  summary: 'Compares a warning in force with the inventory and the findings now, without waiting for the next look.',
  params: Id,
  answer: WarningView,
  handle: ({ center, principal, params }) =>
    workOn(center, principal, params.id, async ({ tx, at }, _index, warning) => {
      mayWrite(principal, warning);
      await checkOne(tx, warning, at);
      return undefined;
    }),
});
