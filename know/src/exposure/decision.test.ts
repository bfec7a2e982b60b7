import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decide, readDecisionTables } from './decision.ts';

const text = readFileSync(new URL('../../../content/exposure/ssvc.yaml', import.meta.url), 'utf8');
const tables = readDecisionTables(text, 'exposure/ssvc.yaml');
const deployer = tables.find(({ id }) => id === 'deployer')!;

describe('decision tables', () => {
  test('every row of every table decides as it states', () => {
    let rows = 0;
    for (const table of tables) {
      for (const row of table.rows) {
        const known = Object.fromEntries(table.points.map(({ name }, i) => [name, row[i]!]));
        expect(decide(table, known)).toEqual({ floor: row.at(-1), ceiling: row.at(-1), open: [row.at(-1)], missing: [] });
        rows++;
      }
    }
    expect(rows).toBe(36 + 16 + 72 + 192);
  });

  test('what is not known leaves open what it may decide, and says what to ask first', () => {
    const decision = decide(deployer, { Exploitation: 'active', 'System Exposure': 'open', Automatable: 'yes' });
    expect(decision).toMatchObject({ floor: 'out-of-cycle', ceiling: 'immediate', missing: ['Human Impact'] });
    const nothing = decide(deployer, {});
    expect(nothing.open).toEqual(['defer', 'scheduled', 'out-of-cycle', 'immediate']);
    expect(nothing.missing.length).toBeGreaterThan(0);
    // Nothing more can change what is decided already.
    expect(decide(deployer, { Exploitation: 'none', 'System Exposure': 'small', 'Human Impact': 'low' }).missing).toEqual([]);
  });

  test('a known value never opens more', () => {
    for (const { name, values } of deployer.points) {
      for (const value of values) {
        const less = decide(deployer, { [name]: value }).open;
        expect(decide(deployer, {}).open).toEqual(expect.arrayContaining(less));
      }
    }
  });

  test('a table with a missing, doubled or foreign row is refused with its place', () => {
    const row = '      - ["none", small, "no", low, defer]\n';
    expect(() => readDecisionTables(text.replace(row, ''), 'x.yaml')).toThrow('content');
    expect(() => readDecisionTables(text.replace(row, row + row), 'x.yaml')).toThrow('content');
    const line = text.slice(0, text.indexOf(row)).split('\n').length;
    expect(() => readDecisionTables(text.replace(row, row.replace('small', 'tiny')), 'x.yaml')).toThrow(
      expect.objectContaining({
        errors: expect.arrayContaining([
          expect.objectContaining({ message: expect.stringContaining('tiny'), place: expect.objectContaining({ line }) }),
        ]),
      }),
    );
  });
});
