/**
 * The Common Industrial Protocol: what a service does to an object of a device, and what came of it, written with the columns of
 * icsnpp-enip. One record for each service, also for those that a Multiple Service Packet or an Unconnected Send carries.
 *
 *     ┌─────────┬────────────┬──────┬────────┐        ┌──────────────┬────┬────────┬─────────────┬──────────┬────────┐
 *     │ service │ path words │ path │ data … │        │ service | 80 │ 00 │ status │ extra words │ extra …  │ data … │
 *     └─────────┴────────────┴──────┴────────┘        └──────────────┴────┴────────┴─────────────┴──────────┴────────┘
 *      request (volume 1 §2-4.1)                       response
 */

import type { Seconds } from '@forewarn/base/time';
import type { CipRecord } from '@forewarn/model/records/enip';
import type { Direction, Emit, FlowView } from '../protocol.ts';
import { textOf } from '../text.ts';
import { cipStatusName, className, connectionManager, extendedStatusName, hexOf, serviceName } from './codes.ts';

/** Records that one message may give, those of carried services included. */
const servicesMax = 256;

/** A service in a service in a service. */
const depthMax = 3;

/** Requests whose answers are awaited: of an answer only its request tells the class. */
const pendingMax = 64;

/** A tag with its members, as it is written. */
const symbolLettersMax = 256;

export const cipLimits = [
  {
    name: 'enip.servicesMax',
    value: servicesMax,
    unit: 'services in a message',
    why: 'A connection carries at most 4,000 bytes, and a service with its path takes sixteen of them.',
  },
  {
    name: 'enip.depthMax',
    value: depthMax,
    unit: 'services within services',
    why: 'An Unconnected Send that carries a Multiple Service Packet is the deepest that is met.',
  },
  {
    name: 'enip.pendingMax',
    value: pendingMax,
    unit: 'requests per flow',
    why: 'A connection has one request under way, a session a few; beyond it the oldest answer loses its class.',
  },
  {
    name: 'enip.symbolLettersMax',
    value: symbolLettersMax,
    unit: 'letters',
    why: 'Names of tags have at most 40 letters; members of structures follow them.',
  },
] as const;

/** What a path names (volume 1 appendix C). -1: not named. */
type Path = { classId: number; instanceId: number; attributeId: number; symbol: string };

export class Cip {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  /** Classes of requests under way, by the sequence number or the sender's context. */
  private readonly pending = new Map<string, number>();
  private left = 0;
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  /** One CIP message; `key` joins requests and responses, `sequence` is the count of a connection, or -1. */
  message(direction: Direction, bytes: Uint8Array, at: number, end: number, sequence: number, key: string, ts: Seconds): void {
    if (at >= end) return;
    this.left = servicesMax;
    const isResponse = (bytes[at]! & 0x80) !== 0;
    const classId = isResponse ? (this.pending.get(key) ?? -1) : -1;
    if (isResponse) this.pending.delete(key);
    const own = this.service(direction, bytes, at, end, sequence, classId, 0, ts);
    if (isResponse || own < 0) return;
    if (this.pending.size >= pendingMax) this.pending.delete(this.pending.keys().next().value!);
    this.pending.set(key, own);
  }

  confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm('cip');
  }

  /** Writes a service and those that it carries; answers the class of the object that is asked, -1 where none is named. */
  private service(
    direction: Direction,
    bytes: Uint8Array,
    at: number,
    end: number,
    sequence: number,
    requested: number,
    depth: number,
    ts: Seconds,
  ): number {
    if (this.left-- <= 0) return -1;
    if (end - at < 2) {
      this.truncated(ts);
      return -1;
    }
    const code = bytes[at]! & 0x7f;
    const record = this.flow.head(ts) as CipRecord;
    record.is_orig = direction === 0;
    if (sequence >= 0) record.cip_sequence_count = sequence;
    if (bytes[at]! & 0x80) {
      this.response(record, direction, code, bytes, at, end, sequence, requested, depth, ts);
      return requested;
    }
    const pathEnd = at + 2 + bytes[at + 1]! * 2;
    const path = pathOf(bytes, at + 2, Math.min(pathEnd, end));
    record.direction = 'request';
    record.cip_service_code = hexOf(code, 2);
    record.cip_service = serviceName(code, path.classId);
    if (path.classId >= 0) {
      record.class_id = hexOf(path.classId, 2);
      record.class_name = className(path.classId);
    }
    if (path.instanceId >= 0) record.instance_id = hexOf(path.instanceId, 2);
    if (path.attributeId >= 0) record.attribute_id = hexOf(path.attributeId, 2);
    if (path.symbol !== '') record.symbol = path.symbol;
    this.confirm();
    this.emit.record('cip', record);
    if (pathEnd > end) this.truncated(ts);
    else if (depth < depthMax) {
      if (code === 0x0a) this.several(direction, bytes, pathEnd, end, sequence, -1, depth, ts);
      else if (code === 0x52 && path.classId === connectionManager && end - pathEnd >= 4) {
        // Unconnected Send: priority and ticks, length of the request that is carried, the request, the route.
        const length = bytes[pathEnd + 2]! | (bytes[pathEnd + 3]! << 8);
        const from = pathEnd + 4;
        if (length > end - from) this.truncated(ts);
        if (length >= 2) {
          const carried = this.service(direction, bytes, from, Math.min(end, from + length), sequence, -1, depth + 1, ts);
          // The answer comes from the object behind the route.
          return carried;
        }
      }
    }
    return path.classId;
  }

  private response(
    record: CipRecord,
    direction: Direction,
    code: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    sequence: number,
    requested: number,
    depth: number,
    ts: Seconds,
  ): void {
    record.direction = 'response';
    record.cip_service_code = hexOf(code, 2);
    // The router itself answers an Unconnected Send that it could not forward.
    record.cip_service = serviceName(code, requested < 0 && (code === 0x52 || code === 0x5b) ? connectionManager : requested);
    this.confirm();
    if (end - at < 4) {
      this.truncated(ts);
      this.emit.record('cip', record);
      return;
    }
    const status = bytes[at + 2]!;
    record.cip_status_code = hexOf(status, 2);
    record.cip_status = cipStatusName(status);
    const words = bytes[at + 3]!;
    const from = at + 4 + words * 2;
    if (words > 0 && end - at >= 6) {
      const extended = bytes[at + 4]! | (bytes[at + 5]! << 8);
      record.cip_extended_status_code = hexOf(extended, 4);
      if (status === 1) record.cip_extended_status = extendedStatusName(extended);
    }
    this.emit.record('cip', record);
    if (code === 0x0a && from <= end && depth < depthMax) this.several(direction, bytes, from, end, sequence, -1, depth, ts);
  }

  /** Multiple Service Packet: their number, an offset for each, and the services, which must follow one another. */
  private several(
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    end: number,
    sequence: number,
    requested: number,
    depth: number,
    ts: Seconds,
  ): void {
    if (end - start < 2) return;
    const count = bytes[start]! | (bytes[start + 1]! << 8);
    let before = 2 + count * 2;
    if (start + before > end) {
      this.truncated(ts);
      return;
    }
    for (let i = 0; i < count && this.left > 0; i++) {
      const offset = bytes[start + 2 + i * 2]! | (bytes[start + 3 + i * 2]! << 8);
      const next = i + 1 < count ? bytes[start + 4 + i * 2]! | (bytes[start + 5 + i * 2]! << 8) : end - start;
      if (offset < before || next <= offset || start + next > end) {
        this.truncated(ts);
        return;
      }
      before = next;
      this.service(direction, bytes, start + offset, start + next, sequence, requested, depth + 1, ts);
    }
  }

  /** Told once a flow: what is wrong is wrong in every message of a peer. */
  private truncated(ts: Seconds): void {
    if (this.told) return;
    this.told = true;
    this.emit.weird('cip_truncated_message', ts);
  }
}

/** Reads a padded path. Of several classes – a tag within a program – the last is the object that is meant. */
function pathOf(bytes: Uint8Array, start: number, end: number): Path {
  const path: Path = { classId: -1, instanceId: -1, attributeId: -1, symbol: '' };
  let at = start;
  while (at < end) {
    const segment = bytes[at]!;
    const kind = segment >> 5;
    if (kind === 1) {
      const format = segment & 3;
      const type = (segment >> 2) & 7;
      // A key that the device must have: its format, and eight bytes.
      if (type === 5) {
        at += 10;
        continue;
      }
      const length = format === 0 ? 2 : format === 1 ? 4 : 6;
      if (format === 3 || at + length > end) return path;
      const value =
        format === 0
          ? bytes[at + 1]!
          : format === 1
            ? bytes[at + 2]! | (bytes[at + 3]! << 8)
            : (bytes[at + 2]! | (bytes[at + 3]! << 8) | (bytes[at + 4]! << 16) | (bytes[at + 5]! << 24)) >>> 0;
      if (type === 0) {
        path.classId = value;
        path.instanceId = -1;
        path.attributeId = -1;
      } else if (type === 1) path.instanceId = value;
      else if (type === 4) path.attributeId = value;
      else if (type === 2 && path.symbol !== '') path.symbol += `[${value}]`;
      at += length;
    } else if (segment === 0x91) {
      const length = bytes[at + 1] ?? 0;
      if (at + 2 + length > end) return path;
      if (path.symbol.length + length < symbolLettersMax) {
        const name = textOf(bytes, at + 2, at + 2 + length);
        path.symbol += path.symbol === '' ? name : `.${name}`;
      }
      at += 2 + length + (length & 1);
    } else if (kind === 0) {
      // A port, and the address behind it.
      const wide = (segment & 15) === 15 ? 2 : 0;
      if (segment & 0x10) {
        const length = bytes[at + 1] ?? 0;
        at += 2 + wide + length + (length & 1);
      } else at += 2 + wide;
    } else if (kind === 4) at += 2 + (bytes[at + 1] ?? 0) * 2;
    else return path;
  }
  return path;
}
