/**
 * Sigma's value modifiers (Sigma appendix "Modifiers" 2.1): from `field|modifier|…: value` to predicates. What is not supported
 * is refused with its reason; nothing is left out silently, because a rule that loses a condition fires on everything.
 */

import {
  dateParts,
  escapePattern,
  parsePattern,
  type DatePart,
  type OrderOperator,
  type Predicate,
  type RegexFlag,
} from '@forewarn/model/query/query';

/** Why a value cannot be compiled: the sentence goes into the refusal of the rule. */
export class ModifierError extends Error {}

/** Five dashes at four places; the public rules have at most three places. */
const windashVariantsMax = 625;

const dashes = ['-', '/', '\u2013', '\u2014', '\u2015'];

/** A value on its way through the modifiers. */
type Value =
  /** In the syntax of `like`: wildcards and their escapes as written in the rule. */
  | { kind: 'pattern'; pattern: string }
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'number'; number: number }
  | { kind: 'boolean'; boolean: boolean }
  | { kind: 'null' };

type Shape = 'equals' | 'contains' | 'startswith' | 'endswith';

const known = new Set(
  (
    'all contains startswith endswith exists cased neq re i m s windash base64 base64offset ' +
    'utf16 utf16le utf16be wide lt lte gt gte cidr fieldref expand'
  )
    .split(' ')
    .concat(dateParts),
);

/** Values of placeholders, by their names; what none is given for is refused. */
export type Placeholders = ReadonlyMap<string, readonly string[]>;

/** Texts that placeholders make of one. */
const expandedMax = 10_000;

/**
 * Compiles one item. `field` is '' for keywords. Throws `ModifierError` with the reason when it cannot be done.
 */
export function compileItem(
  field: string,
  modifiers: readonly string[],
  raw: unknown,
  placeholders: Placeholders = new Map(),
): Predicate {
  for (const modifier of modifiers) {
    if (!known.has(modifier)) throw new ModifierError(`there is no modifier "${modifier}"`);
  }
  const has = (name: string): boolean => modifiers.includes(name);
  const listed = Array.isArray(raw);
  const given = listed ? (raw as unknown[]) : [raw];
  const values = has('expand') ? given.flatMap((value) => expand(value, placeholders)) : given;
  if (values.length === 0) throw new ModifierError('an empty list of values matches nothing');
  if (has('all') && values.length < 2) throw new ModifierError('"all" needs several values');
  const shapes = (['contains', 'startswith', 'endswith'] as const).filter(has);
  const types = (['re', 'cidr', 'exists', 'lt', 'lte', 'gt', 'gte', 'fieldref'] as const).filter(has);
  if (types.length > 1) throw new ModifierError(`"${types.join('" and "')}" exclude one another`);
  if (shapes.length > 1 || (shapes.length === 1 && types.length === 1 && types[0] !== 'fieldref')) {
    throw new ModifierError(`"${[...shapes, ...types].join('" and "')}" exclude one another`);
  }
  const parts = dateParts.filter(has);
  if (parts.length > 0) return datePart(field, parts, { shapes, types, all: has('all') }, values, has('neq'));
  const flags = (['i', 'm', 's'] as const).filter(has);
  if (flags.length > 0 && !has('re')) throw new ModifierError(`"${flags[0]}" belongs to "re"`);

  const predicates = values.map((value) =>
    compileValue(field, modifiers, { shape: shapes[0] ?? 'equals', type: types[0], flags, cased: has('cased') }, value),
  );
  const joined = has('all') ? and(predicates) : joinAny(field, predicates);
  return has('neq') ? { kind: 'not', of: joined } : joined;
}

/** Each placeholder of the text by each of its values. */
function expand(raw: unknown, placeholders: Placeholders): unknown[] {
  if (typeof raw !== 'string') throw new ModifierError('"expand" needs a text');
  let texts = [''];
  let from = 0;
  for (const { 0: whole, 1: name, index } of raw.matchAll(/%([^%\s]+)%/g)) {
    const values = placeholders.get(name!);
    if (!values) throw new ModifierError(`the placeholder "${name}" has no values; give it some in rules/placeholders.yaml`);
    if (texts.length * values.length > expandedMax)
      throw new ModifierError(`placeholders make more than ${expandedMax} texts of this`);
    const before = raw.slice(from, index);
    texts = texts.flatMap((text) => values.map((value) => text + before + value));
    from = index + whole.length;
  }
  return texts.map((text) => text + raw.slice(from));
}

