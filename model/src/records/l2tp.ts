/** The records of the control channels of L2TP and PPTP. Zeek has no log of either. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const l2tp = {
  log: 'l2tp',
  means:
    'One message of the control channel of an L2TP tunnel: tunnels and sessions begin and end. No names of users, no numbers of callers.',
  source: 'RFC 2661 (version 2), RFC 3931 (version 3); names of the RFCs. Zeek has no log of it',
  columns: {
    ...connectionColumns,
    is_orig: { type: 'bool', class: 'technical', always: true, means: 'Sent by the originator.' },
    version: { type: 'count', class: 'technical', always: true, means: 'Version of L2TP: 2 or 3.' },
    message_type: {
      type: 'enum',
      class: 'technical',
      always: true,
      means: 'Type of the message: SCCRQ, SCCRP, ICRQ, CDN, StopCCN.',
    },
    tunnel_id: {
      type: 'count',
      class: 'technical',
      always: true,
      means: 'Number of the tunnel, as the receiver chose it; of the control connection in version 3.',
    },
    session_id: { type: 'count', class: 'technical', means: 'Version 2: number of the session, as the receiver chose it.' },
    ns: { type: 'count', class: 'technical', always: true, means: 'Number of the message.' },
    nr: { type: 'count', class: 'technical', always: true, means: 'Number that is expected next of the other end.' },
    assigned_tunnel_id: {
      type: 'count',
      class: 'technical',
      means: 'Number that the sender chose for the tunnel or control connection.',
    },
    assigned_session_id: { type: 'count', class: 'technical', means: 'Number that the sender chose for the session.' },
    host_name: { type: 'string', class: 'technical', means: 'How the end names itself.' },
    vendor_name: { type: 'string', class: 'technical', means: 'Its product.' },
    firmware: { type: 'count', class: 'technical', means: 'Its revision.' },
    protocol_version: { type: 'string', class: 'technical', means: 'Version and revision it speaks.' },
    router_id: { type: 'addr', class: 'technical', means: 'Version 3: number of the router, written as an address.' },
    pseudowire_type: { type: 'string', class: 'technical', means: 'Version 3: what the session carries: ethernet, ppp, hdlc.' },
    result_code: { type: 'count', class: 'technical', means: 'Why a tunnel or session ended.' },
    result: { type: 'string', class: 'technical', means: 'The same in words.' },
    error_code: { type: 'count', class: 'technical', means: 'The error, where the result is a general one.' },
    cause_code: { type: 'count', class: 'technical', means: 'Cause of Q.931 of a call that ended.' },
    challenge: {
      type: 'bool',
      class: 'technical',
      means: 'The other end is asked to prove itself; the challenge is never written.',
    },
    hidden: { type: 'count', class: 'technical', means: 'Attributes that are hidden, and stay so.' },
  },
} as const satisfies RecordType;

export const pptp = {
  log: 'pptp',
  means: 'One message of the control channel of a PPTP tunnel. No numbers of callers.',
  source: 'RFC 2637; its names. Zeek has no log of it',
  columns: {
    ...connectionColumns,
    is_orig: { type: 'bool', class: 'technical', always: true, means: 'Sent by the originator.' },
    message_type: {
      type: 'string',
      class: 'technical',
      always: true,
      means: 'Type of the message: Start-Control-Connection-Request, Call-Disconnect-Notify.',
    },
    version: { type: 'string', class: 'technical', means: 'Version of the protocol.' },
    host_name: { type: 'string', class: 'technical', means: 'How the end names itself.' },
    vendor_name: { type: 'string', class: 'technical', means: 'Its product.' },
    firmware: { type: 'count', class: 'technical', means: 'Its revision.' },
    call_id: { type: 'count', class: 'technical', means: 'Number of the call, which stands in the key of its GRE packets.' },
    peer_call_id: { type: 'count', class: 'technical', means: 'Number of the call at the other end.' },
    result_code: { type: 'count', class: 'technical', means: 'Result: 1 is success.' },
    error_code: { type: 'count', class: 'technical', means: 'The error, where the result is a general one.' },
    cause_code: { type: 'count', class: 'technical', means: 'Cause of Q.931 of a call that failed or ended.' },
  },
} as const satisfies RecordType;

export type L2tpRecord = RecordOf<typeof l2tp>;
export type PptpRecord = RecordOf<typeof pptp>;
