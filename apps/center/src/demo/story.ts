/**
 * A story's records, second by second of packet time: scenario → packets → capture engine → batches. Everything follows from the arguments, so
 * that the same batches come again after a crash, and a test can say which they are.
 */

import { generate } from '@forewarn/prepare/generate';
import { writePcap, type Packet } from '@forewarn/prepare/pcap';
import type { Scenario } from '@forewarn/prepare/scenario/language';
import type { Batch } from '@forewarn/model/batch';
import { createEngine, type Engine } from '@forewarn/sense/engine';
import { protocols } from '@forewarn/sense/protocols/index';
import type { FlowNumber, PacketTrace } from '@forewarn/sense/trace';
import { batchLimits, createBatcher } from '@forewarn/sensor/batches';

/** Packet time moves in whole seconds: the unit in which a live reading is handed over. */
export const tickSeconds = 1;

/** A batch of history holds what fell into this time, so that an hour is some dozens of them. */
const historySpanSeconds = 60;

/** A live batch holds some seconds: a demo that runs all day must not keep its machine busy with tiny inserts. */
const liveSpanSeconds = 3;

/** Length of the pcap file header that `writePcap` begins with. */
const pcapHeaderBytes = 24;

export type StoryOptions = {
  scenario: Scenario;
  seed: number;
  /** The same people and machines in another stretch of time. */
  episode: number;
  startAt: number;
  endAt: number;
  /** What lies before was history at the first start, and goes in by larger batches. */
  liveFrom: number;
  /** Own networks, for `local_orig` and `local_resp`. */
  networks: readonly string[];
  deliver: (batch: Batch) => void;
  /** Who is told of each packet and its flow; `uidOf` names the flows. */
  trace?: (uidOf: (flow: FlowNumber) => string) => PacketTrace;
};

export type Story = {
  /** The packets of the second that begins at `at`; call it for each second in turn. */
  tick(at: number): void;
  /** What was read so far. */
  counted(): { packets: number; bytes: number; last: number | undefined };
  end(): void;
};

export function openStory({ scenario, seed, episode, startAt, endAt, liveFrom, networks, deliver, trace }: StoryOptions): Story {
  const origin = `${scenario.id}/${seed}/${episode}/${startAt}`;
  const source = `${scenario.id}.pcap`;
  const limits = { ...batchLimits, spanSeconds: liveSpanSeconds };
  const batcher = createBatcher({ origin, source, deliver, limits });
  const engine: Engine = createEngine({
    sink: batcher,
    protocols,
    networks,
    uidSeed: origin,
    file: source,
    ...(trace ? { trace: trace((flow) => engine.uidOf(flow)) } : {}),
  });
  const packets = generate(scenario, { seed, episode, startAt, endAt }).packets[Symbol.iterator]();
  let next = packets.next();
  let opened = false;
  return {
    tick(at) {
      const until = at + tickSeconds;
      const due: Packet[] = [];
      while (!next.done && next.value.ts < until) {
        due.push(next.value);
        next = packets.next();
      }
      if (due.length > 0) {
        // The bytes of a capture file: its header once, then packet after packet.
        let first = opened;
        for (const chunk of writePcap(due)) {
          engine.push(first ? chunk.subarray(pcapHeaderBytes) : chunk);
          first = false;
        }
        opened = true;
      }
      if (until > liveFrom || (until - startAt) % historySpanSeconds === 0) batcher.advance(until);
    },
    counted: () => engine.progress,
    end() {
      if (opened) engine.end();
      batcher.end();
    },
  };
}
