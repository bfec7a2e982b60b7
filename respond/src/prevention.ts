/** The life of a preventive measure: proposed, agreed, being done, done, or dropped with the reason. */

import { Refusal } from '@forewarn/base/refusal';
import type { Prevention, PreventionState } from '@forewarn/model/cause';

/** Where each state may lead. What is done is opened again when its cause comes back. */
const allowed: { readonly [state in PreventionState]: readonly PreventionState[] } = {
  proposed: ['agreed', 'doing', 'done', 'dropped'],
  agreed: ['doing', 'done', 'dropped'],
  doing: ['done', 'dropped'],
  done: ['doing'],
  dropped: ['proposed'],
};

/** What a change of state leads to. Refuses (`prevention.…`) what the state does not allow, and dropping or opening again without a reason. */
export function applyPrevention(
  prevention: Prevention,
  change: { state: PreventionState; at: number; reason: string | null },
): Prevention {
  const { state, at, reason } = change;
  if (!allowed[prevention.state].includes(state)) {
    throw new Refusal('prevention.state', `A preventive measure that is ${prevention.state} cannot become ${state}.`, {
      place: { field: 'state' },
      advice: `What it can become: ${allowed[prevention.state].join(', ')}.`,
    });
  }
  const again = prevention.state === 'done' || prevention.state === 'dropped';
  if ((state === 'dropped' || again) && (reason === null || reason.trim() === '')) {
    throw new Refusal('prevention.reason', 'This needs a reason.', {
      place: { field: 'reason' },
      advice: 'Say why it is dropped or taken up again; who asks later reads it.',
    });
  }
  return { ...prevention, state, since: at, reason, doneAt: state === 'done' ? at : again ? null : prevention.doneAt };
}
