import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { parseAddress } from '@forewarn/base/ip';
import { Random } from '../random.ts';
import { bytesOf, cipherRecords, joinBodies, noiseBody } from './body.ts';
import { TcpLedger, dissect } from './dissect.ts';
import { stacks, type Path } from './path.ts';
import { converse, conversationSeconds, type Conversation } from './tcp.ts';

const client = { mac: Uint8Array.of(2, 0, 0, 0, 0, 1), ip: parseAddress('10.0.0.1')! };
const server = { mac: Uint8Array.of(2, 0, 0, 0, 0, 2), ip: parseAddress('198.18.0.1')! };

const path = (change: Partial<Path> = {}): Path => ({
  fromClient: { from: client, to: server, ttl: 128 },
  fromServer: { from: server, to: client, ttl: 52 },
  clientStack: stacks.windows!,
  serverStack: stacks.linux!,
  clientDelay: 0.000_2,
  serverDelay: 0.02,
  upRate: 12_500_000,
  downRate: 12_500_000,
  loss: 0,
  ...change,
});

const conversation = (change: Partial<Conversation> = {}): Conversation => ({
  path: path(),
  ports: { client: 50_000, server: 443 },
  random: new Random('tcp'),
  ...change,
});

const stackNames = fc.constantFrom('windows', 'linux', 'apple', 'device');

test('any conversation holds together: numbers, acknowledgements, order, bytes', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          from: fc.constantFrom('client' as const, 'server' as const),
          length: fc.nat(60_000),
          after: fc.double({ min: 0, max: 0.5, noNaN: true }),
        }),
        { maxLength: 8 },
      ),
      stackNames,
      stackNames,
      fc.constantFrom('client' as const, 'server' as const, 'reset' as const, 'none' as const),
      fc.double({ min: 0, max: 0.4, noNaN: true }),
      fc.double({ min: 0.000_05, max: 0.1, noNaN: true }),
      fc.nat(),
      (turns, one, other, closing, loss, serverDelay, seed) => {
        const said = turns.map(({ from, length, after }, i) => ({ from, after, body: noiseBody(seed + i, length) }));
        const whole = conversation({
          path: path({ clientStack: stacks[one]!, serverStack: stacks[other]!, loss, serverDelay }),
          turns: said,
          closing,
          random: new Random(`seed ${seed}`),
        });
        const ledger = new TcpLedger(true);
        let last = -1;
        for (const { t, bytes } of converse(whole)) {
          expect(t).toBeGreaterThan(last);
          last = t;
          const packet = dissect(bytes);
          expect(packet.checksumsHold).toBe(true);
          expect(packet.payload.length).toBeLessThanOrEqual(1_460);
          ledger.add(packet);
        }
        expect(ledger.complaints).toEqual([]);
        expect(conversationSeconds(whole)).toBe(last);
        for (const side of ['client', 'server'] as const) {
          const key = side === 'client' ? '10.0.0.1:50000>198.18.0.1:443' : '198.18.0.1:443>10.0.0.1:50000';
          const spoken = joinBodies([noiseBody(0, 0), ...said.filter(({ from }) => from === side).map(({ body }) => body)]);
          expect(Buffer.compare(Buffer.concat(ledger.streams.get(key)!), bytesOf(spoken))).toBe(0);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a lost segment is seen twice', () => {
  const ledger = new TcpLedger();
  const frames = [...converse(conversation({ path: path({ loss: 1 }), turns: [{ from: 'client', body: noiseBody(1, 500) }] }))];
  for (const { bytes } of frames) ledger.add(dissect(bytes));
  expect(ledger.repeated).toBe(500);
  expect(ledger.complaints).toEqual([]);
});

test('refused, silent and probed openings', () => {
  const flags = (change: Partial<Conversation>) =>
    [...converse(conversation(change))].map(({ bytes }) => dissect(bytes).tcp!.flags);
  expect(flags({ opening: 'refused' })).toEqual([0x02, 0x14]);
  expect(flags({ opening: 'silent', synRepeats: 2 })).toEqual([0x02, 0x02, 0x02]);
  expect(flags({ opening: 'probed' })).toEqual([0x02, 0x12, 0x04]);
  const times = [...converse(conversation({ opening: 'silent', synRepeats: 2 }))].map(({ t }) => t);
  expect(times[1]! - times[0]!).toBeCloseTo(1, 1);
  expect(times[2]! - times[1]!).toBeCloseTo(2, 1);
});

test('a conversation plays alike every time', () => {
  const whole = conversation({ turns: [{ from: 'client', body: noiseBody(3, 5_000) }] });
  expect([...converse(whole)]).toEqual([...converse(whole)]);
});

test('no more is under way than the other side has room for', () => {
  const whole = conversation({
    path: path({ serverStack: stacks.device!, serverDelay: 0.1 }),
    turns: [{ from: 'client', body: noiseBody(3, 200_000) }],
  });
  let sent = 0;
  let acknowledged = 0;
  let first: number | undefined;
  for (const { bytes } of converse(whole)) {
    const packet = dissect(bytes);
    if (packet.ports!.from === 50_000) {
      first ??= packet.tcp!.sequence;
      sent = Math.max(sent, ((packet.tcp!.sequence - first) >>> 0) + packet.payload.length);
    } else acknowledged = (packet.tcp!.acknowledgement - first!) >>> 0;
    expect(sent - acknowledged).toBeLessThanOrEqual(8_192);
  }
  expect(sent).toBeGreaterThan(200_000);
});

test('a body can be read in any pieces', () => {
  fc.assert(
    fc.property(
      fc.nat(70_000),
      fc.nat(0xffff_ffff),
      fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1 }),
      (plaintextBytes, key, pieces) => {
        const body = cipherRecords({ key, plaintextBytes, overhead: 17 });
        const whole = bytesOf(body);
        const again = new Uint8Array(body.length);
        for (let at = 0, i = 0; at < body.length; i++) {
          const end = Math.min(body.length, at + pieces[i % pieces.length]!);
          body.copy(again, at, at, end);
          at = end;
        }
        expect(Buffer.compare(whole, again)).toBe(0);
        let records = 0;
        for (let at = 0; at < whole.length; records++) {
          expect([...whole.subarray(at, at + 3)]).toEqual([0x17, 3, 3]);
          at += 5 + whole[at + 3]! * 256 + whole[at + 4]!;
          expect(at).toBeLessThanOrEqual(whole.length);
        }
        expect(records).toBe(Math.ceil(plaintextBytes / 16_384));
      },
    ),
    { numRuns: 40 },
  );
});
