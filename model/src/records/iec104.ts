/** Records of IEC 60870-5-104. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

const sender = { is_orig: { type: 'bool', class: 'technical', means: 'Sent by the originator.' } } as const;

export const iec104 = {
  log: 'iec104',
  means: 'One message of IEC 60870-5-104, telecontrol of grids.',
  source: 'zeek-iec104; IEC 60870-5-104, IEC 60870-5-101',
  columns: {
    ...connectionColumns,
    ...sender,
    apdu_len: { type: 'count', class: 'technical', unit: 'bytes', means: 'Length behind the length field.' },
    apci_type: {
      type: 'string',
      class: 'technical',
      means: 'I: numbered information; S: acknowledgement; U: control of the link.',
    },
    apci_function: { type: 'string', class: 'technical', means: 'Of U: STARTDT, STOPDT or TESTFR, act or con.' },
    apci_tx: { type: 'count', class: 'technical', means: 'Number of the message; of I.' },
    apci_rx: { type: 'count', class: 'technical', means: 'Number of the message that is expected next; of I and S.' },
    'asdu.info_obj_type': { type: 'string', class: 'technical', means: 'Type of the objects, such as C_SC_NA_1.' },
    'asdu.seq': { type: 'count', class: 'technical', means: '1: the objects have consecutive addresses.' },
    'asdu.num_ix': { type: 'count', class: 'technical', means: 'Number of objects.' },
    'asdu.cause_tx': { type: 'string', class: 'technical', means: 'Why it is sent, such as spont, act or actcon.' },
    'asdu.negative': { type: 'count', class: 'technical', means: '1: the station refuses.' },
    'asdu.test': { type: 'count', class: 'technical', means: '1: a test that does nothing to the plant.' },
    'asdu.originator_address': { type: 'count', class: 'technical', means: 'Who asked, where several may.' },
    'asdu.common_address': { type: 'count', class: 'technical', means: 'The station.' },
    'asdu.info_obj_addr': { type: 'vector[count]', class: 'technical', means: 'The objects.' },
  },
} as const satisfies RecordType;

export const iec104_control = {
  log: 'iec104_control',
  means: 'One command of IEC 60870-5-104: what a point of the plant is told to do, or the answer.',
  source: 'IEC 60870-5-101 §7.3.2',
  columns: {
    ...connectionColumns,
    ...sender,
    info_obj_type: { type: 'string', class: 'technical', means: 'Type of the command.' },
    cause_tx: {
      type: 'string',
      class: 'technical',
      means: 'act: it is asked for; actcon: the answer; actterm: it is done; deact: it is called off.',
    },
    negative: { type: 'bool', class: 'technical', means: 'The station refuses.' },
    common_address: { type: 'count', class: 'technical', means: 'The station.' },
    info_obj_addr: { type: 'count', class: 'technical', means: 'The point.' },
    command: { type: 'string', class: 'technical', means: 'On, Off, Higher or Lower.' },
    select: { type: 'bool', class: 'technical', means: 'The point is only chosen; it is operated by a second command.' },
    value: { type: 'double', class: 'technical', means: 'The set point.' },
  },
} as const satisfies RecordType;

export type Iec104Record = RecordOf<typeof iec104>;
export type Iec104ControlRecord = RecordOf<typeof iec104_control>;
