import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
const files = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json.gz'))
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
    seen.push(next.batch.source);
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
  writeFileSync(join(folder, bad!), 'not gzip at all');
  const refusal = refusalOf(() => spool.oldest());
  expect(refusal).toMatchObject({ code: 'sensor.spool.damaged', place: { file: join(folder, bad!) } });
  spool.close();
  rmSync(join(folder, bad!));
  const again = openSpool(folder);
  expect(again.oldest()!.batch.source).toBe('two');
  again.close();
});

test('what a crash left half written is removed; files of others are let be', () => {
  openSpool(folder).close();
  writeFileSync(join(folder, '000000000007-0123456789abcdef.json.gz.part'), 'half');
  writeFileSync(join(folder, 'notes.json.gz'), 'mine');
  const spool = openSpool(folder);
  expect(spool.waiting).toBe(0);
  spool.add(batch('one'));
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(files()).toEqual([expect.stringMatching(/^000000000000-/), 'notes.json.gz']);
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
