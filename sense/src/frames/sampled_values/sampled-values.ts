/**
 * Sampled values (IEC 61850-9-2): a merging unit sends currents and voltages some thousand times a second. A record is
 * written when a stream begins, when its configuration, synchronisation or size changes, when samples are missing, and when
 * it falls silent; the values are not looked at.
 *
 *     savPdu  0x60 { noASDU 0x80, seqOfASDU 0xa2 { ASDU 0x30 { svID 0x80, datSet 0x81, smpCnt 0x82, confRev 0x83, …,
 *             smpSynch 0x85, smpRate 0x86, sample 0x87, smpMod 0x88 } … } }
 *
 * `smpCnt` begins anew each second. How many samples a second has is learned when it does.
 */

import type { SampledValuesRecord } from '@forewarn/model/records/frames';
import type { Packet } from '../../packet.ts';
import { asciiOf, textOf } from '../../protocols/text.ts';
import { frameHead, senderKey, type FrameEmit, type FrameProtocol, type FrameReader } from '../frame.ts';
import { Element, openApdu } from '../iec61850.ts';
import { Streams, type Stream } from '../streams.ts';

const nameBytesMax = 129;
const asdusMax = 32;
const silentSeconds = 2;
const gapSeconds = 1;

/** The ceilings of this reader, for the reference. */
export const limits = [
  {
    name: 'sampled_values.nameBytesMax',
    value: nameBytesMax,
    unit: 'bytes',
    why: 'Longest name: VISIBLE STRING of 129 (IEC 61850-9-2 table 14). A longer one is no sampled value.',
  },
  {
    name: 'sampled_values.asdusMax',
    value: asdusMax,
    unit: 'samples per frame',
    why: 'Profiles send one, two, six or eight a frame; what is behind is passed over.',
  },
  {
    name: 'sampled_values.silentSeconds',
    value: silentSeconds,
    unit: 's',
    why: 'Silence that ends a stream: eight thousand samples.',
  },
  {
    name: 'sampled_values.gapSeconds',
    value: gapSeconds,
    unit: 's between records',
    why: 'Gaps of one stream are added up and written at most so often: a lossy link would fill the disk.',
  },
] as const;

type Unit = Stream & {
  /** The latest record of it; of the latest sample only the number is kept up. */
  latest: SampledValuesRecord;
  count: number;
  /** Samples a second, once it was seen; 0 before. */
  perSecond: number;
  missing: number;
  told: number;
  began: number;
  frames: number;
};

const apdu = new Element();
const list = new Element();
const asdu = new Element();
const part = new Element();

/** One sample, filled anew by each. */
class Sample {
  nameStart = 0;
  nameEnd = 0;
  setStart = 0;
  setEnd = -1;
  count = -1;
  revision = -1;
  synch = -1;
  rate = -1;
  mode = -1;
  length = -1;

  read(bytes: Uint8Array, start: number, end: number): boolean {
    this.nameEnd = this.setEnd = this.count = this.revision = this.synch = this.rate = this.mode = this.length = -1;
    for (let at = start; at < end; at = part.end) {
      if (!part.read(bytes, at, end)) return false;
      switch (part.tag) {
        case 0x80:
          this.nameStart = part.start;
          this.nameEnd = part.end;
          break;
        case 0x81:
          this.setStart = part.start;
          this.setEnd = part.end;
          break;
        case 0x82:
          this.count = part.number(bytes);
          break;
        case 0x83:
          this.revision = part.number(bytes);
          break;
        case 0x85:
          this.synch = part.number(bytes);
          break;
        case 0x86:
          this.rate = part.number(bytes);
          break;
        case 0x87:
          this.length = part.end - part.start;
          break;
        case 0x88:
          this.mode = part.number(bytes);
          break;
        default:
      }
    }
    const named = this.nameEnd > this.nameStart && this.nameEnd - this.nameStart <= nameBytesMax;
    return named && this.setEnd - this.setStart <= nameBytesMax && this.count >= 0 && this.revision >= 0;
  }
}

const sample = new Sample();

class SampledValuesReader implements FrameReader {
  readonly #emit: FrameEmit;
  readonly #units: Streams<Unit>;

  constructor(emit: FrameEmit) {
    this.#emit = emit;
    this.#units = new Streams(emit.limits.frameStreamsMax, (unit, silent) => this.#over(unit, silent));
  }

  frame(packet: Packet, ethernet: number): void {
    const { bytes, at, ts } = packet;
    if (!openApdu(apdu, bytes, at, packet.end, 0x60) || !this.#samples(packet, ethernet)) {
      this.#emit.weird('sampled_values_bad_message', ts);
    }
  }

  advance(ts: number): void {
    this.#units.advance(ts);
  }

  end(): void {
    this.#units.end();
  }

