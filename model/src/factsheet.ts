/**
 * FACTS.json: the facts and events of one incident as a person or another program writes them. Reading is strict about
 * what it does not know, because a misspelt fact would silently be an unknown one.
 */

import { nearest } from '@forewarn/base/nearest';
import { Refusal } from '@forewarn/base/refusal';
import { parseInstant } from '@forewarn/base/time';
import { convert } from './condition.ts';
import { IncidentEvent, eventKinds, type EventKind } from './duty.ts';
import {
  isOnlyComputed,
  Unit,
  unitFamilies,
  type Fact,
  type FactCatalogue,
  type FactDefinition,
  type Facts,
  type FactValue,
} from './facts.ts';
import { formatPath, readText, type Path } from './yaml.ts';

/** What a fact sheet says, checked. */
export type FactSheet = {
  facts: Facts;
  /** In the order of their instants. */
  events: IncidentEvent[];
  /** Reporter classes of the law that the sheet's author answers for; empty when not said. */
  reporters: string[];
};

/** A sheet of a long incident has some dozens of each; these are ceilings against nonsense. */
const factsMax = 500;
const eventsMax = 1000;
const refusalsMax = 20;

export const limits = [
  { name: 'fact sheet: facts', value: factsMax, unit: 'facts', why: 'A sheet of a long incident has some dozens.' },
  { name: 'fact sheet: events', value: eventsMax, unit: 'events', why: 'A sheet of a long incident has some dozens.' },
  { name: 'fact sheet: refusals', value: refusalsMax, unit: 'refusals', why: 'A writer mends the first few and tries again.' },
];

type Refuse = (code: string, message: string, about: { path: Path; advice?: string | undefined }) => void;

/** Reads a fact sheet. Refusals name the field, and its line. */
export function readFactSheet(
  text: string,
  catalogue: FactCatalogue,
  file = 'FACTS.json',
): { ok: true; value: FactSheet } | { ok: false; refusals: Refusal[] } {
  const read = readText(text, file);
  if (!read.ok) return read;
  const refusals: Refusal[] = [];
  const refuse: Refuse = (code, message, { path, advice }) => {
    if (refusals.length < refusalsMax)
      refusals.push(new Refusal(code, message, { place: read.place(path), ...(advice === undefined ? {} : { advice }) }));
  };
  const value = interpret(read.value, catalogue, refuse);
  return refusals.length > 0 || !value ? { ok: false, refusals } : { ok: true, value };
}

/** Reads facts alone, from a value that was parsed already: `{ "persons_leaked": 12000000 }`. */
export function readFacts(
  value: unknown,
  catalogue: FactCatalogue,
): { ok: true; value: Facts } | { ok: false; refusals: Refusal[] } {
  const refusals: Refusal[] = [];
  const facts = interpretFacts(value, catalogue, ['facts'], (code, message, { path, advice }) => {
    if (refusals.length < refusalsMax) {
      refusals.push(
        new Refusal(code, message, { place: { field: formatPath(path) }, ...(advice === undefined ? {} : { advice }) }),
      );
    }
  });
  return refusals.length > 0 ? { ok: false, refusals } : { ok: true, value: facts };
}

const sheetFields = ['facts', 'events', 'reporter', 'title', 'note', '$schema'];

function interpret(value: unknown, catalogue: FactCatalogue, refuse: Refuse): FactSheet | undefined {
  if (!isObject(value)) {
    refuse('facts.shape', 'A fact sheet is an object: { "facts": { … } }.', { path: [], advice: 'See forewarn grade --facts.' });
    return undefined;
  }
  // A bare object of facts is a sheet too: no field of ours is the name of a fact.
  const keys = Object.keys(value);
  if (keys.length > 0 && !keys.some((key) => sheetFields.includes(key)) && keys.some((key) => definitionOf(key, catalogue))) {
    return { facts: interpretFacts(value, catalogue, [], refuse), events: [], reporters: [] };
  }
  for (const key of keys) {
    if (!sheetFields.includes(key)) {
      const near = nearest(key, sheetFields);
      refuse('facts.field', `A fact sheet has no field "${key}".${near === undefined ? '' : ` Did you mean "${near}"?`}`, {
        path: [key],
        advice: `Its fields are ${sheetFields.join(', ')}.`,
      });
    }
  }
  const facts = value.facts === undefined ? {} : interpretFacts(value.facts, catalogue, ['facts'], refuse);
  const events = value.events === undefined ? [] : interpretEvents(value.events, refuse);
  const reporters = value.reporter === undefined || value.reporter === null ? [] : [value.reporter].flat();
  if (!reporters.every((reporter) => typeof reporter === 'string')) {
    refuse('facts.reporter', 'The reporter is the name of a class, or a list of such names.', {
      path: ['reporter'],
      advice: 'See forewarn duties --laws.',
    });
  }
  return { facts, events, reporters: reporters.map(String) };
}

