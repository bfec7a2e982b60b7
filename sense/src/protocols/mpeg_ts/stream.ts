/**
 * One MPEG transport stream (ISO/IEC 13818-1 §2.4), packet by packet: which PIDs there are, whether their counters go on, and by its tables and
 * clocks the errors of ETSI TR 101 290.
 *
 *      0      1                2                     4              188
 *     ┌──────┬────────────────┬─────────────────────┬──────────────┐
 *     │ 0x47 │ error, start   │ scrambling,         │ adaptation   │
 *     │      │ PID (13 bits)  │ adaptation, counter │ and payload  │
 *     └──────┴────────────────┴─────────────────────┴──────────────┘
 *
 * Time is that of the packets that brought it; a file has only its own (`clock.ts`). Nothing of a payload is kept but sections of tables.
 */

import type { Seconds } from '@forewarn/base/time';
import type { MpegTsRecord } from '@forewarn/model/records/broadcast';
import type { AnyRecord } from '@forewarn/model/records/record';
import { word32 } from '../digits.ts';
import type { Budget } from './budget.ts';
import { FileClock } from './clock.ts';
import { type FaultHead, Faults } from './faults.ts';
import { thresholds } from './indicators.ts';
import { ClockReference, pcrAt } from './pcr.ts';
import { Programs } from './programs.ts';
import { Sections } from './sections.ts';
import { fixedPids } from './tables.ts';

export const packetBytes = 188;
export const syncByte = 0x47;
const nullPid = 0x1fff;

export const pidsMax = 256;
export const intervalSeconds = 10;
/** How often absences are looked for: a fifth of the shortest that counts. */
const lookSeconds = 0.1;

/** Where a stream comes from, and who takes what is told of it. */
export type StreamTarget = {
  /** The head of a record: the time, and the flow where there is one. */
  head(ts: Seconds): AnyRecord;
  record(log: string, record: AnyRecord): void;
  readonly isOrig: boolean;
  readonly carriage: 'udp' | 'rtp' | 'file';
  readonly ssrc?: number;
};

/** What is known of one PID. */
export class Pid {
  readonly pid: number;
  readonly since: Seconds;
  last: Seconds;
  /** Packets of the interval at hand. */
  packets = 0;
  counter = -1;
  /** A few words of the packet before, which tell a repetition from fifteen that are lost. */
  sample = 0;
  repeated = false;
  clock: ClockReference | undefined;
  sections: Sections | undefined;
  pts: Seconds = -1;
  toldUnreferenced = false;

  constructor(pid: number, now: Seconds) {
    this.pid = pid;
    this.since = now;
    this.last = now;
  }
}

export class TransportStream {
  readonly #target: StreamTarget;
  readonly #budget: Budget;
  readonly #faults: Faults;
  readonly #programs: Programs;
  readonly #pids = new Map<number, Pid>();
  readonly #fileClock: FileClock | undefined;
  #now: Seconds = 0;
  #began: Seconds = 0;
  #looked: Seconds = 0;
  #started = false;
  #inSync = true;
  #badSyncs = 0;
  #goodSyncs = 0;
  /** Packets of the stream, and those of the interval at hand. */
  #number = 0;
  #packets = 0;
  #nulls = 0;
  #scrambled = 0;
  #duplicates = 0;
  #skips = 0;
  #untracked = 0;
  #malformed = 0;
  /** Null packets fill a stream to a constant rate, where the place of a packet is its time. */
  #constant = false;

  constructor(target: StreamTarget, budget: Budget) {
    this.#target = target;
    this.#budget = budget;
    if (target.carriage === 'file') this.#fileClock = new FileClock();
    this.#faults = new Faults((fault) => target.record('mpeg_ts_fault', { ...target.head(fault.ts), ...this.#head(), ...fault }));
    this.#programs = new Programs(this.#faults, budget);
  }

  /** Whether packets stand where they should; a file looks for them anew where not. */
  get inSync(): boolean {
    return this.#inSync;
  }

  /** Whole packets, one behind the other. */
  packets(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const fileClock = this.#fileClock;
    if (!fileClock) this.#time(ts);
    for (let at = start; at + packetBytes <= end; at += packetBytes) {
      if (fileClock) {
        fileClock.packet();
        this.#time(fileClock.now);
      }
      this.#packet(bytes, at);
    }
  }

