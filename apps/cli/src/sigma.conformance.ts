/** The public Sigma rules: each compiles or is refused with a reason; the regression events match their rules. */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describe as describeRefusal, type Refusal } from '@forewarn/base/refusal';
import { compile } from '@forewarn/model/query/evaluate';
import { readLogSources, readPlaceholders } from '@forewarn/detect/sigma/logsources';
import { readRules, type SigmaRule } from '@forewarn/detect/sigma/rule';
import { createRuleSet } from '@forewarn/detect/sigma/ruleset';
import { createLogIntake } from '@forewarn/sense/logs/intake';
import { eventOfJson } from '@forewarn/sense/logs/windows/event';

const root = new URL('../../../', import.meta.url).pathname;
const data = join(process.env['FOREWARN_DATA_SET'] ?? join(root, '../shared/data'), 'host/sigma');
const present = existsSync(data);
if (!present) console.log(`not run: the data set is missing (${data})`);

const sourcesWith = (placeholders: string) =>
  readLogSources(
    readFileSync(join(root, 'content/rules/logsources.yaml'), 'utf8'),
    'content/rules/logsources.yaml',
    readPlaceholders(placeholders, 'placeholders.yaml'),
  );
/** As the product comes, and as a place has it that gave the two rules with placeholders what only it can know. */
const bare = sourcesWith(readFileSync(join(root, 'content/rules/placeholders.yaml'), 'utf8'));
const logSources = sourcesWith('placeholders:\n  known_cdcs: ["cdc01.example.org", "192.0.2.10"]\n');

const record = (event: unknown) => eventOfJson((event as { Event: { [name: string]: unknown } }).Event)!;

function load(sources = logSources): { rules: SigmaRule[]; refusals: Refusal[]; files: number } {
  const rules: SigmaRule[] = [];
  const refusals: Refusal[] = [];
  const files = globSync('rules*/**/*.yml', { cwd: data }).sort();
  for (const file of files) {
    const loaded = readRules(readFileSync(join(data, file), 'utf8'), file, sources);
    rules.push(...loaded.rules);
    refusals.push(...loaded.refusals);
  }
  return { rules, refusals, files: files.length };
}

describe.skipIf(!present)('the public rule set', () => {
  const { rules, refusals, files } = present ? load() : { rules: [], refusals: [], files: 0 };

  test('every rule compiles', () => {
    console.log(`${files} files: ${rules.length} rules compile, ${refusals.length} are refused`);
    expect(refusals.map(describeRefusal)).toEqual([]);
    expect(rules.length).toBe(3757);
  });

  test('without the values that only a place can know, the two rules that ask for them are refused by name', () => {
    const { refusals: bareRefusals } = load(bare);
    for (const refusal of bareRefusals) console.log(`  ${describeRefusal(refusal)}`);
    expect(bareRefusals.map(({ place }) => place.file!.split('/').at(-1))).toEqual([
      'win_security_adcs_certighost_cdc_chase_request.yml',
      'win_security_adcs_certighost_cert_issued_via_chase.yml',
    ]);
    for (const refusal of bareRefusals) {
      expect(refusal.code).toBe('rule.modifier');
      expect(refusal.message).toContain('"known_cdcs"');
      expect(refusal.place.line).toBeGreaterThan(0);
    }
  });

  test('with them, a request that names an own server is no hit, and one that names another is', () => {
    const of = rules.find(({ place }) => place.file!.endsWith('win_security_adcs_certighost_cdc_chase_request.yml'))!;
    const matches = compile(of.predicate);
    const request = (server: string) => ({
      Channel: 'Security',
      EventID: 4886,
      Attributes: `cdc:${server} rmd:WS1$`,
      AttributesReceived: `cdc:${server} rmd:WS1$`,
    });
    expect([request('rogue.example.net'), request('CDC01.example.org')].map((event) => matches(event))).toEqual([true, false]);
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

  test('the one case that is a line of a router matches its rule too', () => {
    const [file] = globSync('regression_data/**/*.raw', { cwd: data });
    const rule = rules.find(({ id }) => file!.includes(id))!;
    const matches = compile(rule.predicate);
    let found = 0;
    const intake = createLogIntake(
      { name: 'router.log' },
      { record: (log, of) => void (found += rule.logs.includes(log) && matches(of) ? 1 : 0) },
    );
    // A collector wrote the sender's address before the line and left out its priority; this is how the router sends it.
    const line = readFileSync(join(data, file!), 'utf8').trim();
    intake.line(`<189>${line.replace(/^[\d.]+ /, '')}`);
    intake.flush();
    expect(found).toBe(1);
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
