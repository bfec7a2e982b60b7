/** Records of EtherNet/IP and of the Common Industrial Protocol in it. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

const sender = { is_orig: { type: 'bool', class: 'technical', means: 'Sent by the originator.' } } as const;
const source = 'CISA icsnpp-enip; ODVA, The CIP Networks Library';

export const enip = {
  log: 'enip',
  means: 'One message of EtherNet/IP.',
  source,
  columns: {
    ...connectionColumns,
    ...sender,
    enip_command_code: { type: 'string', class: 'technical', means: 'Command, in hexadecimal.' },
    enip_command: { type: 'string', class: 'technical', means: 'Command.' },
    length: { type: 'count', class: 'technical', unit: 'bytes', means: 'Data behind the head.' },
    session_handle: { type: 'string', class: 'technical', means: 'The session, in hexadecimal.' },
    enip_status: { type: 'string', class: 'technical', means: 'What came of the command; in requests always Success.' },
    sender_context: { type: 'string', class: 'technical', means: 'Joins requests and responses.' },
    options: { type: 'string', class: 'technical', means: 'Always zero.' },
  },
} as const satisfies RecordType;

export const cip = {
  log: 'cip',
  means: 'One service of CIP that is asked of an object in a device, or the answer.',
  source,
  columns: {
    ...connectionColumns,
    ...sender,
    cip_sequence_count: { type: 'count', class: 'technical', means: 'Joins requests and responses within a connection.' },
    direction: { type: 'string', class: 'technical', means: 'request or response.' },
    cip_service_code: { type: 'string', class: 'technical', means: 'Service, in hexadecimal.' },
    cip_service: { type: 'string', class: 'technical', means: 'Service.' },
    cip_status_code: { type: 'string', class: 'technical', means: 'General status, in hexadecimal; in responses.' },
    cip_status: { type: 'string', class: 'technical', means: 'General status; in responses.' },
    cip_extended_status_code: { type: 'string', class: 'technical', means: 'Further status, in hexadecimal; in responses.' },
    cip_extended_status: { type: 'string', class: 'technical', means: 'Why a connection failed; in responses.' },
    class_id: { type: 'string', class: 'technical', means: 'Class of the object, in hexadecimal; in requests.' },
    class_name: { type: 'string', class: 'technical', means: 'Class of the object.' },
    instance_id: { type: 'string', class: 'technical', means: 'Instance of the class, in hexadecimal.' },
    attribute_id: { type: 'string', class: 'technical', means: 'Attribute of the instance, in hexadecimal.' },
    symbol: { type: 'string', class: 'technical', means: 'Name of the tag, where it is addressed by name.' },
  },
} as const satisfies RecordType;

export const cip_io = {
  log: 'cip_io',
  means: 'One datagram of cyclic data of a CIP connection, without the data.',
  source,
  columns: {
    ...connectionColumns,
    ...sender,
    connection_id: { type: 'string', class: 'technical', means: 'The connection, in hexadecimal.' },
    sequence_number: { type: 'count', class: 'technical', means: 'Running number within the connection.' },
    data_length: { type: 'count', class: 'technical', unit: 'bytes', means: 'Length of the data.' },
  },
} as const satisfies RecordType;

export const cip_identity = {
  log: 'cip_identity',
  means: 'What a device says it is.',
  source,
  columns: {
    ...connectionColumns,
    ...sender,
    encapsulation_version: { type: 'count', class: 'technical', means: 'Version of the encapsulation.' },
    socket_address: { type: 'addr', class: 'technical', means: 'Address that the device states.' },
    socket_port: { type: 'count', class: 'technical', means: 'Port that the device states.' },
    vendor_id: { type: 'count', class: 'technical', means: 'Number of its maker.' },
    vendor_name: { type: 'string', class: 'technical', means: 'Its maker.' },
    device_type_id: { type: 'count', class: 'technical', means: 'Number of its kind.' },
    device_type_name: { type: 'string', class: 'technical', means: 'Its kind.' },
    product_code: { type: 'count', class: 'technical', means: 'Code of the product.' },
    revision: { type: 'string', class: 'technical', means: 'Version of its firmware.' },
    device_status: { type: 'string', class: 'technical', means: 'Status word, in hexadecimal.' },
    serial_number: { type: 'string', class: 'technical', means: 'In hexadecimal.' },
    product_name: { type: 'string', class: 'technical', means: 'Name of the product.' },
    device_state: { type: 'string', class: 'technical', means: 'State, in hexadecimal.' },
  },
} as const satisfies RecordType;

export type EnipRecord = RecordOf<typeof enip>;
export type CipRecord = RecordOf<typeof cip>;
export type CipIoRecord = RecordOf<typeof cip_io>;
export type CipIdentityRecord = RecordOf<typeof cip_identity>;
