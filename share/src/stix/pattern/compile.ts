/**
 * STIX patterns in our words: single values for the table of indicators where the pattern is no more than that, else observations whose
 * comparisons are predicates over records (`observables.ts` says which fields).
 *
 * What differs from STIX, on purpose: names, hashes and protocols are compared without regard to case, because the wire does not keep it; a
 * place in a list is any place; a negated comparison with a list holds when no element fits; `subset` and `superset` know single addresses,
 * since records have no others; regular expressions are those that run in linear time (RE2's), and the dot takes line ends. A visit may be
 * seen by two parsers (a question of DNS, then TLS) and is then two observations.
 */

import { formatAddress, parseAddress, parseNetwork } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import type { IndicatorKind, ListedValue, Watched } from '@forewarn/model/indicator';
import { escapePattern, matchedCharactersMax, type Predicate } from '@forewarn/model/query/query';
import { compileRegex } from '@forewarn/model/query/regex';
import { observables, withheldObjects, type Shown, type Sight } from '../observables.ts';
import { pathText, type Comparison, type Constant, type ObjectPath, type Observation } from './tree.ts';

type Test = Extract<Comparison, { kind: 'test' }>;

export type Compiled = {
  /** The pattern is only these values, each by itself. */
  readonly values?: readonly ListedValue[];
  readonly watched?: Watched;
  /** Alternatives that are left out, because no record shows them. */
  readonly missing: readonly string[];
};

/** Refusal: `stix.observable`, what no record shows; `query.regex` and the like, what cannot be asked. */
export function compilePattern(pattern: Observation): Compiled {
  const values = valuesOf(pattern);
  if (values) return { values, missing: [] };
  const missing: string[] = [];
  const watched = observation(pattern, missing);
  return { watched, missing };
}

const hashLengths: { readonly [name: string]: number } = {
  MD5: 32,
  'SHA-1': 40,
  'SHA-224': 56,
  'SHA-256': 64,
  'SHA-384': 96,
  'SHA-512': 128,
};

/** The kind of indicator that a property is by itself. */
function kindOf({ object, steps }: ObjectPath): IndicatorKind | undefined {
  if ((object === 'file' || object === 'x509-certificate') && steps.length === 2 && steps[0] === 'hashes')
    return Object.hasOwn(hashLengths, String(steps[1])) ? 'hash' : undefined;
  if (steps.length !== 1 || steps[0] !== 'value') return undefined;
  const kinds: { [object: string]: IndicatorKind } = {
    'ipv4-addr': 'address',
    'ipv6-addr': 'address',
    'domain-name': 'domain',
    url: 'url',
  };
  return Object.hasOwn(kinds, object) ? kinds[object] : undefined;
}

function valuesOf(pattern: Observation): ListedValue[] | undefined {
  if (pattern.kind === 'or') {
    const [left, right] = [valuesOf(pattern.of[0]), valuesOf(pattern.of[1])];
    return left && right && [...left, ...right];
  }
  if (pattern.kind === 'startstop') {
    return valuesOf(pattern.of)?.map((value) => ({
      ...value,
      validFrom: Math.max(pattern.from, value.validFrom ?? -Infinity),
      validUntil: Math.min(pattern.to, value.validUntil ?? Infinity),
    }));
  }
  return pattern.kind === 'observation' ? comparedValues(pattern.of) : undefined;
}

function comparedValues(comparison: Comparison): ListedValue[] | undefined {
  if (comparison.kind !== 'test') {
    if (comparison.kind === 'and') return undefined;
    const [left, right] = [comparedValues(comparison.of[0]), comparedValues(comparison.of[1])];
    return left && right && [...left, ...right];
  }
  const { path, negated, operator, constants } = comparison;
  const kind = kindOf(path);
  if (kind === undefined || negated || constants.some(({ type }) => type !== 'string')) return undefined;
  if (operator === 'ISSUBSET' && kind === 'address')
    return constants.map(({ value }) => ({ kind: parseAddress(String(value)) ? 'address' : 'network', value: String(value) }));
  if (operator !== '=' && operator !== 'IN') return undefined;
  return constants.map(({ value }) => {
    const text = String(value);
    if (kind === 'address' && text.includes('/')) return { kind: 'network', value: text };
    return kind === 'domain' ? { kind, value: text, exact: true } : { kind, value: text };
  });
}

