/**
 * Synchrophasors of grids (IEEE C37.118.2) over TCP and UDP, written with the logs of icsnpp-synchrophasor.
 *
 *      0    1               2        4     6         10
 *     ┌────┬──────┬────────┬────────┬─────┬─────────┬──────────────────┬──────┬───────┐
 *     │ AA │ type │ version│ length │ id  │ seconds │ quality, fraction│ data │ CRC   │   numbers have their highest byte first
 *     └────┴──────┴────────┴────────┴─────┴─────────┴──────────────────┴──────┴───────┘
 */

import type { Seconds } from '@forewarn/base/time';
import type {
  SynchrophasorCfgRecord,
  SynchrophasorCmdRecord,
  SynchrophasorDataRecord,
  SynchrophasorRecord,
} from '@forewarn/model/records/synchrophasor';
import { Frames, type FrameTaker } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { textOf } from '../text.ts';

/** A configuration of some twelve units. */
const shownBytesMax = 8_192;

/** Names of channels of one configuration. */
const namesMax = 512;

/** Streams that one flow's summary names. */
const streamsMax = 16;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'synchrophasor.shownBytesMax',
    value: shownBytesMax,
    unit: 'bytes of a frame, per direction',
    why: 'A configuration takes some six hundred bytes a unit; concentrators send a dozen.',
  },
  {
    name: 'synchrophasor.namesMax',
    value: namesMax,
    unit: 'names in a configuration',
    why: 'As many as fit into the part of a frame that is looked at, sixteen bytes each.',
  },
  {
    name: 'synchrophasor.streamsMax',
    value: streamsMax,
    unit: 'streams per flow',
    why: 'A connection carries one stream, a concentrator a few.',
  },
] as const;

const headBytes = 14;
/** Head and checksum. */
const leastBytes = 16;

const [dataFrame, commandFrame] = [0, 4];
const typeNames: readonly string[] = ['Data', 'Header', 'CFG1', 'CFG2', 'Command', 'CFG3'];
const commandNames: { readonly [code: number]: string } = {
  1: 'Data off',
  2: 'Data on',
  3: 'Send HDR',
  4: 'Send CFG-1',
  5: 'Send CFG-2',
  6: 'Send CFG-3',
  8: 'Extended frame',
};

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 65_536 + u16(bytes, at + 2);

class SynchrophasorParser implements ProtocolParser, FrameTaker {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Frames, Frames] = [new Frames(shownBytesMax), new Frames(shownBytesMax)];
  private summary: SynchrophasorRecord | undefined;
  private readonly streams: number[] = [];
  private dataFrames = 0;
  private sizeMin = 0;
  private sizeMax = 0;
  private sizeTotal = 0;
  private told = 0;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.sides[direction].feed(this, direction, bytes, start, end, ts);
    // A datagram holds whole frames.
    if (this.flow.transport === 'udp' && this.sides[direction].midway)
      this.sides[direction].gap(this, direction, shownBytesMax * 8, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.sides[direction].gap(this, direction, length, ts);
  }

  finish(_ts: Seconds): void {
    for (const side of this.sides) side.stop();
    if (!this.summary) return;
    this.summary.data_stream_id = this.streams;
    this.summary.frame_size_min = this.sizeMin;
    this.summary.frame_size_max = this.sizeMax;
    this.summary.frame_size_tot = this.sizeTotal;
    this.summary.data_frame_count = this.dataFrames;
    this.emit.record('synchrophasor', this.summary);
    this.summary = undefined;
  }

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    return lengthOf(bytes, start, end);
  }

  frameShown(_bytes: Uint8Array, _start: number, _end: number, length: number): number {
    return Math.min(length, shownBytesMax);
  }

  frameRest(): void {}
  frameMissing(): void {}

  frameLost(_direction: Direction, gap: boolean, ts: Seconds): void {
    if (!gap) this.weird(1, 'synchrophasor_no_frame', ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    const length = lengthOf(bytes, start, end);
    return length > 0 && length <= end - start && checked(bytes, start, start + length);
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    if (end - start === length && !checked(bytes, start, end)) {
      this.weird(2, 'synchrophasor_bad_checksum', ts);
      return;
    }
    const type = (bytes[start + 1]! >> 4) & 7;
    const stream = u16(bytes, start + 4);
    if (!this.summary) {
      this.summary = this.flow.head(ts) as SynchrophasorRecord;
      this.summary.version = bytes[start + 1]! & 15;
      this.sizeMin = length;
      this.emit.confirm();
    }
    if (!this.streams.includes(stream) && this.streams.length < streamsMax) this.streams.push(stream);
    this.sizeMin = Math.min(this.sizeMin, length);
    this.sizeMax = Math.max(this.sizeMax, length);
    this.sizeTotal += length;
    if (type === dataFrame) {
      this.dataFrames++;
      this.emit.record(
        'synchrophasor_data',
        this.begin<SynchrophasorDataRecord>(direction, type, stream, length, bytes, start, ts),
      );
    } else if (type === commandFrame) {
      const record = this.begin<SynchrophasorCmdRecord>(direction, type, stream, length, bytes, start, ts);
      if (length >= leastBytes + 2) {
        const command = u16(bytes, start + headBytes);
        record.command = commandNames[command] ?? `unknown-${command}`;
      }
      this.emit.record('synchrophasor_cmd', record);
    } else {
      const record = this.begin<SynchrophasorCfgRecord>(direction, type, stream, length, bytes, start, ts);
      if (type === 2 || type === 3) {
        const stop = length > end - start ? end : end - 2;
        if (!configuration(record, bytes, start + headBytes, stop) && stop === end - 2) {
          this.weird(4, 'synchrophasor_bad_configuration', ts);
        }
        if (record.data_rate !== undefined) this.summary.data_rate = record.data_rate;
      }
      this.emit.record('synchrophasor_cfg', record);
    }
  }

  private begin<R extends SynchrophasorDataRecord>(
    direction: Direction,
    type: number,
    stream: number,
    length: number,
    bytes: Uint8Array,
    start: number,
    ts: Seconds,
  ): R {
    const record = this.flow.head(ts) as unknown as R;
    record.is_orig = direction === 0;
    record.frame_type = typeNames[type]!;
    record.data_stream_id = stream;
    record.frame_size = length;
    // Whole seconds: what part of a second the fraction is only a configuration tells.
    record.header_time_stamp = u32(bytes, start + 6);
    return record;
  }

  private weird(bit: number, name: string, ts: Seconds): void {
    if (this.told & bit) return;
    this.told |= bit;
    this.emit.weird(name, ts);
  }
}

