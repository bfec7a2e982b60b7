/**
 * How long until everybody exposed to a new vulnerability is known, and how long the pages wait: an estate of 5,000 organisations and 200,000 assets
 * with three components each, and vulnerabilities for products that few, some and very many have.
 *
 *     node bench/exposure/exposure.ts [ASSETS]
 */

import { readFileSync } from 'node:fs';
import { createExposureDesk, exposureRulesOf } from '@forewarn/center/exposure/desk';
import type { Vulnerability } from '@forewarn/know/exposure/vulnerability';
import type { Scope } from '@forewarn/store/postgres/database';
import { exposureCounts, listExposures, ranksOfFloor } from '@forewarn/store/resources/exposures';
import { listVulnerabilities, writeFacts } from '@forewarn/store/resources/vulnerabilities';
import { openTrial } from '@forewarn/store/trial';

const assets = Number(process.argv[2] ?? 200_000);
const organisations = Math.max(1, Math.round(assets / 40));
/** Vulnerabilities that are known before the one that is measured. */
const known = 500;

const content = ['ssvc.yaml', 'deadlines.yaml'].map((name) => ({
  path: `exposure/${name}`,
  text: readFileSync(new URL(`../../content/exposure/${name}`, import.meta.url), 'utf8'),
}));

const trial = await openTrial();
const { database } = trial;
const desk = createExposureDesk(database, exposureRulesOf(content), {
  clock: { now: () => 1_795_000_000 },
  changed: () => undefined,
  onFault: (fault) => console.error(fault),
});

