/**
 * The demo's traffic: a story's batches through a sensor's spool to the centre's own door. Hours that have passed go in at once, the
 * last minutes as their time comes; afterwards the same network goes on without intruders. It runs in a thread of its own, as
 * a sensor is a program of its own.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { openDemoSensor, type DemoSensor } from './sensor.ts';
import { openStory, tickSeconds, type StoryOptions } from './story.ts';

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
  const sensor = await openDemoSensor({ ...traffic, name: traffic.scenario.id }, signal);
  for (let episode = 0; !signal.aborted; episode++) {
    const startAt = traffic.startAt + episode * seconds;
    // After the story the network goes on as on any other day: the same people and machines, no intruder.
    const scenario = episode === 0 ? traffic.scenario : { ...traffic.scenario, steps: [] };
    await playEpisode({ ...traffic, scenario, episode, startAt, endAt: startAt + seconds }, sensor, signal);
  }
}

async function playEpisode(
  traffic: Traffic & { episode: number },
  { spool, reporter, kept, send }: DemoSensor,
  signal: AbortSignal,
): Promise<void> {
  const story = openStory({ ...traffic, deliver: (batch) => spool.add(batch), trace: kept.trace });
  for (let tick = traffic.startAt; tick < traffic.endAt && !signal.aborted; tick += tickSeconds) {
    const wait = tick + tickSeconds - Date.now() / 1000;
    if (wait > 0) {
      await reporter.minute(story);
      await send();
      await sleep(wait * 1000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    } else if (spool.waiting >= historyBatchesMax) await send();
    story.tick(tick);
    // History comes faster than any line: the disk is waited for.
    await kept.keeping.ring?.room(signal);
  }
  story.end();
  await send();
}

if (parentPort) {
  // The centre ends the thread when it stops: what is not acknowledged waits in the spool.
  await playTraffic(workerData as Traffic, new AbortController().signal);
}
