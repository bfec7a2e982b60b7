import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { parseAddress } from '@forewarn/base/ip';
import { dissect } from './dissect.ts';
import { arpFrame, echoFrame, neighbourFrame, sum16, tcpFrame, udpFrame } from './frame.ts';

const mac = (last: number) => Uint8Array.of(2, 0, 0, 0, 0, last);
const ends = (six: boolean) => ({
  from: { mac: mac(1), ip: parseAddress(six ? 'fd20::1' : '10.0.0.1')! },
  to: { mac: mac(2), ip: parseAddress(six ? 'fd20::2' : '10.0.0.2')! },
});

test('the sum of RFC 1071 §3', () => {
  const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  expect(sum16(bytes, 0, 8)).toBe(0xddf2);
});

test('every datagram has right lengths and checksums, odd or even, over IPv4 and IPv6', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_400 }), fc.boolean(), fc.nat(0xffff), (payload, six, identification) => {
      const frame = udpFrame({ ...ends(six), ttl: 64, identification }, { from: 1_024, to: 53 }, payload);
      const read = dissect(frame);
      expect(read).toMatchObject({ kind: 'udp', checksumsHold: true, ports: { from: 1_024, to: 53 } });
      expect(Buffer.compare(read.payload, payload)).toBe(0);
      expect(frame.length).toBeGreaterThanOrEqual(60);
    }),
  );
});

test('a UDP sum of zero is sent as its twin, since zero means none', () => {
  // Found by trying: two bytes bring the sum to 0xffff.
  const envelope = { ...ends(false), ttl: 64, identification: 0 };
  const frames = Array.from({ length: 0x10000 }, (_, word) =>
    udpFrame(envelope, { from: 1, to: 2 }, Uint8Array.of(word >> 8, word & 0xff)),
  );
  const sums = frames.map((frame) => frame[40]! * 256 + frame[41]!);
  expect(sums).not.toContain(0);
  expect(dissect(frames[sums.indexOf(0xffff)]!).checksumsHold).toBe(true);
});

test('every segment has right checksums, with options and without', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 1_460 }),
      fc.boolean(),
      fc.nat(10),
      fc.nat(0xffff_ffff),
      (payload, six, words, sequence) => {
        const frame = tcpFrame(
          { ...ends(six), ttl: 128, identification: 7 },
          {
            ports: { from: 50_000, to: 443 },
            sequence,
            acknowledgement: 1,
            flags: 0x18,
            window: 1_000,
            options: new Uint8Array(words * 4).fill(1),
            payloadBytes: payload.length,
            payload: (into, at) => into.set(payload, at),
          },
        );
        const read = dissect(frame);
        expect(read).toMatchObject({ checksumsHold: true, ttl: 128, tcp: { sequence, flags: 0x18 } });
        expect(Buffer.compare(read.payload, payload)).toBe(0);
      },
    ),
  );
});

test('echo, ARP and neighbour discovery', () => {
  for (const six of [false, true]) {
    const envelope = { ...ends(six), ttl: 64, identification: 1 };
    const echo = dissect(echoFrame(envelope, { reply: false, identifier: 1, sequence: 2, data: new Uint8Array(56) }));
    expect(echo).toMatchObject({ kind: six ? 'icmp6' : 'icmp', checksumsHold: true });
    expect(echo.payload[0]).toBe(six ? 128 : 8);
  }
  const { from, to } = ends(true);
  expect(dissect(neighbourFrame(from, to, false))).toMatchObject({ to: 'ff02::1:ff00:2', ttl: 255, checksumsHold: true });
  expect(dissect(neighbourFrame(to, from, true))).toMatchObject({
    from: 'fd20::2',
    to: 'fd20::1',
    ttl: 255,
    checksumsHold: true,
  });
  const four = ends(false);
  const asked = arpFrame(four.from, four.to, false);
  expect([...asked.subarray(0, 6)]).toEqual([255, 255, 255, 255, 255, 255]);
  expect(dissect(asked)).toMatchObject({ kind: 'arp', from: '10.0.0.1', to: '10.0.0.2' });
});
