/**
 * Manufacturing Message Specification (ISO 9506), the clients and servers of IEC 61850 and ICCP, in its session (ISO 8327) and
 * presentation (ISO 8823): which service is asked of which objects, and what came of it.
 *
 *     data       01 00 01 00 ┤ 61 … 30 … 02 01 <context> a0 … ┤ a0 … { invoke identifier, service }
 *     connecting 0d … c1 …   ┤ 31 … a2 … 61 … 30 … a0 …        ┤ 60 … be … 28 … a0 … ┤ a8 … { what both agree on }
 *                session       presentation                      association (ISO 8650)  MMS
 */

import type { Seconds } from '@forewarn/base/time';
import type { MmsRecord } from '@forewarn/model/records/mms';
import type { Direction, Emit, FlowView } from '../protocol.ts';
import { textOf } from '../text.ts';
import { accessErrorName, errorClassName, namingOf, type Naming, pduName, serviceName, unconfirmedName } from './mms-codes.ts';

/** Objects, or results, of one message that are written. */
const objectsMax = 64;

/** IEC 61850-8-1 has names of 64 letters, of a domain and of an object in it. */
const nameLettersMax = 129;

export const mmsLimits = [
  {
    name: 'cotp.mmsObjectsMax',
    value: objectsMax,
    unit: 'objects in a message',
    why: 'As many as the part of a message that is looked at has room for.',
  },
  {
    name: 'cotp.mmsNameLettersMax',
    value: nameLettersMax,
    unit: 'letters',
    why: 'IEC 61850-8-1 has names of 64 letters, of a logical device and of an object in it.',
  },
] as const;

/** An element of BER; its content may be cut by the end of what is looked at. */
class Elements {
  readonly bytes: Uint8Array;
  readonly end: number;
  #at: number;
  /** Class, whether it holds others, and number of the tag. */
  first = 0;
  number = 0;
  from = 0;
  to = 0;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.#at = start;
    this.end = end;
  }

  next(): boolean {
    const { bytes, end } = this;
    let at = this.#at;
    if (end - at < 2) return false;
    this.first = bytes[at++]!;
    this.number = this.first & 0x1f;
    if (this.number === 0x1f) {
      // Numbers above thirty: seven bits a byte. Services have two at most.
      this.number = 0;
      for (let i = 0; ; i++) {
        if (at >= end || i === 3) return false;
        const more = bytes[at++]!;
        this.number = this.number * 128 + (more & 0x7f);
        if (more < 0x80) break;
      }
    }
    if (at >= end) return false;
    let length = bytes[at++]!;
    if (length >= 0x80) {
      let count = length & 0x7f;
      if (count === 0 || count > 4 || at + count > end) return false;
      length = 0;
      while (count-- > 0) length = length * 256 + bytes[at++]!;
    }
    this.from = at;
    this.to = Math.min(end, at + length);
    this.#at = this.to;
    return true;
  }

  /** Moves to the next element with this first byte of its tag. */
  find(first: number): boolean {
    while (this.next()) if (this.first === first) return true;
    return false;
  }

  inside(): Elements {
    return new Elements(this.bytes, this.from, this.to);
  }

  unsigned(): number {
    let value = 0;
    for (let at = Math.max(this.from, this.to - 4); at < this.to; at++) value = value * 256 + this.bytes[at]!;
    return value;
  }

  text(): string {
    return textOf(this.bytes, this.from, Math.min(this.to, this.from + nameLettersMax));
  }
}

export class Mms {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  /** The user data of COTP. What is no session of OSI with MMS in it is left alone. */
  message(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const whole = new Elements(bytes, start, end);
    // Some devices leave session and presentation out: the message of MMS then fills the unit.
    if ((bytes[start]! & 0xc0) === 0x80 && whole.next() && whole.to === end && pduName(whole.number) !== undefined) {
      this.pdu(direction, whole, ts);
      return;
    }
    const from = presentationAt(bytes, start, end);
    if (from < 0) return;
    const layer = new Elements(bytes, from, end);
    if (!layer.next()) return;
    let data: Elements | undefined;
    if (layer.first === 0x61) data = layer;
    else if (layer.first === 0x31) {
      const connecting = layer.inside();
      if (connecting.find(0xa2)) {
        const normal = connecting.inside();
        if (normal.find(0x61)) data = normal;
      }
    }
    if (data) this.presented(direction, data.inside(), ts);
  }

