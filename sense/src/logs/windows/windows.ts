/**
 * Windows events as XML (the event viewer's and `wevtutil`'s exports, forwarders' lines) and as JSON, in the forms in which they are met: of EVTX
 * readers, of Winlogbeat old and new, and flat ones (NXLog, Fluent Bit, Azure's tables). All become the same record.
 */

import { flatten, isObject, type FlatRecord } from '../flatten.ts';
import type { JsonObject, LogEmit, LogFormat, LogReader, LogSource } from '../format.ts';
import { instantOfValue } from '../instants.ts';
import { eventOfElement, eventOfJson } from './event.ts';
import { EventCutter, eventNamespace, readElement } from './xml.ts';

const log = 'windows';

export const windows: LogFormat = {
  name: 'windows',
  logs: [log],
  file: {
    recognise(start) {
      const text = new TextDecoder().decode(start);
      return /^\s*<(?:\?xml|!--|Events?[\s>])/.test(text) && text.includes(eventNamespace);
    },
    open: (emit, source) => new XmlReader(emit, source),
  },
  lines: {
    owns: (line) => /^\s*<Event[\s>]/.test(line),
    open: (emit, source) => ({ line: (text) => takeXml(text.trim(), emit, source), end: () => undefined }),
  },
  events: {
    owns: (event) => formOf(event) !== undefined,
    take(event, emit, source) {
      const record = formOf(event)!(event, emit);
      if (record) write(record, emit, source);
    },
  },
};

function write(record: FlatRecord, emit: LogEmit, source: LogSource): void {
  if (record['ts'] === undefined) {
    const at = source.at?.();
    if (at !== undefined) record['ts'] = at;
  }
  emit.record(log, record);
}

function takeXml(xml: string, emit: LogEmit, source: LogSource): void {
  const element = readElement(xml);
  if (typeof element === 'string') {
    emit.refused(element);
    return;
  }
  const record = eventOfElement(element);
  if (record) write(record, emit, source);
  else emit.refused('malformed');
}

class XmlReader implements LogReader {
  readonly #decoder = new TextDecoder();
  readonly #cutter: EventCutter;

  constructor(emit: LogEmit, source: LogSource) {
    this.#cutter = new EventCutter(
      (xml) => takeXml(xml, emit, source),
      (reason) => emit.refused(reason),
    );
  }

  data(bytes: Uint8Array): void {
    this.#cutter.push(this.#decoder.decode(bytes, { stream: true }));
  }

  end(): void {
    this.#cutter.push(this.#decoder.decode());
    this.#cutter.end();
  }
}

type Form = (event: JsonObject, emit: LogEmit) => FlatRecord | undefined;

function formOf(event: JsonObject): Form | undefined {
  const inner = event['Event'];
  if (isObject(inner) && isObject(inner['System'])) return () => eventOfJson(inner);
  const { winlog } = event;
  if (isObject(winlog) && (winlog['event_id'] !== undefined || winlog['channel'] !== undefined)) return ofWinlogbeat;
  if (isObject(event['event_data']) && typeof event['log_name'] === 'string') return ofOldWinlogbeat;
  if (event['EventID'] === undefined) return undefined;
  const named = ['Channel', 'SourceName', 'EventSourceName', 'ProviderName', 'ProviderGuid'].some(
    (name) => typeof event[name] === 'string',
  );
  return named ? ofFlat : undefined;
}

/** Gives fields of a shipper the names they have in the event; the shipper's own keep theirs. */
function renamed(record: FlatRecord, names: { readonly [from: string]: string }): FlatRecord {
  const out: FlatRecord = {};
  for (const [name, value] of Object.entries(record)) {
    const data = /^(?:winlog\.)?(?:event_data|user_data)\.(.+)$/.exec(name);
    const to = data ? data[1]! : (names[name] ?? name);
    if (!Object.hasOwn(out, to)) out[to] = value;
  }
  return timed(numbered(out));
}

/** Names of Elastic's schema for what stands in `System`. */
const winlogNames: { readonly [from: string]: string } = {
  'winlog.channel': 'Channel',
  'winlog.event_id': 'EventID',
  'winlog.computer_name': 'Computer',
  'winlog.provider_name': 'Provider_Name',
  'winlog.provider_guid': 'Provider_Guid',
  'winlog.record_id': 'EventRecordID',
  'winlog.version': 'Version',
  'winlog.process.pid': 'Execution_ProcessID',
  'winlog.process.thread.id': 'Execution_ThreadID',
  'winlog.user.identifier': 'Security_UserID',
  'winlog.activity_id': 'Correlation_ActivityID',
  'winlog.related_activity_id': 'Correlation_RelatedActivityID',
  message: 'Message',
};

const ofWinlogbeat: Form = (event, emit) => {
  const record = flatten(event, emit);
  return record && renamed(record, winlogNames);
};

const oldWinlogNames: { readonly [from: string]: string } = {
  log_name: 'Channel',
  event_id: 'EventID',
  computer_name: 'Computer',
  source_name: 'Provider_Name',
  provider_guid: 'Provider_Guid',
  record_number: 'EventRecordID',
  process_id: 'Execution_ProcessID',
  thread_id: 'Execution_ThreadID',
  message: 'Message',
};

const ofOldWinlogbeat: Form = (event, emit) => {
  const record = flatten(event, emit);
  return record && renamed(record, oldWinlogNames);
};

/** Here the data have their own names already; what `System` says is added under its names where it has others. */
const flatNames: { readonly [name: string]: readonly string[] } = {
  Computer: ['Hostname', 'hostname', 'host'],
  Provider_Name: ['SourceName', 'EventSourceName', 'ProviderName'],
  Provider_Guid: ['ProviderGuid'],
  EventRecordID: ['RecordNumber', 'RecordID'],
  Execution_ProcessID: ['ExecutionProcessID'],
  Execution_ThreadID: ['ExecutionThreadID'],
};

const ofFlat: Form = (event, emit) => {
  const record = flatten(event, emit);
  if (!record) return undefined;
  for (const [name, from] of Object.entries(flatNames)) {
    if (record[name] !== undefined) continue;
    const found = from.find((other) => typeof record[other] === 'string' || typeof record[other] === 'number');
    if (found !== undefined) record[name] = record[found];
  }
  return timed(numbered(record));
};

/** `EventID` is a number, however the shipper wrote it. */
function numbered(record: FlatRecord): FlatRecord {
  const id = record['EventID'];
  if (typeof id === 'string' && /^\d{1,10}$/.test(id)) record['EventID'] = Number(id);
  return record;
}

/** The surest first: shippers write `EventTime` in the time of the computer's own zone, and `UtcTime` is Sysmon's. */
const times = [
  'ts',
  'TimeCreated_SystemTime',
  'winlog.time_created',
  '@timestamp',
  'TimeCreated',
  'TimeGenerated',
  'UtcTime',
  'EventTime',
  'EventReceivedTime',
];

function timed(record: FlatRecord): FlatRecord {
  for (const name of times) {
    const ts = instantOfValue(record[name]);
    if (ts !== undefined) return { ...record, ts };
  }
  return record;
}
