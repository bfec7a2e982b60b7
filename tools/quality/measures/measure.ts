/**
 * What a measure is: one behaviour held against records of which it is known who did what. A measure is one file in this folder and a line in
 * `index.ts`; the table, the test and the command follow from the list.
 *
 * - *composed*: records made from a seed, an attack among ordinary traffic. Needs nothing but the repository.
 * - *data*: captures and lists with labels by others, in the folder of reference data. Skipped when it is absent.
 */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Seconds } from '@forewarn/base/time';
import { behaviours } from '@forewarn/detect/behaviours/index';
import { createDetector } from '@forewarn/detect/detector';
import type { Finding } from '@forewarn/model/finding';
import type { AnyRecord } from '@forewarn/model/records/record';
import { Random } from '@forewarn/prepare/random';
import { root, type loadDetection } from '../measure.ts';

/** Where reference data lies. */
export const dataFolder = process.env['FOREWARN_DATA_SET'] ?? resolve(root, '../shared/data');

export type Line = { log: string; record: AnyRecord };

/** What shall be found: who acts (or upon whom), from when, and when it would have done harm. */
export type Sign = {
  id: string;
  source?: string;
  target?: string;
  from: Seconds;
  /** When the loss begins that the finding should come before; `undefined` when there is none. */
  harmAt?: Seconds | undefined;
};

export type Trial = {
  lines: readonly Line[];
  signs: readonly Sign[];
  localNetworks?: readonly string[];
  /** The labels say what is there, and nothing of the rest: findings about the rest are not judged. */
  partial?: boolean;
};

/** One line of the table. */
export type Row = {
  behaviour: string;
  /** The name of the measure: unique for the behaviour. */
  on: string;
  kind: 'scenario' | 'composed' | 'data';
  about: string;
  records: number;
  expected: number;
  found: number;
  /** Findings of the behaviour, and those of them that tell nothing true. */
  findings: number;
  wrong: number;
  /** Findings of all other behaviours about hosts that did nothing; those at level informational are not counted. */
  others: number;
  /** Middle of the seconds from the first act to the first finding, and from the first finding to the harm. */
  delay: Seconds | undefined;
  lead: Seconds | undefined;
  /** Signs that were not found, by name. */
  missed: readonly string[];
  /** The labels say nothing of the rest: there is no precision. */
  partial?: boolean;
  note?: string;
};

export type Measure = {
  behaviour: string;
  on: string;
  kind: 'composed' | 'data';
  about: string;
  /** `undefined` when its data is absent. */
  run(detection: ReturnType<typeof loadDetection>): Promise<Row | undefined>;
};

/** Seeds of the committed table; the quick test takes the same, so that it can compare figure by figure. */
export const seeds = [1, 2, 3, 4, 5, 6] as const;

/** Seeds of composed traffic, fewer because each holds many acts. */
export const composedSeeds = seeds.slice(0, 3);

/** A measure on records that are made from seeds. */
export function composed(of: { behaviour: string; on: string; about: string; compose: (random: Random) => Trial }): Measure {
  const { behaviour, on, about, compose } = of;
  return {
    behaviour,
    on,
    about,
    kind: 'composed',
    run: async (detection) =>
      rowOf(
        { behaviour, on, about, kind: 'composed' },
        composedSeeds.map((seed) => hold(behaviour, compose(new Random(`${behaviour}/${on}/${seed}`)), detection)),
      ),
  };
}

/** A measure on data of others; `path` is below the folder of reference data. */
export function labelled(of: {
  behaviour: string;
  on: string;
  about: string;
  path: string;
  read: (path: string) => Promise<readonly Trial[]>;
}): Measure {
  const { behaviour, on, about, read } = of;
  const path = resolve(dataFolder, of.path);
  return {
    behaviour,
    on,
    about,
    kind: 'data',
    run: async (detection) => {
      if (!existsSync(path)) return undefined;
      const trials = await read(path);
      return {
        ...rowOf(
          { behaviour, on, about, kind: 'data' },
          trials.map((trial) => hold(behaviour, trial, detection)),
        ),
        partial: trials.some(({ partial }) => partial === true),
      };
    },
  };
}

