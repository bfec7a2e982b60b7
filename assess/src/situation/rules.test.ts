import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Refusal } from '@forewarn/base/refusal';
import { readSituationRules } from './rules.ts';

const path = 'situation/index.yaml';
const text = readFileSync(new URL(`../../../content/${path}`, import.meta.url), 'utf8');

function refusalsOf(changed: string): Refusal[] {
  try {
    readSituationRules(changed, path);
    return [];
  } catch (error) {
    return (error as AggregateError).errors as Refusal[];
  }
}

describe('the rules of the situation index', () => {
  it('reads those of the product, marked as unverified', () => {
    const rules = readSituationRules(text, path);
    expect(rules.components.map(({ id }) => id)).toEqual(['threat', 'exposure', 'weakness', 'damage', 'coverage', 'readiness']);
    expect(rules.confidence).toBe('U');
  });

  it.each([
    ['weights that do not make 1', text.replace('weight: 0.3', 'weight: 0.31'), 'must make 1'],
    ['a component twice', text.replace('id: threat', 'id: damage'), 'twice'],
    ['bands in another order', text.replace('{ id: good, below: 40 }', '{ id: good, below: 10 }'), 'above the one before'],
    ['a load that nobody stated', text.replace('red: 0.5, ', ''), 'warning, red'],
  ])('refuses %s, with file and line', (_, changed, sentence) => {
    const found = refusalsOf(changed);
    expect(found.map(({ message }) => message).join('\n')).toContain(sentence);
    for (const one of found) {
      expect(one.place.file).toBe(path);
      expect(one.place.line).toBeGreaterThan(0);
    }
  });
});
