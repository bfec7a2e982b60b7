/** systemd's journal, as JSON (`journalctl -o json`) and in its export format, which holds binary fields as they are. */

import { flatten, type FlatRecord } from '../flatten.ts';
import type { LogEmit, LogFormat, LogReader } from '../format.ts';
import { limits } from '../limits.ts';
import { Pairs } from '../pairs.ts';
import { isText } from '../objects-of.ts';

const log = 'journald';

/** Microseconds since 1970, as text. */
function timed(record: FlatRecord): FlatRecord {
  for (const name of ['_SOURCE_REALTIME_TIMESTAMP', '__REALTIME_TIMESTAMP']) {
    const value = record[name];
    if ((typeof value === 'string' && /^\d{1,18}$/.test(value)) || typeof value === 'number') {
      record['ts'] = Number(value) / 1e6;
      return record;
    }
  }
  return record;
}

export const journald: LogFormat = {
  name: 'journald',
  logs: [log],
  file: {
    recognise: (start) => /^__(?:CURSOR|REALTIME_TIMESTAMP)=/.test(new TextDecoder('latin1').decode(start.subarray(0, 64))),
    open: (emit) => new ExportReader(emit),
  },
  events: {
    owns: (event) => isText(event['__REALTIME_TIMESTAMP']) || (isText(event['_BOOT_ID']) && event['MESSAGE'] !== undefined),
    take(event, emit) {
      // Fields that are no UTF-8 stand as lists of bytes.
      const texts: { [name: string]: unknown } = {};
      for (const [name, value] of Object.entries(event)) {
        const bytes =
          Array.isArray(value) && value.length > 0 && value.every((one) => Number.isInteger(one) && one >= 0 && one <= 255);
        texts[name] = bytes ? new TextDecoder().decode(Uint8Array.from(value as number[])) : value;
      }
      const record = flatten(texts, emit);
      if (record) emit.record(log, timed(record));
    },
  },
};

/** Entries of fields, each `NAME=text` on a line or `NAME`, a length of eight bytes and so many bytes; an empty line ends the entry. */
class ExportReader implements LogReader {
  readonly #emit: LogEmit;
  readonly #decoder = new TextDecoder();
  #held = new Uint8Array(0);
  #pairs = new Pairs();
  #entryBytes = 0;
  #offset = 0;
  #entryAt = 0;
  /** The entry at hand was refused; what is left of it is passed over. */
  #passing = false;
  /** Bytes of a field that is too long, still to be passed over. */
  #skip = 0;

  constructor(emit: LogEmit) {
    this.#emit = emit;
  }

  data(bytes: Uint8Array): void {
    let all = bytes;
    if (this.#held.length > 0) {
      all = new Uint8Array(this.#held.length + bytes.length);
      all.set(this.#held);
      all.set(bytes, this.#held.length);
    }
    let at = 0;
    for (;;) {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, all.length - at);
        at += passed;
        this.#skip -= passed;
        if (this.#skip > 0) break;
      }
      const end = all.indexOf(0x0a, at);
      if (end < 0) break;
      const next = this.#field(all, at, end);
      if (next < 0) break;
      at = next;
    }
    this.#offset += at;
    this.#held = all.slice(at);
    if (this.#held.length > limits.eventBytesMax.value) {
      this.#refuse('too-long');
      this.#offset += this.#held.length;
      this.#held = new Uint8Array(0);
    }
  }

  end(): void {
    if (this.#held.length > 0 && !this.#passing) this.#refuse('cut');
    else this.#entry();
  }

  /** One field, or the end of an entry. Answers where it goes on, or -1 when its bytes are not all there. */
  #field(all: Uint8Array, at: number, end: number): number {
    if (end === at) {
      this.#entry();
      this.#entryAt = this.#offset + end + 1;
      return end + 1;
    }
    const equals = all.subarray(at, end).indexOf(0x3d);
    if (equals >= 0) {
      this.#put(this.#decoder.decode(all.subarray(at, at + equals)), all.subarray(at + equals + 1, end));
      return end + 1;
    }
    if (all.length < end + 9) return -1;
    const length = new DataView(all.buffer, all.byteOffset + end + 1, 8).getBigUint64(0, true);
    if (length > BigInt(limits.eventBytesMax.value)) {
      // No field is that long: what this says is not to be trusted, and only the next empty line is.
      if (!this.#passing) this.#refuse('too-long');
      return end + 1;
    }
    const size = Number(length);
    if (this.#passing) {
      this.#skip = size + 1;
      return end + 9;
    }
    if (all.length < end + 9 + size + 1) return -1;
    this.#put(this.#decoder.decode(all.subarray(at, end)), all.subarray(end + 9, end + 9 + size));
    return end + 9 + size + 1;
  }

  #put(name: string, value: Uint8Array): void {
    if (this.#passing) return;
    if (!/^[A-Z_][A-Z0-9_]{0,63}$/.test(name)) {
      this.#refuse('malformed');
      return;
    }
    this.#entryBytes += name.length + value.length;
    if (this.#entryBytes > limits.eventBytesMax.value) this.#refuse('too-long');
    else this.#pairs.put(name, this.#decoder.decode(value));
  }

  #refuse(reason: 'cut' | 'malformed' | 'too-long'): void {
    if (!this.#passing) this.#emit.refused(reason, { offset: this.#entryAt });
    this.#passing = true;
    this.#pairs = new Pairs();
    this.#entryBytes = 0;
  }

  #entry(): void {
    if (!this.#passing && this.#pairs.size > 0) {
      if (this.#pairs.shortened) this.#emit.shortened();
      this.#emit.record(log, timed(this.#pairs.record));
    }
    this.#passing = false;
    this.#pairs = new Pairs();
    this.#entryBytes = 0;
  }
}
