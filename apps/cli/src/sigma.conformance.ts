/** The public Sigma rules: each compiles or is refused with a reason; the regression events match their rules. */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describe as describeRefusal, type Refusal } from '@forewarn/base/refusal';
import { compile } from '@forewarn/model/query/evaluate';
import { readLogSources } from '@forewarn/detect/sigma/logsources';
import { readRules, type SigmaRule } from '@forewarn/detect/sigma/rule';
import { createRuleSet } from '@forewarn/detect/sigma/ruleset';
import { eventOfJson } from '@forewarn/sense/logs/windows/event';

const root = new URL('../../../', import.meta.url).pathname;
const data = join(process.env['FOREWARN_DATA_SET'] ?? join(root, '../shared/data'), 'host/sigma');
const present = existsSync(data);
if (!present) console.log(`not run: the data set is missing (${data})`);

const logSources = readLogSources(
  readFileSync(join(root, 'content/rules/logsources.yaml'), 'utf8'),
  'content/rules/logsources.yaml',
);

const record = (event: unknown) => eventOfJson((event as { Event: { [name: string]: unknown } }).Event)!;

function load(): { rules: SigmaRule[]; refusals: Refusal[]; files: number } {
  const rules: SigmaRule[] = [];
  const refusals: Refusal[] = [];
  const files = globSync('rules*/**/*.yml', { cwd: data }).sort();
  for (const file of files) {
    const loaded = readRules(readFileSync(join(data, file), 'utf8'), file, logSources);
    rules.push(...loaded.rules);
    refusals.push(...loaded.refusals);
  }
  return { rules, refusals, files: files.length };
}

describe.skipIf(!present)('the public rule set', () => {
  const { rules, refusals, files } = present ? load() : { rules: [], refusals: [], files: 0 };

  test('every rule compiles or is refused with a reason', () => {
    const byCode = Map.groupBy(refusals, (refusal) => refusal.code);
    console.log(`${files} files: ${rules.length} rules compile, ${refusals.length} are refused`);
    for (const [code, some] of byCode) console.log(`  ${code} ${some.length}`);
    for (const refusal of refusals) console.log(`  ${describeRefusal(refusal)}`);
    expect(rules.length + refusals.length).toBe(3757);
    for (const refusal of refusals) {
      expect(refusal.place.line).toBeGreaterThan(0);
      expect(refusal.message).not.toBe('');
    }
    // The two that need placeholders, and nothing that could be said in the algebra.
    expect(refusals.length).toBeLessThanOrEqual(10);
  });

  test('every rule for the network compiles', () => {
    const network =
      globSync('rules*/**/*zeek*.yml', { cwd: data }).length + globSync('rules/network/**/*.yml', { cwd: data }).length;
    expect(network).toBeGreaterThan(20);
    const refused = refusals.filter((refusal) => /zeek|network\/|web\//.test(refusal.place.file ?? ''));
    expect(refused.map(describeRefusal)).toEqual([]);
  });

  test('each regression case matches its rule with at least as many events as it says', () => {
    const byId = Map.groupBy(rules, (rule) => rule.id);
    let cases = 0;
    let events = 0;
    let matching = 0;
    const wrong: string[] = [];
    for (const file of globSync('regression_data/**/*.json', { cwd: data }).sort()) {
      const id = /([0-9a-f-]{36})\.json$/.exec(file)![1]!;
      const matches = compile(byId.get(id)![0]!.predicate);
      const records = readEvents(readFileSync(join(data, file), 'utf8')).map((event) => record(event));
      const found = records.filter(matches).length;
      // Captures hold other events of the same attack too (the `cmd` round a `findstr`), which the rule is not about; `match_count` is a
      // floor, since upstream's evaluator counts once where a file was written twice.
      const info = readFileSync(join(data, file, '../info.yml'), 'utf8');
      const floor = Number(/^\s*match_count: (\d+)/m.exec(info)?.[1] ?? 1);
      cases++;
      events += records.length;
      matching += found;
      if (found < floor) wrong.push(`${file}: ${found} of ${records.length} events match, at least ${floor} should`);
    }
    console.log(`${cases - wrong.length} of ${cases} cases as they should be; ${matching} of ${events} events match their rule`);
    for (const line of wrong) console.log(`  ${line}`);
    expect(events).toBe(126);
    expect(wrong).toEqual([]);
  });

  test('the same rules match the regression events as in the reference evaluation', () => {
    const reference = JSON.parse(readFileSync(join(data, 'regression_cross_matches.json'), 'utf8')) as {
      [id: string]: { path: string; matching_rules: string[] };
    };
    const compiled = rules
      .filter((rule) => rule.logs.includes('windows'))
      .map((rule) => ({ id: rule.id, matches: compile(rule.predicate) }));
    let same = 0;
    const differences: string[] = [];
    for (const [id, { path, matching_rules: expected }] of Object.entries(reference)) {
      const [file] = globSync(`${path}/*.json`, { cwd: data });
      if (file === undefined) continue;
      const records = readEvents(readFileSync(join(data, file), 'utf8')).map((event) => record(event));
      const found = new Set(compiled.filter(({ matches }) => records.some(matches)).map((rule) => rule.id));
      const missing = expected.filter((rule) => !found.has(rule));
      const extra = [...found].filter((rule) => !expected.includes(rule));
      same += expected.length - missing.length;
      if (missing.length + extra.length > 0)
        differences.push(`${id}: missing ${missing.join(', ') || 'none'}; more ${extra.join(', ') || 'none'}`);
    }
    console.log(`${same} matches as in the reference, ${differences.length} cases differ`);
    for (const line of differences) console.log(`  ${line}`);
    expect(differences).toEqual([]);
  });

  test('all rules together find what each finds alone', () => {
    const set = createRuleSet(rules);
    const alone = rules
      .filter((rule) => rule.logs.includes('windows'))
      .map((rule) => ({ id: rule.id, matches: compile(rule.predicate) }));
    for (const file of globSync('regression_data/**/*.json', { cwd: data }).sort()) {
      for (const event of readEvents(readFileSync(join(data, file), 'utf8'))) {
        const one = record(event);
        const expected = alone.filter(({ matches }) => matches(one)).map((rule) => rule.id);
        expect(set.match('windows', one).map((rule) => rule.id)).toEqual(expected);
      }
    }
  });
});

/** One event, a list, or several objects one after the other. */
function readEvents(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    return text
      .split(/\n(?=\{)/)
      .filter((part) => part.trim() !== '')
      .map((part) => JSON.parse(part) as unknown);
  }
}