/** CPU is that of the process with PostgreSQL in its thread, so that neighbours on the machine count little. */
const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  const from = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  const written = (ms: number): string => (ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(0)} ms`);
  const [wall, cpu] = [performance.now() - from, (user + system) / 1000];
  console.log(`${what.padEnd(74)} ${written(wall).padStart(9)}   CPU ${written(cpu)}`);
  return result;
};
const settle = () => desk.settled();

await timed(`${organisations} organisations, ${assets} assets, ${assets * 3} components, by SQL`, async () => {
  const name = (prefix: string) => `jsonb_build_object('en', '${prefix} ' || i, 'zh', '${prefix} ' || i)`;
  // Straight into the tables: what an import keeps besides (editions) is not what is measured here.
  const tables = ['organisation', 'network', 'asset', 'component'];
  await database.script(tables.map((table) => `alter table ${table} disable trigger user;`).join(' '));
  await database.script(`
    insert into organisation (id, name, kind, sector, region, reporter, overseen_by, contact)
      select 'o-' || i, ${name('Organisation')}, case when i = 0 then 'centre' else 'operator' end, 'health', 'north', 'network-operator', null, ''
      from generate_series(0, ${organisations}) i;
    insert into network (id, organisation, name, type, addresses, domains)
      select 'n-' || i, 'o-' || i, ${name('Network')}, 'computer', '[]', '[]' from generate_series(1, ${organisations}) i;
    insert into asset (id, organisation, network, name, kind, importance, addresses, names, businesses)
      select 'a-' || i, 'o-' || (i % ${organisations} + 1), 'n-' || (i % ${organisations} + 1), ${name('Asset')}, 'server', 'general', '[]', '[]', '[]'
      from generate_series(1, ${assets}) i;`);
  // Every tenth asset has the gateway in one of ten versions, every hundredth the appliance, all have a system; the others are spread over 5,000 products.
  for (const part of [0, 1, 2]) {
    const product = [
      `case when i % 10 = 0 then 'Gateway' when i % 100 = 1 then 'Appliance' else 'Product ' || (i * 7919 % 5000) end`,
      `'Operating system'`,
      `'Library ' || (i * 7877 % 5000)`,
    ][part]!;
    await database.script(`
      insert into component (id, organisation, name, asset, vendor, version, purl, cpe, exposure, impact)
        select 'c-' || i || '-${part}', 'o-' || (i % ${organisations} + 1), jsonb_build_object('en', ${product}, 'zh', ${product}), 'a-' || i,
          'Maker', '2.' || (i / 10 % 10), null, null, (array['small', 'controlled', 'open', null])[i % 4 + 1],
          (array['low', 'medium', 'high', 'very high', null])[i % 5 + 1]
        from generate_series(1, ${assets}) i;`);
  }
  await database.script(`insert into component_due (component) select id from component;
    ${tables.map((table) => `alter table ${table} enable trigger user;`).join(' ')}`);
});

const vulnerability = (id: string, product: string, before: string): Vulnerability => ({
  id,
  title: `Trouble in ${product}`,
  published: 1_794_000_000,
  affected: [
    { cpes: [], vendor: 'Maker', product, scheme: 'generic', ranges: [{ status: 'affected', before }], otherwise: 'unaffected' },
  ],
  cvss: 9.8,
  points: { Exploitation: 'active', Automatable: 'yes' },
  source: 'cve.org',
});
const fact = { sha256: '0'.repeat(64), at: 1_795_000_000 };
const bring = (...all: Vulnerability[]) => database.system((tx) => writeFacts(tx, all, fact));

await timed('every component noted for the first time', settle);
await bring(...Array.from({ length: known }, (_, i) => vulnerability(`CVE-2025-${10_000 + i}`, `Library ${i * 10}`, '2.5')));
await timed(`${known} vulnerabilities of products that about ${Math.round(assets / 5000)} assets have each`, settle);
await database.tidy();

const count = async (id: string): Promise<number> =>
  (await database.system((tx) => exposureCounts(tx, { by: 'all', vulnerabilities: [id] }))).reduce(
    (sum, one) => sum + one.count,
    0,
  );
for (const [id, product, before, who] of [
  ['CVE-2026-20001', 'Library 4999', '2.5', 'few'],
  ['CVE-2026-20002', 'Appliance', '3', 'one asset in a hundred'],
  ['CVE-2026-20003', 'Gateway', '2.5', 'one asset in twenty'],
  ['CVE-2026-20004', 'Gateway', '3', 'one asset in ten'],
  ['CVE-2026-20005', 'Operating system', '3', 'every asset'],
] as const) {
  await timed(`a new vulnerability, of ${who}`, async () => {
    await bring(vulnerability(id, product, before));
    await settle();
  });
  console.log(`  exposed: ${await count(id)}`);
}
await timed('1,000 components with a new version', async () => {
  await database.script(
    `update component set version = '9.9' where id in (select 'c-' || i || '-0' from generate_series(1, 1000) i)`,
  );
  await settle();
});
await database.tidy();

const centre: Scope = { organisation: 'o-0', centre: true, account: 'bench' };
const operator: Scope = { organisation: 'o-7', centre: false, account: 'bench' };
const asked = { limit: 50 };
for (const [who, scope, own] of [
  ['the centre', centre, {}],
  ['an operator', operator, { organisation: 'o-7' }],
] as const) {
  const read = (what: string, work: Parameters<typeof database.scoped>[1]) =>
    timed(`${who}: ${what}`, () => database.scoped(scope, work));
  await read('the list, the most urgent first', (tx) =>
    listExposures(tx, { ...asked, ...own, certainty: 'exposed', handled: false }),
  );
  await read('the list of one decision', (tx) =>
    listExposures(tx, { ...asked, ...own, certainty: 'exposed', handled: false, ranks: ranksOfFloor(1) }),
  );
  await read('overdue ones', (tx) =>
    listExposures(tx, { ...asked, ...own, certainty: 'exposed', handled: false, dueBefore: 1_795_000_000 }),
  );
  await read('the list of one vulnerability', (tx) =>
    listExposures(tx, { ...asked, ...own, vulnerability: 'CVE-2026-20004', certainty: 'exposed' }),
  );
  await read('counts of all', (tx) => exposureCounts(tx, { by: 'all', ...own }));
  await read('vulnerabilities with an exposure', (tx) => listVulnerabilities(tx, { ...asked, exposed: true }));
}
await desk.close();
await trial.end();
