import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { dataKey } from './keys.ts';

const dir = mkdtempSync(join(tmpdir(), 'forewarn-keys-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('a key is made once, for its owner only, and another for each purpose', () => {
  const key = dataKey(dir, 'accounts');
  expect(key).toHaveLength(32);
  expect(dataKey(dir, 'accounts')).toEqual(key);
  expect(dataKey(dir, 'pseudonyms')).not.toEqual(key);
  expect(statSync(join(dir, 'keys/accounts')).mode & 0o777).toBe(0o600);
});

test('a file that is no key is a fault, and is not replaced', () => {
  writeFileSync(join(dir, 'keys/accounts'), 'short');
  expect(() => dataKey(dir, 'accounts')).toThrow(/has 5 bytes/);
});
