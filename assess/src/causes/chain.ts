/**
 * A chain of causes: what a schema cannot say of one, and how sure it is. A chain is as sure as the weakest step between a root and
 * what it led to, because each of them must have happened for it to be true.
 */

import { Refusal } from '@forewarn/base/refusal';
import { confidences, type CauseChain, type CauseStep, type Confidence } from '@forewarn/model/cause';
import type { Causes } from './taxonomy.ts';

const lower = (a: Confidence, b: Confidence): Confidence => (confidences.indexOf(a) <= confidences.indexOf(b) ? a : b);

/**
 * Checks a chain that a person wrote. Refuses (`cause.chain`) unknown causes, a step that follows from itself or from one that is not there, what is
 * certain following from what only may be, and a root or condition of which no evidence is named although it is called sure.
 */
export function checkChain(chain: CauseChain, { causes }: Causes): void {
  const steps = new Map(chain.map((step) => [step.id, step]));
  const refuse = (index: number, field: string, message: string, advice: string): never => {
    throw new Refusal('cause.chain', message, { place: { field: `steps[${index}].${field}` }, advice });
  };
  for (const [i, step] of chain.entries()) {
    if (steps.get(step.id) !== step) refuse(i, 'id', `Two steps are called "${step.id}".`, 'Give each step a name of its own.');
    if (step.cause !== null && !causes.has(step.cause))
      refuse(i, 'cause', `There is no cause "${step.cause}".`, 'GET /causes/catalogue lists them.');
    if (step.role === 'root' && step.cause === null)
      refuse(i, 'cause', 'A root needs a cause of the list.', 'Choose one; "other" is for what the list lacks.');
    for (const id of step.follows) {
      const before = steps.get(id);
      if (!before) refuse(i, 'follows', `It follows from "${id}", which is not there.`, 'Name steps of this chain.');
      else if (step.reality === 'happened' && before.reality === 'may')
        refuse(i, 'follows', `What happened cannot follow from "${id}", which may only be.`, 'Say that the other happened too, or that this one may be.'); // oxfmt-ignore
    }
    if (step.reality === 'happened' && step.confidence !== 'low' && step.evidence.length === 0)
      refuse(i, 'evidence', 'Nothing is named that it rests on.', 'Name a finding, fact, log or document, or call its confidence low.'); // oxfmt-ignore
  }
  const loop = inLoop(chain, steps);
  if (loop) refuse(chain.indexOf(loop), 'follows', `"${loop.id}" follows from itself.`, 'Take one of its links away.');
}

/** A step that is, over some steps, its own cause. At most as many looks as there are links. */
function inLoop(chain: CauseChain, steps: ReadonlyMap<string, CauseStep>): CauseStep | undefined {
  const state = new Map<string, 'open' | 'done'>();
  const visit = (step: CauseStep): CauseStep | undefined => {
    if (state.get(step.id) === 'done') return undefined;
    if (state.get(step.id) === 'open') return step;
    state.set(step.id, 'open');
    for (const id of step.follows) {
      const met = visit(steps.get(id)!);
      if (met) return met;
    }
    state.set(step.id, 'done');
    return undefined;
  };
  for (const step of chain) {
    const met = visit(step);
    if (met) return met;
  }
  return undefined;
}

/** Of the surest root: the weakest confidence among it and the steps that happened after it; null without a root that happened. */
export function chainConfidence(chain: CauseChain): Confidence | null {
  const happened = chain.filter(({ reality }) => reality === 'happened');
  const after = (id: string): CauseStep[] => happened.filter(({ follows }) => follows.includes(id));
  let best: Confidence | null = null;
  for (const root of happened.filter(({ role }) => role === 'root')) {
    const reached = new Set([root]);
    for (const step of reached) for (const next of after(step.id)) reached.add(next);
    const weakest = [...reached].reduce<Confidence>((worst, { confidence }) => lower(worst, confidence), 'high');
    best = best === null || lower(best, weakest) === best ? weakest : best;
  }
  return best;
}

/** The order in which to read it: what a step follows from stands before it; among equals the earlier first. */
export function inOrder(chain: CauseChain): CauseChain {
  const left = new Map(chain.map((step) => [step.id, step]));
  const ordered: CauseStep[] = [];
  const time = ({ at }: CauseStep): number => (at === null ? Infinity : Date.parse(at));
  while (left.size > 0) {
    const ready = [...left.values()].filter(({ follows }) => follows.every((id) => !left.has(id)));
    // A loop, which a checked chain does not have, is told as it was written.
    const next = ready.sort((a, b) => Number(a.reality === 'may') - Number(b.reality === 'may') || time(a) - time(b))[0] ?? left.values().next().value!; // oxfmt-ignore
    left.delete(next.id);
    ordered.push(next);
  }
  return ordered;
}