function definitionOf(id: string, catalogue: FactCatalogue): FactDefinition | undefined {
  const direct = catalogue.get(id);
  if (direct) return direct;
  for (const definition of catalogue.values()) if (definition.aliases?.includes(id)) return definition;
  return undefined;
}

function interpretFacts(value: unknown, catalogue: FactCatalogue, path: Path, refuse: Refuse): Facts {
  const facts: { [id: string]: Fact } = {};
  if (!isObject(value)) {
    refuse('facts.shape', 'Facts are an object of names and values.', { path: path, advice: 'See forewarn grade --facts.' });
    return facts;
  }
  const entries = Object.entries(value);
  if (entries.length > factsMax) refuse('facts.count', `${entries.length} facts; ${factsMax} are read.`, { path: path });
  for (const [key, stated] of entries.slice(0, factsMax)) {
    const definition = definitionOf(key, catalogue);
    if (!definition) {
      const near = nearest(
        key,
        [...catalogue.values()].flatMap((each) => [each.id, ...(each.aliases ?? [])]),
      );
      refuse('facts.unknown-fact', `There is no fact "${key}".${near === undefined ? '' : ` Did you mean "${near}"?`}`, {
        path: [...path, key],
        advice: 'forewarn grade --facts lists all of them.',
      });
      continue;
    }
    if (facts[definition.id]) {
      refuse('facts.twice', `"${key}" is another name of "${definition.id}", which is stated already.`, {
        path: [...path, key],
        advice: 'State it once.',
      });
      continue;
    }
    if (isOnlyComputed(definition)) {
      refuse('facts.computed', `"${definition.id}" is computed from other facts and stated by nobody.`, {
        path: [...path, key],
        advice: 'State the quantities that it is made of.',
      });
      continue;
    }
    const fact = interpretFact(definition, stated, [...path, key], refuse);
    if (fact) facts[definition.id] = fact;
  }
  return facts;
}

const provenanceFields = ['source', 'at', 'by'];

function interpretFact(definition: FactDefinition, stated: unknown, path: Path, refuse: Refuse): Fact | undefined {
  if (!isObject(stated)) {
    const value = interpretValue(definition, stated, undefined, path, refuse);
    return value && { id: definition.id, value };
  }
  const isInterval = 'min' in stated || 'max' in stated;
  const allowed = [...(isInterval ? ['min', 'max'] : ['value']), 'unit', ...provenanceFields];
  for (const key of Object.keys(stated)) {
    if (!allowed.includes(key))
      refuse('facts.field', `A fact has no field "${key}" here.`, {
        path: [...path, key],
        advice: `Its fields are ${allowed.join(', ')}.`,
      });
  }
  if (!isInterval && !('value' in stated)) {
    refuse('facts.value', `"${definition.id}" has no value.`, {
      path: path,
      advice: 'Write a value, or { "min": …, "max": … }, or "unknown".',
    });
    return undefined;
  }
  const unit = unitOf(definition, stated.unit, [...path, 'unit'], refuse);
  if (unit === false) return undefined;
  const value = isInterval
    ? interpretInterval(definition, stated, unit, path, refuse)
    : interpretValue(definition, stated.value, unit, [...path, 'value'], refuse);
  if (!value) return undefined;
  const fact: Fact = { id: definition.id, value };
  for (const key of ['source', 'by'] as const) {
    if (stated[key] === undefined || stated[key] === null) continue;
    if (typeof stated[key] === 'string' && stated[key].length <= 500) fact[key] = stated[key];
    else refuse('facts.provenance', `"${key}" is a text of at most 500 characters.`, { path: [...path, key] });
  }
  if (stated.at !== undefined && stated.at !== null) {
    const at = instant(stated.at, [...path, 'at'], refuse);
    if (at !== undefined) fact.at = at;
  }
  return fact;
}

