/**
 * DNP3 (IEEE 1815-2012) over TCP and UDP, written as Zeek's `dnp3.log` writes it: a request and its response in one record. Of the
 * objects that a fragment names `dnp3_objects` is written, of controls `dnp3_control`, both with icsnpp-dnp3's names.
 */

import type { Seconds } from '@forewarn/base/time';
import type { Dnp3ControlRecord, Dnp3ObjectsRecord, Dnp3Record } from '@forewarn/model/records/control';
import { Frames, type FrameTaker } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { functionName, objectName, objectSize, operationName, statusName, tripName } from './codes.ts';
import { checked, Fragment, frameBytesMax, frameLength, linkHeadBytes } from './link.ts';

/** IEEE 1815-2012 §4.2.1.4: a master may send and receive 2,048 bytes unless devices are set up otherwise. */
const fragmentBytesMax = 4_096;

/** Object headers of a fragment: each has at least three bytes, and devices ask for some ten. */
const objectsMax = 64;

/** Controls of a fragment: as many points as one request names in practice; 300 fit. */
const controlsMax = 100;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'dnp3.fragmentBytesMax',
    value: fragmentBytesMax,
    unit: 'bytes per direction',
    why: 'IEEE 1815-2012 §4.2.1.4 has fragments of 2,048 bytes; what a larger one holds behind twice that is not looked at.',
  },
  {
    name: 'dnp3.objectsMax',
    value: objectsMax,
    unit: 'object headers per fragment',
    why: 'Requests name some ten; the rest of a fragment with more is not written.',
  },
  {
    name: 'dnp3.controlsMax',
    value: controlsMax,
    unit: 'controls per fragment',
    why: 'A request operates one point or a few; a fragment has room for 300.',
  },
] as const;

