/** One comparison: the rows that a bench wants, on one capture, in turns, and what each of them extracts. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { made, type Made, type Profile } from './capture.ts';
import { type Cost, cost, Failure, installed, ours, type OurReadings, print, printTable, type Row } from './run.ts';
import { recordsBelow, sizeBelow, type Tool, versionOf, warm } from './tools.ts';

/** A row as a bench lists it. `name` is what `--only` and `--without` take. */
export type Entry =
  | { name: string; what: string; kind: 'engine'; mode: 'all' | 'flows' | 'nothing'; reading: 'first' | 'warm'; extracts: string }
  | { name: string; what: string; kind: 'program'; args: readonly string[]; extracts: string }
  | { name: string; what: string; kind: 'tool'; tool: Tool };

export type Choice = {
  profiles: Profile[];
  /** Of each profile. */
  megabytes: { [K in Profile]: number };
  seed: number;
  rounds: number;
  entries: Entry[];
};

/** Reads the command line; exits with 2 when it is wrong. */
export function choose(usage: string, entries: readonly Entry[]): Choice {
  const { values } = parseArgs({
    options: {
      profile: { type: 'string', multiple: true, default: ['mixed', 'small'] },
      megabytes: { type: 'string', default: '100' },
      'small-megabytes': { type: 'string' },
      seed: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', multiple: true, default: [] },
      without: { type: 'string', multiple: true, default: [] },
    },
  });
  const numbers = [values.megabytes, values['small-megabytes'] ?? values.megabytes, values.seed, values.rounds].map(Number);
  const [mixed, small, seed, rounds] = numbers as [number, number, number, number];
  const unknown = [...values.only, ...values.without].filter((name) => !entries.some((entry) => entry.name === name));
  const wrong = values.profile.filter((name) => name !== 'mixed' && name !== 'small');
  if (unknown.length > 0 || wrong.length > 0 || !numbers.every((number) => number > 0)) {
    console.error(`${usage}\n\nNames for --only and --without: ${entries.map(({ name }) => name).join(' ')}`);
    process.exit(2);
  }
  return {
    profiles: values.profile as Profile[],
    megabytes: { mixed, small },
    seed,
    rounds,
    entries: entries.filter(
      ({ name }) => (values.only.length === 0 || values.only.includes(name)) && !values.without.includes(name),
    ),
  };
}

