/**
 * RTSP 1.0 and 2.0 (RFC 2326, RFC 7826): one record for each request with its response. What a SETUP agrees on is announced, so that the media are read
 * as RTP wherever they arrive; media within the flow are read here.
 *
 *     SETUP rtsp://camera/track1 RTSP/1.0      request line, or RTSP/1.0 200 OK
 *     CSeq: 3  Transport: …  Session: …        head, to an empty line
 *     v=0 …                                    body, Content-Length bytes: never written; of SDP the clocks are taken
 *
 *     $ channel length(2) RTP or RTCP …        between messages: media within the flow (RFC 2326 §10.12)
 */

import { formatAddress, parseAddress } from '@forewarn/base/ip';
import type { Seconds } from '@forewarn/base/time';
import type { RtspRecord } from '@forewarn/model/records/broadcast';
import { beginsMessage, eachHeader, headEnd, HeadFrames, trimmed, versionBytes } from '../heads.ts';
import { basicUser, digestUser } from '../http/headers.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { rtp } from '../rtp/rtp.ts';
import { readClockRates } from '../sip/sdp.ts';
import { lineFeed } from '../text.ts';

const messageBytesMax = 65_540;
const headerLinesMax = 128;
const waitingMax = 64;
const sessionsMax = 64;
const transportsMax = 8;
const transportBytesMax = 512;
const expectSeconds = 120;

/** The ceilings of this parser, for the reference. */
export const limits = [
  { name: 'rtsp.messageBytesMax', value: messageBytesMax, unit: 'bytes kept per direction', why: 'The longest interleaved packet with its head; of a longer message the head is read.' },
  { name: 'rtsp.headerLinesMax', value: headerLinesMax, unit: 'lines', why: 'Heads have five to twenty lines; what comes behind is passed over.' },
  { name: 'rtsp.waitingMax', value: waitingMax, unit: 'unanswered requests per flow', why: 'Clients wait for each response; beyond it the oldest is written without its response.' },
  { name: 'rtsp.sessionsMax', value: sessionsMax, unit: 'sessions per flow', why: 'A client has one; a recorder of many channels through one flow some dozens. Further ones have no number.' },
  { name: 'rtsp.transportsMax', value: transportsMax, unit: 'transports of a header', why: 'Clients propose two or three.' },
  { name: 'rtsp.expectSeconds', value: expectSeconds, unit: 's', why: 'Media begin with PLAY, seconds after SETUP; as long as for telephones.' },
] as const; // oxfmt-ignore

const version = versionBytes('RTSP/#.#');
const dollar = 0x24;

type Head = { [name: string]: string | undefined };
const wanted: ReadonlySet<string> = new Set([
  'cseq', 'session', 'transport', 'server', 'user-agent', 'authorization', 'www-authenticate', 'content-type', 'content-length',
]); // prettier-ignore

function readHead(bytes: Uint8Array, start: number, end: number): Head {
  const head: Head = {};
  eachHeader(bytes, start, end, headerLinesMax, (name, from, to) => {
    if (wanted.has(name)) head[name] ??= trimmed(bytes, from, to);
  });
  return head;
}

/** Messages, and packets of media between them (RFC 2326 §10.12). */
class Side extends HeadFrames {
  constructor(parser: RtspParser) {
    super({
      bytesMax: messageBytesMax,
      begins,
      bodyLength: (bytes, start, body) => contentLength(readHead(bytes, start, body)) ?? 0,
      message: (direction, bytes, start, end, ts) =>
        bytes[start] === dollar
          ? parser.interleaved(direction, bytes, start + 4, end, ts)
          : parser.message(direction, bytes, start, end, ts),
      malformed: (ts) => parser.odd('rtsp_malformed_message', ts),
    });
  }

  override frameLength(bytes: Uint8Array, start: number, end: number): number {
    if (bytes[start] === dollar) return end - start < 4 ? 0 : 4 + ((bytes[start + 2]! << 8) | bytes[start + 3]!);
    return super.frameLength(bytes, start, end);
  }

