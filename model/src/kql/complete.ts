/**
 * What may stand at the caret of a hunt that is being written: logs, stages, the columns that stand at this stage with their meaning, operators
 * that suit the column, functions. Whether values of a column are wanted is said, and the page asks for them.
 */

import { Refusal } from '@forewarn/base/refusal';
import type { ColumnType, RecordType } from '../records/record.ts';
import { conditionFunctions } from './conditions.ts';
import { parseKql } from './kql.ts';
import { aggregateNames, stageNames } from './stages.ts';
import { columnsOf, isCountable, isNumber, isSpan, type Columns } from './schema.ts';
import { kqlCharactersMax } from './tokens.ts';

export type Completion = {
  label: string;
  insert: string;
  kind: 'log' | 'stage' | 'column' | 'operator' | 'function' | 'word';
  /** What a log or a column means; a column's type. */
  means: string;
};

export type Completions = {
  /** What the choice replaces. */
  from: number;
  to: number;
  items: Completion[];
  /** Values of this column may stand here; `quoted`: as texts. */
  values: { log: string; field: string; quoted: boolean } | null;
};

/** More are not read; typing on narrows them. */
export const completionsMax = 40;

/** Characters before the caret that say what comes next. */
const seenBehindMax = 1_000;

const wordEnd = /[A-Za-z0-9_.!~-]*$/;
const operatorWords = ['and', 'or'];

/** Positions of `|` and `;` outside of texts and comments. */
export function borders(text: string): number[] {
  const found: number[] = [];
  const pattern = /"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|\/\/[^\n]*|[|;]/g;
  for (const { 0: part, index } of text.matchAll(pattern)) if (part === '|' || part === ';') found.push(index);
  return found;
}

