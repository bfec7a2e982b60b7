/** Exceptions whose time is over. What they hid stays hidden, and counted; their like is shown from now on. */

import { endException, exceptionsDue } from '@forewarn/store/resources/noise';
import { act, systemAccount } from '../act.ts';
import type { Center } from '../center-parts.ts';
import { told } from './exceptions.ts';

/** Ended in one look; the others follow in the next. */
const atOnce = 100;

export async function expireExceptions(center: Center): Promise<number> {
  const due = await center.database.system((tx) => exceptionsDue(tx, center.clock.now(), atOnce));
  for (const { id, owner, terms } of due) {
    await act(center, null, async (acting) => {
      const ended = await endException(acting.tx, id, {
        state: 'expired',
        at: terms.until,
        by: systemAccount,
        reason: '',
      });
      if (!ended) return;
      acting.audit('exception.expire', `exception/${id}`, {}, owner);
      told(acting, id, owner, terms.organisation);
    });
  }
  if (due.length > 0) await center.noise.load();
  return due.length;
}
