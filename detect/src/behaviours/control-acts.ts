/**
 * What is asked of controllers, alike for all protocols that are read: who asks whom for which function, whether it reads, writes or changes the controller
 * itself, and what came of it. The names of functions are those of the records.
 */

import type { AnyRecord } from '@forewarn/model/records/record';
import { flowOf, type Flow } from './behaviour.ts';

/** What a function does. `silence`: the controller is told to report no more. */
export type ActKind = 'read' | 'write' | 'program' | 'firmware' | 'stop' | 'start' | 'restart' | 'silence' | 'other';

export type ControlAct = {
  flow: Flow;
  protocol: string;
  master: string;
  controller: string;
  /** Name of the function, as the record writes it. */
  name: string;
  kind: ActKind;
  /** Absent while it is only asked. */
  answer: 'done' | 'refused' | undefined;
};

/** Logs that tell of acts. */
export const controlLogs = [
  'modbus',
  'dnp3',
  's7comm',
  's7comm_plus',
  'iec104',
  'cip',
  'opcua_binary',
  'bacnet',
  'bacnet_device_control',
] as const;

type Said = { name: string; kind: ActKind; answer: ControlAct['answer']; /** The flow's responder asks. */ turned?: boolean };

/** A name in a record, bounded: hostile ones must not fill tables. */
const named = (value: AnyRecord[string]): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, 64) : undefined;

/** MODBUS Application Protocol V1.1b3 §6; functions 9 to 18, 40, 90, 125 and 126 are makers' own for programs and firmware. */
function ofModbus({ func, pdu_type: type }: AnyRecord): Said | undefined {
  const whole = named(func);
  if (whole === undefined) return undefined;
  const isRefusal = whole.endsWith('_EXCEPTION');
  const name = isRefusal ? whole.slice(0, -'_EXCEPTION'.length) : whole;
  const kind: ActKind = name.startsWith('PROGRAM_')
    ? 'program'
    : name === 'FIRMWARE_REPLACEMENT'
      ? 'firmware'
      : name.startsWith('RESET_')
        ? 'restart'
        : /(?:^|_)WRITE(?:_|$)/.test(name)
          ? 'write'
          : /^(?:READ|GET|REPORT|POLL|ENCAP)_/.test(name)
            ? 'read'
            : 'other';
  return { name, kind, answer: type === 'RESP' ? (isRefusal ? 'refused' : 'done') : undefined };
}

/** IEEE 1815-2012 §4.4. */
const dnp3Kinds: { readonly [name: string]: ActKind } = {
  READ: 'read',
  CONFIRM: 'read',
  DELAY_MEASURE: 'read',
  WRITE: 'write',
  SELECT: 'write',
  OPERATE: 'write',
  DIRECT_OPERATE: 'write',
  DIRECT_OPERATE_NR: 'write',
  COLD_RESTART: 'restart',
  WARM_RESTART: 'restart',
  INITIALIZE_APPL: 'program',
  START_APPL: 'start',
  STOP_APPL: 'stop',
  SAVE_CONFIG: 'program',
  ACTIVATE_CONFIG: 'program',
  DELETE_FILE: 'program',
  // Masters begin so after each restart (IEEE 1815-2012 §5.1.1.1.1): new where it is new, no change of the station by itself.
  DISABLE_UNSOLICITED: 'other',
};

/** A request, with its response where one came. Bits 0 to 2 of the second byte of the indications say that it was refused (§4.2.2.6). */
function ofDnp3({ fc_request: asked, fc_reply: answered, iin }: AnyRecord): Said | undefined {
  const name = named(asked);
  if (name === undefined) return undefined;
  const answer = answered === undefined ? undefined : typeof iin === 'number' && (iin & 7) !== 0 ? 'refused' : 'done';
  return { name, kind: dnp3Kinds[name] ?? 'other', answer };
}

