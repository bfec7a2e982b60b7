/** Lists of indicators at the centre: what is refused, what is looked for, whose it is, and what the past says of a new one. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IndicatorListView } from '@forewarn/model/indicator-api';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';

let trial: Trial;
const officer = person('centre', 'duty-officer');
const analyst = person('hospital', 'analyst');
const liaison = person('hospital', 'liaison-officer');
const stranger = person('telecom', 'analyst');

const day = 86_400;
const noon = 20_416 * day + day / 2;
const flow = (ts: number, host: string, to: string) => ({
  ts,
  uid: `C${ts}`,
  'id.orig_h': host,
  'id.orig_p': 50_000,
  'id.resp_h': to,
  'id.resp_p': 443,
  proto: 'tcp',
  conn_state: 'SF',
});
const question = (ts: number, host: string, query: string) => ({
  ...flow(ts, host, '10.20.1.1'),
  'id.resp_p': 53,
  proto: 'udp',
  query,
});

beforeAll(async () => {
  trial = await openTrialCenter();
  trial.clock.at = noon;
  await fillEstate(trial.center);
  const insert = (organisation: string, id: string, logs: object) =>
    trial.records.insertBatch(
      { organisation, sensor: 's', link: null, networkType: 'computer', source: 't', marking: 'TLP:AMBER' },
      { id: id.repeat(64), source: 't', logs: logs as never },
    );
  await insert('hospital', 'a', {
    conn: [
      flow(noon - 3 * day, '10.20.10.1', '203.0.113.9'),
      flow(noon - 40 * day, '10.20.10.2', '203.0.113.9'),
      flow(noon - 200, '10.20.10.3', '198.51.100.200'),
      flow(noon - 100, '10.20.10.3', '198.51.101.1'),
    ],
    dns: [question(noon - day, '10.20.10.5', 'WWW.Evil.Example'), question(noon - day, '10.20.10.5', 'notevil.example')],
  });
  await insert('telecom', 'b', { conn: [flow(noon - 50, '10.40.1.1', '203.0.113.9')] });
});
afterAll(() => trial.end());

const text = 'value\n203.0.113.9\n198.51.100.0/24\nevil[.]example\n8.8.8.8\nnonsense value\n';

async function bring(who: typeof officer, body: object): Promise<IndicatorListView> {
  const { status, body: list } = await trial.ask(who, 'POST', '/indicator-lists', {
    name: 'list.csv',
    source: 'Partner',
    ...body,
  });
  expect(status).toBe(201);
  await trial.center.indicators.past.idle();
  return (await trial.ask(who, 'GET', `/indicator-lists/${list.id}`)).body;
}

describe('a list', () => {
  test('is previewed with what is refused and why, and nothing is kept', async () => {
    const { status, body } = await trial.ask(analyst, 'POST', '/indicator-lists/preview', { name: 'list.csv', text });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      format: 'csv',
      loaded: 3,
      refused: 2,
      kinds: { address: 1, network: 1, domain: 1 },
      refusals: [
        { code: 'indicator.warning', line: 5 },
        { code: 'indicator.value', line: 6 },
      ],
    });
    expect((await trial.ask(analyst, 'GET', '/indicator-lists')).body.items).toEqual([]);
    expect((await trial.ask(liaison, 'POST', '/indicator-lists/preview', { name: 'l', text })).status).toBe(403);
    const nothing = await trial.ask(analyst, 'POST', '/indicator-lists', { name: 'l', source: 's', text: 'value\n8.8.8.8\n' });
    expect(nothing).toMatchObject({ status: 422, body: { code: 'indicator.nothing' } });
  });

  test('searches the own past by itself; what it finds says so, and is found once', async () => {
    const list = await bring(analyst, { text, reliability: 'B', credibility: '2' });
    expect(list).toMatchObject({
      loaded: 3,
      refused: 2,
      hits: 3,
      search: { state: 'done', parts: 30, done: 30, asked: 3, records: 3, findings: 3, known: 0, cut: false, trouble: null },
    });
    expect(list.search!.rowsRead).toBeGreaterThan(0);
    const { items } = (await trial.ask(analyst, 'GET', '/findings?limit=50')).body;
    expect(items).toHaveLength(3);
    for (const item of items) expect(item).toMatchObject({ rule: { id: `indicator:${list.id}`, kind: 'indicator' }, past: noon });
    expect((await trial.ask(stranger, 'GET', '/findings')).body.items).toEqual([]);

    // Once more: the same records give the same findings, which are there.
    await trial.ask(analyst, 'POST', `/indicator-lists/${list.id}/search`, { days: 60 });
    await trial.center.indicators.past.idle();
    const again: IndicatorListView = (await trial.ask(analyst, 'GET', `/indicator-lists/${list.id}`)).body;
    expect(again).toMatchObject({ hits: 4, search: { state: 'done', parts: 60, findings: 4 } });
  });

  test('is looked for from now on in the own records, and no longer when it is retired', async () => {
    const [own, others] = ['hospital', 'telecom'].map((organisation) => trial.center.indicators.desk.of(organisation));
    const meets = (sets: typeof own) => sets!.some((set) => set.domain('a.evil.example', noon) !== undefined);
    expect([meets(own), meets(others)]).toEqual([true, false]);
    const look = async (who: typeof officer, value: string) =>
      (await trial.ask(who, 'GET', `/indicators/look-up?value=${encodeURIComponent(value)}`)).body;
    expect(await look(liaison, 'what?')).toMatchObject({ code: 'request.invalid' });
    expect((await look(liaison, '198.51.100.7')).listed).toMatchObject([
      { kind: 'network', source: 'Partner', rests: false, confidence: 0.725 },
    ]);
    expect((await look(stranger, '198.51.100.7')).listed).toEqual([]);
    expect((await look(officer, '198.51.100.7')).listed).toHaveLength(1);

    const [{ id }] = (await trial.ask(analyst, 'GET', '/indicator-lists')).body.items;
    expect((await trial.ask(stranger, 'POST', `/indicator-lists/${id}/retire`, { reason: 'x' })).status).toBe(404);
    const { body } = await trial.ask(analyst, 'POST', `/indicator-lists/${id}/retire`, { reason: 'Withdrawn' });
    expect(body).toMatchObject({ hits: 4, retired: { reason: 'Withdrawn' } });
    expect(meets(own)).toBe(false);
    expect((await trial.ask(analyst, 'GET', '/indicator-lists')).body.items).toEqual([]);
    expect((await trial.ask(analyst, 'GET', '/indicator-lists?retired=true')).body.items).toHaveLength(1);
    const audit = (await trial.ask(person('hospital', 'administrator'), 'GET', '/audit?limit=50')).text;
    for (const action of ['indicators.bring', 'indicators.search', 'indicators.retire']) expect(audit).toContain(action);
  });

  test('of the centre is looked for in everybody’s records, and read by the centre alone', async () => {
    const list = await bring(officer, { text: 'value\n203.0.113.9\n', pastDays: 7 });
    expect(list).toMatchObject({ organisation: 'centre', hits: 2, search: { records: 2 } });
    expect((await trial.ask(analyst, 'GET', `/indicator-lists/${list.id}`)).status).toBe(404);
    expect((await trial.ask(stranger, 'GET', '/findings')).body.items).toMatchObject([{ source: '10.40.1.1' }]);
    expect(trial.center.indicators.desk.of('telecom').some((set) => set.address('203.0.113.9', noon))).toBe(true);
  });

  test('with a sequence finds it in the past', async () => {
    const pattern =
      "[network-traffic:dst_ref.value = '198.51.100.200'] FOLLOWEDBY [network-traffic:dst_ref.value = '198.51.101.1'] WITHIN 300 SECONDS";
    const indicator = {
      type: 'indicator',
      id: 'indicator--1',
      name: 'Two steps',
      pattern_type: 'stix',
      pattern,
      valid_from: '2020-01-01T00:00:00Z',
      modified: '2020-01-01T00:00:00Z',
    };
    const old = await bring(analyst, { name: 'old.json', text: JSON.stringify({ objects: [indicator] }) });
    expect(old).toMatchObject({ format: 'stix', hits: 0, search: { records: 2 } });
    const fresh = { ...indicator, valid_from: new Date(noon * 1000).toISOString() };
    const red = { ...indicator, object_marking_refs: ['marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1'] };
    const wider = { name: 'l', source: 's', marking: 'TLP:GREEN', text: JSON.stringify({ objects: [red] }) };
    expect(await trial.ask(analyst, 'POST', '/indicator-lists', wider)).toMatchObject({
      status: 422,
      body: { place: { field: 'marking' } },
    });
    expect(await bring(analyst, { ...wider, marking: undefined, pastDays: 0 })).toMatchObject({ marking: 'TLP:RED' });
    const list = await bring(analyst, { name: 'new.json', text: JSON.stringify({ objects: [fresh] }) });
    expect(list).toMatchObject({ hits: 1, search: { records: 2, findings: 1 } });
  });
});

test('a value of a warning list is allowed by a person with a reason, and then counts in lists that are there', async () => {
  const value = '8.8.8.8';
  await bring(analyst, { text: `value\n${value}\nhttp://a.example/x\n`, pastDays: 0 });
  const meets = () => trial.center.indicators.desk.of('hospital').some((set) => set.address(value, noon));
  expect(meets()).toBe(false);
  expect((await trial.ask(analyst, 'POST', '/indicators/allowed', { value: '203.0.113.7', reason: 'x' })).status).toBe(422);
  const allowed = await trial.ask(analyst, 'POST', '/indicators/allowed', {
    value: '8.8.8[.]8',
    reason: 'Nobody here may ask it.',
  });
  expect(allowed).toMatchObject({ status: 201, body: { kind: 'address', value } });
  expect(meets()).toBe(true);
  expect(trial.center.indicators.desk.of('telecom').some((set) => set.address(value, noon))).toBe(false);
  expect((await trial.ask(liaison, 'GET', `/indicators/look-up?value=${value}`)).body).toMatchObject({
    warning: expect.stringContaining('name server') as string,
    allowed: { reason: 'Nobody here may ask it.' },
  });
  expect((await trial.ask(analyst, 'POST', '/indicators/allowed', { value, reason: 'again' })).status).toBe(409);
});

test('lists of an earlier run are there again after a start', async () => {
  const { createIndicatorDesk } = await import('./desk.ts');
  const { Indicators } = await import('@forewarn/detect/indicators/indicators');
  const { database, indicators } = trial.center;
  const detection = { warnings: { check: () => undefined }, confidence: indicators.desk.fresh().settings };
  const desk = createIndicatorDesk({
    database,
    files: indicators.files,
    detection,
    shared: new Indicators(),
    centre: () => 'centre',
    random: () => 7,
    onFault: (fault) => expect.unreachable(String(fault)),
  });
  await desk.open();
  expect(desk.of('telecom').some((set) => set.address('203.0.113.9', noon))).toBe(true);
  expect(desk.of('hospital').some((set) => set.url('a.example', '/x', 80, noon))).toBe(true);
  expect(desk.of('hospital').some((set) => set.domain('evil.example', noon))).toBe(false);
});