  /** The stream is over. */
  finish(): void {
    if (this.#started) {
      this.#programs.close(this.#now);
      if (this.#packets > 0) this.#write(this.#now);
      this.#faults.finish();
    }
    for (const pid of this.#pids.values()) pid.sections?.lose();
    this.#budget.entries -= this.#pids.size;
    this.#programs.release();
    this.#pids.clear();
  }

  #time(ts: Seconds): void {
    if (!this.#started) {
      this.#started = true;
      this.#now = ts;
      this.#began = ts;
      this.#looked = ts;
      this.#programs.start(ts);
      return;
    }
    // Captures of several interfaces go back by some microseconds.
    if (ts <= this.#now) return;
    const before = this.#now;
    this.#now = ts;
    if (ts - this.#looked < lookSeconds) return;
    this.#looked = ts;
    this.#programs.look(ts, this.#pids);
    this.#faults.rest(ts);
    if (ts - this.#began < intervalSeconds) return;
    // A stream that stood still ends its interval where it stopped.
    this.#write(ts - before > intervalSeconds ? before : ts);
    this.#began = ts;
  }

  #packet(bytes: Uint8Array, at: number): void {
    this.#number++;
    this.#packets++;
    if (!this.#sync(bytes[at] === syncByte)) return;
    const second = bytes[at + 1]!;
    const pid = ((second & 0x1f) << 8) | bytes[at + 2]!;
    if (second & 0x80) {
      // Nothing else in a packet that is marked as damaged can be believed, its PID included (§5.2.2).
      this.#faults.error('transport_error', 'marked', this.#now, pid);
      return;
    }
    if (pid === nullPid) {
      this.#nulls++;
      this.#constant = true;
      return;
    }
    const of = this.#pids.get(pid) ?? this.#begin(pid);
    if (!of) {
      this.#untracked++;
      return;
    }
    of.packets++;
    of.last = this.#now;
    const control = bytes[at + 3]!;
    const hasPayload = (control & 0x10) !== 0;
    let payload = at + 4;
    let discontinuity = false;
    let pcr = -1;
    if (control & 0x20) {
      const length = bytes[at + 4]!;
      // 183 bytes alone, up to 182 before a payload (§2.4.3.5).
      if (length > (hasPayload ? 182 : 183)) {
        this.#malformed++;
        of.sections?.lose();
        return;
      }
      payload = at + 5 + length;
      if (length > 0) {
        const flags = bytes[at + 5]!;
        discontinuity = (flags & 0x80) !== 0;
        if (flags & 0x10 && length >= 7) pcr = pcrAt(bytes, at + 6);
      }
    } else if (!hasPayload) {
      // Reserved: decoders discard it (§2.4.3.3).
      this.#malformed++;
      return;
    }
    const goesOn = this.#continues(of, control & 15, hasPayload, discontinuity, bytes, at);
    // Behind the counter: what is missing before a PCR is known when it is measured.
    if (pcr >= 0 && goesOn) this.#clock(of, pcr, discontinuity);
    const scrambling = control >> 6;
    if (scrambling !== 0) {
      this.#scrambled++;
      this.#programs.scrambled(pid, this.#now);
    }
    if (goesOn && hasPayload && scrambling === 0 && payload < at + packetBytes) {
      this.#payload(of, bytes, payload, at + packetBytes, (second & 0x40) !== 0);
    }
  }

  /** Two packets in a row without their sync byte lose synchronisation, five with it gain it again. Answers whether the packet may be read. */
  #sync(good: boolean): boolean {
    if (!good) {
      this.#goodSyncs = 0;
      if (!this.#inSync) return false;
      this.#faults.error('sync_byte_error', 'sync', this.#now);
      if (++this.#badSyncs < thresholds.syncBytesLost.value) return false;
      this.#inSync = false;
      this.#faults.error('ts_sync_loss', 'sync', this.#now);
      // What follows the loss has other counters: that is one fault, not one on every PID.
      for (const pid of this.#pids.values()) {
        pid.counter = -1;
        pid.clock?.lose();
        pid.sections?.lose();
      }
      return false;
    }
    this.#badSyncs = 0;
    if (this.#inSync) return true;
    this.#inSync = ++this.#goodSyncs >= thresholds.syncBytesFound.value;
    return this.#inSync;
  }

  #begin(pid: number): Pid | undefined {
    if (this.#pids.size >= pidsMax || !this.#budget.hasEntries) return undefined;
    const of = new Pid(pid, this.#now);
    this.#pids.set(pid, of);
    this.#budget.entries++;
    return of;
  }

  /** The continuity_counter (§2.4.3.3). Answers whether the payload is one to read: not a repetition. */
  #continues(of: Pid, counter: number, hasPayload: boolean, discontinuity: boolean, bytes: Uint8Array, at: number): boolean {
    const before = of.counter;
    of.counter = counter;
    const sample = word32(bytes, at + 60) ^ word32(bytes, at + 124) ^ word32(bytes, at + 184);
    const same = sample === of.sample;
    of.sample = sample;
    if (before < 0 || discontinuity) {
      of.repeated = false;
      return true;
    }
    if (!hasPayload) {
      if (counter !== before) this.#lost(of, (counter - before) & 15);
      return true;
    }
    if (counter === ((before + 1) & 15)) {
      of.repeated = false;
      return true;
    }
    if (counter === before && same && !of.repeated) {
      of.repeated = true;
      this.#duplicates++;
      return false;
    }
    if (counter === before && same) {
      this.#faults.error('continuity_count_error', 'repeated', this.#now, of.pid);
      return false;
    }
    of.repeated = false;
    this.#lost(of, (counter - before - 1) & 15);
    return true;
  }

  #lost(of: Pid, packets: number): void {
    this.#skips += packets;
    this.#faults.error('continuity_count_error', 'lost', this.#now, of.pid);
    of.sections?.lose();
    // Where packets are missing, those that came no longer say how far apart two PCRs are.
    for (const { clock } of this.#pids.values()) clock?.lose();
  }

  #clock(of: Pid, pcr: number, announced: boolean): void {
    if (this.#fileClock) {
      this.#fileClock.pcr(of.pid, pcr);
      this.#time(this.#fileClock.now);
    }
    of.clock ??= new ClockReference();
    of.clock.take(pcr, announced, this.#number, this.#constant, this.#now, of.pid, this.#faults);
  }

  #payload(of: Pid, bytes: Uint8Array, start: number, end: number, begins: boolean): void {
    const programs = this.#programs;
    if (programs.isTable(of.pid)) {
      of.sections ??= new Sections(this.#budget);
      const right = of.sections.payload(bytes, start, end, begins, (section, from, to) =>
        programs.section(of.pid, section, from, to, this.#now),
      );
      if (!right) programs.malformed(of.pid, this.#now);
      return;
    }
    // The head of a PES packet with a PTS (§2.4.3.6); streams without one (0xBC, 0xBE, 0xBF, 0xF0 to 0xF2, 0xF8, 0xFF) have other flags there.
    if (!begins || end - start < 14 || bytes[start] !== 0 || bytes[start + 1] !== 0 || bytes[start + 2] !== 1) return;
    if (bytes[start + 6]! >> 6 !== 2 || (bytes[start + 7]! & 0x80) === 0) return;
    if (of.pts >= 0 && this.#now - of.pts > thresholds.ptsSeconds.value && programs.isSteady(of.pid))
      this.#faults.error('pts_error', 'late', this.#now, of.pid);
    of.pts = this.#now;
  }

  #head(): FaultHead {
    const { isOrig, carriage, ssrc } = this.#target;
    const id = this.#programs.transportStreamId;
    return {
      is_orig: isOrig,
      carriage,
      ...(ssrc === undefined ? {} : { ssrc }),
      ...(id === undefined ? {} : { transport_stream_id: id }),
    };
  }

  /** The record of the interval that ends at `end`. */
  #write(end: Seconds): void {
    const duration = micro(end - this.#began);
    const rate = (packets: number): number => Math.round((packets * packetBytes * 8) / duration);
    const record = { ...this.#target.head(this.#began), ...this.#head(), duration } as MpegTsRecord;
    record.packets = this.#packets;
    record.null_packets = this.#nulls;
    record.scrambled_packets = this.#scrambled;
    record.duplicate_packets = this.#duplicates;
    record.continuity_skips = this.#skips;
    this.#programs.describe(record);
    const came = [...this.#pids.values()].filter(({ packets }) => packets > 0).sort((a, b) => a.pid - b.pid);
    record.pids = came.map(({ pid }) => pid);
    record.pid_types = came.map(({ pid }) => this.#programs.typeOf(pid) ?? fixedPids[pid] ?? '');
    if (duration > 0) {
      record.bitrate = rate(this.#packets);
      record.pid_bitrates = came.map(({ packets }) => rate(packets));
    }
    if (this.#untracked > 0) record.untracked_packets = this.#untracked;
    if (this.#malformed > 0) record.malformed_packets = this.#malformed;
    this.#clocks(record);
    this.#faults.count(record);
    this.#target.record('mpeg_ts', record);
    for (const pid of this.#pids.values()) pid.packets = 0;
    this.#packets = this.#nulls = this.#scrambled = this.#duplicates = this.#skips = this.#untracked = this.#malformed = 0;
  }

  #clocks(record: MpegTsRecord): void {
    let interval = 0;
    let accuracy = -1;
    let jitter = 0;
    for (const { clock } of this.#pids.values()) {
      if (!clock) continue;
      interval = Math.max(interval, clock.intervalMax);
      accuracy = Math.max(accuracy, clock.accuracyMax);
      jitter = Math.max(jitter, clock.jitter);
      clock.reset();
    }
    if (interval > 0) record.pcr_interval_max = micro(interval);
    if (accuracy >= 0) record.pcr_accuracy_max = Math.round(accuracy * 1e9) / 1e9;
    // Of a file its own clock is the only one.
    if (interval > 0 && !this.#fileClock) record.pcr_jitter = micro(jitter);
  }
}

const micro = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;
