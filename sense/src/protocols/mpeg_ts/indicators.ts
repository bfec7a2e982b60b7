/**
 * The errors of ETSI TR 101 290 V1.4.1 (2020-06) §5.2 that concern hosts and links, and the times that belong to them. Those of decoders' buffers
 * (3.3, 3.9, 3.10) need the media and are not measured.
 */

import type { MpegTsRecord } from '@forewarn/model/records/broadcast';

type Counters = { [K in keyof MpegTsRecord]: K }[keyof MpegTsRecord];

/** One indicator: its column, its name and number in the report. The first digit of the number is its priority. */
export type Indicator = { readonly column: Counters; readonly name: string; readonly number: string };

export const indicators = [
  { column: 'ts_sync_loss', name: 'TS_sync_loss', number: '1.1' },
  { column: 'sync_byte_error', name: 'Sync_byte_error', number: '1.2' },
  { column: 'pat_error', name: 'PAT_error', number: '1.3' },
  { column: 'continuity_count_error', name: 'Continuity_count_error', number: '1.4' },
  { column: 'pmt_error', name: 'PMT_error', number: '1.5' },
  { column: 'pid_error', name: 'PID_error', number: '1.6' },
  { column: 'transport_error', name: 'Transport_error', number: '2.1' },
  { column: 'crc_error', name: 'CRC_error', number: '2.2' },
  { column: 'pcr_repetition_error', name: 'PCR_repetition_error', number: '2.3a' },
  { column: 'pcr_discontinuity_indicator_error', name: 'PCR_discontinuity_indicator_error', number: '2.3b' },
  { column: 'pcr_accuracy_error', name: 'PCR_accuracy_error', number: '2.4' },
  { column: 'pts_error', name: 'PTS_error', number: '2.5' },
  { column: 'cat_error', name: 'CAT_error', number: '2.6' },
  { column: 'nit_error', name: 'NIT_error', number: '3.1' },
  { column: 'si_repetition_error', name: 'SI_repetition_error', number: '3.2' },
  { column: 'unreferenced_pid', name: 'Unreferenced_PID', number: '3.4' },
  { column: 'sdt_error', name: 'SDT_error', number: '3.5' },
  { column: 'eit_error', name: 'EIT_error', number: '3.6' },
  { column: 'rst_error', name: 'RST_error', number: '3.7' },
  { column: 'tdt_error', name: 'TDT_error', number: '3.8' },
] as const satisfies readonly Indicator[];

export type IndicatorName = (typeof indicators)[number]['column'];

/** Place of each indicator in the list. */
export const placeOf = Object.fromEntries(indicators.map(({ column }, i) => [column, i])) as {
  readonly [K in IndicatorName]: number;
};

const table = 'ETSI TR 101 290 V1.4.1';

/** Times and counts of the report, in seconds unless said otherwise. */
export const thresholds = {
  syncBytesLost: { value: 2, unit: 'packets', source: `${table} table 5.0a, 1.1: two or more corrupted sync bytes in a row lose synchronisation` },
  syncBytesFound: { value: 5, unit: 'packets', source: `${table} table 5.0a, 1.1: five correct ones in a row gain it` },
  patSeconds: { value: 0.5, unit: 's', source: `${table} table 5.0a, 1.3.a` },
  pmtSeconds: { value: 0.5, unit: 's', source: `${table} table 5.0a, 1.5.a` },
  pidSeconds: { value: 5, unit: 's', source: `${table} table 5.0a, 1.6: a period the user specifies; five seconds are customary for picture and sound` },
  pcrSeconds: { value: 0.1, unit: 's', source: `${table} table 5.0b, 2.3.a and 2.3.b; ISO/IEC 13818-1 §2.7.2. DVB recommends 40 ms (TS 101 154)` },
  pcrAccuracySeconds: { value: 5e-7, unit: 's', source: `${table} table 5.0b, 2.4` },
  ptsSeconds: { value: 0.7, unit: 's', source: `${table} table 5.0b, 2.5; ISO/IEC 13818-1 §2.7.4` },
  catSeconds: { value: 2, unit: 's', source: 'ours: table 5.0b, 2.6 has no time; multiplexers repeat the CAT at least once a second' },
  nitSeconds: { value: 10, unit: 's', source: `${table} table 5.0c, 3.1` },
  otherSeconds: { value: 10, unit: 's', source: `${table} table 5.0c, 3.2; ETSI TS 101 211 §4.4` },
  unreferencedSeconds: { value: 0.5, unit: 's', source: `${table} table 5.0c, 3.4` },
  sdtSeconds: { value: 2, unit: 's', source: `${table} table 5.0c, 3.5` },
  eitSeconds: { value: 2, unit: 's', source: `${table} table 5.0c, 3.6` },
  tdtSeconds: { value: 30, unit: 's', source: `${table} table 5.0c, 3.8` },
  apartSeconds: { value: 0.025, unit: 's', source: `${table} table 5.0c, 3.7 and 3.8` },
} as const satisfies { [name: string]: { value: number; unit: string; source: string } }; // oxfmt-ignore
