/** Records of protocols directly on Ethernet: no addresses but the hardware's, no ports, no flow. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

const frameColumns = {
  ts: connectionColumns.ts,
  mac_src: { type: 'string', class: 'technical', means: 'Hardware address the frame came from.' },
  mac_dst: { type: 'string', class: 'technical', means: 'Hardware address the frame went to.' },
  vlan: { type: 'count', class: 'technical', means: 'VLAN of the frame.' },
} as const satisfies RecordType['columns'];

const streamColumns = {
  appid: { type: 'count', class: 'technical', always: true, means: 'Application identifier.' },
  simulation: { type: 'bool', class: 'technical', always: true, means: 'Marked as simulated: for tests, not for the plant.' },
} as const satisfies RecordType['columns'];

const streamTail = {
  missing: { type: 'count', class: 'technical', unit: 'frames', means: 'Numbers that were left out since the last record.' },
  frames: { type: 'count', class: 'technical', unit: 'frames', means: 'Frames since the stream began.' },
  duration: { type: 'interval', class: 'technical', unit: 's', means: 'How long the stream was heard; at its end.' },
  silent: {
    type: 'bool',
    class: 'technical',
    means: 'At its end: it fell silent for longer than it may; else the reading was over.',
  },
} as const satisfies RecordType['columns'];

export const goose = {
  log: 'goose',
  means: 'A GOOSE publisher of a substation begins, changes its state, leaves numbers out or falls silent.',
  source: 'IEC 61850-8-1:2011 §18, annex A and C; names as there',
  columns: {
    ...frameColumns,
    ...streamColumns,
    gocb_ref: { type: 'string', class: 'technical', always: true, means: 'Control block that publishes.' },
    dat_set: { type: 'string', class: 'technical', means: 'Data set that is published.' },
    go_id: { type: 'string', class: 'technical', means: 'Name the application gave it.' },
    event: {
      type: 'enum',
      class: 'technical',
      always: true,
      means:
        'begin; change: the next state; jump: a state that is not the next, so that some were missed or this is made up; restart: an earlier state or number; config: another configuration; gap: numbers left out; end.',
    },
    st_num: { type: 'count', class: 'technical', always: true, means: 'Number of the state.' },
    sq_num: { type: 'count', class: 'technical', always: true, means: 'Number of the repetition of that state.' },
    st_num_before: { type: 'count', class: 'technical', means: 'Number of the state before.' },
    t: { type: 'time', class: 'technical', unit: 's', means: 'When the state changed, by the publisher’s clock.' },
    conf_rev: { type: 'count', class: 'technical', always: true, means: 'Revision of the configuration.' },
    time_allowed_to_live: {
      type: 'interval',
      class: 'technical',
      unit: 's',
      always: true,
      means: 'How long receivers may wait for the next message.',
    },
    nds_com: { type: 'bool', class: 'technical', means: 'The publisher needs commissioning.' },
    num_entries: { type: 'count', class: 'technical', means: 'Entries of the data set; their values are not written.' },
    ...streamTail,
  },
} as const satisfies RecordType;

export const sampled_values = {
  log: 'sampled_values',
  means: 'A stream of measured values of a substation begins, changes, leaves samples out or falls silent.',
  source: 'IEC 61850-9-2:2011 §8; names as there',
  columns: {
    ...frameColumns,
    ...streamColumns,
    sv_id: { type: 'string', class: 'technical', always: true, means: 'Name of the stream.' },
    dat_set: { type: 'string', class: 'technical', means: 'Data set that is published.' },
    event: {
      type: 'enum',
      class: 'technical',
      always: true,
      means: 'begin; change: of configuration, synchronisation or size; gap: samples left out, at most one record a second; end.',
    },
    smp_cnt: { type: 'count', class: 'technical', always: true, means: 'Number of the sample in its second.' },
    conf_rev: { type: 'count', class: 'technical', always: true, means: 'Revision of the configuration.' },
    smp_synch: { type: 'count', class: 'technical', means: 'Clock: 0 not synchronised, 1 by a local clock, 2 by a global one.' },
    smp_rate: { type: 'count', class: 'technical', means: 'Samples a period, or a second, as smp_mod says.' },
    smp_mod: { type: 'count', class: 'technical', means: '0 samples a period, 1 samples a second, 2 seconds a sample.' },
    asdus: { type: 'count', class: 'technical', means: 'Samples a frame.' },
    data_len: { type: 'count', class: 'technical', unit: 'bytes', means: 'Length of a sample’s values, which are not written.' },
    ...streamTail,
  },
} as const satisfies RecordType;

export type GooseRecord = RecordOf<typeof goose>;
export type SampledValuesRecord = RecordOf<typeof sampled_values>;

export const profinet_dcp = {
  log: 'profinet_dcp',
  means: 'Somebody looks for PROFINET stations, reads or sets their names and addresses, or makes them blink or forget all.',
  source: 'IEC 61158-6-10 §4.3 (DCP); names as there',
  columns: {
    ...frameColumns,
    service: { type: 'enum', class: 'technical', always: true, means: 'Get, Set, Identify or Hello.' },
    service_type: { type: 'enum', class: 'technical', always: true, means: 'request, response or unsupported.' },
    xid: { type: 'count', class: 'technical', always: true, means: 'Number that joins a request with its responses.' },
    options: {
      type: 'vector[string]',
      class: 'technical',
      always: true,
      means: 'What it is about: ip/ip_parameter, device/name_of_station, control/signal, control/factory_reset, …',
    },
    name_of_station: { type: 'string', class: 'technical', means: 'Name of a station: asked for, told or set.' },
    type_of_station: { type: 'string', class: 'technical', means: 'Its type, in the words of its maker.' },
    alias_name: { type: 'string', class: 'technical', means: 'Port of another station by which it is known.' },
    vendor_id: { type: 'count', class: 'technical', means: 'Maker.' },
    device_id: { type: 'count', class: 'technical', means: 'Device of that maker.' },
    device_role: { type: 'vector[string]', class: 'technical', means: 'device, controller, multidevice or supervisor.' },
    ip: { type: 'addr', class: 'technical', means: 'Address told or set.' },
    netmask: { type: 'addr', class: 'technical', means: 'Mask told or set.' },
    gateway: { type: 'addr', class: 'technical', means: 'Router told or set.' },
    ip_conflict: { type: 'bool', class: 'technical', means: 'The station has found its address at another one too.' },
    permanent: { type: 'bool', class: 'technical', means: 'What is set shall outlive a restart.' },
    errors: { type: 'vector[string]', class: 'technical', means: 'What a station refused, with its reason.' },
  },
} as const satisfies RecordType;

export const lldp = {
  log: 'lldp',
  means: 'A device tells its neighbours who it is; written when it is new or has changed, and once an hour.',
  source: 'IEEE 802.1AB-2016 §8, ANSI/TIA-1057 (LLDP-MED)',
  columns: {
    ...frameColumns,
    chassis_id: { type: 'string', class: 'technical', always: true, means: 'Who it is.' },
    chassis_id_type: {
      type: 'enum',
      class: 'technical',
      always: true,
      means: 'What that is: mac, address, interface name, local, …',
    },
    port_id: { type: 'string', class: 'technical', always: true, means: 'Port that it speaks from.' },
    port_id_type: { type: 'enum', class: 'technical', always: true, means: 'What that is.' },
    ttl: {
      type: 'interval',
      class: 'technical',
      unit: 's',
      always: true,
      means: 'How long it is true; 0 says that the device leaves.',
    },
    port_description: { type: 'string', class: 'technical', means: 'Port in words.' },
    system_name: { type: 'string', class: 'technical', means: 'Name of the device.' },
    system_description: { type: 'string', class: 'technical', means: 'Device, operating system and version in words.' },
    capabilities: { type: 'vector[string]', class: 'technical', means: 'What it can be: bridge, router, telephone, …' },
    enabled: { type: 'vector[string]', class: 'technical', means: 'What of that is in use.' },
    management_addresses: { type: 'vector[string]', class: 'technical', means: 'Addresses it is managed at.' },
    port_vlan: { type: 'count', class: 'technical', means: 'VLAN of frames without a tag.' },
    manufacturer: { type: 'string', class: 'technical', means: 'Maker (LLDP-MED).' },
    model: { type: 'string', class: 'technical', means: 'Model (LLDP-MED).' },
    serial: { type: 'string', class: 'technical', means: 'Serial number (LLDP-MED).' },
    hardware: { type: 'string', class: 'technical', means: 'Revision of the hardware (LLDP-MED).' },
    firmware: { type: 'string', class: 'technical', means: 'Revision of the firmware (LLDP-MED).' },
    software: { type: 'string', class: 'technical', means: 'Revision of the software (LLDP-MED).' },
  },
} as const satisfies RecordType;

export type ProfinetDcpRecord = RecordOf<typeof profinet_dcp>;
export type LldpRecord = RecordOf<typeof lldp>;
