/** Records of HART-IP. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const hart_ip_general = {
  log: 'hart_ip_general',
  means: 'One message of HART-IP, with the command to a field device that it carries.',
  source: 'CISA icsnpp-hart-ip; FieldComm TS10085',
  columns: {
    ...connectionColumns,
    is_orig: { type: 'bool', class: 'technical', means: 'Sent by the originator.' },
    header_version: { type: 'count', class: 'technical', means: 'Version.' },
    header_message_type_message_type: { type: 'string', class: 'technical', means: 'Request, Response, Publish or NAK.' },
    header_message_id: { type: 'string', class: 'technical', means: 'What the message is for.' },
    header_status_code: { type: 'string', class: 'technical', means: 'What came of it.' },
    header_sequence_number: { type: 'count', class: 'technical', means: 'Joins requests and responses.' },
    header_length: { type: 'count', class: 'technical', unit: 'bytes', means: 'Length.' },
    session_initiate_master_type: { type: 'count', class: 'technical', means: '1: primary master, 0: secondary.' },
    session_initiate_inactivity_close_timer: {
      type: 'count',
      class: 'technical',
      unit: 'ms',
      means: 'After how long silence it ends.',
    },
    token_passing_pdu_delimiter_address_type: { type: 'string', class: 'technical', means: 'Unique or Polling Address.' },
    token_passing_pdu_delimiter_frame_type: {
      type: 'string',
      class: 'technical',
      means: 'A master asks, a device answers, or publishes.',
    },
    token_passing_pdu_address_v4: { type: 'count', class: 'technical', means: 'Polling address of the device.' },
    token_passing_pdu_address_v6: { type: 'string', class: 'technical', means: 'Unique address of the device, in hexadecimal.' },
    token_passing_pdu_command_number: { type: 'string', class: 'technical', means: 'The command.' },
    token_passing_pdu_command_code: { type: 'count', class: 'technical', means: 'Number of the command.' },
    token_passing_pdu_byte_count: { type: 'count', class: 'technical', unit: 'bytes', means: 'Length of its data.' },
    token_passing_pdu_contents_response_response_code: { type: 'count', class: 'technical', means: '0: done; else why not.' },
    token_passing_pdu_contents_response_device_status: {
      type: 'vector[string]',
      class: 'technical',
      means: 'What the device says of its state.',
    },
    device_type: { type: 'string', class: 'technical', means: 'Maker and kind of the device, in hexadecimal.' },
    device_revision: { type: 'count', class: 'technical', means: 'Revision of the device.' },
    software_revision: { type: 'count', class: 'technical', means: 'Revision of its software.' },
    device_id: { type: 'string', class: 'technical', means: 'Number of the device, in hexadecimal.' },
  },
} as const satisfies RecordType;

export type HartIpGeneralRecord = RecordOf<typeof hart_ip_general>;
