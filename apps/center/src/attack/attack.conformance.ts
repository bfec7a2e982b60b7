/** Our matrices against MITRE's own bundle for ICS, and their names against a galaxy of another version. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadAttack } from './attack.ts';

const data = process.env['FOREWARN_DATA_SET'] ?? join(import.meta.dirname, '../../../../../shared/data');
const bundle = join(data, 'exchange/attack-ics/ics-attack-17.1.json');
const galaxy = join(data, 'exchange/misp-galaxy/mitre-attack-pattern.json');
const present = existsSync(bundle) && existsSync(galaxy);
if (!present) console.warn('not run: the data set is missing');

type Pattern = {
  type: string;
  name: string;
  revoked?: boolean;
  x_mitre_deprecated?: boolean;
  external_references: { external_id: string }[];
  kill_chain_phases: { phase_name: string }[];
};

test.runIf(present)('the matrix for ICS is that of version 17.1', async () => {
  const { objects } = JSON.parse(readFileSync(bundle, 'utf8')) as { objects: Pattern[] };
  const wanted = objects
    .filter(({ type, revoked, x_mitre_deprecated: deprecated }) => type === 'attack-pattern' && !revoked && !deprecated)
    .map(({ name, external_references: references, kill_chain_phases: phases }) => [
      references[0]!.external_id,
      name,
      phases.map(({ phase_name: phase }) => phase).sort(),
    ]);
  const { matrices } = await loadAttack();
  const ours = new Map<string, [string, string, string[]]>();
  for (const { id: tactic, techniques } of matrices.find(({ id }) => id === 'ics')!.tactics) {
    for (const { id, name } of techniques) {
      const there = ours.get(id);
      if (there) there[2].push(tactic);
      else ours.set(id, [id, name, [tactic]]);
    }
  }
  const sorted = (list: unknown[]) => list.map((one) => JSON.stringify(one)).sort();
  expect(sorted([...ours.values()].map(([id, name, tactics]) => [id, name, tactics.sort()]))).toEqual(sorted(wanted));
});

test.runIf(present)('techniques for enterprises and mobile devices have their names', async () => {
  const { values } = JSON.parse(readFileSync(galaxy, 'utf8')) as { values: { value: string; meta?: { external_id?: string } }[] };
  const names = new Map(values.map(({ value, meta }) => [meta?.external_id, value]));
  const { matrices } = await loadAttack();
  const wrong = matrices
    .filter(({ id }) => id !== 'ics')
    .flatMap(({ tactics }) => tactics.flatMap(({ techniques }) => techniques))
    .filter(({ id, name }) => names.get(id) !== `${name} - ${id}`);
  // The galaxy's later version speaks of stealth where 17.1 speaks of evasion.
  expect([...new Set(wrong.map(({ id }) => id))]).toEqual(['T1211']);
});
