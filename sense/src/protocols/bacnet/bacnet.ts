/**
 * BACnet/IP: the automation of buildings over UDP, written with the logs and columns of icsnpp-bacnet.
 *
 *      0    1          2        4         5         6
 *     ┌────┬──────────┬────────┬─────────┬─────────┬───────────────────────┬──────┬┄
 *     │ 81 │ function │ length │ version │ control │ networks, where named │ APDU │
 *     └────┴──────────┴────────┴─────────┴─────────┴───────────────────────┴──────┴┄
 *      BVLC (annex J)            NPDU (clause 6)                            clause 20
 */

import type { Seconds } from '@forewarn/base/time';
import type { BacnetDeviceControlRecord, BacnetDiscoveryRecord, BacnetRecord } from '@forewarn/model/records/bacnet';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { textOf } from '../text.ts';
import {
  abortName,
  communicationState,
  confirmedName,
  errorName,
  functionName,
  isFunction,
  linkResultName,
  networkMessageName,
  objectName,
  reinitializeState,
  rejectName,
  typeName,
  unconfirmedName,
  vendorName,
} from './codes.ts';
import { Properties, propertiesMax } from './properties.ts';
import { Tags, valueLettersMax } from './tags.ts';

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'bacnet.propertiesMax',
    value: propertiesMax,
    unit: 'properties in a message',
    why: 'A message of 1,476 bytes has room for some two hundred; those that ask for more are rare, and the first tell what is asked.',
  },
  {
    name: 'bacnet.valueLettersMax',
    value: valueLettersMax,
    unit: 'letters',
    why: 'Names of objects and products; longer texts are cut.',
  },
] as const;

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

const deviceCommunicationControl = 17;
const reinitializeDevice = 20;

class BacnetParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly properties: Properties;
  private confirmed = false;
  private told = 0;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
    this.properties = new Properties(flow, emit);
  }

  gap(): void {}
  finish(): void {}

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (!isLink(bytes, start, end)) {
      this.weird(1, 'bacnet_bad_message', ts);
      return;
    }
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    const code = bytes[start + 1]!;
    const stop = start + u16(bytes, start + 2);
    const record = this.flow.head(ts) as BacnetRecord;
    record.is_orig = direction === 0;
    record.bvlc_function = functionName(code);
    // A forwarded message names its first sender before the network layer.
    if (code === 4 || code === 9 || code === 10 || code === 11) {
      this.network(record, bytes, start + (code === 4 ? 10 : 4), stop, ts);
      return;
    }
    if (code === 0 && stop - start >= 6) record.result_code = linkResultName(u16(bytes, start + 4));
    this.emit.record('bacnet', record);
  }

  private network(record: BacnetRecord, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let at = start + 2;
    const control = at <= end ? bytes[start + 1]! : 0;
    let whole = at <= end && bytes[start] === 1;
    if (whole && control & 0x20) {
      whole = end - at >= 3 && end - at >= 3 + bytes[at + 2]!;
      if (whole) {
        record.dnet = u16(bytes, at);
        const length = bytes[at + 2]!;
        if (length > 0) record.dadr = Buffer.prototype.hexSlice.call(bytes, at + 3, at + 3 + length);
        at += 3 + length;
      }
    }
    if (whole && control & 0x08) {
      whole = end - at >= 3 && end - at >= 3 + bytes[at + 2]!;
      if (whole) {
        record.snet = u16(bytes, at);
        const length = bytes[at + 2]!;
        if (length > 0) record.sadr = Buffer.prototype.hexSlice.call(bytes, at + 3, at + 3 + length);
        at += 3 + length;
      }
    }
    if (whole && control & 0x20) at++;
    if (!whole || at >= end) {
      this.weird(2, 'bacnet_truncated_message', ts);
      this.emit.record('bacnet', record);
      return;
    }
    if (control & 0x80) {
      record.pdu_type = 'NETWORK_MESSAGE';
      record.pdu_service = networkMessageName(bytes[at]!);
      this.emit.record('bacnet', record);
      return;
    }
    this.application(record, bytes, at, end, ts);
  }

  private application(record: BacnetRecord, bytes: Uint8Array, at: number, end: number, ts: Seconds): void {
    const type = bytes[at]! >> 4;
    const have = end - at;
    const isSegment = (type === 0 || type === 3) && (bytes[at]! & 8) !== 0;
    record.pdu_type = typeName(type);
    // The invoke identifier, and behind a segment's two numbers the service.
    const invokeAt = type === 0 ? 2 : 1;
    const serviceAt = type === 1 ? 1 : invokeAt + 1 + (isSegment ? 2 : 0);
    if (type > 7 || have <= serviceAt) {
      this.weird(2, 'bacnet_truncated_message', ts);
      this.emit.record('bacnet', record);
      return;
    }
    const service = bytes[at + serviceAt]!;
    if (type === 1) record.pdu_service = unconfirmedName(service);
    else record.invoke_id = bytes[at + invokeAt]!;
    if (type === 0 || type === 2 || type === 3 || type === 5) record.pdu_service = confirmedName(service);
    else if (type === 6) record.result_code = rejectName(service);
    else if (type === 7) record.result_code = abortName(service);
    if (type === 5) {
      const code = errorOf(new Tags(bytes, at + serviceAt + 1, end));
      if (code >= 0) record.result_code = errorName(code);
    }
    this.emit.record('bacnet', record);
    // Later segments begin in the midst of a value.
    if (isSegment && bytes[at + invokeAt + 1] !== 0) return;
    const tags = new Tags(bytes, at + serviceAt + 1, end);
    const isRequest = type === 0;
    if (type === 1) this.discovery(record, service, tags);
    else if (service === deviceCommunicationControl || service === reinitializeDevice) this.control(record, type, service, tags);
    else if ((isRequest || type === 3) && !this.properties.read(record, service, isRequest, tags) && !isSegment) {
      this.weird(4, 'bacnet_bad_parameters', ts);
    }
  }

  /** Who-Is, I-Am, Who-Has, I-Have (clauses 16.9 and 16.10). */
  private discovery(of: BacnetRecord, service: number, tags: Tags): void {
    const names: { readonly [service: number]: string } = { 0: 'i-am', 1: 'i-have', 7: 'who-has', 8: 'who-is' };
    const name = names[service];
    if (name === undefined) return;
    const record = this.flow.head(of.ts) as BacnetDiscoveryRecord;
    record.is_orig = of.is_orig!;
    record.pdu_service = name;
    if (service >= 7) {
      record.range = 'All';
      let low = -1;
      while (tags.next()) {
        if (tags.isValue(0)) low = tags.unsigned();
        else if (tags.isValue(1) && low >= 0) record.range = `${low}-${tags.unsigned()}`;
        else if (tags.isValue(2) && tags.length === 4) this.object(record, tags.unsigned());
        else if (tags.isValue(3)) this.name(record, tags);
      }
    } else {
      // The application's types tell what is what: an object, its name, or of I-Am three numbers of which the last is the maker.
      while (tags.next()) {
        if (tags.isContext) continue;
        if (tags.number === 12 && tags.length === 4) this.object(record, tags.unsigned());
        else if (tags.number === 7) this.name(record, tags);
        else if (tags.number === 2 && service === 0) record.vendor = vendorName(tags.unsigned());
      }
    }
    this.emit.record('bacnet_discovery', record);
  }

  private object(record: BacnetDiscoveryRecord, identifier: number): void {
    record.object_type = objectName(identifier >>> 22);
    record.instance_number = identifier & 0x3fffff;
  }

  private name(record: BacnetDiscoveryRecord, tags: Tags): void {
    if (tags.length > 1 && tags.bytes[tags.at] === 0) {
      record.object_name = textOf(tags.bytes, tags.at + 1, tags.at + Math.min(tags.length, 1 + valueLettersMax));
    }
  }

  /** A device is told to be silent or to begin anew, and what it says (clauses 16.1 and 16.4). The password is not written. */
  private control(of: BacnetRecord, type: number, service: number, tags: Tags): void {
    if (type !== 0 && type !== 2 && type !== 5) return;
    const record = this.flow.head(of.ts) as BacnetDeviceControlRecord;
    record.is_orig = of.is_orig!;
    record.invoke_id = of.invoke_id!;
    record.pdu_service = of.pdu_service!;
    if (type === 0) {
      record.has_password = false;
      const stateAt = service === deviceCommunicationControl ? 1 : 0;
      while (tags.next()) {
        if (tags.isValue(stateAt)) {
          record.device_state = (stateAt === 1 ? communicationState : reinitializeState)(tags.unsigned());
        } else if (stateAt === 1 && tags.isValue(0)) record.time_duration = tags.unsigned();
        else if (tags.isValue(stateAt + 1)) record.has_password = true;
      }
    } else {
      record.result = type === 2 ? 'SUCCESS' : 'ERROR';
      if (of.result_code !== undefined) record.result_code = of.result_code;
    }
    this.emit.record('bacnet_device_control', record);
  }

  /** Each oddity once a flow: what a peer does wrong it does again. */
  private weird(bit: number, name: string, ts: Seconds): void {
    if (this.told & bit) return;
    this.told |= bit;
    this.emit.weird(name, ts);
  }
}

