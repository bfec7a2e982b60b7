import { describe, expect, test } from 'vitest';
import { describe as describeRefusal, Refusal } from '@forewarn/base/refusal';
import { networkTypes, type Estate, type NetworkType } from '@forewarn/model/estate';
import { coverage, readCoverageRules, type Source } from './coverage.ts';

const text = `types:
${networkTypes
  .map(
    (type) => `  ${type}:
    within: { value: 300, unit: s, source: tried }
    connect:
      - { what: { en: Tap, zh: 分光 }, shows: { en: Flows, zh: 流 }, logs: [conn] }
      - { what: { en: Logs, zh: 日志 }, shows: { en: Sign-ins, zh: 登录 }, logs: [windows, auditd] }
`,
  )
  .join('')}`;
const rules = readCoverageRules(text, 'coverage/network-types.yaml');

const network = (id: string, type: NetworkType, organisation = 'works'): Estate['networks'][number] => ({
  id,
  organisation,
  type,
  name: { en: id, zh: id },
  addresses: [],
  domains: [],
});
const link = (id: string, from: string, to: string): Estate['links'][number] => ({
  id,
  organisation: 'works',
  name: { en: id, zh: id },
  tier: 'user',
  role: 'primary',
  capacityMbps: 100,
  from,
  to,
});
const estate = {
  networks: [network('offices', 'computer'), network('controllers', 'control'), network('backbone', 'telecom', 'carrier')],
  nodes: [
    { id: 'pumps', organisation: 'works', network: 'controllers', name: { en: 'Pumps', zh: '泵站' }, kind: 'site' as const },
  ],
  links: [link('between', 'offices', 'pumps'), link('uplink', 'offices', 'backbone')],
};
const now = 10_000;
const source = (over: Partial<Source>): Source => ({
  id: 'sensor',
  organisation: 'works',
  link: null,
  networkType: 'control',
  logs: [{ log: 'conn', lastAt: now - 10, records: 5 }],
  ...over,
});
const of = (type: NetworkType, ...sources: Source[]) => coverage(estate, sources, rules, now).find((one) => one.type === type)!;

describe('the state of a type', () => {
  test('without a source it is blind, and everything is to be connected', () => {
    const map = coverage(estate, [], rules, now);
    expect(map.map(({ type, state }) => [type, state])).toEqual(networkTypes.map((type) => [type, 'blind']));
    expect(map[0]).toMatchObject({ withinSeconds: 300, lastAt: null, sources: [] });
    expect(map[0]!.connect.map(({ what }) => what.en)).toEqual(['Tap', 'Logs']);
  });

  test('seen within the stated time, to the second; silent after it; blind when a source never sent', () => {
    const at = (lastAt: number) => of('control', source({ logs: [{ log: 'modbus', lastAt, records: 1 }] })).state;
    expect([at(now), at(now - 300), at(now - 301), at(now + 60)]).toEqual(['seen', 'seen', 'silent', 'seen']);
    expect(of('control', source({ logs: [] })).state).toBe('blind');
  });

  test('one source that is seen is enough, and the newest record counts', () => {
    const silent = source({ id: 'old', logs: [{ log: 'conn', lastAt: 5, records: 1 }] });
    const both = of('control', silent, source({}));
    expect(both).toMatchObject({ state: 'seen', lastAt: now - 10 });
    expect(both.sources.map(({ state }) => state)).toEqual(['silent', 'seen']);
    expect(of('control', silent).state).toBe('silent');
  });
});

describe('what a source shows', () => {
  const tap = source({ link: 'uplink', networkType: 'internet' });

  test('the type it is registered for, and the networks of its organisation in which its link ends', () => {
    expect(of('internet', tap)).toMatchObject({ state: 'seen', sources: [{ because: 'type' }] });
    expect(of('computer', tap)).toMatchObject({ state: 'seen', sources: [{ because: 'link' }] });
    expect(of('computer', tap).networks).toMatchObject([{ network: { id: 'offices' }, state: 'seen', sources: ['sensor'] }]);
  });

  test('not the other end, which is another organisation', () => {
    expect(of('telecom', tap)).toMatchObject({ state: 'blind', sources: [], networks: [{ state: 'blind' }] });
  });

  test('links that end in a network of the type, watched or not', () => {
    expect(of('computer', tap).links.map(({ link: { id }, state }) => [id, state])).toEqual([
      ['between', 'blind'],
      ['uplink', 'seen'],
    ]);
    // The backbone is another organisation's and not seen, but the line to it is.
    expect(of('telecom', tap)).toMatchObject({
      state: 'blind',
      links: [{ link: { id: 'uplink' }, state: 'seen', sources: ['sensor'] }],
    });
    expect(of('control', tap).links.map(({ link: { id }, state }) => [id, state])).toEqual([['between', 'blind']]);
  });
});

test('what is connected is not proposed any more', () => {
  const named = (one: Source) => of('control', one).connect.map(({ what }) => what.en);
  expect(named(source({}))).toEqual(['Logs']);
  expect(named(source({ logs: [{ log: 'auditd', lastAt: 1, records: 1 }] }))).toEqual(['Tap']);
});

test('a type that is missing in the content is refused with its place', () => {
  const without = text.replace(/ {2}control:\n(?: {4}.*\n)+/, '');
  let refusal: unknown;
  try {
    readCoverageRules(without, 'coverage/network-types.yaml');
  } catch (error) {
    refusal = (error as AggregateError).errors[0];
  }
  expect(refusal).toBeInstanceOf(Refusal);
  expect(describeRefusal(refusal as Refusal)).toMatch(/coverage\/network-types\.yaml.*types\.control/);
});
