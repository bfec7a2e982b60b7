/** The table in `docs/detection-quality.md`: written by `npm run quality -- --write`, read again to compare. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './measure.ts';
import { composedSeeds, seeds, type Row } from './measures/measure.ts';
import type { ScenarioRow } from './scenarios.ts';

export const tableFile = join(root, 'docs/detection-quality.md');

const share = (of: number, all: number): string => (all === 0 ? '–' : (of / all).toFixed(3));

/** `0.4 s`, `12 min`; a sign before what came too late. */
function span(seconds: number | undefined): string {
  if (seconds === undefined) return '–';
  const size = Math.abs(seconds);
  if (size < 0.05) return '0 s';
  const text =
    size < 120 ? `${size.toFixed(1)} s` : size < 7200 ? `${(size / 60).toFixed(1)} min` : `${(size / 3600).toFixed(1)} h`;
  return seconds < 0 ? `−${text}` : text;
}

const headings = {
  row: ['behaviour', 'on', 'expected', 'found', 'recall', 'findings', 'wrong', 'precision', 'others', 'delay', 'lead', 'records'],
  scenario: ['scenario', 'steps', 'found', 'recall', 'findings', 'wrong', 'precision', 'lead', 'shortest lead'],
} as const;

function cells(row: Row): string[] {
  return [
    row.behaviour,
    row.on,
    String(row.expected),
    String(row.found),
    share(row.found, row.expected),
    String(row.findings),
    String(row.wrong),
    row.partial ? '–' : share(row.findings - row.wrong, row.findings),
    row.partial ? '–' : String(row.others),
    span(row.delay),
    span(row.lead),
    String(row.records),
  ];
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((head, i) => Math.max(head.length, 3, ...rows.map((row) => row[i]!.length)));
  const cellsOf = (of: readonly string[]) => `| ${of.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [cellsOf(heading), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(cellsOf)].join('\n');
}

const byName = (a: Row, b: Row): number =>
  a.behaviour < b.behaviour ? -1 : a.behaviour > b.behaviour ? 1 : a.on < b.on ? -1 : a.on > b.on ? 1 : 0;

/** What is said beside the rows: all risks of nDPI, and what is told on captures without labels. */
export type Surroundings = {
  risks: readonly { risk: string; flows: number; told: number }[];
  loudness: readonly {
    folder: string;
    captures: number;
    records: number;
    names: ReadonlyMap<string, { noted: number; told: number }>;
  }[];
};

/** The whole page. */
export function renderTable(
  rows: readonly Row[],
  scenarios: readonly ScenarioRow[],
  date: string,
  { risks, loudness }: Surroundings,
): string {
  const of = (kind: Row['kind']) => rows.filter((row) => row.kind === kind).sort(byName);
  const part = (kind: Row['kind']) => table(headings.row, of(kind).map(cells));
  const notes = (kind: Row['kind']) => {
    const texts = of(kind).map(
      ({ behaviour, on, about, missed, note }) =>
        `- **${behaviour} / ${on}**: ${about}${note ? ` ${note}` : ''}${missed.length > 0 ? ` Not found: ${missed.slice(0, 12).join('; ')}${missed.length > 12 ? ` and ${missed.length - 12} more` : ''}.` : ''}`,
    );
    return texts.join('\n');
  };
  return `# Detection quality

Measured ${date} at the default settings. Written by \`npm run quality -- --write\`; \`npm test\` measures the scenarios and the composed traffic again and
\`npm run conformance\` the labelled data, and both fail when a figure here has fallen.

_Expected_ are the acts that the behaviour shall find, _found_ those of them that it told. _Findings_ are all that it told, _wrong_ those of them about a host that
did no such thing; _others_ are findings of other behaviours on hosts that did nothing (level informational left out). _Delay_ is from the first
act to the first finding, _lead_ from the first finding to the harm, both the middle of all; – where there is none.

## Scenarios, seeds ${seeds[0]} to ${seeds.at(-1)}

Packets are generated with their truth, read by the capture engine and judged by rules, indicators and behaviours together. _Lead_ is from the
first finding to the first loss.

${table(
  headings.scenario,
  scenarios.map((row) => [
    row.scenario,
    String(row.steps),
    String(row.found),
    share(row.found, row.steps),
    String(row.findings),
    String(row.wrong),
    share(row.findings - row.wrong, row.findings),
    span(row.lead),
    span(row.leadLeast),
  ]),
)}

By behaviour:

${part('scenario')}

## Composed traffic, seeds ${composedSeeds[0]} to ${composedSeeds.at(-1)}

Records made from a seed: acts of the kind among ordinary traffic, with near misses. They show that a method does what it says on traffic as its
authors imagine it, no more.

${part('composed')}

${notes('composed')}

## Captures and lists labelled by others

Nothing here was made by us, and nothing is fitted to it.

${part('data')}

${notes('data')}

Misses, where the reason is known. _Known Proto on Non Std Port_: nDPI counts HTTP at 8080 (798 flows of one capture of attacks on a local server), RTSP at 8554 and IPP at 631, which
are registered or usual there; NFS, OpenVPN, BitTorrent and games have no port of their own here. _Validity Too Long_: nDPI holds every certificate against 398 days, which
is the rule for those issued since September 2020. _About To Expire_: nDPI warns thirty days ahead, Forewarn seven. _Susp DNS_, _Susp DGA_: single questions, where Forewarn wants 4 KB of talk or
six missing names; one is an ordinary name. Slips: the malicious JA3S is an indicator, not a behaviour, and found as one (\`tools/quality.conformance.ts\`).

All kinds of nDPI's risks, with the flows about whose hosts anything at all was told, by whatever rule: ${risks.map(({ risk, flows, told }) => `${risk} ${told} of ${flows}`).join('; ')}.
Most kinds that nobody here seeks are properties (one direction seen, a bare address as name, entropy, no server name), not acts; the attacks on web servers
are the matter of the rules in \`content/rules\`.

## How loud on captures without labels

Test captures of other projects: mostly benign, with attacks among them, each looked at by itself with rules, indicators and behaviours. Nobody has labelled them, so these are
counts and no precision. Informational findings in brackets; they accuse nobody and weigh nothing.

${loudness.map(({ folder, captures, records, names }) => `- **${folder}**: ${captures} captures, ${records} records: ${[...names].map(([name, { noted, told }]) => `${name} ${told}${noted > 0 ? ` (${noted})` : ''}`).join('; ')}.`).join('\n')}
`;
}

