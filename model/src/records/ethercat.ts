/** Records of EtherCAT, with the names of CISA's icsnpp-ethercat. Process data are never written. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

const ends = {
  ts: connectionColumns.ts,
  srcmac: {
    type: 'string',
    class: 'technical',
    means: 'Hardware address the frame came from; slaves that pass it back set its second bit.',
  },
  dstmac: { type: 'string', class: 'technical', means: 'Hardware address the frame went to.' },
} as const satisfies RecordType['columns'];

const slave = {
  type: 'string',
  class: 'technical',
  always: true,
  means: 'Address of the slave: its place, or the one it was given.',
} as const;

export const ecat_registers = {
  log: 'ecat_registers',
  means: 'A register of EtherCAT slaves is read or written; when that is new, and once an hour.',
  source: 'CISA icsnpp-ethercat; ETG.1000.4',
  columns: {
    ...ends,
    Command: { type: 'string', class: 'technical', always: true, means: 'Command, such as Configured Addr Physical Write.' },
    Slave_Addr: slave,
    Register_Type: {
      type: 'string',
      class: 'technical',
      always: true,
      means: 'Register by name, such as AL_Ctl (the state asked for).',
    },
    Register_Addr: { type: 'string', class: 'technical', always: true, means: 'Address of the register.' },
    data: {
      type: 'string',
      class: 'technical',
      means:
        'Value of registers that control the slave – its state, address, resets, memory – in hexadecimal; a new value is a new record.',
    },
    working_counter: {
      type: 'count',
      class: 'technical',
      always: true,
      means: 'Slaves that have carried it out so far; 0 on its way out.',
    },
  },
} as const satisfies RecordType;

export const ecat_log_address = {
  log: 'ecat_log_address',
  means: 'A piece of the process image of EtherCAT is exchanged; when that is new, and once an hour.',
  source: 'CISA icsnpp-ethercat; ETG.1000.4',
  columns: {
    ...ends,
    Log_Addr: { type: 'string', class: 'technical', always: true, means: 'Logical address.' },
    Length: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Length of the piece.' },
    Command: { type: 'string', class: 'technical', always: true, means: 'Logical Read, Logical Write or Logical ReadWrite.' },
  },
} as const satisfies RecordType;

export const ecat_dev_info = {
  log: 'ecat_dev_info',
  means: 'What an EtherCAT slave says of its controller; when it is new, and once an hour.',
  source: 'CISA icsnpp-ethercat; ETG.1000.4 §6.1',
  columns: {
    ts: connectionColumns.ts,
    slave_id: slave,
    revision: { type: 'string', class: 'technical', always: true, means: 'Revision of the controller.' },
    dev_type: { type: 'string', class: 'technical', always: true, means: 'Type of the controller.' },
    build: { type: 'string', class: 'technical', always: true, means: 'Build of the controller.' },
    fmmucnt: { type: 'string', class: 'technical', always: true, means: 'Memory management units.' },
    smcount: { type: 'string', class: 'technical', always: true, means: 'Sync managers.' },
    ports: { type: 'string', class: 'technical', always: true, means: 'Ports, two bits each.' },
    dpram: { type: 'string', class: 'technical', always: true, means: 'Memory, in KiB.' },
    features: { type: 'string', class: 'technical', always: true, means: 'Features, as bits.' },
  },
} as const satisfies RecordType;

export const ecat_coe_info = {
  log: 'ecat_coe_info',
  means: 'An object of an EtherCAT slave is read or written (CANopen over EtherCAT).',
  source: 'CISA icsnpp-ethercat; ETG.1000.6 §5.6',
  columns: {
    ts: connectionColumns.ts,
    slave_id: slave,
    number: { type: 'string', class: 'technical', always: true, means: 'Number of a process data message.' },
    Type: {
      type: 'string',
      class: 'technical',
      always: true,
      means: '0x01 emergency, 0x02 SDO request, 0x03 SDO response, 0x08 SDO information, …',
    },
    req_resp: { type: 'string', class: 'technical', means: 'Command byte of the SDO.' },
    index: { type: 'string', class: 'technical', means: 'Object.' },
    subindex: { type: 'string', class: 'technical', means: 'Entry of the object.' },
    dataoffset: { type: 'string', class: 'technical', means: 'The four bytes behind: value, length or the reason of an abort.' },
  },
} as const satisfies RecordType;

export const ecat_foe_info = {
  log: 'ecat_foe_info',
  means: 'A file is read from or written to an EtherCAT slave – firmware, mostly – or that fails.',
  source: 'CISA icsnpp-ethercat; ETG.1000.6 §5.8',
  columns: {
    ts: connectionColumns.ts,
    slave_id: slave,
    opCode: { type: 'string', class: 'technical', always: true, means: 'Read Request, Write Request or Error.' },
    error_code: { type: 'string', class: 'technical', means: 'Why it failed.' },
    filename: { type: 'string', class: 'technical', means: 'Name of the file.' },
    has_password: { type: 'bool', class: 'technical', means: 'A password was sent with it; it is never written.' },
  },
} as const satisfies RecordType;

export const ecat_soe_info = {
  log: 'ecat_soe_info',
  means: 'A parameter of a drive on EtherCAT is read or written (servo profile).',
  source: 'CISA icsnpp-ethercat; ETG.1000.6 §5.9',
  columns: {
    ts: connectionColumns.ts,
    slave_id: slave,
    opCode: { type: 'string', class: 'technical', always: true, means: 'Command.' },
    incomplete: { type: 'string', class: 'technical', always: true, means: 'More of it follows.' },
    error: { type: 'string', class: 'technical', always: true, means: 'It failed.' },
    drive_num: { type: 'string', class: 'technical', always: true, means: 'Drive of the slave.' },
    element_flags: { type: 'string', class: 'technical', always: true, means: 'What of the parameter.' },
    index: { type: 'string', class: 'technical', always: true, means: 'Parameter.' },
  },
} as const satisfies RecordType;

export const ecat_aoe_info = {
  log: 'ecat_aoe_info',
  means: 'A command of ADS through an EtherCAT slave’s mailbox.',
  source: 'CISA icsnpp-ethercat; ETG.1020',
  columns: {
    ts: connectionColumns.ts,
    slave_id: slave,
    targetid: { type: 'string', class: 'technical', always: true, means: 'Network address of whom it is for.' },
    targetport: { type: 'string', class: 'technical', always: true, means: 'Port of whom it is for.' },
    senderid: { type: 'string', class: 'technical', always: true, means: 'Network address of the sender.' },
    senderport: { type: 'string', class: 'technical', always: true, means: 'Port of the sender.' },
    cmd: { type: 'string', class: 'technical', always: true, means: 'Command.' },
    stateflags: { type: 'string', class: 'technical', always: true, means: 'Request or response, as bits.' },
  },
} as const satisfies RecordType;

export type EcatRegistersRecord = RecordOf<typeof ecat_registers>;
export type EcatLogAddressRecord = RecordOf<typeof ecat_log_address>;
export type EcatDevInfoRecord = RecordOf<typeof ecat_dev_info>;
export type EcatCoeRecord = RecordOf<typeof ecat_coe_info>;
export type EcatFoeRecord = RecordOf<typeof ecat_foe_info>;
export type EcatSoeRecord = RecordOf<typeof ecat_soe_info>;
export type EcatAoeRecord = RecordOf<typeof ecat_aoe_info>;
