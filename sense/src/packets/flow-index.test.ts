import { expect, test } from 'vitest';
import { uidOf } from '../flow/uid.ts';
import { findFlow, FlowJournal, indexHeadBytes, journalHeadBytes, notKept, readIndexHead, type FileFacts } from './flow-index.ts';

const facts = (more: Partial<FileFacts> = {}): FileFacts => ({
  linkType: 1,
  beganAt: 1_700_000_000.5,
  first: 1_700_000_001,
  last: 1_700_000_059.25,
  packets: 10,
  bytes: 1_000_000,
  interrupted: false,
  ...more,
});
const name = (flow: number): string => uidOf(7, flow);
const journal = (): FlowJournal => new FlowJournal({ linkType: 1, beganAt: 1_700_000_000.5 });
const readOf = (bytes: Uint8Array) => async (at: number, length: number) => bytes.subarray(at, at + length);
const look = (bytes: Uint8Array, uid: string) => findFlow(readOf(bytes), bytes.length, uid);

test('each flow is found with its packets in their order, and no other is', async () => {
  const made = journal();
  const wanted = new Map<number, number[]>();
  for (let packet = 0; packet < 5_000; packet++) {
    const flow = (packet * 7919) % 700;
    made.add(flow, packet < 350, 24 + packet * 80, name);
    wanted.set(flow, [...(wanted.get(flow) ?? []), 24 + packet * 80]);
  }
  const index = made.index(facts());
  expect(readIndexHead(index, index.length)).toMatchObject({ ...facts(), flows: 700, listed: 5_000 });
  for (const [flow, offsets] of wanted) {
    const places = await look(index, name(flow));
    expect([...places!.offsets]).toEqual(offsets);
    expect(places).toEqual(made.find(name(flow)));
  }
  for (let flow = 700; flow < 1_400; flow++) expect(await look(index, name(flow))).toBeUndefined();
  expect(await look(index, '')).toBeUndefined();
  expect(await look(index, 'C'.repeat(100))).toBeUndefined();
});

test('it is known whether a flow began in the file; another reading’s flow of the same number is another', async () => {
  const made = journal();
  made.add(3, false, 24, () => 'Cbefore');
  made.add(4, true, 124, () => 'Cbegins');
  made.newReading();
  made.add(3, true, 224, () => 'Cother');
  const index = made.index(facts());
  expect(await look(index, 'Cbefore')).toEqual({ offsets: Uint32Array.of(24), begins: false, misses: false });
  expect(await look(index, 'Cbegins')).toEqual({ offsets: Uint32Array.of(124), begins: true, misses: false });
  expect(await look(index, 'Cother')).toEqual({ offsets: Uint32Array.of(224), begins: true, misses: false });
});

test('of a capture that is read again the last reading counts', async () => {
  const made = journal();
  for (const offset of [24, 124]) made.add(16, true, offset, name);
  made.newReading();
  for (const offset of [224, 324, 424]) made.add(16, true, offset, name);
  made.add(32, true, 524, name);
  for (const places of [made.find(name(16)), await look(made.index(facts()), name(16))]) {
    expect([...places!.offsets]).toEqual([224, 324, 424]);
  }
  expect([...(await look(made.index(facts()), name(32)))!.offsets]).toEqual([524]);
});

test('pieces that are counted late stand where they came', async () => {
  const made = journal();
  for (const offset of [500, 100, 300]) made.add(1, true, offset, name);
  expect([...(await look(made.index(facts()), name(1)))!.offsets]).toEqual([100, 300, 500]);
});

test('what lies beyond the file’s end is not listed but marked, as is what was not kept; a flow of which nothing is left is none', async () => {
  const made = journal();
  made.add(1, true, 100, name);
  made.add(1, false, 900, name);
  made.add(2, true, 950, name);
  made.add(3, true, 200, name);
  made.add(3, false, notKept, name);
  made.add(4, true, 300, name);
  const index = made.index(facts({ bytes: 900 }));
  for (const [flow, offset, misses] of [
    [1, 100, true],
    [3, 200, true],
    [4, 300, false],
  ] as const) {
    const places = { offsets: Uint32Array.of(offset), begins: true, misses };
    expect(await look(index, name(flow))).toEqual(places);
    expect(made.find(name(flow), 900)).toEqual(places);
  }
  expect(await look(index, name(2))).toBeUndefined();
  expect(made.find(name(2), 900)).toBeUndefined();
});

test('a journal is written in parts and read again, wherever it was torn', async () => {
  const made = journal();
  const parts: Uint8Array[] = [];
  for (let packet = 0; packet < 200; packet++) {
    made.add(packet % 20, true, 24 + packet * 80, name);
    if (packet % 30 === 0) parts.push(made.take());
  }
  parts.push(made.take());
  expect(made.take()).toHaveLength(0);
  const bytes = Buffer.concat(parts);
  const again = FlowJournal.read(bytes)!;
  expect(again).toMatchObject({ linkType: 1, beganAt: 1_700_000_000.5, flows: 20, entries: 200 });
  expect(again.index(facts())).toEqual(made.index(facts()));
  for (let length = 0; length < bytes.length; length++) {
    const torn = FlowJournal.read(bytes.subarray(0, length));
    expect(torn !== undefined).toBe(length >= journalHeadBytes);
    expect(torn?.entries ?? 0).toBeLessThanOrEqual(length / 8);
  }
});

test('damaged indexes and journals neither throw nor hang, and answer nothing beyond themselves', async () => {
  const made = journal();
  for (let packet = 0; packet < 400; packet++) made.add(packet % 40, true, 24 + packet * 80, name);
  const index = made.index(facts());
  const lines = made.take();
  // A generator of its own, so that a failure can be repeated.
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let round = 0; round < 2_000; round++) {
    const hurt = index.slice(0, round % 3 === 0 ? random(index.length) : index.length);
    for (let i = 0; i < 1 + random(8) && hurt.length > 0; i++) {
      // The head and the buckets more often than the rest.
      hurt[random(random(2) === 0 ? Math.min(indexHeadBytes + 256, hurt.length) : hurt.length)] = random(256);
    }
    const places = await look(hurt, name(random(50)));
    expect(places?.offsets.length ?? 0).toBeLessThanOrEqual(400);
    const torn = lines.slice();
    torn[random(torn.length)] = random(256);
    expect(FlowJournal.read(torn)?.entries ?? 0).toBeLessThanOrEqual(lines.length / 8);
  }
});

test('an index whose buckets are all taken ends its search', async () => {
  const made = journal();
  made.add(1, true, 100, name);
  made.add(2, true, 200, name);
  const index = made.index(facts());
  const { buckets } = readIndexHead(index, index.length)!;
  const view = new DataView(index.buffer);
  for (let bucket = 0; bucket < buckets; bucket++) view.setUint32(indexHeadBytes + bucket * 4, 1, true);
  expect(await look(index, name(99))).toBeUndefined();
});
