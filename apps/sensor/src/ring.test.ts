/** The ring against the engine, real files, and a disk that ends. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { readCapture } from '@forewarn/sense/read';
import type { Engine } from '@forewarn/sense/engine';
import { conversation, ethernet, ip, pcap, pcapng, udp, type Timed } from '@forewarn/sense/testing/packets';
import type { FoundPackets } from './ring-find.ts';
import { openRing, type Ring, type RingOptions } from './ring.ts';

let root = '';
let now = 1_700_000_000;
let rings: Ring[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'forewarn-ring-'));
  now = 1_700_000_000;
  rings = [];
});
afterEach(async () => {
  for (const ring of rings) await ring.close();
  rmSync(root, { recursive: true, force: true });
});

const directory = () => join(root, 'packets');
const hours = 24;
async function open(more: Partial<RingOptions> = {}): Promise<Ring> {
  const ring = await openRing({
    directory: directory(),
    clock: { now: () => now },
    keepHours: hours,
    keepBytes: 1e9,
    segmentBytes: 20_000,
    ...more,
  });
  rings.push(ring);
  return ring;
}

/** Reads the capture as a sensor does, into the ring; answers the flows' records. */
async function read(ring: Ring, capture: Uint8Array, { seed = 'one', chunkBytes = 5_000, between = async () => {} } = {}) {
  let engine: Pick<Engine, 'uidOf'> | undefined;
  const flows: AnyRecord[] = [];
  async function* chunks() {
    for (let at = 0; at < capture.length; at += chunkBytes) {
      yield capture.subarray(at, at + chunkBytes);
      await between();
    }
  }
  await readCapture(chunks(), {
    sink: { record: (log, record) => void (log === 'conn' && flows.push(record)) },
    uidSeed: seed,
    trace: ring.reading((flow) => engine!.uidOf(flow)),
    opened: (opened) => {
      engine = opened;
    },
  });
  return flows;
}

const talk = (port: number, { ts = 1_700_000_000, turns = 3, bytes = 100 } = {}): Timed[] =>
  conversation(
    { from: '10.1.0.5', to: '10.2.0.9' },
    { source: port, destination: 7 },
    Array.from({ length: turns }, (_, turn) => ({
      from: turn % 2 === 0 ? ('client' as const) : ('server' as const),
      payload: new Uint8Array(bytes).fill(port & 255),
    })),
    { ts, step: 0.001 },
  );
const spanOf = (flow: AnyRecord) => ({
  uid: flow['uid'] as string,
  from: (flow['ts'] as number) - 60,
  to: (flow['ts'] as number) + ((flow['duration'] as number | undefined) ?? 0) + 60,
});
const packetsOf = (flow: AnyRecord) => (flow['orig_pkts'] as number) + (flow['resp_pkts'] as number);
const portOf = (flow: AnyRecord) => flow['id.orig_p'] as number;

/** What the engine makes of an answer: one flow, as the record of it says. */
async function readAgain(found: FoundPackets): Promise<AnyRecord[]> {
  if (found.kind !== 'packets') throw new Error(`nothing was found: ${found.reason} ${found.detail}`);
  const flows: AnyRecord[] = [];
  await readCapture(found.pcap, { sink: { record: (log, record) => void (log === 'conn' && flows.push(record)) } });
  return flows;
}
const withoutUid = (flow: AnyRecord): AnyRecord => ({ ...flow, uid: '' });
/** The capture with nanoseconds instead of microseconds. */
function nano(capture: Uint8Array): Buffer {
  const bytes = Buffer.from(capture);
  bytes.writeUInt32LE(0xa1b23c4d, 0);
  for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) {
    bytes.writeUInt32LE(bytes.readUInt32LE(at + 4) * 1000, at + 4);
  }
  return bytes;
}
const filesOf = (ending: string): string[] =>
  readdirSync(directory())
    .filter((name) => name.endsWith(ending))
    .sort();

/** As a sensor's clock does, and the disk with it. */
async function seconds(ring: Ring, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    now++;
    ring.tick();
    await ring.find({ uid: '', from: 0, to: 0 });
  }
}

