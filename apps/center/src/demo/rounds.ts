/** Plays the demo's sources, round after round, in a thread of its own: a capture by way of a sensor's spool, a log by the shippers' door. */

import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Seconds } from '@forewarn/base/time';
import { createPatience } from '@forewarn/sensor/send';
import { openDemoSensor } from './sensor.ts';
import { captureRound, logRound, minuteSeconds, type CaptureSource, type DemoSource, type LogSource } from './sources.ts';

export type Rounds = {
  url: string;
  folder: string;
  /** When the demo first began, a whole second: rounds are counted from it. */
  startedAt: Seconds;
  sources: { source: DemoSource; token: string; networks: readonly string[] }[];
};

type Turn = Omit<Rounds['sources'][number], 'source'> & { rounds: Rounds; startedAt: Seconds; signal: AbortSignal };

/** Sources have their turns this far apart, so that they do not all come at one moment. */
const apartSeconds = 2;

/** Calls each minute, the one that began last first, until the signal; `round` says whether one is due, and when it ends. */
async function eachMinute(
  { startedAt, signal, everySeconds }: { startedAt: Seconds; signal: AbortSignal; everySeconds: Seconds },
  play: (round: Seconds | undefined) => Promise<void>,
): Promise<void> {
  const minutes = everySeconds / minuteSeconds;
  let minute = Math.max(0, Math.floor((Date.now() / 1000 - startedAt) / minuteSeconds));
  // What began last is played at once, so that nobody waits for the first record; it counts once, though it may have come before.
  let round: number | undefined = minute - (minute % minutes);
  while (!signal.aborted) {
    await play(round === undefined ? undefined : startedAt + round * minuteSeconds);
    minute++;
    round = minute % minutes === 0 ? minute : undefined;
    const ms = (startedAt + minute * minuteSeconds) * 1000 - Date.now();
    if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined);
  }
}

async function playCapture(source: CaptureSource, turn: Turn): Promise<void> {
  const { rounds, token, networks, signal } = turn;
  const { spool, kept, reporter, send } = await openDemoSensor({ ...rounds, token, name: source.scenario.id }, signal);
  const sum = { packets: 0, bytes: 0, last: undefined as Seconds | undefined };
  const reading = { counted: () => ({ ...sum }) };
  await eachMinute({ ...turn, everySeconds: source.everySeconds }, async (endAt) => {
    if (endAt !== undefined) {
      const { batches, packets, bytes } = captureRound(source, { endAt, networks, trace: kept.trace });
      sum.packets += packets;
      sum.bytes += bytes;
      sum.last = endAt;
      for (const batch of batches) spool.add(batch);
    }
    await reporter.minute(reading);
    await send();
  });
}

async function playLog(source: LogSource, turn: Turn): Promise<void> {
  const { rounds, token, signal } = turn;
  const patience = createPatience(signal);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' };
  await eachMinute({ ...turn, everySeconds: source.everySeconds }, async (at) => {
    if (at === undefined) return;
    const body = logRound(source, at);
    patience.reset();
    while (!signal.aborted) {
      // A shipper goes on until it is answered; what is refused for good would be refused again.
      const status = await fetch(`${rounds.url}/_bulk`, { method: 'POST', headers, body, signal }).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.status;
        },
        () => undefined,
      );
      if (status !== undefined && status < 500 && status !== 429) return;
      await patience.wait(`the centre answered ${status ?? 'nothing'}`);
    }
  });
}

async function playRounds(rounds: Rounds, signal: AbortSignal): Promise<void> {
  await Promise.all(
    rounds.sources.map(({ source, ...of }, number) => {
      const turn = { ...of, rounds, startedAt: rounds.startedAt + number * apartSeconds, signal };
      return 'scenario' in source ? playCapture(source, turn) : playLog(source, turn);
    }),
  );
}

if (parentPort) {
  // The centre ends the thread when it stops: what is not acknowledged waits in the spool, or comes with the next start's first round.
  await playRounds(workerData as Rounds, new AbortController().signal);
}
