/**
 * HTTP/2 in clear text (RFC 9113), by prior knowledge or after an upgrade from HTTP/1.1. Each stream leaves a record in the
 * `http` log, with version 2.
 *
 *     client  PRI * HTTP/2.0 CRLF CRLF SM CRLF CRLF, then frames          server  frames
 *
 *      0           3      4       5               9
 *     ┌───────────┬──────┬───────┬───────────────┬─────────────┐
 *     │ length    │ type │ flags │ stream        │ length …    │      a frame (§4.1)
 *     └───────────┴──────┴───────┴───────────────┴─────────────┘
 *
 * Blocks of header fields are held until they are whole and decoded by hpack.ts; bodies pass as in HTTP/1.
 */

import type { Seconds } from '@forewarn/base/time';
import { contentLogs } from '../../files/contents/contents.ts';
import type { HttpRecord } from '@forewarn/model/records/network';
import { Portions } from '../portions.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { FieldDecoder, fieldsMax, type FieldTaker, tableBytesMax, valueBytesMax } from './hpack.ts';
import { Stream } from './stream.ts';

/** Servers take blocks of 8 to 64 KiB (nginx 32, Node 64); a longer one would be refused. */
const blockBytesMax = 65_536;

/** Servers allow 100 to 250 streams at a time (nginx 128, Go 250), those of gRPC and Node as many as are asked for. */
const streamsMax = 1_024;

/** Open streams of all flows, about 1 KB each; beyond it a flow keeps few. */
const streamsTotalMax = 131_072;
const streamsFew = 16;

export const limits = [
  {
    name: 'http2.blockBytesMax',
    value: blockBytesMax,
    unit: 'bytes per block of header fields',
    why: 'Servers take 8 to 64 KiB; a longer block ends the reading of its direction.',
  },
  {
    name: 'http2.tableBytesMax',
    value: tableBytesMax,
    unit: 'bytes per direction',
    why: 'Tables have 4,096 bytes by default, and those who raise it without TLS stay below; a greater one ends the reading of its direction.',
  },
  {
    name: 'http2.fieldsMax',
    value: fieldsMax,
    unit: 'fields per block',
    why: 'Servers take about 100; more, each one byte long and standing for kilobytes, serve only to exhaust.',
  },
  {
    name: 'http2.streamsMax',
    value: streamsMax,
    unit: 'open streams per flow',
    why: 'Servers allow 100 to 250 at a time, some as many as are asked for; beyond it the oldest is written as it stands.',
  },
  {
    name: 'http2.streamsTotalMax',
    value: streamsTotalMax,
    unit: 'open streams of all flows',
    why: 'About 1 KB each; beyond it each flow keeps sixteen, and its oldest is written as it stands.',
  },
  { name: 'http2.valueBytesMax', value: valueBytesMax, unit: 'bytes per field', why: 'Zeek 8 cuts text fields at this length.' },
] as const;

