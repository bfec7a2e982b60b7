/** The situation index opened to its events, which reproduce it; and the response ratio, which a second flips. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTrialCenter, person, type Person, type Trial } from '../testing/center.ts';
import { takeReading } from './reading.ts';
import { fillEstate, finding, hospitalIncident, recordFindings } from '../testing/estate.ts';

let trial: Trial;
let incident: string;
const officer = person('centre', 'duty-officer');
const hospital = person('hospital', 'liaison-officer');
const stranger = person('stranger', 'analyst');

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  incident = await hospitalIncident(trial.center);
});
afterAll(() => trial.end());

async function ask(who: Person, method: string, path: string, body?: unknown): Promise<any> {
  // What is stated later is later: two statements of one instant have no order.
  if (method !== 'GET') trial.clock.at += 1;
  const answer = await trial.ask(who, method, path, body);
  expect(answer.status < 300 ? '' : answer.text).toBe('');
  return answer.body;
}

/** A reading half a minute later. */
async function read(): Promise<string> {
  trial.clock.at += 30;
  return (await ask(officer, 'POST', '/situation/readings')).at;
}

/** All pages of a place, one organisation a page. */
async function allOf(who: Person, { dimension, key }: { dimension: string; key: string }, at: string): Promise<any[]> {
  const items: any[] = [];
  let cursor = '';
  do {
    const page = await ask(who, 'GET', `/situation/places/${dimension}/${key}?at=${at}&limit=1${cursor}`);
    items.push(...page.items);
    cursor = page.next === null ? '' : `&cursor=${page.next}`;
  } while (cursor !== '');
  return items;
}

/** The arithmetic once more, as a person would do it with the list of events and the rules beside it. */
function reckoned(items: any[], rules: any): { floor: number; ceiling: number } {
  const parts = items.toSorted((a, b) => (a.organisation < b.organisation ? -1 : 1));
  const index = { floor: 0, ceiling: 0 };
  for (const side of ['floor', 'ceiling'] as const) {
    const of = (part: any, id: string): number => {
      const events = part.events
        .filter(({ component }: any) => component === id)
        .toSorted((a: any, b: any) => (a.id < b.id ? -1 : 1));
      const rule = rules.components.find((one: any) => one.id === id);
      if (rule.together === 'mean') {
        const things = events.reduce((all: number, { count }: any) => all + count, 0);
        if (things === 0) return side === 'floor' ? 0 : 1;
        return events.reduce((all: number, { count, load }: any) => all + count * load[side], 0) / things;
      }
      const none = events.reduce((all: number, { load }: any) => all * (1 - load[side]), 1);
      if (!rule.hidden || side === 'floor') return 1 - none;
      return 1 - (1 - (1 - none)) * (1 - of(part, 'coverage'));
    };
    for (const { id, weight, worst } of rules.components) {
      const risks = parts.map((part) => of(part, id));
      const all = parts.reduce((sum, { importance }) => sum + importance, 0);
      const average = parts.reduce((sum, { importance }, i) => sum + importance * risks[i]!, 0) / all;
      index[side] += 100 * weight * Math.min(1, worst * Math.max(...risks) + (1 - worst) * average);
    }
  }
  return index;
}