  /** Lists of presentation values: their context, and in tag a0 the message of MMS or of the association. */
  private presented(direction: Direction, lists: Elements, ts: Seconds): void {
    while (lists.find(0x30)) {
      const list = lists.inside();
      if (!list.find(0xa0)) continue;
      const value = list.inside();
      if (!value.next()) continue;
      if (value.first === 0x60 || value.first === 0x61) {
        const association = value.inside();
        if (!association.find(0xbe)) continue;
        const information = association.inside();
        if (!information.find(0x28)) continue;
        const external = information.inside();
        if (!external.find(0xa0)) continue;
        const inner = external.inside();
        if (inner.next()) this.pdu(direction, inner, ts);
      } else this.pdu(direction, value, ts);
    }
  }

  private pdu(direction: Direction, element: Elements, ts: Seconds): void {
    const name = (element.first & 0xc0) === 0x80 ? pduName(element.number) : undefined;
    if (name === undefined) return;
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm('mms');
    }
    const record = this.flow.head(ts) as MmsRecord;
    record.is_orig = direction === 0;
    record.pdu_type = name;
    const inner = element.inside();
    switch (element.number) {
      case 0:
      case 1:
        if (inner.next() && inner.first === 0x02) {
          record.invoke_id = inner.unsigned();
          if (inner.next()) service(record, inner, element.number === 0);
        } else this.bad(ts);
        break;
      case 2:
        error(record, inner);
        break;
      case 3:
        if (inner.next()) {
          record.service = unconfirmedName(inner.number);
          if (inner.number === 0) report(record, inner);
        }
        break;
      case 5:
      case 6:
        record.invoke_id = element.unsigned();
        break;
      case 8:
      case 9:
        while (inner.next()) {
          if (inner.first === 0x80) record.max_pdu_size = inner.unsigned();
          else if (inner.first === 0xa4 && inner.inside().next()) {
            const detail = inner.inside();
            if (detail.find(0x80)) record.version = detail.unsigned();
          }
        }
        break;
      default:
    }
    this.emit.record('mms', record);
  }

  private bad(ts: Seconds): void {
    if (this.told) return;
    this.told = true;
    this.emit.weird('mms_bad_message', ts);
  }
}

/** Where the presentation begins: behind the two heads of session data, or in the user data of connecting (ISO 8327 §8.3); -1: nowhere. */
function presentationAt(bytes: Uint8Array, start: number, end: number): number {
  const kind = bytes[start]!;
  if (kind === 0x01 && end - start > 4 && bytes[start + 1] === 0 && bytes[start + 2] === 0x01 && bytes[start + 3] === 0)
    return start + 4;
  if (kind !== 0x0d && kind !== 0x0e) return -1;
  let at = start + 1;
  at += bytes[at] === 0xff ? 3 : 1;
  while (end - at >= 2) {
    const parameter = bytes[at]!;
    const wide = bytes[at + 1] === 0xff;
    const from = at + (wide ? 4 : 2);
    if (from > end) return -1;
    // User data, the last of the parameters.
    if (parameter === 0xc1) return from;
    at = from + (wide ? (bytes[at + 2]! << 8) | bytes[at + 3]! : bytes[at + 1]!);
  }
  return -1;
}

function service(record: MmsRecord, element: Elements, isRequest: boolean): void {
  record.service = serviceName(element.number);
  if (isRequest) {
    const naming = namingOf(element.number);
    const objects = naming === undefined ? [] : named(element, naming);
    if (objects.length > 0) record.objects = objects;
    return;
  }
  if (element.number === 2) {
    const identity = element.inside();
    while (identity.next()) {
      if (identity.first === 0x80) record.vendor_name = identity.text();
      else if (identity.first === 0x81) record.model_name = identity.text();
      else if (identity.first === 0x82) record.revision = identity.text();
    }
  } else if (element.number === 5) record.results = results(element.inside());
  else if (element.number === 4) {
    const answer = element.inside();
    if (answer.find(0xa1)) record.results = results(answer.inside());
  }
}

