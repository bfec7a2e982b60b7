/**
 * RTP and RTCP (RFC 3550): how much of each media stream arrived and how evenly, and what the ends reported of it. Media are passed
 * over; names, telephone numbers, notes and locations in source descriptions are not read.
 *
 *      0        1            2          4           8       12
 *     ┌────────┬────────────┬──────────┬───────────┬───────┬────────────┐
 *     │ V P X C│ M type     │ sequence │ timestamp │ SSRC  │ media …    │   RTP, types below 64 and above 95
 *     │ V P   n│ type 200…  │ words    │ SSRC      │ reports …          │   RTCP; several follow one another
 *     └────────┴────────────┴──────────┴───────────┴───────┴────────────┘
 *
 * A transport stream (RFC 2250) is read as one (`mpeg_ts`). Most streams are announced (SIP, RTSP); others are told by their reports, or by the fixed sizes of telephone codecs.
 */

import type { Seconds } from '@forewarn/base/time';
import type { RtcpRecord } from '@forewarn/model/records/telecom';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { Budget } from '../mpeg_ts/budget.ts';
import { packetsIn } from '../mpeg_ts/mpeg_ts.ts';
import { TransportStream } from '../mpeg_ts/stream.ts';
import { clockRateOf, Stream } from './stream.ts';

const streamsMax = 64;
const reportersMax = 128;
const strangersMax = 3;
/** A power of two. */
const runsMax = 4_096;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'rtp.streamsMax',
    value: streamsMax,
    unit: 'streams per flow and direction',
    why: 'A call has one or two; a conference bridge sends one for each speaker. Beyond it packets are not counted.',
  },
  {
    name: 'rtp.reportersMax',
    value: reportersMax,
    unit: 'pairs of reporter and source per flow',
    why: 'Twice the streams; further reports are passed over.',
  },
  {
    name: 'rtp.strangersMax',
    value: strangersMax,
    unit: 'datagrams that are no media',
    why: 'Two may be lost keep-alives; after a third before any stream the flow is shown to the other protocols.',
  },
  {
    name: 'rtp.runsMax',
    value: runsMax,
    unit: 'sources of undecided flows',
    why: 'Three packets of a stream decide, so that each waits some 40 ms; more at a time push one another out, and stay unknown.',
  },
] as const;

/** Payload type of MPEG transport streams (RFC 3551 table 5); dynamic ones are told by their content. */
const MP2T = 33;
const syncByte = 0x47;

const SENDER_REPORT = 200;
const BYE = 203;

class RtpParser implements ProtocolParser {
  readonly #flow: FlowView;
  readonly #emit: Emit;
  readonly #streams: [Map<number, Stream>, Map<number, Stream>] = [new Map(), new Map()];
  #reports: Map<string, RtcpRecord> | undefined;
  /** Transport streams by direction and source. */
  #transports: Map<string, TransportStream> | undefined;
  readonly #budget: Budget;
  #confirmed = false;
  #strangers = 0;
  #told = false;

