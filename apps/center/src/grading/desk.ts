/** The grading desk: the same facts under every scheme, side by side, what to act at meanwhile, and what to find out next. */

import { formatInstant } from '@forewarn/base/time';
import { grade, type CompiledScheme } from '@forewarn/assess/grade';
import type { Quantified } from '@forewarn/assess/quantify/quantify';
import { mostValuableFacts, type FactOutcome } from '@forewarn/assess/regret/next-fact';
import { leastRegret } from '@forewarn/assess/regret/regret';
import { valueWords } from '@forewarn/model/fact-words';
import type { FactDefinition, Facts, FactValue } from '@forewarn/model/facts';
import type { Comparison, Grade, Mark } from '@forewarn/model/grade';
import type { DeskFact, GradingDesk, MadeView, NextFactView, SchemeOutcome } from '@forewarn/model/grading-api';
import type { Words } from '@forewarn/model/text';
import type { FactStatement } from '@forewarn/store/resources/facts';
import type { Center } from '../center-parts.ts';
import { factName, factWords } from '../incidents/grade-view.ts';
import { withTable, type InForce } from './table.ts';

/** Facts that are proposed to be found out; a person asks for a few at a time. */
const nextMax = 12;

/** Reasons of one scheme; where more criteria hold, the first say enough. */
const firedMax = 20;

/** Where no table is signed and none proposed: a level too low costs as much as one too high. */
const plainCosts = { tooLow: 1, tooHigh: 1, confidence: 'U' as Mark };

/** Where each fact comes from; what is not named was stated by a person. */
export type Origins = ReadonlyMap<string, { origin: DeskFact['origin']; source: string | null; at: number | null }>;

/** The newest statement of each fact, and whether a person made it. */
export function originsOf(statements: readonly FactStatement[]): Origins {
  return new Map(
    statements.map(({ fact, derived, source, at }) => [
      fact,
      { origin: derived ? ('computed' as const) : ('stated' as const), source, at },
    ]),
  );
}

/** `facts` without what the table makes of them. */
export function deskOf(
  center: Center,
  table: InForce | null,
  asked: { incident: GradingDesk['incident']; facts: Facts; origins: Origins },
): GradingDesk {
  const { content } = center;
  const { facts, made } = withTable(table, asked.facts);
  const proposal = table?.compiled.table ?? content.quantification;
  const costs = proposal?.regret ?? plainCosts;
  const grades = center.schemes.map((scheme) => ({ scheme, graded: grade(scheme, facts) }));
  const makes = new Set(made.map(({ fact }) => fact));
  return {
    incident: asked.incident,
    table: table && { version: table.version, signedAt: formatInstant(table.signedAt) },
    costs: { tooLow: costs.tooLow, tooHigh: costs.tooHigh, mark: costs.confidence },
    schemes: grades.map(({ scheme, graded }) => outcomeOf(center, scheme, graded, costs)),
    facts: Object.values(facts)
      .filter(({ id, value }) => content.facts.has(id) && value.kind !== 'unknown')
      .map(({ id, value }): DeskFact => {
        const from = makes.has(id) ? { origin: 'table' as const, source: null, at: null } : asked.origins.get(id);
        return {
          fact: id,
          name: factName(content.facts.get(id), id),
          value,
          text: factWords(content.facts.get(id), id, value),
          origin: from?.origin ?? 'stated',
          source: from?.source ?? null,
          at: from?.at === undefined || from.at === null ? null : formatInstant(from.at),
          schemes: center.schemes.filter(({ reads }) => reads.has(id)).map(({ scheme }) => scheme.id),
        };
      })
      .sort((a, b) => b.schemes.length - a.schemes.length || (a.fact < b.fact ? -1 : 1)),
    made: made.map((one) => madeView(center, one)),
    next: nextFacts(center, table, asked.facts, costs),
  };
}

function outcomeOf(
  center: Center,
  { scheme }: CompiledScheme,
  graded: Grade,
  costs: { tooLow: number; tooHigh: number },
): SchemeOutcome {
  const { facts } = center.content;
  return {
    scheme: scheme.id,
    title: scheme.title,
    short: scheme.short,
    version: scheme.version,
    jurisdiction: scheme.jurisdiction,
    withdrawn: scheme.withdrawn ?? null,
    levels: scheme.levels
      .toSorted((a, b) => b.level - a.level)
      .map(({ level, roman, name, colour }) => ({ level, roman, name, colour })),
    floor: graded.floor,
    ceiling: graded.ceiling,
    confidence: graded.confidence,
    words: graded.words,
    fired: graded.fired.slice(0, firedMax).map(({ means, article, mark, judged }) => ({ text: means, article, mark, judged })),
    unread: graded.open
      .filter(({ unread }) => unread === true)
      .map(({ level, means, article, mark }) => ({ level, text: means, article, mark })),
    missing: graded.factsMissing.map(({ fact, couldReach }) => ({ fact, name: factName(facts.get(fact), fact), couldReach })),
    disputes: graded.disputes.map(({ words }) => words),
    leastRegret: leastRegret(scheme, graded, costs),
  };
}

