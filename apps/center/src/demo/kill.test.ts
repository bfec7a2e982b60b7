/**
 * What an acknowledgement promises: the centre is killed ten times while the demo's history comes in, and afterwards every batch of that history
 * is in the stores exactly once, every finding and incident stands once, and the audit holds.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { Batch } from '@forewarn/model/batch';
import { recordTypes } from '@forewarn/model/records/index';
import { openRecords } from '@forewarn/store/clickhouse/records';
import { contentFolder, loadContent, readContentFiles } from '../content.ts';
import { readEstateFolder } from '../estate/folder.ts';
import { stories, trafficOf } from './demo.ts';
import { openStory, tickSeconds } from './story.ts';

const kills = 10;
const cli = fileURLToPath(new URL('../../../cli/src/forewarn.ts', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'forewarn-kill-'));
let running: ChildProcess | undefined;

afterAll(async () => {
  running?.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

type Note = { url: string; pid: number; token: string };

async function start(): Promise<Note> {
  const said: string[] = [];
  const child = spawn(process.execPath, [cli, 'start', '--demo'], {
    env: { ...process.env, FOREWARN_DATA: dir, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  child.stdout!.on('data', (text: Buffer) => said.push(String(text)));
  child.stderr!.on('data', (text: Buffer) => said.push(String(text)));
  const file = join(dir, 'center.json');
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The centre ended by itself: ${said.join('')}`);
    if (existsSync(file)) {
      const note = JSON.parse(readFileSync(file, 'utf8')) as Note;
      if (note.pid === child.pid) return note;
    }
    await sleep(100);
  }
}

async function end(signal: NodeJS.Signals): Promise<void> {
  const child = running!;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  await ended;
  running = undefined;
}

async function get<T>(note: Note, path: string): Promise<T> {
  const response = await fetch(`${note.url}/api/v1${path}`, { headers: { authorization: `Bearer ${note.token}` } });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

/** The batches of a story that were history at the first start, with the ids under which the store knows them. */
async function historyOf(startedAt: number): Promise<Map<string, Batch>> {
  const files = await readContentFiles(contentFolder, ['scenarios']);
  const country = await readEstateFolder(join(contentFolder, 'estate/demo'), (await loadContent()).texts.en);
  const text = (path: string) => files.find((one) => one.path === path)!.text;
  const batches = new Map<string, Batch>();
  for (const story of stories) {
    const networks = country.estate.networks
      .filter(({ organisation }) => organisation === story.organisation)
      .flatMap(({ addresses }) => addresses);
    const sensors = [{ id: story.sensor, token: '' }];
    const traffic = trafficOf(story, { url: '', folder: '', sensors, networksOf: () => networks, startedAt, text });
    const told: Batch[] = [];
    const play = openStory({ ...traffic, episode: 0, deliver: (batch) => told.push(batch) });
    for (let tick = traffic.startAt; tick < traffic.liveFrom; tick += tickSeconds) play.tick(tick);
    for (const batch of told) batches.set(createHash('sha256').update(`${story.sensor}/${batch.id}`).digest('hex'), batch);
  }
  return batches;
}

test(
  'killed ten times while history comes in, nothing acknowledged is lost and nothing doubled',
  { timeout: 900_000 },
  async () => {
    // Spread over start, intake and detection; the moments differ from run to run as the machine does.
    for (let kill = 0; kill < kills; kill++) {
      await start();
      await sleep(300 + ((kill * 1_373) % 3_500));
      await end('SIGKILL');
    }
    const note = await start();
    const { startedAt } = JSON.parse(readFileSync(join(dir, 'demo', 'demo.json'), 'utf8')) as { startedAt: number };
    const expected = await historyOf(startedAt);
    expect(expected.size).toBeGreaterThan(20);

    // Until both sensors are in the present: then all of the history was acknowledged.
    for (;;) {
      const { items: sensors } = await get<{ items: { id: string; records: number }[] }>(note, '/sensors');
      const history = [...expected.values()]
        .flatMap(({ logs }) => Object.values(logs))
        .reduce((sum, list) => sum + list.length, 0);
      const ofStories = sensors.filter(({ id }) => stories.some(({ sensor }) => sensor === id));
      if (ofStories.reduce((sum, { records }) => sum + records, 0) >= history) break;
      await sleep(1_000);
    }
    // What was acknowledged last is stored and looked at in its turn, on a busy machine later: until nothing waits in the spool.
    while (readdirSync(join(dir, 'spool')).some((name) => name.endsWith('.json'))) await sleep(50);
    await sleep(1_000);
    const verdict = await get<{ ok: boolean }>(note, '/audit/verify');
    expect(verdict.ok).toBe(true);
    const incidents = await get<{ items: { organisations: string[] }[] }>(note, '/incidents');
    const hit = incidents.items.map(({ organisations }) => organisations[0]);
    expect(hit).toContain('hospital');
    expect(new Set(hit).size).toBe(hit.length);
    const findings = await get<{ items: { id: string; source: string; rule: { id: string } }[] }>(note, '/findings?limit=500');
    expect(new Set(findings.items.map(({ id }) => id)).size).toBe(findings.items.length);
    await end('SIGTERM');

    const records = await openRecords({ dir: join(dir, 'clickhouse'), recordTypes });
    try {
      const stored = new Map<string, number>();
      for (const log of Object.keys(Object.assign({}, ...[...expected.values()].map(({ logs }) => logs)))) {
        const rows = await records.query('all', {
          from: [log],
          group: { by: ['_batch'], aggregates: [{ kind: 'count', as: 'n' }] },
        });
        for (const row of rows) stored.set(`${String(row['_batch'])} ${log}`, Number(row['n']));
      }
      const wrong: string[] = [];
      for (const [id, { logs }] of expected) {
        for (const [log, list] of Object.entries(logs)) {
          const found = stored.get(`${id} ${log}`) ?? 0;
          if (found !== list.length) wrong.push(`${log} of batch ${id.slice(0, 12)}: ${found} instead of ${list.length}`);
        }
      }
      expect(wrong).toEqual([]);
    } finally {
      await records.close();
    }
  },
);
