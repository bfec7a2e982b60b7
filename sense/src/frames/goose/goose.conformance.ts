/** GOOSE against tshark's fields of the data set: states, numbers and frames, publisher by publisher. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recordsOf } from '../../conformance/records.ts';
import { dataRoot, hasData } from '../../testing/dataset.ts';

test.skipIf(!hasData)('the same states and as many messages as tshark reads', async () => {
  const capture = 'IEC61850/GOOSE/GOOSE.pcap';
  const { goose } = JSON.parse(readFileSync(join(dataRoot, 'net/iti-ics/tshark-fields', `${capture}.json`), 'utf8')) as {
    goose: { columns: string[]; rows: (string | number)[][] };
  };
  const column = (name: string, row: (string | number)[]): string => String(row[goose.columns.indexOf(name)]);
  // Where tshark's numbers do not go on by one, something must have been written.
  const wanted: string[] = [];
  let before: number | undefined;
  for (const row of goose.rows) {
    const [state, number] = [Number(column('goose.stNum', row)), Number(column('goose.sqNum', row))];
    if (before === undefined || number !== before + 1) wanted.push(`${state} ${number}`);
    before = number;
  }
  wanted.push(`${column('goose.stNum', goose.rows.at(-1)!)} ${before}`);
  const ours = (await recordsOf(join(dataRoot, 'net/iti-ics/pcaps', capture))).get('goose') ?? [];
  expect(ours.map((record) => `${record['st_num']} ${record['sq_num']}`)).toEqual(wanted);
  expect(ours.at(-1)).toMatchObject({
    event: 'end',
    frames: goose.rows.length,
    gocb_ref: column('goose.gocbRef', goose.rows[0]!),
  });
  console.log(`goose: ${goose.rows.length} of ${goose.rows.length} messages of tshark, ${ours.length} records`);
});
