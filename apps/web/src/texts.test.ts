import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packetLayerNames } from '@forewarn/model/packet';
import { packetFieldNames } from '@forewarn/model/packet-fields';
import { describe, expect, test } from 'vitest';

const here = import.meta.dirname;
const catalogue = (language: string, area = 'web'): Record<string, string> =>
  JSON.parse(readFileSync(join(here, `../../../content/text/${language}/${area}.json`), 'utf8')) as Record<string, string>;
/** The catalogues of the workbench's own texts; each holds the keys that begin with its name. */
const areas = [
  'web',
  'grouping',
  'noise',
  'investigate',
  'indicators',
  'exposures',
  'estate',
  'proposals',
  'topology',
  'warnings',
  'causes',
  'forecast',
  'situations',
  'desk',
  'notices',
  'reports',
];
const all = (language: string): Record<string, string> => Object.assign({}, ...areas.map((area) => catalogue(language, area)));
const en = all('en');
const zh = all('zh');

const sources = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(join(here, name), 'utf8') }));

const used = new Map<string, string>();
for (const { name, text } of sources)
  for (const [, key] of text.matchAll(
    /'((?:web|reports|notices|grouping|noise|investigate|indicators|exposures|estate|proposals|topology|warnings|causes|forecast|situations|desk)\.[\w.]+)'/g,
  ))
    used.set(key!, name);

const places = (template: string) => [...template.matchAll(/\{(\w+)\}/g)].map(([, place]) => place!).sort();

describe('texts of the workbench', () => {
  test('every key that is used stands in both languages', () => {
    expect([...used].filter(([key]) => en[key] === undefined || zh[key] === undefined)).toEqual([]);
  });

  test('no key stands unused', () => {
    expect([...new Set([...Object.keys(en), ...Object.keys(zh)])].filter((key) => !used.has(key))).toEqual([]);
  });

  test('keys are never put together, so that the two tests above see all of them', () => {
    expect(
      sources
        .filter(({ text }) =>
          /`(?:web|reports|notices|grouping|noise|investigate|indicators|exposures|estate|proposals|topology|warnings|causes|forecast|situations|desk)\.|'(?:web|reports|notices|grouping|noise|investigate|indicators|exposures|estate|proposals|topology|warnings|causes|forecast|situations|desk)\.[\w.]*'\s*\+/.test(
            text,
          ),
        )
        .map(({ name }) => name),
    ).toEqual([]);
  });

  test('both languages fill the same places', () => {
    expect(Object.keys(en).filter((key) => places(en[key]!).join() !== places(zh[key]!).join())).toEqual([]);
  });

  test('Chinese texts are Chinese, and no text is empty', () => {
    // Signs, figures and names that are the same in every language.
    const same = new Set([
      'web.list',
      'web.technique.T1505.003',
      'web.unit.percent',
      'web.sensors.percent',
      'web.ofCount',
      'forecast.percent',
      'web.grade.against',
    ]);
    expect(
      Object.keys(zh).filter((key) => zh[key] === '' || en[key] === '' || (!same.has(key) && !/\p{Script=Han}/u.test(zh[key]!))),
    ).toEqual([]);
  });

  test('every layer and field of a packet has a title in both languages, and no title is of another', () => {
    const wanted = [
      ...packetFieldNames.map((name) => `packet.field.${name}`),
      ...packetLayerNames.map((name) => `packet.layer.${name}`),
    ].sort();
    for (const language of ['en', 'zh']) expect(Object.keys(catalogue(language, 'packet')).sort()).toEqual(wanted);
    expect(Object.entries(catalogue('zh', 'packet')).filter(([, title]) => !/\p{Script=Han}/u.test(title))).toEqual([]);
  });

  test('no words for people stand in the markup', () => {
    // Names that are the same in every language.
    const names = /^(?:Forewarn|DEMO|JSON|UTC|Ctrl K|community_id|\?)$/;
    const literal = sources.flatMap(({ name, text }) =>
      [...text.matchAll(/>\s*([\p{L}][^<>{}()=;]*?)\s*<\/[a-z]/giu)]
        .map(([, words]) => words!.trim())
        .filter((words) => !names.test(words) && !(name === 'main.tsx' && words.startsWith('Forewarn cannot be reached')))
        .map((words) => `${name}: ${words}`),
    );
    expect(literal).toEqual([]);
  });
});
