/** Headers of TCAP (ITU-T Q.773): the transaction, its application context, and which operations its components are of. */

import type { SccpRecord } from '@forewarn/model/records/telecom';
import { Der } from '../der.ts';
import { capOperations, mapOperations } from './codes.ts';

/** Components of one message that are read. */
export const componentsMax = 32;

/** Steps and depth of the search for the end of an element whose length is not given; real ones nest some ten deep. */
const stepsMax = 512;
const depthMax = 16;

const kinds: { readonly [tag: number]: string } = {
  0x61: 'unidirectional',
  0x62: 'begin',
  0x64: 'end',
  0x65: 'continue',
  0x67: 'abort',
};

const componentKinds: { readonly [tag: number]: string } = {
  0xa1: 'invoke',
  0xa2: 'result',
  0xa3: 'error',
  0xa4: 'reject',
  0xa7: 'result',
};

/** An element of BER: its tag, its content, and where the next one begins. */
class Ber {
  tag = 0;
  from = 0;
  to = 0;
  at: number;
  readonly end: number;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Steps to the next element; false at the end or where the bytes are none. Lengths may be left open (X.690 §8.1.3.6). */
  next(): boolean {
    const { bytes, end } = this;
    if (this.at + 2 > end) return false;
    this.tag = bytes[this.at]!;
    if ((this.tag & 0x1f) === 0x1f) return false;
    const first = bytes[this.at + 1]!;
    if (first === 0x80) {
      this.from = this.at + 2;
      const stop = openEnd(bytes, this.from, end);
      if (stop < 0) return false;
      this.to = stop;
      this.at = stop + 2;
      return true;
    }
    const count = first > 0x80 ? first & 0x7f : 0;
    if (count > 3 || this.at + 2 + count > end) return false;
    let length = count === 0 ? first : 0;
    for (let i = 0; i < count; i++) length = length * 256 + bytes[this.at + 2 + i]!;
    this.from = this.at + 2 + count;
    this.to = this.from + length;
    if (this.to > end) return false;
    this.at = this.to;
    return true;
  }

  inside(): Ber {
    return new Ber(this.bytes, this.from, this.to);
  }
}

/** Where the two zero bytes stand that end an element of open length; -1 where there are none. */
function openEnd(bytes: Uint8Array, start: number, end: number): number {
  let depth = 1;
  let at = start;
  for (let steps = 0; steps < stepsMax && at + 2 <= end; steps++) {
    if (bytes[at] === 0 && bytes[at + 1] === 0) {
      if (--depth === 0) return at;
      at += 2;
      continue;
    }
    if ((bytes[at]! & 0x1f) === 0x1f) return -1;
    const first = bytes[at + 1]!;
    at += 2;
    if (first === 0x80) {
      if (++depth > depthMax) return -1;
      continue;
    }
    const count = first > 0x80 ? first & 0x7f : 0;
    if (count > 3 || at + count > end) return -1;
    let length = count === 0 ? first : 0;
    for (let i = 0; i < count; i++) length = length * 256 + bytes[at + i]!;
    at += count + length;
  }
  return -1;
}

/** Reads a message into the record; false where its elements do not fit. What is no TCAP of ITU-T is left alone. */
export function readTcap(record: SccpRecord, bytes: Uint8Array, start: number, end: number): boolean {
  const kind = start < end ? kinds[bytes[start]!] : undefined;
  if (kind === undefined) return true;
  record.tcap = kind;
  const outer = new Ber(bytes, start, end);
  // Of a message that a segment has cut, what is there is read.
  const whole = outer.next();
  const parts = whole ? outer.inside() : new Ber(bytes, Math.min(end, start + headBytes(bytes, start)), end);
  let components: Ber | undefined;
  while (parts.next()) {
    switch (parts.tag) {
      case 0x48:
        record.otid ??= hex(bytes, parts.from, parts.to);
        break;
      case 0x49:
        record.dtid ??= hex(bytes, parts.from, parts.to);
        break;
      case 0x4a:
        if (parts.to > parts.from) record.abort_cause ??= bytes[parts.from]!;
        break;
      case 0x6b:
        dialogue(record, parts.inside());
        break;
      case 0x6c:
        components ??= parts.inside();
        break;
    }
  }
  const application = applicationOf(record);
  if (application !== undefined) record.application = application;
  const right = components === undefined || readComponents(record, components);
  return whole && right && parts.at >= parts.end;
}

