/** Patterns of the validator's cases: those of valid indicators are read, and those that are invalid for their pattern are not. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parsePattern } from './parse.ts';

const root = process.env['FOREWARN_DATA_SET'] ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const file = `${root}/exchange/stix/validation_cases_21.json`;

type Case = { case: string; valid: boolean; rule_that_rejects: string[] | null; object: unknown };

function* patternsOf(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'pattern' && typeof inner === 'string') yield inner;
    else yield* patternsOf(inner);
  }
}

describe.skipIf(!existsSync(file))('cases of cti-stix-validator (2.1)', () => {
  const cases = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Case[]) : [];
  const withPattern = cases.flatMap((one) => [...patternsOf(one.object)].map((pattern) => ({ ...one, pattern })));

  test('patterns of valid objects are read', () => {
    const valid = withPattern.filter((one) => one.valid);
    expect(valid.length).toBeGreaterThan(5);
    for (const { pattern } of valid) expect(() => parsePattern(pattern)).not.toThrow();
  });

  test('of the invalid ones just those whose pattern is at fault are refused', () => {
    const refused = new Set<string>();
    for (const { pattern } of withPattern.filter((one) => !one.valid)) {
      try {
        parsePattern(pattern);
      } catch {
        refused.add(pattern);
      }
    }
    // The others are invalid for their dates, names or the best practices of custom objects.
    expect([...refused]).toEqual(["[ab:yz = 'something']"]);
  });
});
