import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { csvRows } from '@forewarn/base/csv';
import { assembleContent } from '@forewarn/model/content';
import { readFacts } from '@forewarn/model/factsheet';
import { compileScheme } from '../grade.ts';
import { checkHeader, compileCollection, factsOfRow, type BulkIncident } from './collection.ts';
import { bulkReport, compileScale, scaleValue } from './report.ts';

const root = fileURLToPath(new URL('../../../content/', import.meta.url));
const folders = ['collections', 'facts', 'gradings', 'scales'];
const files = folders
  .flatMap((folder) => readdirSync(`${root}${folder}`, { recursive: true }).map((path) => `${folder}/${String(path)}`))
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));
const { content, refusals } = assembleContent(files);
const eurepoc = compileCollection(content.collections.get('eurepoc')!, content.facts);
const columns = eurepoc.columns.map(({ column }) => column);

/** A row with these cells and nothing in the others. */
function row(cells: { [column: string]: string }): ReadonlyMap<string, string> {
  return new Map(['ID', 'name', 'economic_impact_currency', ...columns].map((column) => [column, cells[column] ?? '']));
}

const stated = (cells: { [column: string]: string }): BulkIncident => factsOfRow(eurepoc, row(cells));
const word = (column: string, start: string): string =>
  [...eurepoc.columns.find((one) => one.column === column)!.words.keys()].find((one) => one.startsWith(start))!;

function incident(id: string, facts: object): BulkIncident {
  const read = readFacts(facts, content.facts);
  if (!read.ok) throw read.refusals[0]!;
  return { id, name: undefined, facts: read.value, contradicted: [] };
}

describe('rows of a collection', () => {
  it('are content without a fault', () => {
    expect(refusals).toEqual([]);
  });

  it('state what their words say and no more', () => {
    const { facts } = stated({ ID: '7', disruption: word('disruption', 'Short') });
    expect(facts.service_outage_minutes!.value).toEqual({ kind: 'interval', min: 1, max: 1440 });
    expect(facts.persons_leaked).toBeUndefined();
    expect(stated({ ID: '7', disruption: 'Not available' }).facts).toEqual({});
  });

  it('put together what several columns say', () => {
    const { facts } = stated({
      hijacking: word('hijacking', 'Hijacking, not used'),
      data_theft: word('data_theft', 'For private / commercial targets: sens'),
      receiver_category_subcode: "[['Energy', 'Water'], ['Not listed']]",
    });
    expect(facts.observed_activity!.value).toEqual({ kind: 'term', term: 'effect' });
    expect(facts.dependent_sectors!.value).toEqual({ kind: 'set', members: ['energy', 'water'] });
  });

  it('leave unknown what they contradict themselves in, and say so', () => {
    const both = stated({ initiator_category: "['State', 'Unknown - not attributed']" });
    expect(both.contradicted).toEqual(['actor_character']);
    expect(both.facts.actor_character!.value).toEqual({ kind: 'unknown' });
  });

  it('say otherwise only of a cell that holds something', () => {
    expect(stated({ receiver_region: "[['ASIA', 'SCS']]" }).facts.nis2_entity!.value).toEqual({ kind: 'set', members: [] });
    expect(stated({ receiver_region: "[['EUROPE', 'EU']]" }).facts.nis2_entity).toBeUndefined();
    expect(stated({ receiver_region: '' }).facts).toEqual({});
  });

  it('read a number beside its unit, and nothing from nothing', () => {
    const loss = (value: string, currency: string) =>
      stated({ economic_impact_exact_value: value, economic_impact_currency: currency }).facts.direct_loss_eur?.value;
    expect(loss('24000000.0', 'euro')).toEqual({ kind: 'quantity', value: 24_000_000 });
    expect(loss('24000000.0', 'dollar')).toBeUndefined();
    expect(loss('0.0', 'euro')).toBeUndefined();
    expect(loss('-5', 'euro')).toBeUndefined();
    expect(loss('many', 'euro')).toBeUndefined();
  });

  it('need their columns', () => {
    const [header] = csvRows('ID,name\n');
    expect(() => checkHeader(eurepoc, header!.cells!, 'table.csv')).toThrow(/has no column "data_theft"/);
  });
});