/** The objects of a request. */
function named(element: Elements, naming: Naming): string[] {
  const objects: string[] = [];
  switch (naming) {
    case 'self':
      objects.push(element.text());
      break;
    case 'first': {
      const inner = element.inside();
      if (inner.find(0x80)) objects.push(inner.text());
      break;
    }
    case 'scope': {
      // The class of the names, and where they are: everywhere, in a domain, or in this association.
      const inner = element.inside();
      if (inner.find(0xa1)) {
        const scope = inner.inside();
        if (scope.next() && scope.first === 0x81) objects.push(scope.text());
      }
      break;
    }
    case 'object': {
      // Tag a0 of a variable holds its name; that of a list stands by itself.
      const inner = element.inside();
      if (inner.next()) addObject(objects, inner.first === 0xa0 && element.number === 6 ? within(inner) : inner);
      break;
    }
    case 'variables':
      addVariables(objects, element.inside());
      break;
    case 'nested': {
      const inner = element.inside();
      if (element.number === 13) {
        if (inner.find(0xa1)) {
          const names = inner.inside();
          while (objects.length < objectsMax && names.next()) addObject(objects, names);
        }
      } else if (inner.find(0xa1)) addVariables(objects, inner.inside());
      break;
    }
    default: {
      // Names of files are lists of texts.
      const inner = element.inside();
      while (objects.length < objectsMax && inner.next()) {
        if (inner.first === 0x19) objects.push(inner.text());
        else if ((inner.first & 0x20) !== 0) {
          const deeper = inner.inside();
          while (objects.length < objectsMax && deeper.next()) if (deeper.first === 0x19) objects.push(deeper.text());
        }
      }
    }
  }
  return objects;
}

/** What is in an element, at its first. */
function within(element: Elements): Elements {
  const inner = element.inside();
  inner.next();
  return inner;
}

/** A list of variables (a0), or the name of one that was made before (a1). */
function addVariables(objects: string[], specification: Elements): void {
  if (!specification.next()) return;
  if (specification.first === 0xa1) {
    addObject(objects, within(specification));
    return;
  }
  if (specification.first !== 0xa0) return;
  const list = specification.inside();
  while (objects.length < objectsMax && list.find(0x30)) {
    const variable = list.inside();
    if (variable.next() && variable.first === 0xa0) addObject(objects, within(variable));
  }
}

/** A name of the device (80), of a domain and an item in it (a1), or of this association (82). */
function addObject(objects: string[], element: Elements): void {
  if (element.first === 0x80) objects.push(element.text());
  else if (element.first === 0x82) objects.push(`@${element.text()}`);
  else if (element.first === 0xa1) {
    const parts = element.inside();
    if (!parts.find(0x1a)) return;
    const domain = parts.text();
    objects.push(parts.find(0x1a) ? `${domain}/${parts.text()}` : domain);
  }
}

/** What came of each object: data that were read are not written, only that they were. */
function results(list: Elements): string[] {
  const texts: string[] = [];
  while (texts.length < objectsMax && list.next()) texts.push(list.first === 0x80 ? accessErrorName(list.unsigned()) : 'success');
  return texts;
}

/** A report of IEC 61850 is the list RPT of the device; its first value is the identifier of the report. */
function report(record: MmsRecord, element: Elements): void {
  const objects: string[] = [];
  addVariables(objects, element.inside());
  if (objects.length > 0) record.objects = objects;
  const inner = element.inside();
  if (objects[0] !== 'RPT' || !inner.next() || !inner.next() || inner.first !== 0xa0) return;
  const value = inner.inside();
  if (value.next() && value.first === 0x8a) record.report_id = value.text();
}

/** Invoke identifier, and in tag a2 the class of the error with its code. */
function error(record: MmsRecord, inner: Elements): void {
  while (inner.next()) {
    if (inner.first === 0x80) record.invoke_id = inner.unsigned();
    else if (inner.first === 0xa2) {
      const classes = inner.inside();
      if (!classes.find(0xa0)) return;
      const code = classes.inside();
      if (!code.next()) return;
      record.error_class = errorClassName(code.number);
      record.error_code = code.unsigned();
    }
  }
}
