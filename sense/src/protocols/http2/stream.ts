/** A stream of HTTP/2 on its way to a record: what its fields say of it, and its two bodies. */

import type { Seconds } from '@forewarn/base/time';
import type { HttpRecord } from '@forewarn/model/records/network';
import type { FileStream } from '../../files/files.ts';
import { Body, type BodyHost } from '../http/body.ts';
import { DnsExchange, isDnsMessage } from '../http/dns.ts';
import { isActivity, isOfMatrix, takeFederation } from '../http/federation.ts';
import { GrpcCall, isGrpc } from '../grpc/grpc.ts';
import type { Direction, Emit, FlowView } from '../protocol.ts';
import { textOf } from '../text.ts';
import {
  AUTHORITY,
  AUTHORIZATION,
  CONTENT_ENCODING,
  CONTENT_LENGTH,
  CONTENT_TYPE,
  type FieldTaker,
  GRPC_ENCODING,
  GRPC_STATUS,
  GRPC_TIMEOUT,
  HOST,
  METHOD,
  ORIGIN,
  PATH,
  PROXY,
  REFERER,
  STATUS,
  USER_AGENT,
} from './hpack.ts';

/** Entries of `proxied` in one record. */
const proxiesMax = 16;

/** What one direction says of a stream. */
class Message {
  ended = false;
  /** Its first block has come; another is a trailer. */
  begun = false;
  body: Body | undefined = undefined;
  coding = '';
  type = '';
  contentLength = -1;
}

export class Stream implements BodyHost, FieldTaker {
  readonly record: HttpRecord;
  readonly messages: readonly [Message, Message] = [new Message(), new Message()];
  readonly #emit: Emit;
  #direction: Direction = 0;
  #trailer = false;
  readonly #flow: FlowView;
  #dns: DnsExchange | undefined;
  #encoding = '';
  #timeout = '';
  /** Both directions have been seen to their end. */
  #isWhole = true;
  /** The call that the stream is, once its request says that it is one. */
  #grpc: GrpcCall | undefined;

  constructor(record: HttpRecord, flow: FlowView, emit: Emit) {
    this.record = record;
    this.#flow = flow;
    this.#emit = emit;
  }

  /** The fields that follow belong to this direction. */
  begin(direction: Direction): void {
    const message = this.messages[direction];
    this.#direction = direction;
    this.#trailer = message.begun;
    message.begun = true;
  }

