/** The result of comparisons as text: a table by source and protocol, the accepted differences, and on wish every difference. */

import type { Accepted } from './accepted.ts';
import { acceptedFields, agreement, type Comparison } from './comparison.ts';

const cut = (text: string): string => (text.length > 100 ? `${text.slice(0, 99)}…` : text);

/** One line for each protocol: records, fields, equal, different, missing, accepted. */
export function table(comparisons: readonly Comparison[]): string {
  const head = [
    'source',
    'protocol',
    'captures',
    'records',
    'missing',
    'more of ours',
    'fields',
    'equal',
    'different',
    'in missing',
    'accepted',
    'unexplained',
    'equal %',
  ];
  const lines = comparisons.map((one) => [
    one.source,
    one.name,
    String(one.tests),
    String(one.records),
    String(one.missing),
    String(one.extra),
    String(one.fields),
    String(one.equal),
    String(one.different),
    String(one.missingFields),
    String(acceptedFields(one)),
    String(one.differences.length - acceptedFields(one)),
    agreement(one).toFixed(2),
  ]);
  const widths = head.map((name, i) => Math.max(name.length, ...lines.map((line) => line[i]!.length)));
  const row = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return [row(head), ...lines.map(row)].join('\n');
}

/** The entries of the reviewed list that explained something, each with how many fields. */
export function acceptedList(comparisons: readonly Comparison[]): string {
  const uses = new Map<Accepted, number>();
  for (const one of comparisons) {
    for (const { accepted } of one.differences) if (accepted) uses.set(accepted, (uses.get(accepted) ?? 0) + 1);
  }
  const lines = [...uses].map(
    ([entry, count]) =>
      `  ${entry.source} ${entry.name}, ${entry.test instanceof RegExp ? entry.test.source : entry.test}, ` +
      `${entry.rows ? `rows ${entry.rows.join(', ')}, ` : ''}${entry.place}: ${count} fields. ${entry.reason}${entry.rfc ? ` (${entry.rfc})` : ''}`,
  );
  return lines.length === 0 ? 'No accepted differences.' : ['Accepted differences:', ...lines].join('\n');
}

/** Every difference, by protocol, test and place; the fields that are not always equal; what was set aside; what only we have. */
export function details(comparison: Comparison): string {
  const lines = [`${comparison.source} ${comparison.name}: ${agreement(comparison).toFixed(2)} % of ${comparison.fields} fields`];
  const below = [...comparison.perField].filter(([, count]) => count.equal < count.all);
  if (below.length > 0) {
    lines.push(`  not always equal: ${below.map(([field, count]) => `${field} ${count.equal}/${count.all}`).join(', ')}`);
  }
  for (const one of comparison.setAside) lines.push(`  set aside ${one.test}: ${one.reason}`);
  const missing = new Set<string>();
  for (const each of comparison.differences) {
    const where = `${each.test} ${each.place}`;
    if (each.ours === '(no record)') {
      if (missing.has(where)) continue;
      missing.add(where);
      const values = comparison.differences.filter(
        (one) => one.ours === '(no record)' && one.test === each.test && one.place === each.place,
      );
      lines.push(`  ${where}: no record of ours for ${cut(values.map((one) => one.theirs).join(' '))}${mark(each.accepted)}`);
      continue;
    }
    lines.push(`  ${where} ${each.field}: theirs ${cut(each.theirs)}, ours ${cut(each.ours)}${mark(each.accepted)}`);
  }
  for (const extra of comparison.extras) lines.push(`  only ours: ${extra}`);
  return lines.join('\n');
}

const mark = (entry: Accepted | undefined): string => (entry ? ' – accepted' : '');
