/**
 * Log records of OpenTelemetry as objects: an ExportLogsServiceRequest in protobuf or in JSON
 * (https://opentelemetry.io/docs/specs/otlp/, opentelemetry/proto/logs/v1/logs.proto).
 *
 * A body that is a text stays one, beside its attributes: it may be a line of a format of its own. Of protobuf only what the message needs is
 * read here: varints, fixed numbers and lengths; what is unknown is passed over, as the encoding wants it.
 */

import type { JsonObject } from '../format.ts';

/** Records of one request; exporters send 512 by default (BatchLogRecordProcessor). */
const recordsMax = 20_000;

/** Nesting of values: lists in maps in lists. */
const nestingMax = 32;

/** Values of one request: a record of two thousand attributes ten times over. */
const valuesMax = 2_000_000;

export const limits = [
  {
    name: 'otlp.recordsMax',
    value: recordsMax,
    unit: 'records per request',
    why: 'What a batch holds; exporters send 512 by default.',
  },
  { name: 'otlp.nestingMax', value: nestingMax, unit: 'levels', why: 'Of values in values; attributes are flat by convention.' },
  {
    name: 'otlp.valuesMax',
    value: valuesMax,
    unit: 'values per request',
    why: 'Empty values take two bytes and an object each.',
  },
] as const;

/** One log record: its text, where the body is one, and its fields. */
export type OtlpRecord = { readonly text: string | undefined; readonly event: JsonObject };

export type OtlpRead =
  | { readonly kind: 'records'; readonly records: readonly OtlpRecord[]; readonly beyond: number }
  /** What stands there is no such request. */
  | { readonly kind: 'malformed'; readonly why: string };

type Values = { [name: string]: unknown };

class Malformed extends Error {}

/** A record has what its resource has, too: a large one before many small records is no way to make us grow. */
function withResource(resource: Values, budget: { values: number }): Values {
  budget.values -= Object.keys(resource).length;
  if (budget.values < 0) throw new Malformed('too many values');
  return { ...resource };
}

/** Reads a request in protobuf. Never throws. */
export function readOtlpProtobuf(bytes: Uint8Array): OtlpRead {
  return reading((into) => {
    const budget = { values: valuesMax };
    eachField(bytes, 0, bytes.length, (field, at, end) => {
      if (field !== 1) return;
      const resource: Values = {};
      eachField(bytes, at, end, (inner, from, to) => {
        if (inner === 1) eachField(bytes, from, to, (one, a, b) => one === 1 && keyValue(bytes, a, b, resource, 0, budget));
      });
      eachField(bytes, at, end, (inner, from, to) => {
        if (inner !== 2) return;
        let scope: string | undefined;
        eachField(bytes, from, to, (one, a, b) => {
          if (one === 1) eachField(bytes, a, b, (part, c, d) => void (part === 1 && (scope = text(bytes, c, d))));
        });
        eachField(bytes, from, to, (one, a, b) => {
          if (one === 2) into(() => logRecord(bytes, a, b, resource, scope, budget));
        });
      });
    });
  });
}

/** Reads a request in JSON, parsed. Never throws. */
export function readOtlpJson(request: unknown): OtlpRead {
  return reading((into) => {
    const budget = { values: valuesMax };
    for (const of of list(object(request)['resourceLogs'])) {
      const resource: Values = {};
      jsonAttributes(object(object(of)['resource'])['attributes'], resource, budget);
      for (const scoped of list(object(of)['scopeLogs'])) {
        const scope = object(object(scoped)['scope'])['name'];
        for (const given of list(object(scoped)['logRecords'])) {
          const one = object(given);
          into(() => {
            const event: Values = withResource(resource, budget);
            jsonAttributes(one['attributes'], event, budget);
            const body = one['body'] === undefined ? undefined : jsonValue(one['body'], 0, budget);
            return finished(event, body, {
              time: nanoseconds(one['timeUnixNano']),
              observed: nanoseconds(one['observedTimeUnixNano']),
              number: typeof one['severityNumber'] === 'number' ? one['severityNumber'] : undefined,
              word: string(one['severityText']),
              trace: string(one['traceId']),
              span: string(one['spanId']),
              name: string(one['eventName']),
              scope: string(scope),
            });
          });
        }
      }
    }
  });
}

