/** The network records, with Zeek 8's log and field names. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const conn = {
  log: 'conn',
  means: 'One flow: who spoke to whom, when, how much, and how it ended.',
  source: 'Zeek base/protocols/conn; community_id by corelight/community-id-spec v1',
  columns: {
    ...connectionColumns,
    proto: { type: 'enum', class: 'technical', always: true, means: 'tcp, udp, icmp or unknown_transport.' },
    service: { type: 'string', class: 'technical', means: 'Application protocols confirmed by content, comma-separated.' },
    duration: { type: 'interval', class: 'technical', unit: 's', means: 'From the first to the last packet.' },
    orig_bytes: {
      type: 'count',
      class: 'technical',
      unit: 'bytes',
      means: 'Payload of the originator, by sequence numbers for TCP.',
    },
    resp_bytes: {
      type: 'count',
      class: 'technical',
      unit: 'bytes',
      means: 'Payload of the responder, by sequence numbers for TCP.',
    },
    conn_state: {
      type: 'string',
      class: 'technical',
      means: 'How it stands: S0, S1, SF, REJ, S2, S3, RSTO, RSTR, RSTOS0, RSTRH, SH, SHR, OTH.',
    },
    local_orig: { type: 'bool', class: 'technical', means: 'The originator lies in a registered network.' },
    local_resp: { type: 'bool', class: 'technical', means: 'The responder lies in a registered network.' },
    missed_bytes: { type: 'count', class: 'technical', unit: 'bytes', means: 'Payload missing from the capture.' },
    history: {
      type: 'string',
      class: 'technical',
      means: 'Order of events: s h a d f r c g t w i q ^, capitals from the originator.',
    },
    orig_pkts: { type: 'count', class: 'technical', unit: 'packets', means: 'Packets of the originator.' },
    orig_ip_bytes: { type: 'count', class: 'technical', unit: 'bytes', means: 'IP lengths summed, originator.' },
    resp_pkts: { type: 'count', class: 'technical', unit: 'packets', means: 'Packets of the responder.' },
    resp_ip_bytes: { type: 'count', class: 'technical', unit: 'bytes', means: 'IP lengths summed, responder.' },
    tunnel_parents: { type: 'vector[string]', class: 'technical', means: 'Flows that carried this one.' },
    ip_proto: { type: 'count', class: 'technical', means: 'The IP protocol number.' },
    vlan: { type: 'int', class: 'technical', means: 'Outer 802.1Q identifier.' },
    inner_vlan: { type: 'int', class: 'technical', means: 'Inner 802.1Q identifier.' },
    community_id: { type: 'string', class: 'technical', means: 'The flow hash other tools compute alike.' },
  },
} as const satisfies RecordType;

export const dns = {
  log: 'dns',
  means: 'One DNS question with its answer.',
  source: 'Zeek base/protocols/dns; RFC 1035',
  columns: {
    ...connectionColumns,
    proto: { type: 'enum', class: 'technical', always: true, means: 'udp or tcp.' },
    trans_id: { type: 'count', class: 'technical', means: 'The query identifier.' },
    rtt: { type: 'interval', class: 'technical', unit: 's', means: 'From question to answer.' },
    query: { type: 'string', class: 'technical', means: 'The name asked for.' },
    qclass: { type: 'count', class: 'technical', means: 'Query class number.' },
    qclass_name: { type: 'string', class: 'technical', means: 'Query class name.' },
    qtype: { type: 'count', class: 'technical', means: 'Query type number.' },
    qtype_name: { type: 'string', class: 'technical', means: 'Query type name.' },
    rcode: { type: 'count', class: 'technical', means: 'Response code.' },
    rcode_name: { type: 'string', class: 'technical', means: 'Response code name.' },
    AA: { type: 'bool', class: 'technical', means: 'Authoritative answer.' },
    TC: { type: 'bool', class: 'technical', means: 'Truncated.' },
    RD: { type: 'bool', class: 'technical', means: 'Recursion desired.' },
    RA: { type: 'bool', class: 'technical', means: 'Recursion available.' },
    Z: { type: 'count', class: 'technical', means: 'The reserved field.' },
    answers: { type: 'vector[string]', class: 'technical', means: 'The answers in order.' },
    TTLs: { type: 'vector[interval]', class: 'technical', unit: 's', means: 'Their times to live.' },
    rejected: { type: 'bool', class: 'technical', means: 'The server refused the question.' },
    opcode: { type: 'count', class: 'technical', means: 'Kind of operation, 0 for a query.' },
    opcode_name: { type: 'string', class: 'technical', means: 'Its name: query, notify, dynamic-update.' },
  },
} as const satisfies RecordType;

export const http = {
  log: 'http',
  means: 'One HTTP request with its response, of version 1 or of 2 in clear text.',
  source: 'Zeek base/protocols/http; RFC 9112, RFC 9113',
  columns: {
    ...connectionColumns,
    trans_depth: { type: 'count', class: 'technical', always: true, means: 'Position of the request in its connection, from 1.' },
    method: { type: 'string', class: 'technical', means: 'Request method.' },
    host: { type: 'string', class: 'technical', means: 'The Host header.' },
    uri: {
      type: 'string',
      class: 'content',
      kept: 'uri-path',
      means: 'The request target. At the centre the query part is cut unless the link policy names it.',
    },
    referrer: { type: 'string', class: 'content', kept: 'uri-path', means: 'The Referer header.' },
    version: { type: 'string', class: 'technical', means: 'Protocol version: 1.1, 2.' },
    user_agent: { type: 'string', class: 'technical', means: 'The User-Agent header.' },
    origin: { type: 'string', class: 'technical', means: 'The Origin header.' },
    request_body_len: { type: 'count', class: 'technical', unit: 'bytes', means: 'Body received from the client.' },
    response_body_len: { type: 'count', class: 'technical', unit: 'bytes', means: 'Body received from the server.' },
    status_code: { type: 'count', class: 'technical', means: 'Status code.' },
    status_msg: { type: 'string', class: 'technical', means: 'Reason phrase.' },
    info_code: { type: 'count', class: 'technical', means: 'Last informational code.' },
    info_msg: { type: 'string', class: 'technical', means: 'Its reason phrase.' },
    username: { type: 'string', class: 'personal', means: 'User of basic or digest authentication.' },
    password: { type: 'string', class: 'secret', means: 'Never written.' },
    proxied: { type: 'vector[string]', class: 'technical', means: 'Headers that show a proxy.' },
    orig_fuids: { type: 'vector[string]', class: 'technical', means: 'Files of the request; each has a `files` record.' },
    orig_filenames: { type: 'vector[string]', class: 'content', means: 'Their names, where the client gave any.' },
    orig_mime_types: { type: 'vector[string]', class: 'technical', means: 'Their types, by their first bytes.' },
    resp_fuids: { type: 'vector[string]', class: 'technical', means: 'Files of the response; each has a `files` record.' },
    resp_filenames: { type: 'vector[string]', class: 'content', means: 'Their names, where the server gave any.' },
    resp_mime_types: { type: 'vector[string]', class: 'technical', means: 'Their types, by their first bytes.' },
  },
} as const satisfies RecordType;

export const ssl = {
  log: 'ssl',
  means: 'One TLS or DTLS handshake, also that within QUIC.',
  source: 'Zeek base/protocols/ssl; RFC 8446, RFC 5246, RFC 9147; salesforce/ja3; FoxIO JA4 (TLS client)',
  columns: {
    ...connectionColumns,
    version: { type: 'string', class: 'technical', means: 'The version that was agreed: TLSv12, TLSv13.' },
    cipher: { type: 'string', class: 'technical', means: 'The suite that was agreed, by IANA name.' },
    curve: { type: 'string', class: 'technical', means: 'The group of the key exchange.' },
    server_name: { type: 'string', class: 'technical', means: 'Server name indication of the client.' },
    resumed: { type: 'bool', class: 'technical', means: 'An earlier session was resumed.' },
    last_alert: { type: 'string', class: 'technical', means: 'The last alert seen in clear.' },
    next_protocol: { type: 'string', class: 'technical', means: 'Application protocol the server chose (ALPN).' },
    established: { type: 'bool', class: 'technical', always: true, means: 'The handshake came to its end.' },
    ssl_history: { type: 'string', class: 'technical', means: 'Order of handshake messages, capitals from the client.' },
    cert_chain_fps: { type: 'vector[string]', class: 'technical', means: 'SHA-256 of the server certificates.' },
    client_cert_chain_fps: { type: 'vector[string]', class: 'technical', means: 'SHA-256 of the client certificates.' },
    sni_matches_cert: { type: 'bool', class: 'technical', means: 'The certificate names the server that was asked for.' },
    ja3: { type: 'string', class: 'technical', means: 'JA3 of the client: MD5 over what its first hello offers, in its order.' },
    ja3s: { type: 'string', class: 'technical', means: 'JA3S of the server: MD5 over what its hello chose.' },
    ja4: {
      type: 'string',
      class: 'technical',
      means: 'JA4 of the client: the same program has the same one, whatever order it shuffles its extensions into.',
    },
    ja4_retry: {
      type: 'string',
      class: 'technical',
      means: 'JA4 of the second hello, where the server asked for one (HelloRetryRequest): it answers the server and differs.',
    },
  },
} as const satisfies RecordType;

export const x509 = {
  log: 'x509',
  means: 'One certificate seen in clear.',
  source: 'Zeek base/files/x509; RFC 5280',
  columns: {
    ts: connectionColumns.ts,
    fingerprint: { type: 'string', class: 'technical', always: true, means: 'SHA-256 of the certificate.' },
    'certificate.version': { type: 'count', class: 'technical', means: 'Version, 3 in practice.' },
    'certificate.serial': { type: 'string', class: 'technical', means: 'Serial number in hexadecimal.' },
    'certificate.subject': { type: 'string', class: 'technical', means: 'Subject.' },
    'certificate.issuer': { type: 'string', class: 'technical', means: 'Issuer.' },
    'certificate.not_valid_before': { type: 'time', class: 'technical', unit: 's', means: 'Valid from.' },
    'certificate.not_valid_after': { type: 'time', class: 'technical', unit: 's', means: 'Valid until.' },
    'certificate.key_alg': { type: 'string', class: 'technical', means: 'Algorithm of the key.' },
    'certificate.sig_alg': { type: 'string', class: 'technical', means: 'Algorithm of the signature.' },
    'certificate.tbs_sig_alg': {
      type: 'string',
      class: 'technical',
      means: 'The same as stated inside what is signed; where the two differ, somebody tampered or erred.',
    },
    'certificate.key_type': { type: 'string', class: 'technical', means: 'rsa, ec or other.' },
    'certificate.key_length': { type: 'count', class: 'technical', unit: 'bits', means: 'Length of the key.' },
    'certificate.exponent': { type: 'string', class: 'technical', means: 'RSA exponent.' },
    'certificate.curve': { type: 'string', class: 'technical', means: 'Named curve.' },
    'san.dns': { type: 'vector[string]', class: 'technical', means: 'DNS names of the subject.' },
    'san.uri': { type: 'vector[string]', class: 'technical', means: 'URIs of the subject.' },
    'san.email': { type: 'vector[string]', class: 'personal', means: 'Mail addresses of the subject.' },
    'san.ip': { type: 'vector[string]', class: 'technical', means: 'Addresses of the subject.' },
    'basic_constraints.ca': { type: 'bool', class: 'technical', means: 'May sign certificates.' },
    'basic_constraints.path_len': { type: 'count', class: 'technical', means: 'Longest chain below.' },
    host_cert: { type: 'bool', class: 'technical', means: 'First of its chain.' },
    client_cert: { type: 'bool', class: 'technical', means: 'Sent by the client.' },
  },
} as const satisfies RecordType;

export const modbus = {
  log: 'modbus',
  means: 'One Modbus request or response.',
  source: 'Zeek base/protocols/modbus and policy/protocols/modbus; MODBUS Application Protocol V1.1b3',
  columns: {
    ...connectionColumns,
    tid: { type: 'count', class: 'technical', means: 'Transaction identifier.' },
    unit: { type: 'count', class: 'technical', means: 'Unit identifier.' },
    func: { type: 'string', class: 'technical', means: 'Function name; an exception ends in _EXCEPTION.' },
    pdu_type: { type: 'string', class: 'technical', means: 'REQ or RESP.' },
    exception: { type: 'string', class: 'technical', means: 'Exception name.' },
    address: {
      type: 'count',
      class: 'technical',
      means: 'First coil or register of the request (icsnpp-modbus modbus_detailed).',
    },
    quantity: { type: 'count', class: 'technical', means: 'How many (icsnpp-modbus modbus_detailed).' },
    request_values: {
      type: 'vector[count]',
      class: 'technical',
      means: 'What a request writes: coils as 0 or 1, the first sixteen registers (icsnpp-modbus modbus_detailed).',
    },
  },
} as const satisfies RecordType;

export const weird = {
  log: 'weird',
  means: 'Something strange that a parser met and survived.',
  source: 'Zeek base/frameworks/notice/weird',
  columns: {
    ts: connectionColumns.ts,
    uid: { type: 'string', class: 'technical', means: 'The flow, where there is one.' },
    'id.orig_h': { type: 'addr', class: 'technical', means: 'Address of the originator.' },
    'id.orig_p': { type: 'port', class: 'technical', means: 'Port of the originator.' },
    'id.resp_h': { type: 'addr', class: 'technical', means: 'Address of the responder.' },
    'id.resp_p': { type: 'port', class: 'technical', means: 'Port of the responder.' },
    name: { type: 'string', class: 'technical', always: true, means: 'Name from the catalogue.' },
    addl: { type: 'string', class: 'technical', means: 'Detail.' },
    source: { type: 'string', class: 'technical', means: 'The parser that met it.' },
  },
} as const satisfies RecordType;

export type ConnRecord = RecordOf<typeof conn>;
export type DnsRecord = RecordOf<typeof dns>;
export type HttpRecord = RecordOf<typeof http>;
export type SslRecord = RecordOf<typeof ssl>;
export type X509Record = RecordOf<typeof x509>;
export type ModbusRecord = RecordOf<typeof modbus>;
export type WeirdRecord = RecordOf<typeof weird>;
