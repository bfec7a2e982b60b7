/** Packets of single flows on the disk: whose they are, what a crash leaves, what a full disk says. */

import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { limits } from './limits.ts';
import { openPacketFiles } from './packet-files.ts';

const root = mkdtempSync(join(tmpdir(), 'forewarn-packets-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const dir = join(root, 'packets');
const [one, two] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const;
const path = (id: string): string => join(dir, `${id}.pcap`);

test('a capture is its owner’s alone, is found again after a start, and goes', async () => {
  const files = openPacketFiles(dir);
  await files.put(one, Buffer.from('first'));
  await files.put(two, Buffer.from('the second'));
  expect([statSync(dir).mode & 0o777, statSync(path(one)).mode & 0o777]).toEqual([0o700, 0o600]);
  // What a process that was killed was writing, and what is no capture of ours.
  writeFileSync(`${path(one)}.part`, 'half');
  writeFileSync(join(dir, 'note.txt'), 'x');
  const again = openPacketFiles(dir);
  expect(readdirSync(dir).toSorted()).toEqual([`${one}.pcap`, `${two}.pcap`]);
  expect([again.bytes, again.ids.toSorted()]).toEqual([15, [one, two]]);
  expect((await again.read(two))?.toString()).toBe('the second');
  await again.remove(one);
  expect([again.bytes, existsSync(path(one)), await again.read(one)]).toEqual([10, false, undefined]);
});

test('an id that is none reaches no file', async () => {
  const files = openPacketFiles(dir);
  for (const id of ['../keys', '', 'x'.repeat(36), `${one}/..`]) await expect(files.read(id)).rejects.toThrow('is not the id');
});

test('a disk without room takes nothing, and says so', async () => {
  const files = openPacketFiles(dir, () => limits.freeBytesMin.value + 5);
  await expect(files.put(one, Buffer.from('123456'))).rejects.toMatchObject({ code: 'store.disk.full' });
  expect(readdirSync(dir)).toEqual([`${two}.pcap`]);
});
