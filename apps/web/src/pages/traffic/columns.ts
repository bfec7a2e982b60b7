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
  dnp3: ['ts', 'id.orig_h', 'id.resp_h', 'master_address', 'outstation_address', 'fc_request', 'fc_reply', 'iin'],
  s7comm: ['ts', 'id.orig_h', 'id.resp_h', 'is_orig', 'rosctr_name', 'function_name', 'subfunction_name', 'error_class'],
  mms: ['ts', 'id.orig_h', 'id.resp_h', 'is_orig', 'pdu_type', 'service', 'objects', 'results', 'error_class'],
  cip: [
    'ts',
    'id.orig_h',
    'id.resp_h',
    'direction',
    'cip_service',
    'class_name',
    'class_id',
    'instance_id',
    'symbol',
    'cip_status',
  ],
  iec104: [
    'ts',
    'id.orig_h',
    'id.resp_h',
    'is_orig',
    'apci_type',
    'asdu.info_obj_type',
    'asdu.cause_tx',
    'asdu.common_address',
    'asdu.info_obj_addr',
  ],
  iec104_control: [
    'ts',
    'id.orig_h',
    'id.resp_h',
    'info_obj_type',
    'cause_tx',
    'common_address',
    'info_obj_addr',
    'command',
    'select',
    'value',
  ],
  bacnet: ['ts', 'id.orig_h', 'id.resp_h', 'is_orig', 'pdu_type', 'pdu_service', 'invoke_id', 'result_code'],
  bacnet_property: [
    'ts',
    'id.orig_h',
    'id.resp_h',
    'pdu_service',
    'object_type',
    'instance_number',
    'property',
    'value',
    'priority',
  ],
  opcua_binary: [
    'ts',
    'id.orig_h',
    'id.resp_h',
    'is_orig',
    'msg_type',
    'identifier_str',
    'request_id',
    'status_code',
    'sec_policy_uri',
  ],
  opcua_binary_write: [
    'ts',
    'id.orig_h',
    'id.resp_h',
    'node_id_namespace_idx',
    'node_id_string',
    'node_id_numeric',
    'attribute_id_str',
    'value',
  ],
  hart_ip_general: [
    'ts',
    'id.orig_h',
    'id.resp_h',
    'header_message_type_message_type',
    'header_message_id',
    'token_passing_pdu_address_v6',
    'token_passing_pdu_command_number',
    'token_passing_pdu_contents_response_response_code',
  ],
  synchrophasor_cmd: ['ts', 'id.orig_h', 'id.resp_h', 'is_orig', 'data_stream_id', 'command'],
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