/** What one trial gave. */
export type Held = {
  records: number;
  expected: number;
  found: number;
  findings: number;
  wrong: number;
  others: number;
  delays: Seconds[];
  leads: Seconds[];
  missed: string[];
};

/** When a sensor writes a record: a flow at its end. */
const writtenAt = ({ log, record }: Line): Seconds => {
  const { ts, duration } = record;
  return (typeof ts === 'number' ? ts : 0) + (log === 'conn' && typeof duration === 'number' ? duration : 0);
};

/** Runs the detector with all behaviours over the records, in the order in which a sensor would have written them, and compares. */
export function hold(
  behaviour: string,
  { lines, signs, localNetworks, partial }: Trial,
  detection: ReturnType<typeof loadDetection>,
): Held {
  const findings = new Map<string, { finding: Finding; toldAt: Seconds }>();
  let clock = -Infinity;
  const detector = createDetector({
    behaviours: detection.content.behaviours,
    ...(localNetworks && { localNetworks }),
    sink: (finding) => void findings.set(finding.id, { finding, toldAt: findings.get(finding.id)?.toldAt ?? clock }),
  });
  for (const line of [...lines].sort((a, b) => writtenAt(a) - writtenAt(b))) {
    clock = writtenAt(line);
    detector.push(line.log, line.record);
  }
  detector.end();
  const all = [...findings.values()];
  for (const { finding } of all) checkTechniques(finding);
  const own = all.filter(({ finding }) => finding.rule.id === `behaviour:${behaviour}`);
  const tells = (finding: Finding, sign: Sign): boolean =>
    (sign.source === undefined || sign.source === finding.source) &&
    (sign.target === undefined || finding.targets.includes(sign.target) || finding.source === sign.target) &&
    finding.to >= sign.from - 1;
  if (partial) {
    const judged = own.filter(({ finding }) => signs.some((sign) => tells(finding, sign)));
    own.length = 0;
    own.push(...judged);
  }
  const held: Held = {
    records: lines.length,
    expected: signs.length,
    found: 0,
    findings: own.length,
    wrong: own.filter(({ finding }) => !signs.some((sign) => tells(finding, sign))).length,
    others: partial
      ? 0
      : all.filter(
          ({ finding }) =>
            finding.rule.id !== `behaviour:${behaviour}` &&
            finding.level !== 'informational' &&
            !signs.some(
              (sign) =>
                sign.source === finding.source ||
                sign.target === finding.source ||
                (sign.target !== undefined && finding.targets.includes(sign.target)),
            ),
        ).length,
    delays: [],
    leads: [],
    missed: [],
  };
  for (const sign of signs) {
    const times = own.filter(({ finding }) => tells(finding, sign)).map(({ toldAt }) => toldAt);
    if (times.length === 0) {
      held.missed.push(sign.id);
      continue;
    }
    const first = Math.min(...times);
    held.found++;
    if (Number.isFinite(sign.from)) held.delays.push(first - sign.from);
    if (sign.harmAt !== undefined) held.leads.push(sign.harmAt - first);
  }
  return held;
}

/** A finding names techniques that its behaviour declares: the coverage of ATT&CK is counted by what is declared. */
function checkTechniques({ rule, technique }: Finding): void {
  const declared = behaviours.find(({ id }) => rule.id === `behaviour:${id}`)?.technique;
  const wrong = declared === undefined ? undefined : technique.find((id) => !declared.includes(id));
  if (wrong !== undefined) throw new Error(`${rule.id} names the technique ${wrong}, which it does not declare.`);
}

/** The middle value; `undefined` of none. */
export function middle(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

export function rowOf(head: Pick<Row, 'behaviour' | 'on' | 'kind' | 'about'>, trials: readonly Held[]): Row {
  const sum = (of: (held: Held) => number) => trials.reduce((total, held) => total + of(held), 0);
  return {
    ...head,
    records: sum((held) => held.records),
    expected: sum((held) => held.expected),
    found: sum((held) => held.found),
    findings: sum((held) => held.findings),
    wrong: sum((held) => held.wrong),
    others: sum((held) => held.others),
    delay: middle(trials.flatMap((held) => held.delays)),
    lead: middle(trials.flatMap((held) => held.leads)),
    missed: [...new Set(trials.flatMap((held) => held.missed))],
  };
}
