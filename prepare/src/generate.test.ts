import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { contains, parseAddress, parseNetwork } from '@forewarn/base/ip';
import { generate, type Recording } from './generate.ts';
import { TcpLedger, dissect } from './packets/dissect.ts';
import { writePcap } from './pcap.ts';
import { readScenario, type Scenario } from './scenario/language.ts';

const folder = fileURLToPath(new URL('../../content/scenarios', import.meta.url));
const scenarios = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => readScenario(readFileSync(join(folder, file), 'utf8'), file));
const byId = (id: string): Scenario => scenarios.find((scenario) => scenario.id === id)!;

const digest = (recording: Recording): string => {
  const hash = createHash('sha256');
  for (const chunk of writePcap(recording.packets)) hash.update(chunk);
  return hash.digest('hex');
};

describe.each(scenarios)('$id', (scenario) => {
  test('one seed, one file; another seed, other hosts, ports and times', () => {
    const one = generate(scenario, { seed: 1 });
    const first = digest(one);
    expect(digest(one)).toBe(first);
    expect(digest(generate(scenario, { seed: 1 }))).toBe(first);
    const seeds = [1, 2, 3, 4, 5, 6].map((seed) => generate(scenario, { seed }).truth);
    expect(new Set(seeds.map(({ steps }) => steps[0]!.src.join())).size).toBeGreaterThan(2);
    expect(new Set(seeds.map(({ steps }) => steps.map(({ from }) => from).join())).size).toBe(6);
    expect(new Set(seeds.map(({ benign }) => benign.length)).size).toBeGreaterThan(1);
  });

  test.each([1, 2])('seed %i: packets are in order, checksums right, conversations sound', (seed) => {
    const recording = generate(scenario, { seed });
    const ledger = new TcpLedger();
    const stepEnds = recording.truth.steps.map((step) => ({ step, first: Number.POSITIVE_INFINITY, last: 0 }));
    let count = 0;
    let last = recording.startAt;
    let wrong = 0;
    let segments = 0;
    const backwards: number[] = [];
    for (const { ts, bytes } of recording.packets) {
      count++;
      if (ts < last) backwards.push(count);
      last = ts;
      const packet = dissect(bytes);
      if (!packet.checksumsHold) wrong++;
      ledger.add(packet);
      if (packet.kind === 'tcp') segments++;
      for (const ends of stepEnds) {
        const { src, dst } = ends.step;
        if ((src.includes(packet.from) && dst.includes(packet.to)) || (src.includes(packet.to) && dst.includes(packet.from))) {
          ends.first = Math.min(ends.first, ts);
          ends.last = Math.max(ends.last, ts);
        }
      }
    }
    expect(wrong).toBe(0);
    expect(backwards).toEqual([]);
    expect(ledger.complaints).toEqual([]);
    // What is lost is sent again, where there is TCP to do so.
    expect(segments <= 5_000 || ledger.repeated > 0).toBe(true);
    expect(last).toBeLessThanOrEqual(recording.endAt);
    expect(count).toBeGreaterThan(3_000);
    expect(count).toBeLessThan(100_000);
    for (const { step, first, last: end } of stepEnds) {
      // The pair may also talk benignly; the step itself lies within what they say, and within the recording.
      expect(Date.parse(step.from) / 1000).toBeGreaterThanOrEqual(recording.startAt);
      expect(Date.parse(step.to) / 1000).toBeLessThanOrEqual(recording.endAt);
      expect(first).toBeLessThanOrEqual(Date.parse(step.to) / 1000);
      expect(end).toBeGreaterThanOrEqual(Date.parse(step.from) / 1000);
    }
  });

  test('the truth is complete, and nowhere in the packets', () => {
    const { truth, packets } = generate(scenario, { seed: 3 });
    expect(truth.steps.map(({ id }) => id)).toEqual(scenario.steps.map(({ id }) => id));
    for (const step of truth.steps) {
      expect(step.src.length).toBeGreaterThan(0);
      expect(step.dst.length).toBeGreaterThan(0);
      expect(step.from < step.to).toBe(true);
      for (const one of step.src) expect(truth.benign).not.toContain(one);
    }
    expect(truth.benign.length).toBeGreaterThan(20);
    expect(truth.benign.filter((one) => truth.malicious.includes(one))).toEqual([]);
    expect(truth.nearMisses.every(({ hosts }) => hosts.length > 0)).toBe(true);
    const words = [
      scenario.id,
      ...scenario.steps.map(({ id }) => id).filter((id) => id.includes('-')),
      ...scenario.actors.map(({ id }) => id),
    ];
    const found: string[] = [];
    for (const { bytes } of packets) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
      found.push(...words.filter((word) => text.includes(word)));
    }
    expect(found).toEqual([]);
  });

  test('only private and documentation addresses, and every near miss is explained in both languages', () => {
    const allowed = [
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '192.0.2.0/24',
      '198.51.100.0/24',
      '203.0.113.0/24',
      '198.18.0.0/15',
      'fd00::/8',
    ].map((text) => parseNetwork(text)!);
    const { truth } = generate(scenario, { seed: 4 });
    const strangers = [...truth.benign, ...truth.malicious].filter(
      (address) => !allowed.some((network) => contains(network, parseAddress(address)!)),
    );
    expect(strangers).toEqual([]);
    expect(scenario.nearMisses.length).toBeGreaterThan(1);
  });
});

