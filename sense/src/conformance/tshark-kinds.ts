/** How tshark's rows and our records are read as messages, protocol by protocol. */

import type { AnyRecord } from '@forewarn/model/records/record';
import { confirmedName, typeName as bacnetType, unconfirmedName } from '../protocols/bacnet/codes.ts';
import { exceptionName, functionName as modbusFunction } from '../protocols/modbus/codes.ts';
import { serviceNumber as mmsServiceNumber } from '../protocols/cotp/mms-codes.ts';
import { functionName as dnp3Function } from '../protocols/dnp3/codes.ts';
import { identifierName as hartIdentifier, typeName as hartType } from '../protocols/hart_ip/codes.ts';
import { causeName, typeName, unnumberedName } from '../protocols/iec104/codes.ts';
import { telecomKinds } from './tshark-telecom.ts';

/** A row of tshark: a packet. */
export type Row = { frame: string; from: string; to: string; at: (column: string) => string };

/** What a message is told by; `address` is left out where it has none. */
export type Told = { function: string; address?: string | undefined };
export type Message = Told & { frame: string; from: string; to: string };

export type Kind = {
  /** As it is shown. */
  readonly name: string;
  /** tshark's name. */
  readonly section: string;
  readonly logs: readonly string[];
  theirs(row: Row): Told[];
  /** `forward`: sent by the originator. */
  ours(record: AnyRecord): (Told & { forward: boolean })[];
};

/** Values of one field, of all messages of the packet. */
const all = (row: Row, column: string): string[] => (row.at(column) === '' ? [] : row.at(column).split('|'));

const isForward = (record: AnyRecord): boolean => record['is_orig'] === true;
const text = (value: AnyRecord[string]): string => (value === undefined ? '' : String(value));

/** A number in decimal or hexadecimal, in one form. */
const number = (value: string): string => (value === '' ? '' : String(Number(value)));

/** The n-th value where each message has one; of a packet whose messages do not all have it, nothing can be said. */
const nth = (values: readonly string[], count: number, index: number): string | undefined =>
  values.length === count ? values[index] : undefined;

/** Functions that count coils or inputs of one bit. */
const coils = (name: string): boolean => /^(READ_COILS|READ_DISCRETE_INPUTS|WRITE_MULTIPLE_COILS)$/.test(name);

/** Services of a packet with the classes that its requests name, where their number says whose is which. */
function cipMessages(row: Row): Told[] {
  const isRequest = row.to.endsWith(' 44818');
  const codes = all(row, 'cip.sc');
  const classes = isRequest ? all(row, 'cip.class').map(number) : [];
  // Of a connection to the message router tshark puts its class before those of the requests.
  if (classes.length === codes.length + 1 && classes[0] === '2') classes.shift();
  return codes.map((code, i) => ({
    function: `${isRequest ? 'request' : 'response'} ${number(code)}`,
    address: nth(classes, codes.length, i),
  }));
}

/** Packets of MQTT that are in our records: sign-ins, messages, subscriptions with their answers, farewells. */
const mqttTypes: readonly string[] = ['1', '2', '3', '8', '9', '10', '11', '14'];

