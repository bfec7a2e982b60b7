import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createEngine, type EngineOptions } from '../engine.ts';
import { ethernet, pcap, type Timed } from '../testing/packets.ts';

const t0 = 1_700_000_000;

/** An ARP message in a frame; addresses by their last byte. */
function message(op: number, from: number, fromMac: number, target: number, tags: readonly number[] = []): Uint8Array {
  const body = Buffer.alloc(28);
  Buffer.from('0001080006040000', 'hex').copy(body);
  Buffer.from('00005e005300c0000200', 'hex').copy(body, 8);
  Buffer.from('000000000000c0000200', 'hex').copy(body, 18);
  body[7] = op;
  body[13] = fromMac;
  body[17] = from;
  body[27] = target;
  return ethernet(body, { type: 0x0806, tags });
}

function read(
  packets: readonly Timed[],
  options: Partial<EngineOptions> = {},
): { arp: AnyRecord[]; weird: AnyRecord[]; notIp: number } {
  const written: { [log: string]: AnyRecord[] } = { arp: [], weird: [], conn: [] };
  const engine = createEngine({ sink: { record: (log, record) => void written[log]!.push(record) }, ...options });
  engine.push(pcap(packets));
  const { notIp } = engine.end();
  return { arp: written['arp']!, weird: written['weird']!, notIp: notIp['arp'] ?? 0 };
}

test('a request and a reply', () => {
  const { arp, notIp } = read([
    { ts: t0, bytes: message(1, 1, 0xa, 2) },
    { ts: t0 + 1, bytes: message(2, 2, 0xb, 1, [7]) },
  ]);
  expect(arp).toMatchObject([
    { ts: t0, arp_type: 'request', SPA: '192.0.2.1', SHA: '00:00:5e:00:53:0a', TPA: '192.0.2.2', THA: '00:00:00:00:00:00' },
    { arp_type: 'reply', SPA: '192.0.2.2', SHA: '00:00:5e:00:53:0b', TPA: '192.0.2.1' },
  ]);
  expect(arp[0]).toHaveProperty('mac_src');
  expect(notIp).toBe(2);
});

describe('repetitions', () => {
  test('are written again after five quiet minutes only', () => {
    const at = (seconds: number): Timed => ({ ts: t0 + seconds, bytes: message(1, 1, 0xa, 2) });
    expect(read([at(0), at(60), at(300), at(590), at(900)]).arp.map(({ ts }) => ts)).toEqual([t0, t0 + 900]);
  });
  test('of the same address with another hardware address are new', () => {
    const { arp } = read([
      { ts: t0, bytes: message(2, 1, 0xa, 9) },
      { ts: t0 + 1, bytes: message(2, 1, 0xe, 9) },
      { ts: t0 + 2, bytes: message(2, 1, 0xa, 9) },
    ]);
    expect(arp.map(({ SHA }) => SHA)).toEqual(['00:00:5e:00:53:0a', '00:00:5e:00:53:0e']);
  });
});

test('a flood is bounded and told once a second', () => {
  const packets = Array.from({ length: 700 }, (_, i): Timed => ({
    ts: t0 + 0.0001 * i,
    bytes: message(1, i >> 8, 0xa, i & 255),
  }));
  const { arp, weird, notIp } = read(packets);
  expect(arp).toHaveLength(512);
  expect(weird).toMatchObject([{ name: 'ARP_flood' }]);
  expect(notIp).toBe(700);
});

test('what is forgotten is written again', () => {
  const packets = [1, 2, 3, 1].map((target, i): Timed => ({ ts: t0 + i, bytes: message(1, 9, 0xa, target) }));
  expect(read(packets, { limits: { arpMessagesMax: 2 } }).arp).toHaveLength(4);
  expect(read(packets, { limits: { arpMessagesMax: 3 } }).arp).toHaveLength(3);
});

test('short messages are odd, other kinds say nothing, and flows alone have no records of it', () => {
  const whole = message(1, 1, 0xa, 2);
  const { arp, weird } = read([
    { ts: t0, bytes: whole.subarray(0, 40) },
    { ts: t0, bytes: message(8, 1, 0xa, 2) },
  ]);
  expect(arp).toEqual([]);
  expect(weird).toMatchObject([{ name: 'truncated_ARP' }]);
  expect(read([{ ts: t0, bytes: whole }], { flowsOnly: true }).arp).toEqual([]);
});