/** The unit that was stated; `undefined` for none, `false` when it does not fit. */
function unitOf(definition: FactDefinition, stated: unknown, path: Path, refuse: Refuse): Unit | undefined | false {
  if (stated === undefined || stated === null) return undefined;
  const unit = Unit.safeParse(stated);
  if (definition.kind !== 'quantity') {
    refuse('facts.unit', `"${definition.id}" has no unit.`, { path: path, advice: 'Leave "unit" out.' });
    return false;
  }
  if (unit.success && convert(1, unit.data, definition.unit) !== undefined) return unit.data;
  const family = Object.values(unitFamilies).find((members) => (members as readonly string[]).includes(definition.unit))!;
  refuse('facts.unit', `"${String(stated)}" is no unit of "${definition.id}".`, {
    path: path,
    advice: `It is measured in ${definition.unit}${family.length > 1 ? `; ${family.join(', ')} are converted` : ''}.`,
  });
  return false;
}

function interpretValue(
  definition: FactDefinition,
  stated: unknown,
  unit: Unit | undefined,
  path: Path,
  refuse: Refuse,
): FactValue | undefined {
  if (stated === null || stated === 'unknown') return { kind: 'unknown' };
  switch (definition.kind) {
    case 'quantity': {
      const value = quantity(definition, stated, unit, path, refuse);
      return value === undefined ? undefined : { kind: 'quantity', value };
    }
    case 'instant': {
      const value = instant(stated, path, refuse);
      return value === undefined ? undefined : { kind: 'quantity', value };
    }
    case 'term': {
      const term = termOf(definition, stated, path, refuse);
      return term === undefined ? undefined : { kind: 'term', term };
    }
    case 'boolean':
      if (typeof stated === 'boolean') return { kind: 'boolean', value: stated };
      refuse('facts.value', `"${definition.id}" is true, false or "unknown", not ${show(stated)}.`, { path: path });
      return undefined;
    case 'set': {
      const ids = definition.members.map((member) => member.id);
      if (Array.isArray(stated) && stated.every((member) => ids.includes(member as string)))
        return { kind: 'set', members: [...new Set(stated as string[])] };
      refuse('facts.value', `"${definition.id}" is a list, not ${show(stated)}.`, {
        path: path,
        advice: `Its members are ${ids.join(', ')}.`,
      });
      return undefined;
    }
  }
}

function interpretInterval(
  definition: FactDefinition,
  stated: { [key: string]: unknown },
  unit: Unit | undefined,
  path: Path,
  refuse: Refuse,
): FactValue | undefined {
  const open = (value: unknown): boolean => value === undefined || value === null || value === 'unknown';
  if (definition.kind === 'term') {
    const ids = definition.terms.map((term) => term.id);
    const min = open(stated.min) ? ids[0] : termOf(definition, stated.min, [...path, 'min'], refuse);
    const max = open(stated.max) ? ids.at(-1) : termOf(definition, stated.max, [...path, 'max'], refuse);
    if (min === undefined || max === undefined) return undefined;
    if (ids.indexOf(min) <= ids.indexOf(max)) return { kind: 'terms', min, max };
    refuse('facts.interval', `"${min}" is more serious than "${max}".`, {
      path: path,
      advice: `The order is ${ids.join(' < ')}.`,
    });
    return undefined;
  }
  if (definition.kind !== 'quantity' && definition.kind !== 'instant') {
    refuse('facts.interval', `"${definition.id}" has no interval.`, { path: path, advice: 'Write a value, or "unknown".' });
    return undefined;
  }
  const end = (value: unknown, name: string): number | undefined =>
    definition.kind === 'instant'
      ? instant(value, [...path, name], refuse)
      : quantity(definition, value, unit, [...path, name], refuse);
  if (definition.kind === 'instant' && (open(stated.min) || open(stated.max))) {
    refuse('facts.interval', `"${definition.id}" needs both ends of its interval.`, {
      path: path,
      advice: 'Write "unknown" when one cannot be given.',
    });
    return undefined;
  }
  const min = open(stated.min) ? 0 : end(stated.min, 'min');
  const max = open(stated.max) ? null : end(stated.max, 'max');
  if (min === undefined || max === undefined) return undefined;
  if (max === null || min <= max) return { kind: 'interval', min, max };
  refuse('facts.interval', `min ${show(stated.min)} is greater than max ${show(stated.max)}.`, {
    path: path,
    advice: 'Exchange them, or write the value that is meant.',
  });
  return undefined;
}

