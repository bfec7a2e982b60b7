/** `forewarn rules`: rules' own cases, and a rule tried on files. */

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Refusal, describe } from '@forewarn/base/refusal';
import { contentFolder, readContentFiles } from '@forewarn/center/content';
import { assembleDetection } from '@forewarn/detect/content';
import type { LogSources } from '@forewarn/detect/sigma/logsources';
import { readRules, type LoadedRules } from '@forewarn/detect/sigma/rule';
import { compile } from '@forewarn/model/query/evaluate';
import { printPredicate } from '@forewarn/model/query/text';
import type { AnyRecord } from '@forewarn/model/records/record';
import { recordType } from '@forewarn/model/records/index';
import { isSecretField } from '@forewarn/model/records/open';
import { BadUse, type Command } from './command.ts';
import { readRecords } from './records.ts';

/** A folder with more rules than this is no folder of rules; the public set has 3,757. */
const filesMax = 100_000;

export const command: Command = {
  help: `Usage: forewarn rules test [PATH…] [--json]
       forewarn rules try RULE FILE… [--json]

test compiles Sigma rules (files or folders; the product's own without PATH) and runs the cases that they carry under
"forewarn: cases:". Each rule compiles wholly or is refused with file, line and reason. Exit code 1 when one was
refused or a case failed.

try runs the rules of one file on captures and logs, prints the condition they compile to and each record they hold for.

    --json   results as JSON, one object a line`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean' } },
    });
    const [verb, ...rest] = positionals;
    const { logSources } = assembleDetection(
      await readContentFiles(contentFolder, ['rules', 'behaviours', 'indicators']),
    ).content;
    const asJson = values.json === true;
    if (verb === 'test') {
      const { rules, refusals } = loadRules(rest.length > 0 ? rest : [join(contentFolder, 'rules')], logSources);
      let cases = 0;
      let wrong = 0;
      for (const rule of rules) {
        const matches = compile(rule.predicate);
        for (const { about, record, matches: expected } of rule.cases) {
          cases++;
          if (matches(record as AnyRecord) === expected) continue;
          wrong++;
          const where = `${rule.place.file}:${rule.place.line}`;
          if (asJson)
            terminal.out(`${JSON.stringify({ rule: rule.id, place: where, case: about, expected, holds: !expected })}\n`);
          else
            terminal.out(
              `${where}: ${rule.title}: "${about}": the rule ${expected ? 'should hold and does not' : 'holds and should not'}\n`,
            );
        }
      }
      for (const refusal of refusals) {
        terminal.out(
          asJson
            ? `${JSON.stringify({ refused: refusal.code, place: refusal.place, message: refusal.message })}\n`
            : `${describe(refusal)}\n`,
        );
      }
      if (asJson) terminal.out(`${JSON.stringify({ rules: rules.length, refused: refusals.length, cases, wrong })}\n`);
      else
        terminal.out(`${rules.length} rules compile, ${refusals.length} are refused; ${cases - wrong} of ${cases} cases hold.\n`);
      return refusals.length + wrong > 0 ? 1 : 0;
    }
    if (verb === 'try') {
      const [path, ...files] = rest;
      if (path === undefined || files.length === 0) throw new BadUse('Name a rule and at least one capture or log.');
      const { rules, refusals } = loadRules([path], logSources);
      for (const refusal of refusals) terminal.err(`forewarn: ${describe(refusal)}\n`);
      const tests = rules.map((rule) => ({ rule, logs: new Set(rule.logs), matches: compile(rule.predicate), count: 0 }));
      if (!asJson)
        for (const { rule } of tests)
          terminal.out(`${rule.title}\n  ${rule.logs.join(', ')}: ${printPredicate(rule.predicate)}\n`);
      let records = 0;
      const { failed } = await readRecords(files, terminal, (log, record) => {
        records++;
        for (const test of tests) {
          if ((!test.logs.has(log) && !test.logs.has('*')) || !test.matches(record)) continue;
          test.count++;
          terminal.out(
            `${JSON.stringify({ ...(asJson ? { _rule: test.rule.id } : {}), _log: log, ...withoutSecrets(log, record) })}\n`,
          );
        }
      });
      const lines = tests.map(({ rule, count }) => `${rule.title}: ${count} of ${records} records\n`).join('');
      (asJson ? terminal.err : terminal.out)(lines);
      return failed + refusals.length > 0 ? 1 : 0;
    }
    throw new BadUse(verb === undefined ? 'Say what: test or try.' : `There is no "rules ${verb}"; there are test and try.`);
  },
};

/** All but secrets: a person's own files are read on a person's own machine. */
function withoutSecrets(log: string, record: AnyRecord): AnyRecord {
  const columns = recordType(log)?.columns ?? {};
  const shown = ([name, value]: [string, AnyRecord[string]]): boolean =>
    Object.hasOwn(columns, name) ? columns[name]!.class !== 'secret' : !isSecretField(name, value);
  return Object.fromEntries(Object.entries(record).filter(shown));
}

/** The rules of files and folders. */
export function loadRules(paths: readonly string[], logSources: LogSources): LoadedRules {
  const all: LoadedRules = { rules: [], refusals: [] };
  for (const path of paths.flatMap((named) => listFiles(named, /\.ya?ml$/))) {
    const text = readFileSync(path, 'utf8');
    // Tables of the product stand beside its rules.
    if (/^(?:logsources|techniques):/m.test(text)) continue;
    const { rules, refusals } = readRules(text, path, logSources);
    all.rules.push(...rules);
    all.refusals.push(...refusals);
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
