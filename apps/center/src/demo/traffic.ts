/**
 * The demo's traffic: a story's batches through a sensor's spool to the centre's own door. Hours that have passed go in at once, the
 * last minutes as their time comes; afterwards the same network goes on without intruders. It runs in a thread of its own, as
 * a sensor is a program of its own.
 */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { drain, type Sent } from '@forewarn/sensor/send';
import { openSpool, type Spool } from '@forewarn/sensor/spool';
import { openCentre } from '@forewarn/sensor/centre';
import { createHealth } from '@forewarn/sensor/health';
import { statsBatch, tellCentre } from '@forewarn/sensor/report';
import { sensorVersion } from '@forewarn/sensor/run';
import { openStory, tickSeconds, type Story, type StoryOptions } from './story.ts';

export type Traffic = Omit<StoryOptions, 'episode' | 'deliver'> & {
  url: string;
  /** The sensor's token. */
  token: string;
  folder: string;
};

/** In history, batches are carried away some at a time. */
const historyBatchesMax = 4;

/** Plays until the signal ends it. */
async function playTraffic(traffic: Traffic, signal: AbortSignal): Promise<void> {
  const seconds = traffic.endAt - traffic.startAt;
  const spool = openSpool(join(traffic.folder, 'spool', traffic.scenario.id));
  const reporter = reporterOf(traffic, spool, signal);
  for (let episode = 0; !signal.aborted; episode++) {
    const startAt = traffic.startAt + episode * seconds;
    // After the story the network goes on as on any other day: the same people and machines, no intruder.
    const scenario = episode === 0 ? traffic.scenario : { ...traffic.scenario, steps: [] };
    await playEpisode({ ...traffic, scenario, episode, startAt, endAt: startAt + seconds }, spool, signal, reporter);
  }
}

async function playEpisode(
  traffic: Traffic & { episode: number },
  spool: Spool,
  signal: AbortSignal,
  reporter?: (story: Story) => Promise<void>,
): Promise<void> {
  const sent: Sent = { batches: 0, records: 0, repeated: 0 };
  const send = () => drain({ to: traffic.url, token: traffic.token, spool, signal }, sent);
  const story = openStory({ ...traffic, deliver: (batch) => spool.add(batch) });
  for (let tick = traffic.startAt; tick < traffic.endAt && !signal.aborted; tick += tickSeconds) {
    const wait = tick + tickSeconds - Date.now() / 1000;
    if (wait > 0) {
      await reporter?.(story);
      await send();
      await sleep(wait * 1000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    } else if (spool.waiting >= historyBatchesMax) await send();
    story.tick(tick);
  }
  story.end();
  await send();
}

const reportSeconds = 60;

/** Tells how the sensor fares, as every sensor does; history is not told, because nobody watched it pass. */
function reporterOf(traffic: Traffic, spool: Spool, signal: AbortSignal): (story: Story) => Promise<void> {
  const clock = { now: () => Date.now() / 1000 };
  const centre = openCentre({ to: traffic.url, token: traffic.token });
  const startedAt = clock.now();
  const health = createHealth({ spool, input: `${traffic.scenario.id}.pcap`, version: sensorVersion, at: startedAt });
  let toldAt = -Infinity;
  let skew: Parameters<typeof health.look>[0]['skew'];
  let refused: { version: number; reason: string } | null = null;
  let of: Story | undefined;
  let before = { packets: 0, bytes: 0 };
  const sum = { packets: 0, bytes: 0 };
  return async (story) => {
    const at = clock.now();
    if (at - toldAt < reportSeconds) return;
    toldAt = at;
    const counted = story.counted();
    // What was history, or another stretch of time, is no part of this minute.
    const base = of === story ? before : counted;
    of = story;
    before = counted;
    sum.packets += counted.packets - base.packets;
    sum.bytes += counted.bytes - base.bytes;
    const { user, system } = process.threadCpuUsage();
    const { record } = health.look({
      at,
      capture: undefined,
      reading: { ...sum, gaps: 0, missedBytes: 0 },
      last: counted.last,
      live: true,
      skew,
      refused: false,
      settings: { version: 0, refused: refused !== null },
      badFiles: 0,
      ring: undefined,
      ringTrouble: false,
      cpuMicros: user + system,
      // The process is the centre's; this thread is the sensor's.
      memoryBytes: process.memoryUsage().heapUsed,
    });
    health.told();
    spool.add(statsBatch(record));
    const report = {
      input: 'stdin' as const,
      startedAt,
      stopping: false,
      settings: { version: 0, refused },
      stats: record,
      lost: spool.lost,
    };
    const answer = await tellCentre(centre, report, { signal, clock });
    skew = answer?.skew ?? skew;
    const wanted = answer?.orders.settings;
    if (wanted) refused = { version: wanted.version, reason: 'This sensor plays the demo: nothing is captured.' };
  };
}

if (parentPort) {
  // The centre ends the thread when it stops: what is not acknowledged waits in the spool.
  await playTraffic(workerData as Traffic, new AbortController().signal);
}
