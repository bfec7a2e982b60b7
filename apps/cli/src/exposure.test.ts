import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'forewarn-exposure-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}

async function call(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const told = { out: '', err: '' };
  const code = await run(['exposure', ...args], {
    out: (text) => void (told.out += text),
    err: (text) => void (told.err += text),
    interactive: false,
    colour: false,
    width: 120,
    language: 'en',
    now: () => Date.parse('2026-11-22T04:30:00Z') / 1000,
    readIn: () => Promise.resolve(new Uint8Array()),
  });
  return { code, ...told };
}

const record = {
  dataType: 'CVE_RECORD',
  dataVersion: '5.1',
  cveMetadata: { cveId: 'CVE-2026-10001', state: 'PUBLISHED' },
  containers: {
    cna: {
      title: 'Gateway',
      affected: [{ vendor: 'Maker', product: 'Gateway', defaultStatus: 'unaffected', versions: [{ version: '0', status: 'affected', lessThan: '2.4', versionType: 'custom' }] }], // oxfmt-ignore
    },
  },
};
const vulnerabilities = write('cve.json', record);
const table = write(
  'inventory.csv',
  'organisation,asset,vendor,product,version,exposure,impact\nhospital,edge,Maker,Gateway,2.3,open,very high\nhospital,back,Maker,Gateway,2.4,,\nclinic,old,Maker,gateway,,small,low\n',
);
const exploited = write('kev.json', {
  catalogVersion: '1',
  vulnerabilities: [{ cveID: 'CVE-2026-10001', dateAdded: '2026-11-10', dueDate: '2026-12-01', requiredAction: 'Patch.', knownRansomwareCampaignUse: 'Known' }], // oxfmt-ignore
});

test('a table and a catalogue: the most urgent first, with the time that is left; a mended version is not named', async () => {
  const { code, out } = await call(table, '--vulnerabilities', vulnerabilities, '--exploited', exploited);
  expect(code).toBe(0);
  const lines = out.trimEnd().split('\n');
  expect(lines[0]).toMatch(/3 products, 1 vulnerabilities: 1 exposed, 1 possibly/);
  expect(lines[2]).toMatch(/immediate +exposed +CVE-2026-10001 +edge \(hospital\) +Maker Gateway 2\.3 +2026-12-01 +9 days/);
  expect(lines[3]).toMatch(/possibly +CVE-2026-10001 +old \(clinic\)/);
  expect(out).not.toContain('back');
});

test('JSON; a bill of materials; what is not decided stays open', async () => {
  const bill = write('bom.json', {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { name: 'portal' } },
    components: [
      { type: 'library', name: 'outer', components: [{ type: 'library', name: 'Gateway', publisher: 'Maker', version: '2.0' }] },
    ],
  });
  const { code, out } = await call(bill, '--vulnerabilities', vulnerabilities, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject([
    { asset: 'portal', version: '2.0', is: 'exposed', exploited: false, decision: { floor: 'defer', ceiling: 'immediate' } },
  ]);
});

test('a wrong line is told with its number and the others are taken; what is no record is refused', async () => {
  const broken = write(
    'broken.csv',
    'asset,product,version,exposure\nedge,Gateway,2.3,wide\n,Gateway,2.3,\nback,Gateway,2.3,open\n',
  );
  const { code, out, err } = await call(broken, '--vulnerabilities', vulnerabilities, '--json');
  expect(code).toBe(1);
  expect(err).toMatch(/broken\.csv:2.*small, controlled, open/s);
  expect(err).toMatch(/broken\.csv:3.*no name/s);
  expect(JSON.parse(out)).toHaveLength(1);
  const other = await call(table, '--vulnerabilities', write('other.json', { hello: 1 }));
  expect(other.code).toBe(1);
  expect(other.err).toMatch(/no CVE record/);
  expect((await call(table)).code).toBe(2);
});