const headBytes = (bytes: Uint8Array, start: number): number => 2 + (bytes[start + 1]! > 0x80 ? bytes[start + 1]! & 3 : 0);

const hex = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.prototype.hexSlice.call(bytes, from, Math.min(to, from + 8));

/** The dialogue portion: EXTERNAL, in it a request or response, in it the application context. */
function dialogue(record: SccpRecord, portion: Ber): void {
  if (!portion.next() || portion.tag !== 0x28) return;
  const external = portion.inside();
  while (external.next()) {
    if (external.tag !== 0xa0) continue;
    const pdu = external.inside();
    // AARQ and AARE; an abort has none.
    if (!pdu.next() || (pdu.tag !== 0x60 && pdu.tag !== 0x61)) return;
    const fields = pdu.inside();
    while (fields.next()) {
      if (fields.tag !== 0xa1) continue;
      const name = new Der(fields.bytes, fields.from, fields.to);
      if (name.next() && name.tag === 0x06) record.application_context ??= name.identifier();
      return;
    }
  }
}

/** Which application's operations they are: by the application context (TS 29.002, TS 29.078), else by the subsystem. */
function applicationOf({
  application_context: context,
  called_ssn: called,
  calling_ssn: calling,
}: SccpRecord): string | undefined {
  if (context !== undefined) {
    if (/^0\.4\.0\.0\.1\.(?:0\.5[0-3]|2[1-3])\./.test(`${context}.`)) return 'cap';
    if (context.startsWith('0.4.0.0.1.0.')) return 'map';
    if (context.startsWith('0.4.0.0.1.1.')) return 'inap';
  }
  // Either end may be an MSC or SGSN, which speak several: the other end tells which.
  if (called === 146 || calling === 146) return 'cap';
  if (called === 241 || calling === 241) return 'inap';
  return [called, calling].some(isOfMap) ? 'map' : undefined;
}

/** HLR, VLR, MSC, EIR, AuC, and the elements of packet networks (TS 23.003 annex). */
const isOfMap = (ssn: number | undefined): boolean =>
  ssn !== undefined && ((ssn >= 5 && ssn <= 10) || (ssn >= 142 && ssn <= 150));

/** Kinds, operations and errors of the components; false where one does not fit. */
function readComponents(record: SccpRecord, components: Ber): boolean {
  const found: string[] = [];
  const codes: number[] = [];
  const operations: string[] = [];
  const errors: number[] = [];
  const names = record.application === 'cap' ? capOperations : record.application === 'map' ? mapOperations : {};
  while (found.length < componentsMax && components.next()) {
    const kind = componentKinds[components.tag];
    if (kind === undefined) continue;
    found.push(kind);
    let fields = components.inside();
    // The invocation's number comes first; of a reject it may be NULL.
    if (!fields.next() || kind === 'reject') continue;
    if (kind === 'result') {
      if (!fields.next() || fields.tag !== 0x30) continue;
      fields = fields.inside();
    }
    while (fields.next()) {
      // Numbers of linked invocations have a tag of their own, and so do arguments.
      if (fields.tag !== 0x02) continue;
      const code = small(fields.bytes, fields.from, fields.to);
      if (kind === 'error') errors.push(code);
      else {
        codes.push(code);
        operations.push(names[code] ?? `unknown-${code}`);
      }
      break;
    }
  }
  if (found.length > 0) record.components = found;
  if (codes.length > 0) {
    record.operation_codes = codes;
    record.operations = operations;
  }
  if (errors.length > 0) record.error_codes = errors;
  return components.at >= components.end || found.length >= componentsMax;
}

function small(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < Math.min(to, from + 4); at++) value = value * 256 + bytes[at]!;
  return value;
}
