/**
 * The conformance command: our records against every reference of the data set.
 *
 *     node sense/src/conformance/compare.ts [--source zeek] [--log ssh] [--test NAME] [--quiet]
 *
 * prints, by source and protocol, records and fields compared, equal, different and missing, then the accepted
 * differences with reason, place and RFC; with `--source`, `--log` or `--test` every single difference as well.
 */

import { parseArgs } from 'node:util';
import { hasData } from '../testing/dataset.ts';
import { acceptedFields, type Comparison } from './comparison.ts';
import { acceptedList, details, table } from './report.ts';
import { sources } from './sources.ts';

const { values } = parseArgs({
  options: {
    source: { type: 'string' },
    log: { type: 'string' },
    test: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
});

if (!hasData) {
  console.error(
    'The data set is absent: put it beside the repository as ../shared/data, or name its folder in FOREWARN_DATA_SET.',
  );
  process.exit(2);
}
if (values.source !== undefined && sources[values.source] === undefined) {
  console.error(`There is no source "${values.source}". Sources: ${Object.keys(sources).join(', ')}.`);
  process.exit(2);
}

const comparisons: Comparison[] = [];
for (const [name, compare] of Object.entries(sources)) {
  if (values.source !== undefined && values.source !== name) continue;
  comparisons.push(...(await compare({ name: values.log, test: values.test })));
}
const compared = comparisons.filter((one) => one.records > 0);
if (!values.quiet && (values.source ?? values.log ?? values.test) !== undefined) {
  for (const one of compared) console.log(`${details(one)}\n`);
}
console.log(table(compared));
const fields = compared.reduce((sum, one) => sum + one.fields, 0);
const explained = compared.reduce((sum, one) => sum + acceptedFields(one), 0);
console.log(`\n${acceptedList(compared)}`);
const unexplained = compared.reduce((sum, one) => sum + one.differences.length, 0) - explained;
const percent = (count: number): string => `${((100 * count) / Math.max(fields, 1)).toFixed(2)} %`;
console.log(
  `Of ${fields} fields ${explained} are accepted differences (${percent(explained)}), ${unexplained} are unexplained (${percent(unexplained)}).`,
);