export function writeTable(
  rows: readonly Row[],
  scenarios: readonly ScenarioRow[],
  date: string,
  surroundings: Surroundings,
): void {
  writeFileSync(tableFile, renderTable(rows, scenarios, date, surroundings));
}

/** The figures of the committed table that must not fall. */
export type Committed = { behaviour: string; on: string; expected: number; found: number; wrong: number; others: number };

/** Reads the committed table. */
export function readTable(text = readFileSync(tableFile, 'utf8')): {
  rows: Committed[];
  date: string;
  scenarios: { scenario: string; found: number; wrong: number }[];
} {
  const rows: Committed[] = [];
  const scenarios: { scenario: string; found: number; wrong: number }[] = [];
  for (const textLine of text.split('\n')) {
    const parts = textLine
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (parts.length === headings.row.length && /^\d+$/.test(parts[2]!)) {
      const [behaviour, on, expected, found, , , wrong, , others] = parts as [string, string, ...string[]];
      rows.push({
        behaviour,
        on,
        expected: Number(expected),
        found: Number(found),
        wrong: Number(wrong),
        others: Number(others) || 0,
      });
    } else if (parts.length === headings.scenario.length && /^\d+$/.test(parts[1]!)) {
      scenarios.push({ scenario: parts[0]!, found: Number(parts[2]), wrong: Number(parts[5]) });
    }
  }
  return { rows, scenarios, date: /^Measured (\S+) /m.exec(text)?.[1] ?? '' };
}

/** What is worse than the committed figure, or stands in no table; empty when all is as good. */
export function fallen(row: Row, committed: readonly Committed[]): string[] {
  const was = committed.find(({ behaviour, on }) => behaviour === row.behaviour && on === row.on);
  const name = `${row.behaviour} on ${row.on}`;
  if (!was) return [`${name} stands in no table: npm run quality -- --write`];
  const worse: string[] = [];
  if (was.expected !== row.expected) worse.push(`${name}: ${row.expected} expected, the table has ${was.expected}`);
  if (row.found < was.found)
    worse.push(`${name}: ${row.found} found, the table has ${was.found}; now missed: ${row.missed.join(', ')}`);
  if (row.wrong > was.wrong) worse.push(`${name}: ${row.wrong} wrong, the table has ${was.wrong}`);
  if (row.others > was.others)
    worse.push(`${name}: ${row.others} findings of others on benign hosts, the table has ${was.others}`);
  return worse;
}

/** A row for a terminal. */
export function line(row: Row): string {
  return cells(row)
    .map((cell, i) => (i < 2 ? cell.padEnd(22) : cell.padStart(Math.max(8, headings.row[i]!.length))))
    .join(' ');
}

export const lineHeading = headings.row
  .map((cell, i) => (i < 2 ? cell.padEnd(22) : cell.padStart(Math.max(8, cell.length))))
  .join(' ');
