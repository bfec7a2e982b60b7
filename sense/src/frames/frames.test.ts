import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { concat, ethernet, udp, type Timed } from '../testing/packets.ts';
import { Packet } from '../packet.ts';
import { defaultLimits } from '../limits.ts';
import { OddityLog } from '../oddity-log.ts';
import type { FrameProtocol } from './frame.ts';
import { FrameReaders } from './readers.ts';
import { Heard, Streams } from './streams.ts';
import { readCase, readFrames } from './trial.ts';

const t0 = 1_700_000_000;
const [first, second] = readCase(readFileSync(join(import.meta.dirname, 'goose/cases/a-trip/bytes.txt'), 'utf8')) as [
  Timed,
  Timed,
];
/** The message behind address, tag and EtherType. */
const body = first.bytes.subarray(18);

/** The message as if another control block sent it: the last three characters of its reference. */
function other(n: number): Uint8Array {
  const bytes = first.bytes.slice();
  const name = Buffer.from(n.toString(36).padStart(4, '0'));
  bytes.set(name, bytes.indexOf(0x24, 30) + 4);
  return bytes;
}

describe('what carries a frame', () => {
  test('any number of VLAN tags; the outer one is written', () => {
    const bytes = ethernet(body, { type: 0x88b8, tags: [7, 8] });
    expect(readFrames([{ ts: t0, bytes }])[0]).toMatchObject({ event: 'begin', vlan: 7 });
    expect(readFrames([{ ts: t0, bytes: ethernet(body, { type: 0x88b8 }) }])[0]).not.toHaveProperty('vlan');
  });
  test('a capture without Ethernet frames: no hardware addresses', () => {
    const cooked = concat(Uint8Array.from([0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x88, 0xb8]), body);
    const [record] = readFrames([{ ts: t0, bytes: cooked }], {}, 113);
    expect(record).toMatchObject({ event: 'begin', st_num: 7 });
    expect(record).not.toHaveProperty('mac_src');
  });
  test('a frame in a tunnel, with the addresses of the inner frame', () => {
    const vxlan = concat(Uint8Array.from([8, 0, 0, 0, 0, 0, 1, 0]), first.bytes);
    const bytes = ethernet(udp({ from: '192.0.2.1', to: '192.0.2.2' }, { source: 40_000, destination: 4789 }, vxlan));
    expect(readFrames([{ ts: t0, bytes }]).find(({ log }) => log === 'goose')).toMatchObject({
      mac_src: '00:00:5e:00:53:01',
      vlan: 10,
    });
  });
});

test('what nobody reads is counted and costs no reader', () => {
  expect(readFrames([{ ts: t0, bytes: ethernet(body, { type: 0x1234 }) }])).toEqual([]);
});

test('a flood is written up to its ceiling, and remembered up to another', () => {
  const flood = Array.from({ length: 6_000 }, (_, i) => ({ ts: t0 + 1e-5 * i, bytes: other(i) }));
  const written = readFrames(flood);
  expect(written.filter(({ log }) => log === 'goose').length).toBe(defaultLimits.frameRecordsPerSecondMax);
  expect(written.filter(({ name }) => name === 'frame_flood')).toMatchObject([{ addl: 'goose', source: 'GOOSE' }]);
});

test('captures that go back in time go on', () => {
  const list = [first, { ...second, ts: t0 - 1_000 }, { ...second, ts: t0 + 1 }];
  expect(readFrames(list).map(({ event }) => event)).toContain('end');
});

test('a reader that throws is a fault that is counted, and the next frame is read', () => {
  const faults: string[] = [];
  let frames = 0;
  const broken: FrameProtocol = {
    name: 'goose',
    source: 'GOOSE',
    logs: [],
    open: () => ({
      frame: () => {
        if (++frames === 1) throw new Error('first');
      },
    }),
  };
  const readers = new FrameReaders([broken], {
    limits: defaultLimits,
    oddities: new OddityLog(defaultLimits, () => {}),
    record: () => {},
    fault: (name) => void faults.push(name),
  });
  const packet = new Packet();
  packet.word = 'goose';
  readers.frame(packet, -1);
  readers.frame(packet, -1);
  readers.end(t0);
  expect(faults).toEqual(['goose']);
  expect(frames).toBe(2);
});

describe('what is remembered', () => {
  test('of streams: the one heard longest ago makes room, the silent ones end', () => {
    const over: string[] = [];
    const streams = new Streams<{ name: string; last: number; silentAfter: number }>(2, ({ name }, silent) => {
      over.push(`${name} ${silent}`);
    });
    for (const name of ['a', 'b']) streams.add(name, { name, last: 0, silentAfter: 10 });
    expect(streams.heard('a', 1)).toBeDefined();
    streams.add('c', { name: 'c', last: 1, silentAfter: 2 });
    streams.advance(4);
    expect(streams.heard('a', 20)).toBeUndefined();
    streams.add('d', { name: 'd', last: 20, silentAfter: 2 });
    streams.end();
    expect(over).toEqual(['b false', 'c true', 'a true', 'd false']);
  });
  test('of messages: new after a quiet while, or when it was forgotten', () => {
    const heard = new Heard(2, 300);
    expect([heard.isNew('a', 0), heard.isNew('a', 300), heard.isNew('a', 301)]).toEqual([true, false, true]);
    expect([heard.isNew('b', 302), heard.isNew('c', 302), heard.isNew('a', 303)]).toEqual([true, true, true]);
  });
});
