/** Records of radio and television: transport streams and their faults, sessions and manifests of streaming, public warnings. */

import { connectionColumns, type Column, type RecordOf, type RecordType } from './record.ts';

/** The head of what comes from the network or from a file: a file has no flow. */
const origin = {
  ts: { type: 'time', class: 'technical', unit: 's', always: true, means: 'When it began; in a file without times, seconds since its beginning.' },
  uid: { type: 'string', class: 'technical', means: 'Name of the flow; absent in a file.' },
  'id.orig_h': { type: 'addr', class: 'technical', means: 'Address of the originator.' },
  'id.orig_p': { type: 'port', class: 'technical', means: 'Port of the originator.' },
  'id.resp_h': { type: 'addr', class: 'technical', means: 'Address of the responder: the multicast group of a distributed stream.' },
  'id.resp_p': { type: 'port', class: 'technical', means: 'Port of the responder.' },
} as const satisfies RecordType['columns']; // oxfmt-ignore

const fuid = { type: 'string', class: 'technical', means: 'The file that carried it, in `files`.' } as const;
const ofStream = {
  is_orig: { type: 'bool', class: 'technical', always: true, means: 'Whether the originator of the flow sent it.' },
  carriage: { type: 'enum', class: 'technical', always: true, means: 'What carries the stream: `udp`, `rtp` or `file`.' },
  ssrc: { type: 'count', class: 'technical', means: 'Synchronisation source, in RTP.' },
  transport_stream_id: { type: 'count', class: 'technical', means: 'transport_stream_id of the PAT.' },
} as const satisfies RecordType['columns'];

/** A counter of ETSI TR 101 290. */
const errors = <const M extends string>(means: M) =>
  ({ type: 'count', class: 'technical', always: true, means }) as const satisfies Column;

export const mpeg_ts = {
  log: 'mpeg_ts',
  means: 'Ten seconds of one MPEG transport stream: what it carried and the errors of ETSI TR 101 290. No media, subtitles or programme texts.',
  source: 'ISO/IEC 13818-1; ETSI TR 101 290 V1.4.1 §5.2; ETSI EN 300 468; names of the errors as there, in small letters',
  columns: {
    ...origin,
    ...ofStream,
    duration: { type: 'interval', class: 'technical', unit: 's', always: true, means: 'How much of the stream this record tells of.' },
    packets: { type: 'count', class: 'technical', unit: 'packets', always: true, means: 'Packets of 188 bytes.' },
    bitrate: { type: 'count', class: 'technical', unit: 'bit/s', means: 'Rate of all packets; absent where no time is known.' },
    null_packets: { type: 'count', class: 'technical', unit: 'packets', always: true, means: 'Packets of PID 0x1FFF, which fill a constant rate.' },
    scrambled_packets: { type: 'count', class: 'technical', unit: 'packets', always: true, means: 'Packets whose transport_scrambling_control is not 00.' },
    duplicate_packets: { type: 'count', class: 'technical', unit: 'packets', always: true, means: 'Packets sent a second time, which is allowed.' },
    continuity_skips: { type: 'count', class: 'technical', unit: 'packets', always: true, means: 'Packets that counters say are missing, modulo 16: at least so many.' },
    programs: { type: 'vector[count]', class: 'technical', means: 'Programme numbers of the PAT.' },
    services: { type: 'vector[string]', class: 'technical', means: 'Names of these programmes in the SDT, in the same order; empty where it has none.' },
    ca_system_ids: { type: 'vector[count]', class: 'technical', means: 'Conditional access systems named in CAT and PMTs.' },
    pids: { type: 'vector[count]', class: 'technical', always: true, means: 'PIDs that came, ascending.' },
    pid_types: { type: 'vector[string]', class: 'technical', always: true, means: 'What each of them carries by PAT, PMTs and EN 300 468.' },
    pid_bitrates: { type: 'vector[count]', class: 'technical', unit: 'bit/s', means: 'Rate of each of them.' },
    untracked_packets: { type: 'count', class: 'technical', unit: 'packets', means: 'Packets of PIDs beyond those that are followed.' },
    malformed_packets: { type: 'count', class: 'technical', unit: 'packets', means: 'Packets whose adaptation field cannot be.' },
    pcr_interval_max: { type: 'interval', class: 'technical', unit: 's', means: 'Longest time between two PCRs of one PID.' },
    pcr_accuracy_max: { type: 'interval', class: 'technical', unit: 's', means: 'Greatest distance of a PCR from where its packet stands between its neighbours; only at a constant rate.' },
    pcr_jitter: { type: 'interval', class: 'technical', unit: 's', means: 'Spread of the arrival of PCRs against their own time, of the PID with most: what the network adds.' },
    ts_sync_loss: errors('1.1: synchronisation was lost: two packets in a row without their sync byte.'),
    sync_byte_error: errors('1.2: packets that do not begin with 0x47.'),
    pat_error: errors('1.3: no PAT for 0.5 s, another table on PID 0, or PID 0 scrambled.'),
    continuity_count_error: errors('1.4: packets lost, out of order or more than twice.'),
    pmt_error: errors('1.5: no PMT for 0.5 s on a PID that the PAT names, or it is scrambled.'),
    pid_error: errors('1.6: no picture or sound for 5 s on a PID that a PMT names.'),
    transport_error: errors('2.1: packets that a receiver before has marked as damaged.'),
    crc_error: errors('2.2: tables whose CRC-32 is wrong.'),
    pcr_repetition_error: errors('2.3a: more than 100 ms between two PCRs.'),
    pcr_discontinuity_indicator_error: errors('2.3b: a PCR that steps back, or ahead by more than 100 ms, without saying so.'),
    pcr_accuracy_error: errors('2.4: a PCR more than 500 ns from its place; only at a constant rate.'),
    pts_error: errors('2.5: more than 700 ms between two PTS.'),
    cat_error: errors('2.6: scrambled packets without a CAT, or another table on PID 1.'),
    nit_error: errors('3.1: no NIT for 10 s after one was there, or another table on PID 0x10.'),
    si_repetition_error: errors('3.2: tables of other streams, bouquets or local time that were there and no longer come.'),
    unreferenced_pid: errors('3.4: PIDs that after 0.5 s no table has named.'),
    sdt_error: errors('3.5: no SDT for 2 s after one was there, or another table on PID 0x11.'),
    eit_error: errors('3.6: no EIT present/following for 2 s after one was there, or another table on PID 0x12.'),
    rst_error: errors('3.7: another table than RST on PID 0x13, or two within 25 ms.'),
    tdt_error: errors('3.8: no TDT for 30 s after one was there, two within 25 ms, or another table on PID 0x14.'),
  },
} as const satisfies RecordType; // oxfmt-ignore

