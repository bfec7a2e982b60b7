/** Records as the lines of their logs, gathered while a part of a capture is read. */

import { Utf8 } from '@forewarn/base/utf8';
import { recordType } from '@forewarn/model/records/index';
import { openRecord, undeclaredLog } from '@forewarn/model/records/open';
import { jsonWriter, type JsonWriter } from '@forewarn/model/records/json';
import type { AnyRecord, RecordType } from '@forewarn/model/records/record';
import { tsvWriter } from '@forewarn/model/records/tsv';

/** `stream`: one object a line, all logs together, each with its log's name as `_path`. */
export type LineForm = 'json' | 'tsv' | 'stream';

/** The lines of some logs, in UTF-8; of a stream, all stand under one name. */
export type LogLines = readonly (readonly [log: string, bytes: Uint8Array<ArrayBuffer>])[];

export type Lines = {
  /** Never throws: it is called from within a parser, whose exceptions count as the parser's. */
  record(log: string, record: AnyRecord): void;
  /** What came since the last call. Throws what `record` could not do. */
  take(): LogLines;
};

/** `declaration` says what a log of that name is; `declared` for records that are our own. */
export function createLines(form: LineForm, declaration: (log: string) => RecordType = declared): Lines {
  type Log = { text: Utf8; write: JsonWriter };
  const logs = new Map<string, Log>();
  const stream = new Utf8();
  let failure: unknown;
  const open = (name: string): Log => {
    const text = form === 'stream' ? stream : new Utf8();
    if (form !== 'tsv') return { text, write: jsonWriter(declaration(name), form === 'stream') };
    const { record } = tsvWriter(declaration(name));
    return { text, write: (one, out) => out.text(record(one)) };
  };
  return {
    record(name, record) {
      if (failure !== undefined) return;
      try {
        let log = logs.get(name);
        if (!log) logs.set(name, (log = open(name)));
        log.write(record, log.text);
      } catch (error) {
        failure = error;
      }
    },
    take() {
      if (failure !== undefined) throw failure;
      const taken: [string, Uint8Array<ArrayBuffer>][] = [];
      if (form === 'stream') {
        if (stream.length > 0) taken.push(['', stream.take()]);
      } else for (const [name, { text }] of logs) if (text.length > 0) taken.push([name, text.take()]);
      return taken;
    },
  };
}

/** The declaration of a log of ours. */
export function declared(log: string): RecordType {
  const type = recordType(log);
  if (!type) throw new Error(`The log "${log}" is not declared in model/records.`);
  return type;
}

/** The declaration of a log that came from elsewhere: whatever fields it has are written, but for secrets. */
export function opened(log: string): RecordType {
  const type = recordType(log);
  if (!type) return undeclaredLog(log);
  return type.open ? type : openRecord(type);
}
