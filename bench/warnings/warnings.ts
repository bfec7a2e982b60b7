/**
 * How long until it is known whom a warning reaches, and until all of them have it: an estate of 5,000 organisations and 200,000 assets with a component
 * each, through the centre's own API. What comes out is compared with what SQL says, so that a fast wrong answer is none.
 *
 *     node bench/warnings/warnings.ts [ASSETS]
 */

import { openTrialCenter, person } from '@forewarn/center/testing/center';
import { chaseWarnings } from '@forewarn/center/warnings/chase';
import { checkWarnings } from '@forewarn/center/warnings/check';

const assets = Number(process.argv[2] ?? 200_000);
const organisations = Math.max(1, Math.round(assets / 40));

const trial = await openTrialCenter();
const { center } = trial;
const { database } = center;

/** CPU is that of the process with PostgreSQL in its thread, so that neighbours on the machine count little. */
const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  const from = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  const written = (ms: number): string => (ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(0)} ms`);
  const [wall, cpu] = [performance.now() - from, (user + system) / 1000];
  console.log(`${what.padEnd(78)} ${written(wall).padStart(9)}   CPU ${written(cpu)}`);
  return result;
};

await timed(`${organisations} organisations, ${assets} assets with a component each, by SQL`, async () => {
  const name = (prefix: string) => `jsonb_build_object('en', '${prefix} ' || i, 'zh', '${prefix} ' || i)`;
  // Straight into the tables: what an import keeps besides (editions) is not what is measured here.
  const tables = ['organisation', 'network', 'asset', 'business', 'component'];
  await database.script(tables.map((table) => `alter table ${table} disable trigger user;`).join(' '));
  await database.script(`
    insert into organisation (id, name, kind, sector, region, reporter, overseen_by, contact) values
      ('centre', '{"en": "Centre", "zh": "中心"}', 'centre', 'government', 'north', 'national-cac', null, '');
    insert into organisation (id, name, kind, sector, region, reporter, overseen_by, contact)
      select 'o-' || i, ${name('Organisation')}, 'operator', 's-' || i % 20, 'r-' || i % 30, 'network-operator', null, ''
      from generate_series(1, ${organisations}) i;
    insert into network (id, organisation, name, type, addresses, domains)
      select 'n-' || i, 'o-' || i, ${name('Network')}, 'computer', jsonb_build_array('100.' || 64 + i / 256 || '.' || i % 256 || '.0/24'), '[]'
      from generate_series(1, ${organisations}) i;
    insert into business (id, organisation, name, users_served, value_per_hour_cny, surfaces, depends_on)
      select 'b-' || i, 'o-' || i, ${name('Business')}, 100, 100, '[]', case when i % 10 = 0 then jsonb_build_array('b-' || i - 1) end
      from generate_series(1, ${organisations}) i;
    insert into asset (id, organisation, network, name, kind, importance, addresses, names, businesses)
      select 'a-' || i, 'o-' || (i % ${organisations} + 1), 'n-' || (i % ${organisations} + 1), ${name('Asset')}, 'server', 'general', '[]', '[]',
        jsonb_build_array('b-' || (i % ${organisations} + 1))
      from generate_series(1, ${assets}) i;