test('a recording ends at a given instant, and a longer one keeps its last steps near the end', () => {
  const scenario = byId('hospital-phishing');
  const endAt = Date.UTC(2026, 5, 1, 12) / 1000;
  const { startAt, truth } = generate(scenario, { seed: 1, endAt, seconds: 3 * 3_600, scale: 0.3 });
  expect(startAt).toBe(endAt - 3 * 3_600);
  expect(truth.end).toBe('2026-06-01T12:00:00.000Z');
  const at = (id: string) => Date.parse(truth.steps.find((step) => step.id === id)!.from) / 1000;
  expect(endAt - at('data-theft')).toBeLessThan(6 * 60 + 1);
  expect(endAt - at('phishing-visit')).toBeGreaterThan(2.5 * 3_600);
  const both = generate(scenario, { seed: 1, startAt: endAt - 7_200, endAt });
  expect([both.startAt, both.endAt]).toEqual([endAt - 7_200, endAt]);
});

test('reading can stop in the middle and begin anew', () => {
  const recording = generate(byId('water-works'), { seed: 2 });
  const start = (): number[] => {
    const times: number[] = [];
    for (const { ts } of recording.packets) {
      if (times.push(ts) === 100) break;
    }
    return times;
  };
  expect(start()).toEqual(start());
});

test('a smaller recording plays the same parts', () => {
  const scenario = byId('hospital-phishing');
  const whole = generate(scenario, { seed: 5 });
  const small = generate(scenario, { seed: 5, scale: 0.25 });
  expect(small.truth.steps.map(({ src, technique }) => [src, technique])).toEqual(
    whole.truth.steps.map(({ src, technique }) => [src, technique]),
  );
  expect(small.truth.benign.length).toBeLessThan(whole.truth.benign.length);
});

test('another episode has the same hosts and other doings', () => {
  const scenario = byId('water-works');
  const quiet = { ...scenario, steps: [] };
  const one = generate(quiet, { seed: 5 });
  const next = generate(quiet, { seed: 5, episode: 1, startAt: one.endAt });
  expect(next.truth.benign).toEqual(one.truth.benign);
  const conversations = (recording: Recording): string[] => {
    const found: string[] = [];
    for (const { bytes } of recording.packets) {
      const { kind, from, to, ports, tcp } = dissect(bytes);
      if (kind === 'tcp' && tcp!.flags === 2) found.push(`${from}:${ports!.from} ${to}`);
    }
    return found;
  };
  const before = new Set(conversations(one));
  expect(conversations(next).filter((conversation) => before.has(conversation)).length).toBeLessThan(before.size / 50);
});

test('a scenario without its steps is an ordinary day of the same hosts', () => {
  const scenario = byId('hospital-phishing');
  const { truth } = generate({ ...scenario, steps: [], actors: [] }, { seed: 1 });
  expect(truth.steps).toEqual([]);
  expect(truth.malicious).toEqual([]);
});

test.each([
  [{ seed: 1, seconds: 30 }, /less than a minute/],
  [{ seed: 1, seconds: 240 }, /does not fit into 4 minutes/],
  [{ seed: 1, scale: 0 }, /scale of 0/],
  [{ seed: 1.5 }, /no seed/],
  [{ seed: 1, startAt: 2 ** 33 }, /1970 to 2106/],
])('%j makes no recording', (options, message) => {
  expect(() => generate(byId('water-works'), options)).toThrow(message);
});

test('the phishing page is in the list of indicators, and no other host is', () => {
  const rows = readFileSync(join(folder, '../indicators/demo.csv'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  expect(rows[0]).toEqual(['type', 'value', 'source', 'confidence', 'technique', 'valid_until', 'note']);
  expect(rows.every((row) => row.length === 7)).toBe(true);
  const listed = (type: string) => rows.filter((row) => row[0] === type).map((row) => row[1]!);
  const names = scenarios.flatMap(({ hosts }) => hosts.flatMap((group) => group.names ?? []));
  expect(names.filter((name) => listed('domain').includes(name))).toEqual(['mail-quota-renewal.example']);
  const networks = [...listed('address'), ...listed('network')].map((text) => parseNetwork(text)!);
  for (const scenario of scenarios) {
    for (const seed of [1, 2, 3]) {
      const { truth } = generate(scenario, { seed });
      const hit = [...truth.benign, ...truth.malicious].filter((address) =>
        networks.some((network) => contains(network, parseAddress(address)!)),
      );
      expect(hit).toEqual([]);
    }
  }
});
