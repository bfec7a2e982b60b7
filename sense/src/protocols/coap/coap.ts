/**
 * CoAP over UDP: one record for each request with its response, which may come in the acknowledgement or later, and for each
 * notification of an observation. A device that registers for management (LwM2M) gets a record of its own beside it. Of payloads only
 * their length is taken, and of a registration the list of objects.
 */

import type { Seconds } from '@forewarn/base/time';
import type { CoapRecord, Lwm2mRecord } from '@forewarn/model/records/coap';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { beginRegistration, endRegistration } from './lwm2m.ts';
import { codeText, headFits, Message, methodName, statusName, typeNames } from './message.ts';

const pendingMax = 128;
const pendingSeconds = 247;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'coap.pendingMax',
    value: pendingMax,
    unit: 'requests per flow',
    why: 'Unanswered requests and observations; a client has one open by default (RFC 7252 §4.7). The oldest beyond is written as it stands.',
  },
  {
    name: 'coap.pendingSeconds',
    value: pendingSeconds,
    unit: 's',
    why: 'How long a response is waited for: EXCHANGE_LIFETIME (RFC 7252 §4.8.2).',
  },
] as const;

/** A request that waits for its response, or an observation that waits for the next notification. */
type Request = {
  record: CoapRecord;
  registration: Lwm2mRecord | undefined;
  direction: Direction;
  id: number;
  /** When it was sent, or heard of last. */
  ts: Seconds;
  observing: boolean;
  answered: boolean;
};

/** One for all flows: it holds nothing between calls. */
const message = new Message();

class CoapParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly requests = new Map<string, Request>();
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.expire(ts - pendingSeconds);
    if (!message.read(bytes, start, end)) {
      if (!this.told) this.emit.weird('coap_bad_message', ts);
      this.told = true;
      return;
    }
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    if (message.code === 0) this.empty(direction, ts);
    else if (message.code < 0x20) this.request(direction, bytes, ts);
    else this.response(direction, ts);
  }

  gap(): void {}

  finish(): void {
    this.expire(Infinity);
  }

  /** Acknowledgements say nothing yet; a reset ends a request or an observation. */
  private empty(direction: Direction, ts: Seconds): void {
    if (message.type !== 3) return;
    for (const [key, request] of this.requests) {
      // A reset answers a request of the other side, or a notification of it, whose number is not kept.
      if (request.direction === direction ? !request.observing : request.id !== message.id) continue;
      this.requests.delete(key);
      if (request.answered) return;
      request.record.code = 'RST';
      request.record.rtt = ts - request.ts;
      this.write(request);
      return;
    }
  }

  private request(direction: Direction, bytes: Uint8Array, ts: Seconds): void {
    const key = `${direction}${message.token}`;
    const before = this.requests.get(key);
    if (before) {
      if (before.id === message.id) {
        before.record.repeated = (before.record.repeated ?? 0) + 1;
        return;
      }
      this.requests.delete(key);
      if (!before.answered) this.write(before);
    } else if (this.requests.size >= pendingMax) {
      const [oldest] = this.requests;
      this.requests.delete(oldest![0]);
      if (!oldest![1].answered) this.write(oldest![1]);
    }
    const record = this.flow.head(ts) as CoapRecord;
    record.is_orig = direction === 0;
    record.type = typeNames[message.type]!;
    record.message_id = message.id;
    record.method = methodName(message.code);
    if (message.host !== '') record.uri_host = message.host;
    record.uri_path = message.path === '' ? '/' : message.path;
    if (message.query !== '') record.uri_query = message.query;
    if (message.proxy !== '') record.proxy_uri = message.proxy;
    if (message.format >= 0) record.content_format = message.format;
    if (message.observe >= 0) record.observe = message.observe;
    if (message.block >= 0) record.block = message.block;
    if (message.protected) record.oscore = true;
    record.request_len = message.payloadEnd - message.payloadStart;
    const registration = beginRegistration(message, bytes, () => this.flow.head(ts));
    const observing = message.observe === 0 && (message.code === 1 || message.code === 5);
    this.requests.set(key, { record, registration, direction, id: message.id, ts, observing, answered: false });
  }

  private response(direction: Direction, ts: Seconds): void {
    const key = `${1 - direction}${message.token}`;
    const request = this.requests.get(key);
    // A response that comes again, or to a request that was not seen, stands alone.
    const record = request
      ? { ...request.record, ...(request.answered ? { ts } : {}) }
      : ({ ...this.flow.head(ts), is_orig: direction === 1, type: typeNames[message.type]! } as CoapRecord);
    record.code = codeText(message.code);
    record.status = statusName(message.code)!;
    if (message.format >= 0) record.content_format = message.format;
    if (message.block >= 0) record.block = message.block;
    if (message.protected) record.oscore = true;
    record.response_len = message.payloadEnd - message.payloadStart;
    if (message.observe >= 0) record.observe = message.observe;
    else delete record.observe;
    if (!request) {
      this.emit.record('coap', record);
      return;
    }
    if (!request.answered) record.rtt = ts - request.ts;
    this.requests.delete(key);
    const { registration } = request;
    if (registration) {
      endRegistration(registration, message);
      this.emit.record('lwm2m', registration);
    }
    this.emit.record('coap', record);
    // It goes on being observed until an error comes, or a response without a number.
    if (!request.observing || message.observe < 0 || message.code >= 0x80) return;
    request.registration = undefined;
    request.answered = true;
    request.ts = ts;
    delete request.record.request_len;
    delete request.record.repeated;
    this.requests.set(key, request);
  }

  private write(request: Request): void {
    if (request.registration) this.emit.record('lwm2m', request.registration);
    this.emit.record('coap', request.record);
  }

  /** Writes what was sent before the instant and still waits; they are in the order of time. */
  private expire(before: Seconds): void {
    for (const [key, request] of this.requests) {
      if (request.ts >= before) break;
      // Observations last; they end with the flow, or make room for others.
      if (request.answered && before !== Infinity) continue;
      this.requests.delete(key);
      if (!request.answered) this.write(request);
    }
  }
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  if (!headFits(bytes, start, end)) return 'no';
  if (usualPort) return message.read(bytes, start, end) ? 'yes' : 'no';
  // Elsewhere only a request proves it, by options that are all registered and a readable name in them.
  const code = bytes[start + 1]!;
  if (code === 0 || code > 7 || !message.read(bytes, start, end)) return 'no';
  return message.unknown === 0 && message.printable >= 3 ? 'yes' : 'no';
}

export const coap: Protocol = {
  service: 'coap',
  logs: ['coap', 'lwm2m'],
  transports: ['udp'],
  ports: [5683],
  probe,
  open: (flow, emit) => new CoapParser(flow, emit),
};
