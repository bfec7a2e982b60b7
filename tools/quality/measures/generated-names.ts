/** Made-up names: hosts that look for a master among the misspelt names of an office, and single names labelled by others. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultModel } from '@forewarn/detect/behaviours/generated-names/model';
import { registered, scoreLabel, type NameModel } from '@forewarn/detect/behaviours/generated-names/names';
import { Random } from '@forewarn/prepare/random';
import { fitNames } from '../../names/fit.ts';
import { madeUp } from '../../names/made-up.ts';
import { composed, dataFolder, type Line, type Measure, type Sign } from './measure.ts';
import { asked, computer, office, start } from './ordinary.ts';

/** Names of nDPI's test, labelled, one a line. */
export function labelledNames(): { benign: string[]; generated: string[] } | undefined {
  const folder = join(dataFolder, 'net/dga');
  if (!existsSync(folder)) return undefined;
  const read = (file: string): string[] =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== '');
  return { benign: read('benign.txt'), generated: read('dga.txt') };
}

/** A name's half: names with an even hash (first byte of SHA-256) are for fitting, the others for the report. */
export const forFitting = (name: string): boolean => createHash('sha256').update(name).digest()[0]! % 2 === 0;

const labelOf = (name: string): string => registered(name)?.label ?? name.split('.')[0]!;

export type NameQuality = { auc: number; recall: number; threshold: number; benign: number; generated: number };

/** Area under the curve, and the share of made-up names found when one chosen name in a hundred is accused. */
export function judgeNames(
  score: (name: string) => number,
  benign: readonly string[],
  generated: readonly string[],
): NameQuality {
  const chosen = benign.map(score).sort((a, b) => b - a);
  const made = generated.map(score).sort((a, b) => b - a);
  const threshold = chosen[Math.floor(chosen.length / 100)]!;
  let above = 0;
  let area = 0;
  for (const of of made) {
    while (above < chosen.length && chosen[above]! > of) above++;
    let same = above;
    while (same < chosen.length && chosen[same] === of) same++;
    area += chosen.length - same + (same - above) / 2;
  }
  return {
    auc: area / chosen.length / made.length,
    recall: made.filter((of) => of > threshold).length / made.length,
    threshold,
    benign: chosen.length,
    generated: made.length,
  };
}

const byModel = (model: NameModel) => (name: string) => scoreLabel(model, labelOf(name));

/** The model fitted on one half, judged on the other; nothing of it is kept. */
export function fittedQuality(names: { benign: string[]; generated: string[] }): NameQuality {
  const model = fitNames(
    names.benign.filter(forFitting).map(labelOf),
    names.generated.filter(forFitting).map(labelOf),
    new Random('half'),
  );
  return judgeNames(
    byModel(model),
    names.benign.filter((name) => !forFitting(name)),
    names.generated.filter((name) => !forFitting(name)),
  );
}

/** The product's own model on the same half. */
export function defaultQuality(names: { benign: string[]; generated: string[] }): NameQuality {
  return judgeNames(
    byModel(defaultModel()),
    names.benign.filter((name) => !forFitting(name)),
    names.generated.filter((name) => !forFitting(name)),
  );
}

/** Names judged one by one: "found" are made-up names above the threshold at which one chosen name in a hundred is accused. */
function nameByName(on: string, about: string, quality: typeof fittedQuality): Measure {
  const head = { behaviour: 'generated-names', on, kind: 'data', about } as const;
  return {
    ...head,
    run: async () => {
      const labels = labelledNames();
      if (!labels) return undefined;
      const { auc, recall, benign, generated } = quality(labels);
      const found = Math.round(recall * generated);
      const wrong = Math.floor(benign / 100);
      return {
        ...head,
        records: benign + generated,
        expected: generated,
        found,
        findings: found + wrong,
        wrong,
        others: 0,
        delay: undefined,
        lead: undefined,
        missed: [],
        note: `Area under the curve ${auc.toFixed(3)}, recall ${recall.toFixed(3)} at 1 % false alarms (a bigram model: 0.785 and 0.36).`,
      };
    },
  };
}

export const generatedNames: readonly Measure[] = [
  composed({
    behaviour: 'generated-names',
    on: 'rendezvous',
    about:
      'six hosts ask for 40 made-up names each (every 2 s to 60 s), the last of which exists; the office misspells names, and meets names of content networks.',
    compose: (random) => {
      const lines: Line[] = office(random.split('office'), { computers: 50, seconds: 3_600 });
      const signs: Sign[] = [];
      // A crawler meets many missing names that people chose.
      for (let n = 0; n < 60; n++)
        lines.push(
          asked(
            start + n * 40,
            '10.20.0.70',
            `www.${random.pick(['garden', 'music', 'travel', 'old', 'my'])}${random.pick(['shop', 'club', 'world', 'house', 'blog'])}${n}.example`,
            undefined,
          ),
        );
      for (let i = 0; i < 6; i++) {
        const source = computer(4 + i * 7);
        const from = start + random.draw([100, 1_000]);
        const every = random.draw([2, 60]);
        const made = madeUp(random.split(i), 40);
        made.forEach((name, n) =>
          lines.push(
            asked(
              from + n * every,
              source,
              `${name}.${random.pick(['com', 'net', 'org', 'biz'])}`,
              n === made.length - 1 ? ['198.51.100.9'] : undefined,
            ),
          ),
        );
        signs.push({ id: `every ${every.toFixed(0)} s`, source, from, harmAt: from + (made.length - 1) * every });
      }
      return { lines, signs };
    },
  }),
  nameByName(
    'net/dga, own model',
    'names of nDPI’s test (LGPL-3) with an odd hash, one by one, by the product’s model, in which no name of malware is.',
    defaultQuality,
  ),
  nameByName(
    'net/dga, fitted',
    'the same names by the same method fitted at test time on those with an even hash; the model is thrown away.',
    fittedQuality,
  ),
];
