/** Several readers of one capture, who share its flows, together write what one alone does. */

import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { joinAccounts, type Account } from './account.ts';
import { createEngine } from './engine.ts';
import { protocols } from './protocols/index.ts';
import { builtSeeds, mutate, random } from './testing/mutations.ts';
import { ascii, conversation, pcap } from './testing/packets.ts';

function read(bytes: Uint8Array, share?: { part: number; parts: number }): { lines: string[]; account: Account } {
  const lines: string[] = [];
  const sink = { record: (log: string, record: AnyRecord) => void lines.push(`${log} ${JSON.stringify(record)}`) };
  const engine = createEngine({ sink, protocols, uidSeed: 'share', ...(share ? { share } : {}) });
  engine.push(bytes);
  return { lines, account: engine.end() };
}

function together(bytes: Uint8Array, parts: number): { lines: string[]; account: Account; busy: number } {
  const readings = Array.from({ length: parts }, (_, part) => read(bytes, { part, parts }));
  const accounts = readings.map(({ account }) => account) as [Account, ...Account[]];
  return {
    lines: readings.flatMap(({ lines }) => lines),
    account: joinAccounts(accounts),
    busy: accounts.filter(({ inFlows }) => inFlows > 0).length,
  };
}

const sorted = (counts: { [name: string]: number }): [string, number][] => Object.entries(counts).toSorted();

function expectSame(bytes: Uint8Array, parts: number): number {
  const alone = read(bytes);
  const shared = together(bytes, parts);
  expect(shared.lines.toSorted().join('\n')).toBe(alone.lines.toSorted().join('\n'));
  expect({
    ...shared.account,
    oddities: sorted(shared.account.oddities),
    undecodable: sorted(shared.account.undecodable),
  }).toEqual({
    ...alone.account,
    oddities: sorted(alone.account.oddities),
    undecodable: sorted(alone.account.undecodable),
  });
  return shared.busy;
}

describe('readers who share a capture', () => {
  // Those with tunnels hold the same flow within tunnels and outside of them, which is one reader's each (sense/core/README.md).
  const seeds = builtSeeds().filter((_, index) => index > 3 && index !== 8);
  const many = Array.from({ length: 20 }, (_, host) =>
    conversation({ from: `10.0.0.${host}`, to: `10.9.0.${host % 3}` }, { source: 50_000 + host, destination: 80 }, [
      { from: 'client', payload: ascii(`GET /${host} HTTP/1.1\r\nHost: example.org\r\n\r\n`) },
      { from: 'server', payload: ascii('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello') },
    ]),
  ).flat();
  seeds.push(pcap(many.toSorted((a, b) => a.ts - b.ts)));

  test.each([2, 3, 7])('%i of them write the records of one, with the same names, and account for every packet', (parts) => {
    const busy = seeds.map((bytes) => expectSame(bytes, parts));
    // The flows were really shared.
    expect(Math.max(...busy)).toBeGreaterThan(1);
  });

  test('of a capture that is damaged, too', () => {
    for (let n = 0; n < 300; n++) {
      const bytes = mutate(seeds, random(11, n), 65_536);
      let refused = false;
      try {
        read(bytes);
      } catch {
        refused = true;
      }
      if (!refused) expectSame(bytes, 2);
    }
  });
});