  override frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    // A packet of media: its channel is small, and version 2 of RTP and RTCP stands behind its length.
    if (bytes[start] === dollar) return end - start >= 6 && bytes[start + 1]! < 32 && bytes[start + 4]! >> 6 === 2;
    return super.frameBegins(bytes, start, end);
  }
}

class RtspParser implements ProtocolParser {
  readonly #flow: FlowView;
  readonly #emit: Emit;
  readonly #sides: [Side, Side];
  readonly #waiting = new Map<string, RtspRecord>();
  /** Identifiers of sessions, for their numbers only. */
  readonly #sessions = new Map<string, number>();
  readonly #clockRates = new Map<number, number>();
  readonly #told = new Set<string>();
  #media: ProtocolParser | undefined;
  #confirmed = false;

  constructor(flow: FlowView, emit: Emit) {
    this.#flow = flow;
    this.#emit = emit;
    this.#sides = [new Side(this), new Side(this)];
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const side = this.#sides[direction];
    side.frames.feed(side, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    const side = this.#sides[direction];
    side.frames.gap(side, direction, length, ts);
  }

  finish(ts: Seconds): void {
    for (const side of this.#sides) side.frames.stop();
    for (const record of this.#waiting.values()) this.#emit.record('rtsp', record);
    this.#waiting.clear();
    this.#media?.finish(ts);
    this.#media = undefined;
  }

  /** An oddity, told once a flow. */
  odd(name: string, ts: Seconds, addl?: string): void {
    if (this.#told.has(name)) return;
    this.#told.add(name);
    this.#emit.weird(name, ts, addl);
  }

  /** A packet of RTP or RTCP within the flow. */
  interleaved(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (end <= start || !this.#confirmed) return;
    if (!this.#media) {
      const { uid, originatorPort, responderPort } = this.#flow;
      const host = this.#flow.head(ts)['id.resp_h'];
      const announced = {
        transport: 'tcp',
        host,
        port: responderPort,
        service: 'rtp',
        until: ts,
        clockRates: this.#clockRates,
      } as const;
      const view: FlowView = {
        transport: 'tcp',
        uid,
        head: (at) => this.#flow.head(at),
        originatorPort,
        responderPort,
        announced,
      };
      const emit = this.#emit;
      this.#media = rtp.open(view, {
        record: (log, record) => emit.record(log, record),
        weird: (name, at, addl) => emit.weird(name, at, addl),
        confirm: (service = 'rtp') => emit.confirm(service),
        // The flow is RTSP whatever its channels carry.
        giveWay: () => {},
        expect: (flow) => emit.expect(flow),
        file: (origin) => emit.file(origin),
      });
    }
    this.#media.data(direction, bytes, start, end, ts);
  }

  /** A message, `bytes[start, end)`; its body may be cut. */
  message(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const found = headEnd(bytes, start, end, start);
    const body = found < 0 ? end : found;
    const line = lineFeed(bytes, start, body);
    const first = trimmed(bytes, start, line < 0 ? body : line);
    const head = line < 0 ? {} : readHead(bytes, line + 1, body);
    if (!this.#confirmed) {
      this.#confirmed = true;
      this.#emit.confirm();
    }
    const length = contentLength(head);
    if (length === undefined) this.odd('rtsp_bad_content_length', ts, head['content-length']!.slice(0, 64));
    if (first.startsWith('RTSP/')) this.#reply((1 - direction) as Direction, first, head, length ?? 0, ts);
    else this.#request(direction, first, head, length ?? 0, ts);
    if (body < end && /^application\/sdp\b/i.test(head['content-type'] ?? ''))
      readClockRates(bytes, body, Math.min(end, body + (length ?? 0)), this.#clockRates);
  }

  #request(asks: Direction, line: string, head: Head, length: number, ts: Seconds): void {
    const record = this.#begin(asks, head, ts);
    const [method, uri] = line.split(' ');
    record.version = line.slice(-3);
    record.method = method!;
    if (uri !== undefined) record.uri = withoutSecrets(uri);
    record.request_body_len = length;
    if (head['user-agent'] !== undefined) record.user_agent = head['user-agent'];
    if (head['transport'] !== undefined) record.transport = head['transport'].slice(0, transportBytesMax);
    const { authorization } = head;
    record.authorized = authorization !== undefined;
    if (authorization !== undefined) {
      const scheme = schemeOf(authorization);
      if (scheme !== undefined) record.auth = scheme;
      const user = basicUser(authorization) ?? digestUser(authorization);
      if (user !== undefined) record.username = user;
    }
    if (head['content-type'] !== undefined) record.content_type = head['content-type'];
    const key = `${asks} ${head['cseq'] ?? ''}`;
    const before = this.#waiting.get(key);
    if (before) this.#give(key, before);
    else if (this.#waiting.size >= waitingMax) {
      const [oldest] = this.#waiting;
      this.#give(...oldest!);
    }
    this.#waiting.set(key, record);
  }

  #reply(asks: Direction, line: string, head: Head, length: number, ts: Seconds): void {
    const match = /^RTSP\/\d\.\d (\d{3})(?: (.*))?$/.exec(line);
    if (!match) {
      this.odd('rtsp_malformed_message', ts);
      return;
    }
    const key = `${asks} ${head['cseq'] ?? ''}`;
    const record = this.#waiting.get(key) ?? this.#begin(asks, head, ts);
    const code = Number(match[1]);
    record.status_code = code;
    if (match[2] !== undefined) record.status_msg = match[2];
    record.response_body_len = length;
    if (head['server'] !== undefined) record.server = head['server'];
    if (head['content-type'] !== undefined) record.content_type = head['content-type'];
    const demanded = head['www-authenticate'] === undefined ? undefined : schemeOf(head['www-authenticate']);
    if (demanded !== undefined) record.auth ??= demanded;
    this.#session(record, head);
    const { transport } = head;
    if (transport !== undefined) {
      record.transport = transport.slice(0, transportBytesMax);
      if (code === 200 && (record.method === undefined || record.method === 'SETUP')) this.#agreed(record, transport, ts);
    }
    // 1xx: the request waits on.
    if (code >= 200) this.#give(key, record);
  }

  #begin(asks: Direction, head: Head, ts: Seconds): RtspRecord {
    const record = this.#flow.head(ts) as RtspRecord;
    record.is_orig = asks === 0;
    if (head['cseq'] !== undefined && /^\d{1,10}$/.test(head['cseq'])) record.seq = Number(head['cseq']);
    record.request_body_len = 0;
    record.response_body_len = 0;
    this.#session(record, head);
    return record;
  }

  #give(key: string, record: RtspRecord): void {
    this.#waiting.delete(key);
    this.#emit.record('rtsp', record);
  }

