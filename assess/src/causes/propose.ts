/**
 * What findings, facts and dependencies speak for: a chain that a person looks at, mends and takes over, or leaves. It names nobody, and it is
 * no cause of anything until somebody says so.
 *
 *     findings by time ─▶ steps with the causes whose techniques they show ─▶ what was lost ─▶ (may) services that rest on what was hit
 */

import type { Seconds } from '@forewarn/base/time';
import type { CauseChain, CauseStep, Confidence, Evidence } from '@forewarn/model/cause';
import type { Causes } from './taxonomy.ts';

/** A finding as a cause looks at it. `tactic`: of ATT&CK, the first of its. */
export type Sign = {
  id: string;
  name: string;
  technique: readonly string[];
  confidence: number;
  from: Seconds;
  /** In the sentence of the finding, in the language of who asks. */
  says: string;
};

/** A loss that a fact states: which property, since when, and by which statement. */
export type Loss = { property: string; says: string; at: Seconds | null; fact: string };

/** A service that rests on what was hit and has not fallen yet, as far as is known. */
export type Exposed = { service: string; says: string };

/** Steps of each kind that are proposed; who wants more adds them. */
const stepsMax = 8;
/** Findings that are named of one step; the incident has them all. */
const evidenceMax = 10;

/** Above it a detector is rarely wrong, below it often; so are the words of `detect`'s own pages. */
const sure = 0.8;
const likely = 0.5;
const confidenceOf = (share: number): Confidence => (share >= sure ? 'high' : share >= likely ? 'medium' : 'low');

const iso = (at: Seconds): string => new Date(at * 1000).toISOString();

export function proposeChain(
  { taxonomy }: Causes,
  { signs, losses, exposed }: { signs: readonly Sign[]; losses: readonly Loss[]; exposed: readonly Exposed[] },
): CauseChain {
  const steps: CauseStep[] = [];
  const speaksFor = (techniques: readonly string[], asked: readonly string[]): boolean =>
    techniques.some((one) => asked.some((technique) => one === technique || one.startsWith(`${technique}.`)));
  const byCause = taxonomy.causes
    .map((cause) => ({ cause, signs: signs.filter(({ technique }) => speaksFor(technique, cause.techniques)) }))
    .filter((one) => one.signs.length > 0)
    .map((one) => ({ ...one, at: Math.min(...one.signs.map(({ from }) => from)) }))
    .sort((a, b) => a.at - b.at || (a.cause.id < b.cause.id ? -1 : 1))
    .slice(0, stepsMax);
  for (const [i, { cause, signs: own, at }] of byCause.entries()) {
    const best = own.reduce((a, b) => (b.confidence > a.confidence ? b : a));
    steps.push({
      id: cause.id,
      // The earliest is where it began, as far as anybody saw; a person who knows better says so.
      role: i === 0 ? 'root' : 'step',
      reality: 'happened',
      cause: cause.id,
      text: best.says.slice(0, 1000),
      at: iso(at),
      confidence: confidenceOf(best.confidence),
      evidence: own
        .toSorted((a, b) => a.from - b.from)
        .slice(0, evidenceMax)
        .map((sign): Evidence => ({ kind: 'finding', reference: sign.id, note: sign.name.slice(0, 500) })),
      follows: i === 0 ? [] : [byCause[i - 1]!.cause.id],
    });
  }
  const last = steps.at(-1);
  for (const loss of losses.slice(0, stepsMax)) {
    steps.push({
      id: `lost-${loss.property.replaceAll('_', '-')}`,
      role: 'effect',
      reality: 'happened',
      cause: null,
      text: loss.says.slice(0, 1000),
      at: loss.at === null ? null : iso(loss.at),
      confidence: 'medium',
      evidence: [{ kind: 'fact', reference: loss.fact, note: '' }],
      follows: last ? [last.id] : [],
    });
  }
  const from = steps.at(-1);
  for (const [i, one] of exposed.slice(0, stepsMax).entries()) {
    steps.push({
      id: `may-${i + 1}`,
      role: 'effect',
      reality: 'may',
      cause: null,
      text: one.says.slice(0, 1000),
      at: null,
      confidence: 'low',
      evidence: [],
      follows: from ? [from.id] : [],
    });
  }
  return steps;
}
