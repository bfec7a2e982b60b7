/** Records of telecommunication: calls being set up, the quality of their media, and the signalling of mobile networks. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

const isOrig = {
  type: 'bool',
  class: 'technical',
  always: true,
  means: 'Whether the originator of the flow sent it.',
} as const;

export const sip = {
  log: 'sip',
  means: 'One SIP response with the request it answers, or a request that was never answered.',
  source: 'Zeek base/protocols/sip; RFC 3261; bodies, contacts, credentials and access-network locations are never written',
  columns: {
    ...connectionColumns,
    is_orig: { type: 'bool', class: 'technical', always: true, means: 'Whether the originator of the flow asked.' },
    trans_depth: { type: 'count', class: 'technical', always: true, means: 'Number of the transaction in this flow, from 0.' },
    method: { type: 'string', class: 'technical', means: 'Method of the request: INVITE, REGISTER.' },
    uri: { type: 'string', class: 'personal', means: 'URI that was asked for.' },
    called_code: {
      type: 'string',
      class: 'technical',
      means: 'Country code of the called number (ITU-T E.164), behind 1 with the area; absent where it is not international.',
    },
    date: { type: 'string', class: 'technical', means: 'Date of the request.' },
    request_from: { type: 'string', class: 'personal', means: 'From of the request, without its tag.' },
    request_to: { type: 'string', class: 'personal', means: 'To of the request.' },
    response_from: { type: 'string', class: 'personal', means: 'From of the response, without its tag.' },
    response_to: { type: 'string', class: 'personal', means: 'To of the response.' },
    reply_to: { type: 'string', class: 'personal', means: 'Reply-To of the request.' },
    call_id: { type: 'string', class: 'technical', means: 'Call-ID, which joins the messages of a dialogue.' },
    seq: { type: 'string', class: 'technical', means: 'CSeq: number and method.' },
    subject: { type: 'string', class: 'content', means: 'Subject of the request.' },
    request_path: {
      type: 'vector[string]',
      class: 'technical',
      always: true,
      means: 'Via of the request: the elements it came through.',
    },
    response_path: { type: 'vector[string]', class: 'technical', always: true, means: 'Via of the response.' },
    user_agent: { type: 'string', class: 'technical', means: 'Software of the caller.' },
    status_code: { type: 'count', class: 'technical', means: 'Code of the response.' },
    status_msg: { type: 'string', class: 'technical', means: 'Reason beside the code.' },
    warning: { type: 'string', class: 'technical', means: 'Warning of the response.' },
    request_body_len: { type: 'count', class: 'technical', unit: 'bytes', means: 'Content-Length of the request.' },
    response_body_len: { type: 'count', class: 'technical', unit: 'bytes', means: 'Content-Length of the response.' },
    content_type: { type: 'string', class: 'technical', means: 'Content-Type of the response.' },
  },
} as const satisfies RecordType;

export type SipRecord = RecordOf<typeof sip>;

export const rtp = {
  log: 'rtp',
  means: 'One media stream, at its end: how much of it arrived and how evenly. No media.',
  source: 'RFC 3550 §6.4.1, A.1, A.3, A.8',
  columns: {
    ...connectionColumns,
    is_orig: isOrig,
    ssrc: { type: 'count', class: 'technical', always: true, means: 'Synchronisation source: the number of the stream.' },
    payload_types: { type: 'vector[count]', class: 'technical', always: true, means: 'Payload types, in order of appearance.' },
    packets: { type: 'count', class: 'technical', unit: 'packets', always: true, means: 'Packets that arrived.' },
    payload_bytes: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Bytes behind the RTP headers.' },
    lost: {
      type: 'count',
      class: 'technical',
      unit: 'packets',
      always: true,
      means: 'Packets that the sequence numbers promise and that did not arrive.',
    },
    reordered: {
      type: 'count',
      class: 'technical',
      unit: 'packets',
      always: true,
      means: 'Packets with a lower sequence number than one before.',
    },
    duplicates: {
      type: 'count',
      class: 'technical',
      unit: 'packets',
      always: true,
      means: 'Packets that repeat the latest sequence number.',
    },
    clock_rate: { type: 'count', class: 'technical', unit: 'Hz', means: 'Clock of the timestamps, from RFC 3551 or the SDP.' },
    jitter: { type: 'interval', class: 'technical', unit: 's', means: 'Interarrival jitter at the end of the stream.' },
    jitter_max: { type: 'interval', class: 'technical', unit: 's', means: 'Greatest interarrival jitter of the stream.' },
    duration: { type: 'interval', class: 'technical', unit: 's', always: true, means: 'From the first packet to the last.' },
  },
} as const satisfies RecordType;

export type RtpRecord = RecordOf<typeof rtp>;

export const rtcp = {
  log: 'rtcp',
  means: 'What one end of a media session reported by RTCP, at the end of the flow. No names, notes or locations of people.',
  source: 'RFC 3550 §6.4',
  columns: {
    ...connectionColumns,
    is_orig: isOrig,
    ssrc: { type: 'count', class: 'technical', always: true, means: 'Source that sent the reports.' },
    source: { type: 'count', class: 'technical', means: 'Source that was reported on; absent where it only sent.' },
    reports: { type: 'count', class: 'technical', always: true, means: 'Reports of this pair.' },
    sender_packets: { type: 'count', class: 'technical', unit: 'packets', means: 'Packets sent, by its latest sender report.' },
    sender_bytes: { type: 'count', class: 'technical', unit: 'bytes', means: 'Payload sent, by its latest sender report.' },
    fraction_lost_max: { type: 'double', class: 'technical', means: 'Greatest part lost between two reports, 0 to 1.' },
    lost: { type: 'int', class: 'technical', unit: 'packets', means: 'Packets lost in all; negative where some came twice.' },
    jitter_units: { type: 'count', class: 'technical', means: 'Latest jitter, in units of the stream’s timestamp.' },
    bye: { type: 'bool', class: 'technical', always: true, means: 'Whether it said goodbye.' },
  },
} as const satisfies RecordType;

export type RtcpRecord = RecordOf<typeof rtcp>;

export const diameter = {
  log: 'diameter',
  means: 'One Diameter message: which element asked what of which, and the result.',
  source: 'RFC 6733, 3GPP TS 29.272, 29.229, 29.212; no locations, credentials or keys',
  columns: {
    ...connectionColumns,
    is_orig: isOrig,
    is_request: { type: 'bool', class: 'technical', always: true, means: 'Request or answer.' },
    command_code: { type: 'count', class: 'technical', always: true, means: 'Command code.' },
    command: { type: 'string', class: 'technical', always: true, means: 'Name of the command: Update-Location.' },
    application_id: { type: 'count', class: 'technical', always: true, means: 'Application of the command.' },
    application: { type: 'string', class: 'technical', means: 'Name of the application: 3GPP-S6a.' },
    hop_by_hop_id: { type: 'count', class: 'technical', always: true, means: 'Joins request and answer on this link.' },
    end_to_end_id: { type: 'count', class: 'technical', always: true, means: 'Joins request and answer between the ends.' },
    is_error: { type: 'bool', class: 'technical', always: true, means: 'The error bit of the header.' },
    is_retransmission: { type: 'bool', class: 'technical', always: true, means: 'The bit of a request that was sent again.' },
    session_id: { type: 'string', class: 'personal', means: 'Session-Id; some hold the number of a subscriber.' },
    origin_host: { type: 'string', class: 'technical', means: 'Element that made the message.' },
    origin_realm: { type: 'string', class: 'technical', means: 'Realm of that element.' },
    destination_host: { type: 'string', class: 'technical', means: 'Element that it is for.' },
    destination_realm: { type: 'string', class: 'technical', means: 'Realm that it is for.' },
    route: { type: 'vector[string]', class: 'technical', means: 'Route-Record: elements that passed it on.' },
    result_code: { type: 'count', class: 'technical', means: 'Result-Code, or the code of Experimental-Result.' },
    result_vendor: { type: 'count', class: 'technical', means: 'Vendor whose Experimental-Result the code is.' },
    user_name: { type: 'string', class: 'personal', means: 'User-Name: IMSI or account.' },
    subscription_id: { type: 'vector[string]', class: 'personal', means: 'Subscription-Id-Data and MSISDN.' },
    called_station: { type: 'string', class: 'technical', means: 'Called-Station-Id: the access point name.' },
    request_type: { type: 'count', class: 'technical', means: 'CC-Request-Type: 1 initial, 2 update, 3 termination, 4 event.' },
    product_name: { type: 'string', class: 'technical', means: 'Product of the peer, in the exchange of capabilities.' },
    disconnect_cause: { type: 'count', class: 'technical', means: 'Why a peer disconnects.' },
  },
} as const satisfies RecordType;

export type DiameterRecord = RecordOf<typeof diameter>;

export const gtp = {
  log: 'gtp',
  means: 'One message of the GTP control plane: which core element asked what, and the cause of the answer. No locations.',
  source: '3GPP TS 29.060 (version 1), TS 29.274 (version 2), TS 29.281',
  columns: {
    ...connectionColumns,
    is_orig: isOrig,
    version: { type: 'count', class: 'technical', always: true, means: 'Version of GTP: 1 or 2.' },
    message_type: { type: 'count', class: 'technical', always: true, means: 'Number of the message type.' },
    message: { type: 'string', class: 'technical', always: true, means: 'Name of the message type: create_session_request.' },
    teid: { type: 'count', class: 'technical', means: 'Tunnel endpoint of the receiver, in the header.' },
    sequence: { type: 'count', class: 'technical', means: 'Joins request and response.' },
    cause: { type: 'count', class: 'technical', means: 'Cause of a response.' },
    cause_name: { type: 'string', class: 'technical', means: 'Name of the cause.' },
    apn: { type: 'string', class: 'technical', means: 'Access point name.' },
    rat_type: { type: 'count', class: 'technical', means: 'Radio access technology.' },
    imsi: { type: 'string', class: 'personal', means: 'Subscriber (IMSI).' },
    msisdn: { type: 'string', class: 'personal', means: 'Telephone number of the subscriber.' },
    imei: { type: 'string', class: 'personal', means: 'Equipment of the subscriber.' },
    selection_mode: { type: 'count', class: 'technical', means: 'Whether the subscription to the access point was verified.' },
    teids: { type: 'vector[count]', class: 'technical', means: 'Tunnel endpoints that the message announces.' },
    endpoints: { type: 'vector[string]', class: 'technical', means: 'Addresses of those endpoints: the core elements.' },
    bearers: { type: 'vector[count]', class: 'technical', means: 'EPS bearers or NSAPIs that the message is about.' },
    recovery: { type: 'count', class: 'technical', means: 'Restart counter of the sender.' },
  },
} as const satisfies RecordType;

export type GtpRecord = RecordOf<typeof gtp>;

export const pfcp = {
  log: 'pfcp',
  means: 'One PFCP message between the control and the user plane of a mobile core.',
  source: '3GPP TS 29.244; no packet rules, no locations',
  columns: {
    ...connectionColumns,
    is_orig: isOrig,
    message_type: { type: 'count', class: 'technical', always: true, means: 'Number of the message type.' },
    message: { type: 'string', class: 'technical', always: true, means: 'Name: session_establishment_request.' },
    seid: { type: 'string', class: 'technical', means: 'Session endpoint of the receiver, hexadecimal.' },
    sequence: { type: 'count', class: 'technical', always: true, means: 'Joins request and response.' },
    cause: { type: 'count', class: 'technical', means: 'Cause of a response.' },
    cause_name: { type: 'string', class: 'technical', means: 'Name of the cause.' },
    node_id: { type: 'string', class: 'technical', means: 'Element that sent it: an address or a name.' },
    peer_seid: { type: 'string', class: 'technical', means: 'Session endpoint that the sender announces (F-SEID).' },
    peer_address: { type: 'vector[string]', class: 'technical', means: 'Addresses of that endpoint.' },
    recovery: { type: 'time', class: 'technical', unit: 's', means: 'When the sender started.' },
    offending_ie: { type: 'count', class: 'technical', means: 'Information element that was refused.' },
    dnn: { type: 'string', class: 'technical', means: 'Data network (APN/DNN) of the session.' },
    imsi: { type: 'string', class: 'personal', means: 'Subscriber (IMSI) in the User ID.' },
    msisdn: { type: 'string', class: 'personal', means: 'Telephone number in the User ID.' },
    imei: { type: 'string', class: 'personal', means: 'Equipment in the User ID.' },
    nai: { type: 'string', class: 'personal', means: 'Network access identifier in the User ID.' },
    rules: { type: 'count', class: 'technical', means: 'Rules that are created, updated or removed.' },
  },
} as const satisfies RecordType;

export type PfcpRecord = RecordOf<typeof pfcp>;

export const sctp = {
  log: 'sctp',
  means: 'One SCTP association: how it began and ended, and what was carried.',
  source: 'RFC 9260, RFC 5061',
  columns: {
    ...connectionColumns,
    state: {
      type: 'string',
      class: 'technical',
      always: true,
      means: 'How far it came: attempted, established, midstream, shut_down, aborted.',
    },
    orig_streams: { type: 'count', class: 'technical', means: 'Outbound streams that the originator asked for.' },
    resp_streams: { type: 'count', class: 'technical', means: 'Outbound streams that the responder asked for.' },
    orig_addresses: { type: 'vector[string]', class: 'technical', means: 'Further addresses of the originator (multi-homing).' },
    resp_addresses: { type: 'vector[string]', class: 'technical', means: 'Further addresses of the responder.' },
    payload_protocols: { type: 'vector[count]', class: 'technical', means: 'Payload protocol identifiers of the messages.' },
    orig_messages: { type: 'count', class: 'technical', always: true, means: 'Whole messages from the originator.' },
    resp_messages: { type: 'count', class: 'technical', always: true, means: 'Whole messages from the responder.' },
    orig_bytes: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Bytes of those messages.' },
    resp_bytes: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Bytes of those messages.' },
    retransmissions: { type: 'count', class: 'technical', always: true, means: 'DATA chunks that were sent again.' },
    missing: { type: 'count', class: 'technical', always: true, means: 'DATA chunks that never came.' },
    heartbeats: { type: 'count', class: 'technical', always: true, means: 'Heartbeats, both ways.' },
    abort_cause: { type: 'count', class: 'technical', means: 'First cause of an ABORT or ERROR.' },
  },
} as const satisfies RecordType;

export type SctpRecord = RecordOf<typeof sctp>;

export const m3ua = {
  log: 'm3ua',
  means: 'One message of SS7 over IP: M3UA or M2UA, with the point codes of a transferred message.',
  source: 'RFC 4666, RFC 3331, ITU-T Q.704',
  columns: {
    ...connectionColumns,
    is_orig: isOrig,
    adaptation: { type: 'string', class: 'technical', always: true, means: 'm3ua or m2ua.' },
    message: { type: 'string', class: 'technical', always: true, means: 'Name of the message: DATA, ASPUP, DUNA.' },
    routing_context: { type: 'vector[count]', class: 'technical', means: 'Routing contexts.' },
    opc: { type: 'count', class: 'technical', means: 'Point code that sent the message.' },
    dpc: { type: 'count', class: 'technical', means: 'Point code that it is for.' },
    service_indicator: { type: 'count', class: 'technical', means: 'User of MTP3: 3 SCCP, 5 ISUP.' },
    user_part: { type: 'string', class: 'technical', means: 'Name of that user: sccp, isup.' },
    network_indicator: { type: 'count', class: 'technical', means: '0 international, 2 national.' },
    sls: { type: 'count', class: 'technical', means: 'Signalling link selection.' },
    affected: { type: 'vector[count]', class: 'technical', means: 'Point codes whose availability changed.' },
    error_code: { type: 'count', class: 'technical', means: 'Code of an ERROR.' },
    status: { type: 'string', class: 'technical', means: 'Status type and information of a NOTIFY, as type.information.' },
  },
} as const satisfies RecordType;

export type M3uaRecord = RecordOf<typeof m3ua>;

export const sccp = {
  log: 'sccp',
  means: 'The headers of one SCCP message, and of TCAP with MAP or CAP in it: operations and their results, no arguments.',
  source: 'ITU-T Q.713, Q.773, 3GPP TS 29.002 (MAP), TS 29.078 (CAP)',
  columns: {
    ...connectionColumns,
    is_orig: isOrig,
    message: { type: 'string', class: 'technical', always: true, means: 'Type of the SCCP message: UDT, XUDT, UDTS.' },
    opc: { type: 'count', class: 'technical', means: 'Point code that sent it.' },
    dpc: { type: 'count', class: 'technical', means: 'Point code that it is for.' },
    calling_ssn: { type: 'count', class: 'technical', means: 'Subsystem that calls: 6 HLR, 7 VLR, 8 MSC, 149 SGSN.' },
    called_ssn: { type: 'count', class: 'technical', means: 'Subsystem that is called.' },
    calling_pc: { type: 'count', class: 'technical', means: 'Point code in the calling address.' },
    called_pc: { type: 'count', class: 'technical', means: 'Point code in the called address.' },
    calling_gt: {
      type: 'string',
      class: 'personal',
      means: 'Digits of the calling global title: an element, or a subscriber where a number is the address.',
    },
    called_gt: { type: 'string', class: 'personal', means: 'Digits of the called global title.' },
    return_cause: { type: 'count', class: 'technical', means: 'Why a message came back.' },
    tcap: { type: 'string', class: 'technical', means: 'begin, continue, end, abort or unidirectional.' },
    otid: { type: 'string', class: 'technical', means: 'Originating transaction, hexadecimal.' },
    dtid: { type: 'string', class: 'technical', means: 'Destination transaction, hexadecimal.' },
    application_context: { type: 'string', class: 'technical', means: 'Application context, an object identifier.' },
    application: { type: 'string', class: 'technical', means: 'map, cap, or inap by the application context or the subsystem.' },
    components: { type: 'vector[string]', class: 'technical', means: 'invoke, result, error, reject.' },
    operation_codes: { type: 'vector[count]', class: 'technical', means: 'Operation codes of the components.' },
    operations: { type: 'vector[string]', class: 'technical', means: 'Their names: sendAuthenticationInfo.' },
    error_codes: { type: 'vector[count]', class: 'technical', means: 'Error codes of the components.' },
    abort_cause: { type: 'count', class: 'technical', means: 'Cause of an abort by the provider.' },
  },
} as const satisfies RecordType;

export type SccpRecord = RecordOf<typeof sccp>;

export const smpp = {
  log: 'smpp',
  means: 'One message between a sender of short messages and a message centre. Never the short message.',
  source: 'SMPP 3.4 and 5.0; without passwords and texts',
  columns: {
    ...connectionColumns,
    is_orig: isOrig,
    command_id: { type: 'count', class: 'technical', always: true, means: 'Number of the command.' },
    command: { type: 'string', class: 'technical', always: true, means: 'Name of the command: submit_sm.' },
    sequence: { type: 'count', class: 'technical', always: true, means: 'Joins request and response.' },
    status: { type: 'count', class: 'technical', means: 'Status of a response; 0 is success.' },
    status_name: { type: 'string', class: 'technical', means: 'Name of the status.' },
    system_id: { type: 'string', class: 'personal', means: 'Account that binds, or the name of the message centre.' },
    system_type: { type: 'string', class: 'technical', means: 'Kind of system that binds.' },
    interface_version: { type: 'count', class: 'technical', means: 'Version of SMPP: 52 is 3.4, 80 is 5.0.' },
    source_addr: { type: 'string', class: 'personal', means: 'Sender of the short message.' },
    source_ton: { type: 'count', class: 'technical', means: 'Kind of the sender’s number: 1 international, 5 alphanumeric.' },
    destination_addr: { type: 'string', class: 'personal', means: 'Receiver of the short message.' },
    destination_ton: { type: 'count', class: 'technical', means: 'Kind of the receiver’s number.' },
    service_type: { type: 'string', class: 'technical', means: 'Service of the short message.' },
    esm_class: { type: 'count', class: 'technical', means: 'Mode and type of the short message.' },
    data_coding: { type: 'count', class: 'technical', means: 'Coding of the short message.' },
    registered_delivery: { type: 'count', class: 'technical', means: 'Whether a receipt is asked for.' },
    message_bytes: { type: 'count', class: 'technical', unit: 'bytes', means: 'Length of the short message, which is not kept.' },
  },
} as const satisfies RecordType;

export type SmppRecord = RecordOf<typeof smpp>;
