/** How tshark's rows and our records of telecommunication are read as messages. */

import type { AnyRecord } from '@forewarn/model/records/record';
import type { Kind, Row } from './tshark-kinds.ts';

const all = (row: Row, column: string): string[] => (row.at(column) === '' ? [] : row.at(column).split('|'));
const isForward = (record: AnyRecord): boolean => record['is_orig'] === true;
const text = (value: AnyRecord[string]): string => (value === undefined ? '' : String(value));
const number = (value: string): string => (value === '' ? '' : String(Number(value)));
/** A number in tshark's hexadecimal, without its leading zeros. */
const bare = (value: string): string => value.replace(/^0x0*(?=.)/, '');

/** Messages of a packet, by the values of one column and those beside them. */
const each = (row: Row, column: string, told: (value: string, index: number) => { function: string; address?: string }) =>
  all(row, column).map(told);

export const telecomKinds: readonly Kind[] = [
  {
    name: 'sip',
    section: 'sip',
    logs: ['sip'],
    // Each response has a record. Requests stand in the records of their responses, and one that is sent again counts once.
    theirs: (row) =>
      row.at('sip.Status-Code') === ''
        ? []
        : [{ function: row.at('sip.Status-Code'), address: `${row.at('sip.Call-ID')} ${row.at('sip.CSeq')}` }],
    ours: (record) =>
      record['status_code'] === undefined
        ? []
        : [
            {
              forward: !isForward(record),
              function: text(record['status_code']),
              address: `${text(record['call_id'])} ${text(record['seq'])}`,
            },
          ],
  },
  {
    name: 'rtsp',
    section: 'rtsp',
    logs: ['rtsp'],
    // Each response has a record, with the request that it answers; tshark counts requests that TCP sent again once more.
    theirs: (row) => (row.at('rtsp.status') === '' ? [] : [{ function: row.at('rtsp.status') }]),
    ours: (record) =>
      record['status_code'] === undefined ? [] : [{ forward: !isForward(record), function: text(record['status_code']) }],
  },
  {
    name: 'diameter',
    section: 'diameter',
    logs: ['diameter'],
    theirs: (row) => {
      const sessions = all(row, 'diameter.Session-Id');
      const codes = all(row, 'diameter.cmd.code');
      const requests = all(row, 'diameter.flags.request');
      const applications = all(row, 'diameter.applicationId');
      return each(row, 'diameter.cmd.code', (code, i) => ({
        function: `${number(code)} ${/^(?:1|True)$/i.test(requests[i] ?? '')} ${number(applications[i] ?? '')}`,
        ...(sessions.length === codes.length ? { address: sessions[i]! } : {}),
      }));
    },
    ours: (record) => [
      {
        forward: isForward(record),
        function: `${record['command_code']} ${record['is_request']} ${record['application_id']}`,
        address: text(record['session_id']),
      },
    ],
  },
  {
    name: 'gtp version 2',
    section: 'gtpv2',
    logs: ['gtp'],
    theirs: (row) =>
      each(row, 'gtpv2.message_type', (type, i) => ({
        function: number(type),
        address: `${number(all(row, 'gtpv2.teid')[i] ?? '')} ${number(all(row, 'gtpv2.seq')[i] ?? '')}`,
      })),
    ours: (record) => [
      {
        forward: isForward(record),
        function: text(record['message_type']),
        address: `${text(record['teid'])} ${text(record['sequence'])}`,
      },
    ],
  },
  {
    name: 'pfcp',
    section: 'pfcp',
    logs: ['pfcp'],
    theirs: (row) =>
      each(row, 'pfcp.msg_type', (type, i) => ({
        function: number(type),
        address: `${bare(all(row, 'pfcp.seid')[i] ?? '')} ${number(all(row, 'pfcp.seqno')[i] ?? '')}`,
      })),
    ours: (record) => [
      {
        forward: isForward(record),
        function: text(record['message_type']),
        address: `${text(record['seid']).replace(/^0*(?=.)/, '')} ${text(record['sequence'])}`,
      },
    ],
  },
  {
    name: 'smpp',
    section: 'smpp',
    logs: ['smpp'],
    theirs: (row) => {
      const statuses = all(row, 'smpp.command_status');
      const commands = all(row, 'smpp.command_id');
      return each(row, 'smpp.command_id', (command, i) => ({
        function: number(command),
        address: `${number(all(row, 'smpp.sequence_number')[i] ?? '')} ${statuses.length === commands.length || commands.length === 1 ? number(statuses[i] ?? '') : ''}`,
      }));
    },
    ours: (record) => [
      {
        forward: isForward(record),
        function: text(record['command_id']),
        address: `${text(record['sequence'])} ${text(record['status'])}`,
      },
    ],
  },
];
