/** Records as the lines of their logs, gathered while a part of a capture is read. */

import { recordType } from '@forewarn/model/records/index';
import { jsonWriter } from '@forewarn/model/records/json';
import type { AnyRecord } from '@forewarn/model/records/record';
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

export function createLines(form: LineForm): Lines {
  type Log = { text: string; write: (record: AnyRecord) => string; prefix: string };
  const logs = new Map<string, Log>();
  const stream: Log = { text: '', write: () => '', prefix: '' };
  let failure: unknown;
  const open = (name: string): Log => ({
    text: '',
    write: form === 'tsv' ? tsvWriter(declared(name)).record : jsonWriter(declared(name)),
    prefix: `{"_path":${JSON.stringify(name)}`,
  });
  return {
    record(name, record) {
      if (failure !== undefined) return;
      try {
        let log = logs.get(name);
        if (!log) logs.set(name, (log = open(name)));
        const line = log.write(record);
        if (form === 'stream') stream.text += `${log.prefix}${line === '{}\n' ? '' : ','}${line.slice(1)}`;
        else log.text += line;
      } catch (error) {
        failure = error;
      }
    },
    take() {
      if (failure !== undefined) throw failure;
      const taken: [string, Uint8Array<ArrayBuffer>][] = [];
      const empty = (name: string, log: Log): void => {
        if (log.text === '') return;
        taken.push([name, new TextEncoder().encode(log.text)]);
        log.text = '';
      };
      if (form === 'stream') empty('', stream);
      else for (const [name, log] of logs) empty(name, log);
      return taken;
    },
  };
}

/** The declaration of a log. */
export function declared(log: string): NonNullable<ReturnType<typeof recordType>> {
  const type = recordType(log);
  if (!type) throw new Error(`The log "${log}" is not declared in model/records.`);
  return type;
}