export type MpegTsRecord = RecordOf<typeof mpeg_ts>;

export const mpeg_ts_fault = {
  log: 'mpeg_ts_fault',
  means: 'The beginning or the end of one kind of error in a transport stream.',
  source: 'ETSI TR 101 290 V1.4.1 §5.2',
  columns: {
    ...origin,
    ...ofStream,
    ts: { type: 'time', class: 'technical', unit: 's', always: true, means: 'When the error came first; of an end, when it came last.' },
    state: { type: 'enum', class: 'technical', always: true, means: '`onset`, or `end` after ten seconds without it or at the end of the stream.' },
    indicator: { type: 'enum', class: 'technical', always: true, means: 'Name of the error in TR 101 290: `Continuity_count_error`.' },
    number: { type: 'string', class: 'technical', always: true, means: 'Its number there: `1.4`.' },
    priority: { type: 'count', class: 'technical', always: true, means: 'Its priority: 1 is needed to decode, 2 is watched always, 3 depends on the use.' },
    reason: { type: 'enum', class: 'technical', always: true, means: 'What was found first: `absent`, `scrambled`, `wrong_table`, `lost`, `repeated`, …' },
    pids: { type: 'vector[count]', class: 'technical', always: true, means: 'PIDs on which it was found until now, in order of appearance.' },
    count: { type: 'count', class: 'technical', always: true, means: 'Errors of the kind since its onset.' },
    duration: { type: 'interval', class: 'technical', unit: 's', means: 'From the first to the last of them; of an end.' },
  },
} as const satisfies RecordType; // oxfmt-ignore

export type MpegTsFaultRecord = RecordOf<typeof mpeg_ts_fault>;

