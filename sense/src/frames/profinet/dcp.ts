/**
 * PROFINET DCP (IEC 61158-6-10 §4.3): how stations are found, named and addressed. Whoever is on the same network may rename a
 * controller or take its address away, and nobody is asked for a password.
 *
 *      0          2         3      4      8          10      12
 *     ┌──────────┬─────────┬──────┬──────┬──────────┬───────┬──────────┐
 *     │ frame id │ service │ type │ xid  │ delay    │length │ blocks … │
 *     └──────────┴─────────┴──────┴──────┴──────────┴───────┴──────────┘
 *
 * The cyclic data that share the EtherType are told by their frame identifier and passed over.
 */

import { formatAddress } from '@forewarn/base/ip';
import type { ProfinetDcpRecord } from '@forewarn/model/records/frames';
import type { Packet } from '../../packet.ts';
import { textOf } from '../../protocols/text.ts';
import { frameHead, type FrameEmit, type FrameProtocol, type FrameReader } from '../frame.ts';

const blocksMax = 64;
const nameBytesMax = 240;

/** The ceilings of this reader, for the reference. */
export const limits = [
  {
    name: 'profinet.blocksMax',
    value: blocksMax,
    unit: 'blocks per message',
    why: 'A station has about a dozen; the rest is passed over.',
  },
  {
    name: 'profinet.nameBytesMax',
    value: nameBytesMax,
    unit: 'bytes',
    why: 'Longest NameOfStation (IEC 61158-6-10 §4.3.1.4.15).',
  },
] as const;

const services: { readonly [id: number]: string } = { 3: 'Get', 4: 'Set', 5: 'Identify', 6: 'Hello' };
const types: { readonly [type: number]: string } = { 0: 'request', 1: 'response', 5: 'unsupported' };

const options: { readonly [option: number]: readonly [string, { readonly [sub: number]: string }] } = {
  1: ['ip', { 1: 'mac_address', 2: 'ip_parameter', 3: 'full_ip_suite' }],
  2: [
    'device',
    {
      1: 'type_of_station',
      2: 'name_of_station',
      3: 'device_id',
      4: 'device_role',
      5: 'device_options',
      6: 'alias_name',
      7: 'device_instance',
      8: 'oem_device_id',
      9: 'standard_gateway',
      10: 'rsi_properties',
    },
  ],
  3: ['dhcp', {}],
  5: ['control', { 1: 'start', 2: 'stop', 3: 'signal', 4: 'response', 5: 'factory_reset', 6: 'reset_to_factory' }],
  6: ['initiative', { 1: 'device_initiative' }],
  255: ['all', { 255: 'all' }],
};

const errors: { readonly [code: number]: string } = {
  1: 'option not supported',
  2: 'suboption not supported or no data set',
  3: 'suboption not set',
  4: 'resource error',
  5: 'not possible by local reasons',
  6: 'in operation, not possible',
};

const roles = ['device', 'controller', 'multidevice', 'supervisor'] as const;

function optionName(option: number, sub: number): string {
  const [name, subs] = options[option] ?? [option >= 0x80 && option < 0xff ? 'manufacturer' : `option_${option}`, {}];
  return `${name}/${subs[sub] ?? sub}`;
}

class DcpReader implements FrameReader {
  readonly #emit: FrameEmit;

  constructor(emit: FrameEmit) {
    this.#emit = emit;
  }

