/**
 * Single lines and objects as they come to a listener. Each is given to the format that knows it; formats that keep something between lines
 * keep it for this intake, so open one for each sender.
 */

import { Accountant, type LogAccount, type LogSink } from './account.ts';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { JsonObject, LineReader, LogEmit, LogFormat, LogSource, Within } from './format.ts';
import { logFormats } from './index.ts';
import { limits } from './limits.ts';
import { nestingOf, parseObject } from './objects.ts';

export type LogIntake = {
  /** One line without its line feed: of any format of lines, or an object of JSON. */
  line(text: string): void;
  /** One object that was parsed already. */
  event(event: JsonObject): void;
  /** What is still held of several lines is written. The intake can be used on. */
  flush(): void;
  /** What came so far. */
  account(): LogAccount;
};

/** Opens an intake. Nothing that is given to it makes it throw, but for what the sink itself throws. */
export function createLogIntake(source: LogSource, sink: LogSink, formats: readonly LogFormat[] = logFormats): LogIntake {
  const accountant = new Accountant(sink);
  const lines = mixedLines(accountant, source, formats);
  return {
    line: (text) => lines.line(text),
    event: (event) => takeEvent(event, accountant, source, formats),
    flush: () => lines.end(),
    account: () => accountant.account(),
  };
}

/** Gives an object to the first format that knows it. */
export function takeEvent(event: JsonObject, emit: LogEmit, source: LogSource, formats: readonly LogFormat[]): void {
  for (const { events } of formats) {
    if (events?.owns(event)) {
      events.take(event, emit, source);
      return;
    }
  }
  emit.refused('unrecognised');
}

/** A reader of lines of all formats, mixed as they come. */
export function mixedLines(emit: LogEmit, source: LogSource, formats: readonly LogFormat[]): LineReader {
  type Open = { format: LogFormat; owns: (line: string) => boolean; reader: LineReader | undefined };
  const readers: Open[] = formats.flatMap((format) =>
    format.lines ? [{ format, owns: format.lines.owns, reader: undefined }] : [],
  );
  /** What the line around the one at hand said; of what is within another it is the outermost's. */
  let envelope: AnyRecord | undefined;
  const own: LogEmit = {
    record: (log, record) => emit.record(log, envelope ? { ...envelope, ...record } : record),
    refused: (reason, place) => emit.refused(reason, place),
    shortened: () => emit.shortened(),
  };
  const ownSource: LogSource = {
    name: source.name,
    changed: source.changed,
    at() {
      const around = envelope?.['ts'];
      return typeof around === 'number' ? around : source.at?.();
    },
  };
  const within: Within = (payload, around) => {
    // Nothing is within what is within.
    if (envelope) return false;
    const json = /^\s*\{/.test(payload);
    const known = json ? undefined : readers.find((each) => each.owns(payload));
    if (!json && !known) return false;
    envelope = around;
    try {
      if (known) lineTo(known, payload);
      else return object(payload);
    } finally {
      envelope = undefined;
    }
    return true;
  };
  function lineTo(each: Open, text: string): void {
    each.reader ??= each.format.lines!.open(own, ownSource, within);
    each.reader.line(text);
  }
  /** Answers false when it is none, which is no refusal yet. */
  function object(text: string): boolean {
    if (nestingOf(text) > limits.nestingMax.value) {
      own.refused('too-deep');
      return true;
    }
    const event = parseObject(text);
    if (event) takeEvent(event, own, ownSource, formats);
    return event !== undefined;
  }
  return {
    line(text) {
      if (text.length > limits.eventBytesMax.value) emit.refused('too-long');
      else if (/^\s*\{/.test(text)) {
        if (!object(text)) emit.refused('malformed');
      } else {
        const known = readers.find((each) => each.owns(text));
        if (known) lineTo(known, text);
        else if (!/^\s*$/.test(text)) emit.refused('unrecognised');
      }
    },
    end() {
      for (const { reader } of readers) reader?.end();
    },
  };
}

/** Does any format of lines know one of these lines? */
export function knowsLine(line: string, formats: readonly LogFormat[]): boolean {
  return formats.some(({ lines }) => lines?.owns(line) === true);
}