/** Services of PLC Control and functions of S7, by their effect. */
const s7Kinds: { readonly [name: string]: ActKind } = {
  'Read Variable': 'read',
  'Setup Communication': 'read',
  'CPU Services': 'read',
  'Start Upload': 'read',
  Upload: 'read',
  'End Upload': 'read',
  'Write Variable': 'write',
  'Request Download': 'program',
  _INSE: 'program',
  _INS2: 'program',
  _DELE: 'program',
  _MODU: 'program',
  P_PROGRAM: 'start',
  'PLC Stop': 'stop',
};

/** The master opened the flow. Blocks of a download are fetched by the controller: what it asks is no act. */
function ofS7(record: AnyRecord): Said | undefined {
  const { function_name: name, subfunction_code: code, subfunction_name: sub, rosctr_name: rosctr, error_class: error } = record;
  const asked = named(name);
  if (asked === undefined) return undefined;
  if (rosctr === 'ACK-Data' || rosctr === 'ACK') {
    if (record['is_orig'] !== false || asked === 'PLC Control') return undefined;
    const isDone = error === undefined || error === 'No error';
    return { name: asked, kind: s7Kinds[asked] ?? 'other', answer: isDone ? 'done' : 'refused' };
  }
  if (record['is_orig'] === false) return undefined;
  if (asked === 'PLC Control') {
    const service = named(code);
    if (service === undefined) return undefined;
    return { name: `PLC Control ${named(sub) ?? service}`, kind: s7Kinds[service] ?? 'other', answer: undefined };
  }
  if (rosctr !== 'User-Data') return { name: asked, kind: s7Kinds[asked] ?? 'other', answer: undefined };
  if (!asked.startsWith('Request: ')) return undefined;
  const of = `${asked.slice('Request: '.length)} ${named(sub) ?? ''}`.trim();
  const kind: ActKind = /Memory Reset/.test(of) ? 'restart' : /Modify Variable|Force$|Set Clock/.test(of) ? 'write' : 'read';
  return { name: of, kind, answer: undefined };
}

function ofS7Plus({ opcode_name: opcode, function_name: name, is_orig: isOrig }: AnyRecord): Said | undefined {
  const asked = named(name);
  if (asked === undefined || opcode !== 'Request' || isOrig === false) return undefined;
  return {
    name: asked,
    kind: asked.startsWith('Set ') ? 'write' : /^(?:Get|Explore)/.test(asked) ? 'read' : 'other',
    answer: undefined,
  };
}

/** IEC 60870-5-101 §7.2.1: types 45 to 64 command, 100 to 107 are of the system, 110 to 113 parameters; what a station tells (M_) is no act. */
function ofIec104(record: AnyRecord): Said | undefined {
  const { 'asdu.info_obj_type': type, 'asdu.cause_tx': cause, 'asdu.negative': negative, is_orig: isOrig } = record;
  const name = named(type);
  if (name === undefined || !/^[CPF]_/.test(name)) return undefined;
  const kind: ActKind =
    name === 'C_RP_NA_1'
      ? 'restart'
      : /^(?:C_(?:SC|DC|RC|SE|BO)|P_)/.test(name)
        ? 'write'
        : /^C_(?:IC|CI|RD)/.test(name)
          ? 'read'
          : 'other';
  if (isOrig !== false) return { name, kind, answer: undefined };
  return cause === 'actcon' ? { name, kind, answer: negative === 1 ? 'refused' : 'done' } : undefined;
}

const cipKinds: { readonly [name: string]: ActKind } = {
  Reset: 'restart',
  Start: 'start',
  Stop: 'stop',
  Restore: 'program',
  Save: 'program',
};

/** ODVA, The CIP Networks Library, volume 1 appendix A; of the File object (§5A-42) 0x4c begins a download. */
function ofCip(record: AnyRecord): Said | undefined {
  const { cip_service: service, cip_service_code: code, class_name: className, direction, cip_status_code: status } = record;
  const name = named(service);
  if (name === undefined) return undefined;
  // Who serves a connection is its responder, whichever way implicit messages go.
  const isFile = className === 'File' && code === '0x4c';
  const kind: ActKind = isFile
    ? 'program'
    : (cipKinds[name] ??
      (/^(?:Set|Write|Read Write|Insert|Remove|Apply)/.test(name)
        ? 'write'
        : /^(?:Get|Read|Find)/.test(name)
          ? 'read'
          : 'other'));
  if (direction === 'response') return { name, kind, answer: status === '0x00' ? 'done' : 'refused' };
  return { name: isFile ? 'File download' : name, kind, answer: undefined };
}

