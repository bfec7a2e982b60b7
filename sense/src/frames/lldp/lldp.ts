/**
 * LLDP (IEEE 802.1AB): every half minute a device tells its neighbours its name, its port, what it is and where it is managed: an
 * inventory for the taking. A record is written when what it says is new or has changed, and once an hour.
 *
 *     ┌──────┬────────┬─────────┐
 *     │ type │ length │ value … │   7 and 9 bits; chassis, port and time to live come first
 *     └──────┴────────┴─────────┘
 */

import { formatAddress } from '@forewarn/base/ip';
import type { LldpRecord } from '@forewarn/model/records/frames';
import { hardwareAddress } from '../../link/hardware-address.ts';
import type { Packet } from '../../packet.ts';
import { textOf } from '../../protocols/text.ts';
import { frameHead, senderKey, type FrameEmit, type FrameProtocol, type FrameReader } from '../frame.ts';
import { Heard } from '../streams.ts';

const elementsMax = 128;
const addressesMax = 16;
const quietSeconds = 3_600;

/** The ceilings of this reader, for the reference. */
export const limits = [
  {
    name: 'lldp.elementsMax',
    value: elementsMax,
    unit: 'elements per frame',
    why: 'Devices send about thirty; the rest is passed over.',
  },
  { name: 'lldp.addressesMax', value: addressesMax, unit: 'addresses per frame', why: 'Devices tell one to four.' },
  {
    name: 'lldp.quietSeconds',
    value: quietSeconds,
    unit: 's',
    why: 'What does not change is repeated every half minute; an inventory needs it once an hour.',
  },
] as const;

const chassisTypes = [
  '',
  'chassis component',
  'interface alias',
  'port component',
  'mac',
  'address',
  'interface name',
  'local',
] as const;
const portTypes = [
  '',
  'interface alias',
  'port component',
  'mac',
  'address',
  'interface name',
  'agent circuit id',
  'local',
] as const;

const capabilities = [
  'other',
  'repeater',
  'bridge',
  'access point',
  'router',
  'telephone',
  'docsis',
  'station',
  'c-vlan',
  's-vlan',
  'two-port mac relay',
] as const;

/** Which column each text of LLDP-MED's inventory is, by its subtype. */
const inventory = {
  5: 'hardware',
  6: 'firmware',
  7: 'software',
  8: 'serial',
  9: 'manufacturer',
  10: 'model',
} as const satisfies { readonly [subtype: number]: keyof LldpRecord };

class LldpReader implements FrameReader {
  readonly #emit: FrameEmit;
  readonly #heard: Heard;

  constructor(emit: FrameEmit) {
    this.#emit = emit;
    this.#heard = new Heard(emit.limits.frameStreamsMax, quietSeconds);
  }