class Dnp3Parser implements ProtocolParser, FrameTaker {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Frames, Frames] = [new Frames(frameBytesMax), new Frames(frameBytesMax)];
  private readonly fragments: readonly [Fragment, Fragment] = [new Fragment(fragmentBytesMax), new Fragment(fragmentBytesMax)];
  /** A request that has no response yet. */
  private waiting: Dnp3Record | undefined;
  /** Stations of the latest frame. */
  private source = 0;
  private destination = 0;
  private confirmed = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.sides[direction].feed(this, direction, bytes, start, end, ts);
    // A datagram holds whole frames.
    if (this.flow.transport === 'udp' && this.sides[direction].midway) {
      this.sides[direction].gap(this, direction, frameBytesMax, ts);
    }
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.sides[direction].gap(this, direction, length, ts);
  }

  finish(_ts: Seconds): void {
    if (this.waiting) this.emit.record('dnp3', this.waiting);
    this.waiting = undefined;
  }

  // ---- frames -----------------------------------------------------------------------------------------------------

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    return frameLength(bytes, start, end);
  }

  frameShown(_bytes: Uint8Array, _start: number, _end: number, length: number): number {
    return length;
  }

  frameRest(): void {}
  frameMissing(): void {}

  frameLost(direction: Direction, gap: boolean, ts: Seconds): void {
    this.fragments[direction].lose();
    if (!gap) this.emit.weird('dnp3_header_lacks_magic', ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return end - start >= linkHeadBytes && frameLength(bytes, start, end) > 0 && checked(bytes, start, start + 8);
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, _length: number, ts: Seconds): void {
    const fragment = this.fragments[direction];
    if (!checked(bytes, start, start + 8)) {
      fragment.lose();
      this.emit.weird('dnp3_corrupt_header_checksum', ts);
      return;
    }
    for (let block = start + linkHeadBytes; block < end; block += 18) {
      if (checked(bytes, block, Math.min(block + 16, end - 2))) continue;
      fragment.lose();
      this.emit.weird('dnp3_corrupt_data_checksum', ts);
      return;
    }
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    this.destination = bytes[start + 4]! | (bytes[start + 5]! << 8);
    this.source = bytes[start + 6]! | (bytes[start + 7]! << 8);
    const taken = fragment.take(bytes, start, end);
    if (taken === 'lost') this.emit.weird('dnp3_fragment_out_of_order', ts);
    else if (taken === 'complete') this.application(direction, fragment.bytes, fragment.length, ts);
  }

  // ---- fragments --------------------------------------------------------------------------------------------------

  private application(direction: Direction, bytes: Uint8Array, length: number, ts: Seconds): void {
    if (length < 2) {
      this.emit.weird('dnp3_truncated_message', ts);
      return;
    }
    const code = bytes[1]!;
    // Who began the connection may be the master or, with something to report, the outstation: the function tells.
    const isResponse = code >= 128;
    if (isResponse && length < 4) {
      this.emit.weird('dnp3_truncated_message', ts, functionName(code));
      return;
    }
    const master = isResponse ? this.destination : this.source;
    const outstation = isResponse ? this.source : this.destination;
    // A request that gets no response – there are functions without one – and what another station answers are records of their own.
    if (this.waiting && !(isResponse && answers(this.waiting, master, outstation))) {
      this.emit.record('dnp3', this.waiting);
      this.waiting = undefined;
    }
    const record = this.waiting ?? (this.flow.head(ts) as Dnp3Record);
    record.ts = ts;
    if (isResponse) {
      record.fc_reply = functionName(code);
      record.iin = (bytes[2]! << 8) | bytes[3]!;
    } else record.fc_request = functionName(code);
    record.master_address = master;
    record.outstation_address = outstation;
    this.waiting = isResponse ? undefined : record;
    if (isResponse) this.emit.record('dnp3', record);
    this.objects(direction, bytes, isResponse ? 4 : 2, length, code, ts);
  }

  /** The object headers of a fragment (IEEE 1815-2012 §4.2.2.7), as far as the sizes of what stands between them are known. */
  private objects(direction: Direction, bytes: Uint8Array, from: number, end: number, code: number, ts: Seconds): void {
    const named = functionName(code);
    let at = from;
    let controls = 0;
    for (let n = 0; n < objectsMax && at + 3 <= end; n++) {
      const group = bytes[at]!;
      const variation = bytes[at + 1]!;
      const header = readRange(bytes, at + 2, end);
      if (!header) {
        this.emit.weird('dnp3_truncated_message', ts, named);
        return;
      }
      const record = this.flow.head(ts) as Dnp3ObjectsRecord;
      record.function_code = named;
      record.object_type = objectName(group, variation);
      if (header.count !== undefined) record.object_count = header.count;
      if (header.low !== undefined) {
        record.range_low = header.low;
        record.range_high = header.high!;
      }
      this.emit.record('dnp3_objects', record);
      at = header.next;
      if (!holdsObjects(code, group)) continue;
      if (header.count === undefined) return;
      if (header.sized > 0) {
        for (let i = 0; i < header.count && at + header.sized <= end; i++) {
          at += header.sized + littleEndian(bytes, at, header.sized);
        }
        continue;
      }
      const size = objectSize(group, variation);
      if (size === undefined) return;
      if (size < 0) {
        at += Math.ceil((header.count * -size) / 8);
        continue;
      }
      const each = size + header.prefix;
      if (group === 12 && variation <= 2) {
        for (let i = 0; i < header.count && at + (i + 1) * each <= end; i++) {
          if (controls++ >= controlsMax) return;
          this.control(direction, bytes, at + i * each, header, i, variation, code, ts);
        }
      }
      at += header.count * each;
    }
  }

  /** A control relay output block, or a pattern control block (IEEE 1815-2012 A.8.1, A.8.2). */
  private control(
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    header: Range,
    index: number,
    variation: number,
    functionCode: number,
    ts: Seconds,
  ): void {
    const at = start + header.prefix;
    const code = bytes[at]!;
    const record = this.flow.head(ts) as Dnp3ControlRecord;
    record.is_orig = direction === 0;
    record.block_type = variation === 1 ? 'Control Relay Output Block' : 'Pattern Control Block';
    record.function_code = functionName(functionCode);
    record.index_number = header.prefix > 0 ? littleEndian(bytes, start, header.prefix) : (header.low ?? 0) + index;
    record.trip_control_code = tripName(code);
    record.operation_type = operationName(code);
    record.clear_bit = (code & 0x20) !== 0;
    record.execute_count = bytes[at + 1]!;
    record.on_time = littleEndian(bytes, at + 2, 4);
    record.off_time = littleEndian(bytes, at + 6, 4);
    if (functionCode >= 128) record.status_code = statusName(bytes[at + 10]!);
    this.emit.record('dnp3_control', record);
  }
}

