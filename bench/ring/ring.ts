/**
 * What does keeping packets cost a sensor? One capture read again and again by processes that take turns: without a ring, with one,
 * and – to see what is the trace's and what is the disk's part – with a trace that keeps nothing.
 *
 *     node bench/ring/ring.ts [--megabytes 100] [--rounds 3]
 */

import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { AnyRecord } from '@forewarn/model/records/record';
import { openRing } from '@forewarn/sensor/ring';
import type { Engine } from '@forewarn/sense/engine';
import { protocols } from '@forewarn/sense/protocols/index';
import { readCapture } from '@forewarn/sense/read';
import { benchCapture, type Profile } from '../capture/capture.ts';

type Mode = 'records alone' | 'trace alone' | 'ring';
const modes: readonly Mode[] = ['records alone', 'trace alone', 'ring'];

type Measured = {
  cpuSeconds: number;
  packets: number;
  rssMB: number;
  ring?: { pcapBytes: number; indexBytes: number; dropped: number; findMs: number[]; found: number };
};

async function measure(path: string, mode: Mode): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'forewarn-ring-'));
  const clock = { now: () => Date.now() / 1000 };
  const ring = mode === 'ring' ? await openRing({ directory, clock, keepHours: 1, keepBytes: 1e12 }) : undefined;
  const ticking = setInterval(() => ring?.tick(), 1_000);
  let engine: Pick<Engine, 'uidOf'> | undefined;
  const trace = ring ? ring.reading((flow) => engine!.uidOf(flow)) : { packet: () => undefined, counted: () => undefined };
  const flows: AnyRecord[] = [];
  const never = new AbortController().signal;
  async function* chunks() {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 16 })) {
      yield chunk as Uint8Array;
      await ring?.room(never);
    }
  }
  try {
    const before = process.cpuUsage();
    const { packets } = await readCapture(chunks(), {
      protocols,
      uidSeed: 1,
      sink: { record: (log, record) => void (log === 'conn' && flows.length < 200_000 && flows.push(record)) },
      ...(mode === 'records alone' ? {} : { trace }),
      opened: (opened) => {
        engine = opened;
      },
    });
    await ring?.close();
    const used = process.cpuUsage(before);
    const measured = { cpuSeconds: (used.user + used.system) / 1e6, packets, rssMB: process.resourceUsage().maxRSS / 1024 };
    if (!ring) return measured;
    const bytesOf = (ending: string): number =>
      readdirSync(directory)
        .filter((name) => name.endsWith(ending))
        .reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
    const findMs: number[] = [];
    let found = 0;
    for (let i = 0; i < 200; i++) {
      const flow = flows[Math.floor((i * flows.length) / 200)]!;
      const from = flow['ts'] as number;
      const to = from + ((flow['duration'] as number | undefined) ?? 0);
      const began = performance.now();
      const answer = await ring.find({ uid: flow['uid'] as string, from: from - 60, to: to + 60 });
      findMs.push(performance.now() - began);
      if (answer.kind === 'packets' && answer.part.every((reason) => reason === 'snap-length')) found++;
    }
    const { dropped } = ring.standing;
    return { ...measured, ring: { pcapBytes: bytesOf('.pcap'), indexBytes: bytesOf('.index'), dropped, findMs, found } };
  } finally {
    clearInterval(ticking);
    rmSync(directory, { recursive: true, force: true });
  }
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { megabytes: { type: 'string', default: '100' }, rounds: { type: 'string', default: '3' } },
});
if (positionals.length === 2) {
  console.log(JSON.stringify(await measure(positionals[0]!, positionals[1] as Mode)));
} else {
  for (const profile of ['mixed', 'small'] as const satisfies readonly Profile[]) {
    const path = benchCapture(profile, Number(values.megabytes));
    const all = new Map<Mode, Measured[]>(modes.map((mode) => [mode, []]));
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const mode of modes) {
        const said = execFileSync(process.execPath, [import.meta.filename, path, mode], { encoding: 'utf8', maxBuffer: 1 << 24 });
        all.get(mode)!.push(JSON.parse(said) as Measured);
      }
    }
    const base = middle(all.get('records alone')!.map(({ cpuSeconds }) => cpuSeconds));
    console.log(`\n${profile}: ${(statSync(path).size / 1e6).toFixed(0)} MB, ${all.get('ring')![0]!.packets} packets\n`);
    console.log('| what | CPU s | CPU, × | packets/s | resident MB |\n| --- | ---: | ---: | ---: | ---: |');
    for (const mode of modes) {
      const cpu = middle(all.get(mode)!.map(({ cpuSeconds }) => cpuSeconds));
      const { packets } = all.get(mode)![0]!;
      const rss = Math.max(...all.get(mode)!.map(({ rssMB }) => rssMB));
      console.log(
        `| ${mode} | ${cpu.toFixed(2)} | ${(cpu / base).toFixed(2)} | ${Math.round(packets / cpu)} | ${rss.toFixed(0)} |`,
      );
    }
    const { pcapBytes, indexBytes, dropped, findMs, found } = all.get('ring')!.at(-1)!.ring!;
    console.log(
      `\nOn disk ${(pcapBytes / 1e6).toFixed(0)} MB of packets and ${(indexBytes / 1e6).toFixed(1)} MB of index; ${dropped} packets not kept.` +
        ` ${found} of 200 flows were found whole, in ${middle(findMs).toFixed(1)} ms each, the longest in ${Math.max(...findMs).toFixed(0)} ms.`,
    );
  }
}
