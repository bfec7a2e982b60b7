/**
 * A question as a Sigma rule: what a hunt looks for, written so that this product's reader and others' take it. A skeleton: level, tags, false
 * positives and cases are its author's. What Sigma has no words for is refused with the reason, never left out.
 */

import { Refusal } from '@forewarn/base/refusal';
import {
  escapePattern,
  parsePattern,
  type Aggregate,
  type Predicate,
  type Query,
  type Scalar,
} from '@forewarn/model/query/query';
import { writeYaml } from '@forewarn/model/yaml';

export type RuleHeading = { id: string; title: string; description: string; author: string; date: string };

function unsayable(what: string, advice: string): never {
  throw new Refusal('rule.unsayable', `Sigma has no words for ${what}.`, { advice });
}

type Item = { key: string; value: unknown };

/** A value as a rule writes it: in texts `*`, `?` and `\` stand for themselves only when escaped. */
const plain = (value: Scalar): Scalar => (typeof value === 'string' ? escapePattern(value) : value);

/** One condition as `field|modifier: value`; undefined for what is made of several. */
function itemOf(predicate: Predicate): Item | undefined {
  switch (predicate.kind) {
    case 'text': {
      const { field, op, value } = predicate;
      const cased = predicate.cased && typeof value === 'string' ? '|cased' : '';
      if (op === 'equals') return { key: `${field}${cased}`, value: plain(value) };
      // Of numbers only their text begins, ends or holds something.
      const text = String(value);
      return op === 'like'
        ? { key: `${field}${cased}`, value: text }
        : { key: `${field}|${op}${cased}`, value: escapePattern(text) };
    }
    case 'in':
      if (predicate.values.length === 0) return undefined;
      return { key: `${predicate.field}${predicate.cased ? '|cased' : ''}`, value: predicate.values.map(plain) };
    case 'order':
      return { key: `${predicate.field}|${predicate.op}`, value: predicate.value };
    case 'date':
      return {
        key: `${predicate.field}|${predicate.part}${predicate.op === 'equals' ? '' : `|${predicate.op}`}`,
        value: predicate.value,
      };
    case 'regex':
      return { key: [predicate.field, 're', ...predicate.flags].join('|'), value: predicate.pattern };
    case 'cidr':
      return { key: `${predicate.field}|cidr`, value: predicate.network };
    case 'exists':
      return { key: `${predicate.field}|exists`, value: true };
    case 'fieldref': {
      const { field, op, other, cased } = predicate;
      if (op === 'lt' || op === 'lte' || op === 'gt' || op === 'gte')
        unsayable(
          'one column that is larger than another',
          'Leave that condition out of the question, or keep it as a saved hunt.',
        );
      return { key: `${field}|fieldref${op === 'equals' ? '' : `|${op}`}${cased ? '|cased' : ''}`, value: other };
    }
    default:
      return undefined;
  }
}

class Writer {
  readonly searches: { [name: string]: unknown } = {};
  #next = 0;