/** Runs what was chosen, and prints a table of costs and one of what was extracted, for each capture. */
export function compare(choice: Choice, unit: string): void {
  const temporary = mkdtempSync(join(tmpdir(), 'forewarn-bench-'));
  console.log(`Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`);
  for (const entry of choice.entries) {
    if (entry.kind === 'tool' && installed(entry.tool.program)) console.log(`${entry.tool.package} ${versionOf(entry.tool)}`);
  }
  try {
    for (const profile of choice.profiles) one(choice, profile, temporary, unit);
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

type Extract = { count: string; fields: string };

function one(choice: Choice, profile: Profile, temporary: string, unit: string): void {
  const capture = made(profile, choice.megabytes[profile], choice.seed);
  warm(capture.path);
  const rows = new Map<Entry, Row>();
  const extracts = new Map<Entry, Extract>();
  for (const entry of choice.entries) {
    const absent = entry.kind === 'tool' && !installed(entry.tool.program);
    rows.set(entry, { what: entry.what, costs: [], ...sizeFor(entry, capture), ...(absent ? { missing: 'not installed' } : {}) });
  }
  // They take turns, so that a noisy minute hits all of them.
  for (let round = 0; round < choice.rounds; round++) {
    const readings = new Map<string, OurReadings>();
    for (const entry of choice.entries) {
      const row = rows.get(entry)!;
      if (row.missing !== undefined) continue;
      const folder = join(temporary, `${profile}-${entry.name}-${round}`);
      mkdirSync(folder);
      // One process serves the first reading and the later ones of a mode.
      if (entry.kind === 'engine') {
        const both = choice.entries.some((each) => each.kind === 'engine' && each.mode === entry.mode && each.reading === 'warm');
        const known = readings.get(entry.mode) ?? ours(capture.path, entry.mode, both ? warmReadings : 1);
        readings.set(entry.mode, known);
        const { rssMB } = known;
        const own = entry.reading === 'first' ? known.readings.slice(0, 1) : known.readings.slice(2);
        row.costs.push(...own.map((each) => ({ ...each, rssMB })));
        if (round === 0) extracts.set(entry, ofEngine(known));
      } else if (entry.kind === 'program') {
        row.costs.push(program(entry.args, capture.path, folder));
        if (round === 0) extracts.set(entry, ofProgram(folder));
      } else {
        try {
          row.costs.push(cost(entry.tool.program, entry.tool.args(capture.path, folder)));
          if (round === 0) extracts.set(entry, ofTool(entry.tool, folder, capture));
        } catch (error) {
          // Some do not survive what is in these captures; that is a result too.
          row.costs.length = 0;
          row.missing = error instanceof Failure ? error.message : String(error);
        }
      }
      rmSync(folder, { recursive: true });
    }
  }
  const { bytes, packets, sha256, passes, sources } = capture;
  const title = `${profile}: ${(bytes / 1e6).toFixed(0)} MB, ${packets.toLocaleString('en')} packets of ${(bytes / packets).toFixed(0)} bytes`;
  print(`${title} (seed ${choice.seed}, ${passes} passes over ${sources} captures, SHA-256 ${sha256})`, [...rows.values()], unit);
  console.log('');
  printTable(
    ['what', 'what it extracts', 'records', 'fields'],
    [...extracts].map(([entry, { count, fields }]) => [
      entry.what,
      entry.kind === 'tool' ? entry.tool.extracts : entry.extracts,
      count,
      fields,
    ]),
    3,
  );
}

/** Readings in one process: two while the optimizing compiler is at work, then those that count as warm. */
const warmReadings = 4;

/** What a row was measured on: some tools read only the beginning. */
function sizeFor(entry: Entry, { packets, bytes }: Made): { packets: number; bytes: number } {
  const most = entry.kind === 'tool' ? (entry.tool.packetsMax ?? Infinity) : Infinity;
  // Packets are alike from pass to pass, so the part has its share of the bytes.
  return packets <= most ? { packets, bytes } : { packets: most, bytes: (bytes * most) / packets };
}

function program(args: readonly string[], path: string, folder: string): Cost {
  return cost(
    process.execPath,
    args.map((each) => (each === '{capture}' ? path : each === '{folder}' ? folder : each)),
  );
}

const counted = (count: number): string => count.toLocaleString('en');

function ofEngine({ records, fields }: OurReadings): Extract {
  const logs = Object.keys(records).length;
  if (logs === 0) return { count: 'none', fields: '–' };
  const sum = Object.values(records).reduce((a, b) => a + b, 0);
  return { count: `${counted(sum)} in ${logs} logs, ${counted(records['conn'] ?? 0)} flows`, fields: `${fields} in all logs` };
}

function ofProgram(folder: string): Extract {
  const records = recordsBelow(folder);
  const sum = Object.values(records).reduce((a, b) => a + b, 0);
  const { bytes } = sizeBelow(folder);
  return {
    count: `${counted(sum)} in ${Object.keys(records).length} logs, ${counted(records['conn'] ?? 0)} flows, ${(bytes / 1e6).toFixed(1)} MB`,
    fields: '–',
  };
}

function ofTool(tool: Tool, folder: string, { packets }: Made): Extract {
  const { count, what, fields } = tool.wrote(folder);
  const number = tool.packetsMax === undefined ? count : Math.min(packets, count);
  return { count: `${counted(number)} ${what}`, fields: fields === undefined ? '–' : String(fields) };
}