function madeView({ content }: Center, one: Quantified): MadeView {
  const text = (fact: string, value: FactValue): Words => factWords(content.facts.get(fact), fact, value);
  const { fact, mark } = one;
  if (one.kind === 'index') {
    const parts = one.parts.map((part) => ({
      fact: part.fact,
      name: factName(content.facts.get(part.fact), part.fact),
      weight: part.weight,
      text: text(part.fact, part.stated),
      points: part.points,
      mark: part.mark,
    }));
    return { fact, kind: 'index', mark, parts, rungs: [] };
  }
  const rungs = one.rungs.map(({ term, holds, source, mark: sure, comparisons }) => ({
    text: {
      text: 'grading.rung',
      values: { term: { text: `fact.${fact}.${term}` }, asked: comparisons.slice(0, askedMax).map(askedWords) },
    },
    holds,
    source,
    mark: sure,
  }));
  return { fact, kind: 'ladder', mark, parts: [], rungs };
}

/** Comparisons that one sentence names. */
const askedMax = 12;

function askedWords({ fact, atLeast, above, is, unit }: Comparison): Words {
  const name: Words = { text: `fact.${fact}` };
  const wanted = atLeast ?? above;
  if (wanted === undefined) return is === true ? name : { text: 'grading.not', values: { fact: name } };
  const value: FactValue = typeof wanted === 'number' ? { kind: 'quantity', value: wanted } : { kind: 'term', term: wanted };
  const than = valueWords(fact, value, unit);
  return { text: atLeast === undefined ? 'grading.above' : 'grading.at-least', values: { fact: name, value: than } };
}

function nextFacts(
  center: Center,
  table: InForce | null,
  facts: Facts,
  costs: { tooLow: number; tooHigh: number },
): NextFactView[] {
  const { content } = center;
  const found = new Map<string, NextFactView>();
  const tried = new Map<string, Facts>();
  for (const scheme of center.schemes) {
    const asked = { scheme, quantification: table?.compiled ?? null, catalogue: content.facts, costs, tried };
    for (const { fact, saves, narrows, settles, outcomes } of mostValuableFacts(asked, facts)) {
      const definition = content.facts.get(fact)!;
      const known = found.get(fact) ?? {
        fact,
        name: definition.name,
        means: definition.means,
        saves: 0,
        narrows: 0,
        schemes: [],
      };
      found.set(fact, known);
      known.saves += saves;
      known.narrows += narrows;
      known.schemes.push({
        scheme: scheme.scheme.id,
        settles,
        outcomes: outcomes.map((outcome, i) => ({
          text: stretchWords(definition, outcome, outcomes[i + 1]),
          floor: outcome.floor,
          ceiling: outcome.ceiling,
        })),
      });
    }
  }
  const round = (value: number): number => Math.round(value * 100) / 100;
  return [...found.values()]
    .sort((a, b) => b.saves - a.saves || b.narrows - a.narrows || (a.fact < b.fact ? -1 : 1))
    .slice(0, nextMax)
    .map((one) => ({ ...one, saves: round(one.saves), narrows: round(one.narrows) }));
}

/** A stretch of a quantity from one threshold to under the next; other values as they are. */
function stretchWords(definition: FactDefinition, { value }: FactOutcome, next: FactOutcome | undefined): Words {
  const words = (one: FactValue): Words => factWords(definition, definition.id, one);
  if (definition.kind === 'set' && value.kind === 'set') {
    if (value.members.length === 0) return { text: 'grading.none-of' };
    return { text: `fact.${definition.id}.${value.members[0]}` };
  }
  if (definition.kind !== 'quantity' || value.kind !== 'quantity') return words(value);
  if (next === undefined) return { text: 'assess.quantity.from', values: { min: words(value) } };
  if (value.value === 0) return { text: 'grading.under', values: { max: words(next.value) } };
  return { text: 'grading.from-to', values: { min: words(value), max: words(next.value) } };
}
