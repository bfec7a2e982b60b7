/** What a record writes to points of the plant: the object and its value. */

import type { AnyRecord } from '@forewarn/model/records/record';

export type Point = { object: string; value: number };

/** The request of a record, by which its answer is known; and what it writes. */
export type Writing = { token: string; points: readonly Point[] };

export const pointLogs = ['modbus', 'iec104_control', 'opcua_binary_write', 'bacnet_property'] as const;

const text = (value: AnyRecord[string]): string =>
  typeof value === 'number' || typeof value === 'string' ? String(value).slice(0, 100) : '';

/** Registers hold 16 bits; as signed numbers, so that a value around zero is not at both ends of its range. */
const signed = (value: number): number => (value > 0x7fff ? value - 0x1_0000 : value);

function ofModbus(record: AnyRecord): Writing | undefined {
  const { func, pdu_type: type, address, unit, tid, request_values: values } = record;
  if (type !== 'REQ' || typeof address !== 'number' || !Array.isArray(values)) return undefined;
  // A coil is on or off: it has no range.
  if (func !== 'WRITE_SINGLE_REGISTER' && func !== 'WRITE_MULTIPLE_REGISTERS' && func !== 'READ_WRITE_MULTIPLE_REGISTERS')
    return undefined;
  const points: Point[] = [];
  for (const [i, value] of (values as unknown[]).slice(0, 16).entries())
    if (typeof value === 'number' && Number.isFinite(value))
      points.push({ object: `${text(unit)}/${address + i}`, value: signed(value) });
  return { token: text(tid), points };
}

function ofIec104(record: AnyRecord): Writing | undefined {
  const { info_obj_type: type, cause_tx: cause, value, common_address: station, info_obj_addr: point, is_orig: isOrig } = record;
  if (typeof type !== 'string' || !type.startsWith('C_SE_') || cause !== 'act' || isOrig === false) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  const object = `${text(station)}/${text(point)}`;
  // What is only selected is not set yet.
  return record['select'] === true ? undefined : { token: object, points: [{ object, value }] };
}

function numberOf(value: AnyRecord[string]): number | undefined {
  if (typeof value !== 'string' || value.length > 40 || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function ofOpcua(record: AnyRecord): Writing | undefined {
  const value = numberOf(record['value']);
  if (value === undefined || record['attribute_id_str'] !== 'Value') return undefined;
  const node = ['node_id_numeric', 'node_id_string', 'node_id_guid', 'node_id_opaque']
    .map((name) => record[name])
    .find((id) => id !== undefined);
  if (node === undefined) return undefined;
  return {
    token: text(record['request_id']),
    points: [{ object: `${text(record['node_id_namespace_idx'])}/${text(node)}`, value }],
  };
}

function ofBacnet(record: AnyRecord): Writing | undefined {
  const { pdu_service: service, property, object_type: type, instance_number: instance, invoke_id: invoke } = record;
  const value = numberOf(record['value']);
  if (value === undefined || typeof service !== 'string' || !service.startsWith('write_property') || property !== 'present-value')
    return undefined;
  if (typeof type !== 'string' || !/^(?:analog|integer|positive|large-analog)/.test(type)) return undefined;
  return { token: text(invoke), points: [{ object: `${type} ${text(instance)}`.slice(0, 100), value }] };
}

const readers: { readonly [log: string]: (record: AnyRecord) => Writing | undefined } = {
  modbus: ofModbus,
  iec104_control: ofIec104,
  opcua_binary_write: ofOpcua,
  bacnet_property: ofBacnet,
};

export const writingOf = (log: string, record: AnyRecord): Writing | undefined => readers[log]?.(record);

/** Of an answer the token of what it answers, where records tell: Modbus and IEC 104. */
export function obeyedOf(log: string, record: AnyRecord): string | undefined {
  if (log === 'modbus')
    return record['pdu_type'] === 'RESP' && record['exception'] === undefined ? text(record['tid']) : undefined;
  if (log !== 'iec104_control' || record['cause_tx'] !== 'actcon' || record['negative'] === true) return undefined;
  return `${text(record['common_address'])}/${text(record['info_obj_addr'])}`;
}
