/** The laws' own cases, and the proof that they watch every duration, level, recipient, start and end. */

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseSpan } from '@forewarn/base/time';
import { assembleContent } from '@forewarn/model/content';
import { Duty, eventKinds, type Law } from '@forewarn/model/duty';
import { languages, render } from '@forewarn/model/text';
import { readContent } from '@forewarn/model/yaml';
import { LawCases, failedCases } from './cases.ts';
import { duties } from './duties.ts';

const root = fileURLToPath(new URL('../../content/', import.meta.url));
const paths = ['facts', 'gradings', 'laws', 'text'].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true }).map((path) => `${folder}/${String(path)}`),
);
const files = paths
  .filter((path) => /\.(yaml|json)$/.test(path))
  .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));
const { content, refusals } = assembleContent(files);

function casesOf(law: Law): LawCases {
  const path = `laws/${law.id}/cases.yaml`;
  const read = readContent(LawCases, readFileSync(root + path, 'utf8'), path);
  if (!read.ok)
    throw new AggregateError(
      read.refusals,
      read.refusals.map((refusal) => `${refusal.place.line}: ${refusal.message}`).join('\n'),
    );
  return read.value;
}

/** Every duty with one of its values changed. */
function* mutants(law: Law): Iterable<{ name: string; law: Law }> {
  for (const [i, duty] of law.duties.entries()) {
    const change = (name: string, part: Partial<Law['duties'][number]>): { name: string; law: Law } => ({
      name: `${duty.id}: ${name}`,
      law: { ...law, duties: law.duties.with(i, { ...duty, ...part }) },
    });
    yield { name: `${duty.id}: removed`, law: { ...law, duties: law.duties.toSpliced(i, 1) } };
    if (duty.within === 'promptly') yield change('given a limit', { within: 'PT1M' });
    else {
      const seconds = parseSpan(duty.within);
      yield change('one minute more', { within: `PT${seconds + 60}S` });
      yield change('one minute less', { within: `PT${seconds - 60}S` });
      yield change('promptly', { within: 'promptly' });
    }
    for (const level of [1, 2, 3, 4]) if (level !== duty.fromLevel) yield change(`from level ${level}`, { fromLevel: level });
    for (const event of eventKinds) {
      if (event !== duty.startedBy) yield change(`started by ${event}`, { startedBy: event });
      if (event !== duty.metBy) yield change(`met by ${event}`, { metBy: event });
    }
    for (const [j, to] of duty.to.entries())
      if (duty.to.length > 1) yield change(`without ${to}`, { to: duty.to.toSpliced(j, 1) });
    if (duty.when) yield change('unconditional', { when: undefined });
    if (duty.after) yield change('after nothing', { after: undefined });
  }
}

describe('laws', () => {
  it('are content without a fault', () => {
    expect(refusals.map((refusal) => `${refusal.place.file}:${refusal.place.line} ${refusal.message}`)).toEqual([]);
    expect([...content.laws.keys()]).toEqual(['cn-reporting-2025']);
  });

  describe.each([...content.laws.values()].map((law) => ({ id: law.id, law })))('$id', ({ law }) => {
    const cases = casesOf(law);

    it('passes its own cases', () => {
      expect(failedCases(law, content.facts, cases)).toEqual([]);
    });

    it('has a case that notices every changed duration, level, recipient, start and end', () => {
      const all = [...mutants(law)];
      const survived = all
        .filter((mutant) => failedCases(mutant.law, content.facts, cases, 1).length === 0)
        .map((mutant) => mutant.name);
      expect(all.length).toBeGreaterThan(100);
      expect(survived).toEqual([]);
    });

    it('gives duties of the declared shape, in words that both catalogues have', () => {
      const events = [{ event: 'found' as const, at: 0 }];
      for (const reporters of [[], ...law.reporters.map(({ id }) => [id])]) {
        const found = duties(law, {
          grade: { floor: 3, ceiling: 1, factsUsed: [] },
          facts: {},
          events,
          reporters,
          catalogue: content.facts,
          at: 10,
        });
        for (const duty of found) {
          expect(() => Duty.parse(duty)).not.toThrow();
          for (const language of languages)
            for (const words of duty.words) expect(render(words, content.texts[language], language)).not.toMatch(/[[\]{}]/);
        }
      }
    });
  });
});
