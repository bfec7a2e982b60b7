import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import type { Batch } from '@forewarn/model/batch';
import { openSpool } from './spool.ts';

let root = '';
let folder = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'forewarn-spool-'));
  folder = join(root, 'spool');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const batch = (name: string): Batch => ({
  id: createHash('sha256').update(name).digest('hex'),
  source: name,
  logs: { weird: [{ ts: 1, name }] },
});
const sourceOf = ({ bytes }: { bytes: Buffer }): string =>
  (JSON.parse(zstdDecompressSync(bytes).toString('utf8')) as Batch).source;
const files = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json.zst'))
    .toSorted();

function refusalOf(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

test('batches survive reopening, in their order; later ones come after them', () => {
  const first = openSpool(folder);
  first.add(batch('one'));
  first.add(batch('two'));
  first.close();
  const second = openSpool(folder);
  expect(second.waiting).toBe(2);
  expect(second.bytes).toBe(files().reduce((sum, name) => sum + statSync(join(folder, name)).size, 0));
  second.add(batch('three'));
  const seen: string[] = [];
  for (let next = second.oldest(); next; next = second.oldest()) {
    seen.push(sourceOf(next));
    second.remove(next.file);
  }
  expect(seen).toEqual(['one', 'two', 'three']);
  expect({ waiting: second.waiting, bytes: second.bytes, files: files() }).toEqual({ waiting: 0, bytes: 0, files: [] });
  second.close();
});

test('only the owner may read what waits', () => {
  const spool = openSpool(folder);
  spool.add(batch('one'));
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, files()[0]!)).mode & 0o777).toBe(0o600);
  spool.close();
});

test('beyond the ceiling a batch is refused, and what waits stays', () => {
  const spool = openSpool(folder, 200);
  spool.add(batch('one'));
  const refusal = refusalOf(() => {
    for (let i = 0; i < 10; i++) spool.add(batch(`more ${i}`));
  });
  expect(refusal.code).toBe('sensor.spool.full');
  expect(spool.bytes).toBeLessThanOrEqual(200);
  expect(files()).toHaveLength(spool.waiting);
  spool.remove(spool.oldest()!.file);
  spool.add(batch('now there is room'));
  spool.close();
});

test('a damaged batch is refused by its file, and moving it away frees the others', () => {
  const spool = openSpool(folder);
  spool.add(batch('one'));
  spool.add(batch('two'));
  const [bad] = files();
  writeFileSync(join(folder, bad!), 'not packed at all');
  const refusal = refusalOf(() => spool.oldest());
  expect(refusal).toMatchObject({ code: 'sensor.spool.damaged', place: { file: join(folder, bad!) } });
  spool.close();
  rmSync(join(folder, bad!));
  const again = openSpool(folder);
  expect(sourceOf(again.oldest()!)).toBe('two');
  again.close();
});

test('what a crash left half written is removed; files of others are let be', () => {
  openSpool(folder).close();
  writeFileSync(join(folder, '000000000007-0123456789abcdef.json.zst.part'), 'half');
  writeFileSync(join(folder, 'notes.json.zst'), 'mine');
  const spool = openSpool(folder);
  expect(spool.waiting).toBe(0);
  spool.add(batch('one'));
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(files()).toEqual([expect.stringMatching(/^000000000000-/), 'notes.json.zst']);
  spool.close();
});

test('two sensors cannot share a spool', () => {
  const spool = openSpool(folder);
  expect(refusalOf(() => openSpool(folder)).code).toBe('sensor.spool.held');
  spool.close();
  openSpool(folder).close();
});

test('a place where no folder can be is refused with what to do', () => {
  writeFileSync(folder, 'a file');
  const refusal = refusalOf(() => openSpool(folder));
  expect(refusal).toMatchObject({ code: 'sensor.spool.write', place: { file: folder } });
  expect(refusal.advice).toContain('--spool');
});

