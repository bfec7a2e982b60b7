#!/usr/bin/env node
/**
 * Writes the product's model of made-up names: `node tools/names.ts DIR` with the folder of MISP's warning lists (CC0 1.0). Names that people chose are
 * those of its lists of most-used sites (Tranco, Majestic, Cisco Umbrella, Moz); made-up ones come from the generators of `names/made-up.ts`. Nothing else goes in.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { registered, scoreLabel } from '@forewarn/detect/behaviours/generated-names/names';
import { Random } from '@forewarn/prepare/random';
import { fitNames } from './names/fit.ts';
import { madeUp } from './names/made-up.ts';

const folder = process.argv[2];
if (folder === undefined)
  throw new Error('Give the folder of the warning lists: https://github.com/MISP/misp-warninglists, lists as <name>.json.');
const lists = ['tranco10k', 'majestic_million', 'cisco_top5k', 'moz-top500'];
const labels = [
  ...new Set(
    lists.flatMap((list) =>
      (JSON.parse(readFileSync(join(folder, `${list}.json`), 'utf8')) as { list: string[] }).list.flatMap(
        (name) => registered(name)?.label ?? [],
      ),
    ),
  ),
]
  .filter((label) => !label.startsWith('xn--'))
  .sort();
const random = new Random('names');
const generated = madeUp(random.split('made up'), labels.length);
const model = fitNames(labels, generated, random.split('order'));
const kept = labels.map((label) => scoreLabel(model, label)).sort((a, b) => b - a);
console.log(
  `${labels.length} chosen names, ${generated.length} made up; one chosen name in a thousand scores above ${kept[Math.floor(kept.length / 1_000)]!.toFixed(2)}`,
);
const bytes = Buffer.from(model.weights.buffer);
const lines = bytes.toString('base64').match(/.{1,150}/g)!;
writeFileSync(
  join(import.meta.dirname, '../detect/src/behaviours/generated-names/model.ts'),
  `/**
 * The product's model of made-up names. Written by tools/names.ts from ${labels.length} names of most-used sites (Tranco, Majestic, Cisco Umbrella and Moz in
 * MISP's warning lists, CC0 1.0) and as many from generators of our own; nothing else went in. Little-endian 16-bit weights, base64.
 */

import { modelSize, type NameModel } from './names.ts';

const weights = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');

export function defaultModel(): NameModel {
  const bytes = Buffer.from(weights, 'base64');
  return { weights: Int16Array.from({ length: modelSize }, (_, i) => bytes.readInt16LE(2 * i)), bias: ${model.bias} };
}
`,
);