/** Of a class and a code the code; some services put both between tags of their own (clause 20.1.7). */
function errorOf(tags: Tags): number {
  let seen = 0;
  while (tags.next()) {
    if (tags.isContext || tags.number !== 9) continue;
    if (++seen === 2) return tags.unsigned();
  }
  return -1;
}

/** Annex J.1.2: BACnet/IP, a function that exists, and the length of the datagram; a capture may have cut what comes behind it. */
const isLink = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= 4 &&
  bytes[start] === 0x81 &&
  isFunction(bytes[start + 1]!) &&
  u16(bytes, start + 2) >= 4 &&
  u16(bytes, start + 2) <= end - start;

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  if (bytes[start] !== 0x81 || !isLink(bytes, start, end)) return 'no';
  if (usualPort) return 'yes';
  const code = bytes[start + 1]!;
  const length = u16(bytes, start + 2);
  if (length !== end - start) return 'no';
  if (code === 4 || code >= 9) {
    const at = start + (code === 4 ? 10 : 4);
    // Version 1, the reserved bits of the control zero, and a kind of message that exists.
    if (code > 11 || length < at - start + 4 || bytes[at] !== 1 || (bytes[at + 1]! & 0x50) !== 0) return 'no';
    return (bytes[at + 1]! & 0xa8) !== 0 || bytes[at + 2]! < 0x80 ? 'yes' : 'no';
  }
  return (code === 0 || code === 5) && length === 6 ? 'yes' : (code === 2 || code === 6) && length === 4 ? 'yes' : 'no';
}

export const bacnet: Protocol = {
  service: 'bacnet',
  logs: ['bacnet', 'bacnet_discovery', 'bacnet_property', 'bacnet_device_control'],
  transports: ['udp'],
  ports: [47808],
  probe,
  open: (flow, emit) => new BacnetParser(flow, emit),
};
