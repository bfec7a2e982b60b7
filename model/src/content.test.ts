import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describe as sentence } from '@forewarn/base/refusal';
import { convert, evaluate, resolve } from './condition.ts';
import { assembleContent, type ContentFile } from './content.ts';
import { readFacts } from './factsheet.ts';
import { languages } from './text.ts';
import { readText } from './yaml.ts';

const root = fileURLToPath(new URL('../../content/', import.meta.url));
const paths = ['facts', 'gradings', 'laws', 'text'].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true }).map((path) => `${folder}/${String(path)}`),
);
const files: ContentFile[] = paths
  .filter((path) => /\.(yaml|json)$/.test(path))
  .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));

/** The content with one file changed by a replacement that must match. */
function broken(path: string, from: string, to: string): string[] {
  const changed = files.map((file) => (file.path === path ? { path, text: file.text.replace(from, to) } : file));
  expect(changed.some((file, i) => file.text !== files[i]!.text)).toBe(true);
  return assembleContent(changed).refusals.map(sentence);
}

describe('the content of the repository', () => {
  const { content, refusals } = assembleContent(files);

  it('is without fault', () => {
    expect(refusals.map(sentence)).toEqual([]);
  });

  it('has no key written twice', () => {
    const complaints = files
      .map((file) => readText(file.text, file.path))
      .flatMap((read) => (read.ok ? [] : read.refusals.map(sentence)));
    expect(complaints).toEqual([]);
  });

  it('names every fact, level, criterion and duty in both languages', () => {
    const [en, zh] = languages.map((language) => [...content.texts[language].keys()].sort());
    expect(en).toEqual(zh);
    expect(content.texts.zh.get('grade.cn-reporting-2025.level.3')).toBe('III 较大');
    expect(content.texts.en.get('law.cn-reporting-2025.duty.summary')).toBe('Send the full summary after handling has ended');
  });
});

const guide = 'gradings/cn-reporting-2025/scheme.yaml';
const law = 'laws/cn-reporting-2025/law.yaml';

describe('broken content is refused with file, line and field:', () => {
  it.each([
    [
      'an unknown fact',
      guide,
      'fact: persons_leaked, atLeast: 100000000',
      'fact: persons_leakd, atLeast: 100000000',
      /^gradings\/cn-reporting-2025\/scheme\.yaml:\d+:\d+ criteria\[\d+\]\.when\.fact: There is no fact "persons_leakd"\. Did you mean "persons_leaked"\?/,
    ],
    [
      'a wrong unit',
      guide,
      '{ value: 50, unit: percent }',
      '{ value: 50, unit: hours }',
      /measured in share, which hours cannot become/,
    ],
    [
      'an unknown term',
      guide,
      'atLeast: extremely_severe',
      'atLeast: terrible',
      /"terrible" is no term of the fact "system_loss"/,
    ],
    ['an unknown level', guide, 'level: 3\n', 'level: 7\n', /criteria\[\d+\]\.level: The scheme has no level 7/],
    ['an unknown source', guide, 'source: press-summary', 'source: hearsay', /There is no source "hearsay"/],
    ['a wrong mark', guide, 'mark: U', 'mark: X', /criteria\[\d+\]\.citations\[\d+\]\.mark/],
    ['an id that is not the folder', guide, 'id: cn-reporting-2025', 'id: cn-2025', /must be the name of its folder/],
    [
      'a matrix that falls',
      'gradings/gbz-20986-2007/scheme.yaml',
      'special: { extremely_severe: 1',
      'special: { extremely_severe: 4',
      /but the graver special\/extremely_severe has 4/,
    ],
    [
      'a duration',
      law,
      'within: PT240M',
      'within: P4H',
      /duties\[\d+\]\.within: "P4H" is not a span of time\. Write it as PT72H/,
    ],
    [
      'an unknown recipient',
      law,
      'to: [provincial-cac]',
      'to: [county-cac]',
      /duties\[\d+\]\.to\[0\]: The law declares no recipient "county-cac"/,
    ],
    ['an unknown item', law, '&report [entity_and_system', '&report [entity', /declares no item "entity"/],
    [
      'a text that a comma cut',
      'facts/impact.yaml',
      '{ en: Direct loss, zh',
      '{ en: Direct, loss, zh',
      /^facts\/impact\.yaml:\d+:\d+ .*Unrecognized field "loss"/,
    ],
  ])('%s', (_name, path, from, to, expected) => {
    const complaints = broken(path, from, to);
    // Every complaint is shown when none of them is the expected one.
    expect(complaints).toContainEqual(expect.stringMatching(expected));
  });

  it('a fact that is defined twice', () => {
    const twice = [...files, { path: 'facts/more.yaml', text: files.find((file) => file.path === 'facts/harm.yaml')!.text }];
    expect(assembleContent(twice).refusals.map(sentence)[0]).toMatch(/^facts\/more\.yaml:.*defined twice/);
  });
});

describe('conditions', () => {
  const { content } = assembleContent(files);
  const answer = (condition: Parameters<typeof resolve>[0], facts: object): string => {
    const problems: Parameters<typeof resolve>[2] = [];
    const resolved = resolve(condition, content.facts, problems);
    expect(problems).toEqual([]);
    const read = readFacts(facts, content.facts);
    return evaluate(resolved, read.ok ? read.value : {});
  };

  it('are yes, no or unknown', () => {
    const condition = {
      all: [
        { fact: 'persons_leaked', atLeast: 10 },
        {
          any: [
            { fact: 'suspected_crime', is: true },
            { fact: 'system_loss', atLeast: 'severe' },
          ],
        },
      ],
    };
    expect(answer(condition, {})).toBe('unknown');
    expect(answer(condition, { persons_leaked: 9 })).toBe('no');
    expect(answer(condition, { persons_leaked: 10 })).toBe('unknown');
    expect(answer(condition, { persons_leaked: 10, suspected_crime: true })).toBe('yes');
    expect(answer(condition, { persons_leaked: 10, suspected_crime: false, system_loss: { max: 'considerable' } })).toBe('no');
    expect(answer(condition, { persons_leaked: { min: 5 }, suspected_crime: true })).toBe('unknown');
    expect(answer({ fact: 'system_loss', is: 'severe' }, { system_loss: { min: 'minor', max: 'considerable' } })).toBe('no');
  });

  it('convert units exactly', () => {
    expect(convert(10, 'minutes', 'hours')).toBe(10 / 60);
    expect(convert(600, 'seconds', 'hours')).toBe(10 / 60);
    expect(convert(30, 'percent', 'share')).toBe(0.3);
    expect(convert(1, 'hours', 'persons')).toBeUndefined();
  });
});
