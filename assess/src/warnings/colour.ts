/**
 * The colour of a warning by rule, with its reason: the first rule whose conditions are proven proposes it; a graver one that the unknowns
 * would still allow is told beside it. Rules are content.
 */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { LevelNumber, Mark } from '@forewarn/model/grade';
import { Urgency } from '@forewarn/model/notice';
import { LocalText, type Words } from '@forewarn/model/text';
import { WarningColour, warningColours } from '@forewarn/model/warning';
import type { ColourProposal } from '@forewarn/model/warning-view';
import { readContent } from '@forewarn/model/yaml';

const Conditions = z.strictObject({
  /** The grade's level, or a graver one. */
  level: LevelNumber.optional(),
  /** Known to be exploited. */
  exploited: z.boolean().optional(),
  /** A thing of special importance, or an operator of critical infrastructure, is exposed. */
  special: z.boolean().optional(),
  /** Some version is known that is not affected. */
  fix: z.boolean().optional(),
  /** Of exploitation within 30 days, at least. */
  probability: z.number().min(0).max(1).optional(),
  /** The gravest outcome that the table of exposures decides, or a graver one. */
  decision: z.string().optional(),
  /** Code that exploits it is published. */
  publicCode: z.boolean().optional(),
  /** The score at least. */
  cvss: z.number().min(0).max(10).optional(),
});
type Conditions = z.infer<typeof Conditions>;

const File = z.strictObject({
  version: z.string().min(1),
  sources: z.array(z.strictObject({ id: z.string(), title: LocalText })).min(1),
  rules: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z0-9-]+$/),
        urgencies: z.array(Urgency).min(1),
        colour: WarningColour,
        when: Conditions,
        source: z.string(),
        mark: Mark,
      }),
    )
    .min(1)
    .max(100),
});
export type ColourRules = z.infer<typeof File> & { outcomes: readonly string[] };

/** What is known; null: not known. `level` is the grade's floor and ceiling: proven, and still possible. */
export type ColourFacts = {
  level: { floor: number | null; ceiling: number | null } | null;
  exploited: boolean | null;
  special: boolean | null;
  fix: boolean | null;
  probability: number | null;
  decision: { floor: string; ceiling: string } | null;
  publicCode: boolean | null;
  cvss: number | null;
};

/**
 * Reads the content file; throws the refusals with file and line. `outcomes` of the table of exposures, the mildest first. For each urgency the
 * last rule holds always, so that something is proposed, and no rule after a milder one is graver.
 */
export function readColourRules(text: string, path: string, outcomes: readonly string[]): ColourRules {
  const read = readContent(File, text, path);
  if (!read.ok) throw new AggregateError(read.refusals, 'content');
  const { rules, sources } = read.value;
  const refuse = (message: string, ...at: (string | number)[]): never => {
    throw new AggregateError([new Refusal('content.warning', message, { place: read.place(at) })], 'content');
  };
  for (const [i, { source, when }] of rules.entries()) {
    if (!sources.some(({ id }) => id === source)) refuse(`There is no source "${source}".`, 'rules', i, 'source');
    if (when.decision !== undefined && !outcomes.includes(when.decision))
      refuse(`"${when.decision}" is no outcome of the table.`, 'rules', i, 'when');
  }
  for (const urgency of Urgency.options) {
    const own = rules.map((rule, i) => ({ rule, i })).filter(({ rule }) => rule.urgencies.includes(urgency));
    const last = own.at(-1);
    if (!last || Object.keys(last.rule.when).length > 0)
      refuse(`For "${urgency}" the last rule must hold always.`, 'rules', last?.i ?? 0);
    const late = own.find(({ rule }, at) => at > 0 && gravity(rule.colour) > gravity(own[at - 1]!.rule.colour));
    if (late) refuse('A graver colour stands after a milder one and would not be reached.', 'rules', late.i, 'colour');
  }
  return { ...read.value, outcomes };
}

const gravity = (colour: WarningColour): number => -warningColours.indexOf(colour);

type Held = 'yes' | 'no' | 'unknown';

/** The colour with its reason. Pure; always proposes one. */
export function proposeColour(rules: ColourRules, urgency: Urgency, facts: ColourFacts): ColourProposal {
  let could: ColourProposal['could'] = null;
  for (const rule of rules.rules) {
    if (!rule.urgencies.includes(urgency)) continue;
    const parts = (Object.keys(rule.when) as (keyof Conditions)[]).map((name) => ({
      name,
      held: holds(name, rule.when, facts, rules.outcomes),
    }));
    if (parts.some(({ held }) => held === 'no')) continue;
    const unknown = parts.filter(({ held }) => held === 'unknown');
    if (unknown.length > 0) {
      could ??= { colour: rule.colour, unknown: unknown.map(({ name }) => condition(name, rule.when)) };
      continue;
    }
    return {
      colour: rule.colour,
      rule: rule.id,
      mark: rule.mark,
      source: rule.source,
      reason: reasonOf(rule.when),
      // What stays within the colour that is proposed anyway says nothing.
      could: could && gravity(could.colour) > gravity(rule.colour) ? could : null,
    };
  }
  throw new Error(`No rule proposes a colour for "${urgency}"; the reader should have refused that.`);
}

const reasonOf = (when: Conditions): Words => {
  const names = Object.keys(when) as (keyof Conditions)[];
  return names.length === 0
    ? { text: 'assess.colour.otherwise' }
    : { text: 'assess.colour.because', values: { conditions: names.map((name) => condition(name, when)) } };
};

function condition(name: keyof Conditions, when: Conditions): Words {
  const value = when[name]!;
  if (typeof value === 'boolean') return { text: `assess.colour.${name}.${value ? 'yes' : 'no'}` };
  if (name === 'decision')
    return { text: 'assess.colour.decision', values: { outcome: { text: `assess.colour.outcome.${value}` } } };
  return { text: `assess.colour.${name}`, values: { value: name === 'probability' ? Math.round(Number(value) * 100) : value } };
}

function holds(name: keyof Conditions, when: Conditions, facts: ColourFacts, outcomes: readonly string[]): Held {
  const between = (floor: boolean, ceiling: boolean): Held => (floor ? 'yes' : ceiling ? 'unknown' : 'no');
  if (name === 'level') {
    if (facts.level === null) return 'unknown';
    // 1 is the gravest; an incident below every level is none of them.
    const reaches = (level: number | null): boolean => level !== null && level <= when.level!;
    return between(reaches(facts.level.floor), reaches(facts.level.ceiling));
  }
  if (name === 'decision') {
    if (facts.decision === null) return 'unknown';
    const asked = outcomes.indexOf(when.decision!);
    return between(outcomes.indexOf(facts.decision.floor) >= asked, outcomes.indexOf(facts.decision.ceiling) >= asked);
  }
  const known = facts[name];
  if (known === null) return 'unknown';
  return (typeof known === 'boolean' ? known === when[name] : known >= Number(when[name])) ? 'yes' : 'no';
}
