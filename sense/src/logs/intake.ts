/**
 * Single lines and objects as they come to a listener. Each is given to the format that knows it; formats that keep something between lines
 * keep it for this intake, so open one for each sender.
 */

import { Accountant, type LogAccount, type LogSink } from './account.ts';
import type { JsonObject, LineReader, LogEmit, LogFormat, LogSource } from './format.ts';
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

/** A reader of lines of all formats, mixed as they come. The format of the last line is asked first. */
export function mixedLines(emit: LogEmit, source: LogSource, formats: readonly LogFormat[]): LineReader {
  type Open = { owns: (line: string) => boolean; reader: LineReader | undefined; open: () => LineReader };
  const readers: Open[] = formats.flatMap(({ lines }) =>
    lines ? [{ owns: lines.owns, reader: undefined, open: () => lines.open(emit, source) }] : [],
  );
  return {
    line(text) {
      if (text.length > limits.eventBytesMax.value) {
        emit.refused('too-long');
        return;
      }
      if (/^\s*$/.test(text)) return;
      if (/^\s*\{/.test(text)) {
        if (nestingOf(text) > limits.nestingMax.value) {
          emit.refused('too-deep');
          return;
        }
        const event = parseObject(text);
        if (event) takeEvent(event, emit, source, formats);
        else emit.refused('malformed');
        return;
      }
      for (const each of readers) {
        if (!each.owns(text)) continue;
        each.reader ??= each.open();
        each.reader.line(text);
        return;
      }
      emit.refused('unrecognised');
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