describe('the situation index', () => {
  test('is not there before the first reading, and says so', async () => {
    expect((await trial.ask(officer, 'GET', '/situation/index')).body).toMatchObject({ code: 'situation.no-reading' });
  });

  test('opens, from every number, to events that reproduce it to the last digit', async () => {
    const at = await read();
    const index = await ask(officer, 'GET', '/situation/index');
    expect(index.at).toBe(at);
    const cells = [index.whole, ...index.cells, ...index.organisations];
    expect(new Set(cells.map(({ dimension }) => dimension))).toEqual(
      new Set(['whole', 'network-type', 'sector', 'region', 'tier', 'organisation']),
    );
    for (const cell of cells) {
      const items = await allOf(officer, cell, at);
      expect({ at: [cell.dimension, cell.key], ...reckoned(items, index.rules) }).toEqual({
        at: [cell.dimension, cell.key],
        floor: cell.floor,
        ceiling: cell.ceiling,
      });
      expect(items.length).toBe(cell.organisations);
      expect(cell.components.reduce((sum: number, { events }: any) => sum + events, 0)).toBe(
        items.reduce((sum, { events }) => sum + events.length, 0),
      );
    }
    // Something is wrong at the hospital, and the others know less than nothing.
    expect(index.organisations[0]).toMatchObject({ key: 'hospital' });
    expect(index.whole.floor).toBeGreaterThan(0);
    expect(index.whole.ceiling).toBeGreaterThan(index.whole.floor);
  });

  test('names events of every component, and where each is shown', async () => {
    const [part] = await allOf(officer, { dimension: 'organisation', key: 'hospital' }, await read());
    const kinds = part.events.map(({ kind, opens }: any) => [kind, opens]);
    expect(kinds).toContainEqual(['incident', `/incidents/${incident}`]);
    expect(kinds.map(([kind]: string[]) => kind)).toEqual(
      expect.arrayContaining(['finding', 'incident', 'network', 'protection', 'single-way']),
    );
    const scan = part.events.find(({ kind }: any) => kind === 'finding');
    expect(scan.opens).toContain('/findings?rule=behaviour.scan&level=high&organisation=hospital&range=');
    const controls = await ask(officer, 'GET', '/situation/places/network-type/control');
    expect(controls.items.map(({ organisation }: any) => organisation)).toEqual(['stranger']);
  });

  test('keeps what it was: an older number opens to its own events, and the trend tells how it went', async () => {
    const before = await read();
    const then = (await ask(officer, 'GET', '/situation/index')).whole;
    await recordFindings(trial.center, [
      {
        finding: finding('finding-worse', { level: 'critical', from: trial.clock.at - 60, to: trial.clock.at - 30 }),
        sensor: 'hospital-sensor',
        seenBy: 'hospital',
      },
    ]);
    const after = await read();
    const now = (await ask(officer, 'GET', '/situation/index')).whole;
    expect(now.floor).toBeGreaterThan(then.floor);
    const old = await ask(officer, 'GET', `/situation/index?at=${before}`);
    expect(old.whole).toMatchObject({ floor: then.floor, ceiling: then.ceiling });
    expect(reckoned(await allOf(officer, then, before), old.rules)).toEqual({ floor: then.floor, ceiling: then.ceiling });
    const { points } = await ask(officer, 'GET', '/situation/places/whole/whole/trend');
    expect(points.at(-1)).toMatchObject({ at: after, floor: now.floor, ceiling: now.ceiling });
    expect(points.at(-2)).toMatchObject({ floor: then.floor });
  });

  test('writes nothing twice: a reading in which nothing has changed adds its instant alone', async () => {
    const count = (): Promise<[number, number]> =>
      trial.center.database.system(async (tx) => {
        const [parts] = await tx.query<{ count: number }>('select count(*)::int as count from situation_part');
        const [values] = await tx.query<{ count: number }>('select count(*)::int as count from situation_value');
        return [parts!.count, values!.count];
      });
    await read();
    const before = await count();
    await read();
    expect(await count()).toEqual(before);
  });

  test('shows each organisation its own part alone, as the whole', async () => {
    await read();
    const own = await ask(hospital, 'GET', '/situation/index');
    const all = await ask(officer, 'GET', '/situation/places/organisation/hospital');
    expect(own.whole).toMatchObject({ floor: all.cell.floor, ceiling: all.cell.ceiling, organisations: 1 });
    expect(
      (await ask(hospital, 'GET', '/situation/places/whole/whole')).items.map(({ organisation }: any) => organisation),
    ).toEqual(['hospital']);
    for (const path of ['/places/organisation/hospital', '/places/network-type/computer'])
      expect((await trial.ask(stranger, 'GET', `/situation${path}`)).status).toBe(404);
    expect((await ask(stranger, 'GET', '/situation/places/organisation/hospital/trend')).points).toEqual([]);
    expect((await trial.ask(person('hospital', 'duty-officer'), 'POST', '/situation/readings')).status).toBe(403);
  });
});