export const rtsp = {
  log: 'rtsp',
  means: 'One RTSP request with its response, or a request that was never answered.',
  source: 'RFC 2326, RFC 7826; credentials, session identifiers and bodies are never written',
  columns: {
    ...connectionColumns,
    is_orig: { type: 'bool', class: 'technical', always: true, means: 'Whether the originator of the flow asked.' },
    version: { type: 'string', class: 'technical', means: 'Version of the request: 1.0 or 2.0.' },
    method: { type: 'string', class: 'technical', means: 'Method of the request: DESCRIBE, SETUP, PLAY.' },
    uri: { type: 'string', class: 'content', kept: 'uri-path', means: 'What was asked for; a name and password before the host are taken out.' },
    seq: { type: 'count', class: 'technical', means: 'CSeq.' },
    user_agent: { type: 'string', class: 'technical', means: 'Software of the client.' },
    server: { type: 'string', class: 'technical', means: 'Software of the server.' },
    status_code: { type: 'count', class: 'technical', means: 'Code of the response.' },
    status_msg: { type: 'string', class: 'technical', means: 'Reason beside the code.' },
    session: { type: 'count', class: 'technical', means: 'Number of the session in this flow, from 1; its identifier opens it and is not written.' },
    session_timeout: { type: 'interval', class: 'technical', unit: 's', means: 'Timeout of the session.' },
    transport: { type: 'string', class: 'technical', means: 'Transport that was agreed, else the one that was asked for.' },
    interleaved: { type: 'bool', class: 'technical', means: 'Whether media come within this flow.' },
    auth: { type: 'enum', class: 'technical', means: 'Scheme that the client used or the server demands: `Basic`, `Digest`.' },
    username: { type: 'string', class: 'personal', means: 'User who signs in.' },
    authorized: { type: 'bool', class: 'technical', means: 'Whether the request carried credentials.' },
    content_type: { type: 'string', class: 'technical', means: 'Content-Type of the body: `application/sdp`.' },
    request_body_len: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Content-Length of the request.' },
    response_body_len: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Content-Length of the response.' },
  },
} as const satisfies RecordType; // oxfmt-ignore

export type RtspRecord = RecordOf<typeof rtsp>;

export const media_manifest = {
  log: 'media_manifest',
  means: 'One playlist of HLS or description of DASH as it was fetched: what is offered and whether it goes on.',
  source: 'RFC 8216; ISO/IEC 23009-1; keys and their URIs are never written',
  columns: {
    ...origin,
    fuid,
    host: { type: 'string', class: 'technical', means: 'Host it was fetched from, as asked for.' },
    uri: { type: 'string', class: 'content', kept: 'uri-path', means: 'Path it was fetched by, without its query.' },
    format: { type: 'enum', class: 'technical', always: true, means: '`hls` or `dash`.' },
    type: { type: 'enum', class: 'technical', always: true, means: 'HLS: `master` or `media`; DASH: `static` or `dynamic`.' },
    version: { type: 'string', class: 'technical', means: 'EXT-X-VERSION; of DASH its profiles.' },
    target_duration: { type: 'interval', class: 'technical', unit: 's', means: 'EXT-X-TARGETDURATION; of DASH maxSegmentDuration.' },
    update_period: { type: 'interval', class: 'technical', unit: 's', means: 'minimumUpdatePeriod of DASH.' },
    media_sequence: { type: 'count', class: 'technical', means: 'EXT-X-MEDIA-SEQUENCE.' },
    discontinuity_sequence: { type: 'count', class: 'technical', means: 'EXT-X-DISCONTINUITY-SEQUENCE.' },
    published: { type: 'time', class: 'technical', unit: 's', means: 'publishTime of DASH.' },
    variants: { type: 'count', class: 'technical', always: true, means: 'Variant streams or representations.' },
    segments: { type: 'count', class: 'technical', always: true, means: 'Segments that are named.' },
    segments_duration: { type: 'interval', class: 'technical', unit: 's', means: 'Length of the segments together; of DASH mediaPresentationDuration.' },
    segment_max: { type: 'interval', class: 'technical', unit: 's', means: 'Longest segment; longer than the target is a fault.' },
    discontinuities: { type: 'count', class: 'technical', always: true, means: 'Breaks of encoding: EXT-X-DISCONTINUITY, or periods of DASH beyond the first.' },
    gaps: { type: 'count', class: 'technical', always: true, means: 'Segments marked as missing (EXT-X-GAP).' },
    ended: { type: 'bool', class: 'technical', always: true, means: 'Whether nothing will be added: EXT-X-ENDLIST, VOD, or `static`.' },
    codecs: { type: 'vector[string]', class: 'technical', means: 'Codecs that are named (RFC 6381).' },
    encryption: { type: 'vector[string]', class: 'technical', means: 'Methods of EXT-X-KEY, or schemes of ContentProtection.' },
    segment_hosts: { type: 'vector[string]', class: 'technical', means: 'Hosts of segments and variants that are named with one.' },
    progress: { type: 'enum', class: 'technical', means: 'Against the one fetched before from the same place: `first`, `ahead`, `standing`, `backwards`.' },
    stalled: { type: 'interval', class: 'technical', unit: 's', means: 'How long it has not gone on, where it is standing.' },
    cut: { type: 'bool', class: 'technical', always: true, means: 'Whether only its beginning was read: too long, or bytes are missing.' },
  },
} as const satisfies RecordType; // oxfmt-ignore

