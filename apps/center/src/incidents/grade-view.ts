/** Grades and clocks as the API tells them. */

import { formatInstant } from '@forewarn/base/time';
import { quantityWords, valueWords } from '@forewarn/model/fact-words';
import type { ClockView, GradeView } from '@forewarn/model/api';
import type { Content } from '@forewarn/model/content';
import type { FactDefinition, FactValue, Unit } from '@forewarn/model/facts';
import type { Comparison, Grade } from '@forewarn/model/grade';
import type { LocalText, Words } from '@forewarn/model/text';
import type { ReporterClass } from '@forewarn/model/estate';
import type { Clock } from '@forewarn/store/resources/clocks';
import type { StoredGrade } from '@forewarn/store/resources/grades';

/** Rows of "what would make it graver" that a page has room for; the nearest stand first. */
const nextMax = 12;

export function gradeView({ at, grade }: StoredGrade, content: Content): GradeView {
  const scheme = content.schemes.get(grade.scheme);
  return {
    scheme: grade.scheme,
    schemeTitle: scheme?.title ?? same(grade.scheme),
    at: formatInstant(at),
    floor: grade.floor,
    ceiling: grade.ceiling,
    levels: scheme?.levels ?? [],
    floorName: levelName(grade.floorLevel),
    ceilingName: levelName(grade.ceilingLevel),
    confidence: grade.confidence,
    fired: grade.fired.flatMap((criterion) =>
      criterion.comparisons
        .filter(({ holds }) => holds === 'yes')
        .map((comparison) => ({
          criterion: criterion.criterion,
          // The cells of a matrix share the sentence of the matrix.
          text: { text: `grade.${grade.scheme}.criterion.${criterion.criterion.split('/')[0]!}` },
          level: criterion.level,
          fact: comparison.fact,
          value: valueText(comparison.stated, comparison.unit),
          threshold: thresholdText(comparison),
          valueText: factWords(content.facts.get(comparison.fact), comparison.fact, comparison.stated),
          thresholdText: thresholdWords(comparison),
          ...(comparison.points ? { points: comparison.points } : {}),
          confidence: criterion.mark,
          article: criterion.article,
        })),
    ),
    missing: grade.factsMissing.map(({ fact, couldReach }) => ({
      fact,
      name: factName(content.facts.get(fact), fact),
      unit: unitOf(content.facts.get(fact)),
      couldReach,
    })),
    next: grade.nextThresholds.slice(0, nextMax).flatMap((next) =>
      next.needs.map((need) => ({
        fact: need.fact,
        name: factName(content.facts.get(need.fact), need.fact),
        level: next.level,
        threshold: thresholdText(need),
        thresholdText: thresholdWords(need),
        now: need.stated.kind === 'unknown' ? null : valueText(need.stated, need.unit),
        nowText: need.stated.kind === 'unknown' ? null : factWords(content.facts.get(need.fact), need.fact, need.stated),
      })),
    ),
    score: grade.score ? publishedScore(grade.score, scheme?.score?.decimals ?? 0) : null,
    unread: grade.open.filter(({ unread }) => unread).map(({ level, means, article }) => ({ level, means, article })),
  };
}

/** Rounded inwards where it is a range: what is proven is never shown greater than it is. */
function publishedScore({ min, max, of }: NonNullable<Grade['score']>, decimals: number): NonNullable<GradeView['score']> {
  const unit = 10 ** decimals;
  if (min === max) return { min: Math.round(min * unit) / unit, max: Math.round(max * unit) / unit, of };
  return { min: Math.floor(min * unit) / unit, max: Math.ceil(max * unit) / unit, of };
}

const same = (text: string): LocalText => ({ en: text, zh: text });
const levelName = (level: Grade['floorLevel']): LocalText | null =>
  level && { en: `${level.roman} ${level.name.en}`, zh: `${level.roman} ${level.name.zh}` };

export const factName = (definition: FactDefinition | undefined, id: string): LocalText => definition?.name ?? same(id);
export const unitOf = (definition: FactDefinition | undefined): string | null =>
  definition?.kind === 'quantity' ? definition.unit : null;

