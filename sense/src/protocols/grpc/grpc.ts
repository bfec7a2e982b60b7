/**
 * A call of gRPC by its shape: which method of which service, how many messages of what size went each way, and how it ended. The messages themselves are
 * never looked into.
 *
 *      0            1                 5
 *     ┌────────────┬─────────────────┬───────────┐
 *     │ compressed │ length (32 bit) │ message … │      "Length-Prefixed-Message" (gRPC over HTTP/2)
 *     └────────────┴─────────────────┴───────────┘
 *
 * A stream of HTTP/2 is a call when its request says so by its content type; http2/stream.ts hands the bodies on.
 */

import type { HttpRecord } from '@forewarn/model/records/network';
import type { GrpcRecord } from '@forewarn/model/records/grpc';
import type { Seconds } from '@forewarn/base/time';
import type { Direction } from '../protocol.ts';

/** `application/grpc`, with the coding of its messages behind it (`+proto`), and its form for browsers. In Base64 nothing can be counted. */
export const isGrpc = (contentType: string): boolean => /^application\/grpc(?:-web)?(?:[+;]|$)/i.test(contentType);

const prefixBytes = 5;

/** The bit by which the form for browsers marks its trailers, which stand in the body there (PROTOCOL-WEB.md). */
const trailerBit = 0x80;

/** Codes by name (google.rpc.Code). */
const statusNames = ['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED']; // oxfmt-ignore

/** Seconds of each unit of a timeout. */
const timeoutUnits: { readonly [unit: string]: number } = { H: 3600, M: 60, S: 1, m: 1e-3, u: 1e-6, n: 1e-9 };

/** The messages of one direction. */
class Messages {
  count = 0;
  compressed = 0;
  /** Bytes of messages, and of the largest. */
  size = 0;
  largest = 0;
  /** Bytes of the body. */
  bytes = 0;
  /** Bytes left of the message at hand. */
  #left = 0;
  /** How much of the prefix has come, and what it says so far. */
  #have = 0;
  #flags = 0;
  #length = 0;
  /** A gap or nonsense: where the next message begins is not known any more. */
  lost = false;
  broken = false;

  data(bytes: Uint8Array, start: number, end: number): void {
    this.bytes += end - start;
    let at = start;
    while (at < end && !this.lost) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, end - at);
        this.#left -= passed;
        at += passed;
        continue;
      }
      const byte = bytes[at++]!;
      if (this.#have === 0) {
        // One bit is defined, and one more in the form for browsers.
        if ((byte & ~(trailerBit | 1)) !== 0) {
          this.lost = true;
          this.broken = true;
          return;
        }
        this.#flags = byte;
        this.#length = 0;
      } else this.#length = this.#length * 256 + byte;
      if (++this.#have < prefixBytes) continue;
      this.#have = 0;
      this.#left = this.#length;
      if (this.#flags & trailerBit) continue;
      this.count++;
      this.compressed += this.#flags & 1;
      this.size += this.#length;
      this.largest = Math.max(this.largest, this.#length);
    }
  }

  skip(length: number): void {
    this.bytes += length;
    if (length <= this.#left) this.#left -= length;
    else this.lost = true;
  }
}

export class GrpcCall {
  readonly #type: string;
  readonly #messages: readonly [Messages, Messages] = [new Messages(), new Messages()];
  #status: number | undefined;

  constructor(type: string) {
    this.#type = type;
  }

  /** Bytes that are no message were met. */
  get isBroken(): boolean {
    return this.#messages[0].broken || this.#messages[1].broken;
  }

  bytes(direction: Direction): number {
    return this.#messages[direction].bytes;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number): void {
    this.#messages[direction].data(bytes, start, end);
  }

  /** Bytes that are missing from the capture. */
  skip(direction: Direction, length: number): void {
    this.#messages[direction].skip(length);
  }

  /** `grpc-status`, in the trailers or, where nothing else comes, in the only fields. */
  status(value: string): void {
    if (/^\d{1,3}$/.test(value)) this.#status = Number(value);
  }

  record(http: HttpRecord, of: { encoding: string; timeout: string; ts: Seconds; isWhole: boolean }): GrpcRecord {
    const [requests, responses] = this.#messages;
    // Names of packages, services and methods as Protocol Buffers allow them; anything else is not one of them and may hold data.
    const [, service, method] = /^\/([A-Za-z_][\w.-]{0,255})\/([A-Za-z_]\w{0,255})$/.exec(http.uri ?? '') ?? [];
    const [, amount, unit] = /^(\d{1,8})([HMSmun])$/.exec(of.timeout) ?? [];
    const record: GrpcRecord = {
      ts: http.ts,
      uid: http.uid,
      'id.orig_h': http['id.orig_h'],
      'id.orig_p': http['id.orig_p'],
      'id.resp_h': http['id.resp_h'],
      'id.resp_p': http['id.resp_p'],
      trans_depth: http.trans_depth,
      content_type: this.#type.slice(0, 128),
      streaming: streamingOf(requests.count, responses.count),
      request_messages: requests.count,
      response_messages: responses.count,
      request_message_bytes: requests.size,
      response_message_bytes: responses.size,
      request_message_max: requests.largest,
      response_message_max: responses.largest,
      complete: of.isWhole && !requests.lost && !responses.lost,
      duration: Math.max(0, Math.round((of.ts - http.ts) * 1e6) / 1e6),
    };
    const put = (name: 'host' | 'service' | 'method' | 'encoding' | 'status_name', value: string | undefined): void => {
      if (value !== undefined && value !== '') record[name] = value;
    };
    put('host', http.host);
    put('service', service);
    put('method', method);
    put('encoding', /^[\w.-]{1,32}$/.exec(of.encoding)?.[0]);
    if (requests.compressed + responses.compressed > 0) record.compressed_messages = requests.compressed + responses.compressed;
    if (unit !== undefined) record.timeout = Math.round(Number(amount) * timeoutUnits[unit]! * 1e9) / 1e9;
    if (http.status_code !== undefined) record.http_status = http.status_code;
    if (this.#status !== undefined) record.status = this.#status;
    put('status_name', this.#status === undefined ? undefined : statusNames[this.#status]);
    return record;
  }
}

/** Which side sent more than one message; a stream with a single one looks like none. */
function streamingOf(requests: number, responses: number): string {
  if (requests > 1) return responses > 1 ? 'both' : 'client';
  return responses > 1 ? 'server' : 'none';
}
