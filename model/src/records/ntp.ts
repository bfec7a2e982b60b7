/** The record of NTP, with Zeek's names. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const ntp = {
  log: 'ntp',
  means: 'One NTP message.',
  source: 'Zeek base/protocols/ntp; RFC 5905, RFC 9327 (mode 6)',
  columns: {
    ...connectionColumns,
    version: { type: 'count', class: 'technical', always: true, means: 'NTP version, 1 to 4.' },
    mode: {
      type: 'count',
      class: 'technical',
      always: true,
      means: '1 and 2 symmetric, 3 client, 4 server, 5 broadcast, 6 control, 7 private use.',
    },
    stratum: { type: 'count', class: 'technical', means: 'Distance from a reference clock; 0 is unspecified or a kiss code.' },
    poll: { type: 'interval', class: 'technical', unit: 's', means: 'The greatest interval between messages.' },
    precision: { type: 'interval', class: 'technical', unit: 's', means: 'Precision of the clock.' },
    root_delay: { type: 'interval', class: 'technical', unit: 's', means: 'Round trip to the reference clock.' },
    root_disp: { type: 'interval', class: 'technical', unit: 's', means: 'Dispersion to the reference clock.' },
    ref_id: {
      type: 'string',
      class: 'technical',
      means:
        'Kiss code at stratum 0, name of the clock at 1, above it the address of the server (of IPv6, the start of its MD5).',
    },
    ref_time: { type: 'time', class: 'technical', unit: 's', means: 'When the clock was last set; 0 for never.' },
    org_time: { type: 'time', class: 'technical', unit: 's', means: 'When the request left the client, by its clock.' },
    rec_time: { type: 'time', class: 'technical', unit: 's', means: 'When the request reached the server, by its clock.' },
    xmt_time: { type: 'time', class: 'technical', unit: 's', means: 'When the message left its sender, by its clock.' },
    num_exts: { type: 'count', class: 'technical', means: 'Extension fields.' },
    op_code: {
      type: 'count',
      class: 'technical',
      means: 'Operation of a control message (mode 6): 2 reads variables, 3 writes.',
    },
    req_code: {
      type: 'count',
      class: 'technical',
      means: 'Request of a private message (mode 7): 42 is the list of clients that amplification misuses.',
    },
    implementation: { type: 'count', class: 'technical', means: 'Whose private messages these are (mode 7): 2 and 3 are ntpd.' },
    resp_bit: { type: 'bool', class: 'technical', means: 'A control or private message that answers.' },
    err_bit: { type: 'bool', class: 'technical', means: 'A control message that reports an error.' },
    more_bit: { type: 'bool', class: 'technical', means: 'More parts of the control or private message follow.' },
    auth_bit: { type: 'bool', class: 'technical', means: 'A private message that is authenticated.' },
    sequence: { type: 'count', class: 'technical', means: 'Number that joins a control or private request and its answers.' },
    err: { type: 'count', class: 'technical', means: 'Error code of a private message.' },
  },
} as const satisfies RecordType;

export type NtpRecord = RecordOf<typeof ntp>;
