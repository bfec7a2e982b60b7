/**
 * SIP (RFC 3261), written as Zeek's `sip.log` writes it: one record for each response, with the request that it answers.
 *
 *     INVITE sip:bob@example.org SIP/2.0        request line, or SIP/2.0 200 OK
 *     Via: …  From: …  Call-ID: …  CSeq: …      head, to an empty line
 *     v=0 …                                     body, Content-Length bytes: never written; of SDP the places of media are taken
 *
 *     request ──▶ waiting (by Call-ID and CSeq) ──▶ 1xx: record, waits on ──▶ final response: record
 *                    └── never answered ──▶ record when the flow ends
 *
 * Over UDP a datagram is a message; over TCP messages follow one another (RFC 3261 §18.3).
 */

import type { Seconds } from '@forewarn/base/time';
import type { SipRecord } from '@forewarn/model/records/telecom';
import { beginsMessage, eachHeader, headEnd, HeadFrames, trimmed, valueBytesMax, versionBytes } from '../heads.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { lineFeed } from '../text.ts';
import { calledCode } from './called.ts';
import { formatsMax, mediaMax, readSdp } from './sdp.ts';

const messageBytesMax = 65_535;
const headerLinesMax = 256;
const viaMax = 100;
const waitingMax = 256;
const expectSeconds = 120;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'sip.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes kept per direction over TCP',
    why: 'RFC 3261 §18.1.1 has servers take 65,535 bytes; of a longer message the head is read.',
  },
  {
    name: 'sip.headerLinesMax',
    value: headerLinesMax,
    unit: 'lines',
    why: 'Heads have ten to sixty lines; what comes behind is passed over.',
  },
  { name: 'sip.viaMax', value: viaMax, unit: 'elements of a path', why: 'Max-Forwards begins at 70 (RFC 3261 §8.1.1.6).' },
  { name: 'sip.valueBytesMax', value: valueBytesMax, unit: 'bytes', why: 'Zeek 8 cuts text fields of its logs at this length.' },
  {
    name: 'sip.waitingMax',
    value: waitingMax,
    unit: 'unanswered requests per flow',
    why: 'A trunk between two servers has some dozens under way; beyond it the oldest is written without its response.',
  },
  {
    name: 'sip.expectSeconds',
    value: expectSeconds,
    unit: 's',
    why: 'A phone rings for up to two minutes before its media flow.',
  },
  { name: 'sip.mediaMax', value: mediaMax, unit: 'media of a description', why: 'A conference has a dozen.' },
  { name: 'sip.formatsMax', value: formatsMax, unit: 'formats of a description', why: 'Phones offer about twenty.' },
] as const;

/** RFC 3261, 3262, 3265, 3311, 3428, 3515, 3903, 6086. */
const methods = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'PRACK',
  'SUBSCRIBE',
  'NOTIFY',
  'PUBLISH',
  'INFO',
  'REFER',
  'MESSAGE',
  'UPDATE',
];
const knownMethods: ReadonlySet<string> = new Set(methods);
const methodBytesMax = 32;

/** Compact forms of header names (RFC 3261 §7.3.3). */
const compact: { readonly [letter: string]: string } = {
  f: 'from',
  t: 'to',
  v: 'via',
  i: 'call-id',
  l: 'content-length',
  c: 'content-type',
  s: 'subject',
};

/** What is read of a head. */
type Head = { [name: string]: string | undefined };
const wanted: ReadonlySet<string> = new Set([
  'from', 'to', 'call-id', 'cseq', 'content-length', 'content-type', 'subject', 'date', 'reply-to', 'user-agent', 'warning',
]); // prettier-ignore

type Waiting = { record: SipRecord; answered: boolean };

class SipParser implements ProtocolParser {
  readonly #flow: FlowView;
  readonly #emit: Emit;
  #sides: [HeadFrames, HeadFrames] | undefined;
  readonly #waiting = new Map<string, Waiting>();
  readonly #told = new Set<string>();
  #confirmed = false;
  #transactions = 0;

  constructor(flow: FlowView, emit: Emit) {
    this.#flow = flow;
    this.#emit = emit;
  }