function reading(read: (into: (make: () => OtlpRecord) => void) => void): OtlpRead {
  const records: OtlpRecord[] = [];
  let beyond = 0;
  try {
    read((make) => {
      if (records.length >= recordsMax) beyond++;
      else records.push(make());
    });
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { kind: 'malformed', why: error.message };
  }
  return { kind: 'records', records, beyond };
}

type About = {
  time: number | undefined;
  observed: number | undefined;
  number: number | undefined;
  word: string | undefined;
  trace: string | undefined;
  span: string | undefined;
  name: string | undefined;
  scope: string | undefined;
};

function finished(event: Values, body: unknown, about: About): OtlpRecord {
  const ts = about.time ?? about.observed;
  const head: Values = {
    ...(ts === undefined ? {} : { ts }),
    ...(about.number === undefined || about.number === 0 ? {} : { SeverityNumber: about.number }),
    ...(about.word === undefined || about.word === '' ? {} : { SeverityText: about.word }),
    ...(about.name === undefined || about.name === '' ? {} : { EventName: about.name }),
    ...(about.trace === undefined || about.trace === '' ? {} : { TraceId: about.trace }),
    ...(about.span === undefined || about.span === '' ? {} : { SpanId: about.span }),
    ...(about.scope === undefined || about.scope === '' ? {} : { 'InstrumentationScope.name': about.scope }),
  };
  const isMap = typeof body === 'object' && body !== null && !Array.isArray(body);
  // A body that is an object is the event itself, as other systems write it; a text is its message.
  return {
    text: typeof body === 'string' ? body : undefined,
    event: { ...event, ...(isMap ? (body as Values) : body === undefined ? {} : { Body: body }), ...head },
  };
}

// ---- protobuf (https://protobuf.dev/programming-guides/encoding/) ---------------------------------------------------

/** Calls for each field: of lengths and fixed numbers with the place of their bytes, of varints with the place of the number. */
function eachField(
  bytes: Uint8Array,
  start: number,
  end: number,
  take: (field: number, at: number, end: number) => unknown,
): void {
  for (let at = start; at < end;) {
    const key = varintEnd(bytes, at, end);
    const tag = varint(bytes, at, key);
    const field = Math.floor(tag / 8);
    let from = key;
    let to: number;
    switch (tag % 8) {
      case 0:
        to = varintEnd(bytes, key, end);
        break;
      case 1:
        to = key + 8;
        break;
      case 2: {
        from = varintEnd(bytes, key, end);
        to = from + varint(bytes, key, from);
        break;
      }
      case 5:
        to = key + 4;
        break;
      default:
        throw new Malformed('a field of a kind that protobuf does not have');
    }
    if (to > end) throw new Malformed('a field that reaches beyond its message');
    take(field, from, to);
    at = to;
  }
}

function varintEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < Math.min(end, start + 10); at++) if (bytes[at]! < 0x80) return at + 1;
  throw new Malformed('a number without an end');
}

/** Exact to 2^53; larger ones are lengths and numbers that nobody means. */
function varint(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  let factor = 1;
  for (let at = start; at < end; at++) {
    value += (bytes[at]! & 0x7f) * factor;
    factor *= 128;
  }
  return value;
}

/** Signed numbers of 64 bits stand as their complement. */
function signed(bytes: Uint8Array, start: number, end: number): number {
  let value = 0n;
  for (let at = end - 1; at >= start; at--) value = (value << 7n) | BigInt(bytes[at]! & 0x7f);
  return Number(BigInt.asIntN(64, value));
}

const decoder = new TextDecoder();
const text = (bytes: Uint8Array, start: number, end: number): string => decoder.decode(bytes.subarray(start, end));
const hexadecimal = (bytes: Uint8Array, start: number, end: number): string => {
  let digits = '';
  for (let at = start; at < Math.min(end, start + 32); at++) digits += bytes[at]!.toString(16).padStart(2, '0');
  return digits;
};
const view = (bytes: Uint8Array, start: number, end: number): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset + start, end - start);

/** Fixed64 nanoseconds as seconds; 0: not told. */
function instant(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start !== 8) throw new Malformed('a time that is none');
  const value = view(bytes, start, end).getBigUint64(0, true);
  return value === 0n ? undefined : Number(value / 1_000n) / 1e6;
}

