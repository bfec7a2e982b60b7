/**
 * The demo's sources through the doors and the pipeline that real ones use: all nine network types are seen, one that is unplugged turns silent
 * within its type's stated time and not before, and is seen again when it is plugged in.
 */

import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assembleDetection } from '@forewarn/detect/content';
import { createDetector } from '@forewarn/detect/detector';
import { Indicators } from '@forewarn/detect/indicators/indicators';
import { networkTypes, type NetworkType } from '@forewarn/model/estate';
import { recordType } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import { writeEstate } from '@forewarn/store/resources/estate';
import { addSensor } from '@forewarn/store/resources/sensors';
import { contentFolder, loadContent, readContentFiles } from '../content.ts';
import { readEstateFolder, type EstateFolder } from '../estate/folder.ts';
import { readBulk } from '../intake/bulk.ts';
import { openPipeline } from '../pipeline/pipeline.ts';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { stories, trafficOf } from './demo.ts';
import { captureRound, logRound, readSources, type DemoSource } from './sources.ts';
import { openStory } from './story.ts';

let trial: Trial;
let country: EstateFolder;
let sources: DemoSource[];
let files: Awaited<ReturnType<typeof readContentFiles>>;
const spool = mkdtempSync(join(tmpdir(), 'forewarn-sources-'));
const tokens = new Map<string, string>();
const officer = person('centre', 'duty-officer');
const faults: unknown[] = [];
let closePipeline = async (): Promise<void> => {};

beforeAll(async () => {
  trial = await openTrialCenter();
  const { center } = trial;
  files = await readContentFiles(contentFolder, ['scenarios', 'demo', 'rules', 'behaviours', 'indicators']);
  country = await readEstateFolder(join(contentFolder, 'estate/demo'), (await loadContent()).texts.en);
  await center.database.system(async (tx) => {
    await writeEstate(tx, country.estate);
    for (const sensor of country.sensors) await addSensor(tx, { ...sensor, createdAt: trial.clock.at });
  });
  center.estate.forget();
  sources = readSources(files);
  const pipeline = await openPipeline({
    center: { ...center, log: { error: (fault: unknown) => void faults.push(fault) } as unknown as typeof center.log },
    records: trial.records,
    spool,
    detection: assembleDetection(files).content,
    pseudonymKey: new Uint8Array(32),
  });
  closePipeline = () => pipeline.close();
  Object.assign(center.pipeline, pipeline);
  for (const { id, organisation } of country.sensors) {
    const { body } = await trial.ask(person(organisation, 'administrator'), 'POST', `/sensors/${id}/token`);
    tokens.set(id, body.token);
  }
});
afterAll(async () => {
  await closePipeline();
  await trial.end();
  rmSync(spool, { recursive: true, force: true });
});

const networksOf = (organisation: string): string[] =>
  country.estate.networks.filter((one) => one.organisation === organisation).flatMap(({ addresses }) => addresses);
const organisationOf = (sensor: string): string => country.sensors.find(({ id }) => id === sensor)!.organisation;

async function post(sensor: string, path: string, body: string): Promise<{ status: number; text: string }> {
  const headers = { authorization: `Bearer ${tokens.get(sensor)}`, 'content-type': 'application/json', host: 'localhost' };
  const answer = await trial.app.request(path, { method: 'POST', headers, body });
  return { status: answer.status, text: await answer.text() };
}

/** One round of a source that ends at the clock's time, through its own door. */
async function play(source: DemoSource): Promise<void> {
  const { sensor } = source;
  if ('lines' in source) {
    const { status, text } = await post(sensor, '/_bulk', logRound(source, trial.clock.at));
    if (status !== 200 || JSON.parse(text).errors) throw new Error(`${sensor}: ${status} ${text}`);
    return;
  }
  const { batches } = captureRound(source, { endAt: trial.clock.at, networks: networksOf(organisationOf(sensor)) });
  expect(batches.length).toBe(1);
  for (const batch of batches) {
    const { status, text } = await post(sensor, '/api/v1/intake/batches', JSON.stringify(batch));
    expect([status, text]).toEqual([200, expect.any(String)]);
  }
}

/** The last minute of both stories: the sensors of the hospital and of the water works. */
async function playStories(): Promise<void> {
  const text = (path: string) => files.find((one) => one.path === path)!.text;
  for (const story of stories) {
    const sensors = [{ id: story.sensor, token: '' }];
    const traffic = trafficOf(story, { url: '', folder: '', sensors, networksOf, startedAt: trial.clock.at - 60, text });
    const scenario = { ...traffic.scenario, steps: [] };
    const of = {
      ...traffic,
      scenario,
      startAt: trial.clock.at - 60,
      endAt: trial.clock.at,
      liveFrom: trial.clock.at,
      episode: 1,
    };
    const bodies: string[] = [];
    const playing = openStory({ ...of, deliver: (batch) => void bodies.push(JSON.stringify(batch)) });
    for (let tick = of.startAt; tick < of.endAt; tick++) playing.tick(tick);
    playing.end();
    for (const body of bodies) expect((await post(story.sensor, '/api/v1/intake/batches', body)).status).toBe(200);
  }
}

type Covered = { type: NetworkType; state: string; sources: { id: string; logs: { log: string }[] }[]; withinSeconds: number };
const map = async (): Promise<Covered[]> => (await trial.ask(officer, 'GET', '/coverage')).body.types;
const stateOf = async (type: NetworkType) => (await map()).find((one) => one.type === type)!.state;
const typeOf = ({ sensor }: DemoSource): NetworkType => country.sensors.find(({ id }) => id === sensor)!.networkType;

