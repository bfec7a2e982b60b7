/**
 * What the tables of a stream say that it carries, and which of them are missing, late or wrong (ETSI TR 101 290 §5.2: 1.3, 1.5, 1.6, 2.2, 2.6 and the
 * third priority).
 */

import type { Seconds } from '@forewarn/base/time';
import type { MpegTsRecord } from '@forewarn/model/records/broadcast';
import { word16 } from '../digits.ts';
import type { Budget } from './budget.ts';
import type { Faults } from './faults.ts';
import { type IndicatorName, thresholds } from './indicators.ts';
import { crc32 } from './sections.ts';
import type { Pid } from './stream.ts';
import { isSteady, programsMax, readCat, readPat, readPmt, readSdt, systemsMax, typeName } from './tables.ts';

const tableOf = {
  pat: 0x00,
  cat: 0x01,
  pmt: 0x02,
  nit: 0x40,
  nitOther: 0x41,
  sdt: 0x42,
  sdtOther: 0x46,
  bat: 0x4a,
  eit: 0x4e,
} as const;
const stuffing = 0x72;

/** PIDs that tables may name: each of 13 bits once, but of hostile tables no more than this. */
export const referencesMax = 1_024;

/** Tables that are missed once they were there: not every stream has them. */
const watched: readonly { table: number; seconds: number; kind: IndicatorName; pid: number }[] = [
  { table: tableOf.nit, seconds: thresholds.nitSeconds.value, kind: 'nit_error', pid: 0x10 },
  { table: tableOf.nitOther, seconds: thresholds.otherSeconds.value, kind: 'si_repetition_error', pid: 0x10 },
  { table: tableOf.sdt, seconds: thresholds.sdtSeconds.value, kind: 'sdt_error', pid: 0x11 },
  { table: tableOf.sdtOther, seconds: thresholds.otherSeconds.value, kind: 'si_repetition_error', pid: 0x11 },
  { table: tableOf.bat, seconds: thresholds.otherSeconds.value, kind: 'si_repetition_error', pid: 0x11 },
  { table: tableOf.eit, seconds: thresholds.eitSeconds.value, kind: 'eit_error', pid: 0x12 },
  { table: 0x4f, seconds: thresholds.otherSeconds.value, kind: 'si_repetition_error', pid: 0x12 },
  { table: 0x70, seconds: thresholds.tdtSeconds.value, kind: 'tdt_error', pid: 0x14 },
  { table: 0x73, seconds: thresholds.tdtSeconds.value, kind: 'si_repetition_error', pid: 0x14 },
];
const watchedPlace = new Map(watched.map(({ table }, place) => [table, place]));

/** A programme of the PAT; `due`: when its PMT is missed. */
type Program = { readonly number: number; pid: number; due: Seconds; pcrPid: number; streams: readonly number[] };

/** What a PID is, by a PMT, the PAT or the CAT; `due`: when it is missed, where it never pauses. */
type Reference = { readonly type: string; readonly steady: boolean; due: Seconds };

export class Programs {
  transportStreamId: number | undefined;
  readonly #faults: Faults;
  readonly #budget: Budget;
  /** Entries of the tables below, as they were last counted in the budget. */
  #entries = 0;
  /** Streams of all programmes together. */
  #streams = 0;
  readonly #programs = new Map<number, Program>();
  /** PIDs of PMTs, and how many programmes name each. */
  readonly #maps = new Map<number, number>();
  readonly #references = new Map<number, Reference>();
  readonly #services = new Map<number, string>();
  readonly #systems = new Set<number>();
  /** When each watched table is missed; NaN until it comes. */
  readonly #dues = new Float64Array(watched.length).fill(Number.NaN);
  #patDue: Seconds = Infinity;
  #scrambledSince: Seconds = -1;
  #catCame: Seconds = -1;
  #catMissed = false;
  #rst: Seconds = -Infinity;
  #tdt: Seconds = -Infinity;

  constructor(faults: Faults, budget: Budget) {
    this.#faults = faults;
    this.#budget = budget;
  }

  start(now: Seconds): void {
    this.#patDue = now + thresholds.patSeconds.value;
  }

  /** Whether a PID carries sections that are read. */
  isTable(pid: number): boolean {
    return pid <= 1 || (pid >= 0x10 && pid <= 0x14) || this.#maps.has(pid);
  }

  isSteady(pid: number): boolean {
    return this.#references.get(pid)?.steady ?? false;
  }

  typeOf(pid: number): string | undefined {
    return this.#maps.has(pid) ? 'PMT' : this.#references.get(pid)?.type;
  }

