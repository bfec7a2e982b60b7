/** `forewarn rules`: rules' own cases, and a rule tried on files. */

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Refusal, describe } from '@forewarn/base/refusal';
import { contentFolder, readContentFiles } from '@forewarn/center/content';
import { Hits, withoutSecrets } from '@forewarn/center/trials/trial';
import { assembleDetection } from '@forewarn/detect/content';
import { latenessMax } from '@forewarn/detect/behaviours/behaviour';
import { createCollection } from '@forewarn/detect/sigma/collection';
import { createCorrelator } from '@forewarn/detect/sigma/correlate';
import type { About } from '@forewarn/detect/sigma/document';
import type { LogSources } from '@forewarn/detect/sigma/logsources';
import { runOwnCases } from '@forewarn/detect/sigma/own-cases';
import { readRules, type LoadedRules } from '@forewarn/detect/sigma/rule';
import { compile } from '@forewarn/model/query/evaluate';
import { printPredicate } from '@forewarn/model/query/text';
import { subjectFields } from '@forewarn/model/finding';
import type { DayHits } from '@forewarn/store/clickhouse/past';
import { BadUse, type Command } from './command.ts';
import { readRecords } from './records.ts';
import { summary, tryPast } from './rules-past.ts';

/** A folder with more rules than this is no folder of rules; the public set has 3,757. */
const filesMax = 100_000;

export const command: Command = {
  help: `Usage: forewarn rules test [PATH…] [--json]
       forewarn rules try RULE FILE… [--json]
       forewarn rules try RULE --past 30d [--data DIR | --url URL --token TOKEN] [--json]

test compiles Sigma rules, correlations and filters (files or folders; the product's own without PATH) and runs the cases that
they carry under "forewarn: cases:". Each compiles wholly or is refused with file, line and reason. Exit code 1 when one was
refused or a case failed.

try runs the rules and correlations of one file on captures and logs, prints the condition they compile to and each record
they hold for, then how often, by day and by whom.

try --past runs the last correlation of a file, else its last rule, or a rule of the product by its id, on what a centre has stored: hits
by day, the first and the last, on whom most, examples, and what it read. Fields that the centre does not keep are named.

    --past SPAN    how far back: 12h, 30d, 8w
    --data DIR     a data folder (default: FOREWARN_DATA of the environment, or ./.forewarn). While its centre runs, that
                   centre is asked; otherwise the folder is read, and nobody can start it meanwhile
    --url URL      a running centre; --token TOKEN or FOREWARN_TOKEN of the environment is of somebody who may read records
    --json         results as JSON, one object a line`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        past: { type: 'string' },
        data: { type: 'string' },
        url: { type: 'string' },
        token: { type: 'string' },
      },
    });
    const [verb, ...rest] = positionals;
    const { content } = assembleDetection(await readContentFiles(contentFolder, ['rules', 'behaviours', 'indicators']));
    const { logSources } = content;
    const asJson = values.json === true;
    if (verb === 'test') {
      const paths = rest.length > 0 ? rest : [join(contentFolder, 'rules')];
      const { rules, correlations, refusals } = createCollection(loadRules(paths, logSources), logSources);
      let cases = 0;
      let wrong = 0;
      const judge = ({ id, title, place }: About, about: string, expected: boolean, holds: boolean): void => {
        cases++;
        if (holds === expected) return;
        wrong++;
        const where = `${place.file}:${place.line}`;
        if (asJson) terminal.out(`${JSON.stringify({ rule: id, place: where, case: about, expected, holds })}\n`);
        else
          terminal.out(
            `${where}: ${title}: "${about}": the rule ${expected ? 'should hold and does not' : 'holds and should not'}\n`,
          );
      };
      for (const { rule, about, expected, holds } of runOwnCases(rules, correlations)) judge(rule, about, expected, holds);
      for (const refusal of refusals) {
        terminal.out(
          asJson
            ? `${JSON.stringify({ refused: refusal.code, place: refusal.place, message: refusal.message })}\n`
            : `${describe(refusal)}\n`,
        );
      }
      if (asJson)
        terminal.out(
          `${JSON.stringify({ rules: rules.length + correlations.length, refused: refusals.length, cases, wrong })}\n`,
        );
      else
        terminal.out(
          `${rules.length + correlations.length} rules compile, ${refusals.length} are refused; ${cases - wrong} of ${cases} cases hold.\n`,
        );
      return refusals.length + wrong > 0 ? 1 : 0;
    }
    if (verb === 'try') {
      const [path, ...files] = rest;
      if (values.past !== undefined && path !== undefined) {
        if (files.length > 0) throw new BadUse('Try a rule on files or on the past, not both.');
        const { past, data, url, token } = values;
        return tryPast({ rule: path, past, data, url, token, json: asJson }, content, terminal);
      }
      if (path === undefined || files.length === 0) throw new BadUse('Name a rule and at least one capture or log.');
      const { rules, correlations, refusals } = createCollection(loadRules([path], logSources), logSources);
      for (const refusal of refusals) terminal.err(`forewarn: ${describe(refusal)}\n`);
      const tests = rules.map((rule) => ({
        rule,
        logs: new Set(rule.logs),
        matches: compile(rule.predicate),
        count: 0,
        hits: new Hits(),
      }));
      if (!asJson)
        for (const { rule } of tests)
          terminal.out(`${rule.title}\n  ${rule.logs.join(', ')}: ${printPredicate(rule.predicate)}\n`);
      const times = new Map(correlations.map(({ id }) => [id, new Hits()]));
      const correlator = createCorrelator(correlations, {
        lateness: latenessMax,
        tell: ({ correlation: { id, title, groupBy }, group, number, from, to, log, record }) => {
          times.get(id)!.add(undefined, hitOf(to, groupBy.join(', '), group.map(String)));
          const at = { group, number, from, to, _log: log, ...withoutSecrets(log, record) };
          terminal.out(`${JSON.stringify({ _correlation: asJson ? id : title, ...at })}\n`);
        },
      });
      let records = 0;
      let newest = -Infinity;
      const { failed } = await readRecords(files, terminal, (log, record) => {
        records++;
        for (const test of tests) {
          if ((!test.logs.has(log) && !test.logs.has('*')) || !test.matches(record)) continue;
          test.count++;
          const field = subjectFields.find((name) => record[name] !== undefined) ?? '';
          if (typeof record['ts'] === 'number') test.hits.add(log, hitOf(record['ts'], field, [String(record[field] ?? '')]));
          correlator.push(test.rule.id, log, record, () => undefined);
          if (!test.rule.alone) continue;
          terminal.out(
            `${JSON.stringify({ ...(asJson ? { _rule: test.rule.id } : {}), _log: log, ...withoutSecrets(log, record) })}\n`,
          );
        }
        const { ts } = record;
        if (typeof ts === 'number' && ts >= newest + advanceEvery) correlator.advance((newest = ts));
      });
      correlator.end();
      const lines = [
        ...tests.map(({ rule, count, hits }) => `${rule.title}: ${count} of ${records} records\n${byDay(hits)}`),
        ...correlations.map(({ id, title }) => `${title}: ${times.get(id)!.count} times\n${byDay(times.get(id)!)}`),
      ].join('');
      (asJson ? terminal.err : terminal.out)(lines);
      return failed + refusals.length > 0 ? 1 : 0;
    }
    throw new BadUse(verb === undefined ? 'Say what: test or try.' : `There is no "rules ${verb}"; there are test and try.`);
  },
};

