/** Records of S7 communication, and of the ISO transport that carries it. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

const sender = { is_orig: { type: 'bool', class: 'technical', means: 'Sent by the originator.' } } as const;

export const cotp = {
  log: 'cotp',
  means: 'One unit of the ISO transport protocol over TCP.',
  source: 'CISA icsnpp-s7comm; RFC 1006, ISO 8073',
  columns: {
    ...connectionColumns,
    ...sender,
    pdu_code: { type: 'string', class: 'technical', means: 'Kind of the unit, in hexadecimal.' },
    pdu_name: { type: 'string', class: 'technical', means: 'Kind of the unit.' },
  },
} as const satisfies RecordType;

export const s7comm = {
  log: 's7comm',
  means: 'One message of S7 communication.',
  source: 'CISA icsnpp-s7comm',
  columns: {
    ...connectionColumns,
    ...sender,
    rosctr_code: { type: 'count', class: 'technical', means: 'Remote operating service control.' },
    rosctr_name: { type: 'string', class: 'technical', means: 'Job-Request, ACK, ACK-Data or User-Data.' },
    pdu_reference: { type: 'count', class: 'technical', means: 'Joins requests and responses.' },
    function_code: { type: 'string', class: 'technical', means: 'Function, in hexadecimal.' },
    function_name: {
      type: 'string',
      class: 'technical',
      means: 'Function; of user data whether it asks or answers, and the group.',
    },
    subfunction_code: { type: 'string', class: 'technical', means: 'Subfunction, or the service of PLC Control.' },
    subfunction_name: { type: 'string', class: 'technical', means: 'What the subfunction or service does.' },
    error_class: { type: 'string', class: 'technical', means: 'Class of the error, in answers.' },
    error_code: { type: 'string', class: 'technical', means: 'The error within its class.' },
  },
} as const satisfies RecordType;

export const s7comm_read_szl = {
  log: 's7comm_read_szl',
  means: 'A system status list of a controller is read: what it is and how it fares.',
  source: 'CISA icsnpp-s7comm',
  columns: {
    ...connectionColumns,
    ...sender,
    pdu_reference: { type: 'count', class: 'technical', means: 'Joins requests and responses.' },
    method: { type: 'string', class: 'technical', means: 'Request or Response.' },
    szl_id: { type: 'string', class: 'technical', means: 'The list, in hexadecimal.' },
    szl_id_name: { type: 'string', class: 'technical', means: 'What the list holds.' },
    szl_index: { type: 'string', class: 'technical', means: 'Which part of it.' },
    return_code: { type: 'string', class: 'technical', means: 'In hexadecimal.' },
    return_code_name: { type: 'string', class: 'technical', means: 'What came of it.' },
  },
} as const satisfies RecordType;

export const s7comm_upload_download = {
  log: 's7comm_upload_download',
  means: 'A block of a program goes into a controller or out of it.',
  source: 'CISA icsnpp-s7comm',
  columns: {
    ...connectionColumns,
    ...sender,
    rosctr: { type: 'string', class: 'technical', means: 'Job-Request or ACK-Data.' },
    pdu_reference: { type: 'count', class: 'technical', means: 'Joins requests and responses.' },
    function_name: { type: 'string', class: 'technical', means: 'Step of the transfer.' },
    function_status: { type: 'string', class: 'technical', means: 'Status, in hexadecimal.' },
    session_id: { type: 'count', class: 'technical', means: 'The upload.' },
    blocklength: { type: 'count', class: 'technical', unit: 'bytes', means: 'Length of the block, or of the part of it.' },
    filename: { type: 'string', class: 'technical', means: 'Name of the block.' },
    block_type: { type: 'string', class: 'technical', means: 'Kind of block.' },
    block_number: { type: 'string', class: 'technical', means: 'Its number.' },
    destination_filesystem: { type: 'string', class: 'technical', means: 'Active or Passive.' },
  },
} as const satisfies RecordType;

export const s7comm_plus = {
  log: 's7comm_plus',
  means: 'One message of S7 communication plus.',
  source: 'CISA icsnpp-s7comm',
  columns: {
    ...connectionColumns,
    ...sender,
    version: { type: 'count', class: 'technical', means: 'Version of the protocol.' },
    opcode: { type: 'string', class: 'technical', means: 'In hexadecimal.' },
    opcode_name: { type: 'string', class: 'technical', means: 'Request, Response or Notification.' },
    function_code: { type: 'string', class: 'technical', means: 'Function, in hexadecimal.' },
    function_name: { type: 'string', class: 'technical', means: 'Function.' },
  },
} as const satisfies RecordType;

export type CotpRecord = RecordOf<typeof cotp>;
export type S7commRecord = RecordOf<typeof s7comm>;
export type S7commReadSzlRecord = RecordOf<typeof s7comm_read_szl>;
export type S7commUploadDownloadRecord = RecordOf<typeof s7comm_upload_download>;
export type S7commPlusRecord = RecordOf<typeof s7comm_plus>;
