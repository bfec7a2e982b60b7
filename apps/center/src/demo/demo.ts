/**
 * The demo: a country in miniature in which two stories happen, and a little of every network type passes. It uses the centre's own doors from
 * outside – sensors send batches, people act through the API – and everything it does is audited as demo. What it started with is written
 * down, so that a demo that was killed goes on where it stood.
 */

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { readContent } from '@forewarn/model/yaml';
import type { ContentFile } from '@forewarn/model/content';
import { readScenario } from '@forewarn/prepare/scenario/language';
import { Acts } from './acts.ts';
import { playPeople, type Person } from './people.ts';
import type { Rounds } from './rounds.ts';
import { readSources } from './sources.ts';
import type { Traffic } from './traffic.ts';

/** One story: whose sensor sees it, which scenario, and how long after the start its recording ends. */
export const stories = [
  {
    sensor: 'hospital-sensor',
    organisation: 'hospital',
    scenario: 'hospital-phishing',
    seed: 7,
    minutes: 40,
    endsInSeconds: 345,
  },
  { sensor: 'waterworks-sensor', organisation: 'waterworks', scenario: 'water-works', seed: 11, minutes: 30, endsInSeconds: 330 },
] as const;

const State = z.strictObject({ startedAt: z.number() });

export type DemoOptions = {
  url: string;
  /** The demo's own folder below the data folder. */
  folder: string;
  /** Files below `content/`: `demo/acts.yaml` and `scenarios/*.yaml`. */
  content: readonly ContentFile[];
  people: readonly Person[];
  sensors: readonly { id: string; organisation: string; token: string }[];
  /** Addresses of an organisation's networks. */
  networksOf: (organisation: string) => readonly string[];
  now: () => number;
  onTrouble: (what: string, error: unknown) => void;
};

export type Demo = { close(): Promise<void> };

/** Starts both stories and the people. Refuses content that does not fit, naming file and line. */
export function startDemo(options: DemoOptions): Demo {
  const text = (path: string): string => {
    const file = options.content.find((one) => one.path === path);
    if (!file) throw new Error(`content/${path} is missing.`);
    return file.text;
  };
  const acts = readContent(Acts, text('demo/acts.yaml'), 'content/demo/acts.yaml');
  if (!acts.ok) throw new AggregateError(acts.refusals, 'content');
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const { startedAt } = stateOf(join(options.folder, 'demo.json'), options.now);
  const stop = new AbortController();
  const { signal } = stop;

  const workers = stories.map((story) => {
    const traffic = trafficOf(story, { ...options, startedAt, text });
    const worker = new Worker(new URL('traffic.ts', import.meta.url), { workerData: traffic });
    worker.on('error', (error) => signal.aborted || options.onTrouble(`traffic ${story.scenario}`, error));
    return worker;
  });
  const rounds = roundsOf({ ...options, startedAt });
  const playing = [
    sleep(settleMs, undefined, { signal }).then(() => {
      const worker = new Worker(new URL('rounds.ts', import.meta.url), { workerData: rounds });
      worker.on('error', (error) => signal.aborted || options.onTrouble('sources', error));
      workers.push(worker);
    }),
    playPeople({
      url: options.url,
      people: options.people,
      acts: acts.value.acts,
      signal,
      onTrouble: (act, error) => options.onTrouble(`act ${act}`, error),
    }),
  ];
  const all = playing.map((one) => one.catch((error: unknown) => void (signal.aborted || options.onTrouble('people', error))));
  return {
    async close() {
      stop.abort();
      await Promise.all([...all, ...workers.map((worker) => worker.terminate())]);
    },
  };
}

/** The sources begin so long after the stories, whose history takes the machine at first. */
const settleMs = 8_000;

/** What the thread of the sources is told. */
function roundsOf(
  demo: Pick<DemoOptions, 'url' | 'folder' | 'content' | 'sensors' | 'networksOf'> & { startedAt: number },
): Rounds {
  const { url, folder, startedAt } = demo;
  const sources = readSources(demo.content).map((source) => {
    const sensor = demo.sensors.find(({ id }) => id === source.sensor);
    if (!sensor) throw new Error(`The demo has no sensor ${source.sensor}.`);
    return { source, token: sensor.token, networks: demo.networksOf(sensor.organisation) };
  });
  return { url, folder, startedAt: Math.ceil(startedAt), sources };
}

/** What one story's sensor is told. `startedAt` is when the demo first began. */
export function trafficOf(
  story: (typeof stories)[number],
  demo: Pick<DemoOptions, 'url' | 'folder' | 'networksOf'> & {
    sensors: readonly Pick<DemoOptions['sensors'][number], 'id' | 'token'>[];
    startedAt: number;
    text: (path: string) => string;
  },
): Traffic {
  const sensor = demo.sensors.find(({ id }) => id === story.sensor);
  if (!sensor) throw new Error(`The demo has no sensor ${story.sensor}.`);
  const path = `scenarios/${story.scenario}.yaml`;
  const liveFrom = Math.ceil(demo.startedAt);
  const endAt = liveFrom + story.endsInSeconds;
  return {
    url: demo.url,
    token: sensor.token,
    scenario: readScenario(demo.text(path), `content/${path}`),
    seed: story.seed,
    startAt: endAt - story.minutes * 60,
    endAt,
    liveFrom,
    networks: demo.networksOf(story.organisation),
    folder: demo.folder,
  };
}

/** When this demo began: read, or written down now. */
function stateOf(file: string, now: () => number): z.infer<typeof State> {
  if (existsSync(file)) return State.parse(JSON.parse(readFileSync(file, 'utf8')));
  const state = { startedAt: now() };
  writeFileSync(`${file}.part`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.part`, file);
  return state;
}
