/**
 * A sensor of the demo as the centre knows it: a spool, a connection, packets that are kept where that is asked for, and a report each minute. What it
 * reads is made up; all else is a sensor's own code.
 */

import { join } from 'node:path';
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
import type { Story } from './story.ts';

export type DemoSensor = {
  readonly spool: Spool;
  readonly kept: DemoKeeping;
  readonly reporter: Reporter;
  /** Carries to the centre what the spool holds. */
  send(): Promise<void>;
};

/** What a reading has counted so far. */
export type CountedReading = Pick<Story, 'counted'>;

/** Opens a sensor. `name`: of what it reads; its spool is below the folder. It reports at once, so that the centre says what is to be kept. */
export async function openDemoSensor(
  { url, token, folder, name }: { url: string; token: string; folder: string; name: string },
  signal: AbortSignal,
): Promise<DemoSensor> {
  const directory = join(folder, 'spool', name);
  const spool = openSpool(directory);
  const centre = openCentre({ to: url, token });
  const kept = await openDemoKeeping({ directory, spool, centre, signal }, () => void reporter.now());
  const reporter = reporterOf({ name, spool, centre, keeping: kept.keeping, signal });
  await reporter.now();
  const sent: Sent = { batches: 0, records: 0, repeated: 0 };
  return { spool, kept, reporter, send: () => drain({ to: url, token, spool, signal }, sent) };
}

const reportSeconds = 60;

export type Reporter = {
  /** Tells of the minute that passed, when it has. */
  minute(reading: CountedReading): Promise<void>;
  /** Tells at once how things stand, and nothing of what passed. */
  now(): Promise<void>;
};

/** Tells how the sensor fares, as every sensor does; history is not told, because nobody watched it pass. */
function reporterOf({
  name,
  spool,
  centre,
  keeping,
  signal,
}: {
  name: string;
  spool: Spool;
  centre: Centre;
  keeping: Keeping;
  signal: AbortSignal;
}): Reporter {
  const clock = { now: () => Date.now() / 1000 };
  const startedAt = clock.now();
  const health = createHealth({ spool, input: `${name}.pcap`, version: sensorVersion, at: startedAt });
  let toldAt = -Infinity;
  let skew: Parameters<typeof health.look>[0]['skew'];
  let refused: { version: number; reason: string } | null = null;
  let of: CountedReading | undefined;
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
    async minute(reading) {
      const at = clock.now();
      // Who keeps time in minutes is awake a little earlier or later.
      if (at - toldAt < reportSeconds - 1) return;
      toldAt = at;
      const counted = reading.counted();
      // What was history, or another stretch of time, is no part of this minute.
      const base = of === reading ? before : counted;
      of = reading;
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