function quantity(
  definition: FactDefinition & { kind: 'quantity' },
  stated: unknown,
  unit: Unit | undefined,
  path: Path,
  refuse: Refuse,
): number | undefined {
  if (typeof stated !== 'number' || !Number.isFinite(stated)) {
    refuse('facts.value', `"${definition.id}" is a number in ${definition.unit}, not ${show(stated)}.`, {
      path: path,
      advice: 'Write 6, or { "value": 90, "unit": "minutes" } where units convert, or "unknown".',
    });
    return undefined;
  }
  const value = unit === undefined ? stated : convert(stated, unit, definition.unit)!;
  if (value < 0) refuse('facts.value', `"${definition.id}" cannot be less than 0; it is ${stated}.`, { path: path });
  else if (definition.max !== undefined && value > definition.max) {
    const hint =
      definition.unit === 'share' && unit === undefined
        ? 'A share runs from 0 to 1; write { "value": 50, "unit": "percent" } for per cent.'
        : undefined;
    refuse('facts.value', `"${definition.id}" cannot be more than ${definition.max} ${definition.unit}; it is ${stated}.`, {
      path: path,
      advice: hint,
    });
  } else if (definition.whole && !Number.isInteger(value))
    refuse('facts.value', `"${definition.id}" is a whole number of ${definition.unit}; it is ${stated}.`, { path: path });
  else return value;
  return undefined;
}

function termOf(definition: FactDefinition & { kind: 'term' }, stated: unknown, path: Path, refuse: Refuse): string | undefined {
  const ids = definition.terms.map((term) => term.id);
  if (typeof stated === 'string' && ids.includes(stated)) return stated;
  const near = typeof stated === 'string' ? nearest(stated, ids) : undefined;
  refuse(
    'facts.value',
    `${show(stated)} is no term of "${definition.id}".${near === undefined ? '' : ` Did you mean "${near}"?`}`,
    { path: path, advice: `Its terms are ${ids.join(' < ')}.` },
  );
  return undefined;
}

function instant(stated: unknown, path: Path, refuse: Refuse): number | undefined {
  if (typeof stated !== 'string') {
    refuse('time.instant', `${show(stated)} is not an instant.`, {
      path: path,
      advice: 'Write it as "2026-11-22T08:00:00Z" or with an offset such as +08:00.',
    });
    return undefined;
  }
  try {
    return parseInstant(stated);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refuse(error.code, error.message, { path: path, advice: error.advice });
    return undefined;
  }
}

const eventFields = ['event', 'at', 'by', 'to', 'duty', 'level', 'scheme', 'reason'];
const romans = ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX'];

function interpretEvents(value: unknown, refuse: Refuse): IncidentEvent[] {
  if (!Array.isArray(value)) {
    refuse('facts.shape', 'Events are a list: [ { "event": "found", "at": "…" } ].', { path: ['events'] });
    return [];
  }
  if (value.length > eventsMax) refuse('facts.count', `${value.length} events; ${eventsMax} are read.`, { path: ['events'] });
  const events = value.slice(0, eventsMax).flatMap((stated, i) => interpretEvent(stated, ['events', i], refuse) ?? []);
  return events.sort((a, b) => a.at - b.at);
}

