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
import { openCentre, type Centre } from '@forewarn/sensor/centre';
import { createHealth } from '@forewarn/sensor/health';
import type { Keeping } from '@forewarn/sensor/keeping';
import { statsBatch, tellCentre } from '@forewarn/sensor/report';
import { sensorVersion } from '@forewarn/sensor/run';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { SensorReport } from '@forewarn/model/sensor';
import { openDemoKeeping, type DemoKeeping } from './keeping.ts';
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
  const directory = join(traffic.folder, 'spool', traffic.scenario.id);
  const spool = openSpool(directory);
  const centre = openCentre({ to: traffic.url, token: traffic.token });
  const kept = await openDemoKeeping({ directory, spool, centre, signal }, () => void reporter.now());
  const reporter = reporterOf({ traffic, spool, centre, keeping: kept.keeping, signal });
  // Before anything passes, the centre says whether its packets are to be kept.
  await reporter.now();
  for (let episode = 0; !signal.aborted; episode++) {
    const startAt = traffic.startAt + episode * seconds;
    // After the story the network goes on as on any other day: the same people and machines, no intruder.
    const scenario = episode === 0 ? traffic.scenario : { ...traffic.scenario, steps: [] };
    await playEpisode({ ...traffic, scenario, episode, startAt, endAt: startAt + seconds }, { spool, signal, reporter, kept });
  }
}

async function playEpisode(
  traffic: Traffic & { episode: number },
  { spool, signal, reporter, kept }: { spool: Spool; signal: AbortSignal; reporter: Reporter; kept: DemoKeeping },
): Promise<void> {
  const sent: Sent = { batches: 0, records: 0, repeated: 0 };
  const send = () => drain({ to: traffic.url, token: traffic.token, spool, signal }, sent);
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

const reportSeconds = 60;

type Reporter = {
  /** Tells of the minute that passed, when it has. */
  minute(story: Story): Promise<void>;
  /** Tells at once how things stand, and nothing of what passed. */
  now(): Promise<void>;
};

/** Tells how the sensor fares, as every sensor does; history is not told, because nobody watched it pass. */
function reporterOf({
  traffic,
  spool,
  centre,
  keeping,
  signal,
}: {
  traffic: Traffic;
  spool: Spool;
  centre: Centre;
  keeping: Keeping;
  signal: AbortSignal;
}): Reporter {
  const clock = { now: () => Date.now() / 1000 };
  const startedAt = clock.now();
  const health = createHealth({ spool, input: `${traffic.scenario.id}.pcap`, version: sensorVersion, at: startedAt });
  let toldAt = -Infinity;
  let skew: Parameters<typeof health.look>[0]['skew'];
  let refused: { version: number; reason: string } | null = null;
  let of: Story | undefined;
  let before = { packets: 0, bytes: 0 };
  const sum = { packets: 0, bytes: 0 };
  let last: number | undefined;

  const look = (): AnyRecord => {
    const { user, system } = process.threadCpuUsage();
    return health.look({
      at: clock.now(),
      capture: undefined,
      reading: { ...sum, gaps: 0, missedBytes: 0 },
      last,
      live: true,
      skew,
      refused: false,
      settings: { version: 0, refused: refused !== null },
      badFiles: 0,
      ring: keeping.ring && { ...keeping.ring.standing, bytesMax: keeping.order!.keepBytes },
      ringTrouble: keeping.trouble !== undefined,
      cpuMicros: user + system,
      // The process is the centre's; this thread is the sensor's.
      memoryBytes: process.memoryUsage().heapUsed,
    }).record;
  };

  async function tell(stats: AnyRecord): Promise<void> {
    const report: SensorReport = {
      input: 'stdin',
      startedAt,
      stopping: false,
      settings: { version: 0, refused },
      stats,
      lost: spool.lost,
      packets: { version: keeping.version, ring: keeping.ring?.standing ?? null },
    };
    const answer = await tellCentre(centre, report, { signal, clock });
    skew = answer?.skew ?? skew;
    const wanted = answer?.orders.settings;
    if (wanted) refused = { version: wanted.version, reason: 'This sensor plays the demo: nothing is captured.' };
    const order = answer?.orders.packets;
    if (order === undefined || (order?.version ?? 0) === keeping.version) return;
    await keeping.follow(order);
    if ((order?.version ?? 0) === keeping.version) await tell(look());
  }

  return {
    now: () => tell(look()),
    async minute(story) {
      const at = clock.now();
      if (at - toldAt < reportSeconds) return;
      toldAt = at;
      const counted = story.counted();
      // What was history, or another stretch of time, is no part of this minute.
      const base = of === story ? before : counted;
      of = story;
      before = counted;
      ({ last } = counted);
      sum.packets += counted.packets - base.packets;
      sum.bytes += counted.bytes - base.bytes;
      const record = look();
      health.told();
      spool.add(statsBatch(record));
      await tell(record);
    },
  };
}

if (parentPort) {
  // The centre ends the thread when it stops: what is not acknowledged waits in the spool.
  await playTraffic(workerData as Traffic, new AbortController().signal);
}