test('each flow’s packets are those of its record, over many segments, at once and after a restart', async () => {
  const ring = await open();
  const flows = await read(ring, pcap(Array.from({ length: 300 }, (_, i) => talk(2_000 + i, { ts: now + i })).flat()));
  expect(flows).toHaveLength(300);
  const check = async (of: Ring): Promise<void> => {
    for (const flow of flows) {
      const found = await of.find(spanOf(flow));
      expect(found).toMatchObject({ kind: 'packets', packets: packetsOf(flow), part: [] });
      expect((await readAgain(found)).map(withoutUid)).toEqual([withoutUid(flow)]);
    }
  };
  await check(ring);
  await ring.close();
  expect(filesOf('.pcap').length).toBeGreaterThan(5);
  expect(filesOf('.index')).toHaveLength(filesOf('.pcap').length);
  expect(filesOf('.flows')).toEqual([]);
  const again = await open();
  expect(again.standing).toEqual({ ...ring.standing, bytes: expect.closeTo(ring.standing.bytes, -5) });
  await check(again);
});

test('a file that is read again has each packet once', async () => {
  const capture = pcap(Array.from({ length: 60 }, (_, i) => talk(2_000 + (i % 30), { ts: now + i })).flat());
  const ring = await open({ segmentBytes: 18_000 });
  // The first time it was not read to its end, as when there is no room in the spool.
  await read(ring, capture.subarray(0, capture.length >> 1));
  const flows = await read(ring, capture);
  const check = async (of: Ring): Promise<void> => {
    for (const flow of flows) expect(await of.find(spanOf(flow))).toMatchObject({ packets: packetsOf(flow), part: [] });
  };
  await check(ring);
  await ring.close();
  const again = await open({ segmentBytes: 18_000 });
  await read(again, capture);
  await check(again);
});

test('a segment is a capture as it is, with the packets’ times to the digit', async () => {
  const packets = Array.from({ length: 40 }, (_, i) => talk(2_000 + i, { ts: now + i * 0.123457 })).flat();
  const ring = await open({ segmentBytes: 1e6 });
  await read(ring, pcap(packets));
  await ring.close();
  const [name] = filesOf('.pcap');
  expect(name).toMatch(/^000000000001-20231114T221320Z\.pcap$/);
  expect(readFileSync(join(directory(), name!)).equals(nano(pcap(packets)))).toBe(true);
  for (const file of readdirSync(directory())) expect(statSync(join(directory(), file)).mode & 0o777).toBe(0o600);
  expect(statSync(directory()).mode & 0o777).toBe(0o700);
});

test('a datagram in pieces that come in two segments is found with all of its pieces', async () => {
  const ends = { from: '10.1.0.5', to: '10.2.0.9' };
  const datagram = udp(ends, { source: 9, destination: 9 }, new Uint8Array(120).fill(7)).subarray(20);
  const piece = (offset: number, more: boolean) =>
    ethernet(ip(ends, 17, datagram.subarray(offset * 8, more ? offset * 8 + 64 : undefined), { fragment: { offset, more } }));
  const filler = Array.from({ length: 30 }, (_, i) => talk(3_000 + i, { ts: now + 1 })).flat();
  const ring = await open();
  const capture = pcap([{ ts: now, bytes: piece(0, true) }, ...filler, { ts: now + 2, bytes: piece(8, false) }]);
  const flow = (await read(ring, capture)).find((one) => portOf(one) === 9)!;
  const found = await ring.find(spanOf(flow));
  expect(filesOf('.pcap').length).toBeGreaterThan(1);
  expect(found).toMatchObject({ packets: 2, part: [] });
  expect((await readAgain(found)).map(withoutUid)).toEqual([withoutUid(flow)]);
});

test('what rides in a tunnel is found by the inner flow and by the outer one', async () => {
  const inner = ip(
    { from: '192.168.1.1', to: '192.168.2.2' },
    17,
    udp({ from: '192.168.1.1', to: '192.168.2.2' }, { source: 5, destination: 6 }, new Uint8Array(9)).subarray(20),
  );
  const bytes = ethernet(ip({ from: '10.0.0.1', to: '10.0.0.2' }, 4, inner));
  const ring = await open();
  const flows = await read(
    ring,
    pcap([
      { ts: now, bytes },
      { ts: now + 1, bytes },
    ]),
  );
  expect(flows).toHaveLength(2);
  for (const flow of flows) expect(await ring.find(spanOf(flow))).toMatchObject({ kind: 'packets', packets: 2, part: [] });
});