  condition(predicate: Predicate): string {
    const parts = predicate.kind === 'and' ? predicate.of : [predicate];
    const together: { [key: string]: unknown } = {};
    const others: Predicate[] = [];
    for (const part of parts) {
      const item = itemOf(part);
      if (item && !Object.hasOwn(together, item.key)) together[item.key] = item.value;
      else others.push(part);
    }
    const names: string[] = [];
    if (Object.keys(together).length > 0) {
      this.searches['selection'] = together;
      names.push('selection');
    }
    names.push(...others.map((part) => this.#part(part, true)));
    if (names.length === 0) unsayable('all records', 'Ask for something with where.');
    return names.join(' and ');
  }

  #part(predicate: Predicate, top = false): string {
    switch (predicate.kind) {
      case 'not': {
        // not(a or b) reads well as a filter.
        const inner = this.#part(predicate.of);
        return `not ${inner}`;
      }
      case 'and':
      case 'or': {
        if (predicate.of.length === 0) unsayable('true and false', 'Leave true and false out of the question.');
        const text = predicate.of.map((part) => this.#part(part)).join(` ${predicate.kind} `);
        return predicate.of.length === 1 || (top && predicate.kind === 'and') ? text : `(${text})`;
      }
      case 'keyword': {
        const name = this.#name();
        if (predicate.op === 'regex') this.searches[name] = { [['', 're', ...predicate.flags].join('|')]: predicate.value };
        else if (predicate.op === 'like') {
          // Sigma looks for such a word inside of values; ours is the whole value.
          this.searches[name] = { [predicate.cased ? '|re|s' : '|re|i|s']: likeAsRegex(predicate.value) };
        } else {
          const value = escapePattern(predicate.value);
          this.searches[name] = predicate.cased ? { '|cased': value } : [value];
        }
        return name;
      }
      default: {
        const item = itemOf(predicate) ?? unsayable('an empty list', 'Give the list a value.');
        const name = this.#name();
        this.searches[name] = { [item.key]: item.value };
        return name;
      }
    }
  }

  #name(): string {
    return `part_${++this.#next}`;
  }
}

function likeAsRegex(pattern: string): string {
  const parts = parsePattern(pattern).map((part) =>
    'literal' in part ? part.literal.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&') : 'any' in part ? '.*' : '.',
  );
  return `^${parts.join('')}$`;
}

/** The rule in YAML; with a count over groups a correlation follows it. Refusal: `rule.unsayable`. */
export function writeRule(heading: RuleHeading, query: Query): string {
  const [log, another] = query.from;
  if (log === undefined || another !== undefined) unsayable('several logs', 'Ask of one log; each becomes a rule of its own.');
  const writer = new Writer();
  const condition = writer.condition(query.where ?? { kind: 'and', of: [] });
  const rule = {
    title: heading.title,
    id: heading.id,
    // A correlation names its rule so.
    ...(query.group ? { name: 'counted' } : {}),
    status: 'experimental',
    description: heading.description,
    author: heading.author,
    date: heading.date,
    logsource: { product: 'zeek', service: log },
    detection: { ...writer.searches, condition },
    falsepositives: ['Not known yet'],
    level: 'medium',
  };
  const documents: object[] = [rule];
  if (query.group) documents.push(correlationOf(heading, query, query.group));
  return documents.map(writeYaml).join('---\n');
}

const kinds: { readonly [kind in Aggregate['kind']]?: string } = {
  count: 'event_count',
  distinct: 'value_count',
  sum: 'value_sum',
  avg: 'value_avg',
};

const units: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
  [1, 's'],
];

function correlationOf({ title, id }: RuleHeading, query: Query, group: NonNullable<Query['group']>): object {
  const { having } = query;
  const parts = having?.kind === 'and' ? having.of : having ? [having] : [];
  const [first] = parts;
  const counted = group.aggregates.find(({ as }) => first && 'field' in first && first.field === as);
  const type = counted && kinds[counted.kind];
  if (!counted || type === undefined || parts.some((part) => part.kind !== 'order' || part.field !== counted.as)) {
    unsayable('groups without one bound on one count', 'Write one where after summarize: | where n > 10.');
  }
  const every = group.every ?? unsayable('a count without a span of time', 'Write summarize … by …, bin(ts, 1h).');
  const [unit, letter] =
    units.find(([seconds]) => every >= seconds && every % seconds === 0) ?? unsayable('a part of a second', 'Write bin(ts, 1m).');
  const bounds = Object.fromEntries(parts.map((part) => (part.kind === 'order' ? [part.op, part.value] : [])));
  return {
    title: `${title} – counted`,
    id: `${id}-counted`,
    status: 'experimental',
    correlation: {
      type,
      rules: ['counted'],
      ...(group.by.length > 0 ? { 'group-by': group.by } : {}),
      timespan: `${every / unit}${letter}`,
      condition: { ...bounds, ...('field' in counted ? { field: counted.field } : {}) },
    },
    level: 'medium',
  };
}
