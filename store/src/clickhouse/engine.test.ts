import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openEngine } from './engine.ts';

const dir = mkdtempSync(join(tmpdir(), 'forewarn-engine-'));
const engine = openEngine(dir);
afterAll(async () => {
  await engine.close();
  rmSync(dir, { recursive: true, force: true });
});

test('what a failed question had answered so far does not stand before the next answer', async () => {
  const ask = (sql: string) => engine.read({ sql, parameters: {} });
  for (let time = 0; time < 3; time++) {
    const failing = ask("select number, throwIf(number = 700000, 'enough') from numbers(1000000)");
    await expect(failing).rejects.toThrow(/enough/);
    expect(await ask('select 42')).toEqual([[42]]);
  }
});