test('the oldest leave when the bytes are over; their flows are answered as such, and one that is cut says so', async () => {
  const ring = await open({ keepBytes: 100_000 });
  const long = talk(1_999, { turns: 400, bytes: 10 }).map((packet, i) => ({ ...packet, ts: now + i / 4 }));
  const others = Array.from({ length: 200 }, (_, i) => talk(2_000 + i, { ts: now + i })).flat();
  const packets = [...long, ...others].sort((a, b) => a.ts - b.ts);
  const flows = await read(ring, pcap(packets), { between: () => seconds(ring, 1) });
  await seconds(ring, 4);
  expect(ring.standing.bytes).toBeLessThanOrEqual(100_000);
  expect(ring.standing.bytes).toBeGreaterThan(50_000);
  const bytes = readdirSync(directory()).reduce((sum, name) => sum + statSync(join(directory(), name)).size, 0);
  expect(bytes).toBeLessThan(110_000);
  const first = flows.find((flow) => portOf(flow) === 2_000)!;
  const last = flows.find((flow) => portOf(flow) === 2_199)!;
  expect(await ring.find(spanOf(first))).toEqual({ kind: 'none', reason: 'expired', detail: '' });
  expect(await ring.find(spanOf(last))).toMatchObject({ kind: 'packets', part: [] });
  const cut = await ring.find(spanOf(flows.find((flow) => portOf(flow) === 1_999)!));
  expect(cut).toMatchObject({ kind: 'packets', part: ['expired'] });
  // A restart remembers what left.
  await ring.close();
  expect(await (await open({ keepBytes: 100_000 })).find(spanOf(first))).toMatchObject({ reason: 'expired' });
});

test('nothing is older than the hours; a policy of fewer counts at once', async () => {
  const ring = await open();
  const [old] = await read(ring, pcap(talk(2_000)));
  await seconds(ring, 301);
  now += 3 * 3600;
  const [young] = await read(ring, pcap(talk(2_001, { ts: now })), { seed: 'two' });
  await seconds(ring, 1);
  expect(await ring.find(spanOf(old!))).toMatchObject({ kind: 'packets' });
  ring.follow({ keepHours: 3, keepBytes: 1e9 });
  expect(await ring.find(spanOf(old!))).toMatchObject({ kind: 'none', reason: 'expired' });
  expect(await ring.find(spanOf(young!))).toMatchObject({ kind: 'packets' });
  now += 4 * 3600;
  await seconds(ring, 10);
  expect(ring.standing).toMatchObject({ from: null, to: null, packets: 0 });
  expect(filesOf('.pcap')).toEqual([]);
});

test('why there is nothing: before the ring, no such flow', async () => {
  const ring = await open();
  await read(ring, pcap(talk(2_000)));
  expect(await ring.find({ uid: 'Cnone', from: now - 500, to: now - 400 })).toMatchObject({ reason: 'before-ring' });
  expect(await ring.find({ uid: 'Cnone', from: now - 10, to: now + 10 })).toMatchObject({ reason: 'unknown-flow' });
});

test('a cut by the snap length is said; so is an answer that is too long, of which the beginning is there', async () => {
  const ring = await open({ segmentBytes: 64e6 });
  const cut = talk(2_000).map((packet) => ({ ...packet, wire: packet.bytes.length + 5 }));
  const [flow] = await read(ring, pcap(cut));
  expect(await ring.find(spanOf(flow!))).toMatchObject({ part: ['snap-length'] });
  const large = talk(2_001, { turns: 6_000, bytes: 9_000 });
  const [second] = await read(ring, pcap(large), {
    seed: 'two',
    chunkBytes: 1 << 20,
    between: () => ring.room(new AbortController().signal),
  });
  const found = await ring.find(spanOf(second!));
  expect(found).toMatchObject({ kind: 'packets', part: ['cut'] });
  const { pcap: parts, packets } = found as FoundPackets & { kind: 'packets' };
  const bytes = Buffer.concat(parts);
  expect(bytes.length).toBeLessThanOrEqual(50_000_000);
  expect(bytes.length).toBeGreaterThan(49_900_000);
  expect(bytes.equals(nano(pcap(large.slice(0, packets))))).toBe(true);
});