  /** A packet of the PID is scrambled. */
  scrambled(pid: number, now: Seconds): void {
    if (this.#scrambledSince < 0) this.#scrambledSince = now;
    if (pid === 0) this.#faults.error('pat_error', 'scrambled', now, 0);
    else if (this.#maps.has(pid)) this.#faults.error('pmt_error', 'scrambled', now, pid);
  }

  /** A pointer or a length of the PID's sections cannot be. */
  malformed(pid: number, now: Seconds): void {
    this.#faults.error(kindOf(pid), 'malformed', now, pid);
  }

  /** A section, from its table_id to its end. */
  section(pid: number, bytes: Uint8Array, start: number, end: number, now: Seconds): void {
    const table = bytes[start]!;
    if (!this.#belongs(pid, table)) {
      // PIDs of PMTs may carry private sections too.
      if (!this.#maps.has(pid)) this.#faults.error(kindOf(pid), 'wrong_table', now, pid);
      return;
    }
    if (table === stuffing) return;
    const noCrc = table === 0x70 || table === 0x71;
    if (!noCrc && (end - start < 12 || crc32(bytes, start, end) !== 0)) {
      if (table !== 0x73 || end - start >= 12) this.#faults.error('crc_error', 'checksum', now, pid);
      return;
    }
    const place = watchedPlace.get(table);
    if (place !== undefined) this.#dues[place] = now + watched[place]!.seconds;
    // A table that is not valid yet says nothing of now.
    const current = table >= 0x70 || (bytes[start + 5]! & 1) === 1;
    const room = this.#budget.hasEntries;
    if (table === tableOf.pat) this.#pat(bytes, start, end, current && room, now);
    else if (table === tableOf.cat) this.#cat(bytes, start, end, room, now);
    else if (table === tableOf.pmt) this.#pmt(pid, bytes, start, end, current && room, now);
    else if (table === tableOf.sdt && current && room) {
      readSdt(bytes, start, end, (service, name) => {
        if (this.#services.size < programsMax || this.#services.has(service)) this.#services.set(service, name);
      });
    } else if (table === 0x71) {
      if (now - this.#rst < thresholds.apartSeconds.value) this.#faults.error('rst_error', 'repeated', now, pid);
      this.#rst = now;
    } else if (table === 0x70) {
      if (now - this.#tdt < thresholds.apartSeconds.value) this.#faults.error('tdt_error', 'repeated', now, pid);
      this.#tdt = now;
    }
    this.#count();
  }

  /** The stream is over: what its tables took is given back. */
  release(): void {
    this.#forget();
    this.#count();
  }

  #count(): void {
    const entries = this.#programs.size + this.#references.size + this.#services.size + this.#streams;
    this.#budget.entries += entries - this.#entries;
    this.#entries = entries;
  }

  /** Looks for what should have come. */
  look(now: Seconds, pids: ReadonlyMap<number, Pid>): void {
    if (now > this.#patDue) {
      this.#faults.error('pat_error', 'absent', now, 0);
      this.#patDue = now + thresholds.patSeconds.value;
    }
    for (const program of this.#programs.values()) {
      if (now <= program.due) continue;
      this.#faults.error('pmt_error', 'absent', now, program.pid);
      program.due = now + thresholds.pmtSeconds.value;
    }
    for (const [pid, reference] of this.#references) {
      if (!reference.steady || now <= reference.due) continue;
      const last = pids.get(pid)?.last ?? -Infinity;
      reference.due = last + thresholds.pidSeconds.value;
      if (now <= reference.due) continue;
      this.#faults.error('pid_error', 'absent', now, pid);
      reference.due = now + thresholds.pidSeconds.value;
    }
    for (let place = 0; place < watched.length; place++) {
      if (!(now > this.#dues[place]!)) continue;
      const { kind, pid, seconds } = watched[place]!;
      this.#faults.error(kind, 'absent', now, pid);
      this.#dues[place] = now + seconds;
    }
    for (const [pid, of] of pids) {
      if (of.toldUnreferenced || pid < 0x20 || now - of.since <= thresholds.unreferencedSeconds.value) continue;
      if (pid === 0x1ffb || this.#references.has(pid) || this.#maps.has(pid)) continue;
      of.toldUnreferenced = true;
      this.#faults.error('unreferenced_pid', 'unreferenced', now, pid);
    }
    this.#lookForCat(now);
  }

  #lookForCat(now: Seconds): void {
    if (this.#scrambledSince < 0 || now - Math.max(this.#scrambledSince, this.#catCame) <= thresholds.catSeconds.value) return;
    this.#faults.error('cat_error', 'absent', now, 1);
    this.#catMissed = true;
    this.#scrambledSince = -1;
  }

  /** The stream is over: what is short is told as well. */
  close(now: Seconds): void {
    if (this.#catMissed || this.#scrambledSince < 0 || this.#catCame >= 0) return;
    if (now - this.#scrambledSince > thresholds.patSeconds.value) this.#faults.error('cat_error', 'absent', now, 1);
  }

  /** Writes what the stream carries into a record. */
  describe(record: MpegTsRecord): void {
    const numbers = [...this.#programs.keys()];
    if (numbers.length > 0) {
      record.programs = numbers;
      if (this.#services.size > 0) record.services = numbers.map((number) => this.#services.get(number) ?? '');
    }
    if (this.#systems.size > 0) record.ca_system_ids = [...this.#systems];
  }

  #belongs(pid: number, table: number): boolean {
    if (this.#maps.has(pid) && table === tableOf.pmt) return true;
    switch (pid) {
      case 0:
        return table === tableOf.pat;
      case 1:
        return table === tableOf.cat;
      case 0x10:
        return table === tableOf.nit || table === tableOf.nitOther || table === stuffing;
      case 0x11:
        return table === tableOf.sdt || table === tableOf.sdtOther || table === tableOf.bat || table === stuffing;
      case 0x12:
        return (table >= 0x4e && table <= 0x6f) || table === stuffing;
      case 0x13:
        return table === 0x71 || table === stuffing;
      case 0x14:
        return table === 0x70 || table === stuffing || table === 0x73;
      default:
        return false;
    }
  }

  #pat(bytes: Uint8Array, start: number, end: number, current: boolean, now: Seconds): void {
    this.#patDue = now + thresholds.patSeconds.value;
    if (!current) return;
    const id = word16(bytes, start + 3);
    // Another stream took the place of this one: its programmes are others.
    if (this.transportStreamId !== undefined && id !== this.transportStreamId) this.#forget();
    this.transportStreamId = id;
    const named = new Set<number>();
    readPat(bytes, start, end, (number, pid) => {
      if (number === 0) {
        this.#refer(pid, 'NIT', false, now);
        return;
      }
      named.add(number);
      const known = this.#programs.get(number);
      if (known?.pid === pid) return;
      if (known) this.#leave(known);
      else if (this.#programs.size >= programsMax) return;
      this.#programs.set(number, { number, pid, due: now + thresholds.pmtSeconds.value, pcrPid: nowhere, streams: [] });
      this.#maps.set(pid, (this.#maps.get(pid) ?? 0) + 1);
    });
    // Only a table of one section names all programmes.
    if (bytes[start + 7] !== 0) return;
    for (const [number, program] of this.#programs) {
      if (named.has(number)) continue;
      this.#leave(program);
      this.#programs.delete(number);
    }
  }

  #forget(): void {
    this.#programs.clear();
    this.#maps.clear();
    this.#references.clear();
    this.#services.clear();
    this.#streams = 0;
  }

  #leave({ pid, streams, pcrPid }: Program): void {
    this.#streams -= streams.length;
    const left = (this.#maps.get(pid) ?? 1) - 1;
    if (left > 0) this.#maps.set(pid, left);
    else this.#maps.delete(pid);
    for (const stream of [...streams, pcrPid]) this.#references.delete(stream);
  }

  #pmt(pid: number, bytes: Uint8Array, start: number, end: number, current: boolean, now: Seconds): void {
    const program = this.#programs.get(word16(bytes, start + 3));
    if (!program || program.pid !== pid) return;
    program.due = now + thresholds.pmtSeconds.value;
    if (!current) return;
    const map = readPmt(bytes, start, end);
    if (!map) {
      this.#faults.error('pmt_error', 'malformed', now, pid);
      return;
    }
    const streams = map.streams.map(([stream]) => stream);
    for (const stream of [...program.streams, program.pcrPid]) {
      if (!streams.includes(stream) && stream !== map.pcrPid) this.#references.delete(stream);
    }
    for (const [stream, type] of map.streams) this.#refer(stream, typeName(type), isSteady(type), now);
    if (map.pcrPid !== nowhere && !streams.includes(map.pcrPid)) this.#refer(map.pcrPid, 'PCR', false, now);
    for (const [messages, system] of map.access) this.#access(messages, 'ECM', system, now);
    this.#streams += streams.length - program.streams.length;
    program.streams = streams;
    program.pcrPid = map.pcrPid;
  }

  #cat(bytes: Uint8Array, start: number, end: number, room: boolean, now: Seconds): void {
    this.#catCame = now;
    if (!room) return;
    const access: [number, number][] = [];
    readCat(bytes, start, end, access);
    for (const [messages, system] of access) this.#access(messages, 'EMM', system, now);
  }

  #access(pid: number, type: string, system: number, now: Seconds): void {
    if (this.#systems.size < systemsMax) this.#systems.add(system);
    this.#refer(pid, type, false, now);
  }

  #refer(pid: number, type: string, steady: boolean, now: Seconds): void {
    const known = this.#references.get(pid);
    if (known?.type === type || (!known && this.#references.size >= referencesMax)) return;
    this.#references.set(pid, { type, steady, due: now + thresholds.pidSeconds.value });
  }
}

/** PID of what has none: a PCR_PID of 0x1FFF says that the programme has no clock. */
const nowhere = 0x1fff;

/** Which error a wrong section on a PID is. */
function kindOf(pid: number): IndicatorName {
  switch (pid) {
    case 0:
      return 'pat_error';
    case 1:
      return 'cat_error';
    case 0x10:
      return 'nit_error';
    case 0x11:
      return 'sdt_error';
    case 0x12:
      return 'eit_error';
    case 0x13:
      return 'rst_error';
    case 0x14:
      return 'tdt_error';
    default:
      return 'pmt_error';
  }
}
