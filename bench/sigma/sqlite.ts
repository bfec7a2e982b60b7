/**
 * The runner that we are measured beside, made as Zircolite is: events become rows of a table in SQLite, each rule a query over it. Channel and
 * number have an index. What SQL cannot say (keywords in whichever field, networks, parts of dates) is left out and counted.
 */

import { DatabaseSync } from 'node:sqlite';
import type { Predicate } from '@forewarn/model/query/query';
import { parsePattern } from '@forewarn/model/query/query';
import { compileRegex } from '@forewarn/model/query/regex';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { SigmaRule } from '@forewarn/detect/sigma/rule';

class Inexpressible extends Error {}

export type SqliteRun = {
  expressible: number;
  insertSeconds: number;
  rulesSeconds: number;
  /** Events that each rule holds for, by its id. */
  matches: Map<string, number>;
};

/** One run: a table, its rows, every rule once. Seconds are of the processor. */
export function runSqlite(rules: readonly SigmaRule[], events: readonly AnyRecord[]): SqliteRun {
  const columns = new Map<string, string>();
  const column = (field: string): string => {
    let name = columns.get(field);
    // SQLite's names of columns know no case, and fields differ by it.
    if (name === undefined) columns.set(field, (name = `c${columns.size}`));
    return name;
  };
  const tests = new Map<string, (text: string) => boolean>();
  const queries: { id: string; where: string }[] = [];
  for (const { id, predicate } of rules) {
    try {
      queries.push({ id, where: whereOf(predicate, column, tests) });
    } catch (error) {
      if (!(error instanceof Inexpressible)) throw error;
    }
  }
  for (const field of ['Channel', 'EventID']) column(field);

  const database = new DatabaseSync(':memory:');
  database.function('matches', { deterministic: true }, (key, text) =>
    typeof text === 'string' && tests.get(String(key))!(text) ? 1 : 0,
  );
  const began = process.cpuUsage();
  const names = [...columns.values()];
  database.exec(`create table events (${names.map((name) => `${name} text collate nocase`).join(', ')})`);
  database.exec('begin');
  const insert = database.prepare(`insert into events values (${names.map(() => '?').join(', ')})`);
  const fields = [...columns.keys()];
  for (const event of events) insert.run(...fields.map((field) => textOf(event[field])));
  database.exec('commit');
  database.exec(`create index sorted on events (${column('Channel')}, ${column('EventID')})`);
  const inserted = process.cpuUsage(began);
  const matches = new Map<string, number>();
  const asked = process.cpuUsage();
  let expressible = 0;
  for (const { id, where } of queries) {
    try {
      const row = database.prepare(`select count(*) as n from events where ${where}`).get() as { n: number };
      matches.set(id, row.n);
      expressible++;
    } catch {
      // Too deep or too long for SQLite.
    }
  }
  const spent = process.cpuUsage(asked);
  database.close();
  return {
    expressible,
    insertSeconds: (inserted.user + inserted.system) / 1e6,
    rulesSeconds: (spent.user + spent.system) / 1e6,
    matches,
  };
}

function textOf(value: AnyRecord[string] | undefined): string | null {
  if (value === undefined || value === null) return null;
  return Array.isArray(value) ? value.join('\n') : String(value);
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const like = (pattern: string): string => `like ${quoted(pattern)} escape '\\'`;
const plain = (text: string): string => text.replaceAll(/[\\%_]/g, '\\$&');

/** A balanced tree, since SQLite counts the depth of a chain. */
function joined(parts: readonly string[], operator: 'and' | 'or'): string {
  if (parts.length === 1) return parts[0]!;
  const middle = parts.length >> 1;
  return `(${joined(parts.slice(0, middle), operator)} ${operator} ${joined(parts.slice(middle), operator)})`;
}

function whereOf(predicate: Predicate, column: (field: string) => string, tests: Map<string, (text: string) => boolean>): string {
  const walk = (part: Predicate): string => whereOf(part, column, tests);
  const test = (field: string, expression: string): string => `ifnull(${column(field)} ${expression}, 0)`;
  switch (predicate.kind) {
    case 'and':
      return predicate.of.length === 0 ? '1' : joined(predicate.of.map(walk), 'and');
    case 'or':
      return predicate.of.length === 0 ? '0' : joined(predicate.of.map(walk), 'or');
    case 'not':
      return `not ifnull(${walk(predicate.of)}, 0)`;
    case 'exists':
      return `${column(predicate.field)} is not null`;
    case 'in':
      if (predicate.cased) throw new Inexpressible();
      // Without ifnull around it, so that the index may be used.
      return `${column(predicate.field)} in (${predicate.values.map((value) => quoted(String(value))).join(', ')})`;
    case 'order':
      return `(${test(predicate.field, "glob '[0-9]*'")} and cast(${column(predicate.field)} as real) ${{ lt: '<', lte: '<=', gt: '>', gte: '>=' }[predicate.op]} ${predicate.value})`;
    case 'regex': {
      const key = `${predicate.flags.join('')}/${predicate.pattern}`;
      if (!tests.has(key))
        tests.set(key, compileRegex(predicate.pattern, predicate.flags, { charactersMax: 20_000, field: predicate.field }));
      return `matches(${quoted(key)}, ${column(predicate.field)})`;
    }
    case 'text': {
      if (predicate.cased) throw new Inexpressible();
      const text = String(predicate.value);
      switch (predicate.op) {
        case 'equals':
          return `${column(predicate.field)} = ${quoted(text)}`;
        case 'contains':
          return test(predicate.field, like(`%${plain(text)}%`));
        case 'startswith':
          return test(predicate.field, like(`${plain(text)}%`));
        case 'endswith':
          return test(predicate.field, like(`%${plain(text)}`));
        case 'like':
          return test(
            predicate.field,
            like(
              parsePattern(text)
                .map((part) => ('literal' in part ? plain(part.literal) : 'any' in part ? '%' : '_'))
                .join(''),
            ),
          );
      }
    }
    default:
      throw new Inexpressible();
  }
}
