/** Files of vulnerabilities: each format is known by itself, and what is wrong in a list or table does not take the rest with it. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readDecisionTables } from './decision.ts';
import { readExposureRules } from './deadlines.ts';
import { matchOf } from './exposure.ts';
import { readVulnerabilityFile } from './file.ts';
import { readProduct } from './vulnerability.ts';

const record = (id: string, state = 'PUBLISHED') => ({
  dataType: 'CVE_RECORD',
  dataVersion: '5.1',
  cveMetadata: { cveId: id, state },
  containers: { cna: { affected: [{ product: 'Gateway', versions: [{ version: '2.3', status: 'affected' }] }] } },
});
const refused = (text: string) => {
  try {
    return readVulnerabilityFile(text, 'x');
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('a file says what it is', () => {
  test('one record, a withdrawn one, a list with one that is none', () => {
    expect(readVulnerabilityFile(JSON.stringify(record('CVE-2026-10001')), 'x')).toMatchObject({ format: 'cve', vulnerabilities: [{ id: 'CVE-2026-10001' }] }); // oxfmt-ignore
    const list = [record('CVE-2026-10001'), { hello: 1 }, record('CVE-2026-10002', 'REJECTED')];
    const read = readVulnerabilityFile(`\ufeff ${JSON.stringify(list)}`, 'x');
    expect(read).toMatchObject({ format: 'cve', rejected: 1, vulnerabilities: [{ id: 'CVE-2026-10001' }] });
    expect(read.refusals.map(({ code, place }) => [code, place?.field])).toEqual([['exposure.cve', '1.dataType']]);
  });

  test('catalogue, scores; what is none of them is refused', () => {
    const catalogue = { catalogVersion: '2026.11.20', vulnerabilities: [{ cveID: 'CVE-2026-10001', dateAdded: '2026-11-10', dueDate: '2026-12-01', requiredAction: 'Patch.', knownRansomwareCampaignUse: 'Known' }] }; // oxfmt-ignore
    expect(readVulnerabilityFile(JSON.stringify(catalogue), 'x')).toMatchObject({ format: 'kev', edition: '2026.11.20', exploited: [{ due: '2026-12-01' }] }); // oxfmt-ignore
    const scores = '#model_version:v2025.03.14,score_date:2026-11-20T00:00:00Z\ncve,epss,percentile\nCVE-2026-10001,0.5,0.9\n';
    expect(readVulnerabilityFile(scores, 'x')).toMatchObject({
      format: 'epss',
      probabilities: [['CVE-2026-10001', { score: 0.5 }]],
    });
    expect(['{', '[{}]', '{"a":1}', '{"document":{}}', '{"vulnerabilities":1}', 'a,b\n1,2\n', ''].map(refused)).toEqual([
      'exposure.json',
      'exposure.cve',
      'exposure.cve',
      'exposure.csaf',
      'exposure.kev',
      'exposure.table',
      expect.objectContaining({ format: 'table', vulnerabilities: [] }),
    ]);
  });

  test('a table: lines of one id are one vulnerability; a wrong line is told and the others are taken', () => {
    const { vulnerabilities, refusals } = readVulnerabilityFile(
      [
        'id,title,published,cvss,vendor,product,purl,status,from,before,automatable',
        'VND-7,Gateway,2026-11-20,9.8,Maker,Gateway,,,2.0,2.4,yes',
        'VND-7,,,,Maker,Gateway,,affected,3.0,3.1,',
        'VND-7,,,,,,pkg:npm/gateway,affected,,1.5,',
        'VND-8,,,11,Maker,Gateway,,,,,',
        ',,,,Maker,Gateway,,,,,',
        'VND-9,,,,,,gateway,,,,',
      ].join('\n'),
      'vendor.csv',
    );
    expect(refusals.map(({ place }) => place?.line)).toEqual([5, 6, 7]);
    expect(vulnerabilities).toMatchObject([{ id: 'VND-7', cvss: 9.8, points: { Automatable: 'yes' }, source: 'vendor.csv' }]);
    const is = (version: string, purl?: string) =>
      matchOf(vulnerabilities[0]!, readProduct({ vendor: 'Maker', product: 'Gateway', version, purl })!)?.is;
    expect(['1.9', '2.0', '2.4', '3.0', '3.1'].map((version) => is(version))).toEqual([undefined, 'exposed', undefined, 'exposed', undefined]); // oxfmt-ignore
    expect(is('1.4', 'pkg:npm/gateway@1.4')).toBe('exposed');
  });
});

describe('deadlines', () => {
  const read = (name: string) => readFileSync(new URL(`../../../content/exposure/${name}`, import.meta.url), 'utf8');
  const tables = readDecisionTables(read('ssvc.yaml'), 'ssvc.yaml');

  test('every outcome of the table that decides has its days, with their source', () => {
    const { table, deadlines } = readExposureRules(read('deadlines.yaml'), 'deadlines.yaml', tables);
    expect([...deadlines.keys()].toSorted()).toEqual(table.outcomes.toSorted());
    expect(deadlines.get('immediate')).toMatchObject({ days: 3, confidence: 'U' });
  });

  test.each([
    [['table: deployer', 'table: other'], /no table "other"/],
    [['outcome: defer', 'outcome: later'], /"later" is no outcome/],
    [['outcome: defer', 'outcome: scheduled'], /needs one line/],
  ])('%s is refused', ([from, to], message) => {
    const fault = (() => {
      try {
        readExposureRules(read('deadlines.yaml').replace(from!, to!), 'deadlines.yaml', tables);
        return undefined;
      } catch (error) {
        return (error as AggregateError).errors[0] as Error;
      }
    })();
    expect(fault?.message).toMatch(message);
  });
});
