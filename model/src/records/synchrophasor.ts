/** Records of synchrophasors. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

const source = 'CISA icsnpp-synchrophasor; IEEE C37.118.2';
const frame = {
  is_orig: { type: 'bool', class: 'technical', means: 'Sent by the originator.' },
  frame_type: { type: 'string', class: 'technical', means: 'Data, Header, CFG1, CFG2, CFG3 or Command.' },
  data_stream_id: { type: 'count', class: 'technical', means: 'The stream.' },
  frame_size: { type: 'count', class: 'technical', unit: 'bytes', means: 'Length.' },
  header_time_stamp: { type: 'time', class: 'technical', unit: 's', means: 'When it was made, in whole seconds.' },
} as const;

export const synchrophasor = {
  log: 'synchrophasor',
  means: 'One flow of synchrophasors; written when it is over.',
  source,
  columns: {
    ...connectionColumns,
    version: { type: 'count', class: 'technical', means: 'Version: 1 is of 2005, 2 of 2011.' },
    data_stream_id: { type: 'vector[count]', class: 'technical', means: 'The streams.' },
    frame_size_min: { type: 'count', class: 'technical', unit: 'bytes', means: 'Shortest frame.' },
    frame_size_max: { type: 'count', class: 'technical', unit: 'bytes', means: 'Longest frame.' },
    frame_size_tot: { type: 'count', class: 'technical', unit: 'bytes', means: 'All frames.' },
    data_frame_count: { type: 'count', class: 'technical', means: 'Number of frames with data.' },
    data_rate: { type: 'int', class: 'technical', means: 'Frames a second; below zero, seconds a frame.' },
  },
} as const satisfies RecordType;

export const synchrophasor_data = {
  log: 'synchrophasor_data',
  means: 'One frame of synchrophasors, without what is measured.',
  source,
  columns: { ...connectionColumns, ...frame },
} as const satisfies RecordType;

export const synchrophasor_cmd = {
  log: 'synchrophasor_cmd',
  means: 'One command to a unit that measures phasors.',
  source,
  columns: {
    ...connectionColumns,
    ...frame,
    command: { type: 'string', class: 'technical', means: 'Data on, Data off, or what is to be sent.' },
  },
} as const satisfies RecordType;

export const synchrophasor_cfg = {
  log: 'synchrophasor_cfg',
  means: 'One configuration or header of units that measure phasors: what they measure and how often.',
  source,
  columns: {
    ...connectionColumns,
    ...frame,
    pmu_count: { type: 'count', class: 'technical', means: 'Number of units.' },
    data_rate: { type: 'int', class: 'technical', means: 'Frames a second; below zero, seconds a frame.' },
    station_names: { type: 'vector[string]', class: 'technical', means: 'The units.' },
    station_ids: { type: 'vector[count]', class: 'technical', means: 'Their numbers.' },
    phasor_names: { type: 'vector[string]', class: 'technical', means: 'Phasors that are measured.' },
    analog_names: { type: 'vector[string]', class: 'technical', means: 'Analog values.' },
    digital_names: { type: 'vector[string]', class: 'technical', means: 'Digital states.' },
  },
} as const satisfies RecordType;

export type SynchrophasorRecord = RecordOf<typeof synchrophasor>;
export type SynchrophasorDataRecord = RecordOf<typeof synchrophasor_data>;
export type SynchrophasorCmdRecord = RecordOf<typeof synchrophasor_cmd>;
export type SynchrophasorCfgRecord = RecordOf<typeof synchrophasor_cfg>;