/** OPC 10000-4 §5. */
function ofOpcua({ identifier_str: service, status_code: status }: AnyRecord): Said | undefined {
  const whole = named(service);
  if (whole === undefined) return undefined;
  const [, name, end] = /^(\w+?)(Request|Response)$/.exec(whole) ?? [];
  if (name === undefined) return undefined;
  const kind: ActKind = /^(?:Write|Call|HistoryUpdate)$/.test(name)
    ? 'write'
    : /^(?:AddNodes|AddReferences|DeleteNodes|DeleteReferences)$/.test(name)
      ? 'program'
      : 'read';
  if (end === 'Request') return { name, kind, answer: undefined };
  return { name, kind, answer: status === undefined || status === 'Good' ? 'done' : 'refused' };
}

/** ASHRAE 135 clauses 13 to 16. */
function ofBacnet({ pdu_type: type, pdu_service: service, is_orig: isOrig }: AnyRecord): Said | undefined {
  const name = named(service);
  // Those two have records of their own, which say what is meant.
  if (name === undefined || name === 'reinitialize_device' || name === 'device_communication_control') return undefined;
  const kind: ActKind = /^write_|_list_element$/.test(name)
    ? 'write'
    : name === 'atomic_write_file'
      ? 'program'
      : /^(?:read_|get_|atomic_read|subscribe_)/.test(name)
        ? 'read'
        : 'other';
  if (type === 'CONFIRMED_REQUEST') return { name, kind, answer: undefined, turned: isOrig === false };
  if (type === 'SIMPLE_ACK' || type === 'COMPLEX_ACK') return { name, kind, answer: 'done', turned: isOrig !== false };
  return undefined;
}

function ofBacnetControl({ pdu_service: service, device_state: state, result, is_orig: isOrig }: AnyRecord): Said | undefined {
  const name = named(service);
  if (name === undefined) return undefined;
  const isAnswer = result !== undefined;
  const told = named(state);
  const kind: ActKind =
    name === 'device_communication_control'
      ? told === 'disable' || told === 'disable-initiation'
        ? 'silence'
        : 'other'
      : told === 'coldstart' || told === 'warmstart'
        ? 'restart'
        : told === 'startrestore' || told === 'activate-changes'
          ? 'program'
          : 'other';
  return {
    name: told === undefined ? name : `${name} ${told}`,
    kind,
    answer: isAnswer ? (result === 'SUCCESS' ? 'done' : 'refused') : undefined,
    turned: isAnswer ? isOrig !== false : isOrig === false,
  };
}

const readers: { readonly [log: string]: { protocol: string; read: (record: AnyRecord) => Said | undefined } } = {
  modbus: { protocol: 'Modbus', read: ofModbus },
  dnp3: { protocol: 'DNP3', read: ofDnp3 },
  s7comm: { protocol: 'S7', read: ofS7 },
  s7comm_plus: { protocol: 'S7', read: ofS7Plus },
  iec104: { protocol: 'IEC 104', read: ofIec104 },
  cip: { protocol: 'CIP', read: ofCip },
  opcua_binary: { protocol: 'OPC UA', read: ofOpcua },
  bacnet: { protocol: 'BACnet', read: ofBacnet },
  bacnet_device_control: { protocol: 'BACnet', read: ofBacnetControl },
};

/** What a record asks of a controller, or answers; `undefined` when it does neither. */
export function actOf(log: string, record: AnyRecord): ControlAct | undefined {
  const reader = readers[log];
  const said = reader?.read(record);
  if (!reader || !said) return undefined;
  const flow = flowOf(log, record);
  if (!flow) return undefined;
  const { name, kind, answer, turned } = said;
  const [master, controller] = turned ? [flow.target, flow.source] : [flow.source, flow.target];
  return { flow, protocol: reader.protocol, master, controller, name, kind, answer };
}