const preface = Uint8Array.from(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'));

const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PUSH_PROMISE = 5;
const CONTINUATION = 9;

const END_STREAM = 0x1;
const END_HEADERS = 0x4;
const PADDED = 0x8;
const PRIORITY = 0x20;

type Reading = 'preface' | 'header' | 'block' | 'padding' | 'data' | 'reset';

class Side extends Portions {
  reading: Reading;
  length = 0;
  type = 0;
  flags = 0;
  stream = 0;
  /** Bytes of content left of a DATA frame, and of padding behind them. */
  content = 0;
  padding = 0;
  /** A block that goes on in CONTINUATION frames, the frame that began it, and its stream. */
  block: Uint8Array | undefined = undefined;
  blockLength = 0;
  blockType = 0;
  blockFlags = 0;
  fields: FieldDecoder | undefined = undefined;

  constructor(reading: Reading, bytes: number) {
    super(bytes);
    this.reading = reading;
  }

  ask(reading: Reading, bytes: number): void {
    this.reading = reading;
    this.want(bytes);
  }
}

/** Fields that nobody asks for: their table must be kept in step all the same. */
const nobody: FieldTaker = { field: () => {} };

/** Open streams of all flows. */
let openStreams = 0;

class Http2Parser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Side, Side] = [new Side('preface', preface.length), new Side('header', 9)];
  private readonly streams = new Map<number, Stream>();
  private depth = 0;
  /** Streams that were written; frames that arrive for them later open nothing. */
  private highest: [number, number] = [0, 0];
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit, upgraded: HttpRecord | undefined) {
    this.flow = flow;
    this.emit = emit;
    if (upgraded) this.openUpgraded(upgraded);
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.sides[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    const side = this.sides[direction];
    if (side.reading === 'data' && length <= side.content) {
      this.streams.get(side.stream)?.skip(direction, length, ts);
      side.content -= length;
      if (side.content === 0) this.dataDone(direction, side, ts);
      else side.wantSome(side.content);
      return;
    }
    // The table of header fields is lost with the place; what the other direction says can still be read.
    if (!side.gap(length)) side.stop();
  }

  finish(ts: Seconds): void {
    for (const [number, stream] of this.streams) this.write(number, stream, ts);
    this.sides[0].stop();
    this.sides[1].stop();
  }

  portion(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const side = this.sides[direction];
    switch (side.reading) {
      case 'preface':
        for (let i = 0; i < preface.length; i++) {
          if (bytes[start + i] === preface[i]) continue;
          this.lose(side, 'HTTP2_bad_preface', ts);
          return;
        }
        this.confirm();
        side.ask('header', 9);
        return;
      case 'header':
        this.header(direction, side, bytes, start, ts);
        return;
      case 'block':
        side.ask('header', 9);
        this.fragment(direction, side, bytes, start, end, ts);
        return;
      case 'padding':
        side.padding = bytes[start]!;
        side.content = side.length - 1 - side.padding;
        if (side.content < 0) this.lose(side, 'HTTP2_bad_padding', ts);
        else if (side.content === 0) this.dataDone(direction, side, ts);
        else {
          side.reading = 'data';
          side.wantSome(side.content);
        }
        return;
      case 'data':
        this.streams.get(side.stream)?.add(direction, bytes, start, end, ts);
        side.content -= end - start;
        if (side.content === 0) this.dataDone(direction, side, ts);
        else side.wantSome(side.content);
        return;
      case 'reset': {
        side.ask('header', 9);
        const stream = this.streams.get(side.stream);
        if (stream) this.write(side.stream, stream, ts);
      }
    }
  }

  private header(direction: Direction, side: Side, bytes: Uint8Array, at: number, ts: Seconds): void {
    const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    side.length = length;
    side.type = bytes[at + 3]!;
    side.flags = bytes[at + 4]!;
    side.stream = ((bytes[at + 5]! & 0x7f) << 24) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!;
    const { type, stream } = side;
    // §6.2, §6.10: a block is not interrupted, and what begins a message belongs to a stream.
    const interrupted = (side.block !== undefined) !== (type === CONTINUATION);
    if (
      interrupted ||
      (stream === 0 && (type <= RST_STREAM || type === PUSH_PROMISE)) ||
      (type === SETTINGS && length % 6 !== 0)
    ) {
      this.lose(side, 'HTTP2_bad_frame', ts, String(type));
      return;
    }
    this.confirm();
    if (type === DATA) {
      side.padding = 0;
      side.content = length;
      if (side.flags & PADDED) side.ask('padding', 1);
      else if (length === 0) this.dataDone(direction, side, ts);
      else {
        side.reading = 'data';
        side.wantSome(length);
      }
    } else if (type === HEADERS || type === PUSH_PROMISE || type === CONTINUATION) {
      if (length > blockBytesMax) this.lose(side, 'HTTP2_excessive_header_block', ts);
      else if (length > 0) side.ask('block', length);
      else this.fragment(direction, side, bytes, at, at, ts);
    } else if (type === RST_STREAM && length === 4) side.ask('reset', 4);
    // PRIORITY, SETTINGS, PING, GOAWAY, WINDOW_UPDATE and what later documents add say nothing of messages.
    else side.skip = length;
  }

  /** A whole HEADERS, PUSH_PROMISE or CONTINUATION frame. */
  private fragment(direction: Direction, side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const { type, flags } = side;
    let from = start;
    let to = end;
    if (type !== CONTINUATION) {
      if (flags & PADDED && to > from) to -= bytes[from++]!;
      if (type === HEADERS && flags & PRIORITY) from += 5;
      if (from > to) {
        this.lose(side, 'HTTP2_bad_padding', ts);
        return;
      }
      side.blockType = type;
      side.blockFlags = flags;
      if (flags & END_HEADERS) {
        this.fields(direction, side, bytes, from, to, ts);
        return;
      }
      side.block = bytes.slice(from, to);
      side.blockLength = to - from;
      return;
    }
    let block = side.block!;
    const length = side.blockLength + to - from;
    if (length > blockBytesMax) {
      this.lose(side, 'HTTP2_excessive_header_block', ts);
      return;
    }
    if (length > block.length) {
      // Room for as much again, so that many small frames do not copy the block as often.
      block = new Uint8Array(Math.min(blockBytesMax, length * 2));
      block.set(side.block!.subarray(0, side.blockLength));
      side.block = block;
    }
    block.set(bytes.subarray(from, to), side.blockLength);
    side.blockLength = length;
    if (!(flags & END_HEADERS)) return;
    side.block = undefined;
    this.fields(direction, side, block, 0, length, ts);
  }

  /** A whole block of fields. */
  private fields(direction: Direction, side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let from = start;
    let number = side.stream;
    // A server that pushes sends the request as well as the response (§8.4).
    let speaker = direction;
    if (side.blockType === PUSH_PROMISE) {
      if (end - from < 4) {
        this.lose(side, 'HTTP2_bad_frame', ts, String(PUSH_PROMISE));
        return;
      }
      number = ((bytes[from]! & 0x7f) << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!;
      from += 4;
      speaker = 0;
    }
    const stream = this.streams.get(number) ?? this.open(number, ts);
    stream?.begin(speaker);
    side.fields ??= new FieldDecoder();
    if (!side.fields.decode(bytes, from, end, stream ?? nobody)) {
      this.lose(side, 'HTTP2_bad_header_block', ts);
      return;
    }
    if (!stream) return;
    if (side.blockType === PUSH_PROMISE) stream.close(0, ts, true);
    else if (side.blockFlags & END_STREAM) this.ended(direction, number, stream, ts);
  }

  private dataDone(direction: Direction, side: Side, ts: Seconds): void {
    side.skip = side.padding;
    side.ask('header', 9);
    const stream = this.streams.get(side.stream);
    if (stream && side.flags & END_STREAM) this.ended(direction, side.stream, stream, ts);
  }

  private ended(direction: Direction, number: number, stream: Stream, ts: Seconds): void {
    stream.close(direction, ts, true);
    if (stream.messages[0].ended && stream.messages[1].ended) this.write(number, stream, ts);
  }

  /** Numbers of streams only grow, those of the client odd and those of the server even (§5.1.1). */
  private open(number: number, ts: Seconds): Stream | undefined {
    const parity = number & 1;
    if (number <= this.highest[parity]!) return undefined;
    this.highest[parity] = number;
    if (this.streams.size >= (openStreams < streamsTotalMax ? streamsMax : streamsFew)) {
      const [[oldest, stream]] = this.streams as unknown as [[number, Stream]];
      this.write(oldest, stream, ts);
      if (!this.told) this.emit.weird('HTTP2_excessive_streams', ts);
      this.told = true;
    }
    const record = this.flow.head(ts) as HttpRecord;
    record.trans_depth = ++this.depth;
    record.version = '2';
    record.request_body_len = 0;
    record.response_body_len = 0;
    const stream = new Stream(record, this.flow, this.emit);
    this.streams.set(number, stream);
    openStreams++;
    return stream;
  }

  /** The request that asked for the upgrade is answered in stream 1 (RFC 7540 §3.2). */
  private openUpgraded(asked: HttpRecord): void {
    const stream = this.open(1, asked.ts)!;
    const { record } = stream;
    for (const name of ['method', 'host', 'uri', 'user_agent', 'referrer', 'origin', 'username'] as const) {
      const value = asked[name];
      if (value !== undefined) record[name] = value;
    }
    stream.close(0, asked.ts, true);
  }

  private write(number: number, stream: Stream, ts: Seconds): void {
    for (const direction of [0, 1] as const) if (!stream.messages[direction].ended) stream.close(direction, ts, false);
    this.streams.delete(number);
    openStreams--;
    stream.finish(ts);
  }

  private lose(side: Side, weird: string, ts: Seconds, addl?: string): void {
    this.emit.weird(weird, ts, addl);
    side.block = undefined;
    side.stop();
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm('http2');
  }
}

/** Reads what follows an upgrade from HTTP/1.1; `asked` is the record of the request that asked for it. */
export function openHttp2(flow: FlowView, emit: Emit, asked?: HttpRecord): ProtocolParser {
  return new Http2Parser(flow, emit, asked);
}

/** The preface of the client; a server may send its settings before it. */
function probe(bytes: Uint8Array, start: number, end: number, direction: Direction, _usualPort: boolean): Probe {
  const have = end - start;
  if (direction === 1) {
    for (const [at, byte] of settingsHead) if (have > at && bytes[start + at] !== byte) return 'no';
    return have > 2 && bytes[start + 2]! % 6 !== 0 ? 'no' : 'more';
  }
  const length = Math.min(have, preface.length);
  for (let i = 0; i < length; i++) if (bytes[start + i] !== preface[i]) return 'no';
  return length === preface.length ? 'yes' : 'more';
}

/** The bytes that every first SETTINGS frame has: a short length, its type, no flags, stream 0. */
const settingsHead: readonly (readonly [at: number, byte: number])[] = [
  [0, 0],
  [1, 0],
  [3, SETTINGS],
  [4, 0],
  [5, 0],
  [6, 0],
  [7, 0],
  [8, 0],
];

export const http2: Protocol = {
  service: 'http2',
  logs: ['http', 'files', ...contentLogs, 'dns', 'grpc', 'federation'],
  transports: ['tcp'],
  ports: [80, 8080],
  probe,
  open: (flow, emit) => new Http2Parser(flow, emit, undefined),
};
