/** Who speaks regularly, by network type, and under what name it is missed. A sensor that falls silent as a whole is told elsewhere (`detect/sensors`). */

import type { AnyRecord } from '@forewarn/model/records/record';
import { actOf, controlLogs } from '../control-acts.ts';

export type Speaking = {
  /** Kind of source, as a part of a text's key. */
  kind: 'controller' | 'stream' | 'device' | 'measurement' | 'log';
  source: string;
  /** The other end, where there is one that notices. */
  target: string;
  /** Whether its silence is a loss for whoever depends on it. */
  isLoss: boolean;
};

const text = (value: AnyRecord[string]): string => (typeof value === 'string' ? value.slice(0, 100) : '');

/** A controller that answers, or tells by itself. */
function ofControl(log: string, record: AnyRecord): Speaking | undefined {
  const act = actOf(log, record);
  if (act && (act.answer !== undefined || log === 'dnp3'))
    return { kind: 'controller', source: act.controller, target: act.master, isLoss: true };
  // IEC 104 stations report without being asked.
  const type = record['asdu.info_obj_type'];
  if (log !== 'iec104' || typeof type !== 'string' || !type.startsWith('M_') || record['is_orig'] !== false) return undefined;
  return { kind: 'controller', source: text(record['id.resp_h']), target: text(record['id.orig_h']), isLoss: true };
}

export const sourceLogs = [...controlLogs, 'mpeg_ts', 'mqtt_publish', 'synchrophasor', 'syslog'] as const;

export function speakingOf(log: string, record: AnyRecord): Speaking | undefined {
  const orig = text(record['id.orig_h']);
  const resp = text(record['id.resp_h']);
  switch (log) {
    case 'mpeg_ts':
      return record['carriage'] === 'file'
        ? undefined
        : {
            kind: 'stream',
            source: record['is_orig'] === false ? resp : orig,
            target: record['is_orig'] === false ? orig : resp,
            isLoss: true,
          };
    case 'mqtt_publish':
      return record['from_client'] === true ? { kind: 'device', source: orig, target: resp, isLoss: false } : undefined;
    case 'synchrophasor':
      return { kind: 'measurement', source: resp, target: orig, isLoss: true };
    case 'syslog':
      return { kind: 'log', source: orig, target: resp, isLoss: false };
    default:
      return ofControl(log, record);
  }
}