function logRecord(
  bytes: Uint8Array,
  start: number,
  end: number,
  resource: Values,
  scope: string | undefined,
  budget: { values: number },
): OtlpRecord {
  const event: Values = withResource(resource, budget);
  let body: unknown;
  const about: About = { time: undefined, observed: undefined, number: undefined, word: undefined, trace: undefined, span: undefined, name: undefined, scope }; // oxfmt-ignore
  eachField(bytes, start, end, (field, at, to) => {
    switch (field) {
      case 1:
        about.time = instant(bytes, at, to);
        break;
      case 2:
        about.number = varint(bytes, at, to);
        break;
      case 3:
        about.word = text(bytes, at, to);
        break;
      case 5:
        body = anyValue(bytes, at, to, 0, budget);
        break;
      case 6:
        keyValue(bytes, at, to, event, 0, budget);
        break;
      case 9:
        about.trace = hexadecimal(bytes, at, to);
        break;
      case 10:
        about.span = hexadecimal(bytes, at, to);
        break;
      case 11:
        about.observed = instant(bytes, at, to);
        break;
      case 12:
        about.name = text(bytes, at, to);
    }
  });
  return finished(event, body, about);
}

function keyValue(bytes: Uint8Array, start: number, end: number, into: Values, depth: number, budget: { values: number }): void {
  let name: string | undefined;
  let value: unknown;
  eachField(bytes, start, end, (field, at, to) => {
    if (field === 1) name = text(bytes, at, to);
    else if (field === 2) value = anyValue(bytes, at, to, depth + 1, budget);
  });
  if (name !== undefined && name !== '' && name !== '__proto__') into[name] = value;
}

function anyValue(bytes: Uint8Array, start: number, end: number, depth: number, budget: { values: number }): unknown {
  if (depth > nestingMax) throw new Malformed('values nested too deep');
  if (--budget.values < 0) throw new Malformed('too many values');
  let value: unknown;
  eachField(bytes, start, end, (field, at, to) => {
    switch (field) {
      case 1:
        value = text(bytes, at, to);
        break;
      case 2:
        value = varint(bytes, at, to) !== 0;
        break;
      case 3:
        value = signed(bytes, at, to);
        break;
      case 4:
        if (to - at !== 8) throw new Malformed('a number that is none');
        value = view(bytes, at, to).getFloat64(0, true);
        break;
      case 5: {
        const values: unknown[] = [];
        eachField(bytes, at, to, (one, a, b) => one === 1 && values.push(anyValue(bytes, a, b, depth + 1, budget)));
        value = values;
        break;
      }
      case 6: {
        const values: Values = {};
        eachField(bytes, at, to, (one, a, b) => one === 1 && keyValue(bytes, a, b, values, depth, budget));
        value = values;
        break;
      }
      case 7:
        value = hexadecimal(bytes, at, to);
    }
  });
  return value;
}

// ---- JSON -----------------------------------------------------------------------------------------------------------

function object(value: unknown): JsonObject {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new Malformed('something else where an object should be');
  return value as JsonObject;
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Malformed('something else where a list should be');
  return value;
}

const string = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Numbers of 64 bits are texts in protobuf's JSON. */
function nanoseconds(value: unknown): number | undefined {
  const told = typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : undefined;
  const number = told === undefined ? (typeof value === 'number' ? value / 1e9 : undefined) : Number(told / 1_000n) / 1e6;
  return number === undefined || number === 0 || !Number.isFinite(number) ? undefined : number;
}

function jsonAttributes(given: unknown, into: Values, budget: { values: number }, depth = 0): void {
  for (const one of list(given)) {
    const { key, value } = object(one);
    if (typeof key === 'string' && key !== '' && key !== '__proto__') into[key] = jsonValue(value, depth + 1, budget);
  }
}

function jsonValue(given: unknown, depth: number, budget: { values: number }): unknown {
  if (depth > nestingMax) throw new Malformed('values nested too deep');
  if (--budget.values < 0) throw new Malformed('too many values');
  const value = object(given);
  if (typeof value['stringValue'] === 'string') return value['stringValue'];
  if (typeof value['boolValue'] === 'boolean') return value['boolValue'];
  if (value['intValue'] !== undefined) return Number(value['intValue']);
  if (typeof value['doubleValue'] === 'number') return value['doubleValue'];
  if (typeof value['bytesValue'] === 'string') return value['bytesValue'];
  if (value['arrayValue'] !== undefined) {
    return list(object(value['arrayValue'])['values']).map((one) => jsonValue(one, depth + 1, budget));
  }
  if (value['kvlistValue'] !== undefined) {
    const values: Values = {};
    jsonAttributes(object(value['kvlistValue'])['values'], values, budget, depth);
    return values;
  }
  return undefined;
}
