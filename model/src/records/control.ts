/** Records of control systems. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const dnp3 = {
  log: 'dnp3',
  means: 'One DNP3 request with its response, or either alone.',
  source: 'Zeek base/protocols/dnp3; IEEE 1815-2012',
  columns: {
    ...connectionColumns,
    fc_request: { type: 'string', class: 'technical', means: 'Function of the request.' },
    fc_reply: { type: 'string', class: 'technical', means: 'Function of the response.' },
    master_address: { type: 'count', class: 'technical', means: 'Station that asks.' },
    outstation_address: { type: 'count', class: 'technical', means: 'Station that is asked or reports; 65533 and above: all.' },
    iin: { type: 'count', class: 'technical', means: 'Internal indications of the outstation, its first byte the higher one.' },
  },
} as const satisfies RecordType;

export const dnp3_control = {
  log: 'dnp3_control',
  means: 'One control of a DNP3 request or response: what a point of the plant is told to do.',
  source: 'CISA icsnpp-dnp3; IEEE 1815-2012 annex A.8',
  columns: {
    ...connectionColumns,
    is_orig: { type: 'bool', class: 'technical', means: 'Sent by the originator.' },
    block_type: { type: 'string', class: 'technical', means: 'Control Relay Output Block or Pattern Control Block.' },
    function_code: { type: 'string', class: 'technical', means: 'Function of the fragment.' },
    index_number: { type: 'count', class: 'technical', means: 'The point.' },
    trip_control_code: { type: 'string', class: 'technical', means: 'Nul, Close or Trip.' },
    operation_type: { type: 'string', class: 'technical', means: 'Nul, Pulse On, Pulse Off, Latch On or Latch Off.' },
    clear_bit: { type: 'bool', class: 'technical', means: 'What waited for the point is cleared first.' },
    execute_count: { type: 'count', class: 'technical', means: 'How often.' },
    on_time: { type: 'count', class: 'technical', unit: 'ms', means: 'How long on.' },
    off_time: { type: 'count', class: 'technical', unit: 'ms', means: 'How long off.' },
    status_code: { type: 'string', class: 'technical', means: 'What the outstation says of it; in responses.' },
  },
} as const satisfies RecordType;

export const dnp3_objects = {
  log: 'dnp3_objects',
  means: 'One object header of a DNP3 fragment: what is read, written or reported.',
  source: 'CISA icsnpp-dnp3; IEEE 1815-2012 §4.2.2.7',
  columns: {
    ...connectionColumns,
    function_code: { type: 'string', class: 'technical', means: 'Function of the fragment.' },
    object_type: {
      type: 'string',
      class: 'technical',
      means: 'Group and variation of the objects, such as 16-Bit Analog Input.',
    },
    object_count: { type: 'count', class: 'technical', means: 'How many; absent where all are meant.' },
    range_low: { type: 'count', class: 'technical', means: 'First point.' },
    range_high: { type: 'count', class: 'technical', means: 'Last point.' },
  },
} as const satisfies RecordType;

export type Dnp3Record = RecordOf<typeof dnp3>;
export type Dnp3ControlRecord = RecordOf<typeof dnp3_control>;
export type Dnp3ObjectsRecord = RecordOf<typeof dnp3_objects>;