function interpretEvent(stated: unknown, path: Path, refuse: Refuse): IncidentEvent | undefined {
  if (!isObject(stated)) {
    refuse('facts.shape', 'An event is an object: { "event": "found", "at": "…" }.', { path: path });
    return undefined;
  }
  for (const key of Object.keys(stated)) {
    if (!eventFields.includes(key))
      refuse('facts.field', `An event has no field "${key}".`, {
        path: [...path, key],
        advice: `Its fields are ${eventFields.join(', ')}.`,
      });
  }
  if (!eventKinds.includes(stated.event as EventKind)) {
    const near = typeof stated.event === 'string' ? nearest(stated.event, eventKinds) : undefined;
    refuse('facts.event', `${show(stated.event)} is no event.${near === undefined ? '' : ` Did you mean "${near}"?`}`, {
      path: [...path, 'event'],
      advice: `Events are ${eventKinds.join(', ')}.`,
    });
    return undefined;
  }
  const at = instant(stated.at, [...path, 'at'], refuse);
  if (at === undefined) return undefined;
  const to = typeof stated.to === 'string' ? [stated.to] : stated.to;
  const level = typeof stated.level === 'string' ? romans.indexOf(stated.level) + 1 : stated.level;
  const { by, duty, scheme, reason } = stated;
  const event = IncidentEvent.safeParse(
    Object.fromEntries(
      Object.entries({ event: stated.event, at, by, to, duty, level, scheme, reason }).filter(([, part]) => part !== undefined),
    ),
  );
  if (event.success) {
    if (event.data.event === 'graded' && event.data.level === undefined) {
      refuse('facts.event', 'A "graded" event says which level was found.', {
        path: path,
        advice: 'Write "level": 3, "III", or null for none.',
      });
      return undefined;
    }
    return event.data;
  }
  for (const issue of event.error.issues)
    refuse('facts.event', `${issue.message}.`, { path: [...path, ...(issue.path as (string | number)[])] });
  return undefined;
}

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The JSON Schema (2020-12) of a fact sheet, with every fact of the catalogue described. For editors and other programs. */
export function factSheetSchema(catalogue: FactCatalogue): object {
  const provenance = {
    source: { type: 'string', maxLength: 500, description: 'Document, sensor, system or statement.' },
    at: { type: 'string', format: 'date-time', description: 'Since when it is known.' },
    by: { type: 'string', maxLength: 500, description: 'Who said so.' },
  };
  const unknown = { enum: ['unknown', null] };
  const properties: { [id: string]: object } = {};
  for (const definition of catalogue.values()) {
    const plain = plainSchema(definition);
    const family =
      definition.kind === 'quantity'
        ? Object.values(unitFamilies).find((members) => (members as readonly string[]).includes(definition.unit))
        : undefined;
    const unit = family ? { unit: { enum: family } } : {};
    const forms: object[] = [
      plain,
      unknown,
      {
        type: 'object',
        properties: {
          value: { anyOf: [family && family.length > 1 ? { type: 'number', minimum: 0 } : plain, unknown] },
          ...unit,
          ...provenance,
        },
        required: ['value'],
        additionalProperties: false,
      },
    ];
    if (definition.kind !== 'boolean' && definition.kind !== 'set') {
      const end = { anyOf: [family ? { type: 'number', minimum: 0 } : plain, unknown] };
      forms.push({
        type: 'object',
        properties: { min: end, max: end, ...unit, ...provenance },
        anyOf: [{ required: ['min'] }, { required: ['max'] }],
        additionalProperties: false,
      });
    }
    const entry = {
      title: definition.name.en,
      description: `${definition.means.en} Known from: ${definition.knownFrom.join(', ')}.${definition.aliases ? ` Also read as: ${definition.aliases.join(', ')}.` : ''}`,
      'x-kind': definition.kind,
      ...(definition.kind === 'quantity' ? { 'x-unit': definition.unit } : {}),
      'x-name-zh': definition.name.zh,
      'x-means-zh': definition.means.zh,
      'x-known-from': definition.knownFrom,
      anyOf: forms,
    };
    properties[definition.id] = entry;
    for (const alias of definition.aliases ?? [])
      properties[alias] = { $ref: `#/properties/facts/properties/${definition.id}`, deprecated: true };
  }
  const instantSchema = { type: 'string', format: 'date-time' };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Facts and events of one incident (FACTS.json)',
    description:
      'A fact that is not stated is unknown: it proves nothing and excludes nothing. State 0, false or the lowest term to exclude.',
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      title: { type: 'string' },
      note: { type: 'string' },
      facts: { type: 'object', properties, additionalProperties: false },
      events: {
        type: 'array',
        maxItems: eventsMax,
        items: {
          type: 'object',
          properties: {
            event: { enum: eventKinds },
            at: instantSchema,
            by: { type: 'string', description: 'The reporter class or organisation that did it.' },
            to: {
              anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
              description: 'Whom it reached; all recipients of the duty when absent.',
            },
            duty: { type: 'string', description: 'The duty that it meets, when a report could meet several.' },
            level: {
              anyOf: [{ type: 'integer', minimum: 1, maximum: 9 }, { enum: [...romans, null] }],
              description: 'graded: the level found; null for none.',
            },
            scheme: { type: 'string', description: 'graded: by which scheme.' },
            reason: { type: 'string' },
          },
          required: ['event', 'at'],
          additionalProperties: false,
        },
      },
      reporter: {
        anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
        description: 'Reporter classes of the law; forewarn duties --laws lists them.',
      },
    },
    additionalProperties: false,
  };
}

function plainSchema(definition: FactDefinition): object {
  switch (definition.kind) {
    case 'quantity':
      return {
        type: definition.whole ? 'integer' : 'number',
        minimum: 0,
        ...(definition.max === undefined ? {} : { maximum: definition.max }),
      };
    case 'term':
      return {
        enum: definition.terms.map((term) => term.id),
        description: `From the least to the most serious: ${definition.terms.map((term) => `${term.id} (${term.name.en})`).join(', ')}.`,
      };
    case 'boolean':
      return { type: 'boolean' };
    case 'instant':
      return { type: 'string', format: 'date-time' };
    case 'set':
      return { type: 'array', items: { enum: definition.members.map((member) => member.id) } };
  }
}