function datePart(
  field: string,
  parts: readonly DatePart[],
  { shapes, types, all }: { shapes: readonly string[]; types: readonly string[]; all: boolean },
  values: readonly unknown[],
  negated: boolean,
): Predicate {
  const [part, another] = parts;
  const [type = 'equals'] = types;
  const isOrder = type === 'lt' || type === 'lte' || type === 'gt' || type === 'gte';
  const other = another ?? shapes[0] ?? (type !== 'equals' && !isOrder ? type : undefined);
  if (other !== undefined) throw new ModifierError(`"${part}" and "${other}" exclude one another`);
  if (field === '') throw new ModifierError(`keywords cannot take "${part}"`);
  const of = values.map((value): Predicate => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || Number.isNaN(number)) throw new ModifierError(`"${part}" needs a number`);
    return { kind: 'date', field, part: part!, op: type as 'equals' | OrderOperator, value: number };
  });
  const joined = all ? and(of) : or(of);
  return negated ? { kind: 'not', of: joined } : joined;
}

function and(of: readonly Predicate[]): Predicate {
  return of.length === 1 ? of[0]! : { kind: 'and', of };
}

function or(of: readonly Predicate[]): Predicate {
  return of.length === 1 ? of[0]! : { kind: 'or', of };
}

/** Many equal values of one field become one look-up. */
function joinAny(field: string, predicates: readonly Predicate[]): Predicate {
  const values = [];
  let cased: boolean | undefined;
  for (const predicate of predicates) {
    if (predicate.kind !== 'text' || predicate.op !== 'equals' || predicate.field !== field) return or(predicates);
    cased = predicate.cased;
    values.push(predicate.value);
  }
  if (values.length < 2) return or(predicates);
  return { kind: 'in', field, values, ...(cased === undefined ? {} : { cased }) };
}

type Asked = {
  shape: Shape;
  type: 're' | 'cidr' | 'exists' | OrderOperator | 'fieldref' | undefined;
  flags: RegexFlag[];
  cased: boolean;
};

function compileValue(field: string, modifiers: readonly string[], asked: Asked, raw: unknown): Predicate {
  const { type } = asked;
  if (raw !== null && typeof raw === 'object') throw new ModifierError('a value must be a text, a number, true, false or null');
  if (field === '' && type !== undefined && type !== 're') throw new ModifierError(`keywords cannot take "${type}"`);
  switch (type) {
    case 're': {
      if (typeof raw !== 'string' && typeof raw !== 'number') throw new ModifierError('"re" needs a text');
      const pattern = String(raw);
      return field === ''
        ? { kind: 'keyword', op: 'regex', value: pattern, flags: asked.flags }
        : { kind: 'regex', field, pattern, flags: asked.flags };
    }
    case 'cidr':
      if (typeof raw !== 'string') throw new ModifierError('"cidr" needs a network such as 10.0.0.0/8');
      return { kind: 'cidr', field, network: raw };
    case 'exists': {
      if (typeof raw !== 'boolean') throw new ModifierError('"exists" needs true or false');
      const exists: Predicate = { kind: 'exists', field };
      return raw ? exists : { kind: 'not', of: exists };
    }
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte': {
      const bound = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
      if (typeof bound !== 'number' || Number.isNaN(bound)) throw new ModifierError(`"${type}" needs a number`);
      return { kind: 'order', field, op: type, value: bound };
    }
    case 'fieldref':
      if (typeof raw !== 'string' || raw === '') throw new ModifierError('"fieldref" needs the name of a field');
      return { kind: 'fieldref', field, op: asked.shape, other: raw, ...(asked.cased ? { cased: true } : {}) };
    case undefined:
      break;
  }
  let values: Value[] = [valueOf(raw)];
  for (const modifier of modifiers) values = values.flatMap((value) => transform(value, modifier));
  return or(values.map((value) => compare(field, asked, value)));
}

function valueOf(raw: unknown): Value {
  if (raw === null || raw === undefined) return { kind: 'null' };
  if (typeof raw === 'string') return { kind: 'pattern', pattern: raw };
  if (typeof raw === 'boolean') return { kind: 'boolean', boolean: raw };
  return { kind: 'number', number: Number(raw) };
}

