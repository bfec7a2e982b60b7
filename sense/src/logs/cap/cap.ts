/** Files of public warnings: CAP 1.0 to 1.2 alone, or in a feed (Atom, EDXL). The reader is that of files on the network (`files/contents/cap.ts`). */

import { alertRecords, alertsIn, speaksOfCap } from '../../files/contents/cap.ts';
import { decode } from '../../files/contents/document.ts';
import type { LogEmit, LogFormat, LogReader, LogSource } from '../format.ts';
import { limits } from '../limits.ts';
import { readElement } from '../windows/xml.ts';

class CapFile implements LogReader {
  readonly #emit: LogEmit;
  readonly #source: LogSource;
  /** The file until now: one buffer that grows, whatever pieces it comes in. */
  #held: Uint8Array = new Uint8Array(0);
  #have = 0;
  #over = false;

  constructor(emit: LogEmit, source: LogSource) {
    this.#emit = emit;
    this.#source = source;
  }

  data(bytes: Uint8Array): void {
    if (this.#over) return;
    const need = this.#have + bytes.length;
    if (need > limits.eventBytesMax.value) {
      this.#over = true;
      this.#held = new Uint8Array(0);
      this.#emit.refused('too-long', { offset: 0 });
      return;
    }
    if (need > this.#held.length) {
      const larger = new Uint8Array(Math.min(limits.eventBytesMax.value, Math.max(need * 2, 65_536)));
      larger.set(this.#held.subarray(0, this.#have));
      this.#held = larger;
    }
    this.#held.set(bytes, this.#have);
    this.#have = need;
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    const root = readElement(decode(this.#held.subarray(0, this.#have)));
    this.#held = new Uint8Array(0);
    if (typeof root === 'string') {
      this.#emit.refused(root, { offset: 0 });
      return;
    }
    const seen = this.#source.at?.();
    const alerts = alertsIn(root);
    if (alerts.length === 0) this.#emit.refused('unrecognised', { offset: 0 });
    for (const alert of alerts) {
      for (const record of alertRecords(alert, {}, seen)) {
        // What has no time of its own has no place in time; the record says so by 0 only where the warning itself does not say when it was sent.
        this.#emit.record('cap_alert', { ...record, ts: record.sent ?? seen ?? this.#source.changed ?? 0 });
      }
    }
  }
}

export const cap: LogFormat = {
  name: 'cap',
  logs: ['cap_alert'],
  file: {
    recognise: (start) => {
      const text = Buffer.prototype.latin1Slice.call(start, 0, Math.min(start.length, 4_096));
      return /^\W{0,4}</.test(text) && speaksOfCap(text);
    },
    open: (emit, source) => new CapFile(emit, source),
  },
};