  /** Empty lines between messages are keep-alives (RFC 5626 §3.5.1). */
  #frames(): HeadFrames {
    return new HeadFrames({
      bytesMax: messageBytesMax,
      begins,
      bodyLength: contentLength,
      message: (direction, bytes, start, end, ts) => this.message(direction, bytes, start, end, ts),
      malformed: (ts) => this.odd('sip_malformed_message', ts),
    });
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.#flow.transport === 'tcp') {
      this.#sides ??= [this.#frames(), this.#frames()];
      const side = this.#sides[direction];
      side.frames.feed(side, direction, bytes, start, end, ts);
      return;
    }
    // Keep-alives: empty lines, blanks or a few zero bytes.
    if (end - start <= 4 || bytes[start]! <= 0x20) return;
    if (begins(bytes, start, end) !== 'yes') this.odd('sip_malformed_message', ts);
    else this.message(direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.#sides ??= [this.#frames(), this.#frames()];
    const side = this.#sides[direction];
    side.frames.gap(side, direction, length, ts);
  }

  finish(): void {
    for (const side of this.#sides ?? []) side.frames.stop();
    for (const one of this.#waiting.values()) this.#give(one);
    this.#waiting.clear();
  }

  /** An oddity, told once a flow. */
  odd(name: string, ts: Seconds, addl?: string): void {
    if (this.#told.has(name)) return;
    this.#told.add(name);
    this.#emit.weird(name, ts, addl);
  }

  /** A message, `bytes[start, end)`; its body may be cut. */
  message(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const found = headEnd(bytes, start, end, start);
    const body = found < 0 ? end : found;
    const path: string[] = [];
    const line = lineFeed(bytes, start, body);
    const first = trimmed(bytes, start, line < 0 ? body : line);
    const head = line < 0 ? {} : readHead(bytes, line + 1, body, path);
    if (!this.#confirmed) {
      this.#confirmed = true;
      this.#emit.confirm();
    }
    const stated = head['content-length'];
    const length = stated !== undefined && /^\d{1,9}$/.test(stated) ? Number(stated) : undefined;
    const isReply = first.startsWith('SIP/');
    if (stated !== undefined && length === undefined) {
      this.odd(isReply ? 'invalid_SIP_response_body_len' : 'invalid_SIP_request_body_len', ts, stated.slice(0, 64));
    }
    if (path.length > viaMax) {
      this.odd(isReply ? 'sip_max_response_path_length_exceeded' : 'sip_max_request_path_length_exceeded', ts);
      path.length = viaMax;
    }
    const asks = (isReply ? 1 - direction : direction) as Direction;
    // Both ends may ask, and number what they ask by themselves.
    const key = `${asks} ${head['call-id'] ?? ''} ${head['cseq'] ?? ''}`;
    if (isReply) this.#reply(asks, key, first, head, path, length, ts);
    else this.#request(asks, key, first, head, path, length, ts);
    if (body < end && /^application\/sdp\b/i.test(head['content-type'] ?? '')) {
      this.#media(bytes, body, Math.min(end, body + (length ?? end - body)), ts);
    }
  }

  #request(
    asks: Direction,
    key: string,
    line: string,
    head: Head,
    path: string[],
    length: number | undefined,
    ts: Seconds,
  ): void {
    const [method = '', uri = ''] = line.split(' ');
    const before = this.#waiting.get(key);
    // Sent again because no response has come yet (RFC 3261 §17.1.1.2).
    if (before && before.record.method === method) return;
    if (!knownMethods.has(method)) this.odd('unknown_SIP_method', ts, method.slice(0, methodBytesMax));
    const record = this.#begin(asks, ts);
    record.method = method.slice(0, methodBytesMax);
    record.uri = uri;
    const called = method === 'INVITE' ? calledCode(uri) : undefined;
    if (called !== undefined) record.called_code = called;
    if (head['date'] !== undefined) record.date = head['date'];
    if (head['from'] !== undefined) record.request_from = withoutTag(head['from']);
    if (head['to'] !== undefined) record.request_to = head['to'];
    if (head['reply-to'] !== undefined) record.reply_to = head['reply-to'];
    if (head['call-id'] !== undefined) record.call_id = head['call-id'];
    if (head['cseq'] !== undefined) record.seq = head['cseq'];
    if (head['subject'] !== undefined) record.subject = head['subject'];
    if (head['user-agent'] !== undefined) record.user_agent = head['user-agent'];
    if (length !== undefined) record.request_body_len = length;
    record.request_path = path;
    // ACK has no response (RFC 3261 §17.1.1.3).
    if (method === 'ACK') {
      this.#emit.record('sip', record);
      return;
    }
    if (before) this.#give(before);
    else if (this.#waiting.size >= waitingMax) {
      for (const [oldest, one] of this.#waiting) {
        this.#waiting.delete(oldest);
        this.#give(one);
        break;
      }
    }
    this.#waiting.set(key, { record, answered: false });
  }

  #reply(asks: Direction, key: string, line: string, head: Head, path: string[], length: number | undefined, ts: Seconds): void {
    const match = /^SIP\/\d\.\d (\d{3})(?: (.*))?$/.exec(line);
    if (!match) {
      this.odd('sip_malformed_message', ts);
      return;
    }
    const asked = this.#waiting.get(key);
    const record: SipRecord = asked ? { ...asked.record } : this.#begin(asks, ts);
    const code = Number(match[1]);
    record.status_code = code;
    if (match[2] !== undefined) record.status_msg = match[2];
    if (head['from'] !== undefined) record.response_from = withoutTag(head['from']);
    if (head['to'] !== undefined) record.response_to = head['to'];
    if (record.call_id === undefined && head['call-id'] !== undefined) record.call_id = head['call-id'];
    if (record.seq === undefined && head['cseq'] !== undefined) record.seq = head['cseq'];
    if (head['warning'] !== undefined) record.warning = head['warning'];
    if (head['content-type'] !== undefined) record.content_type = head['content-type'];
    if (length !== undefined) record.response_body_len = length;
    record.response_path = path;
    this.#emit.record('sip', record);
    if (asked) asked.answered = true;
    if (code >= 200) this.#waiting.delete(key);
  }

  #begin(asks: Direction, ts: Seconds): SipRecord {
    const record = this.#flow.head(ts) as SipRecord;
    record.is_orig = asks === 0;
    record.trans_depth = this.#transactions++;
    record.request_path = [];
    record.response_path = [];
    return record;
  }

  #give(one: Waiting): void {
    if (!one.answered) this.#emit.record('sip', one.record);
  }

  #media(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    for (const { host, port, rtcpPort, clockRates } of readSdp(bytes, start, end)) {
      // Ports of services are not given to media: nobody shall hide a flow to one behind an announcement.
      for (const one of port === rtcpPort ? [port] : [port, rtcpPort]) {
        if (one < 1_024 || one > 65_535) continue;
        this.#emit.expect({ transport: 'udp', host, port: one, service: 'rtp', until: ts + expectSeconds, clockRates });
      }
    }
  }
}

