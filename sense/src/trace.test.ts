/** A trace names, for every packet, the flows that count it: the packets of a flow add up to its record. */

import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createEngine, type Engine } from './engine.ts';
import { protocols } from './protocols/index.ts';
import { builtSeeds } from './testing/mutations.ts';

function traced(bytes: Uint8Array) {
  const flows = new Map<number, number[]>();
  const packets: { start: number; length: number; ts: number }[] = [];
  const records: { log: string; record: AnyRecord }[] = [];
  const engine: Engine = createEngine({
    sink: { record: (log, record) => void records.push({ log, record }) },
    protocols,
    trace: {
      packet(packet, of, start, end, wireBytes, ts) {
        expect(packet).toBe(packets.length);
        expect(wireBytes).toBeGreaterThanOrEqual(end - start);
        packets.push({ start: of[start]!, length: end - start, ts });
      },
      counted(packet, flow) {
        expect(packet).toBeLessThan(packets.length);
        const before = flows.get(flow);
        if (before) before.push(packet);
        else flows.set(flow, [packet]);
      },
    },
  });
  // In pieces, so that packets lie across them.
  for (let at = 0; at < bytes.length; at += 333) engine.push(bytes.subarray(at, at + 333));
  const account = engine.end();
  return { flows, packets, records, account, engine };
}

describe('a trace', () => {
  test.each(builtSeeds().map((bytes, index) => [index, bytes] as const))('of capture %i names all packets', (_index, bytes) => {
    const { flows, packets, records, account, engine } = traced(bytes);
    expect(packets).toHaveLength(account.packets);
    const byUid = new Map([...flows].map(([flow, counted]) => [engine.uidOf(flow), counted]));
    const conns = records.filter(({ log }) => log === 'conn').map(({ record }) => record);
    expect(byUid.size).toBe(conns.length);
    for (const conn of conns) {
      const counted = byUid.get(conn['uid'] as string)!;
      expect(new Set(counted).size).toBe(counted.length);
      expect(packets[Math.min(...counted)]!.ts).toBeLessThanOrEqual(conn['ts'] as number);
    }
    const named = new Set([...flows.values()].flat());
    expect(named.size).toBe(account.inFlows);
  });

  test('names the earlier packets of a datagram that came in pieces, and what rides in a tunnel after its carrier', () => {
    const all = builtSeeds().map((bytes) => traced(bytes));
    const pieces = all.find(({ records }) =>
      records.some(({ record }) => record['id.orig_p'] === 7 && record['orig_pkts'] === 1),
    );
    expect(pieces && [...pieces.flows.values()].some((packets) => packets.join() === '0,1,2')).toBe(true);
    const tunnels = all.find(({ records }) => records.some(({ record }) => record['tunnel_parents'] !== undefined))!;
    const inner = tunnels.records.find(({ log, record }) => log === 'conn' && record['tunnel_parents'] !== undefined)!.record;
    const [carrier] = inner['tunnel_parents'] as string[];
    const packetsOf = (uid: string): number[] => [...tunnels.flows].find(([flow]) => tunnels.engine.uidOf(flow) === uid)![1];
    expect(packetsOf(inner['uid'] as string)).toEqual(expect.arrayContaining(packetsOf(carrier!)));
  });
});
