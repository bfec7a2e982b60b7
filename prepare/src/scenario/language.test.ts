import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describe as sentence, type Refusal } from '@forewarn/base/refusal';
import { activities } from '../activities/index.ts';
import { generate } from '../generate.ts';
import { readScenario } from './language.ts';

const good = `id: small
title: { en: Small, zh: 小 }
summary: { en: Small, zh: 小 }
start: 2026-03-03T08:00:00Z
length: PT20M
networks:
  - { id: in, name: { en: In, zh: 内 }, cidr: 10.0.0.0/24, side: inside }
  - { id: out, name: { en: Out, zh: 外 }, cidr: 203.0.113.0/25, side: outside }
hosts:
  - { id: people, name: { en: People, zh: 人 }, network: in, count: [2, 4] }
  - { id: site, name: { en: Site, zh: 站 }, network: out, count: 1, names: [www.site.example] }
actors:
  - { id: one, name: { en: One, zh: 甲 }, from: people }
background:
  - { id: reading, do: browse, from: people, to: site, every: [PT10S, PT30S] }
steps:
  - { id: report, name: { en: Report, zh: 回连 }, technique: T1071.001, harm: none, at: { share: [0.1, 0.2] }, do: beacon, from: one, to: site, every: PT30S, jitter: 0.1 }
nearMisses: []
`;

const complaints = (text: string): string[] => {
  try {
    readScenario(text, 'small.yaml');
  } catch (error) {
    return (error as AggregateError).errors.map((one) => sentence(one as Refusal));
  }
  return [];
};

test('the example of the guide is a scenario', () => {
  const guide = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const example = /^ {4}id: small\n[\s\S]*?^ {4}nearMisses.*$/m.exec(guide)![0].replaceAll(/^ {4}/gm, '');
  const { truth } = generate(readScenario(example, 'README.md'), { seed: 1 });
  expect(truth.steps.map(({ id }) => id)).toEqual(['report']);
  const table = [...guide.matchAll(/^\| `([a-z0-9-]+)` +\|/gm)].map(([, kind]) => kind);
  expect(table.toSorted()).toEqual(activities.map(({ kind }) => kind).toSorted());
});

test('a scenario is read', () => {
  expect(complaints(good)).toEqual([]);
  expect(readScenario(good, 'small.yaml')).toMatchObject({ id: 'small', length: 1_200, start: 1_772_524_800 });
});

test.each([
  ['an unknown activity', 'do: browse', 'do: brows', /^small\.yaml:15:.*There is no such activity\. Known are beacon, browse/],
  ['an unknown parameter', 'jitter: 0.1', 'jitters: 0.1', /^small\.yaml:17:.*jitter/],
  ['a span that is none', 'every: PT30S', 'every: 30s', /^small\.yaml:17:.*every/],
  ['a span without length', 'every: PT30S', 'every: PT0S', /^small\.yaml:17:.*at least PT0\.01S/],
  ['spans the wrong way round', '[PT10S, PT30S]', '[PT30S, PT10S]', /^small\.yaml:15:.*The smaller value comes first/],
  [
    'a group that is not there',
    'from: people, to',
    'from: persons, to',
    /^small\.yaml:15:.*There is no group of hosts and no actor "persons"/,
  ],
  ['a network that is not there', 'network: in,', 'network: inn,', /^small\.yaml:10:.*There is no network "inn"/],
  ['a public address inside', '10.0.0.0/24', '11.0.0.0/24', /^small\.yaml:7:.*private/],
  ["somebody's address outside", '203.0.113.0/25', '8.8.8.0/24', /^small\.yaml:8:.*documentation/],
  ["somebody's name", 'www.site.example', 'www.site.com', /^small\.yaml:11:.*RFC 2606/],
  ['a time without a zone', '08:00:00Z', '08:00:00', /^small\.yaml:4:.*start/],
  ['a name used twice', 'id: report', 'id: reading', /^small\.yaml:17:.*"reading" is used twice/],
  [
    'an order that cannot be',
    'at: { share: [0.1, 0.2] }',
    'at: { after: later, by: PT5S }',
    /^small\.yaml:17:.*There is no step "later"/,
  ],
  ['a technique that is none', 'T1071.001', 'beacon', /^small\.yaml:17:.*ATT&CK/],
  [
    'more actors than hosts',
    'actors:\n',
    'actors:\n  - { id: two, name: { en: T, zh: 乙 }, from: people }\n  - { id: three, name: { en: T, zh: 丙 }, from: people }\n',
    /only 2 hosts for 3 actors/,
  ],
  ['no YAML', 'id: small', 'id: [small', /^small\.yaml:\d+/],
])('%s is refused with its place', (_, from, to, expected) => {
  expect(good).toContain(from);
  const found = complaints(good.replace(from, to));
  expect(found.length).toBeGreaterThan(0);
  expect(found).toContainEqual(expect.stringMatching(expected));
});
