/**
 * Our decision tables against CERT/CC's files, row by row and both ways; every other table of theirs through the same engine; each date of CISA's
 * catalogue of exploited vulnerabilities.
 */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decide, readDecisionTables, type DecisionTable } from './decision.ts';
import { dueAt, readExploited } from './exploited.ts';

const root = new URL('../../../', import.meta.url).pathname;
const data = process.env['FOREWARN_DATA_SET'] ?? join(root, '../shared/data');
const present = existsSync(data);
if (!present) console.log(`not run: the data set is missing (${data})`);

const own: { readonly [file: string]: string } = {
  deployer_patch_application_priority_1_0_0: 'deployer',
  cisa_coordinator_2_0_3: 'cisa-coordinator',
  cisa_bod_26_04_1_0_0: 'cisa-bod-26-04',
  coordinator_triage_1_0_0: 'coordinator-triage',
};

/** Cells of a line of CSV, in which quotes stand round commas. */
const cellsOf = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    (quoted ?? plain ?? '').replaceAll('""', '"'),
  );

function tableOf(file: string): DecisionTable {
  const [head = [], ...rows] = readFileSync(file, 'utf8').trim().split(/\r?\n/).map((line) => cellsOf(line).slice(1)); // oxfmt-ignore
  const values = head.map((_, i) => [...new Set(rows.map((row) => row[i]!))]);
  const name = { en: basename(file), zh: basename(file) };
  return {
    id: basename(file, '.csv'),
    title: name,
    means: name,
    source: 'CERT/CC',
    confidence: 'H',
    points: head.slice(0, -1).map((point, i) => ({ name: point.replace(/ v[\d.]+(?: \(.*\))?$/, ''), version: /v([\d.]+)/.exec(point)?.[1] ?? '', values: values[i]! })), // oxfmt-ignore
    outcomes: values.at(-1)!,
    rows,
  };
}

describe.skipIf(!present)('exposure', () => {
  test('every row of every table of SSVC decides as stated', () => {
    const ours = readDecisionTables(readFileSync(join(root, 'content/exposure/ssvc.yaml'), 'utf8'), 'exposure/ssvc.yaml');
    let rows = 0;
    const compared: string[] = [];
    const files = globSync('incident/ssvc/csv/**/*.csv', { cwd: data }).sort();
    for (const file of files) {
      const theirs = tableOf(join(data, file));
      const id = own[theirs.id];
      const table = id === undefined ? theirs : ours.find((one) => one.id === id)!;
      if (id !== undefined) compared.push(id);
      const shape = ({ points, rows: all }: DecisionTable) => [points.map(({ name, version }) => [name, version]), all.length];
      expect(shape(table)).toEqual(shape(theirs));
      for (const row of theirs.rows) {
        const decision = decide(table, Object.fromEntries(theirs.points.map(({ name }, i) => [name, row[i]!])));
        expect([file, ...row.slice(0, -1), decision.floor, decision.ceiling]).toEqual([file, ...row, row.at(-1)]);
        rows++;
      }
    }
    console.log(`incident/ssvc: ${rows} rows of ${files.length} tables decide as stated; ${compared.length} of them are ours`);
    expect(compared.length).toBe(Object.keys(own).length);
    expect(rows).toBeGreaterThan(316);
  });

  test('every due date of the catalogue of exploited vulnerabilities', () => {
    const json = JSON.parse(readFileSync(join(data, 'incident/kev/known_exploited_vulnerabilities.json'), 'utf8')) as {
      vulnerabilities: { cveID: string; dateAdded: string; dueDate: string; knownRansomwareCampaignUse: string }[];
    };
    const { exploited } = readExploited(json);
    expect(exploited.length).toBe(json.vulnerabilities.length);
    let ransomware = 0;
    for (const [i, entry] of exploited.entries()) {
      const theirs = json.vulnerabilities[i]!;
      const [year, month, day] = theirs.dueDate.split('-').map(Number) as [number, number, number];
      expect([entry.id, entry.added, dueAt(entry.due)]).toEqual([
        theirs.cveID,
        theirs.dateAdded,
        Date.UTC(year, month - 1, day + 1) / 1000,
      ]);
      expect(entry.ransomware).toBe(theirs.knownRansomwareCampaignUse === 'Known');
      ransomware += Number(entry.ransomware);
    }
    console.log(`incident/kev: ${exploited.length} due dates, ${ransomware} used by ransomware`);
  });
});
