import { expect, test } from 'vitest';
import { readAttack } from '@forewarn/model/attack';
import { loadAttack } from './attack.ts';

test('the matrices of the content', async () => {
  const { matrices } = await loadAttack();
  expect(matrices.map(({ id, tactics }) => [id, tactics.length])).toEqual([
    ['enterprise', 14],
    ['ics', 12],
    ['mobile', 12],
  ]);
});

test('a technique without a name is refused with its line', () => {
  const matrix = (id: string) => `  - id: ${id}\n    tactics: { impact: [T0001] }\n`;
  const text = `version: "1"\nmatrices:\n${['enterprise', 'ics', 'mobile'].map(matrix).join('')}techniques: { T0002: Other }\n`;
  let refusals: readonly { message: string; place: { line?: number } }[] = [];
  try {
    readAttack(text, 'matrices.yaml');
  } catch (error) {
    refusals = (error as AggregateError).errors;
  }
  expect(refusals.map(({ message, place }) => [place.line !== undefined, message.includes('T000')])).toContainEqual([true, true]);
});
