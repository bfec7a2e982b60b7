import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Refusal } from '@forewarn/base/refusal';
import { parseNetwork } from '@forewarn/base/ip';
import { compileEstate } from '@forewarn/know/concern';
import { networkTypes } from '@forewarn/model/estate';
import { readContent } from '@forewarn/model/yaml';
import { z } from 'zod';
import { contentFolder, loadContent } from '../content.ts';
import { readEstateFolder, type EstateFolder } from './folder.ts';

const folder = join(contentFolder, 'estate/demo');
let demo: EstateFolder;
let texts: Map<string, string>;
beforeAll(async () => {
  texts = new Map((await loadContent()).texts.en);
  demo = await readEstateFolder(folder, texts);
});
let copy: string | undefined;
afterAll(async () => {
  if (copy !== undefined) await rm(copy, { recursive: true });
});

test('the demo country has all nine network types, one centre, and people of every role', () => {
  expect(new Set(demo.estate.networks.map(({ type }) => type))).toEqual(new Set(networkTypes));
  expect(demo.estate.organisations.filter(({ kind }) => kind === 'centre').length).toBe(1);
  const roles = new Set(demo.people.map(({ role }) => role));
  expect(roles).toEqual(new Set(['administrator', 'duty-officer', 'analyst', 'liaison-officer', 'regulator']));
});

test.each(['hospital-phishing', 'water-works'])(
  'every inside network of the scenario %s is registered for who runs it',
  async (scenario) => {
    const file = join(contentFolder, `scenarios/${scenario}.yaml`);
    const Networks = z.object({ networks: z.array(z.object({ id: z.string(), cidr: z.string(), side: z.string() })) });
    const read = readContent(Networks, await readFile(file, 'utf8'), file);
    if (!read.ok) throw read.refusals[0];
    const owner = scenario === 'water-works' ? 'waterworks' : 'hospital';
    const index = compileEstate(demo.estate);
    for (const { id, cidr, side } of read.value.networks) {
      const first = cidr.split('/')[0]!.replace(/\.0$/, '.1');
      expect(parseNetwork(first)).toBeDefined();
      const whose = index.ownerOf(first, owner);
      expect([id, whose]).toEqual([id, side === 'inside' ? owner : undefined]);
    }
  },
);

test('a fault names its file, line and field', async () => {
  copy = await mkdtemp(join(tmpdir(), 'forewarn-estate-'));
  await cp(folder, copy, { recursive: true });
  const file = join(copy, 'networks.csv');
  await writeFile(file, (await readFile(file, 'utf8')).replace('10.20.10.0/24', '10.20.10.7/24'));
  const error = (await readEstateFolder(copy, texts).catch((thrown: unknown) => thrown)) as AggregateError;
  const [refusal] = error.errors as Refusal[];
  expect(refusal!.place).toEqual({ file, line: 6, field: 'addresses' });
  expect(refusal!.message).toContain('10.20.10.7/24');
});

test('what is named must be there', async () => {
  const file = join(copy!, 'networks.csv');
  await writeFile(file, (await readFile(file, 'utf8')).replace('10.20.10.7/24', '10.20.10.0/24'));
  const sensors = join(copy!, 'sensors.yaml');
  await writeFile(sensors, (await readFile(sensors, 'utf8')).replace('hospital-uplink', 'hospital-uplnk'));
  const error = (await readEstateFolder(copy!, texts).catch((thrown: unknown) => thrown)) as AggregateError;
  expect((error.errors[0] as Refusal).message).toContain('hospital-uplnk');
});

test('a node that is named nowhere, and an asset in another’s network, are faults with file and field', async () => {
  const wrong = await mkdtemp(join(tmpdir(), 'forewarn-estate-'));
  try {
    await cp(folder, wrong, { recursive: true });
    const links = join(wrong, 'links.csv');
    await writeFile(links, (await readFile(links, 'utf8')).replace(',hospital-edge,', ',hospital-egde,'));
    const assets = join(wrong, 'assets.csv');
    await writeFile(assets, (await readFile(assets, 'utf8')).replace('hospital,hospital-wards', 'hospital,waterworks-offices'));
    const error = (await readEstateFolder(wrong, texts).catch((thrown: unknown) => thrown)) as AggregateError;
    expect((error.errors as Refusal[]).map(({ place }) => place)).toEqual([
      { file: links, field: 'from' },
      { file: assets, field: 'network' },
    ]);
  } finally {
    await rm(wrong, { recursive: true });
  }
});

test('every kind of the estate has rows in the demo country, and places lie where they are told', () => {
  for (const [kind, items] of Object.entries(demo.estate)) expect([kind, items.length > 0]).toEqual([kind, true]);
  for (const { id, latitude, longitude } of demo.estate.nodes) expect([id, latitude, longitude]).not.toContain(undefined);
});
