#!/usr/bin/env node
/**
 * How long does a page wait for its data? A folder with a week of many flows, the centre's API over it in this process, and every request
 * that the pages Traffic, Sensors and Links make, timed. The question and the figures are in README.md.
 *
 *     node bench/pages/pages.ts [--flows 10000000] [--data DIR] [--rounds 15] [--only TEXT] [--as centre|operator] [--json]
 */

import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { openTrialCenter, person } from '@forewarn/center/testing/center';
import { writeEstate } from '@forewarn/store/resources/estate';
import { addSensor, countBatch } from '@forewarn/store/resources/sensors';
import { envelopeOf, estate, sensors } from './estate.ts';
import { fill, until } from './fill.ts';
import { findKnown, viewsOf, type View } from './requests.ts';

const { values } = parseArgs({
  options: {
    flows: { type: 'string', default: '10000000' },
    data: { type: 'string' },
    rounds: { type: 'string', default: '15' },
    only: { type: 'string', default: '' },
    as: { type: 'string', default: 'centre' },
    json: { type: 'boolean', default: false },
  },
});
const flows = Number(values.flows);
const rounds = Number(values.rounds);
const dir = values.data ?? join(tmpdir(), `forewarn-pages-${flows}`);
const say = (text: string): void => void process.stderr.write(`${text}\n`);

await fill(dir, flows, say);

const cost = { statements: 0, rows: 0, bytes: 0 };
const trial = await openTrialCenter({
  checkAnswers: false,
  folder: {
    dir: join(dir, 'clickhouse'),
    onRead({ rows, bytes }) {
      cost.statements++;
      cost.rows += rows;
      cost.bytes += bytes;
    },
  },
});
const { center } = trial;
trial.clock.at = until;
await center.database.system(async (tx) => {
  await writeEstate(tx, estate);
  for (const sensor of sensors) {
    const { organisation, link, networkType, marking } = envelopeOf(sensor);
    await addSensor(tx, { id: sensor.id, organisation, name: sensor.id, link, networkType, marking, createdAt: 1 });
    await countBatch(tx, { sensor: sensor.id, organisation, logs: [], at: until, records: Math.floor(flows / sensors.length) });
  }
});
center.estate.forget();
const asker = values.as === 'operator' ? person(sensors[0]!.organisation, 'analyst') : person('centre', 'analyst');

async function ask(path: string): Promise<unknown> {
  const { status, body } = await trial.ask(asker, 'GET', path);
  // The ceiling of one question is an answer too: its ten seconds stand in the table.
  if (status !== 200 && body?.code !== 'records.timeout') throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  return body;
}

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1]!;

type Figure = {
  page: string;
  view: string;
  requests: number;
  rows: number;
  megabytes: number;
  firstMs: number;
  p50Ms: number;
  maxMs: number;
  cpuMs: number;
};

/** A view's requests go together, as a browser sends them; the first round finds nothing of it in any cache but the disk's. */
async function measure({ page, view, requests }: View): Promise<Figure> {
  const times: number[] = [];
  const cpu: number[] = [];
  let first = { ...cost };
  for (let round = 0; round < rounds; round++) {
    Object.assign(cost, { statements: 0, rows: 0, bytes: 0 });
    const before = process.cpuUsage();
    const begun = performance.now();
    await Promise.all(requests.map(ask));
    times.push(performance.now() - begun);
    const used = process.cpuUsage(before);
    cpu.push((used.user + used.system) / 1000);
    if (round === 0) first = { ...cost };
  }
  return {
    page,
    view,
    requests: requests.length,
    rows: first.rows,
    megabytes: first.bytes / 1e6,
    firstMs: times[0]!,
    p50Ms: median(times),
    maxMs: Math.max(...times),
    cpuMs: median(cpu),
  };
}

/** A loop that hashes a text: where it is larger than usual, the machine was busy with other work. */
function yardstick(): number {
  const text = 'the quick brown fox jumps over the lazy dog'.repeat(1000);
  let hash = 0;
  const begun = performance.now();
  for (let round = 0; round < 100; round++)
    for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return ((performance.now() - begun) * 1e6) / (100 * text.length) + (hash === 1 ? 1 : 0);
}

const figures: Figure[] = [];
try {
  const views = viewsOf(await findKnown(ask)).filter(({ page, view }) => `${page} ${view}`.includes(values.only));
  // What every process does once: code is compiled, sessions of ClickHouse are opened.
  for (const { requests } of views.slice(0, 3)) await Promise.all(requests.map(ask));
  if (!values.json) {
    console.log(`| page | view | requests | rows read | MB read | first ms | p50 ms | max ms | CPU ms |`);
    console.log(`| ---- | ---- | -------: | --------: | ------: | -------: | -----: | -----: | -----: |`);
  }
  for (const view of views) {
    const figure = await measure(view);
    figures.push(figure);
    if (values.json) continue;
    const { page, requests, rows, megabytes } = figure;
    const ms = [figure.firstMs, figure.p50Ms, figure.maxMs, figure.cpuMs].map((one) => one.toFixed(0));
    console.log(`| ${[page, view.view, requests, rows.toLocaleString('en'), megabytes.toFixed(1), ...ms].join(' | ')} |`);
  }
  const slow = figures.filter(({ p50Ms }) => p50Ms >= 200).length;
  if (values.json) console.log(JSON.stringify({ flows, rounds, as: values.as, nsPerCharacter: yardstick(), figures }));
  else
    console.log(
      `\n${figures.length} views, ${slow} of them slower than 200 ms; yardstick ${yardstick().toFixed(1)} ns a character.`,
    );
} finally {
  await trial.end();
}