`);
  await database.script(`
    insert into component (id, organisation, name, asset, vendor, version)
      select 'c-' || i, 'o-' || (i % ${organisations} + 1), jsonb_build_object('en', p, 'zh', p), 'a-' || i, 'Maker',
        case when i % 7 = 0 then null else '2.' || i / 11 % 10 end
      from generate_series(1, ${assets}) i, lateral (select case when (i + i / ${organisations}) % 10 = 0 then 'Gateway' else 'Product ' || i * 7919 % 5000 end as p) x;
    insert into component_due (component) select id from component;`);
  await database.script(`
    ${tables.map((table) => `alter table ${table} enable trigger user;`).join(' ')}`);
  center.estate.forget();
});
await timed('every component noted for the first time', () => center.exposures.desk.settled());
await database.tidy();
await timed('the index of the estate compiled', () => center.estate.fresh());

const officer = person('centre', 'duty-officer');
const second = person('centre', 'administrator');
const draft = {
  urgency: 'exposure',
  incidentType: 'vulnerability',
  title: { en: 'Mend the gateway', zh: '修补网关' },
  startTime: '2025-11-24T16:00:00Z',
  possibleScope: 'gateways',
  mattersToNote: 'It is exploited.',
  measures: [{ text: 'Install 2.4.', dueAt: '2025-11-26T16:00:00Z', needsSeconds: 3600 }],
};
const none = { addresses: [], names: [], businesses: [], sectors: [] };
const must = async (who: typeof officer, path: string, body?: unknown) => {
  const answer = await trial.ask(who, 'POST', path, body);
  if (answer.status >= 300) throw new Error(`${path}: ${answer.text.slice(0, 500)}`);
  return answer.body;
};
await must(officer, '/warning-colours', { urgency: 'exposure', scope: none });
await trial.ask(second, 'GET', '/me');

type Matched = { organisation: string; certainty: string }[];
const preview = async (what: string, scope: object): Promise<{ id: string; matched: Matched }> => {
  const { id } = await must(officer, '/warnings', { ...draft, scope: { ...none, ...scope } });
  const { matched } = await timed(`whom it reaches: ${what}`, () => must(officer, `/warnings/${id}/preview`));
  const possibly = matched.filter(({ certainty }: Matched[number]) => certainty === 'possibly').length;
  console.log(`  concerned: ${matched.length - possibly}, possibly: ${possibly}`);
  return { id, matched };
};

const range = { vendor: 'Maker', product: 'Gateway', from: '2.0', before: '2.4' };
const byProduct = await preview('a product in a range of versions', { products: [range] });
const truth = await database.system((tx) =>
  tx.query<{ organisation: string; sure: boolean }>(
    `select organisation, bool_or(version is not null) as sure from component
     where name->>'en' = 'Gateway' and (version is null or version in ('2.0', '2.1', '2.2', '2.3')) group by 1`,
  ),
);
const said = (all: readonly string[]): string => all.toSorted().join();
const right =
  said(truth.map(({ organisation, sure }) => `${organisation} ${sure ? 'sure' : 'possibly'}`)) ===
  said(byProduct.matched.map(({ organisation, certainty }) => `${organisation} ${certainty}`));
console.log(`  as SQL says: ${right}`);

if (!right) process.exitCode = 1;
await preview('the same, and who relies on them', { products: [range], dependents: true });
await preview('fifty products, every version', {
  products: Array.from({ length: 50 }, (_, i) => ({ vendor: 'Maker', product: `Product ${i}` })),
});
await preview('1,000 addresses', {
  addresses: Array.from({ length: 1_000 }, (_, i) => `100.${64 + Math.trunc(i / 256)}.${i % 256}.7`),
});
const all = await preview('twenty sectors: everybody', { sectors: Array.from({ length: 20 }, (_, i) => `s-${i}`) });

await timed(`issued to ${byProduct.matched.length} organisations`, () => must(second, `/warnings/${byProduct.id}/issue`));
await timed(`issued to ${all.matched.length} organisations`, () => must(second, `/warnings/${all.id}/issue`));
await timed('both compared with inventory and findings again', () => checkWarnings(center));
trial.clock.at += 5 * 86_400;
await timed(
  `${byProduct.matched.length + all.matched.length} addressees that are silent: reminded, and their overseer told`,
  () => chaseWarnings(center),
);
trial.clock.at -= 5 * 86_400;
await timed('the page of the warning that everybody has', async () => {
  for (const path of ['', '/audience', '/course']) await trial.ask(officer, 'GET', `/warnings/${all.id}${path}`);
});
await timed('the list of warnings', () => trial.ask(officer, 'GET', '/warnings?limit=100'));
await trial.end();
