/**
 * What a shipper brings, whichever way: an event that is an object, or the content of a message, which may be one, several, or lines of a format of its own. `_bulk`, OTLP,
 * Kafka, NATS and MQTT all read it here, so that a shipper's events are the same records whatever lies between.
 */

import { recordType } from '@forewarn/model/records/index';
import { Accountant, type LogSink } from './account.ts';
import type { JsonObject, LogSource } from './format.ts';
import { logFormats } from './index.ts';
import { createLogIntake, knowsLine } from './intake.ts';
import { limits } from './limits.ts';
import { objectsReader, parseObject, wrapperNames as wrappers } from './objects.ts';

export type Shipped = {
  /** One event. `line`: a text in it that may be of a format of its own. */
  event(event: JsonObject, line?: string): void;
  /** The content of one message: an object, several or a list of them, a cloud's wrapper around a list, or lines. Valid during the call. */
  message(bytes: Uint8Array): void;
  /** What is still held of several lines is written. */
  flush(): void;
  /** Events that could not be read, by reason, cumulative. */
  refused(): { readonly [reason: string]: number };
};

/** The formats that know an object by what stands in it; the last one takes all. */
const known = logFormats.filter(({ events, name }) => events && name !== 'json');

/** Opens one for a sender. `source.name` names the log of events that no format knows. Never throws, but for what the sink throws. */
export function createShipped(source: LogSource, sink: LogSink): Shipped {
  const intake = createLogIntake(source, {
    record(log, record) {
      // A line seldom names its host; what is around it does.
      const wants = host !== undefined && record['hostname'] === undefined;
      sink.record(
        log,
        wants && Object.hasOwn(recordType(log)?.columns ?? {}, 'hostname') ? { ...record, hostname: host } : record,
      );
    },
  });
  /** What is refused before it is an event: a list that is cut, a piece that is no object. */
  const cutting = new Accountant(sink);
  let host: string | undefined;

  function event(of: JsonObject, text?: string): void {
    host = hostOf(of);
    const own = text !== undefined && !known.some(({ events }) => events!.owns(of));
    if (own && (/^\s*\{/.test(text) || knowsLine(text, logFormats))) intake.line(text);
    else intake.event(of);
  }

  function object(of: JsonObject): void {
    const { message } = of;
    event(of, typeof message === 'string' ? message : undefined);
  }

  /** A line that is of no format is a text that somebody's program wrote. */
  function line(text: string): void {
    host = undefined;
    if (text.length > limits.eventBytesMax.value || knowsLine(text, logFormats)) intake.line(text);
    else if (!/^\s*$/.test(text)) intake.event({ message: text });
  }

  return {
    event,
    message(bytes) {
      if (bytes.length > limits.messageBytesMax.value) return cutting.refused('too-long');
      let first = 0;
      while (isSpace(bytes[first])) first++;
      if (bytes[first] !== 0x7b && bytes[first] !== 0x5b) {
        for (const one of decoder.decode(bytes).split('\n')) line(one.endsWith('\r') ? one.slice(0, -1) : one);
        return;
      }
      // Nearly always one object; its nesting is looked at where it becomes a record.
      const one =
        bytes[first] === 0x7b && bytes.length <= limits.eventBytesMax.value ? parseObject(decoder.decode(bytes)) : undefined;
      if (one && !wrappers.some((name) => Array.isArray(one[name]))) return object(one);
      const reader = objectsReader(cutting, object);
      reader.data(bytes);
      reader.end();
    },
    flush: () => intake.flush(),
    refused() {
      const refused: { [reason: string]: number } = {};
      for (const account of [intake.account(), cutting.account()]) {
        for (const [reason, { count }] of Object.entries(account.refused)) refused[reason] = (refused[reason] ?? 0) + count;
      }
      return refused;
    },
  };
}

const decoder = new TextDecoder();
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;

/** As the Elastic Common Schema, OpenTelemetry and plain shippers name it. */
function hostOf(event: JsonObject): string | undefined {
  const { host } = event;
  const named = typeof host === 'object' && host !== null ? (host as JsonObject)['name'] : (host ?? event['host.name']);
  return typeof named === 'string' && named !== '' && named.length <= 255 ? named : undefined;
}
