/** Reading a capture of the data set for a comparison: all records by log; a parser that throws is an error. */

import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { EngineOptions } from '../engine.ts';
import { protocols } from '../protocols/index.ts';
import { readCapture } from '../read.ts';

export type Records = ReadonlyMap<string, readonly AnyRecord[]>;

/** Private networks, which Zeek counts as local unless told otherwise. */
const networks = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  '169.254.0.0/16',
  'fe80::/10',
  '::1',
  'fc00::/7',
];

export async function recordsOf(path: string, options: Partial<EngineOptions> = {}): Promise<Records> {
  const records = new Map<string, AnyRecord[]>();
  await readCapture(createReadStream(path), {
    sink: {
      record: (log, record) => {
        const list = records.get(log);
        if (list) list.push(record);
        else records.set(log, [record]);
      },
    },
    protocols,
    networks,
    file: basename(path),
    fault: (service, error) => {
      throw new Error(`${service} threw`, { cause: error });
    },
    ...options,
  });
  return records;
}