test('link types have segments of their own; one that changes them all the time is not followed', async () => {
  const packets = Array.from({ length: 60 }, (_, i) => ({
    ts: now + i,
    bytes: ethernet(udp({ from: '10.0.0.1', to: '10.0.0.2' }, { source: 4_000 + i, destination: 9 }, new Uint8Array(5))),
    face: i % 6,
  }));
  const ring = await open();
  const flows = await read(ring, pcapng(packets, { linkTypes: [1, 113, 101, 12, 276, 228] }));
  expect(ring.standing).toMatchObject({ packets: 40, dropped: 20 });
  expect(filesOf('.pcap').length).toBeLessThanOrEqual(4);
  const found = await ring.find(spanOf(flows.find((flow) => portOf(flow) === 4_000)!));
  expect(found).toMatchObject({ packets: 1, part: ['dropped'] });
  await ring.close();
  expect(filesOf('.pcap')).toHaveLength(4);
});

test('what a killed sensor left is mended: torn packets are cut, the index is made, the rest is as it was', async () => {
  const ring = await open({ segmentBytes: 1e6 });
  const flows = await read(ring, pcap(Array.from({ length: 50 }, (_, i) => talk(2_000 + i, { ts: now + i })).flat()));
  await seconds(ring, 1);
  const [file] = filesOf('.pcap');
  const path = join(directory(), file!);
  const before = readFileSync(path);
  // As the kernel had it at the kill: half of a packet, half of a line of the journal.
  const left = join(root, 'left');
  mkdirSync(left);
  for (const name of readdirSync(directory())) writeFileSync(join(left, name), readFileSync(join(directory(), name)));
  truncateSync(join(left, file!), before.length - 31);
  appendFileSync(join(left, file!.replace('pcap', 'flows')), Uint8Array.of(1, 2, 3));
  const mended = await open({ directory: left });
  expect(existsSync(join(left, file!.replace('pcap', 'flows')))).toBe(false);
  expect(mended.standing.packets).toBe(ring.standing.packets - 1);
  const sizes = statSync(join(left, file!)).size;
  expect(before.subarray(0, sizes).equals(readFileSync(join(left, file!)))).toBe(true);
  const narrow = (flow: AnyRecord) => ({ ...spanOf(flow), to: (flow['ts'] as number) + 1 });
  for (const flow of flows.slice(0, -3)) {
    expect(await mended.find(narrow(flow))).toMatchObject({ packets: packetsOf(flow), part: [] });
  }
  const last = flows.at(-1)!;
  expect(await mended.find(narrow(last))).toMatchObject({ packets: packetsOf(last) - 1, part: ['dropped'] });
  // The new one goes on beside it.
  const [more] = await read(mended, pcap(talk(5_000, { ts: now })), { seed: 'two' });
  expect(await mended.find(spanOf(more!))).toMatchObject({ kind: 'packets' });
});

test('what else may lie in the folder does no harm', async () => {
  mkdirSync(directory());
  const name = (place: number, ending: string) =>
    join(directory(), `${String(place).padStart(12, '0')}-20260101T000000Z.${ending}`);
  writeFileSync(name(1, 'pcap'), 'no capture at all, but long enough to have a head');
  writeFileSync(name(2, 'pcap'), pcap(talk(2_000), { nano: true }));
  writeFileSync(name(2, 'index'), 'no index');
  writeFileSync(name(3, 'index'), 'of nothing');
  writeFileSync(name(4, 'pcap'), '');
  writeFileSync(join(directory(), 'ring.json'), '{"beganAt":');
  writeFileSync(join(directory(), 'notes.txt'), 'mine');
  const ring = await open();
  expect(ring.standing.packets).toBe(talk(2_000).length);
  expect(filesOf('.pcap')).toHaveLength(1);
  expect(readFileSync(join(directory(), 'notes.txt'), 'utf8')).toBe('mine');
  expect(await ring.find({ uid: 'Cnone', from: 0, to: 2e9 })).toMatchObject({ reason: 'unknown-flow' });
});