describe('a published scale', () => {
  const scale = (id: string) => compileScale(content.scales.get(id)!, content.facts);
  const parts = {
    eurepoc_data_theft: 'sensitive',
    eurepoc_disruption: 'short',
    eurepoc_hijacking: 'none',
    eurepoc_physical_space: 'none',
    eurepoc_physical_time: 'none',
  };
  it('is the sum of its parts, and times its factor', () => {
    expect(scaleValue(scale('eurepoc-intensity'), incident('1', parts).facts)).toBe(3);
    const weighted = scale('eurepoc-weighted-intensity');
    expect(scaleValue(weighted, incident('1', { ...parts, eurepoc_importance: 'very_high' }).facts)).toBe(4.5);
    expect(scaleValue(weighted, incident('1', { ...parts, eurepoc_importance: 'moderate_to_high' }).facts)).toBe(3);
  });
  it('has no value while a part is unknown', () => {
    const { eurepoc_hijacking: _, ...some } = parts;
    expect(scaleValue(scale('eurepoc-intensity'), incident('1', some).facts)).toBeUndefined();
    expect(scaleValue(scale('eurepoc-weighted-intensity'), incident('1', parts).facts)).toBeUndefined();
  });
});

describe('a report over many incidents', () => {
  const schemes = ['cn-reporting-2025', 'cn-miit-2017'].map((id) => compileScheme(content.schemes.get(id)!, content.facts));
  const settled = {
    users_offline_area: 'none',
    malware_outbreak_area: 'none',
    platform_abnormal: 'none',
    large_dns_abnormal: false,
    national_domain_resolution_drops: false,
    overall_threat: 'none',
  };
  const report = bulkReport(
    schemes,
    [],
    [
      incident('leak', { persons_leaked: 12_000_000 }),
      incident('blackout', { ...settled, people_affected: 20_000_000, persons_leaked: 200_000 }),
      incident('rumour', {}),
    ],
  );

  it('counts levels that are proven and possible, what is settled and what is missing', () => {
    const [guide, plan] = report.schemes as [(typeof report.schemes)[0], (typeof report.schemes)[0]];
    expect(guide).toMatchObject({ proven: { 1: 1, 2: 1, 4: 1 }, possible: { 1: 3 }, settled: 1, withCriterion: 2 });
    expect(plan).toMatchObject({ proven: { 2: 1, 4: 1, none: 1 }, possible: { 1: 2, 4: 1 }, settled: 1 });
    expect(plan.missing.find(({ fact }) => fact === 'overall_threat')).toEqual({ fact: 'overall_threat', incidents: 2 });
    expect(plan.missing.find(({ fact }) => fact === 'persons_leaked')).toEqual({ fact: 'persons_leaked', incidents: 1 });
  });

  it('counts pairs that two schemes order differently, and what one alone gives a level', () => {
    // The guide holds the blackout for graver than the leak, the plan the leak: one pair of three is opposed.
    expect(report.pairs).toEqual([
      { schemes: ['cn-reporting-2025', 'cn-miit-2017'], ordered: 3, opposed: 1 / 3, oneAlone: [0, 0] },
    ]);
    expect(report.furthestApart[0]).toMatchObject({ id: 'blackout', highest: 'cn-reporting-2025', lowest: 'cn-miit-2017' });
  });

  it('bears nothing at all', () => {
    const empty = bulkReport(schemes, [], []);
    expect(empty).toMatchObject({ incidents: 0, furthestApart: [] });
    expect(empty.pairs[0]).toMatchObject({ ordered: 0, opposed: null });
  });
});