const withoutTag = (value: string): string => value.replace(/; ?tag=.*$/i, '');

/** The headers that are wanted, by their long names in small letters; each Via goes to `path`. The first of several counts. */
function readHead(bytes: Uint8Array, start: number, end: number, path: string[]): Head {
  const head: Head = {};
  eachHeader(bytes, start, end, headerLinesMax, (long, from, to) => {
    const name = compact[long] ?? long;
    if (name === 'via') {
      if (path.length <= viaMax) path.push(trimmed(bytes, from, to).replace(/; ?branch.*$/i, ''));
    } else if (wanted.has(name)) head[name] ??= trimmed(bytes, from, to);
  });
  return head;
}

function contentLength(bytes: Uint8Array, start: number, end: number): number {
  const stated = readHead(bytes, start, end, [])['content-length'];
  return stated !== undefined && /^\d{1,9}$/.test(stated) ? Number(stated) : 0;
}

const version = versionBytes('SIP/2.0');

/** Whether the bytes begin a message: `SIP/2.0 ` or a line that ends in it. */
const begins = (bytes: Uint8Array, start: number, end: number): Probe => beginsMessage(bytes, start, end, version);

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, _usualPort: boolean): Probe {
  return begins(bytes, start, end);
}

export const sip: Protocol = {
  service: 'sip',
  logs: ['sip'],
  transports: ['udp', 'tcp'],
  ports: [5060],
  probe,
  open: (flow, emit) => new SipParser(flow, emit),
};