export const kinds: readonly Kind[] = [
  {
    name: 'mqtt',
    section: 'mqtt',
    logs: ['mqtt_connect', 'mqtt_subscribe', 'mqtt_publish', 'mqtt_disconnect'],
    theirs(row) {
      const types = all(row, 'mqtt.msgtype');
      const [topics, clients] = [all(row, 'mqtt.topic'), all(row, 'mqtt.clientid')];
      const single = types.length === 1;
      return types
        .filter((type) => mqttTypes.includes(type))
        .map((type) => ({
          function: type,
          address: single && type === '1' ? clients[0] : single && (type === '3' || type === '8') ? topics[0] : undefined,
        }));
    },
    ours(record) {
      if (record['topic'] !== undefined)
        return [{ forward: record['from_client'] === true, function: '3', address: text(record['topic']) }];
      if (record['action'] !== undefined) {
        const asks = record['action'] === 'MQTT::SUBSCRIBE';
        const [topic] = record['topics'] as readonly string[];
        return [
          { forward: true, function: asks ? '8' : '10', address: text(topic) },
          ...(record['ack'] === true ? [{ forward: false, function: asks ? '9' : '11' }] : []),
        ];
      }
      if (record['reason'] !== undefined) return [{ forward: record['from_client'] === true, function: '14' }];
      return [
        ...(record['proto_name'] === undefined ? [] : [{ forward: true, function: '1', address: text(record['client_id']) }]),
        ...(record['connect_status'] === undefined ? [] : [{ forward: false, function: '2' }]),
      ];
    },
  },
  {
    name: 'coap',
    section: 'coap',
    logs: ['coap'],
    theirs(row) {
      const code = Number(row.at('coap.code'));
      // Empty messages acknowledge and say nothing.
      if (code === 0) return [];
      const request = code < 0x20;
      return [
        {
          function: `${code >> 5}.${String(code & 31).padStart(2, '0')}`,
          address: request ? `${row.at('coap.mid')} /${row.at('coap.opt.uri_path').replaceAll('|', '/')}` : undefined,
        },
      ];
    },
    ours(record) {
      const method = ['GET', 'POST', 'PUT', 'DELETE', 'FETCH', 'PATCH', 'iPATCH'].indexOf(text(record['method'])) + 1;
      return [
        // A later notification repeats what was asked for, but not the request.
        ...(record['request_len'] === undefined
          ? []
          : [{ forward: isForward(record), function: `0.0${method}`, address: `${record['message_id']} ${record['uri_path']}` }]),
        ...(record['code'] === undefined ? [] : [{ forward: !isForward(record), function: text(record['code']) }]),
      ];
    },
  },
  {
    name: 'modbus',
    section: 'modbus',
    logs: ['modbus'],
    theirs(row) {
      const codes = all(row, 'modbus.func_code');
      const isRequest = row.to.endsWith(' 502');
      const [tids, units, exceptions, references, counts] = [
        'mbtcp.trans_id',
        'mbtcp.unit_id',
        'modbus.exception_code',
        'modbus.reference_num',
        'modbus.word_cnt',
      ].map((column) => all(row, column)) as [string[], string[], string[], string[], string[]];
      // Of several messages in a packet, of which only some have an address, it cannot be said whose it is.
      const isMixed =
        codes.length > 1 && [references, counts, exceptions].some(({ length }) => length > 0 && length !== codes.length);
      return codes.map((code, i) => {
        const exception = nth(exceptions, codes.length, i);
        const name = modbusFunction(Number(code) | (exception === undefined ? 0 : 0x80));
        const single = code === '5' || code === '6' || code === '22';
        // tshark shows the address in answers to writes too, and the value of a single write as no quantity; the data set has no count of coils.
        const of = isRequest
          ? `${nth(references, codes.length, i) ?? ''} ${coils(name) ? 'coils' : single ? '1' : (nth(counts, codes.length, i) ?? '')}`
          : ' ';
        return {
          function: `${isRequest ? 'REQ' : 'RESP'} ${name}${exception === undefined ? '' : ` ${exceptionName(Number(exception))}`}`,
          address: isMixed ? undefined : `${tids[i]} ${units[i]} ${of}`,
        };
      });
    },
    ours: (record) => {
      const isRequest = record['pdu_type'] === 'REQ';
      return [
        {
          forward: isRequest === (record['id.orig_p'] !== 502 || record['id.resp_p'] === 502),
          function: `${record['pdu_type']} ${record['func']}${record['exception'] === undefined ? '' : ` ${record['exception']}`}`,
          address: `${record['tid']} ${record['unit']} ${
            isRequest ? `${text(record['address'])} ${coils(String(record['func'])) ? 'coils' : text(record['quantity'])}` : ' '
          }`,
        },
      ];
    },
  },
  {
    name: 's7comm',
    section: 's7comm',
    logs: ['s7comm'],
    theirs(row) {
      const kindsOf = all(row, 's7comm.header.rosctr');
      const [functions, references] = [all(row, 's7comm.param.func'), all(row, 's7comm.header.pduref')];
      return kindsOf.map((kind, i) => ({
        function: `${kind} ${kind === '7' ? '' : number(nth(functions, kindsOf.length, i) ?? '')}`,
        address: nth(references, kindsOf.length, i),
      }));
    },
    ours: (record) => [
      {
        forward: isForward(record),
        function: `${record['rosctr_code']} ${record['rosctr_code'] === 7 ? '' : number(text(record['function_code']))}`,
        // Ours has its lower byte first, as icsnpp-s7comm has it.
        address: String((Number(record['pdu_reference']) >> 8) | ((Number(record['pdu_reference']) & 0xff) << 8)),
      },
    ],
  },
  {
    name: 'dnp3',
    section: 'dnp3',
    logs: ['dnp3'],
    theirs(row) {
      const functions = all(row, 'dnp3.al.func');
      const [sources, destinations] = [all(row, 'dnp3.src'), all(row, 'dnp3.dst')];
      return functions.map((code, i) => ({
        function: dnp3Function(Number(code)),
        address:
          sources.length === functions.length && destinations.length === functions.length
            ? `${sources[i]} > ${destinations[i]}`
            : undefined,
      }));
    },
    ours: (record) => {
      // Masters connect to port 20000; an outstation that connects to report does so from there, or to a master's own.
      const forward = record['id.resp_p'] === 20_000 || record['id.orig_p'] !== 20_000;
      const [master, outstation] = [record['master_address'], record['outstation_address']];
      return [
        ...(record['fc_request'] === undefined
          ? []
          : [{ forward, function: String(record['fc_request']), address: `${master} > ${outstation}` }]),
        ...(record['fc_reply'] === undefined
          ? []
          : [{ forward: !forward, function: String(record['fc_reply']), address: `${outstation} > ${master}` }]),
      ];
    },
  },
  {
    name: 'enip',
    section: 'enip',
    logs: ['enip'],
    theirs(row) {
      const commands = all(row, 'enip.command');
      const [statuses, sessions] = [all(row, 'enip.status'), all(row, 'enip.session')];
      return commands.map((command, i) => ({
        function: `${number(command)} ${number(nth(statuses, commands.length, i) ?? '') === '0' ? 'Success' : ''}`,
        address: number(nth(sessions, commands.length, i) ?? ''),
      }));
    },
    ours: (record) => [
      {
        forward: isForward(record),
        function: `${number(text(record['enip_command_code']))} ${record['enip_status'] === 'Success' ? 'Success' : ''}`,
        address: number(text(record['session_handle'])),
      },
    ],
  },
  {
    name: 'cip',
    section: 'cip',
    logs: ['cip'],
    theirs: cipMessages,
    ours: (record) => [
      {
        forward: isForward(record),
        function: `${record['direction']} ${number(text(record['cip_service_code']))}`,
        address: number(text(record['class_id'])),
      },
    ],
  },
  {
    name: 'cip_io',
    section: 'enip',
    logs: ['cip_io'],
    theirs: (row) => (row.at('enip.command') === '' && row.to.endsWith(' 2222') ? [{ function: 'data' }] : []),
    ours: (record) => [{ forward: isForward(record), function: 'data' }],
  },
  {
    name: 'iec104',
    section: 'iec60870_104',
    logs: ['iec104'],
    theirs(row) {
      const [types, sent, received, functions] = ['type', 'tx', 'rx', 'utype'].map((column) =>
        all(row, `iec60870_104.${column}`),
      ) as [string[], string[], string[], string[]];
      // Every I has a number sent, every I and S one received, every U a function.
      return types.map((code) => {
        const type = Number(code) & 3;
        if (type === 3) return { function: `U ${unnumberedName(Number(functions.shift()))}` };
        if (type === 1) return { function: 'S', address: received.shift() };
        return { function: 'I', address: `${sent.shift()} ${received.shift()}` };
      });
    },
    ours: (record) => [
      {
        forward: isForward(record),
        function: record['apci_type'] === 'U' ? `U ${record['apci_function']}` : String(record['apci_type']),
        address:
          record['apci_type'] === 'U'
            ? undefined
            : `${record['apci_tx'] === undefined ? '' : `${record['apci_tx']} `}${text(record['apci_rx'])}`,
      },
    ],
  },
  {
    name: 'iec104 asdu',
    section: 'iec60870_asdu',
    logs: ['iec104'],
    theirs(row) {
      const [types, reasons, stations] = ['typeid', 'causetx', 'addr'].map((column) => all(row, `iec60870_asdu.${column}`)) as [
        string[],
        string[],
        string[],
      ];
      return types.map((type, i) => ({
        function: `${typeName(Number(type))} ${nth(reasons, types.length, i) === undefined ? '' : causeName(Number(reasons[i]))}`,
        address: nth(stations, types.length, i),
      }));
    },
    ours: (record) =>
      record['asdu.info_obj_type'] === undefined
        ? []
        : [
            {
              forward: isForward(record),
              function: `${record['asdu.info_obj_type']} ${text(record['asdu.cause_tx'])}`,
              address: text(record['asdu.common_address']),
            },
          ],
  },
  {
    name: 'iec104 objects',
    section: 'iec60870_asdu',
    logs: ['iec104'],
    theirs: (row) => all(row, 'iec60870_asdu.ioa').map((address) => ({ function: 'object', address })),
    ours: (record) =>
      ((record['asdu.info_obj_addr'] ?? []) as readonly number[]).map((address) => ({
        forward: isForward(record),
        function: 'object',
        address: String(address),
      })),
  },
  {
    name: 'bacnet',
    section: 'bacapp',
    logs: ['bacnet'],
    theirs(row) {
      const [confirmed, unconfirmed] = [row.at('bacapp.confirmed_service'), row.at('bacapp.unconfirmed_service')];
      const service =
        confirmed === '' ? (unconfirmed === '' ? '' : unconfirmedName(Number(unconfirmed))) : confirmedName(Number(confirmed));
      return [{ function: `${bacnetType(Number(row.at('bacapp.type')))} ${service}`, address: row.at('bacapp.invoke_id') }];
    },
    ours: (record) => [
      {
        forward: isForward(record),
        function: `${record['pdu_type']} ${text(record['pdu_service'])}`,
        address: text(record['invoke_id']),
      },
    ],
  },
  {
    name: 'opcua',
    section: 'opcua',
    logs: ['opcua_binary'],
    theirs(row) {
      const types = all(row, 'opcua.transport.type');
      const [sizes, services] = [all(row, 'opcua.transport.size'), all(row, 'opcua.servicenodeid.numeric')];
      return types.map((type, i) => ({
        function: `${type} ${nth(sizes, types.length, i) ?? ''}`,
        address: type === 'HEL' || type === 'ACK' || type === 'ERR' ? '' : nth(services, types.length, i),
      }));
    },
    ours: (record) => [
      {
        forward: isForward(record),
        function: `${record['msg_type']} ${record['msg_size']}`,
        address: text(record['identifier']),
      },
    ],
  },
  {
    name: 'mms',
    section: 'mms',
    logs: ['mms'],
    theirs(row) {
      const [asked, answered] = [row.at('mms.confirmedServiceRequest'), row.at('mms.confirmedServiceResponse')];
      const service = asked === '' ? (answered === '' ? 'other' : `response ${answered}`) : `request ${asked}`;
      return [{ function: service, address: row.at('mms.invokeID') }];
    },
    ours: (record) => {
      const [type, service] = [record['pdu_type'], mmsServiceNumber(text(record['service']))];
      const told =
        type === 'confirmed-RequestPDU'
          ? `request ${service}`
          : type === 'confirmed-ResponsePDU'
            ? `response ${service}`
            : 'other';
      return [{ forward: isForward(record), function: told, address: text(record['invoke_id']) }];
    },
  },
  {
    name: 'hart_ip',
    section: 'hart_ip',
    logs: ['hart_ip_general'],
    theirs(row) {
      const types = all(row, 'hart_ip.message_type');
      const [identifiers, numbers] = [all(row, 'hart_ip.message_id'), all(row, 'hart_ip.transaction_id')];
      return types.map((type, i) => ({
        function: `${hartType(Number(type))} ${hartIdentifier(Number(nth(identifiers, types.length, i) ?? -1))}`,
        address: nth(numbers, types.length, i),
      }));
    },
    ours: (record) => [
      {
        forward: isForward(record),
        function: `${record['header_message_type_message_type']} ${record['header_message_id']}`,
        address: text(record['header_sequence_number']),
      },
    ],
  },
  {
    name: 'synchrophasor',
    section: 'synphasor',
    logs: ['synchrophasor_data', 'synchrophasor_cmd', 'synchrophasor_cfg'],
    theirs(row) {
      const types = all(row, 'synphasor.frtype');
      const [streams, sizes] = [all(row, 'synphasor.idcode_stream_source'), all(row, 'synphasor.frsize')];
      return types.map((type, i) => ({
        function: `${['Data', 'Header', 'CFG1', 'CFG2', 'Command', 'CFG3'][Number(type)]} ${nth(sizes, types.length, i) ?? ''}`,
        address: nth(streams, types.length, i),
      }));
    },
    ours: (record) => [
      {
        forward: isForward(record),
        function: `${record['frame_type']} ${record['frame_size']}`,
        address: text(record['data_stream_id']),
      },
    ],
  },
  ...telecomKinds,
];
