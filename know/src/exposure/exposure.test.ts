/** From CVE records, advisories and catalogues to who is exposed to what. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readAdvisory, readVers } from './csaf.ts';
import { readCveRecord } from './cve-record.ts';
import { readDecisionTables } from './decision.ts';
import { dueAt, readExploited, readProbabilities, timeLeft } from './exploited.ts';
import { exposuresOf, Inventory, inOrder, type InventoryItem, type Known } from './exposure.ts';
import { statusOf, type Vulnerability } from './vulnerability.ts';

const tables = readDecisionTables(
  readFileSync(new URL('../../../content/exposure/ssvc.yaml', import.meta.url), 'utf8'),
  'ssvc.yaml',
);
const table = tables.find(({ id }) => id === 'deployer')!;
const known: Known = { table, exploited: new Map() };

const record = (affected: unknown[], more: object = {}) => ({
  dataType: 'CVE_RECORD',
  dataVersion: '5.1',
  cveMetadata: { cveId: 'CVE-2026-10001', state: 'PUBLISHED', datePublished: '2026-03-01T10:00:00.000Z' },
  containers: { cna: { title: 'Something', affected, ...more } },
});
const statusAt = (affected: object, version: string | undefined) =>
  statusOf(readCveRecord(record([affected]))!.affected[0]!, version);

describe('CVE records', () => {
  test('the examples of the schema’s guide to versions', () => {
    // "Version 2.3.0 up to 2.3.33, and 2.5 before 2.5.10.1", as for Struts.
    const struts = {
      vendor: 'Apache',
      product: 'Struts',
      defaultStatus: 'unaffected',
      versions: [
        { version: '2.3.0', status: 'affected', versionType: 'maven', lessThanOrEqual: '2.3.33' },
        { version: '2.5', status: 'affected', versionType: 'maven', lessThan: '2.5.10.1' },
      ],
    };
    expect(['2.2.9', '2.3.0', '2.3.33', '2.3.34', '2.5', '2.5.10', '2.5.10.1', '3.0'].map((version) => statusAt(struts, version))).toEqual(
      ['unaffected', 'affected', 'affected', 'unaffected', 'affected', 'affected', 'unaffected', 'unaffected'],
    ); // oxfmt-ignore
    expect(statusAt(struts, undefined)).toBe('unknown');
  });

  test('changes within a range, one version alone, all before one, and all but one', () => {
    const changing = {
      product: 'x',
      defaultStatus: 'unaffected',
      versions: [{ version: '1.0', status: 'affected', versionType: 'semver', lessThan: '3.0', changes: [{ at: '1.5', status: 'unaffected' }, { at: '2.0', status: 'affected' }] }], // oxfmt-ignore
    };
    expect(['1.4.9', '1.5.0', '1.9', '2.0', '3.0'].map((version) => statusAt(changing, version))).toEqual(['affected', 'unaffected', 'unaffected', 'affected', 'unaffected']); // oxfmt-ignore
    const single = { product: 'x', versions: [{ version: '4.2', status: 'affected' }] };
    expect([statusAt(single, '4.2'), statusAt(single, '4.2.0'), statusAt(single, '4.3')]).toEqual([
      'affected',
      'affected',
      'unknown',
    ]);
    const before = { product: 'x', defaultStatus: 'unaffected', versions: [{ version: 'unspecified', status: 'affected', lessThan: '7', versionType: 'custom' }] }; // oxfmt-ignore
    expect([statusAt(before, '6.9'), statusAt(before, '7.0')]).toEqual(['affected', 'unaffected']);
    const allBut = { product: 'x', defaultStatus: 'affected', versions: [{ version: '9.1', status: 'unaffected' }] };
    expect([statusAt(allBut, '9.0'), statusAt(allBut, '9.1')]).toEqual(['affected', 'unaffected']);
  });

  test('what cannot be compared is possible, not safe', () => {
    const odd = { product: 'x', defaultStatus: 'unaffected', versions: [{ version: '0', status: 'affected', versionType: 'semver', lessThan: '2.0.0' }] }; // oxfmt-ignore
    expect(statusAt(odd, 'build of March')).toBe('unknown');
  });

  test('score, decided points and a rejected record', () => {
    const metrics = [
      { cvssV3_1: { baseScore: 7.5 } },
      { other: { type: 'ssvc', content: { options: [{ Exploitation: 'poc' }, { Automatable: 'yes' }, { 'Technical Impact': 'total' }] } } }, // oxfmt-ignore
    ];
    const read = readCveRecord(record([{ product: 'x' }], { metrics }))!;
    expect(read).toMatchObject({ cvss: 7.5, points: { Exploitation: 'public poc', Automatable: 'yes' }, published: Date.UTC(2026, 2, 1, 10) / 1000 }); // oxfmt-ignore
    const rejected = record([]);
    rejected.cveMetadata.state = 'REJECTED';
    expect(readCveRecord(rejected)).toBeUndefined();
    expect(() => readCveRecord({ ...record([]), dataVersion: '4.0' })).toThrow(/dataVersion|version 5/);
  });
});

const advisory = {
  document: {
    csaf_version: '2.0',
    title: 'Two in one',
    publisher: { name: 'Maker' },
    tracking: { id: 'M-1', initial_release_date: '2026-02-03T00:00:00Z' },
  },
  product_tree: {
    branches: [
      {
        category: 'vendor',
        name: 'Maker',
        branches: [
          {
            category: 'product_name',
            name: 'Gateway',
            branches: [
              {
                category: 'product_version_range',
                name: 'vers:generic/>=2.0|<2.4',
                product: { name: 'Gateway old', product_id: 'old' },
              },
              { category: 'product_version', name: '2.4', product: { name: 'Gateway 2.4', product_id: 'new', product_identification_helper: { cpe: 'cpe:2.3:a:maker:gateway:2.4:*:*:*:*:*:*:*' } } }, // oxfmt-ignore
            ],
          },
        ],
      },
    ],
  },
  vulnerabilities: [
    {
      cve: 'CVE-2026-20002',
      product_status: { known_affected: ['old'], fixed: ['new'] },
      scores: [{ cvss_v3: { baseScore: 9.8 } }],
    },
  ],
};

describe('advisories in CSAF', () => {
  test('ranges and fixed versions of a tree', () => {
    const [read] = readAdvisory(advisory);
    expect(read).toMatchObject({ id: 'CVE-2026-20002', cvss: 9.8, source: 'Maker' });
    const inventory = new Inventory(['2.3', '2.4', '1.9'].map((version) => ({ organisation: 'a', asset: version, vendor: 'maker', product: 'Gateway', version }))); // oxfmt-ignore
    expect(exposuresOf(read!, inventory, known).map(({ item, is }) => [item.asset, is])).toEqual([
      ['2.3', 'exposed'],
      ['1.9', 'possibly'],
    ]);
  });

  test('a product that the tree has not is refused with its place', () => {
    const wrong = { ...advisory, vulnerabilities: [{ cve: 'CVE-2026-1000', product_status: { known_affected: ['gone'] } }] };
    expect(() => readAdvisory(wrong)).toThrow(/"gone" is not in the product tree/);
  });

  test('ranges as vers, and those that one range cannot say', () => {
    expect(readVers('vers:npm/>=1.2.3|<2.0.0')).toEqual({ scheme: 'npm', range: { from: '1.2.3', before: '2.0.0' } });
    expect(readVers('vers:deb/*')).toEqual({ scheme: 'deb', range: {} });
    expect(readVers('<=4.1')).toEqual({ scheme: 'generic', range: { upTo: '4.1' } });
    expect(readVers('vers:npm/1.0|>=2.0|<3.0')).toBeUndefined();
    expect(readVers('all versions before March')).toBeUndefined();
  });
});

describe('catalogues', () => {
  test('what is exploited, until when to act, and how much time is left', () => {
    const { exploited } = readExploited({
      catalogVersion: '1',
      vulnerabilities: [{ cveID: 'CVE-2026-10001', dateAdded: '2026-03-02', dueDate: '2026-03-23', requiredAction: 'Patch.', knownRansomwareCampaignUse: 'Known' }], // oxfmt-ignore
    });
    expect(exploited[0]).toMatchObject({ due: '2026-03-23', ransomware: true });
    expect(dueAt('2026-03-23')).toBe(Date.UTC(2026, 2, 24) / 1000);
    expect(timeLeft(exploited[0]!, Date.UTC(2026, 2, 23, 23) / 1000)).toBe(3_600);
    expect(() => readExploited({ vulnerabilities: [] })).toThrow(/no catalogue/);
  });

  test('probabilities, and a wrong row with its line', () => {
    const text =
      '#model_version:v2025.03.14,score_date:2026-03-01T00:00:00+0000\ncve,epss,percentile\nCVE-2026-10001,0.91,0.99\n';
    const { model, scores } = readProbabilities(text);
    expect([model, scores.get('CVE-2026-10001')]).toEqual(['v2025.03.14', { score: 0.91, percentile: 0.99 }]);
    expect(() => readProbabilities(`${text}CVE-2026-1,2,0`)).toThrow(expect.objectContaining({ place: { line: 4 } }));
    expect(() => readProbabilities('a,b\n')).toThrow(/columns/);
  });
});

describe('exposure', () => {
  const vulnerability: Vulnerability = readCveRecord(
    record([
      { packageURL: 'pkg:npm/left-pad', vendor: 'x', product: 'left-pad', defaultStatus: 'unaffected', versions: [{ version: '0', status: 'affected', lessThan: '1.3.0', versionType: 'npm' }] }, // oxfmt-ignore
      { cpes: ['cpe:2.3:a:apache:http_server:*:*:*:*:*:*:*:*'], vendor: 'Apache', product: 'HTTP Server', defaultStatus: 'unaffected', versions: [{ version: '2.4.0', status: 'affected', lessThan: '2.4.60', versionType: 'semver' }] }, // oxfmt-ignore
    ]),
  )!;
  const item = (asset: string, more: Partial<InventoryItem>): InventoryItem => ({ organisation: 'a', asset, ...more });
  const inventory = new Inventory([
    item('by package', { purl: 'pkg:npm/left-pad@1.2.0' }),
    item('package mended', { purl: 'pkg:npm/left-pad@1.3.0' }),
    item('other package', { purl: 'pkg:npm/right-pad@1.0.0', product: 'left-pad' }),
    item('by cpe', { cpe: 'cpe:/a:apache:http_server:2.4.57' }),
    item('by name', { product: 'http_server', version: '2.4.59' }),
    item('other vendor', { vendor: 'Other', product: 'HTTP server', version: '2.4.59' }),
    item('no version', {
      vendor: 'apache',
      product: 'HTTP Server',
      points: { 'System Exposure': 'open', 'Human Impact': 'very high' },
    }),
    item('nameless', {}),
  ]);

  test('by package, by CPE, by name; a missing version is possibly; what has no name is told', () => {
    const found = exposuresOf(vulnerability, inventory, known);
    expect(found.map(({ item: { asset }, is, by }) => [asset, is, by])).toEqual([
      ['by package', 'exposed', 'package'],
      ['by cpe', 'exposed', 'cpe'],
      ['by name', 'exposed', 'name'],
      ['no version', 'possibly', 'name'],
    ]);
    expect(inventory.unreadable.map(({ asset }) => asset)).toEqual(['nameless']);
  });

  test('what is exploited and where it stands decide the order; the day of the catalogue is the time', () => {
    const exploited = new Map([
      ['CVE-2026-10001', { id: 'CVE-2026-10001', added: '2026-03-02', due: '2026-03-23', ransomware: false, action: '' }],
    ]);
    const found = inOrder(exposuresOf(vulnerability, inventory, { table, exploited }), table);
    expect(found[0]!.item.asset).toBe('no version');
    expect(found[0]!.decision.floor).toBe('immediate');
    expect(found[0]!.due).toBe(dueAt('2026-03-23'));
    expect(found[1]!.decision.missing).toContain('System Exposure');
  });

  test('two hundred thousand products are asked about by name, not one by one', () => {
    const many = new Inventory(
      (function* () {
        for (let i = 0; i < 200_000; i++) yield item(`h${i}`, { purl: `pkg:deb/debian/p${i % 5_000}@1.${i % 7}` });
      })(),
    );
    const asked = [...many.like({ package: 'deb/debian/p42', cpes: [], scheme: 'deb', ranges: [], otherwise: 'affected' })];
    expect(asked).toHaveLength(40);
  });
});
