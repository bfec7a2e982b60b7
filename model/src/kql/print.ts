/** Conditions of the algebra in the words of the hunt language, so that what stands in a query bar can be hunted on. */

import { parsePattern, type Predicate, type Scalar } from '../query/query.ts';
import { written } from './complete.ts';

const signs = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;
const dateFunctions = {
  hour: 'hourofday',
  day: 'dayofmonth',
  month: 'monthofyear',
  year: 'getyear',
  week: 'week_of_year',
} as const;

export function kqlText(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped.replaceAll('\0', '\\0')}"`;
}

const scalar = (value: Scalar): string => (typeof value === 'string' ? kqlText(value) : String(value));

/** Case counts of texts only; of numbers `==` is what everybody writes. */
const caseless = (value: Scalar): boolean => typeof value === 'string' && value.toLowerCase() !== value.toUpperCase();

/** The condition as text that reads back as the same; undefined for what the language has no words for. */
export function printKql(predicate: Predicate): string | undefined {
  return print(predicate, 0);
}

/** `strength` is that of what stands around: 0 nothing, 1 or, 2 and. */
function print(predicate: Predicate, strength: number): string | undefined {
  switch (predicate.kind) {
    case 'and':
    case 'or': {
      if (predicate.of.length === 0) return predicate.kind === 'and' ? 'true' : 'false';
      const own = predicate.kind === 'and' ? 2 : 1;
      const parts = predicate.of.map((part) => print(part, predicate.of.length === 1 ? strength : own));
      if (parts.includes(undefined)) return undefined;
      const text = parts.join(` ${predicate.kind} `);
      return strength > own || (strength === own && parts.length > 1) ? `(${text})` : text;
    }
    case 'not': {
      const inner = print(predicate.of, 0);
      return inner === undefined ? undefined : `not(${inner})`;
    }
    case 'text': {
      const { op, value, cased = false } = predicate;
      const field = written(predicate.field);
      if (op === 'equals') return `${field} ${cased || !caseless(value) ? '==' : '=~'} ${scalar(value)}`;
      if (op === 'like') return `${field} matches regex ${kqlText(`(?${cased ? '' : 'i'}s)${likeAsRegex(String(value))}`)}`;
      return `${field} ${op}${cased ? '_cs' : ''} ${kqlText(String(value))}`;
    }
    case 'in':
      if (predicate.values.length === 0) return 'false';
      return `${written(predicate.field)} ${predicate.cased || !predicate.values.some(caseless) ? 'in' : 'in~'} (${predicate.values.map(scalar).join(', ')})`;
    case 'order':
      return `${written(predicate.field)} ${signs[predicate.op]} ${predicate.value}`;
    case 'date': {
      if (predicate.part === 'minute') return undefined;
      return `${dateFunctions[predicate.part]}(${written(predicate.field)}) ${predicate.op === 'equals' ? '==' : signs[predicate.op]} ${predicate.value}`;
    }
    case 'regex': {
      const flags = predicate.flags.length > 0 ? `(?${predicate.flags.join('')})` : '';
      return `${written(predicate.field)} matches regex ${kqlText(flags + predicate.pattern)}`;
    }
    case 'cidr':
      return `${predicate.network.includes(':') ? 'ipv6' : 'ipv4'}_is_in_range(${written(predicate.field)}, ${kqlText(predicate.network)})`;
    case 'exists':
      return `isnotnull(${written(predicate.field)})`;
    case 'fieldref': {
      const { op, cased = false } = predicate;
      const [field, other] = [written(predicate.field), written(predicate.other)];
      if (op in signs) return `${field} ${signs[op as keyof typeof signs]} ${other}`;
      if (op === 'equals') return `${field} ${cased ? '==' : '=~'} ${other}`;
      return `${field} ${op}${cased ? '_cs' : ''} ${other}`;
    }
    case 'keyword': {
      if (predicate.op === 'regex') {
        const flags = predicate.flags.length > 0 ? `(?${predicate.flags.join('')})` : '';
        return `* matches regex ${kqlText(flags + predicate.value)}`;
      }
      if (predicate.op === 'like')
        return `* matches regex ${kqlText(`(?${predicate.cased ? '' : 'i'}s)${likeAsRegex(predicate.value)}`)}`;
      return `* contains${predicate.cased ? '_cs' : ''} ${kqlText(predicate.value)}`;
    }
  }
}

function likeAsRegex(pattern: string): string {
  const parts = parsePattern(pattern).map((part) =>
    'literal' in part ? part.literal.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&') : 'any' in part ? '.*' : '.',
  );
  return `^${parts.join('')}$`;
}