  constructor(flow: FlowView, emit: Emit, budget: Budget) {
    this.#flow = flow;
    this.#emit = emit;
    this.#budget = budget;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const first = bytes[start]!;
    if (isRtcp(bytes, start, end)) this.#control(direction, bytes, start, end, ts);
    else if (first >> 6 === 2 && end - start >= 12) this.#media(direction, bytes, start, end, ts);
    else if (this.#confirmed || isStun(bytes, start, end)) return;
    // What else shares a port with RTP is told by its first byte (RFC 7983).
    else if (first >= 20 && first <= 63) this.#emit.giveWay(start, 'dtls');
    else this.#stranger(start);
  }

  /** A datagram that is no media: an announcement shall not hide a flow of something else. */
  #stranger(start: number): void {
    if (!this.#confirmed && ++this.#strangers >= strangersMax) this.#emit.giveWay(start);
  }

  gap(): void {}

  finish(): void {
    for (const direction of [0, 1] as const) {
      for (const [ssrc, stream] of this.#streams[direction]) {
        // A single packet is no stream: it shows neither loss nor order (RFC 3550 A.1).
        if (stream.packets < 2 || !this.#confirmed) continue;
        this.#emit.record('rtp', stream.record(this.#flow.head(stream.began), direction === 0, ssrc));
      }
      this.#streams[direction].clear();
    }
    for (const record of this.#reports?.values() ?? []) this.#emit.record('rtcp', record);
    this.#reports = undefined;
    for (const transport of this.#transports?.values() ?? []) transport.finish();
    this.#transports = undefined;
  }

  #confirm(): void {
    if (this.#confirmed) return;
    this.#confirmed = true;
    this.#emit.confirm();
  }

  #media(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const payload = payloadAt(bytes, start, end);
    if (payload < 0) {
      this.#stranger(start);
      if (this.#confirmed && !this.#told) {
        this.#told = true;
        this.#emit.weird('rtp_malformed_packet', ts);
      }
      return;
    }
    const padding = bytes[start]! & 0x20 ? bytes[end - 1]! : 0;
    const ssrc = word(bytes, start + 8);
    const streams = this.#streams[direction];
    let stream = streams.get(ssrc);
    const type = bytes[start + 1]! & 0x7f;
    const sequence = (bytes[start + 2]! << 8) | bytes[start + 3]!;
    if (!stream) {
      if (streams.size >= streamsMax) return;
      stream = new Stream(sequence, ts);
      streams.set(ssrc, stream);
    } else if (stream.follows(sequence)) this.#confirm();
    else this.#stranger(start);
    const rate = this.#flow.announced?.clockRates?.get(type) ?? clockRateOf(type);
    const media = Math.max(0, end - payload - padding);
    stream.packet(sequence, word(bytes, start + 4), type, rate, media, ts);
    if (bytes[payload] === syncByte && (type === MP2T || type >= 96))
      this.#transport(direction, ssrc, type, bytes, payload, payload + media, ts);
  }

  /** Packets of a transport stream, told as they arrive: what the network loses, doubles or turns round shows in their counters. */
  #transport(direction: Direction, ssrc: number, type: number, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const transports = (this.#transports ??= new Map());
    const key = `${direction} ${ssrc}`;
    let transport = transports.get(key);
    if (!transport) {
      if (transports.size >= streamsMax || packetsIn(bytes, start, end) < (type === MP2T ? 1 : 2)) return;
      transport = new TransportStream(
        {
          head: (at) => this.#flow.head(at),
          record: (log, record) => this.#emit.record(log, record),
          isOrig: direction === 0,
          carriage: 'rtp',
          ssrc,
        },
        this.#budget,
      );
      transports.set(key, transport);
      this.#emit.confirm('mpeg_ts');
    }
    transport.packets(bytes, start, end, ts);
  }

  #control(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.#confirm();
    for (let at = start; at + 8 <= end; at += 4 + (((bytes[at + 2]! << 8) | bytes[at + 3]!) << 2)) {
      const stop = Math.min(end, at + 4 + (((bytes[at + 2]! << 8) | bytes[at + 3]!) << 2));
      const type = bytes[at + 1]!;
      const count = bytes[at]! & 31;
      if (type === BYE) {
        const ssrc = word(bytes, at + 4);
        for (const record of this.#reports?.values() ?? []) {
          if (record.ssrc === ssrc && record.is_orig === (direction === 0)) record.bye = true;
        }
      }
      if (type !== SENDER_REPORT && type !== SENDER_REPORT + 1) continue;
      const ssrc = word(bytes, at + 4);
      const sends = type === SENDER_REPORT && at + 28 <= stop;
      let block = at + (type === SENDER_REPORT ? 28 : 8);
      if (count === 0 || block + 24 > stop) {
        this.#sent(this.#report(direction, ssrc, undefined, ts), bytes, at, sends);
        continue;
      }
      for (let i = 0; i < count && block + 24 <= stop; i++, block += 24) {
        const record = this.#report(direction, ssrc, word(bytes, block), ts);
        this.#sent(record, bytes, at, sends);
        if (!record) continue;
        const fraction = bytes[block + 4]! / 256;
        record.fraction_lost_max = Math.max(record.fraction_lost_max ?? 0, fraction);
        record.lost = ((bytes[block + 5]! << 24) | (bytes[block + 6]! << 16) | (bytes[block + 7]! << 8)) >> 8;
        record.jitter_units = word(bytes, block + 12);
      }
    }
  }

  #sent(record: RtcpRecord | undefined, bytes: Uint8Array, at: number, sends: boolean): void {
    if (!record || !sends) return;
    record.sender_packets = word(bytes, at + 20);
    record.sender_bytes = word(bytes, at + 24);
  }

  #report(direction: Direction, ssrc: number, source: number | undefined, ts: Seconds): RtcpRecord | undefined {
    const reports = (this.#reports ??= new Map());
    const key = `${direction} ${ssrc} ${source ?? ''}`;
    let record = reports.get(key);
    if (!record) {
      if (reports.size >= reportersMax) return undefined;
      record = this.#flow.head(ts) as RtcpRecord;
      record.is_orig = direction === 0;
      record.ssrc = ssrc;
      if (source !== undefined) record.source = source;
      record.reports = 0;
      record.bye = false;
      reports.set(key, record);
    }
    record.reports++;
    return record;
  }
}

const word = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

/** Where the media begin, behind the contributing sources and the extension; -1 where they cannot. */
function payloadAt(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start]!;
  let at = start + 12 + ((first & 15) << 2);
  if (first & 0x10) {
    if (at + 4 > end) return -1;
    at += 4 + (((bytes[at + 2]! << 8) | bytes[at + 3]!) << 2);
  }
  if (at > end) return -1;
  return first & 0x20 && (at === end || bytes[end - 1] === 0 || at + bytes[end - 1]! > end) ? -1 : at;
}

