/** Records of MMS, the messages of IEC 61850. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const mms = {
  log: 'mms',
  means: 'One message of MMS: which service is asked of which objects, or what came of it.',
  source: 'ISO 9506-2; IEC 61850-8-1',
  columns: {
    ...connectionColumns,
    is_orig: { type: 'bool', class: 'technical', means: 'Sent by the originator.' },
    pdu_type: { type: 'string', class: 'technical', means: 'Kind of the message.' },
    invoke_id: { type: 'count', class: 'technical', means: 'Joins requests and answers.' },
    service: { type: 'string', class: 'technical', means: 'Service, such as read, write or informationReport.' },
    objects: {
      type: 'vector[string]',
      class: 'technical',
      means: 'What the service is asked of: logical device and object, or a file; with @ in front what this association made.',
    },
    results: { type: 'vector[string]', class: 'technical', means: 'What came of each object; of answers to read and write.' },
    report_id: { type: 'string', class: 'technical', means: 'Which report of IEC 61850 it is.' },
    error_class: { type: 'string', class: 'technical', means: 'Class of the error.' },
    error_code: { type: 'count', class: 'technical', means: 'The error within its class.' },
    vendor_name: { type: 'string', class: 'technical', means: 'Maker of the device; of answers to identify.' },
    model_name: { type: 'string', class: 'technical', means: 'Its model.' },
    revision: { type: 'string', class: 'technical', means: 'Its version.' },
    max_pdu_size: { type: 'count', class: 'technical', unit: 'bytes', means: 'Longest message; of initiate.' },
    version: { type: 'count', class: 'technical', means: 'Version of MMS; of initiate.' },
  },
} as const satisfies RecordType;

export type MmsRecord = RecordOf<typeof mms>;