test('every sensor of the country has something to tell, and every source a sensor', () => {
  const telling = [...stories.map(({ sensor }) => sensor as string), ...sources.map(({ sensor }) => sensor)];
  expect(telling.toSorted()).toEqual(country.sensors.map(({ id }) => id).toSorted());
  expect(new Set(country.sensors.map(({ networkType }) => networkType))).toEqual(new Set(networkTypes));
});

test('all nine types are blind before, and seen after one round of each source', async () => {
  expect((await map()).map(({ type, state }) => [type, state])).toEqual(networkTypes.map((type) => [type, 'blind']));
  await playStories();
  for (const source of sources) await play(source);
  expect((await map()).map(({ type, state }) => [type, state])).toEqual(networkTypes.map((type) => [type, 'seen']));
});

test('each is seen by records of its own protocols, not only by flows', async () => {
  const own: { [type in NetworkType]: string[] } = {
    internet: ['conn', 'dns', 'http', 'ssl', 'bgp_session', 'bgp_update'],
    telecom: ['diameter', 'gtp', 'pfcp', 'sip'],
    broadcast: ['rtp', 'rtcp', 'mpeg_ts', 'snmp'],
    iot: ['coap', 'lwm2m', 'mqtt_connect', 'mqtt_publish'],
    computer: ['conn', 'dns', 'http', 'ssl'],
    social: ['platform_event', 'federation'],
    computing: ['kubernetes_audit', 'cloudtrail'],
    communication: ['alarm', 'ipsec', 'snmp', 'syslog'],
    control: ['modbus'],
  };
  for (const { type, sources: by } of await map()) {
    const logs = new Set(by.flatMap((source) => source.logs.map(({ log }) => log)));
    expect([type, own[type].filter((log) => !logs.has(log))]).toEqual([type, []]);
    expect([...logs].filter((log) => !recordType(log))).toEqual([]);
  }
});

describe('a source that is unplugged', () => {
  const types = networkTypes.filter((type) => type !== 'computer' && type !== 'control');
  test.each(types)(
    '%s: silent when the stated time has passed without it, not before, and seen again with the next record',
    async (type) => {
      const unplugged = sources.filter((source) => typeOf(source) === type);
      expect(unplugged.length).toBe(1);
      for (const source of unplugged) await play(source);
      const within = trial.center.coverageRules[type].within.value;
      const lastAt = (await trial.ask(officer, 'GET', '/coverage')).body.types.find((one: Covered) => one.type === type).lastAt;
      const gone = Date.parse(lastAt) / 1000;
      // The hospital's uplink shows the Internet and its servers too: it is unplugged with the source.
      const others = sources.filter((source) => typeOf(source) !== type);
      trial.clock.at = Math.floor(gone + within);
      for (const source of others) await play(source);
      expect(await stateOf(type)).toBe('seen');
      trial.clock.at = Math.ceil(gone + within) + 1;
      expect(await stateOf(type)).toBe('silent');
      for (const source of others.filter((one) => trial.center.coverageRules[typeOf(one)].within.value >= within)) {
        expect([typeOf(source), await stateOf(typeOf(source))]).toEqual([typeOf(source), 'seen']);
      }
      trial.clock.at += 60;
      for (const source of unplugged) await play(source);
      expect(await stateOf(type)).toBe('seen');
    },
  );

  test.each(['computer', 'control'] as const)('%s: the same with the sensor of a story', async (type) => {
    await playStories();
    trial.clock.at += trial.center.coverageRules[type].within.value + 1;
    expect(await stateOf(type)).toBe('silent');
    await playStories();
    expect(await stateOf(type)).toBe('seen');
  });
});

test('a round comes often enough for its type, and the same round twice counts once', async () => {
  for (const source of sources) {
    // Two may be lost and the type is still seen.
    expect([source.sensor, source.everySeconds * 3 < trial.center.coverageRules[typeOf(source)].within.value + 60]).toEqual([
      source.sensor,
      true,
    ]);
    const counted = async () => (await map()).find(({ type }) => type === typeOf(source))!.sources;
    await play(source);
    const once = await counted();
    await play(source);
    expect(await counted()).toEqual(once);
  }
});

test('what is made up worries nobody: an hour of it brings no findings, and no round has anything odd', () => {
  const detection = assembleDetection(files).content;
  const found: string[] = [];
  const odd: unknown[] = [];
  for (const source of sources) {
    const localNetworks = networksOf(organisationOf(source.sensor));
    const { rules, behaviours, tacticOf } = detection;
    const detector = createDetector({
      rules,
      behaviours,
      tacticOf,
      indicators: new Indicators(),
      localNetworks,
      sink: ({ rule, explanation }) => void found.push(`${source.sensor}: ${rule.id} ${JSON.stringify(explanation)}`),
    });
    for (let endAt = trial.clock.at; endAt < trial.clock.at + 3_600; endAt += source.everySeconds) {
      const batches =
        'lines' in source
          ? readBulk(Buffer.from(logRound(source, endAt)), undefined, endAt).batches
          : captureRound(source, { endAt, networks: localNetworks }).batches;
      for (const { logs } of batches) {
        odd.push(...(logs['weird'] ?? []), ...(logs['mpeg_ts_fault'] ?? []));
        for (const [log, records] of Object.entries(logs)) for (const record of records) detector.push(log, record as AnyRecord);
      }
    }
    detector.end();
  }
  expect(found).toEqual([]);
  expect(odd).toEqual([]);
  expect(faults).toEqual([]);
});
