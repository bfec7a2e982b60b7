/** The parsers of protocols, a folder each. */

import { expect, test } from 'vitest';
import { fuzzes } from './ci.ts';
import { families } from './families.ts';
import { parserFamilies } from './parsers.ts';

for (const family of parserFamilies) fuzzes(family);

test('every family has a name of its own and something to begin with', () => {
  expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
  expect(families.filter(({ starts }) => starts.length === 0).map(({ name }) => name)).toEqual([]);
});
