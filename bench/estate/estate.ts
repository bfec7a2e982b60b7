#!/usr/bin/env node
/**
 * Does the register bear a country? Files of 5,000 organisations, 50,000 links and 200,000 assets are imported as a person does it, while somebody else asks
 * small questions; then every kind of list, search and page of an item is timed. The question and the figures are in README.md.
 *
 *     node bench/estate/estate.ts [--organisations 5000] [--assets 200000] [--links 50000] [--components 0] [--rounds 7] [--weigh] [--json]
 */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { openTrialCenter, person } from '@forewarn/center/testing/center';
import type { EstateKind } from '@forewarn/model/estate';
import { csvOf } from '@forewarn/model/estate-sheet';
import { writeEstate } from '@forewarn/store/resources/estate';
import { countryOf } from './country.ts';

const { values } = parseArgs({
  options: {
    organisations: { type: 'string', default: '5000' },
    assets: { type: 'string', default: '200000' },
    links: { type: 'string', default: '50000' },
    components: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '7' },
    weigh: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const size = {
  organisations: Number(values.organisations),
  assets: Number(values.assets),
  links: Number(values.links),
  components: Number(values.components),
};
const rounds = Number(values.rounds);
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const results: { [name: string]: number | string } = {};

const trial = await openTrialCenter({ checkAnswers: false });
const { center } = trial;
const officer = person('centre', 'administrator');
const operator = person('org77', 'liaison-officer');
await center.database.system((tx) =>
  writeEstate(tx, {
    organisations: [
      {
        id: 'centre',
        name: { en: 'Centre', zh: '中心' },
        kind: 'centre',
        sector: 'government',
        region: 'centre',
        reporter: 'national-cac',
        overseenBy: null,
        contact: '',
      },
    ],
  }),
);
center.estate.forget();

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const country = countryOf(size);

/** Somebody else's small questions while an import runs; the milliseconds that each took. */
async function others(until: () => boolean): Promise<number[]> {
  const took: number[] = [];
  while (!until()) {
    const started = performance.now();
    await trial.ask(officer, 'GET', '/businesses?limit=10');
    took.push(performance.now() - started);
    await pause(20);
  }
  return took.sort((a, b) => a - b);
}

const round = (value: number): number => Math.round(value * 10) / 10;
let total = 0;
let cpu = 0;
for (const kind of ['organisations', 'networks', 'businesses', 'links', 'assets', 'components'] as EstateKind[]) {
  const items = country[kind];
  if (items.length === 0) continue;
  const text = csvOf(kind, items as unknown as { [field: string]: unknown }[]);
  const loop = monitorEventLoopDelay({ resolution: 5 });
  loop.enable();
  const started = performance.now();
  const busy = process.cpuUsage();
  const response = await trial.app.request(`/api/v1/estate/imports?kind=${kind}&format=csv&name=${kind}.csv`, {
    method: 'POST',
    headers: { ...(await trial.headersOf(officer)), 'content-type': 'text/plain' },
    body: text,
  });
  const { id } = (await response.json()) as { id: string };
  let over = false;
  const asking = others(() => over);
  let job: any;
  do {
    await pause(200);
    job = (await trial.ask(officer, 'GET', `/estate/imports/${id}`)).body;
  } while (['reading', 'checking', 'writing'].includes(job.state));
  const seconds = (performance.now() - started) / 1000;
  over = true;
  const took = await asking;
  loop.disable();
  if (job.state !== 'done') throw new Error(JSON.stringify({ ...job, faults: job.faults.slice(0, 3) }));
  total += seconds;
  const { user, system } = process.cpuUsage(busy);
  cpu += (user + system) / 1e6;
  results[`import ${kind}`] =
    `${items.length} rows, ${round(text.length / 1e6)} MB: ${round(seconds)} s (${round((user + system) / 1e6)} s of CPU); others wait ${round(took[took.length >> 1]!)} ms, at most ${round(took.at(-1)!)} ms; loop at most ${round(loop.max / 1e6)} ms`;
  say(`import ${kind}: ${results[`import ${kind}`]}`);
}
results['import in all, s'] = round(total);
results['import in all, s of CPU'] = round(cpu);
say(`in all ${round(total)} s, ${round(cpu)} s of CPU`);

if (values.weigh) {
  const loop = monitorEventLoopDelay({ resolution: 5 });
  loop.enable();
  let started = performance.now();
  await center.estate.fresh();
  results['index, s'] = round((performance.now() - started) / 1000);
  results['index: loop at most, ms'] = round(loop.max / 1e6);
  loop.reset();
  started = performance.now();
  await center.estate.weights();
  results['weights, s'] = round((performance.now() - started) / 1000);
  results['weights: loop at most, ms'] = round(loop.max / 1e6);
  loop.disable();
  say(`index ${results['index, s']} s, weights ${results['weights, s']} s`);
} else await center.estate.fresh();

const lastMonth = encodeURIComponent(new Date((center.clock.now() + 60) * 1000).toISOString());
const last = Buffer.from(JSON.stringify(['', 'org900-asset'])).toString('base64url');
const views: [string, typeof officer, string][] = [
  ...(['organisations', 'networks', 'businesses', 'assets'] as const).map((kind): [string, typeof officer, string] => [
    `list of ${kind}`,
    officer,
    `/${kind}`,
  ]),
  ['the last page', officer, `/assets?cursor=${last}`],
  ['of one organisation', officer, '/assets?organisation=org77'],
  ['of one network', officer, '/assets?network=org77-lan'],
  ['one in a thousand', officer, '/assets?importance=special'],
  ['one in a thousand of a sixth', officer, '/assets?importance=special&kind=sensor'],
  ['that carry a business', officer, '/assets?businesses=org70-service'],
  ['search: a word of one in six', officer, '/assets?q=pump'],
  ['search: a rare word', officer, '/assets?q=pump%20199998'],
  ['search: a letter', officer, '/assets?q=p'],
  ['search: no hit', officer, '/assets?q=zzzz'],
  ['search: Chinese', officer, `/assets?q=${encodeURIComponent('水位传感')}`],
  ['search: an address', officer, '/assets?q=10.77.1.77'],
  ['search: the beginning of addresses', officer, '/assets?q=10.77.'],
  ['search: a domain', officer, '/assets?q=operator77.example'],
  ['search and filter', officer, '/assets?q=sensor&importance=special'],
  ['links of a network', officer, '/estate/links?from=org77-lan'],
  ['organisations: search', officer, '/organisations?q=health'],
  ['everything: search', officer, '/search?q=operator77'],
  ['as of an instant', officer, `/assets?at=${lastMonth}`],
  ['as of an instant: search', officer, `/assets?q=10.77.1.77&at=${lastMonth}`],
  ['one', officer, '/assets/org77-asset77'],
  ['history of one', officer, '/assets/org77-asset77/history'],
  ['counts', officer, '/estate/counts'],
  ['operator: list', operator, '/assets'],
  ['operator: search', operator, '/assets?q=pump'],
  ['operator: organisations', operator, '/organisations'],
  // Asked for the first time, links begin to be weighed, which keeps one core busy.
  ['list of links', officer, '/links'],
  ['links: search', officer, '/links?q=Link%204711'],
];
for (const [label, who, path] of views) {
  const took: number[] = [];
  let answer: Awaited<ReturnType<typeof trial.ask>> | undefined;
  for (let i = 0; i < rounds; i++) {
    const started = performance.now();
    answer = await trial.ask(who, 'GET', path);
    took.push(performance.now() - started);
  }
  took.sort((a, b) => a - b);
  const hits = answer!.body?.items?.length ?? '';
  results[label] = round(took[took.length >> 1]!);
  say(`${label}: ${answer!.status} ${hits} in ${results[label]} ms, at most ${round(took.at(-1)!)}`);
}
if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
await trial.end();