  frame(packet: Packet, ethernet: number): void {
    const { bytes, at, end, ts } = packet;
    const stop = endOf(bytes, at, end);
    if (stop < 0) {
      this.#emit.weird('lldp_bad_message', ts);
      return;
    }
    if (!this.#heard.isNew(`${senderKey(packet, ethernet)}${fingerprint(bytes, at, stop)}`, ts)) return;
    const record = read(packet, ethernet, stop);
    if (record) this.#emit.record('lldp', record);
    else this.#emit.weird('lldp_bad_message', ts);
  }
}

/** Where the elements end: behind the element that says so, or with the frame; -1 where one reaches beyond it. */
function endOf(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (let i = 0; i < elementsMax && at + 2 <= end; i++) {
    const length = ((bytes[at]! & 1) << 8) | bytes[at + 1]!;
    if (length > end - at - 2) return -1;
    if (bytes[at]! >> 1 === 0) return at;
    at += 2 + length;
  }
  return at;
}

/** Text; some devices end it with a zero, which the standard does not ask for. */
function words(bytes: Uint8Array, start: number, end: number): string {
  let to = end;
  while (to > start && bytes[to - 1] === 0) to--;
  return textOf(bytes, start, to);
}

/** 64 bits of FNV-1a in two halves: two texts that share it would cost one record an hour. */
function fingerprint(bytes: Uint8Array, start: number, end: number): string {
  let a = 0x811c9dc5;
  let b = 0xcbf29ce4;
  for (let at = start; at < end; at++) {
    a = Math.imul(a ^ bytes[at]!, 0x01000193);
    b = Math.imul(b ^ bytes[at]!, 0x01000197);
  }
  return `${a}.${b}`;
}

function read(packet: Packet, ethernet: number, stop: number): LldpRecord | undefined {
  const { bytes } = packet;
  const record = { ...frameHead(packet, ethernet) } as LldpRecord;
  const addresses: string[] = [];
  for (let at = packet.at; at < stop;) {
    const type = bytes[at]! >> 1;
    const start = at + 2;
    const end = start + (((bytes[at]! & 1) << 8) | bytes[at + 1]!);
    at = end;
    switch (type) {
      case 1:
        if (end - start < 2) return undefined;
        record.chassis_id_type = chassisTypes[bytes[start]!] ?? `${bytes[start]!}`;
        record.chassis_id = identity(bytes, start, end, 4, 5);
        break;
      case 2:
        if (end - start < 2) return undefined;
        record.port_id_type = portTypes[bytes[start]!] ?? `${bytes[start]!}`;
        record.port_id = identity(bytes, start, end, 3, 4);
        break;
      case 3:
        if (end - start < 2) return undefined;
        record.ttl = (bytes[start]! << 8) | bytes[start + 1]!;
        break;
      case 4:
        record.port_description = words(bytes, start, end);
        break;
      case 5:
        record.system_name = words(bytes, start, end);
        break;
      case 6:
        record.system_description = words(bytes, start, end);
        break;
      case 7:
        if (end - start < 4) return undefined;
        record.capabilities = capabilitiesOf((bytes[start]! << 8) | bytes[start + 1]!);
        record.enabled = capabilitiesOf((bytes[start + 2]! << 8) | bytes[start + 3]!);
        break;
      case 8: {
        const length = bytes[start] ?? 0;
        if (length < 2 || length > end - start - 1) return undefined;
        if (addresses.length < addressesMax) addresses.push(address(bytes, start + 1, start + 1 + length));
        break;
      }
      case 127:
        organisation(record, bytes, start, end);
        break;
      default:
    }
  }
  if (addresses.length > 0) record.management_addresses = addresses;
  return record.chassis_id === undefined || record.port_id === undefined || record.ttl === undefined ? undefined : record;
}

function organisation(record: LldpRecord, bytes: Uint8Array, start: number, end: number): void {
  if (end - start < 4) return;
  const organisationId = (bytes[start]! << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]!;
  const subtype = bytes[start + 3]!;
  if (organisationId === 0x0080c2 && subtype === 1 && end - start >= 6) {
    record.port_vlan = (bytes[start + 4]! << 8) | bytes[start + 5]!;
  } else if (organisationId === 0x0012bb) {
    const column = inventory[subtype as keyof typeof inventory];
    if (column !== undefined) record[column] = words(bytes, start + 4, end);
  }
}

/** A subtype and a value: a hardware address, a network address, or text. */
function identity(bytes: Uint8Array, start: number, end: number, mac: number, network: number): string {
  const subtype = bytes[start]!;
  if (subtype === mac && end - start === 7) return hardwareAddress(bytes, start + 1);
  if (subtype === network) return address(bytes, start + 1, end);
  return words(bytes, start + 1, end);
}

/** A family (1 IPv4, 2 IPv6, 6 hardware: IANA address family numbers) and an address. */
function address(bytes: Uint8Array, start: number, end: number): string {
  const family = bytes[start]!;
  const length = end - start - 1;
  if (family === 1 && length === 4) return formatAddress(bytes, start + 1, 4);
  if (family === 2 && length === 16) return formatAddress(bytes, start + 1, 16);
  if (family === 6 && length === 6) return hardwareAddress(bytes, start + 1);
  return Buffer.prototype.hexSlice.call(bytes, start + 1, end);
}

const capabilitiesOf = (bits: number): string[] => capabilities.filter((_, bit) => bits & (1 << bit));

export const lldp: FrameProtocol = { name: 'lldp', source: 'LLDP', logs: ['lldp'], open: (emit) => new LldpReader(emit) };