/** A fact's value for programs that read lists: plain JSON. Instants of time facts are RFC 3339. */
export function plainValue(value: FactValue, definition: FactDefinition | undefined): unknown {
  const number = (one: number | null) => (definition?.kind === 'instant' && one !== null ? formatInstant(one) : one);
  switch (value.kind) {
    case 'quantity':
      return number(value.value);
    case 'interval':
      return { min: number(value.min), max: number(value.max) };
    case 'term':
      return value.term;
    case 'terms':
      return { min: value.min, max: value.max };
    case 'boolean':
      return value.value;
    case 'set':
      return value.members;
    case 'unknown':
      return null;
  }
}

type Asked = Pick<Comparison, 'fact' | 'atLeast' | 'above' | 'is' | 'unit' | 'points'>;

function thresholdText({ atLeast, above, is, unit, points }: Asked): string {
  if (points) return `${points.min === points.max ? points.min : `${points.min}–${points.max}`} of ${points.of} points`;
  if (above !== undefined) return `> ${above}${unit ? ` ${unit}` : ''}`;
  return atLeast === undefined ? String(is) : `≥ ${atLeast}${unit ? ` ${unit}` : ''}`;
}

function thresholdWords({ fact, atLeast, above, is, unit, points }: Asked): Words {
  if (points) {
    const { min, max, of } = points;
    return min === max
      ? { text: 'assess.show.points', values: { points: min, of } }
      : { text: 'assess.show.points.range', values: { min, max, of } };
  }
  if (typeof above === 'number')
    return { text: 'assess.show.above', values: { above: unit ? quantityWords(above, unit) : String(above) } };
  if (typeof above === 'string') return { text: 'assess.show.above', values: { above: termWords(fact, above) } };
  if (typeof atLeast === 'number') {
    return { text: 'assess.show.at-least', values: { atLeast: unit ? quantityWords(atLeast, unit) : String(atLeast) } };
  }
  if (typeof atLeast === 'string') return { text: 'assess.show.at-least', values: { atLeast: termWords(fact, atLeast) } };
  return typeof is === 'string' ? termWords(fact, is) : { text: `assess.quantity.${String(is === true)}` };
}

function valueText(value: FactValue, unit: Unit | undefined): string {
  const of = unit ? ` ${unit}` : '';
  switch (value.kind) {
    case 'quantity':
      return `${value.value}${of}`;
    case 'interval':
      return `${value.min}–${value.max ?? ''}${of}`;
    case 'term':
      return value.term;
    case 'terms':
      return `${value.min}–${value.max}`;
    case 'boolean':
      return String(value.value);
    case 'set':
      return value.members.join(', ');
    case 'unknown':
      return '';
  }
}

/** A stated value for people. Instants and lists are written out; the rest is said as everywhere else. */
export function factWords(definition: FactDefinition | undefined, fact: string, value: FactValue): Words {
  const stated = (text: string): Words => ({ text: 'assess.show.stated', values: { stated: text } });
  if (definition?.kind === 'instant') {
    if (value.kind === 'quantity') return stated(formatInstant(value.value));
    if (value.kind === 'interval') {
      const max = value.max === null ? '' : formatInstant(value.max);
      return { text: 'assess.quantity.interval', values: { min: formatInstant(value.min), max } };
    }
  }
  return valueWords(fact, value, definition?.kind === 'quantity' ? definition.unit : undefined);
}

const termWords = (fact: string, term: string): Words => ({ text: `fact.${fact}.${term}` });

export function clockView({ id, organisation, state, duty }: Clock, content: Content): ClockView {
  const law = content.laws.get(duty.law);
  const item = (first: boolean) => (itemId: string) => ({
    id: itemId,
    text: law?.items.find((one) => one.id === itemId)?.means ?? same(itemId),
    first,
  });
  return {
    id,
    law: duty.law,
    lawTitle: law?.short ?? same(duty.law),
    duty: duty.duty,
    dutyText: duty.means,
    organisation,
    reporter: duty.reporter as ReporterClass,
    to: duty.to.map(({ name }) => name),
    article: duty.article,
    confidence: duty.confidence,
    startedAt: duty.startedAt === null ? null : formatInstant(duty.startedAt),
    startedBy: duty.startedBy && { text: `respond.event.${duty.startedBy.event}` },
    dueAt: duty.dueAt === null ? null : formatInstant(duty.dueAt),
    limitSeconds: duty.limit,
    state,
    metAt: duty.metAt === null ? null : formatInstant(duty.metAt),
    content: [...duty.content.first.map(item(true)), ...duty.content.later.map(item(false))],
  };
}
