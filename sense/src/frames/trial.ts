/** Frames through an engine: what the tests of the readers stand on. */

import type { AnyRecord } from '@forewarn/model/records/record';
import { createEngine, type EngineOptions } from '../engine.ts';
import { hex } from '../protocols/trial.ts';
import { pcap, type Timed } from '../testing/packets.ts';

const t0 = 1_700_000_000;

export type Written = { log: string } & AnyRecord;

/** Reads Ethernet frames and gives what was written, in order. A reader that throws fails the test. */
export function readFrames(frames: readonly Timed[], options: Partial<EngineOptions> = {}, linkType = 1): Written[] {
  const written: Written[] = [];
  const engine = createEngine({
    sink: { record: (log, record) => void written.push({ log, ...record }) },
    fault: (name, error) => {
      throw new Error(`the reader of ${name} threw`, { cause: error });
    },
    ...options,
  });
  engine.push(pcap(frames, { linkType }));
  engine.end();
  return written;
}

/** What `bytes.txt` of a case says was sent: `0.010 ffffffffffff …`, seconds and a whole frame in hexadecimal. */
export function readCase(text: string): Timed[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\d+\.\d+) ([0-9a-fA-F ]+)/.exec(line);
    return match ? [{ ts: t0 + Number(match[1]), bytes: hex(match[2]!) }] : [];
  });
}
