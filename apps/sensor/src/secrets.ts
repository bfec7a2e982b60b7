/**
 * What is never written, and so never reaches the spool: the columns of the class `secret`, and of logs with open-ended schemas the fields that are
 * secrets by their names.
 */

import { recordType, recordTypes } from '@forewarn/model/records/index';
import { isSecretField } from '@forewarn/model/records/open';
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
  const type = recordType(log);
  if (!type || type.open) {
    for (const name in record)
      if (!Object.hasOwn(type?.columns ?? {}, name) && isSecretField(name, record[name])) secret.push(name);
  }
  return secret.length === 0 ? record : Object.fromEntries(Object.entries(record).filter(([name]) => !secret.includes(name)));
}
