/** Properties of objects that are read, answered or written (ASHRAE 135 clauses 15.5, 15.7, 15.9 and 15.10). */

import type { BacnetPropertyRecord, BacnetRecord } from '@forewarn/model/records/bacnet';
import type { Emit, FlowView } from '../protocol.ts';
import { isIdentity, objectName, propertyName } from './codes.ts';
import type { Tags } from './tags.ts';

/** Records that one message may give. */
export const propertiesMax = 128;

const readProperty = 12;
const readPropertyMultiple = 14;
const writeProperty = 15;
const writePropertyMultiple = 16;

export class Properties {
  private readonly flow: FlowView;
  private readonly emit: Emit;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  /** Reads the parameters of a request or an acknowledgement; false where they are not those of the service. */
  read(of: BacnetRecord, service: number, isRequest: boolean, tags: Tags): boolean {
    switch (service) {
      case readProperty:
        return this.one(of, isRequest ? 'read-property-request' : 'read-property-ack', false, tags);
      case writeProperty:
        return !isRequest || this.one(of, 'write-property', true, tags);
      case readPropertyMultiple:
        return this.many(
          of,
          isRequest ? 'read-property-multiple-request' : 'read-property-multiple-ack',
          false,
          isRequest ? 0 : 2,
          tags,
        );
      case writePropertyMultiple:
        return !isRequest || this.many(of, 'write-property-multiple', true, 0, tags);
      default:
        return true;
    }
  }

  /** An object, a property, where it is an array an index, a value between tags 3, and a priority. */
  private one(of: BacnetRecord, service: string, isWrite: boolean, tags: Tags): boolean {
    if (!tags.next() || !tags.isValue(0) || tags.length !== 4) return false;
    const object = tags.unsigned();
    if (!tags.next() || !tags.isValue(1)) return false;
    const { record, property } = this.begin(of, service, object, tags);
    while (tags.next()) {
      if (tags.isValue(2)) record.array_index = tags.unsigned();
      else if (tags.opensAt(3)) this.value(record, property, isWrite, tags);
      else if (tags.isValue(4)) record.priority = tags.unsigned();
    }
    this.emit.record('bacnet_property', record);
    return true;
  }

  /** Objects, and of each between tags 1 the properties; their tags begin with `first`: the property, an index, and a value. */
  private many(of: BacnetRecord, service: string, isWrite: boolean, first: number, tags: Tags): boolean {
    let left = propertiesMax;
    while (tags.next()) {
      if (!tags.isValue(0) || tags.length !== 4) return false;
      const object = tags.unsigned();
      if (!tags.next() || !tags.opensAt(1)) return false;
      let at: { record: BacnetPropertyRecord; property: number } | undefined;
      let closed = false;
      while (!closed && tags.next()) {
        closed = tags.closesAt(1);
        if (closed || tags.isValue(first)) {
          if (at) this.emit.record('bacnet_property', at.record);
          at = undefined;
          if (closed) break;
          if (left-- <= 0) return true;
          at = this.begin(of, service, object, tags);
        } else if (!at) return false;
        else if (tags.isValue(first + 1)) at.record.array_index = tags.unsigned();
        else if (tags.opensAt(first + 2)) this.value(at.record, at.property, isWrite, tags);
        else if (tags.opensAt(5)) {
          at.record.value = 'PropertyError';
          if (!tags.skip()) break;
        } else if (isWrite && tags.isValue(3)) at.record.priority = tags.unsigned();
      }
      // The rest is in another segment.
      if (!closed) {
        if (at) this.emit.record('bacnet_property', at.record);
        return true;
      }
    }
    return true;
  }

  private begin(
    of: BacnetRecord,
    service: string,
    object: number,
    tags: Tags,
  ): { record: BacnetPropertyRecord; property: number } {
    const property = tags.unsigned();
    const record = this.flow.head(of.ts) as BacnetPropertyRecord;
    record.is_orig = of.is_orig!;
    record.invoke_id = of.invoke_id!;
    record.pdu_service = service;
    record.object_type = objectName(object >>> 22);
    record.instance_number = object & 0x3fffff;
    record.property = propertyName(property);
    return { record, property };
  }

  /** The first value between opening and closing tag: what is written, or what an object says it is. What a plant measures stays with it. */
  private value(record: BacnetPropertyRecord, property: number, isWrite: boolean, tags: Tags): void {
    if (!tags.next()) return;
    if (tags.closes) return;
    const isText = !tags.isContext && tags.number === 7;
    if (isIdentity(property) || (isWrite && !isText)) {
      const text = tags.text(objectName);
      if (text !== undefined) record.value = text;
    }
    if (tags.opens && !tags.skip()) return;
    tags.skip();
  }
}
