/**
 * Reading a log from beginning to end: what `forewarn read` needs for logs. The caller brings the file's bytes, decompressed, and takes the
 * records.
 */

import { Accountant, type LogAccount, type LogSink } from './account.ts';
import type { LogFormat, LogReader, LogSource } from './format.ts';
import { logFormats } from './index.ts';
import { knowsLine, mixedLines, takeEvent } from './intake.ts';
import { limits } from './limits.ts';
import { linesReader } from './lines.ts';
import { objectsReader } from './objects.ts';

export { limits };

/** What a log is: a format of its own, objects of JSON, or lines (of which each may be of another format). */
export type RecognisedLog = {
  /** The format's name; `json` and `lines` where each event is told by itself. */
  readonly format: string;
  open(source: LogSource, sink: LogSink): LogReading;
};

export type LogReading = {
  /** The next bytes, wherever they were cut. */
  push(bytes: Uint8Array): void;
  /** No more bytes. */
  end(): LogReport;
};

export type LogReport = LogAccount & { readonly format: string; readonly bytes: number };

/** Lines that are looked at before a file is said to be no log of lines: as many heads and comments may stand before the first. */
const linesLookedAt = 50;

/**
 * Tells what log begins with these bytes – the first `recognitionBytes` of the file, or all of it – and `undefined` when it is none. `name` is
 * the file's.
 */
export function recogniseLog(
  start: Uint8Array,
  name: string,
  formats: readonly LogFormat[] = logFormats,
): RecognisedLog | undefined {
  const wide = utf16(start);
  const bytes = wide ? new TextEncoder().encode(new TextDecoder(wide).decode(start)) : start;
  for (const { name: format, file } of formats) {
    if (file?.recognise(bytes, name))
      return { format, open: (source, sink) => reading(format, sink, wide, (emit) => file.open(emit, source)) };
  }
  const text = new TextDecoder().decode(bytes.subarray(0, limits.recognitionBytes.value));
  const first = /\S/.exec(text)?.[0];
  if (first === '{' || (first === '[' && /^\s*\[\s*(?:[[{\]]|$)/.test(text))) {
    return {
      format: 'json',
      open: (source, sink) =>
        reading('json', sink, wide, (emit) => objectsReader(emit, (event, own) => takeEvent(event, own, source, formats))),
    };
  }
  // What is no text cannot be lines; a line that the start has cut may be told all the same.
  if (text.includes('\0')) return undefined;
  for (const line of text.split('\n', linesLookedAt)) {
    if (!knowsLine(line.replace(/\r$/, ''), formats)) continue;
    return {
      format: 'lines',
      open: (source, sink) =>
        reading('lines', sink, wide, (emit) => linesReader(emit, (own) => mixedLines(own, source, formats))),
    };
  }
  return undefined;
}

function reading(format: string, sink: LogSink, wide: Wide | undefined, open: (emit: Accountant) => LogReader): LogReading {
  const accountant = new Accountant(sink);
  const reader = open(accountant);
  const decoder = wide ? new TextDecoder(wide) : undefined;
  const encoder = new TextEncoder();
  let read = 0;
  return {
    push(bytes) {
      read += bytes.length;
      reader.data(decoder ? encoder.encode(decoder.decode(bytes, { stream: true })) : bytes);
    },
    end() {
      if (decoder) reader.data(encoder.encode(decoder.decode()));
      reader.end();
      return { format, bytes: read, ...accountant.account() };
    },
  };
}

type Wide = 'utf-16le' | 'utf-16be';

/** Windows exports texts in UTF-16 with a byte order mark. */
function utf16(start: Uint8Array): Wide | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : undefined;
}
