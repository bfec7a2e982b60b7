/** How a log is shown until somebody chooses otherwise: the columns an analyst reads first. */

import type { RecordTypeView } from '../../session/resources.ts';

const first: { readonly [log: string]: readonly string[] } = {
  conn: [
    'ts',
    'id.orig_h',
    'id.orig_p',
    'id.resp_h',
    'id.resp_p',
    'proto',
    'service',
    'conn_state',
    'duration',
    'orig_bytes',
    'resp_bytes',
    'history',
  ],
  dns: ['ts', 'id.orig_h', 'id.resp_h', 'query', 'qtype_name', 'rcode_name', 'answers', 'rtt'],
  http: ['ts', 'id.orig_h', 'id.resp_h', 'method', 'host', 'uri', 'status_code', 'response_body_len', 'user_agent'],
  ssl: ['ts', 'id.orig_h', 'id.resp_h', 'id.resp_p', 'server_name', 'version', 'cipher', 'established', 'ssl_history'],
  x509: [
    'ts',
    'certificate.subject',
    'certificate.issuer',
    'certificate.not_valid_before',
    'certificate.not_valid_after',
    'san.dns',
    'fingerprint',
  ],
  modbus: ['ts', 'id.orig_h', 'id.resp_h', 'unit', 'func', 'pdu_type', 'address', 'quantity', 'exception'],
  weird: ['ts', 'name', 'addl', 'id.orig_h', 'id.resp_h', 'source'],
};

export function firstColumns(type: RecordTypeView): string[] {
  const known = first[type.log]?.filter((name) => type.columns.some((column) => column.name === name));
  return known === undefined || known.length === 0 ? type.columns.slice(0, 8).map(({ name }) => name) : [...known];
}

/** Pixels; wide enough for what usually stands there, the rest is cut with an ellipsis and shown in full when expanded. */
export function columnWidth(column: RecordTypeView['columns'][number]): number {
  if (column.name === 'ts') return 212;
  if (column.type === 'time') return 212;
  if (column.type === 'addr') return 150;
  if (column.type === 'port') return 92;
  if (column.type === 'bool') return 100;
  if (column.type === 'count' || column.type === 'int' || column.type === 'double' || column.type === 'interval') return 104;
  if (column.type === 'enum') return 76;
  if (
    [
      'query',
      'uri',
      'user_agent',
      'host',
      'server_name',
      'certificate.subject',
      'certificate.issuer',
      'answers',
      'cipher',
      'name',
      'func',
      'fingerprint',
      'community_id',
    ].includes(column.name)
  )
    return 230;
  return 120;
}
