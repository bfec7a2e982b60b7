import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { record } from '../testing/detection.ts';
import { actOf, controlLogs } from './control-acts.ts';

const master = '10.60.20.10';
const controller = '10.60.30.11';

/** Records as the parsers write them, and what they say. */
test.each([
  ['modbus', { func: 'READ_COILS', pdu_type: 'REQ' }, 'READ_COILS', 'read', undefined],
  ['modbus', { func: 'WRITE_SINGLE_COIL_EXCEPTION', pdu_type: 'RESP' }, 'WRITE_SINGLE_COIL', 'write', 'refused'],
  ['modbus', { func: 'PROGRAM_UNITY', pdu_type: 'REQ' }, 'PROGRAM_UNITY', 'program', undefined],
  ['dnp3', { fc_request: 'DIRECT_OPERATE', fc_reply: 'RESPONSE', iin: 0x9000 }, 'DIRECT_OPERATE', 'write', 'done'],
  ['dnp3', { fc_request: 'STOP_APPL', fc_reply: 'RESPONSE', iin: 1 }, 'STOP_APPL', 'stop', 'refused'],
  ['s7comm', { is_orig: true, rosctr_name: 'Job-Request', function_name: 'PLC Stop' }, 'PLC Stop', 'stop', undefined],
  [
    's7comm',
    {
      is_orig: true,
      rosctr_name: 'Job-Request',
      function_name: 'PLC Control',
      subfunction_code: '_INSE',
      subfunction_name: 'Activate',
    },
    'PLC Control Activate',
    'program',
    undefined,
  ],
  [
    's7comm',
    { is_orig: false, rosctr_name: 'ACK-Data', function_name: 'PLC Stop', error_class: 'No error' },
    'PLC Stop',
    'stop',
    'done',
  ],
  ['s7comm_plus', { is_orig: true, opcode_name: 'Request', function_name: 'Set Variable' }, 'Set Variable', 'write', undefined],
  ['iec104', { is_orig: true, 'asdu.info_obj_type': 'C_SE_NC_1', 'asdu.cause_tx': 'act' }, 'C_SE_NC_1', 'write', undefined],
  [
    'iec104',
    { is_orig: false, 'asdu.info_obj_type': 'C_RP_NA_1', 'asdu.cause_tx': 'actcon', 'asdu.negative': 0 },
    'C_RP_NA_1',
    'restart',
    'done',
  ],
  ['cip', { is_orig: true, direction: 'request', cip_service: 'Reset', class_name: 'Identity' }, 'Reset', 'restart', undefined],
  ['opcua_binary', { is_orig: true, identifier_str: 'WriteRequest' }, 'Write', 'write', undefined],
  [
    'bacnet',
    { is_orig: true, pdu_type: 'CONFIRMED_REQUEST', pdu_service: 'write_property' },
    'write_property',
    'write',
    undefined,
  ],
  [
    'bacnet_device_control',
    { is_orig: true, pdu_service: 'reinitialize_device', device_state: 'coldstart' },
    'reinitialize_device coldstart',
    'restart',
    undefined,
  ],
])('%s %j', (log, fields, name, kind, answer) => {
  const line = record(log, 1, master, controller, 502, fields as never);
  expect(actOf(line.log, line.record)).toMatchObject({ master, controller, name, kind, answer });
});

test.each([
  ['s7comm', { is_orig: false, rosctr_name: 'Job-Request', function_name: 'Download Block' }],
  ['iec104', { is_orig: false, 'asdu.info_obj_type': 'M_ME_NC_1', 'asdu.cause_tx': 'spont' }],
  ['dnp3', { fc_reply: 'UNSOLICITED_RESPONSE', iin: 0 }],
  ['bacnet', { is_orig: true, pdu_type: 'UNCONFIRMED_REQUEST', pdu_service: 'who-is' }],
  ['modbus', {}],
])('%s %j asks nothing of a controller', (log, fields) => {
  const line = record(log, 1, master, controller, 502, fields as never);
  expect(actOf(line.log, line.record)).toBeUndefined();
});

test('who asks over UDP may be either end', () => {
  const line = record('bacnet', 1, controller, master, 47_808, {
    is_orig: false,
    pdu_type: 'CONFIRMED_REQUEST',
    pdu_service: 'read_property',
  });
  expect(actOf(line.log, line.record)).toMatchObject({ master, controller });
});

test('hostile records never throw', () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.integer(), { maxLength: 3 }));
  fc.assert(
    fc.property(
      fc.constantFrom(...controlLogs),
      fc.dictionary(
        fc.constantFrom(
          'func',
          'pdu_type',
          'fc_request',
          'iin',
          'function_name',
          'asdu.info_obj_type',
          'cip_service',
          'identifier_str',
          'pdu_service',
          'rosctr_name',
          'id.orig_h',
          'id.resp_h',
          'ts',
        ),
        value,
      ),
      (log, fields) => {
        actOf(log, fields as never);
      },
    ),
    { numRuns: 300 },
  );
});
