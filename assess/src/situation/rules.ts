/** The rules of the situation index, read from content and checked for what a schema cannot say. */

import { Refusal } from '@forewarn/base/refusal';
import { SituationRules, situationBands, situationComponents } from '@forewarn/model/situation';
import { readContent, type Path } from '@forewarn/model/yaml';

/** Weights are written as decimals; their sum may miss 1 by what binary fractions do. */
const sumWithin = 1e-9;

/**
 * Reads `content/situation/index.yaml`. Throws the refusals with file and line: `content.schema` for its shape, `content.situation` where
 * components, bands or weights do not fit together.
 */
export function readSituationRules(text: string, path: string): SituationRules {
  const read = readContent(SituationRules, text, path);
  if (!read.ok) throw new AggregateError(read.refusals, 'content');
  const rules = read.value;
  const refusals: Refusal[] = [];
  const refuse = (message: string, at: Path): void =>
    void refusals.push(new Refusal('content.situation', message, { place: read.place(at) }));
  rules.components.forEach(({ id }, i) => {
    if (rules.components.findIndex((other) => other.id === id) !== i)
      refuse(`The component "${id}" stands here twice.`, ['components', i]);
  });
  const missing = situationComponents.filter((id) => !rules.components.some((one) => one.id === id));
  if (missing.length > 0) refuse(`Missing: ${missing.join(', ')}.`, ['components']);
  const sum = rules.components.reduce((all, { weight }) => all + weight, 0);
  if (Math.abs(sum - 1) > sumWithin) refuse(`The weights make ${sum}; they must make 1.`, ['components']);
  rules.bands.forEach(({ id, below }, i) => {
    const last = i === rules.bands.length - 1;
    if (id !== situationBands[i])
      refuse(`Here stands "${situationBands[i]}": bands go from the best to the worst.`, ['bands', i]);
    if (last !== (below === undefined)) refuse('Each band but the last one ends below a value.', ['bands', i]);
    if (!last && i > 0 && (below ?? 0) <= (rules.bands[i - 1]!.below ?? 0))
      refuse('A band ends above the one before it.', ['bands', i, 'below']);
  });
  for (const kind of situationKinds) {
    for (const degree of Object.keys(degreesOf[kind]))
      if (rules.loads[kind]?.[degree] === undefined)
        refuse(`A load is missing: ${kind}, ${degree}.`, ['loads', ...(rules.loads[kind] ? [kind] : [])]);
  }
  if (refusals.length > 0) throw new AggregateError(refusals, 'content');
  return rules;
}

const levels = { 'level-1': true, 'level-2': true, 'level-3': true, 'level-4': true, none: true } as const;
const outcomes = { immediate: true, 'out-of-cycle': true, scheduled: true, defer: true, none: true } as const;
const colours = { red: true, orange: true, yellow: true, blue: true } as const;
const states = { blind: true, silent: true, seen: true } as const;

/** What events there are, and their degrees; content says what each is worth. */
const degreesOf = {
  finding: { critical: true, high: true, medium: true, low: true, informational: true },
  warning: colours,
  exposure: outcomes,
  'exposure-overdue': outcomes,
  protection: { special: true, important: true, general: true, none: true },
  'single-way': { primary: true, secondary: true },
  incident: levels,
  'incident-contained': levels,
  network: states,
  link: states,
  clock: { missed: true, 'due-soon': true },
  task: { overdue: true },
  'warning-unread': colours,
  request: { unanswered: true },
} as const;

export type SituationKind = keyof typeof degreesOf;
export const situationKinds = Object.keys(degreesOf) as SituationKind[];