type Range = {
  /** Where what the header names begins. */
  next: number;
  /** How many objects; absent for all of them. */
  count: number | undefined;
  low: number | undefined;
  high: number | undefined;
  /** Bytes of the index before each object, or of its size. */
  prefix: number;
  sized: number;
};

/** Whether a response is between the stations of a request, or to one that was for all (IEEE 1815-2012 §9.2.5.4). */
const answers = (request: Dnp3Record, master: number, outstation: number): boolean =>
  request.master_address === master && (request.outstation_address === outstation || request.outstation_address! >= 0xfffd);

/** Qualifier and range at `at`; undefined where they are cut or none that the standard knows. */
function readRange(bytes: Uint8Array, at: number, end: number): Range | undefined {
  const qualifier = bytes[at]!;
  const prefixes = (qualifier >> 4) & 7;
  const prefix = [0, 1, 2, 4][prefixes] ?? 0;
  const sized = [0, 0, 0, 0, 1, 2, 4][prefixes];
  const code = qualifier & 15;
  const width = [1, 2, 4, 1, 2, 4, 0, 1, 2, 4, 0, 1][code];
  if (width === undefined || sized === undefined || (qualifier & 0x80) !== 0) return undefined;
  const range = at + 1;
  if (code === 6) return { next: range, count: undefined, low: undefined, high: undefined, prefix, sized };
  if (code <= 5) {
    const next = range + 2 * width;
    if (next > end) return undefined;
    const low = littleEndian(bytes, range, width);
    const high = littleEndian(bytes, range + width, width);
    // Codes 3 to 5 name places in the device's memory, which are no indexes, but count alike.
    return high < low ? undefined : { next, count: high - low + 1, low, high, prefix, sized };
  }
  const next = range + width;
  if (code === 10 || next > end) return undefined;
  const count = littleEndian(bytes, range, width);
  return { next, count, low: undefined, high: undefined, prefix, sized };
}

function littleEndian(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
}

/** Functions that name objects and hold none: to read, to freeze, to switch reports, to assign classes. */
const namesOnly: ReadonlySet<number> = new Set([1, 7, 8, 9, 10, 20, 21, 22]);

/** Whether data follow the object header. Of classes nothing does. */
const holdsObjects = (code: number, group: number): boolean => group !== 60 && !namesOnly.has(code);

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const have = end - start;
  if (bytes[start] !== 0x05) return 'no';
  if (have > 1 && bytes[start + 1] !== 0x64) return 'no';
  if (have > 2 && bytes[start + 2]! < 5) return 'no';
  if (have < linkHeadBytes) return 'more';
  // Sixteen bits of magic and sixteen of checksum are proof anywhere; on its own port the magic is enough, and a wrong sum odd.
  return usualPort || checked(bytes, start, start + 8) ? 'yes' : 'no';
}

export const dnp3: Protocol = {
  service: 'dnp3',
  logs: ['dnp3', 'dnp3_control', 'dnp3_objects'],
  transports: ['tcp', 'udp'],
  ports: [19_999, 20_000],
  probe,
  open: (flow, emit) => new Dnp3Parser(flow, emit),
};
