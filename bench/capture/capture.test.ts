import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngine } from '@forewarn/sense/engine';
import { protocols } from '@forewarn/sense/protocols/index';
import { builtPackets } from '@forewarn/sense/testing/mutations';
import { pcap } from '@forewarn/sense/testing/packets';
import { remap } from './addresses.ts';
import { type Made, measure, writeCapture } from './capture.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'forewarn-capture-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, megabytes: number, seed: number): Made =>
  writeCapture('small', megabytes, seed, join(folder, name), folder);

/** Records by log, oddities by name, and the account, with all checksums verified. */
function read(capture: Uint8Array) {
  const logs: { [log: string]: number } = {};
  const uids = new Set<unknown>();
  const pairs = new Set<unknown>();
  const engine = createEngine({
    protocols,
    checksums: 'verify',
    sink: {
      record: (log, record) => {
        logs[log] = (logs[log] ?? 0) + 1;
        if (log === 'conn') {
          uids.add(record['uid']);
          pairs.add(`${String(record['id.orig_h'])} ${String(record['id.resp_h'])}`);
        }
      },
    },
  });
  engine.push(capture);
  return { account: engine.end(), logs, uids, pairs };
}

describe('a capture of small packets', () => {
  test('is the same for everyone, and another with another seed', () => {
    const one = write('one.pcap', 2, 1);
    expect(one.sha256).toBe('5843cec7f0781e86e9ea0522465cf1ec2006be0540ec33230192f8c2b791e567');
    expect(write('again.pcap', 2, 1).sha256).toBe(one.sha256);
    expect(write('other.pcap', 2, 2).sha256).not.toBe(one.sha256);
  });

  test('has the length that was asked for, and DNS, HTTP and TLS with nothing odd about them', () => {
    const { path, bytes, packets } = write('three.pcap', 3, 1);
    const file = readFileSync(path);
    expect(file.length).toBe(bytes);
    expect(bytes).toBeGreaterThan(2_990_000);
    expect(bytes).toBeLessThanOrEqual(3_000_000);
    const { account, logs } = read(file);
    expect(account.packets).toBe(packets);
    expect(measure(path)).toEqual({ packets, bytes });
    expect(account.oddities).toEqual({});
    for (const log of ['dns', 'http', 'ssl']) expect(logs[log]).toBeGreaterThan(500);
  });

  test('brings its flows anew in every pass', () => {
    const { path, passes } = write('passes.pcap', 7, 1);
    expect(passes).toBeGreaterThan(1);
    const { account, uids, pairs } = read(readFileSync(path));
    expect(uids.size).toBe(account.flows);
    expect(account.oddities).toEqual({});
    // The clients of the second pass are others.
    expect(pairs.size).toBeGreaterThan(10_000);
  });
});

describe('other addresses', () => {
  const { dns, http, tls, fragments, rest } = builtPackets();
  const changed = [...dns, ...http, ...tls, ...fragments, ...rest].map((packet) => {
    const bytes = packet.bytes.slice();
    remap(bytes, 0x5aa5);
    return { ...packet, bytes };
  });

  test('leave every checksum right, in both versions of IP, under tags and in pieces', () => {
    const before = read(pcap([...dns, ...http, ...tls, ...fragments]));
    const after = read(pcap(changed.slice(0, dns.length + http.length + tls.length + fragments.length)));
    expect(after.account).toEqual(before.account);
    expect(after.logs).toEqual(before.logs);
    expect([...after.pairs].some((pair) => before.pairs.has(pair))).toBe(false);
  });

  test('change nothing that is no host', () => {
    for (const to of [
      [224, 0, 0, 251],
      [255, 255, 255, 255],
      [127, 0, 0, 1],
      [0, 0, 0, 0],
    ]) {
      const frame = dns[0]!.bytes.slice();
      frame.set(to, 30);
      remap(frame, 0xffff);
      expect([...frame.subarray(30, 34)]).toEqual(to);
      expect([...frame.subarray(26, 30)]).toEqual([10, 255, 255, 1]);
    }
  });

  test('read nothing beyond a frame, however it is cut', () => {
    for (const { bytes } of [...dns, ...tls, ...fragments, ...rest]) {
      for (let length = 0; length <= Math.min(bytes.length, 120); length++) {
        const room = new Uint8Array(length + 16).fill(0x77);
        room.set(bytes.subarray(0, length));
        remap(room.subarray(0, length), 0x1234);
        expect([...room.subarray(length)].every((byte) => byte === 0x77)).toBe(true);
      }
    }
  });
});
