/**
 * The published intensity of 957 incidents, recomputed from their parts by content/scales, and all of them graded under every scheme.
 */

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { csvRows } from '@forewarn/base/csv';
import { assembleContent } from '@forewarn/model/content';
import { checkHeader, compileCollection, factsOfRow, type BulkIncident } from './bulk/collection.ts';
import { bulkReport, compileScale, scaleValue } from './bulk/report.ts';
import { compileScheme } from './grade.ts';

const root = fileURLToPath(new URL('../../content/', import.meta.url));
const folders = ['collections', 'facts', 'gradings', 'scales'];
const files = folders
  .flatMap((folder) => readdirSync(`${root}${folder}`, { recursive: true }).map((path) => `${folder}/${String(path)}`))
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));
const { content } = assembleContent(files);

const data = process.env.FOREWARN_DATA_SET ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const table = `${data}/incident/eurepoc/incidents.csv`;

type Row = { incident: BulkIncident; cells: ReadonlyMap<string, string> };

function readRows(): Row[] {
  const compiled = compileCollection(content.collections.get('eurepoc')!, content.facts);
  const [header, ...rows] = [...csvRows(readFileSync(table, 'utf8'))].map(({ cells }) => cells ?? []) as [
    string[],
    ...string[][],
  ];
  checkHeader(compiled, header, table);
  return rows.map((cells) => {
    const row = new Map(header.map((column, i) => [column, cells[i] ?? '']));
    return { incident: factsOfRow(compiled, row), cells: row };
  });
}
const rows = existsSync(table) ? readRows() : [];

describe.skipIf(rows.length === 0)(`incidents of ${table} (skipped when the data set is absent)`, () => {
  it('are all read', () => {
    expect(rows).toHaveLength(957);
    expect(rows.every(({ incident }) => /^\d+$/.test(incident.id))).toBe(true);
  });

  it.each([
    ['eurepoc-intensity', 'unweighted_cyber_intensity'],
    ['eurepoc-weighted-intensity', 'weighted_cyber_intensity'],
  ])('%s is %s for at least 99 % of those with all parts known', (id, column) => {
    const scale = compileScale(content.scales.get(id)!, content.facts);
    const known = rows.flatMap(({ incident, cells }) => {
      const value = scaleValue(scale, incident.facts);
      return value === undefined ? [] : [{ id: incident.id, value, published: Number(cells.get(column)) }];
    });
    const same = known.filter(({ value, published }) => value === published);
    expect(known.length).toBeGreaterThan(800);
    expect(same.length / known.length).toBeGreaterThanOrEqual(0.99);
  });

  it('have a level range under every scheme, and each open one says what is missing', () => {
    const schemes = [...content.schemes.values()].map((scheme) => compileScheme(scheme, content.facts));
    const report = bulkReport(
      schemes,
      [],
      rows.map(({ incident }) => incident),
    );
    expect(report.incidents).toBe(957);
    expect(report.schemes).toHaveLength(content.schemes.size);
    for (const { proven, possible, settled, missing } of report.schemes) {
      const sum = (counts: { [level: string]: number }): number => Object.values(counts).reduce((a, b) => a + b, 0);
      expect([sum(proven), sum(possible)]).toEqual([957, 957]);
      expect(settled === 957 || missing.length > 0).toBe(true);
    }
    expect(report.pairs).toHaveLength((schemes.length * (schemes.length - 1)) / 2);
  });
});