export type MediaManifestRecord = RecordOf<typeof media_manifest>;

export const cap_alert = {
  log: 'cap_alert',
  means: 'One public warning in the Common Alerting Protocol, a record for each language of it.',
  source: 'OASIS CAP 1.2, ITU-T X.1303 bis; names as there',
  columns: {
    ...origin,
    fuid,
    cap_version: { type: 'string', class: 'technical', means: 'Version of its namespace: 1.0, 1.1, 1.2.' },
    identifier: { type: 'string', class: 'technical', means: 'Identifier of the message, unique with its sender.' },
    sender: { type: 'string', class: 'technical', means: 'Organisation that issued it, by its own name in the network.' },
    sent: { type: 'time', class: 'technical', unit: 's', means: 'When it was issued.' },
    status: { type: 'enum', class: 'technical', means: '`Actual`, `Exercise`, `System`, `Test` or `Draft`.' },
    msgType: { type: 'enum', class: 'technical', means: '`Alert`, `Update`, `Cancel`, `Ack` or `Error`.' },
    scope: { type: 'enum', class: 'technical', means: '`Public`, `Restricted` or `Private`.' },
    source: { type: 'string', class: 'technical', means: 'Desk or device within the sender.' },
    code: { type: 'vector[string]', class: 'technical', means: 'Codes and profiles that it follows.' },
    references: { type: 'vector[string]', class: 'technical', means: 'Earlier messages that it is about: sender, identifier, time.' },
    info: { type: 'count', class: 'technical', always: true, means: 'Number of the language block that this record tells of, from 1; 0 where there is none.' },
    infos: { type: 'count', class: 'technical', always: true, means: 'Blocks in the message.' },
    language: { type: 'string', class: 'technical', means: 'Language of the block (RFC 3066).' },
    category: { type: 'vector[string]', class: 'technical', means: '`Geo`, `Met`, `Safety`, `Security`, `Rescue`, `Fire`, `Health`, `Env`, `Transport`, `Infra`, `CBRNE`, `Other`.' },
    event: { type: 'string', class: 'technical', means: 'Kind of event.' },
    responseType: { type: 'vector[string]', class: 'technical', means: '`Shelter`, `Evacuate`, `Prepare`, `Execute`, `Avoid`, `Monitor`, `Assess`, `AllClear`, `None`.' },
    urgency: { type: 'enum', class: 'technical', means: '`Immediate`, `Expected`, `Future`, `Past` or `Unknown`.' },
    severity: { type: 'enum', class: 'technical', means: '`Extreme`, `Severe`, `Moderate`, `Minor` or `Unknown`.' },
    certainty: { type: 'enum', class: 'technical', means: '`Observed`, `Likely`, `Possible`, `Unlikely` or `Unknown`.' },
    eventCode: { type: 'vector[string]', class: 'technical', means: 'Codes of the event, `valueName=value`.' },
    effective: { type: 'time', class: 'technical', unit: 's', means: 'From when it counts.' },
    onset: { type: 'time', class: 'technical', unit: 's', means: 'When the event is expected to begin.' },
    expires: { type: 'time', class: 'technical', unit: 's', means: 'Until when it counts.' },
    senderName: { type: 'string', class: 'technical', means: 'Name of the issuing organisation for people.' },
    geocodes: { type: 'vector[string]', class: 'technical', means: 'Codes of the areas, `valueName=value`.' },
    areas: { type: 'count', class: 'technical', means: 'Areas of the block.' },
    resources: { type: 'count', class: 'technical', means: 'Files beside the text.' },
    headline: { type: 'string', class: 'content', means: 'Headline for the public.' },
    description: { type: 'string', class: 'content', means: 'Description for the public.' },
    instruction: { type: 'string', class: 'content', means: 'What the public should do.' },
    signed: { type: 'bool', class: 'technical', always: true, means: 'Whether it carries a signature (XML-DSig). It is not verified.' },
    signature_method: { type: 'string', class: 'technical', means: 'Algorithm that the signature names.' },
    oddities: { type: 'vector[string]', class: 'technical', means: '`expired_when_sent`, `sent_in_future`, `unknown_status`, `incomplete`, where it is so.' },
  },
} as const satisfies RecordType; // oxfmt-ignore

export type CapAlertRecord = RecordOf<typeof cap_alert>;