/** Units with the names of their channels, and the rate (§6.4); false where they reach beyond the frame. */
function configuration(record: SynchrophasorCfgRecord, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 6) return false;
  const units = u16(bytes, start + 4);
  record.pmu_count = units;
  const [stations, identifiers, phasors, analogs, digitals]: [string[], number[], string[], string[], string[]] = [
    [],
    [],
    [],
    [],
    [],
  ];
  let at = start + 6;
  let left = namesMax;
  const take = (list: string[], count: number): void => {
    for (let i = 0; i < count; i++, at += 16) {
      if (left-- > 0 && at + 16 <= end) list.push(textOf(bytes, at, at + 16).trimEnd());
    }
  };
  let isWhole = true;
  for (let unit = 0; unit < units; unit++) {
    if (end - at < 26) {
      isWhole = false;
      break;
    }
    const [phasorCount, analogCount, digitalCount] = [u16(bytes, at + 20), u16(bytes, at + 22), u16(bytes, at + 24)];
    identifiers.push(u16(bytes, at + 16));
    take(stations, 1);
    at += 10;
    const length = 20 * phasorCount + 20 * analogCount + 260 * digitalCount + 4;
    isWhole = length <= end - at;
    const next = at + length;
    if (isWhole) {
      take(phasors, phasorCount);
      take(analogs, analogCount);
      take(digitals, 16 * digitalCount);
    }
    at = next;
    if (!isWhole) break;
  }
  if (isWhole && end - at >= 2) record.data_rate = (u16(bytes, at) << 16) >> 16;
  record.station_names = stations;
  record.station_ids = identifiers;
  if (phasors.length > 0) record.phasor_names = phasors;
  if (analogs.length > 0) record.analog_names = analogs;
  if (digitals.length > 0) record.digital_names = digitals;
  return isWhole && end - at >= 2;
}

/** Length of the frame that begins at `start`: -1 where none does, 0 where more bytes are needed to know it. */
function lengthOf(bytes: Uint8Array, start: number, end: number): number {
  const have = end - start;
  if (bytes[start] !== 0xaa || (have > 1 && (bytes[start + 1]! >> 4 > 5 || (bytes[start + 1]! & 15) === 0))) return -1;
  if (have < 4) return 0;
  const length = u16(bytes, start + 2);
  return length < leastBytes ? -1 : length;
}

/** CRC-CCITT from FFFF over all before the last two bytes (annex B), by nibbles. */
function checked(bytes: Uint8Array, start: number, end: number): boolean {
  let sum = 0xffff;
  for (let at = start; at < end - 2; at++) {
    const byte = bytes[at]!;
    sum = ((sum << 4) ^ table[((sum >> 12) ^ (byte >> 4)) & 15]!) & 0xffff;
    sum = ((sum << 4) ^ table[((sum >> 12) ^ byte) & 15]!) & 0xffff;
  }
  return u16(bytes, end - 2) === sum;
}

const table = Uint16Array.from({ length: 16 }, (_, nibble) => {
  let value = nibble << 12;
  for (let bit = 0; bit < 4; bit++) value = value & 0x8000 ? ((value << 1) ^ 0x1021) & 0xffff : (value << 1) & 0xffff;
  return value;
});

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  if (bytes[start] !== 0xaa) return 'no';
  const length = lengthOf(bytes, start, end);
  if (length < 0) return 'no';
  if (length === 0) return 'more';
  if (usualPort && end - start >= leastBytes) return 'yes';
  // Elsewhere the checksum must be right.
  if (length > 4_096) return 'no';
  if (end - start < length) return 'more';
  return checked(bytes, start, start + length) ? 'yes' : 'no';
}

const logs = ['synchrophasor', 'synchrophasor_data', 'synchrophasor_cmd', 'synchrophasor_cfg'];

export const synchrophasor: Protocol = {
  service: 'synchrophasor',
  logs,
  transports: ['tcp'],
  ports: [4712],
  probe,
  open: (flow, emit) => new SynchrophasorParser(flow, emit),
};

export const synchrophasorOverUdp: Protocol = {
  service: 'synchrophasor',
  logs,
  transports: ['udp'],
  ports: [4713],
  probe: (bytes, start, end, direction, usualPort) => (probe(bytes, start, end, direction, usualPort) === 'yes' ? 'yes' : 'no'),
  open: (flow, emit) => new SynchrophasorParser(flow, emit),
};
