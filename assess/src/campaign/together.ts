/**
 * Many incidents as one: their facts taken together, so that a campaign of small ones has the grade of what it does as a whole. What an incident does not
 * tell stays open, so the ceiling says what the silent ones might still add. Pure; the order of incidents never matters.
 */

import { rangeOf } from '@forewarn/model/condition';
import {
  unitFamilies,
  type Fact,
  type FactCatalogue,
  type FactDefinition,
  type Facts,
  type FactValue,
  type Unit,
} from '@forewarn/model/facts';
import type { QuantificationTable, Together } from '@forewarn/model/quantification';

export type TakenTogether = {
  facts: Facts;
  /** Of each fact that some incident states: how it was taken together, and how many state it and do not. */
  made: { fact: string; rule: Together | 'gravest' | 'any' | 'earliest' | 'union'; stated: number; silent: number }[];
};

const familyOf = (unit: Unit): keyof typeof unitFamilies =>
  (Object.keys(unitFamilies) as (keyof typeof unitFamilies)[]).find((name) =>
    (unitFamilies[name] as readonly Unit[]).includes(unit),
  )!;

/** How a quantity is taken together; what the table does not say counts as overlapping, which claims the least. */
export function ruleOf(definition: FactDefinition & { kind: 'quantity' }, together: QuantificationTable['together']): Together {
  return together.facts?.[definition.id] ?? together.families[familyOf(definition.unit)] ?? 'overlap';
}

/** `sources`: what the source of each fact says, such as the campaign's number. */
export function takeTogether(
  incidents: readonly Facts[],
  catalogue: FactCatalogue,
  together: QuantificationTable['together'],
  source: string,
): TakenTogether {
  const facts: { [id: string]: Fact } = {};
  const made: TakenTogether['made'] = [];
  const ids = new Set(incidents.flatMap((one) => Object.keys(one)));
  for (const id of [...ids].sort()) {
    const definition = catalogue.get(id);
    if (!definition) continue;
    const values = incidents.map((one): FactValue => one[id]?.value ?? { kind: 'unknown' });
    const stated = values.filter(({ kind }) => kind !== 'unknown').length;
    if (stated === 0) continue;
    const { value, rule } = joined(definition, values, together);
    made.push({ fact: id, rule, stated, silent: values.length - stated });
    if (value.kind !== 'unknown') facts[id] = { id, value, source };
  }
  return { facts, made };
}

type Joined = { value: FactValue; rule: TakenTogether['made'][number]['rule'] };

function joined(definition: FactDefinition, values: readonly FactValue[], together: QuantificationTable['together']): Joined {
  switch (definition.kind) {
    case 'quantity': {
      const rule = ruleOf(definition, together);
      const ranges = values.map((value) => rangeOf(definition, value)!);
      const limit = definition.max ?? Infinity;
      const sum = (of: 'min' | 'max'): number =>
        Math.min(
          limit,
          ranges.reduce((all, range) => all + range[of], 0),
        );
      const greatest = (of: 'min' | 'max'): number => Math.max(...ranges.map((range) => range[of]));
      const min = rule === 'sum' ? sum('min') : greatest('min');
      const max = rule === 'greatest' ? greatest('max') : sum('max');
      return { rule, value: span(min, max) };
    }
    case 'instant': {
      // The earliest of all; one that nobody states may lie before any that is stated.
      const ranges = values.map((value) => rangeOf(definition, value)!).filter(({ min }) => Number.isFinite(min));
      if (ranges.length < values.length) return { rule: 'earliest', value: { kind: 'unknown' } };
      return {
        rule: 'earliest',
        value: span(Math.min(...ranges.map(({ min }) => min)), Math.min(...ranges.map(({ max }) => max))),
      };
    }
    case 'term': {
      const ranges = values.map((value) => rangeOf(definition, value)!);
      const term = (position: number): string => definition.terms[position]!.id;
      const min = Math.max(...ranges.map((range) => range.min));
      const max = Math.max(...ranges.map((range) => range.max));
      return {
        rule: 'gravest',
        value: min === max ? { kind: 'term', term: term(min) } : { kind: 'terms', min: term(min), max: term(max) },
      };
    }
    case 'boolean': {
      if (values.some((value) => value.kind === 'boolean' && value.value))
        return { rule: 'any', value: { kind: 'boolean', value: true } };
      const all = values.every((value) => value.kind === 'boolean');
      return { rule: 'any', value: all ? { kind: 'boolean', value: false } : { kind: 'unknown' } };
    }
    case 'set': {
      const members = values.flatMap((value) => (value.kind === 'set' ? value.members : []));
      return { rule: 'union', value: { kind: 'set', members: [...new Set(members)].sort() } };
    }
  }
}

function span(min: number, max: number): FactValue {
  if (min === max) return { kind: 'quantity', value: min };
  return { kind: 'interval', min, max: Number.isFinite(max) ? max : null };
}
