/** Files that say how somebody's own table or JSON becomes records. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readContent } from '@forewarn/model/yaml';
import { mappedFormat } from '@forewarn/sense/logs/csv/csv';
import type { LogFormat } from '@forewarn/sense/logs/format';
import { BadUse } from './command.ts';

const name = z.string().min(1).max(256);

const Mapping = z.strictObject({
  log: z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, 'A log is named in letters, digits, "_", "." and "-".'),
  form: z.enum(['csv', 'json']),
  separator: z.string().length(1).optional(),
  columns: z.array(name).min(1).max(2_000).optional(),
  fields: z.record(name, name).optional(),
  values: z.record(name, z.union([z.string(), z.number(), z.boolean()])).optional(),
  time: z
    .strictObject({
      field: name,
      zone: z
        .string()
        .regex(/^(?:Z|[+-]\d{2}:\d{2})$/, 'A zone is written +08:00.')
        .optional(),
    })
    .optional(),
});

/** Reads `--mapping FILE`. Throws the first refusal with file and line. */
export function readMapping(file: string): readonly LogFormat[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new BadUse(`The mapping ${file} cannot be read (${(error as { code?: string }).code ?? 'error'}).`);
  }
  const read = readContent(Mapping, text, file);
  if (!read.ok) throw read.refusals[0]!;
  const { log, form, separator, columns, fields, values, time } = read.value;
  return [
    mappedFormat({
      log,
      form,
      ...(separator === undefined ? {} : { separator }),
      ...(columns === undefined ? {} : { columns }),
      ...(fields === undefined ? {} : { fields }),
      ...(values === undefined ? {} : { values }),
      ...(time === undefined ? {} : { time: { field: time.field, ...(time.zone === undefined ? {} : { zone: time.zone }) } }),
    }),
  ];
}
