/**
 * Classes of the content of information are chosen by a person and handed over. Nothing of the product yields them: no rule, feed or
 * query, no computed fact, no scheme, law, map or collection. This test reads all content and all sources for the ways in which one could.
 */

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadContent, readContentFiles } from '@forewarn/center/content';
import { resolve, type ConditionProblem } from '@forewarn/model/condition';
import { checkClasses } from '@forewarn/model/incident-class';

const root = fileURLToPath(new URL('../', import.meta.url));
const content = await loadContent();
const byHand = [...content.classes.values()].flatMap((catalogue) =>
  catalogue.classes
    .filter((one) => one.byHandOnly)
    .flatMap((one) => [one, ...one.subclasses].map(({ code }) => ({ fact: catalogue.fact, code }))),
);
const classFacts = [...new Set([...content.classes.values()].map(({ fact }) => fact))];

describe('classes of the content of information', () => {
  it('are the fourth category of the standard, and all its classes', () => {
    expect(byHand.map(({ code }) => code)).toEqual([
      '04',
      '04001',
      '04002',
      '04003',
      '04004',
      '04005',
      '04006',
      '04007',
      '04999',
    ]);
    for (const catalogue of content.classes.values()) expect(checkClasses(catalogue)).toEqual([]);
  });

  it('are known from a person and from nothing that counts', () => {
    for (const fact of classFacts) expect(content.facts.get(fact)!.knownFrom).toEqual(['person']);
  });

  it.each(byHand)('$code cannot stand in a condition of any scheme, law or table', ({ fact, code }) => {
    const problems: ConditionProblem[] = [];
    resolve({ any: [{ fact, is: code }] }, content.facts, problems);
    expect(problems.map(({ message }) => message).join()).toMatch(/chosen by a person and handed over/);
  });

  it('are mapped to by no taxonomy', () => {
    const [catalogue] = content.classes.values();
    const abusive = { ...catalogue!, rsit: { 'abusive-content:spam': '04006' } };
    expect(
      checkClasses(abusive)
        .map(({ message }) => message)
        .join(),
    ).toMatch(/never mapped to/);
    for (const { rsit } of content.classes.values())
      expect(Object.values(rsit ?? {}).filter((code) => byHand.some((one) => one.code === code))).toEqual([]);
  });

  it('are read by no content: no rule, behaviour, indicator, grading, law, table, collection or schedule names the fact of classes', async () => {
    const files = await readContentFiles();
    expect(files.length).toBeGreaterThan(100);
    const naming = files.filter(
      ({ path, text }) => !path.startsWith('classes/') && classFacts.some((fact) => new RegExp(`\\b${fact}\\b`).test(text)),
    );
    expect(naming.map(({ path }) => path)).toEqual([]);
  });

  it('are made by no source: only the door at which a person states a fact knows them, and what proposes questions leaves them out', () => {
    const sources = ['sense', 'detect', 'know', 'assess', 'respond', 'share', 'prepare', 'store', 'guard', 'model', 'apps']
      .flatMap((folder) => readdirSync(root + folder, { recursive: true }).map((path) => `${folder}/${String(path)}`))
      .filter((path) => /\/src\/.*\.tsx?$/.test(path) && !/node_modules|\.test\.|\.conformance\./.test(path));
    expect(sources.length).toBeGreaterThan(500);
    const naming = sources.filter((path) => {
      const text = readFileSync(root + path, 'utf8');
      return classFacts.some((fact) => new RegExp(`\\b${fact}\\b`).test(text)) || /\bbyHandOnly\b/.test(text);
    });
    expect(naming.toSorted()).toEqual([
      'apps/center/src/incidents/facts.ts',
      'apps/web/src/pages/incidents/FactForm.tsx',
      'assess/src/regret/next-fact.ts',
      'model/src/condition.ts',
      'model/src/facts.ts',
      'model/src/incident-class.ts',
    ]);
  });
});