  frame(packet: Packet, ethernet: number): void {
    const { bytes, at, end, ts } = packet;
    if (end - at < 2) return;
    const id = (bytes[at]! << 8) | bytes[at + 1]!;
    if (id < 0xfefc || id > 0xfeff) return;
    const service = services[bytes[at + 2]!];
    const type = types[bytes[at + 3]!];
    const length = end - at < 12 ? -1 : (bytes[at + 10]! << 8) | bytes[at + 11]!;
    if (service === undefined || type === undefined || length < 0 || length > end - at - 12) {
      this.#emit.weird('profinet_dcp_bad_message', ts);
      return;
    }
    const record: ProfinetDcpRecord = {
      ...frameHead(packet, ethernet),
      service,
      service_type: type,
      xid: ((bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!) >>> 0,
      options: [],
    };
    const asked = service === 'Get' && type === 'request';
    const fits = asked ? wishes(record, bytes, at + 12, at + 12 + length) : blocks(record, bytes, at + 12, at + 12 + length);
    if (!fits) this.#emit.weird('profinet_dcp_bad_message', ts);
    this.#emit.record('profinet_dcp', record);
  }
}

/** A request to read has nothing but the options' numbers. */
function wishes(record: ProfinetDcpRecord, bytes: Uint8Array, start: number, end: number): boolean {
  const names: string[] = [];
  for (let at = start; at + 2 <= end && names.length < blocksMax; at += 2) names.push(optionName(bytes[at]!, bytes[at + 1]!));
  record.options = names;
  return (end - start) % 2 === 0;
}

/** Blocks of option, suboption, length and value, each at an even place; false where one reaches beyond. */
function blocks(record: ProfinetDcpRecord, bytes: Uint8Array, start: number, end: number): boolean {
  const names: string[] = [];
  record.options = names;
  // What is told begins with two bytes about it, what is set with two bytes of how; a search has neither.
  const hasInfo = record.service_type !== 'request' || record.service !== 'Identify';
  for (let at = start; at < end && names.length < blocksMax;) {
    if (at + 4 > end) return false;
    const option = bytes[at]!;
    const sub = bytes[at + 1]!;
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    if (length > end - at - 4) return false;
    names.push(optionName(option, sub));
    const from = at + 4;
    if (option === 5 && sub === 4 && length >= 3) refusal(record, bytes, from);
    else if (!hasInfo) value(record, option, sub, bytes, from, from + length, 0);
    else if (length >= 2) {
      const info = (bytes[from]! << 8) | bytes[from + 1]!;
      if (record.service === 'Set' && info & 1) record.permanent = true;
      value(record, option, sub, bytes, from + 2, from + length, info);
    }
    at = from + length + (length & 1);
  }
  return true;
}

/** The answer to a block that was to be set: nothing where it was. */
function refusal(record: ProfinetDcpRecord, bytes: Uint8Array, at: number): void {
  const code = bytes[at + 2]!;
  if (code === 0) return;
  const text = `${optionName(bytes[at]!, bytes[at + 1]!)}: ${errors[code] ?? `error ${code}`}`;
  record.errors = [...(record.errors ?? []), text];
}

function value(
  record: ProfinetDcpRecord,
  option: number,
  sub: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  info: number,
): void {
  const length = end - start;
  if (option === 1) {
    if (sub < 2 || length < 12) return;
    record.ip = formatAddress(bytes, start, 4);
    record.netmask = formatAddress(bytes, start + 4, 4);
    record.gateway = formatAddress(bytes, start + 8, 4);
    // Of what is told, the highest bit of the second byte says that another has the address too.
    if (record.service !== 'Set' && info & 0x80) record.ip_conflict = true;
    return;
  }
  if (option !== 2) return;
  const text = (): string => textOf(bytes, start, Math.min(end, start + nameBytesMax));
  if (sub === 1) record.type_of_station = text();
  else if (sub === 2) record.name_of_station = text();
  else if (sub === 6) record.alias_name = text();
  else if (sub === 3 && length >= 4) {
    record.vendor_id = (bytes[start]! << 8) | bytes[start + 1]!;
    record.device_id = (bytes[start + 2]! << 8) | bytes[start + 3]!;
  } else if (sub === 4 && length >= 1) record.device_role = roles.filter((_, bit) => bytes[start]! & (1 << bit));
}

export const profinet: FrameProtocol = {
  name: 'profinet',
  source: 'PROFINET',
  logs: ['profinet_dcp'],
  open: (emit) => new DcpReader(emit),
};