/** Whether the datagram is RTCP: types 192 to 223 (RFC 5761 §4), of which the first is one, and lengths that end within the datagram. */
function isRtcp(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 8 || bytes[start]! >> 6 !== 2) return false;
  const type = bytes[start + 1]!;
  if (type < 200 || type > 207) return false;
  const length = 4 + (((bytes[start + 2]! << 8) | bytes[start + 3]!) << 2);
  return start + length <= end && (start + length === end || start + length + 8 > end || bytes[start + length]! >> 6 === 2);
}

/** STUN, which opens the way for media (RFC 8489 §5): two zero bits, and its cookie. */
const isStun = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= 20 && bytes[start]! >> 6 === 0 && word(bytes, start + 4) === 0x2112_a442;

/** Sender or receiver reports that fill the datagram to its end, whose counts fit their lengths. */
function isWholeRtcp(bytes: Uint8Array, start: number, end: number): boolean {
  const type = bytes[start + 1]!;
  const least = type === 200 ? 28 : 8;
  if (type !== 200 && type !== 201) return false;
  for (let at = start, n = 0; at < end; n++) {
    if (at + 4 > end || bytes[at]! >> 6 !== 2 || bytes[at + 1]! < 200 || bytes[at + 1]! > 207) return false;
    const length = 4 + (((bytes[at + 2]! << 8) | bytes[at + 3]!) << 2);
    if (n === 0 && length < least + (bytes[at]! & 31) * 24) return false;
    at += length;
    if (at > end) return false;
  }
  return true;
}

/** Sizes of telephone codecs whose frames are fixed (RFC 3551 §4.5): bytes of a frame, and the most of them in a packet. */
function isTelephony(type: number, length: number): boolean {
  switch (type) {
    case 0:
    case 8:
    case 9:
      // PCMU, PCMA, G.722: 80 bytes are 10 ms.
      return length >= 80 && length <= 480 && length % 80 === 0;
    case 3:
      // GSM full rate.
      return length === 33 || length === 66;
    case 18:
      // G.729, ten bytes for 10 ms.
      return length === 20 || length === 40;
    default:
      return false;
  }
}

/**
 * Packets that may be RTP, by their source: three in a row with the same source and type, numbers that follow one another and timestamps
 * that go on are a stream. A datagram alone does not show that, and where it belongs is not known to who is asked; the source,
 * 32 random bits, says it well enough.
 */
class Runs {
  /** Source, number and type, timestamp, how many in a row. */
  readonly #table = new Int32Array(runsMax * 4);

  /** Whether the packet is the third of a run. */
  third(bytes: Uint8Array, start: number): boolean {
    const table = this.#table;
    const ssrc = word(bytes, start + 8) | 0;
    const place = ((Math.imul(ssrc, 0x9e37_79b1) >>> 20) & (runsMax - 1)) << 2;
    const type = bytes[start + 1]! & 0x7f;
    const sequence = (bytes[start + 2]! << 8) | bytes[start + 3]!;
    const timestamp = word(bytes, start + 4) | 0;
    const ahead = (sequence - table[place + 1]!) & 0xffff;
    const elapsed = (timestamp - table[place + 2]!) | 0;
    const follows =
      table[place] === ssrc &&
      table[place + 1]! >> 16 === type &&
      ahead >= 1 &&
      ahead <= 4 &&
      elapsed >= 0 &&
      elapsed < 0x0100_0000;
    const count = follows ? table[place + 3]! + 1 : 1;
    table[place] = ssrc;
    table[place + 1] = (type << 16) | sequence;
    table[place + 2] = timestamp;
    table[place + 3] = count;
    return count >= 3;
  }
}

/** Types in use (RFC 3551 §6): below 35, and the dynamic ones. Those between would be RTCP's with the marker. */
const isMediaType = (type: number): boolean => type < 35 || type >= 96;

function make(): Protocol {
  const runs = new Runs();
  const budget = new Budget();
  return {
    service: 'rtp',
    logs: ['rtp', 'rtcp', 'mpeg_ts', 'mpeg_ts_fault'],
    transports: ['udp'],
    ports: [5004, 5005],
    probe: (bytes, start, end, _direction, usualPort) => probe(runs, bytes, start, end, usualPort),
    open: (flow, emit) => new RtpParser(flow, emit, budget),
    anew: make,
  };
}

function probe(runs: Runs, bytes: Uint8Array, start: number, end: number, usualPort: boolean): Probe {
  if (bytes[start]! >> 6 !== 2) return 'no';
  if (isWholeRtcp(bytes, start, end)) return 'yes';
  const type = bytes[start + 1]! & 0x7f;
  if (end - start < 12 || !isMediaType(type) || payloadAt(bytes, start, end) < 0) return 'no';
  if (usualPort || (bytes[start] === 0x80 && isTelephony(type, end - start - 12))) return 'yes';
  // Packets of 188 bytes, each with its sync byte, behind the type that says so: nothing else looks like it.
  if (type === MP2T && bytes[start + 12] === syncByte && packetsIn(bytes, start + 12, end) >= 2) return 'yes';
  // A source of zero is none that a sender chose at random.
  return word(bytes, start + 8) !== 0 && runs.third(bytes, start) ? 'yes' : 'no';
}

export const rtp: Protocol = make();
