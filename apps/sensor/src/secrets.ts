/** What is never written, and so never reaches the spool: the columns of the class `secret`. */

import { recordTypes } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';

const secretColumns = new Map(
  recordTypes.map(({ log, columns }) => [
    log,
    Object.entries(columns).flatMap(([name, column]) => (column.class === 'secret' ? [name] : [])),
  ]),
);

/** The record without its secrets; the same object where it has none. */
export function withoutSecrets(log: string, record: AnyRecord): AnyRecord {
  const secret = secretColumns.get(log)?.filter((name) => record[name] !== undefined) ?? [];
  return secret.length === 0 ? record : Object.fromEntries(Object.entries(record).filter(([name]) => !secret.includes(name)));
}
