import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dissect } from '@forewarn/prepare/packets/dissect';
import type { Language } from '@forewarn/model/text';
import { run } from './run.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'forewarn-cli-range-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function forewarn(args: readonly string[], language: Language = 'en') {
  let out = '';
  let err = '';
  const code = await run(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    interactive: false,
    colour: false,
    width: 100,
    language,
    now: () => 0,
    readIn: () => Promise.resolve(new Uint8Array()),
  });
  return { code, out, err };
}

/** Packets of a capture file. */
function* packets(file: string): Generator<Uint8Array> {
  const bytes = readFileSync(file);
  for (let at = 24; at < bytes.length;) {
    const length = bytes.readUInt32LE(at + 8);
    yield bytes.subarray(at + 16, at + 16 + length);
    at += 16 + length;
  }
}

test('a capture and its truth are written, the same for the same seed', async () => {
  const [one, two, truth] = ['one.pcap', 'two.pcap', 'truth.json'].map((name) => join(folder, name)) as [string, string, string];
  const args = ['range', 'make', 'water-works', '--minutes', '12', '--scale', '0.5', '--seed', '4'];
  const first = await forewarn([...args, '--out', one, '--truth', truth, '--json']);
  expect(first).toMatchObject({ code: 0, err: '' });
  const account = JSON.parse(first.out);
  const frames = [...packets(one)];
  expect(account.packets).toBe(frames.length);
  expect(frames.every((frame) => dissect(frame).checksumsHold)).toBe(true);
  expect(account.bytes).toBe(readFileSync(one).length);
  const written = JSON.parse(readFileSync(truth, 'utf8'));
  expect(written).toMatchObject({
    scenario: 'water-works',
    seed: 4,
    start: '2026-03-03T08:00:00.000Z',
    end: '2026-03-03T08:12:00.000Z',
  });
  expect(written.steps.map((step: { technique: string; harm: string }) => [step.technique, step.harm])).toEqual([
    ['T1046', 'none'],
    ['T0855', 'controllability'],
  ]);
  const second = await forewarn([...args, '--out', two], 'zh');
  expect(second.out).toContain('从办公地址写入控制器');
  expect(readFileSync(two).equals(readFileSync(one))).toBe(true);
  expect(readdirSync(folder).toSorted()).toEqual(['one.pcap', 'truth.json', 'two.pcap']);
});

test("a scenario of one's own that is wrong is refused by file, line and field, and nothing is written", async () => {
  const file = join(folder, 'mine.yaml');
  writeFileSync(file, 'id: mine\ntitle: { en: Mine, zh: 我的 }\nlength: 40 minutes\n');
  const { code, err } = await forewarn(['range', 'make', file, '--out', join(folder, 'x.pcap')]);
  expect(code).toBe(1);
  expect(err).toMatch(/mine\.yaml:3:\d+ length: .*Write it as PT72H/);
  expect(readdirSync(folder)).toEqual(['mine.yaml']);
});

test.each([
  [['range', 'make', 'hospital-phising', '--out', 'x.pcap'], 1, /Did you mean "hospital-phishing"\?/],
  [['range', 'make', 'nowhere/mine.yaml', '--out', 'x.pcap'], 1, /could not be read/],
  [['range', 'make', 'water-works', '--out', '/nowhere/x.pcap'], 1, /could not be written.*Nothing was left behind/],
  [['range', 'make', 'water-works', '--out', 'x.pcap', '--start', '2026-03-03 08:00'], 1, /is not an instant/],
  [['range', 'make', 'water-works', '--out', 'x.pcap', '--minutes', '3'], 1, /does not fit into 3 minutes/],
  [['range', 'make', 'water-works'], 2, /--out FILE\.pcap/],
  [['range', 'make', 'water-works', '--out', 'x', '--seed', '-1'], 2, /seed/],
  [['range', 'make', 'water-works', '--out', 'x', '--truth', 'x'], 2, /same file/],
  [['range', 'make'], 2, /Name one scenario/],
  [['range', 'unmake'], 2, /there are make and list/],
  [['range'], 2, /make or list/],
])('%j ends with %i', async (args, code, message) => {
  const result = await forewarn(args);
  expect(result.code).toBe(code);
  expect(result.err).toMatch(message);
});

test('the scenarios are listed', async () => {
  const { out } = await forewarn(['range', 'list', '--json']);
  const list = JSON.parse(out) as { id: string; steps: unknown[] }[];
  expect(list.map(({ id, steps }) => [id, steps.length])).toEqual([
    ['heating-plant', 3],
    ['hospital-phishing', 5],
    ['telephone-exchange', 3],
    ['ticket-shop', 2],
    ['water-works', 2],
  ]);
  expect((await forewarn(['range', 'list'], 'zh')).out).toContain('医院集团遭钓鱼入侵');
});