function observation(pattern: Observation, missing: string[]): Watched {
  switch (pattern.kind) {
    case 'observation':
      return { kind: 'see', of: seen(pattern.of, missing) };
    case 'and':
      return { kind: 'and', of: [observation(pattern.of[0], missing), observation(pattern.of[1], missing)] };
    case 'followedby':
      return { kind: 'followed', of: [observation(pattern.of[0], missing), observation(pattern.of[1], missing)] };
    case 'or':
      return either(
        pattern.of,
        (part) => observation(part, missing),
        missing,
        (a, b) => ({ kind: 'or', of: [a, b] }),
      );
    case 'within':
      return { kind: 'within', seconds: pattern.seconds, of: observation(pattern.of, missing) };
    case 'repeats':
      return { kind: 'repeats', times: pattern.times, of: observation(pattern.of, missing) };
    case 'startstop':
      return { kind: 'between', from: pattern.from, to: pattern.to, of: observation(pattern.of, missing) };
  }
}

/** Of two alternatives one may be missing: then the pattern finds less than it could, and says so. */
function either<In, Out>(
  [left, right]: readonly [In, In],
  read: (part: In) => Out,
  missing: string[],
  join: (a: Out, b: Out) => Out,
): Out {
  const attempt = (part: In): Out | Refusal => {
    try {
      return read(part);
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  };
  const [a, b] = [attempt(left), attempt(right)];
  if (a instanceof Refusal && b instanceof Refusal) throw a;
  if (a instanceof Refusal) {
    missing.push(a.message);
    return b as Out;
  }
  if (b instanceof Refusal) {
    missing.push(b.message);
    return a;
  }
  return join(a, b);
}

type See = { log: string; where: Predicate };

function seen(comparison: Comparison, missing: string[]): See[] {
  if (comparison.kind === 'or')
    return either(
      comparison.of,
      (part) => seen(part, missing),
      missing,
      (a, b) => [...a, ...b],
    );
  const objects = [...objectsOf(comparison)];
  const found: See[] = [];
  let reason: Refusal | undefined;
  for (const object of objects) {
    for (const sights of observablesOf(object)) {
      const sees = sights.flatMap((sight) => {
        try {
          return [{ log: sight.log, where: predicate(comparison, object, sight) }];
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          reason ??= error;
          return [];
        }
      });
      found.push(...sees);
      if (sees.length > 0) break;
    }
  }
  if (found.length === 0) throw reason ?? unseen(objects[0] ?? '');
  return found;
}

function objectsOf(comparison: Comparison): ReadonlySet<string> {
  if (comparison.kind === 'test') return new Set([comparison.path.object]);
  const [left, right] = [objectsOf(comparison.of[0]), objectsOf(comparison.of[1])];
  return comparison.kind === 'or' ? left.union(right) : left.intersection(right);
}

function observablesOf(object: string): readonly (readonly Sight[])[] {
  const withheld = Object.hasOwn(withheldObjects, object) ? withheldObjects[object] : undefined;
  if (withheld !== undefined)
    throw new Refusal('stix.observable', `${object} is not looked for. ${withheld}`, { advice: 'Leave it out of the pattern.' });
  if (!Object.hasOwn(observables, object)) throw unseen(object);
  return observables[object]!;
}

const unseen = (path: string): Refusal =>
  new Refusal('stix.observable', `No record shows ${path}.`, {
    advice: `There are ${Object.keys(observables).join(', ')}.`,
  });

function predicate(comparison: Comparison, object: string, sight: Sight): Predicate {
  if (comparison.kind !== 'test') {
    // Alternatives about other objects cannot hold of this one.
    const parts = comparison.of.map((part) => (objectsOf(part).has(object) ? predicate(part, object, sight) : never));
    return { kind: comparison.kind, of: parts };
  }
  const path = pathText(comparison.path);
  const shown = Object.hasOwn(sight.shows, path) ? sight.shows[path] : undefined;
  if (!shown) throw unseen(`${object}:${path}`);
  const each = shown.fields.map((field) => {
    const exists: Predicate = { kind: 'exists', field };
    if (comparison.operator === 'EXISTS') return exists;
    const fits = test(comparison, field, shown, object);
    return comparison.negated !== (comparison.operator === '!=')
      ? ({ kind: 'and', of: [exists, { kind: 'not', of: fits }] } satisfies Predicate)
      : fits;
  });
  return each.length === 1 ? each[0]! : { kind: 'or', of: each };
}

const never: Predicate = { kind: 'or', of: [] };

function test({ operator, constants, path }: Test, field: string, shown: Shown, object: string): Predicate {
  const cased = shown.folded !== true;
  const first = constants[0];
  const name = `${object}:${pathText(path)}`;
  switch (operator) {
    case '=':
    case '!=':
      return equals(first!, field, shown, name);
    case 'IN':
      return { kind: 'or', of: constants.map((constant) => equals(constant, field, shown, name)) };
    case '<':
    case '<=':
    case '>':
    case '>=': {
      if (!shown.number && !shown.instant)
        throw new Refusal('stix.observable', `${name} has no order: ${operator} cannot be asked.`, {
          advice: 'Use =, LIKE or MATCHES.',
        });
      const op = ({ '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' } as const)[operator];
      return { kind: 'order', field, op, value: numberOf(first!, shown, name) };
    }
    case 'LIKE': {
      const pattern = String(first!.value)
        .split(/([%_])/)
        .map((part) => (part === '%' ? '*' : part === '_' ? '?' : escapePattern(part)))
        .join('');
      return { kind: 'text', field, op: 'like', value: pattern, cased };
    }
    case 'MATCHES': {
      const flags = cased ? (['s'] as const) : (['i', 's'] as const);
      compileRegex(String(first!.value), flags, { charactersMax: matchedCharactersMax, field: name });
      return { kind: 'regex', field, pattern: String(first!.value), flags };
    }
    case 'ISSUBSET':
    case 'ISSUPERSET': {
      const network = parseNetwork(String(first!.value));
      if (!network)
        throw new Refusal('stix.pattern', `"${String(first!.value).slice(0, 60)}" is not a network.`, {
          advice: 'Write 10.0.0.0/8.',
        });
      const whole = network.prefix === network.bytes.length * 8;
      if (operator === 'ISSUPERSET' && !whole) return never;
      return { kind: 'cidr', field, network: `${formatAddress(network.bytes)}/${network.prefix}` };
    }
    case 'EXISTS':
      return { kind: 'exists', field };
  }
}

function equals(constant: Constant, field: string, shown: Shown, name: string): Predicate {
  if (shown.number || shown.instant) {
    const value = numberOf(constant, shown, name);
    return {
      kind: 'and',
      of: [
        { kind: 'order', field, op: 'gte', value },
        { kind: 'order', field, op: 'lte', value },
      ],
    };
  }
  if (constant.type === 'hex' || constant.type === 'binary')
    throw new Refusal('stix.observable', `${name} is a text, and is not compared with bytes.`, {
      advice: "Write the text: 'text'.",
    });
  const text = String(constant.value);
  if (text.includes('/') && parseNetwork(text)) return { kind: 'cidr', field, network: text };
  const address = parseAddress(text);
  return { kind: 'text', field, op: 'equals', value: address ? formatAddress(address) : text, cased: shown.folded !== true };
}

function numberOf(constant: Constant, shown: Shown, name: string): number {
  if (shown.instant) {
    const at =
      constant.type === 'timestamp' || constant.type === 'string' ? Date.parse(String(constant.value)) / 1000 : Number.NaN;
    if (Number.isNaN(at))
      throw new Refusal('stix.observable', `${name} is an instant.`, { advice: "Write t'2026-11-22T08:00:00Z'." });
    return at;
  }
  if (constant.type !== 'integer' && constant.type !== 'float')
    throw new Refusal('stix.observable', `${name} is a number.`, { advice: 'Write it without quotation marks.' });
  return constant.value;
}