  /** `47112344;timeout=60` */
  #session(record: RtspRecord, head: Head): void {
    const match = /^([^;\s]{1,256})(?:.*?;\s*timeout\s*=\s*(\d{1,6}))?/i.exec(head['session'] ?? '');
    if (!match) return;
    let number = this.#sessions.get(match[1]!);
    if (number === undefined && this.#sessions.size < sessionsMax)
      this.#sessions.set(match[1]!, (number = this.#sessions.size + 1));
    if (number !== undefined) record.session = number;
    if (match[2] !== undefined) record.session_timeout = Number(match[2]);
  }

  /** Both ends know now where the media go: their flows are announced in either direction, since clients open the way with packets of their own. */
  #agreed(record: RtspRecord, text: string, ts: Seconds): void {
    const asker = record.is_orig ? record['id.orig_h'] : record['id.resp_h'];
    const asked = record.is_orig ? record['id.resp_h'] : record['id.orig_h'];
    for (const transport of text.split(',', transportsMax)) {
      if (/;\s*interleaved\s*=|\/TCP/i.test(transport)) {
        record.interleaved = true;
        continue;
      }
      const multicast = /;\s*multicast\b/i.test(transport);
      const target = hostOf(parameter(transport, 'destination')) ?? asker;
      const source = hostOf(parameter(transport, 'source')) ?? asked;
      this.#expect(target, portsOf(parameter(transport, multicast ? 'port' : 'client_port')), ts);
      if (!multicast) this.#expect(source, portsOf(parameter(transport, 'server_port')), ts);
      // RTSP 2.0: "192.0.2.5:9000"/"192.0.2.5:9001"
      this.#addresses(parameter(transport, 'dest_addr'), asker, ts);
      this.#addresses(parameter(transport, 'src_addr'), asked, ts);
    }
  }

  #addresses(text: string | undefined, host: string, ts: Seconds): void {
    for (const one of text?.split('/', 2) ?? []) {
      const match = /^"?(.*):(\d{1,5})"?$/.exec(one.trim());
      if (match) this.#expect(hostOf(match[1]) ?? host, [Number(match[2])], ts);
    }
  }

  #expect(host: string, ports: readonly number[], ts: Seconds): void {
    for (const port of ports) {
      // Ports of services are not given to media: nobody shall hide a flow to one behind an announcement.
      if (port < 1_024 || port > 65_535) continue;
      this.#emit.expect({
        transport: 'udp',
        host,
        port,
        service: 'rtp',
        until: ts + expectSeconds,
        clockRates: this.#clockRates,
      });
    }
  }
}

