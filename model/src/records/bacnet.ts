/** Records of BACnet. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

const sender = { is_orig: { type: 'bool', class: 'technical', means: 'Sent by the originator.' } } as const;
const object = {
  object_type: { type: 'string', class: 'technical', means: 'Kind of the object.' },
  instance_number: { type: 'count', class: 'technical', means: 'Number of the object among those of its kind.' },
} as const;
const source = 'CISA icsnpp-bacnet; ASHRAE 135';

export const bacnet = {
  log: 'bacnet',
  means: 'One message of BACnet/IP.',
  source,
  columns: {
    ...connectionColumns,
    ...sender,
    bvlc_function: { type: 'string', class: 'technical', means: 'Function of the link layer.' },
    pdu_type: { type: 'string', class: 'technical', means: 'Request, acknowledgement, error, or message of the network layer.' },
    pdu_service: { type: 'string', class: 'technical', means: 'Service.' },
    invoke_id: { type: 'count', class: 'technical', means: 'Joins requests and answers.' },
    result_code: { type: 'string', class: 'technical', means: 'Error, or why it was rejected or aborted.' },
    snet: { type: 'count', class: 'technical', means: 'Network of the sender, behind a router.' },
    sadr: { type: 'string', class: 'technical', means: 'Address of the sender there, in hexadecimal.' },
    dnet: { type: 'count', class: 'technical', means: 'Network of the receiver; 65535: all.' },
    dadr: { type: 'string', class: 'technical', means: 'Address of the receiver there, in hexadecimal.' },
  },
} as const satisfies RecordType;

export const bacnet_discovery = {
  log: 'bacnet_discovery',
  means: 'Devices and objects of BACnet are looked for, or say where they are.',
  source,
  columns: {
    ...connectionColumns,
    ...sender,
    pdu_service: { type: 'string', class: 'technical', means: 'who-is, i-am, who-has or i-have.' },
    ...object,
    vendor: { type: 'string', class: 'technical', means: 'Maker of the device.' },
    range: { type: 'string', class: 'technical', means: 'Numbers of the devices that are asked.' },
    object_name: { type: 'string', class: 'technical', means: 'Name of the object.' },
  },
} as const satisfies RecordType;

export const bacnet_property = {
  log: 'bacnet_property',
  means: 'One property of an object that is read, answered or written.',
  source,
  columns: {
    ...connectionColumns,
    ...sender,
    invoke_id: { type: 'count', class: 'technical', means: 'Joins requests and answers.' },
    pdu_service: { type: 'string', class: 'technical', means: 'Service, and whether it asks or answers.' },
    ...object,
    property: { type: 'string', class: 'technical', means: 'The property.' },
    array_index: { type: 'count', class: 'technical', means: 'Part of it, where it has several.' },
    value: {
      type: 'string',
      class: 'technical',
      means: 'The value that is written; of what is read, only what a device says it is.',
    },
    priority: { type: 'count', class: 'technical', means: 'Of writing: 1 goes before all others.' },
  },
} as const satisfies RecordType;

export const bacnet_device_control = {
  log: 'bacnet_device_control',
  means: 'A device is told to be silent or to begin anew, or answers.',
  source,
  columns: {
    ...connectionColumns,
    ...sender,
    invoke_id: { type: 'count', class: 'technical', means: 'Joins requests and answers.' },
    pdu_service: { type: 'string', class: 'technical', means: 'device_communication_control or reinitialize_device.' },
    time_duration: { type: 'count', class: 'technical', unit: 'min', means: 'For how long; without it, for good.' },
    device_state: { type: 'string', class: 'technical', means: 'disable, coldstart and the like.' },
    has_password: { type: 'bool', class: 'technical', means: 'A password was sent; it is not written.' },
    result: { type: 'string', class: 'technical', means: 'SUCCESS or ERROR; in answers.' },
    result_code: { type: 'string', class: 'technical', means: 'The error.' },
  },
} as const satisfies RecordType;

export type BacnetRecord = RecordOf<typeof bacnet>;
export type BacnetDiscoveryRecord = RecordOf<typeof bacnet_discovery>;
export type BacnetPropertyRecord = RecordOf<typeof bacnet_property>;
export type BacnetDeviceControlRecord = RecordOf<typeof bacnet_device_control>;
