/** IPFIX files (RFC 5655): the messages of an exporter one after the other, read as from the wire. */

import { areSets } from '../../exports/ipfix/ipfix.ts';
import { u16 } from '../../exports/exports.ts';
import { createExportReader } from '../../exports/reader.ts';
import type { LogEmit, LogFormat, LogReader, LogSource } from '../format.ts';

const headerBytes = 16;
const version = 10;

/** A message begins here: its version, and a length that its own sets fill as far as they are seen. */
function isMessage(bytes: Uint8Array): boolean {
  if (bytes.length < headerBytes + 4 || u16(bytes, 0) !== version) return false;
  const length = u16(bytes, 2);
  if (length < headerBytes + 4) return false;
  if (length <= bytes.length) return areSets(bytes, headerBytes, length);
  const set = u16(bytes, headerBytes);
  return (set === 2 || set === 3 || set >= 256) && u16(bytes, headerBytes + 2) >= 4;
}

class IpfixFile implements LogReader {
  readonly #emit: LogEmit;
  readonly #reader;
  /** At most one message: 65,535 bytes. */
  #held: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #lost = false;

  constructor(emit: LogEmit, source: LogSource) {
    this.#emit = emit;
    this.#reader = createExportReader({
      record: (log, record) => emit.record(log, record),
      weird: (name, ts, addl) => emit.record('weird', { ts, name, source: source.name, ...(addl === undefined ? {} : { addl }) }),
    });
  }

  data(piece: Uint8Array): void {
    if (this.#lost) return;
    let bytes = piece;
    if (this.#held.length > 0) {
      bytes = new Uint8Array(this.#held.length + piece.length);
      bytes.set(this.#held);
      bytes.set(piece, this.#held.length);
    }
    let at = 0;
    while (bytes.length - at >= headerBytes) {
      const length = u16(bytes, at + 2);
      if (u16(bytes, at) !== version || length < headerBytes) {
        // Without lengths nothing says where the next message begins.
        this.#emit.refused('malformed', { offset: this.#offset + at });
        this.#lost = true;
        return;
      }
      if (bytes.length - at < length) break;
      this.#read(bytes, at, at + length);
      at += length;
    }
    this.#offset += at;
    this.#held = bytes.slice(at);
  }

  #read(bytes: Uint8Array, start: number, end: number): void {
    const { counts } = this.#reader;
    const before = { ...counts };
    this.#reader.read({ bytes, start, end, exporter: '', port: 0, at: undefined, datagram: false });
    const place = { offset: this.#offset + start };
    if (counts.bad > before.bad) this.#emit.refused('malformed', place);
    if (counts.withoutTemplate > before.withoutTemplate) this.#emit.refused('unrecognised', place);
    if (counts.refused > before.refused) this.#emit.refused('too-large', place);
  }

  end(): void {
    if (!this.#lost && this.#held.length > 0) this.#emit.refused('cut', { offset: this.#offset });
  }
}

export const ipfix: LogFormat = {
  name: 'ipfix',
  logs: ['ipfix', 'ipfix_options'],
  file: { recognise: isMessage, open: (emit, source) => new IpfixFile(emit, source) },
};
