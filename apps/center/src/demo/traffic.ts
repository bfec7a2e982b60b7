/**
 * The demo's traffic: a scenario's packets through the capture engine and a sensor's spool to the centre's own door. Hours that
 * have passed go in at once, the last minutes as their time comes; afterwards the same network goes on without intruders.
 *
 * Everything follows from the start that was written down at the first run, second by second of packet time, so that after a crash the
 * same batches come again and the centre drops those it has.
 */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '@forewarn/prepare/scenario/language';
import { generate } from '@forewarn/prepare/generate';
import { writePcap, type Packet } from '@forewarn/prepare/pcap';
import { createEngine, type Engine } from '@forewarn/sense/engine';
import { protocols } from '@forewarn/sense/protocols/index';
import { createBatcher } from '@forewarn/sensor/batches';
import { drain, type Sent } from '@forewarn/sensor/send';
import { openSpool } from '@forewarn/sensor/spool';

/** Packet time moves in whole seconds: the unit in which a live reading is handed over. */
const tickSeconds = 1;

/** Length of the pcap file header that `writePcap` begins with. */
const pcapHeaderBytes = 24;

export type Traffic = {
  url: string;
  /** The sensor's token. */
  token: string;
  scenario: Scenario;
  seed: number;
  startAt: number;
  endAt: number;
  /** What lies before was history at the first start, and goes in by larger batches. */
  liveFrom: number;
  /** Own networks, for `local_orig` and `local_resp`. */
  networks: readonly string[];
  folder: string;
  signal: AbortSignal;
  now: () => number;
};

/** Plays until the signal ends it. */
export async function playTraffic(traffic: Traffic): Promise<void> {
  const seconds = traffic.endAt - traffic.startAt;
  for (let part = 0; !traffic.signal.aborted; part++) {
    // After the story the network goes on as on any other day: the same people and machines, no intruder.
    const scenario = part === 0 ? traffic.scenario : { ...traffic.scenario, steps: [] };
    const startAt = traffic.startAt + part * seconds;
    await playPart({ ...traffic, scenario, startAt, endAt: startAt + seconds }, part);
  }
}

async function playPart(traffic: Traffic, part: number): Promise<void> {
  const { scenario, seed, startAt, endAt, liveFrom, signal } = traffic;
  const origin = `${scenario.id}/${seed}/${part}/${startAt}`;
  const spool = openSpool(join(traffic.folder, 'spool', scenario.id));
  const sent: Sent = { batches: 0, records: 0, repeated: 0 };
  const send = () => drain({ to: traffic.url, token: traffic.token, spool, signal }, sent);
  const batcher = createBatcher({ origin, source: `${scenario.id}.pcap`, deliver: (batch) => spool.add(batch) });
  const engine = createEngine({
    sink: batcher,
    protocols,
    networks: traffic.networks,
    uidSeed: origin,
    file: `${scenario.id}.pcap`,
  });
  const packets = generate(scenario, { seed, episode: part, startAt, endAt }).packets[Symbol.iterator]();
  let next = packets.next();
  let opened = false;

  for (let tick = startAt; tick < endAt && !signal.aborted; tick += tickSeconds) {
    const wait = tick + tickSeconds - traffic.now();
    if (wait > 0) {
      await send();
      await sleep(wait * 1000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    } else if (spool.waiting >= historyBatchesMax) {
      await send();
    } else if ((tick - startAt) % yieldEveryTicks === 0) {
      // The centre answers requests on the same thread.
      await sleep(0);
    }
    const due: Packet[] = [];
    while (!next.done && next.value.ts < tick + tickSeconds) {
      due.push(next.value);
      next = packets.next();
    }
    opened = feed(engine, due, opened) || opened;
    const until = tick + tickSeconds;
    if (until > liveFrom || (until - startAt) % historySpanSeconds === 0) batcher.advance(until);
  }
  if (opened) engine.end();
  batcher.end();
  await send();
}

/** A batch of history holds what fell into this time, so that an hour is some dozens of them. */
const historySpanSeconds = 60;

/** In history, batches are carried away some at a time. */
const historyBatchesMax = 4;
const yieldEveryTicks = 10;

/** Hands packets over as the bytes of a capture file: the header once, then packet after packet. */
function feed(engine: Engine, packets: readonly Packet[], opened: boolean): boolean {
  if (packets.length === 0) return false;
  let first = true;
  for (const chunk of writePcap(packets)) {
    engine.push(first && opened ? chunk.subarray(pcapHeaderBytes) : chunk);
    first = false;
  }
  return true;
}
