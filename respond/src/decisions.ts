/** Decisions: recorded with options, reasons and dissent, and with the article when a power is used. */

import { Refusal } from '@forewarn/base/refusal';
import type { Seconds } from '@forewarn/base/time';
import { Decision } from '@forewarn/model/response';

/** Checks a decision before it is recorded. Refuses (`decision.…`) one that chooses what was no option, or uses a power without its article. */
export function decide(decision: unknown): Decision {
  const read = Decision.safeParse(decision);
  if (!read.success) {
    const [issue] = read.error.issues;
    const field = issue!.path.map(String).join('.');
    if (field.startsWith('power'))
      throw new Refusal('decision.power', 'A power is used by its article.', {
        place: { field },
        advice: 'Name the power and the article that gives it.',
      });
    throw new Refusal('decision.shape', `${issue!.message}.`, {
      place: { field },
      advice: 'Give the question, its options, the one chosen, and the reasons.',
    });
  }
  const { options, chosen } = read.data;
  if (new Set(options).size !== options.length)
    throw new Refusal('decision.options', 'An option is named twice.', {
      place: { field: 'options' },
      advice: 'Name each option once.',
    });
  if (!options.includes(chosen))
    throw new Refusal('decision.chosen', 'What was chosen is none of the options.', {
      place: { field: 'chosen' },
      advice: 'Add it to the options, so that the record shows what was weighed.',
    });
  return read.data;
}

/** Seconds that are left to decide; negative when the moment has passed, null when none was named. */
export function timeLeft(decision: Pick<Decision, 'neededBy'>, at: Seconds): Seconds | null {
  return decision.neededBy === undefined ? null : decision.neededBy - at;
}