test('a file that goes, or is spoiled, while it is asked for is an answer', async () => {
  const ring = await open();
  const flows = await read(ring, pcap(Array.from({ length: 200 }, (_, i) => talk(2_000 + i, { ts: now + i })).flat()));
  await ring.close();
  const again = await open();
  const [first, second] = filesOf('.pcap');
  rmSync(join(directory(), first!));
  writeFileSync(join(directory(), second!), Buffer.alloc(statSync(join(directory(), second!)).size, 255));
  const answers = await Promise.all(flows.map((flow) => again.find(spanOf(flow))));
  expect(answers[0]).toMatchObject({ kind: 'none' });
  expect(answers.at(-1)).toMatchObject({ kind: 'packets' });
});

test('a disk that is too slow loses packets, which are counted and told; one that can wait, waits', async () => {
  const large = pcap(Array.from({ length: 60 }, (_, i) => talk(2_000 + i, { turns: 100, bytes: 9_000, ts: now + i })).flat());
  const ring = await open({ segmentBytes: 64e6 });
  // All of it at once: the disk has not had a moment.
  const flows = await read(ring, large, { chunkBytes: large.length });
  const { packets, dropped } = ring.standing;
  expect(dropped).toBeGreaterThan(0);
  expect(packets + dropped).toBe(flows.reduce((sum, flow) => sum + packetsOf(flow), 0));
  expect(ring.trouble).toMatch(/slower/);
  expect(await ring.find(spanOf(flows.at(-1)!))).toMatchObject({ kind: 'none' });
  expect(await ring.find(spanOf(flows[0]!))).toMatchObject({ packets: packetsOf(flows[0]!), part: [] });
  const answers = await Promise.all(flows.map((flow) => ring.find(spanOf(flow))));
  const cut = answers.filter((answer) => answer.kind === 'packets' && answer.part.includes('dropped'));
  expect(cut).toHaveLength(1);
  await seconds(ring, 12);
  expect(ring.trouble).toBeUndefined();
  const patient = await open({ directory: join(root, 'patient'), segmentBytes: 64e6 });
  const never = new AbortController().signal;
  await read(patient, large, { chunkBytes: 1 << 20, between: () => patient.room(never) });
  expect(patient.standing.dropped).toBe(0);
});

test('the disk’s last bytes are the spool’s: the ring gives way', async () => {
  let reserve = 0;
  const ring = await open({ reserveBytes: () => reserve });
  const flows = await read(ring, pcap(Array.from({ length: 200 }, (_, i) => talk(2_000 + i, { ts: now + i })).flat()));
  await seconds(ring, 12);
  expect(ring.trouble).toBeUndefined();
  reserve = Number.MAX_SAFE_INTEGER;
  await seconds(ring, 24);
  expect(ring.trouble).toMatch(/no room/);
  expect(ring.standing.packets).toBe(0);
  await read(ring, pcap(talk(9_000, { ts: now })), { seed: 'two' });
  expect(ring.standing).toMatchObject({ packets: 0, dropped: talk(9_000).length });
  reserve = 0;
  await seconds(ring, 24);
  const [flow] = await read(ring, pcap(talk(9_001, { ts: now })), { seed: 'three' });
  expect(await ring.find(spanOf(flow!))).toMatchObject({ kind: 'packets' });
  expect(await ring.find(spanOf(flows[0]!))).toMatchObject({ reason: 'expired' });
});