/** Content-Length, 0 without one; nothing where it is no number. */
function contentLength(head: Head): number | undefined {
  const stated = head['content-length'];
  if (stated === undefined) return 0;
  return /^\d{1,9}$/.test(stated) ? Number(stated) : undefined;
}

/** `;name=value` of a transport. */
function parameter(transport: string, name: string): string | undefined {
  for (const part of transport.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim().toLowerCase() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}

/** `8000-8001`; a single port is RTP's, and RTCP's is the next one. */
function portsOf(text: string | undefined): number[] {
  const match = /^"?(\d{1,5})(?:-(\d{1,5}))?"?$/.exec(text ?? '');
  if (!match) return [];
  const first = Number(match[1]);
  return [first, match[2] === undefined ? first + 1 : Number(match[2])];
}

/** An address as records write it; nothing for a name. */
function hostOf(text: string | undefined): string | undefined {
  const bytes = text === undefined ? undefined : parseAddress(text.replaceAll(/[[\]"]/g, ''));
  return bytes && formatAddress(bytes);
}

const schemeOf = (text: string): string | undefined => /^[A-Za-z][A-Za-z0-9-]{0,31}/.exec(text)?.[0];

/** Without the query, and without the names and passwords that cameras take before the host or as a part of the path. */
const withoutSecrets = (uri: string): string =>
  uri
    .replace(/[?#].*$/, '')
    .replace(/^([a-z]+:\/\/)[^/]*@/i, '$1')
    .replaceAll(/\b_?(user(?:name)?|usr|pass(?:word|wd)?|pwd)=[^/&;]*?(?=_channel|_stream|[/&;]|$)/gi, '$1=…');

const begins = (bytes: Uint8Array, start: number, end: number): Probe => beginsMessage(bytes, start, end, version);

/** The longest method: GET_PARAMETER, SET_PARAMETER. */
const methodBytes = 13;

function probe(bytes: Uint8Array, start: number, end: number): Probe {
  // Requests of HTTP ask for a path, those of RTSP for a whole URL or `*`: most flows of text are told apart here.
  const stop = Math.min(end - 1, start + methodBytes);
  for (let at = start; at <= stop; at++) {
    if (bytes[at] !== 0x20) continue;
    if (at + 1 < end && bytes[at + 1] === 0x2f) return 'no';
    break;
  }
  return begins(bytes, start, end);
}

export const rtsp: Protocol = {
  service: 'rtsp',
  logs: ['rtsp', 'rtp', 'rtcp', 'mpeg_ts', 'mpeg_ts_fault'],
  transports: ['tcp'],
  ports: [554, 8554, 7070],
  probe,
  open: (flow, emit) => new RtspParser(flow, emit),
};