describe('the response ratio', () => {
  const ratio = () => ask(officer, 'GET', '/situation/ratio');
  const lostAt = (at: number) =>
    ask(officer, 'POST', `/incidents/${incident}/facts`, {
      fact: 'availability_lost_at',
      value: new Date(at * 1000).toISOString(),
      source: 'Operations log',
    });
  const noOtherLoss = async () => {
    for (const property of ['confidentiality', 'integrity', 'controllability']) {
      for (const [fact, value] of [
        [`${property}_lost_at`, null],
        [`${property}_lost`, false],
      ] as const)
        await ask(officer, 'POST', `/incidents/${incident}/facts`, { fact, value, source: 'Forensics' });
    }
  };

  test('flips when harm moves by a second across a protective measure', async () => {
    await noOtherLoss();
    const { tasks } = await ask(officer, 'POST', `/incidents/${incident}/tasks`, {
      title: 'Cut the line off',
      organisation: 'hospital',
      measure: true,
    });
    const { id } = tasks.at(-1);
    const path = `/incidents/${incident}/tasks/${id}`;
    trial.clock.at += 10;
    await ask(officer, 'PATCH', path, { state: 'done', result: 'Cut off.' });
    const doneAt = trial.clock.at;
    trial.clock.at += 3600;
    await lostAt(doneAt + 1);
    const early = await ratio();
    expect(early).toMatchObject({ before: 1, of: 1, ratio: 1, unknown: 0, averted: 0, excluded: 0, leadSecondsMedian: 1 });
    expect(early.items).toMatchObject([
      { outcome: 'before', leadSeconds: 1, action: { kind: 'measure', id, what: 'Cut the line off' }, hit: ['hospital'] },
    ]);
    await lostAt(doneAt);
    const late = await ratio();
    expect(late).toMatchObject({ before: 0, of: 1, ratio: 0, leadSecondsMedian: null });
    expect(late.items).toMatchObject([{ outcome: 'late', leadSeconds: 0, action: { kind: 'measure', id } }]);
    // The page of the situation tells the same.
    expect((await ask(officer, 'GET', '/situation')).responseRatio).toEqual({ before: 0, of: 1, averted: 0, unknown: 0 });
  });

  test('flips when harm moves by a second across a warning to everybody hit', async () => {
    const opened = await ask(officer, 'POST', '/incidents', { title: 'Portal of the clinic', organisations: ['clinic'] });
    const draft = {
      colour: 'orange',
      incidentType: 'flood',
      title: { en: 'Look out', zh: '注意' },
      startTime: new Date(trial.clock.at * 1000).toISOString(),
      possibleScope: 'The clinic.',
      mattersToNote: 'It begins at night.',
      measuresToTake: 'Block it.',
      scope: { addresses: [], names: ['clinic.example'], businesses: [], sectors: [] },
      incident: opened.id,
    };
    const { id, number } = await ask(officer, 'POST', '/warnings', draft);
    await ask(officer, 'POST', `/warnings/${id}/issue-alone`, { reason: 'Nobody else is awake.' });
    const issuedAt = trial.clock.at;
    const of = async () => (await ratio()).items.find((one: any) => one.id === opened.id);
    const harmAt = (at: number) =>
      ask(officer, 'POST', `/incidents/${opened.id}/facts`, {
        fact: 'availability_lost_at',
        value: new Date(at * 1000).toISOString(),
        source: 'Operations log',
      });
    trial.clock.at += 60;
    await harmAt(issuedAt + 1);
    expect(await of()).toMatchObject({
      outcome: 'before',
      hit: ['clinic'],
      leadSeconds: 1,
      action: { kind: 'warning', id, what: number },
    });
    await harmAt(issuedAt);
    expect(await of()).toMatchObject({ outcome: 'late', leadSeconds: 0 });
  });

  test('lists what does not count, and why: averted with its evidence, excluded, unknown', async () => {
    await ask(officer, 'POST', `/incidents/${incident}/facts`, {
      fact: 'availability_lost_at',
      value: null,
      source: 'Corrected',
    });
    const of = ({ items }: any) => items.find(({ id }: any) => id === incident);
    const corrected = await ratio();
    expect(corrected).toMatchObject({ before: 0, of: 2, unknown: 1 });
    expect(of(corrected)).toMatchObject({ outcome: 'unknown', harm: null });
    await ask(officer, 'POST', `/incidents/${incident}/facts`, { fact: 'availability_lost', value: false, source: 'Corrected' });
    const averted = await ratio();
    expect(averted).toMatchObject({ of: 1, averted: 1, excluded: 0 });
    expect(of(averted)).toMatchObject({ outcome: 'averted', evidence: [{ kind: 'measure', what: 'Cut the line off' }] });
    // Nobody else's: the stranger sees none of it.
    expect(await ask(stranger, 'GET', '/situation/ratio')).toMatchObject({ items: [], of: 0, averted: 0 });
  });
});

test('a day later, tells how a place stood a day before', async () => {
  const at = await read();
  const { whole } = await ask(officer, 'GET', '/situation/index');
  // Sessions end within a day: the reading is taken by the centre itself, and another person asks.
  trial.clock.at += 86_400;
  await takeReading(trial.center);
  const later = (await ask(person('centre', 'analyst'), 'GET', '/situation/index')).whole;
  expect(later.before).toEqual({ at, floor: whole.floor, ceiling: whole.ceiling });
});
