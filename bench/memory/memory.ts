#!/usr/bin/env node
/**
 * What a live flow costs: many flows are opened and none ends, and what the process holds is measured on the way.
 *
 *     node bench/memory/memory.ts [--flows 10000 --flows 50000 …] [--kind NAME]…
 */

import { execFileSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { parseArgs } from 'node:util';
import { runInNewContext } from 'node:vm';
import { createEngine } from '@forewarn/sense/engine';
import { defaultLimits } from '@forewarn/sense/limits';
import { protocols } from '@forewarn/sense/protocols/index';
import { builtPackets } from '@forewarn/sense/testing/mutations';
import { ascii, conversation, ethernet, pcap, udp } from '@forewarn/sense/testing/packets';
import { printTable } from '../capture/run.ts';

const ends = { from: '10.0.0.0', to: '192.0.2.1' };
const request = ascii('GET /index.html HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n');
const answer = ascii('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n<html>');

/** The fourth and the sixth packet of the built conversation hold a hello in two pieces. */
const hello = Buffer.concat([3, 5].map((i) => builtPackets().tls[i]!.bytes.subarray(74)));

/** The first packets of a flow of each kind, after which it is live. Of conversations the end is left away. */
const kinds: { [name: string]: { about: string; flowsOnly?: boolean; packets: Uint8Array[] } } = {
  flow: {
    about: 'TCP, flows only: nobody reads the payload',
    flowsOnly: true,
    packets: whole([{ from: 'client', payload: request }], 443),
  },
  udp: {
    about: 'UDP that no protocol knows',
    packets: [ethernet(udp(ends, { source: 40_000, destination: 9_999 }, ascii('????????')))],
  },
  probe: {
    about: 'TCP, the first eight bytes of a banner',
    packets: whole([{ from: 'client', payload: ascii('SSH-2.0-') }], 9_998),
  },
  dns: { about: 'DNS, a question without an answer', packets: [builtPackets().dns[0]!.bytes] },
  http: {
    about: 'HTTP, in the middle of a file that is hashed',
    packets: whole(
      [
        { from: 'client', payload: request },
        { from: 'server', payload: answer },
      ],
      80,
    ),
  },
  tls: { about: 'TLS, after the client’s hello', packets: whole([{ from: 'client', payload: hello }], 443) },
};

/** A conversation without its last three packets, which would end it. */
function whole(turns: Parameters<typeof conversation>[2], port: number): Uint8Array[] {
  return conversation(ends, { source: 40_000, destination: port }, turns)
    .slice(0, -3)
    .map((packet) => packet.bytes);
}

const { values } = parseArgs({
  options: {
    flows: { type: 'string', multiple: true, default: ['10000', '50000', '100000', '200000'] },
    kind: { type: 'string', multiple: true, default: Object.keys(kinds) },
    /** Set in the process that measures one kind. */
    measure: { type: 'string' },
  },
});
const counts = values.flows.map(Number).sort((a, b) => a - b);
const wrong = values.kind.filter((name) => !(name in kinds));
if (wrong.length > 0 || !counts.every((count) => Number.isInteger(count) && count > 0 && count <= defaultLimits.flowsMax)) {
  console.error(`--kind is one of ${Object.keys(kinds).join(' ')}; --flows a number up to ${defaultLimits.flowsMax}.`);
  process.exit(2);
}

if (values.measure !== undefined) console.log(JSON.stringify(measured(values.measure)));
else {
  const lines: string[][] = [];
  for (const name of values.kind) {
    const args = [import.meta.filename, '--measure', name, ...counts.flatMap((count) => ['--flows', String(count)])];
    const points = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Point[];
    const [base, ...rest] = points as [Point, ...Point[]];
    for (const [i, point] of rest.entries()) {
      const each = (now: number, before: number, count: number): string => ((now - before) / count).toFixed(0);
      lines.push([
        i === 0 ? kinds[name]!.about : '',
        point.flows.toLocaleString('en'),
        each(point.rss, base.rss, point.flows),
        each(point.heap, base.heap, point.flows),
        (point.rss / 1e6).toFixed(0),
        (point.peak / 1e6).toFixed(0),
      ]);
    }
  }
  console.log(`Node ${process.version}\n`);
  printTable(['live flows', 'how many', 'resident bytes each', 'of them heap', 'resident MB', 'peak MB'], lines);
}

type Point = { flows: number; rss: number; heap: number; peak: number };

/** Opens flows up to each count, in this process, and says what it holds then; first with none. */
function measured(name: string): Point[] {
  const { flowsOnly = false, packets } = kinds[name]!;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const engine = createEngine({ protocols, flowsOnly, sink: { record: () => {} }, uidSeed: 1 });
  engine.push(pcap([]));
  const frames = packets.map((bytes) => pcap([{ ts: 1_700_000_000, bytes }]).slice(24));
  const chunk = new Uint8Array(1 << 20);
  const points: Point[] = [];
  let flows = 0;
  for (const count of [0, ...counts]) {
    for (let filled = 0; flows < count || filled > 0;) {
      // Whole flows fill a chunk: what a chunk cuts in two would be held too.
      while (flows < count && filled + 16_384 <= chunk.length) {
        for (const frame of frames) {
          chunk.set(frame, filled);
          address(chunk, filled + 16, flows);
          filled += frame.length;
        }
        flows++;
      }
      engine.push(chunk.subarray(0, filled));
      filled = 0;
      if (flows >= count) break;
    }
    collect();
    collect();
    const { rss, heapUsed, external } = process.memoryUsage();
    // The core's memory is reserved whole and counts as external from the start; what of it is used shows in what is resident.
    points.push({ flows, rss, heap: heapUsed + external, peak: process.resourceUsage().maxRSS * 1024 });
  }
  const { flows: seen, flowsEvicted } = engine.end();
  if (seen !== flows || flowsEvicted > 0) throw new Error(`${seen} flows and ${flowsEvicted} given up, of ${flows}`);
  return points;
}

/** Writes the number of the flow into the client's address, wherever that stands. */
function address(bytes: Uint8Array, frame: number, n: number): void {
  const source = frame + 14 + 12;
  const at = bytes[source] === 10 ? source : source + 4;
  bytes[at + 1] = (n >> 16) & 255;
  bytes[at + 2] = (n >> 8) & 255;
  bytes[at + 3] = n & 255;
}