  field(id: number, name: string, value: string): void {
    // Of the fields behind a body only the outcome of a call is read.
    if (id === GRPC_STATUS && this.#direction === 1) this.#grpc?.status(value);
    if (this.#trailer) return;
    const { record } = this;
    const message = this.messages[this.#direction];
    if (id === CONTENT_LENGTH) message.contentLength = /^\d{1,15}$/.test(value) ? Number(value) : -1;
    else if (id === CONTENT_ENCODING) message.coding = value.toLowerCase();
    else if (id === CONTENT_TYPE) {
      message.type = value;
      if (this.#direction === 0 && isGrpc(value)) this.#grpc ??= new GrpcCall(value);
    } else if (id === GRPC_ENCODING) this.#encoding = value;
    else if (id === GRPC_TIMEOUT) this.#timeout = value;
    else if (this.#direction === 1) {
      if (id === STATUS) this.#status(Number(value));
    } else if (id === METHOD) record.method = value;
    else if (id === PATH) record.uri ??= withoutEscapes(value);
    else if (id === AUTHORITY) record.host = value;
    else if (id === HOST) record.host ??= value;
    else if (id === USER_AGENT) record.user_agent = value;
    else if (id === REFERER) record.referrer = value;
    else if (id === ORIGIN) record.origin = value;
    else if (id === AUTHORIZATION && value !== '') record.username = value;
    else if (id === PROXY) {
      const list = (record.proxied ??= []) as string[];
      if (list.length < proxiesMax) list.push(`${name.toUpperCase()} -> ${value}`);
    }
  }

  #status(code: number): void {
    if (!Number.isInteger(code)) return;
    if (code >= 100 && code < 200) {
      this.record.info_code = code;
      // The final response is still to come.
      this.messages[1].begun = false;
    } else this.record.status_code = code;
  }

  add(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    // RFC 9113 §5.1: nothing of a body comes behind END_STREAM; a file that began there would never end.
    if (this.messages[direction].ended) return;
    // Messages of a call are counted; they are no file, and nobody else reads them.
    if (this.#grpc) this.#grpc.data(direction, bytes, start, end);
    else this.#body(direction).add(bytes, start, end, ts);
  }

  skip(direction: Direction, length: number, ts: Seconds): void {
    if (this.messages[direction].ended) return;
    if (this.#grpc) this.#grpc.skip(direction, length);
    else this.#body(direction).skip(length, ts);
  }

  #body(direction: Direction): Body {
    const message = this.messages[direction];
    if (!message.body) {
      message.body = new Body(this);
      message.body.open(message.coding, /^(?:multipart|message)\//i.test(message.type) ? message.type : undefined, undefined);
      if (isActivity(message.type) || isOfMatrix(this.record.uri)) message.body.leaveUnread();
      if (isDnsMessage(message.type)) this.#readDns(message.body, direction);
    }
    return message.body;
  }

  #readDns(body: Body, direction: Direction): void {
    const { method, uri, ts } = this.record;
    this.#dns ??= new DnsExchange(this.#flow, this.#emit);
    if (direction === 1 && method === 'GET' && uri !== undefined) this.#dns.question(uri, ts);
    body.carriesDns(this.#dns, direction);
  }

  /** Nothing more comes of the stream. */
  finish(ts: Seconds): void {
    this.#dns?.finish(ts);
    const { record, messages } = this;
    if (this.#grpc) {
      record.request_body_len = this.#grpc.bytes(0);
      record.response_body_len = this.#grpc.bytes(1);
    }
    const call = this.#grpc?.record(record, { encoding: this.#encoding, timeout: this.#timeout, ts, isWhole: this.#isWhole });
    const federated = takeFederation(record, isActivity(messages[0].type));
    this.#emit.record('http', record);
    if (call) this.#emit.record('grpc', call);
    if (this.#grpc?.isBroken) this.#emit.weird('gRPC_bad_message', ts);
    if (federated) this.#emit.record('federation', federated);
  }

  /** The body of a direction is over; its length and files enter the record. */
  close(direction: Direction, ts: Seconds, complete: boolean): void {
    const message = this.messages[direction];
    message.ended = true;
    if (!complete) this.#isWhole = false;
    const { body } = message;
    if (!body) return;
    message.body = undefined;
    body.close(ts, complete);
    const { record } = this;
    const { fuids, names, types, length } = body;
    if (direction === 0) {
      record.request_body_len = length;
      if (fuids) record.orig_fuids = fuids;
      if (names) record.orig_filenames = names;
      if (types) record.orig_mime_types = types;
    } else {
      record.response_body_len = length;
      if (fuids) record.resp_fuids = fuids;
      if (names) record.resp_filenames = names;
      if (types) record.resp_mime_types = types;
    }
  }

  // What a body asks.

  file(body: Body, name: string | undefined, _range: string | undefined, whole: boolean, ts: Seconds): FileStream {
    const direction = body === this.messages[0].body ? 0 : 1;
    const { contentLength } = this.messages[direction];
    const origin = { source: 'HTTP', direction, ts, asked: this.record, ...(name === undefined ? {} : { name }) } as const;
    return this.#emit.file(whole && contentLength > 0 ? { ...origin, totalBytes: contentLength } : origin);
  }

  weird(name: string, ts: Seconds): void {
    this.#emit.weird(name, ts);
  }
}

/** The path with its escapes taken out, as in records of HTTP/1. */
function withoutEscapes(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    const bytes = Buffer.from(escapes.replaceAll('%', ''), 'hex');
    return textOf(bytes, 0, bytes.length);
  });
}