const daySeconds = 86_400;

const hitOf = (ts: number, field: string, subject: string[]): DayHits => ({
  day: Math.floor(ts / daySeconds),
  organisation: '',
  field,
  subject,
  hits: 1,
  first: ts,
  last: ts,
});

/** Days and subjects of the hits; without the line that names the rule. */
function byDay(hits: Hits): string {
  const text = summary({ of: { kind: 'rule', id: null, title: '' }, ...hits.shown(), missing: [] });
  return hits.count === 0 ? '' : text.slice(text.indexOf('\n') + 1);
}

/** Record time moves on in steps of so many seconds. */
const advanceEvery = 30;

/** What the files of folders hold, file by file. */
export function loadRules(paths: readonly string[], logSources: LogSources): LoadedRules[] {
  const all: LoadedRules[] = [];
  for (const path of paths.flatMap((named) => listFiles(named, /\.ya?ml$/))) {
    const text = readFileSync(path, 'utf8');
    // Tables of the product stand beside its rules.
    if (/^(?:logsources|techniques|placeholders):/m.test(text)) continue;
    all.push(readRules(text, path, logSources));
  }
  return all;
}

/** The file itself, or the files of a folder whose names fit, in order. */
export function listFiles(path: string, pattern: RegExp): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const files = readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && pattern.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    if (files.length > filesMax)
      throw new Refusal('file.many', `The folder holds more than ${filesMax} files.`, {
        place: { file: path },
        advice: 'Name a smaller folder.',
      });
    return files;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Refusal('file.unreadable', 'There is no such file or folder.', {
        place: { file: path },
        cause: error,
        advice: 'Name a file or a folder that exists.',
      });
    }
    throw error;
  }
}