const small = (() => {
  const place = mkdtempSync(join(tmpdir(), 'forewarn-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'none', place], { stdio: 'ignore' });
    execFileSync('umount', [place]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
})();
if (!small) console.warn('not run: only root can mount a small disk');

test.skipIf(!small)('a disk that is full: the oldest give way, nothing throws, what is lost is counted and told', async () => {
  mkdirSync(directory());
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'none', directory()]);
  try {
    const ring = await open();
    const flows = await read(ring, pcap(Array.from({ length: 1_500 }, (_, i) => talk(2_000 + i, { ts: now + i })).flat()), {
      between: () => seconds(ring, 1),
    });
    await seconds(ring, 20);
    const last = await ring.find(spanOf(flows.at(-1)!));
    expect(last).toMatchObject({ kind: 'packets' });
    expect(await ring.find(spanOf(flows[0]!))).toMatchObject({ reason: 'expired' });
    // Full of other things, of the ring nothing can give way.
    ring.follow({ keepHours: hours, keepBytes: 0 });
    await seconds(ring, 5);
    expect(() => writeFileSync(join(directory(), 'others'), new Uint8Array(1e6))).toThrow(/ENOSPC/);
    ring.follow({ keepHours: hours, keepBytes: 1e9 });
    const before = ring.standing.dropped;
    await read(ring, pcap(Array.from({ length: 600 }, (_, i) => talk(2_000 + i, { ts: now + i })).flat()), {
      seed: 'two',
      between: () => seconds(ring, 1),
    });
    expect(ring.standing.dropped).toBeGreaterThan(before);
    rmSync(join(directory(), 'others'));
    await seconds(ring, 20);
    const [flow] = await read(ring, pcap(talk(9_001, { ts: now })), { seed: 'three' });
    expect(await ring.find(spanOf(flow!))).toMatchObject({ kind: 'packets' });
    await ring.close();
    // The index stays with its segment, whatever the disk did.
    expect(filesOf('.index').map((name) => name.slice(0, 12))).toEqual(filesOf('.pcap').map((name) => name.slice(0, 12)));
  } finally {
    await Promise.all(rings.map((ring) => ring.close()));
    execFileSync('umount', [directory()]);
  }
});

test('killed in the middle of writing, again and again: no packet that was there before is lost, and each is found', async () => {
  const program = join(root, 'writer.ts');
  const at = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  writeFileSync(
    program,
    `import { openRing } from ${at('ring.ts')};
     import { readCapture } from ${at('../../../sense/src/read.ts')};
     import { conversation, pcap } from ${at('../../../sense/src/testing/packets.ts')};
     const [directory, seed] = process.argv.slice(2);
     const ring = await openRing({ directory, clock: { now: () => Date.now() / 1000 }, keepHours: 1, keepBytes: 1e9, segmentBytes: 200_000 });
     let engine;
     let made = 0;
     const flows = [];
     async function* chunks() {
       yield pcap([]);
       for (;;) {
         for (let i = 0; i < 20; i++, made++) {
           const turns = [{ from: 'client', payload: new Uint8Array(300).fill(made & 255) }];
           yield pcap(conversation({ from: '10.1.0.5', to: '10.2.0.9' }, { source: 1024 + made % 60000, destination: 7 }, turns, { ts: Date.now() / 1000 })).subarray(24);
         }
         engine.advance(Date.now() / 1000 + 10_000);
         ring.tick();
         // What is on the disk for sure is said, flow by flow.
         await ring.find({ uid: '', from: 0, to: 0 });
         for (const { uid, ts, packets } of flows.splice(0)) process.stdout.write(JSON.stringify({ uid, ts, packets }) + '\\n');
       }
     }
     await readCapture(chunks(), {
       sink: { record: (log, record) => { if (log === 'conn') flows.push({ uid: record.uid, ts: record.ts, packets: record.orig_pkts + record.resp_pkts }); } },
       uidSeed: seed,
       trace: ring.reading((flow) => engine.uidOf(flow)),
       opened: (opened) => { engine = opened; },
     });`,
  );
  const said: { uid: string; ts: number; packets: number }[] = [];
  for (let round = 0; round < 3; round++) {
    const writer = spawn(process.execPath, [program, directory(), `round-${round}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    writer.stdout.on('data', (text) => (out += text));
    while (out.split('\n').length < 400 && writer.exitCode === null) await sleep(20);
    writer.kill('SIGKILL');
    await once(writer, 'close');
    for (const line of out.split('\n').slice(0, -1).slice(-500)) said.push(JSON.parse(line) as (typeof said)[number]);
  }
  expect(said.length).toBeGreaterThan(1_000);
  now = Date.now() / 1000;
  const ring = await open();
  // Those that were said last before a kill, and some of the others.
  const asked = said.filter((_, index) => index % 20 === 0 || index > said.length - 50);
  for (const { uid, ts, packets } of asked) {
    expect(await ring.find({ uid, from: ts - 1, to: ts + 1 })).toMatchObject({ kind: 'packets', packets });
  }
  for (const file of filesOf('.pcap')) {
    const bytes = readFileSync(join(directory(), file));
    const { stop } = await readCapture([bytes], { sink: { record: () => undefined } });
    expect(stop).toBeUndefined();
  }
}, 120_000);
