/** Values of facts in words that a person reads, for every screen, mail and document alike. */

import type { FactValue, Unit } from './facts.ts';
import type { Words } from './text.ts';

/** A value in words a person reads: ten minutes rather than 0.1667 hours, per cent rather than parts of one. */
export function quantityWords(value: number, unit: Unit): Words {
  if (unit === 'hours' && !Number.isInteger(value))
    return { text: 'assess.quantity.minutes', values: { value: Math.round(value * 6000) / 100 } };
  if (unit === 'share') return { text: 'assess.quantity.percent', values: { value: Math.round(value * 1e6) / 1e4 } };
  return { text: `assess.quantity.${unit}`, values: { value } };
}

/** Members of a list that a line of text bears. */
const membersShown = 6;

/** What is stated of a fact, in words; `unit` is that of its definition. */
export function valueWords(fact: string, value: FactValue, unit: Unit | undefined): Words {
  const quantity = (number: number): Words => quantityWords(number, unit ?? 'count');
  switch (value.kind) {
    case 'quantity':
      return quantity(value.value);
    case 'interval':
      return value.max === null
        ? { text: 'assess.quantity.from', values: { min: quantity(value.min) } }
        : { text: 'assess.quantity.interval', values: { min: quantity(value.min), max: quantity(value.max) } };
    case 'term':
      return { text: `fact.${fact}.${value.term}` };
    case 'terms':
      return {
        text: 'assess.quantity.interval',
        values: { min: { text: `fact.${fact}.${value.min}` }, max: { text: `fact.${fact}.${value.max}` } },
      };
    case 'boolean':
      return { text: `assess.quantity.${value.value}` };
    case 'set': {
      const [first, ...rest] = value.members.slice(0, membersShown).map((member): Words => ({ text: `fact.${fact}.${member}` }));
      if (first === undefined) return { text: 'assess.quantity.no-members' };
      const shown = rest.reduce<Words>((left, right) => ({ text: 'assess.quantity.list', values: { left, right } }), first);
      const more = value.members.length - membersShown;
      return more > 0 ? { text: 'assess.quantity.list.more', values: { left: shown, count: more } } : shown;
    }
    default:
      return { text: 'assess.quantity.unknown' };
  }
}