  /** The samples of a frame, one after the other; false where the frame does not fit. */
  #samples(packet: Packet, ethernet: number): boolean {
    const { bytes } = packet;
    let place = apdu.start;
    let stated = -1;
    for (; place < apdu.end; place = list.end) {
      if (!list.read(bytes, place, apdu.end)) return false;
      if (list.tag === 0x80) stated = list.number(bytes);
      if (list.tag === 0xa2) break;
    }
    if (place >= apdu.end) return false;
    let asdus = 0;
    for (let at = list.start; at < list.end && asdus < asdusMax; at = asdu.end) {
      if (!asdu.read(bytes, at, list.end) || asdu.tag !== 0x30 || !sample.read(bytes, asdu.start, asdu.end)) return false;
      this.#sample(packet, ethernet, asdus++ === 0, stated);
    }
    return asdus > 0;
  }

  #sample(packet: Packet, ethernet: number, first: boolean, asdus: number): void {
    const { bytes, at, ts } = packet;
    const appid = (bytes[at]! << 8) | bytes[at + 1]!;
    const key = senderKey(packet, ethernet) + String.fromCharCode(appid) + asciiOf(bytes, sample.nameStart, sample.nameEnd);
    const unit = this.#units.heard(key, ts);
    if (!unit) {
      const record = recordOf(packet, ethernet, 'begin', asdus);
      this.#units.add(key, {
        latest: { ...record },
        count: sample.count,
        perSecond: 0,
        missing: 0,
        told: Number.NEGATIVE_INFINITY,
        began: ts,
        frames: 1,
        last: ts,
        silentAfter: silentSeconds,
      });
      this.#emit.record('sampled_values', record);
      return;
    }
    if (first) unit.frames++;
    const { latest } = unit;
    const simulated = (bytes[at + 4]! & 0x80) !== 0;
    unit.missing += this.#missing(unit);
    unit.count = sample.count;
    const changed =
      sample.revision !== latest.conf_rev ||
      (sample.synch >= 0 && sample.synch !== latest.smp_synch) ||
      (sample.length >= 0 && sample.length !== latest.data_len) ||
      simulated !== latest.simulation;
    if (!changed && (unit.missing === 0 || ts - unit.told < gapSeconds)) return;
    const record = recordOf(packet, ethernet, changed ? 'change' : 'gap', asdus);
    if (unit.missing > 0) {
      record.missing = unit.missing;
      unit.missing = 0;
      unit.told = ts;
    }
    record.frames = unit.frames;
    unit.latest = { ...record };
    this.#emit.record('sampled_values', record);
  }

  /** How many samples lie between the one before and this one. */
  #missing(unit: Unit): number {
    const { count } = sample;
    const next = unit.count + 1;
    if (count === next || count === unit.count) return 0;
    if (count > unit.count) return count - next;
    // A few late ones come over the other path of a doubled network.
    if (unit.count - count <= 8 && count > 0) return 0;
    // A new second. All rates in use are so many samples of a period of 50 or 60 Hz: the first second that ends so tells which.
    if (unit.perSecond === 0 && (next % 50 === 0 || next % 60 === 0)) unit.perSecond = next;
    return Math.max(0, unit.perSecond - next) + count;
  }

  #over(unit: Unit, silent: boolean): void {
    const record = unit.latest;
    delete record.missing;
    record.event = 'end';
    record.ts = unit.last;
    record.smp_cnt = unit.count;
    if (unit.missing > 0) record.missing = unit.missing;
    record.frames = unit.frames;
    record.duration = unit.last - unit.began;
    record.silent = silent;
    this.#emit.record('sampled_values', record);
  }
}

function recordOf(packet: Packet, ethernet: number, event: string, asdus: number): SampledValuesRecord {
  const { bytes, at } = packet;
  return {
    ...frameHead(packet, ethernet),
    appid: (bytes[at]! << 8) | bytes[at + 1]!,
    simulation: (bytes[at + 4]! & 0x80) !== 0,
    sv_id: textOf(bytes, sample.nameStart, sample.nameEnd),
    ...(sample.setEnd < 0 ? {} : { dat_set: textOf(bytes, sample.setStart, sample.setEnd) }),
    event,
    smp_cnt: sample.count,
    conf_rev: sample.revision,
    ...(sample.synch < 0 ? {} : { smp_synch: sample.synch }),
    ...(sample.rate < 0 ? {} : { smp_rate: sample.rate }),
    ...(sample.mode < 0 ? {} : { smp_mod: sample.mode }),
    ...(asdus < 0 ? {} : { asdus }),
    ...(sample.length < 0 ? {} : { data_len: sample.length }),
  };
}

export const sampledValues: FrameProtocol = {
  name: 'sampled_values',
  source: 'SAMPLED_VALUES',
  logs: ['sampled_values'],
  open: (emit) => new SampledValuesReader(emit),
};