describe('a spool that drops its oldest', () => {
  const big = (name: string): Batch => ({
    ...batch(name),
    logs: { weird: Array.from({ length: 50 }, (_, ts) => ({ ts, name: `${name}${Math.sin(ts)}` })) },
  });

  test('makes room for the present, counts what went, and keeps the count over a restart', () => {
    openSpool(folder).close();
    const one = openSpool(folder, 1_000_000, 'drop-oldest');
    one.add(big('a'));
    const size = one.bytes;
    one.close();
    const spool = openSpool(folder, size * 3 + 50, 'drop-oldest');
    for (const name of ['b', 'c', 'd', 'e']) spool.add(big(name));
    expect(spool.lost).toEqual({ batches: 2, records: 100 });
    expect(spool.bytes).toBeLessThanOrEqual(size * 3 + 50);
    spool.close();
    const again = openSpool(folder, size * 3 + 50, 'drop-oldest');
    expect(again.lost).toEqual({ batches: 2, records: 100 });
    const seen: string[] = [];
    for (let next = again.oldest(); next; next = again.oldest()) {
      seen.push(sourceOf(next));
      again.remove(next.file);
    }
    expect(seen).toEqual(['c', 'd', 'e']);
    again.close();
  });

  test('never drops the batch that is being sent: the centre may have it', () => {
    const one = openSpool(folder, 1_000_000, 'drop-oldest');
    one.add(big('a'));
    const size = one.bytes;
    one.close();
    const spool = openSpool(folder, size * 2 + 50, 'drop-oldest');
    const sending = spool.oldest()!;
    for (const name of ['b', 'c', 'd']) spool.add(big(name));
    expect(spool.lost.batches).toBe(2);
    spool.remove(sending.file);
    expect(sourceOf(spool.oldest()!)).toBe('d');
    spool.close();
  });

  test('what is put aside waits beside the spool, and is counted', () => {
    const spool = openSpool(folder, 1_000_000, 'drop-oldest');
    spool.add(batch('one'));
    spool.add(batch('two'));
    spool.putAside(spool.oldest()!.file);
    expect([spool.waiting, spool.aside, readdirSync(join(folder, 'aside')).length]).toEqual([1, 1, 1]);
    expect(sourceOf(spool.oldest()!)).toBe('two');
    spool.close();
  });

  test('whoever waits for a batch is woken by it, or by the end', async () => {
    const spool = openSpool(folder, 1_000_000, 'drop-oldest');
    const stop = new AbortController();
    const filled = spool.filled(stop.signal);
    spool.add(batch('one'));
    await filled;
    spool.remove(spool.oldest()!.file);
    const ended = spool.filled(stop.signal);
    stop.abort();
    await ended;
    expect(spool.waiting).toBe(0);
    spool.close();
  });

  const mounts = (() => {
    const place = mkdtempSync(join(tmpdir(), 'forewarn-mount-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], { stdio: 'ignore' });
      execFileSync('umount', [place]);
      return true;
    } catch {
      return false;
    } finally {
      rmSync(place, { recursive: true });
    }
  })();
  if (!mounts) console.warn('not run: this machine mounts nothing');
  test.skipIf(!mounts)('a disk that is full before the ceiling: the oldest go, the present stays, nothing throws', () => {
    openSpool(folder).close();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    try {
      const spool = openSpool(folder, 1_000_000, 'drop-oldest');
      for (let i = 0; i < 60; i++) spool.add(big(`batch ${i}`));
      expect(spool.lost.batches).toBeGreaterThan(20);
      expect(spool.waiting + spool.lost.batches).toBe(60);
      const seen: string[] = [];
      for (let next = spool.oldest(); next; next = spool.oldest()) {
        seen.push(sourceOf(next));
        spool.remove(next.file);
      }
      expect(seen.at(-1)).toBe('batch 59');
      expect(seen).toHaveLength(60 - spool.lost.batches);
      spool.close();
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});