/** The modifiers that change the value, in the order they stand. */
function transform(value: Value, modifier: string): Value[] {
  switch (modifier) {
    case 'windash':
      return windash(patternOf(value, modifier)).map((pattern) => ({ kind: 'pattern', pattern }));
    case 'wide':
    case 'utf16le':
      return [{ kind: 'bytes', bytes: utf16(plainOf(value, modifier), 'little') }];
    case 'utf16be':
      return [{ kind: 'bytes', bytes: utf16(plainOf(value, modifier), 'big') }];
    case 'utf16':
      return [{ kind: 'bytes', bytes: Uint8Array.of(0xff, 0xfe, ...utf16(plainOf(value, modifier), 'little')) }];
    case 'base64':
      return [{ kind: 'pattern', pattern: base64(bytesOf(value, modifier)) }];
    case 'base64offset':
      return base64Offsets(bytesOf(value, modifier)).map((pattern) => ({ kind: 'pattern', pattern }));
    default:
      return [value];
  }
}

function patternOf(value: Value, modifier: string): string {
  if (value.kind === 'pattern') return value.pattern;
  if (value.kind === 'number') return String(value.number);
  throw new ModifierError(`"${modifier}" needs a text`);
}

/** The text without wildcards: an encoding of "any characters" does not exist. */
function plainOf(value: Value, modifier: string): string {
  const parts = parsePattern(patternOf(value, modifier));
  return parts
    .map((part) => {
      if (!('literal' in part)) throw new ModifierError(`"${modifier}" cannot encode a wildcard`);
      return part.literal;
    })
    .join('');
}

function bytesOf(value: Value, modifier: string): Uint8Array {
  return value.kind === 'bytes' ? value.bytes : new TextEncoder().encode(plainOf(value, modifier));
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function utf16(text: string, order: 'little' | 'big'): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), order === 'little');
  return bytes;
}

/**
 * The three forms a text can have inside base64, by its offset modulo three: the characters that depend on what stands before or after
 * are cut away (as pySigma does).
 */
function base64Offsets(bytes: Uint8Array): string[] {
  const starts = [0, 2, 3];
  const ends = [undefined, -3, -2];
  return starts.map((start, offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    return base64(padded).slice(start, ends[padded.length % 3]);
  });
}

/** A dash or slash that begins a word is written with each of the five signs that Windows programs take for it. */
function windash(pattern: string): string[] {
  const places = [...pattern.matchAll(/\B[-/]\b/g)].map((match) => match.index);
  if (dashes.length ** places.length > windashVariantsMax) {
    throw new ModifierError(`"windash" would make ${dashes.length ** places.length} variants; ${windashVariantsMax} is the most`);
  }
  let variants = [''];
  let from = 0;
  for (const place of places) {
    const between = pattern.slice(from, place);
    variants = variants.flatMap((variant) => dashes.map((dash) => variant + between + dash));
    from = place + 1;
  }
  return variants.map((variant) => variant + pattern.slice(from));
}

function compare(field: string, asked: Asked, value: Value): Predicate {
  const { shape } = asked;
  const cased = asked.cased ? { cased: true as const } : {};
  if (value.kind === 'null') {
    if (shape !== 'equals' || field === '') throw new ModifierError('null can only be compared with a field as it stands');
    return { kind: 'not', of: { kind: 'exists', field } };
  }
  if (value.kind === 'number' || value.kind === 'boolean') {
    const scalar = value.kind === 'number' ? value.number : value.boolean;
    if (field === '') return { kind: 'keyword', op: 'contains', value: String(scalar), ...cased };
    return { kind: 'text', field, op: shape, value: shape === 'equals' ? scalar : String(scalar), ...cased };
  }
  const pattern = value.kind === 'bytes' ? escapePattern(String.fromCharCode(...value.bytes)) : value.pattern;
  const parts = parsePattern(pattern);
  const literal = parts.every((part) => 'literal' in part)
    ? parts.map((part) => ('literal' in part ? part.literal : '')).join('')
    : undefined;
  if (field === '') {
    // Keywords are looked for anywhere in a value.
    if (literal !== undefined) return { kind: 'keyword', op: 'contains', value: literal, ...cased };
    return { kind: 'keyword', op: 'like', value: `*${pattern}*`, ...cased };
  }
  if (literal !== undefined) return { kind: 'text', field, op: shape, value: literal, ...cased };
  const before = shape === 'contains' || shape === 'endswith' ? '*' : '';
  const after = shape === 'contains' || shape === 'startswith' ? '*' : '';
  return { kind: 'text', field, op: 'like', value: guardEnd(`${before}${pattern}`, after), ...cased };
}

/** A pattern's last backslash would take a `*` put behind it for an escaped one. */
function guardEnd(pattern: string, after: string): string {
  if (after === '') return pattern;
  const backslashes = /\\*$/.exec(pattern)![0].length;
  return backslashes % 2 === 1 ? `${pattern}\\${after}` : pattern + after;
}
