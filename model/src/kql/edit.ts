/** A hunt's text changed by a click on a value: one more condition, only this, or counted by a column. */

import { borders, written } from './complete.ts';

type Stage = { text: string; name: string };

/** What stands before the first stage (names that are given, the source), and the stages. */
function stagesOf(text: string): { head: string; stages: Stage[] } {
  const places = borders(text);
  const first = places.findIndex((at) => text[at] === '|');
  if (first < 0) return { head: text.trim().replace(/;$/, ''), stages: [] };
  const bars = places.slice(first).filter((at) => text[at] === '|');
  const stages = bars.map((at, index): Stage => {
    const part = text
      .slice(at + 1, bars[index + 1] ?? text.length)
      .trim()
      .replace(/;$/, '');
    return { text: part, name: /^[a-z-]*/.exec(part)![0] };
  });
  return { head: text.slice(0, bars[0]).trim(), stages };
}

const joined = ({ head, stages }: { head: string; stages: readonly Stage[] }): string =>
  [head, ...stages.map(({ text }) => `| ${text}`)].join('\n');

const ends = new Set([
  'summarize',
  'distinct',
  'count',
  'sort',
  'order',
  'top',
  'take',
  'limit',
  'project',
  'project-away',
  'project-keep',
  'project-rename',
]);
const groups = new Set(['summarize', 'distinct', 'count']);

/**
 * One more condition, among those on records or, `grouped`, on the groups; its own repetition is not added, and its opposite gives way.
 */
export function withWhere(
  text: string,
  { condition, opposite, grouped }: { condition: string; opposite: string; grouped: boolean },
): string {
  const { head, stages } = stagesOf(text);
  const kept = stages.filter((stage) => stage.text !== `where ${opposite}`);
  const made = `where ${condition}`;
  if (kept.some((stage) => stage.text === made)) return joined({ head, stages: kept });
  const found = kept.findIndex(({ name }) => (grouped ? groups.has(name) : ends.has(name)));
  const at = found < 0 ? kept.length : grouped ? found + 1 : found;
  return joined({ head, stages: kept.toSpliced(at, 0, { text: made, name: 'where' }) });
}

/** This condition in place of those on records. */
export function onlyWhere(text: string, condition: string): string {
  const { head, stages } = stagesOf(text);
  const first = stages.findIndex(({ name }) => ends.has(name));
  const rest = first < 0 ? [] : stages.slice(first);
  return joined({ head, stages: [{ text: `where ${condition}`, name: 'where' }, ...rest] });
}

/** The records counted by a column, the most frequent first. */
export function countedBy(text: string, column: string): string {
  const { head, stages } = stagesOf(text);
  const first = stages.findIndex(({ name }) => ends.has(name));
  const counting = [`summarize n = count() by ${written(column)}`, 'sort by n desc'].map((each) => ({ text: each, name: '' }));
  return joined({ head, stages: [...(first < 0 ? stages : stages.slice(0, first)), ...counting] });
}

/** The question asked of one log alone, or of all its logs but one; where its source names none of several, it stays. */
export function ofLog(text: string, log: string, keep: boolean): string {
  const { head, stages } = stagesOf(text);
  const lets = head.lastIndexOf(';') + 1;
  const source = head.slice(lets).trim();
  const union = /^union\s+([\w\s,]+)$/.exec(source);
  const search = /^search(?:\s+in\s*\(([\w\s,]+)\))?\s+(["'@*].*)$/s.exec(source);
  const named = (union?.[1] ?? search?.[1] ?? '').split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
  const logs = keep ? [log] : named.filter((each) => each !== log);
  if (logs.length === 0 || (!union && !search)) return text;
  const made = search ? `search in (${logs.join(', ')}) ${search[2]}` : logs.length === 1 ? logs[0]! : `union ${logs.join(', ')}`;
  return joined({ head: [head.slice(0, lets).trim(), made].filter((each) => each !== '').join('\n'), stages });
}