/** The open quotation at the end of a text, or -1. */
function openQuote(text: string): number {
  let open = -1;
  for (const { 0: part, index } of text.matchAll(/"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|\/\/[^\n]*/g)) {
    const whole = part.length > 1 && part.endsWith(part[0]!);
    open = /^["']/.test(part) && !whole && index + part.length === text.length ? index : -1;
  }
  return open;
}

export function complete(text: string, caret: number, recordTypes: readonly RecordType[]): Completions {
  const before = text.slice(0, Math.min(caret, kqlCharactersMax));
  const open = openQuote(before);
  const from = open >= 0 ? open : before.length - wordEnd.exec(before.slice(-200))![0].length;
  const word = before.slice(open >= 0 ? open + 1 : from).toLowerCase();
  const places = borders(before.slice(0, from));
  const last = places.at(-1);
  const stage = before.slice(last === undefined ? 0 : last + 1, from);
  const answer = (items: readonly Completion[], values: Completions['values'] = null): Completions => ({
    from,
    to: caret,
    items: open >= 0 ? [] : ranked(items, word),
    values,
  });
  const first = last === undefined || before[last] === ';';
  if (first) {
    if (/^\s*let\s/.test(stage)) return answer([]);
    const logs = recordTypes.map(({ log, means }): Completion => ({ label: log, insert: `${log} `, kind: 'log', means }));
    const named = stage
      .trim()
      .split(/[\s,()]+/)
      .filter((part) => part !== '');
    if (named.length === 0) return answer([...logs, ...['union', 'search', 'let'].map((each) => plain(each, 'stage'))]);
    if (/^(?:union|search\s+in\s*\()/.test(stage.trim()) && /(?:union\s+|[,(]\s*)$/.test(stage)) return answer(logs);
    return answer([{ label: '|', insert: '| ', kind: 'stage', means: '' }]);
  }
  const { columns, logs } = standing(before.slice(0, last), recordTypes);
  const name = /^\s*([a-z-]+)\s/.exec(stage)?.[1];
  if (name === undefined) return answer(stageNames.map((each) => plain(each, 'stage')));
  // Enough to see what stands before the caret; expressions that look for it must not go through a pasted list.
  const rest = stage.trimStart().slice(name.length).slice(-seenBehindMax);
  const own = [...columns].map(([label, { type }]): Completion => {
    const declared = recordTypes.find((each) => logs.includes(each.log) && Object.hasOwn(each.columns, label));
    return { label, insert: `${written(label)} `, kind: 'column', means: declared?.columns[label]!.means ?? type };
  });
  switch (name) {
    case 'where':
      return inCondition(rest);
    case 'summarize':
      return answer(inSummary(rest));
    case 'sort':
    case 'order':
    case 'top': {
      if (!/\bby\s/.test(rest)) return answer(name === 'top' && !/\d\s*$/.test(rest) ? [] : [plain('by', 'word')]);
      return answer(
        /(?:\bby|,)\s*$/.test(rest)
          ? own
          : [plain('desc', 'word'), plain('asc', 'word'), plain(',', 'word'), plain('|', 'stage')],
      );
    }
    case 'project':
    case 'project-away':
    case 'project-keep':
    case 'distinct':
      return answer(/(?:^|[,=])\s*$/.test(rest) ? own : [plain(',', 'word'), plain('|', 'stage')]);
    default:
      return answer([]);
  }

  function inCondition(condition: string): Completions {
    const functions = conditionFunctions.map((each): Completion => ({
      label: `${each}()`,
      insert: `${each}(`,
      kind: 'function',
      means: '',
    }));
    if (/(?:^|\band|\bor|\(|\bnot\s*\()\s*$/.test(condition) && !/\bin~?\s*\(\s*$|between\s*\(\s*$/.test(condition))
      return answer([...own, ...functions, { label: 'not()', insert: 'not(', kind: 'function', means: '' }]);
    const compared =
      /([\w.]+|\['[^']+'\])\s*(?:==|!=|=~|!~|<=|>=|<|>|!?(?:has|contains|startswith|endswith|hasprefix|hassuffix)(?:_cs)?|!?(?:in~?|has_any|has_all)\s*\((?:[^()]*,)?)\s*$/.exec(
        condition,
      );
    if (compared) {
      const column = columns.get(compared[1]!.replace(/^\['|'\]$/g, ''));
      if (!column) return answer([]);
      if (column.type === 'time') {
        return answer(
          ['ago(1h)', 'ago(1d)', 'now()', 'datetime(2026-01-01)'].map((each): Completion => ({
            label: each,
            insert: `${each} `,
            kind: 'function',
            means: '',
          })),
        );
      }
      return answer([], {
        log: logs[0] ?? '',
        field: column.field,
        quoted: !isNumber(column.type) && !isSpan(column.type) && column.type !== 'bool',
      });
    }
    const after = /([\w.]+|\['[^']+'\])\s+$/.exec(condition);
    const column = after && columns.get(after[1]!.replace(/^\['|'\]$/g, ''));
    if (column) return answer(operatorsFor(column.type).map((each) => plain(each, 'operator')));
    return answer([...operatorWords, '|'].map((each) => plain(each, each === '|' ? 'stage' : 'word')));
  }

  function inSummary(summary: string): Completion[] {
    const by = /\bby\s(.*)$/s.exec(summary);
    if (/\(\s*$/.test(summary)) return /bin\s*\(\s*$/.test(summary) ? own.filter(({ label }) => label === 'ts') : own;
    if (by)
      return /(?:^|[,=])\s*$/.test(by[1]!)
        ? [{ label: 'bin(ts, 1h)', insert: 'bin(ts, 1h) ', kind: 'function', means: '' }, ...own]
        : [plain(',', 'word'), plain('|', 'stage')];
    if (/(?:^|[,=])\s*$/.test(summary)) {
      return aggregateNames.map((each): Completion => {
        const bare = each === 'count';
        return { label: `${each}()`, insert: bare ? 'count() ' : `${each}(`, kind: 'function', means: '' };
      });
    }
    return [plain('by', 'word'), plain(',', 'word'), plain('|', 'stage')];
  }
}

const plain = (label: string, kind: Completion['kind']): Completion => ({ label, insert: `${label} `, kind, means: '' });

/** A column as it is written: with other signs than letters, digits and dots in brackets. */
export function written(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/.test(name) ? name : `['${name}']`;
}

function operatorsFor(type: ColumnType): string[] {
  if (type === 'bool') return ['==', 'and', 'or', '|'];
  if (isCountable(type)) return ['==', '!=', '>', '>=', '<', '<=', 'in', '!in', 'between'];
  return [
    '==',
    '=~',
    '!=',
    'has',
    'contains',
    'startswith',
    'endswith',
    'in',
    '!in',
    'in~',
    'has_any',
    '!has',
    '!contains',
    'matches regex',
  ];
}

/** What begins with the word, then what holds it. */
function ranked(items: readonly Completion[], word: string): Completion[] {
  const starting = items.filter(({ label }) => label.toLowerCase().startsWith(word));
  const holding =
    word === '' ? [] : items.filter(({ label }) => !label.toLowerCase().startsWith(word) && label.toLowerCase().includes(word));
  return [...starting, ...holding].slice(0, completionsMax);
}

/** The columns that stand after some stages; where they cannot be read yet, those of the logs. */
function standing(text: string, recordTypes: readonly RecordType[]): { columns: Columns; logs: string[] } {
  const named = new Set(text.slice(0, 2_000).match(/[a-z][a-z0-9_]*/g));
  try {
    const { query, columns } = parseKql(text, { now: 0, recordTypes, searched: recordTypes.slice(0, 1).map(({ log }) => log) });
    const types = recordTypes.filter(({ log }) => query.from.includes(log));
    const all = columnsOf(types);
    if (!columns) return { columns: all, logs: [...query.from] };
    return {
      columns: new Map(
        columns.map(({ name, field, type }) => [name, { field, type, class: all.get(field)?.class ?? 'technical' }]),
      ),
      logs: [...query.from],
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const types = recordTypes.filter(({ log }) => named.has(log));
    return { columns: columnsOf(types), logs: types.map(({ log }) => log) };
  }
}
