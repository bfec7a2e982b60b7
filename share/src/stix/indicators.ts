/** Indicators of STIX 2.1 bundles, in our words. */

import { Refusal } from '@forewarn/base/refusal';
import type { ListEntry, Said } from '@forewarn/model/indicator';
import { compilePattern } from './pattern/compile.ts';
import { parsePattern } from './pattern/parse.ts';

type Json = { readonly [name: string]: unknown };

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Whether a document is a bundle, or an envelope or list of STIX objects. */
export function isStix(document: unknown): boolean {
  return objectsOf(document).some(
    (object) => isObject(object) && typeof object['id'] === 'string' && typeof object['type'] === 'string',
  );
}

function objectsOf(document: unknown): readonly unknown[] {
  if (Array.isArray(document)) return document as unknown[];
  if (!isObject(document)) return [];
  if (Array.isArray(document['objects'])) return document['objects'] as unknown[];
  return document['type'] === 'indicator' ? [document] : [];
}

/** Every indicator of the document, or why it is left out. Objects of other types are what indicators refer to. */
export function* readStix(document: unknown, file: string): Generator<ListEntry> {
  const objects = objectsOf(document).filter(isObject);
  const names = new Map<string, string>();
  const techniques = new Map<string, string>();
  for (const object of objects) {
    const id = text(object['id']);
    if (id === undefined) continue;
    if (object['type'] === 'identity') names.set(id, text(object['name']) ?? id);
    const technique = object['type'] === 'attack-pattern' ? techniqueOf(object['external_references']) : undefined;
    if (technique !== undefined) techniques.set(id, technique);
  }
  const indicated = new Map<string, string>();
  for (const { type, relationship_type: relation, source_ref: from, target_ref: to } of objects) {
    const technique = type === 'relationship' && relation === 'indicates' ? techniques.get(String(to)) : undefined;
    if (technique !== undefined) indicated.set(String(from), technique);
  }
  for (const [number, object] of objects.entries()) {
    if (object['type'] !== 'indicator') continue;
    const id = text(object['id']) ?? `objects[${number}]`;
    const place = { file, field: id };
    const refused = (code: string, message: string, advice: string): ListEntry => ({ place, refused: { code, message, advice } });
    const pattern = text(object['pattern']);
    const type = text(object['pattern_type']) ?? 'stix';
    if (object['revoked'] === true) {
      yield refused('indicator.revoked', 'Its author has revoked the indicator.', 'Leave it out.');
      continue;
    }
    if (type !== 'stix' || pattern === undefined) {
      yield type === 'stix'
        ? refused('stix.pattern', 'The pattern is missing.', 'Add it.')
        : refused(
            'stix.pattern-type',
            `Patterns of ${type.slice(0, 60)} are not read.`,
            'Give it as a STIX pattern, or a Sigma rule.',
          );
      continue;
    }
    try {
      const said: Said = {
        source: text(object['created_by_ref']) && names.get(String(object['created_by_ref'])),
        confidence: confidenceOf(object['confidence']),
        technique: indicated.get(id) ?? techniqueOf(object['external_references']),
        validFrom: instantOf(object['valid_from'], 'valid_from'),
        validUntil: instantOf(object['valid_until'], 'valid_until'),
        seenAt:
          instantOf(object['valid_from'], 'valid_from') === undefined ? instantOf(object['modified'], 'modified') : undefined,
        note: (text(object['name']) ?? text(object['description']))?.slice(0, 500),
      };
      const compiled = compilePattern(parsePattern(pattern));
      for (const reason of compiled.missing)
        yield refused('stix.observable', `An alternative is left out. ${reason}`, 'The others are looked for.');
      for (const value of compiled.values ?? []) {
        const validFrom = Math.max(said.validFrom ?? -Infinity, value.validFrom ?? -Infinity);
        const validUntil = Math.min(said.validUntil ?? Infinity, value.validUntil ?? Infinity);
        yield {
          place,
          value: {
            ...said,
            ...value,
            validFrom: validFrom === -Infinity ? undefined : validFrom,
            validUntil: validUntil === Infinity ? undefined : validUntil,
          },
        };
      }
      if (compiled.watched)
        yield { place, pattern: { ...said, name: said.note ?? id, text: pattern, watched: compiled.watched } };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { line, column } = error.place;
      const where = column === undefined ? '' : `${line === 1 || line === undefined ? '' : `Line ${line}, `}column ${column}: `;
      yield { place, refused: { code: error.code, message: `${where}${error.message}`, advice: error.advice } };
    }
  }
}

function instantOf(value: unknown, field: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const at = typeof value === 'string' ? Date.parse(value) / 1000 : Number.NaN;
  if (Number.isNaN(at) || !String(value).endsWith('Z'))
    throw new Refusal('stix.instant', `${field} is not an instant.`, { advice: 'Write it as 2026-11-22T08:00:00Z.' });
  return at;
}

function confidenceOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value >= 0 && value <= 100))
    throw new Refusal('stix.confidence', 'The confidence is not between 0 and 100.', { advice: 'Correct it.' });
  return value / 100;
}

function techniqueOf(references: unknown): string | undefined {
  if (!Array.isArray(references)) return undefined;
  for (const reference of references as unknown[]) {
    if (!isObject(reference) || !String(reference['source_name']).startsWith('mitre-')) continue;
    const id = text(reference['external_id']);
    if (id !== undefined && /^T\d{4}(?:\.\d{3})?$/.test(id)) return id;
  }
  return undefined;
}
