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

test('questions at the same time each get their own answer, with their own values', async () => {
  const ask = (text: string, number: number) =>
    engine.read({
      sql: 'select {p0:String}, sum(number) + {p1:Float64} from numbers(10000)',
      parameters: { p0: text, p1: number },
    });
  const asked = Array.from({ length: 150 }, (_unused, index) => [`'${index}\\`, index + 0.1] as const);
  const answers = await Promise.all(asked.map(([text, number]) => ask(text, number)));
  expect(answers).toEqual(asked.map(([text, number]) => [[text, 49_995_000 + number]]));
});

test('more values than a statement has room for go beside it', async () => {
  const many = Array.from({ length: 30_000 }, (_unused, index) => `value ${index}`);
  const sql = 'select count() from numbers(100000) where concat({p1:String}, toString(number)) in {p0:Array(String)}';
  expect(await engine.read({ sql, parameters: { p0: many, p1: 'value ' } })).toEqual([['30000']]);
});
