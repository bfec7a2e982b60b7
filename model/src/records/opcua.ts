/** Records of OPC UA in its binary encoding. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

const source = 'CISA icsnpp-opcua-binary; OPC 10000-4, OPC 10000-6';
const sender = { is_orig: { type: 'bool', class: 'technical', means: 'Sent by the originator.' } } as const;
const part = {
  ...sender,
  request_id: { type: 'count', class: 'technical', means: 'Joins the records of a message, and requests and responses.' },
} as const;
const node = {
  node_id_namespace_idx: { type: 'count', class: 'technical', means: 'Namespace of the node.' },
  node_id_numeric: { type: 'count', class: 'technical', means: 'Number of the node.' },
  node_id_string: { type: 'string', class: 'technical', means: 'Name of the node.' },
  node_id_guid: { type: 'string', class: 'technical', means: 'Identifier of the node.' },
  node_id_opaque: { type: 'string', class: 'technical', means: 'Identifier of the node, in hexadecimal.' },
} as const;
const attribute = {
  attribute_id: { type: 'count', class: 'technical', means: 'Number of the attribute.' },
  attribute_id_str: { type: 'string', class: 'technical', means: 'The attribute, mostly Value.' },
} as const;

export const opcua_binary = {
  log: 'opcua_binary',
  means: 'One message of OPC UA, or a part of it.',
  source,
  columns: {
    ...connectionColumns,
    ...sender,
    msg_type: { type: 'string', class: 'technical', means: 'HEL, ACK, ERR, RHE, OPN, MSG or CLO.' },
    is_final: { type: 'string', class: 'technical', means: 'F: the last part; C: others follow; A: given up.' },
    msg_size: { type: 'count', class: 'technical', unit: 'bytes', means: 'Length.' },
    error: { type: 'count', class: 'technical', means: 'Code of the error; of ERR.' },
    reason: { type: 'string', class: 'technical', means: 'Why; of ERR.' },
    version: { type: 'count', class: 'technical', means: 'Version of the protocol; of HEL and ACK.' },
    rcv_buf_size: { type: 'count', class: 'technical', unit: 'bytes', means: 'Longest part that the sender takes.' },
    snd_buf_size: { type: 'count', class: 'technical', unit: 'bytes', means: 'Longest part that it sends.' },
    max_msg_size: { type: 'count', class: 'technical', unit: 'bytes', means: 'Longest message; 0: any.' },
    max_chunk_cnt: { type: 'count', class: 'technical', means: 'Most parts of a message; 0: any number.' },
    endpoint_url: { type: 'string', class: 'technical', means: 'Address that the client wants.' },
    server_uri: { type: 'string', class: 'technical', means: 'The server that calls; of RHE.' },
    sec_channel_id: { type: 'count', class: 'technical', means: 'The channel.' },
    sec_policy_uri: { type: 'string', class: 'technical', means: 'How the channel is secured.' },
    snd_cert_len: { type: 'count', class: 'technical', unit: 'bytes', means: 'Length of the certificate of the sender.' },
    seq_number: { type: 'count', class: 'technical', means: 'Number of the part.' },
    request_id: { type: 'count', class: 'technical', means: 'Joins requests and responses.' },
    namespace_idx: { type: 'count', class: 'technical', means: 'Namespace of the service.' },
    identifier: { type: 'count', class: 'technical', means: 'Number of the service.' },
    identifier_str: { type: 'string', class: 'technical', means: 'The service, and whether it is asked or answered.' },
    req_hdr_request_handle: { type: 'count', class: 'technical', means: 'Number that the client gives a request.' },
    res_hdr_request_handle: { type: 'count', class: 'technical', means: 'The same in the response.' },
    status_code: { type: 'string', class: 'technical', means: 'What came of it; of responses and errors.' },
  },
} as const satisfies RecordType;

export const opcua_binary_opensecure_channel = {
  log: 'opcua_binary_opensecure_channel',
  means: 'A channel of OPC UA is opened or renewed.',
  source,
  columns: {
    ...connectionColumns,
    ...part,
    client_proto_ver: { type: 'count', class: 'technical', means: 'Version of the client.' },
    sec_token_request_type: { type: 'string', class: 'technical', means: 'Issue or Renew.' },
    message_security_mode: { type: 'string', class: 'technical', means: 'None, Sign or SignAndEncrypt.' },
    req_lifetime: { type: 'count', class: 'technical', unit: 'ms', means: 'How long it shall last.' },
    server_proto_ver: { type: 'count', class: 'technical', means: 'Version of the server.' },
    sec_token_sec_channel_id: { type: 'count', class: 'technical', means: 'The channel.' },
    sec_token_id: { type: 'count', class: 'technical', means: 'Number of its keys.' },
    sec_token_revised_time: { type: 'count', class: 'technical', unit: 'ms', means: 'How long it will last.' },
  },
} as const satisfies RecordType;

export const opcua_binary_create_session = {
  log: 'opcua_binary_create_session',
  means: 'A client of OPC UA asks for a session.',
  source,
  columns: {
    ...connectionColumns,
    ...part,
    application_uri: { type: 'string', class: 'technical', means: 'The client.' },
    product_uri: { type: 'string', class: 'technical', means: 'Its product.' },
    text: { type: 'string', class: 'technical', means: 'Its name.' },
    application_type: { type: 'string', class: 'technical', means: 'Client, Server or both.' },
    server_uri: { type: 'string', class: 'technical', means: 'The server that is meant.' },
    endpoint_url: { type: 'string', class: 'technical', means: 'Address of the server.' },
    session_name: { type: 'string', class: 'technical', means: 'Name of the session.' },
  },
} as const satisfies RecordType;

export const opcua_binary_activate_session = {
  log: 'opcua_binary_activate_session',
  means: 'A user signs in to a session of OPC UA.',
  source,
  columns: {
    ...connectionColumns,
    ...part,
    ext_obj_type_id_str: {
      type: 'string',
      class: 'technical',
      means: 'How the user is known: anonymous, by name, certificate or token.',
    },
    ext_obj_policy_id: { type: 'string', class: 'technical', means: 'Policy of the server for it.' },
    ext_obj_user_name: { type: 'string', class: 'personal', means: 'Name of the user.' },
  },
} as const satisfies RecordType;

export const opcua_binary_read = {
  log: 'opcua_binary_read',
  means: 'One node that OPC UA asks to read.',
  source,
  columns: { ...connectionColumns, ...part, ...node, ...attribute },
} as const satisfies RecordType;

export const opcua_binary_write = {
  log: 'opcua_binary_write',
  means: 'One node that OPC UA asks to write.',
  source,
  columns: {
    ...connectionColumns,
    ...part,
    ...node,
    ...attribute,
    index_range: { type: 'string', class: 'technical', means: 'Part of a list.' },
    value: { type: 'string', class: 'technical', means: 'The value, where it is a single number or truth value.' },
  },
} as const satisfies RecordType;

export const opcua_binary_call = {
  log: 'opcua_binary_call',
  means: 'One method that OPC UA asks to run.',
  source,
  columns: {
    ...connectionColumns,
    ...part,
    ...node,
    method_id_namespace_idx: { type: 'count', class: 'technical', means: 'Namespace of the method.' },
    method_id_numeric: { type: 'count', class: 'technical', means: 'Number of the method.' },
    method_id_string: { type: 'string', class: 'technical', means: 'Name of the method.' },
  },
} as const satisfies RecordType;

export type OpcuaBinaryRecord = RecordOf<typeof opcua_binary>;
export type OpcuaBinaryOpensecureChannelRecord = RecordOf<typeof opcua_binary_opensecure_channel>;
export type OpcuaBinaryCreateSessionRecord = RecordOf<typeof opcua_binary_create_session>;
export type OpcuaBinaryActivateSessionRecord = RecordOf<typeof opcua_binary_activate_session>;
export type OpcuaBinaryReadRecord = RecordOf<typeof opcua_binary_read>;
export type OpcuaBinaryWriteRecord = RecordOf<typeof opcua_binary_write>;
export type OpcuaBinaryCallRecord = RecordOf<typeof opcua_binary_call>;
