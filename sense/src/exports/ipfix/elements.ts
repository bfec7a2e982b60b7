/** How the value of each information element is read: the list of columns of `model/records/ipfix`, and what a record's times are told by. */

import { formatAddress } from '@forewarn/base/ip';
import { informationElements } from '@forewarn/model/records/ipfix';
import { macOf } from '../exports.ts';

/** An element of the registry has no enterprise; RFC 5103 §6.1 gives each a twin of the other direction below this number. */
export const reverseEnterprise = 29_305;

/** Longest text of one element; interface descriptions (RFC 2863) have 255 bytes. */
export const textBytesMax = 1_024;

type Reader = (bytes: Uint8Array, at: number, length: number) => string | number | undefined;

/** RFC 7011 §6.2: numbers may be told in fewer bytes than their type has. */
export const unsigned: Reader = (bytes, at, length) => {
  if (length < 1 || length > 8) return undefined;
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 256 + bytes[at + i]!;
  return Number.isSafeInteger(value) ? value : undefined;
};

const port: Reader = (bytes, at, length) => {
  const value = unsigned(bytes, at, length);
  return value !== undefined && (value as number) <= 65_535 ? value : undefined;
};

const float: Reader = (bytes, at, length) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
  const value = length === 4 ? view.getFloat32(0) : length === 8 ? view.getFloat64(0) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
};

const address4: Reader = (bytes, at, length) => (length === 4 ? formatAddress(bytes, at, 4) : undefined);
const address6: Reader = (bytes, at, length) => (length === 16 ? formatAddress(bytes, at, 16) : undefined);
const mac: Reader = (bytes, at, length) => (length === 6 ? macOf(bytes, at) : undefined);

const decoder = new TextDecoder();
/** Devices fill names with zeros to a fixed length. */
const text: Reader = (bytes, at, length) => {
  let end = at + Math.min(length, textBytesMax);
  const zero = bytes.subarray(at, end).indexOf(0);
  if (zero >= 0) end = at + zero;
  return end === at ? undefined : decoder.decode(bytes.subarray(at, end));
};

const hexadecimal: Reader = (bytes, at, length) => {
  let digits = '';
  for (let i = 0; i < Math.min(length, 32); i++) digits += bytes[at + i]!.toString(16).padStart(2, '0');
  return digits === '' ? undefined : digits;
};

function readerOf(name: string, type: string): Reader {
  switch (type) {
    case 'addr':
      return name.includes('IPv6') ? address6 : address4;
    case 'port':
      return port;
    case 'double':
      return float;
    case 'string':
      if (name.endsWith('MacAddress')) return mac;
      return name === 'applicationId' ? hexadecimal : text;
    default:
      return unsigned;
  }
}

export type Column = { readonly name: string; readonly read: Reader; readonly inFlows: boolean; readonly inOptions: boolean };

const columns = new Map<number, Column>(
  informationElements.map(({ id, name, type, of }) => [
    id,
    { name, read: readerOf(name, type), inFlows: of !== 'options', inOptions: of !== 'flow' },
  ]),
);

/** The reverse elements that have a column. */
const reverse = new Map<number, Column>(
  (
    [
      [1, 'reverseOctetDeltaCount'],
      [2, 'reversePacketDeltaCount'],
      [6, 'reverseTcpControlBits'],
    ] as const
  ).map(([id, name]) => [id, { name, read: unsigned, inFlows: true, inOptions: false }]),
);

/** Elements that tell when a flow began or ended, and in which of its two ends. */
export const timeElements: ReadonlyMap<number, { readonly end: 0 | 1; readonly in: TimeUnit }> = new Map([
  [22, { end: 0, in: 'uptime' }],
  [21, { end: 1, in: 'uptime' }],
  [150, { end: 0, in: 'seconds' }],
  [151, { end: 1, in: 'seconds' }],
  [152, { end: 0, in: 'milliseconds' }],
  [153, { end: 1, in: 'milliseconds' }],
  [154, { end: 0, in: 'ntp' }],
  [155, { end: 1, in: 'ntp' }],
  [156, { end: 0, in: 'ntp' }],
  [157, { end: 1, in: 'ntp' }],
  [158, { end: 0, in: 'before' }],
  [159, { end: 1, in: 'before' }],
] as const);

/** `uptime`: milliseconds since the device began; `ntp`: RFC 5905's 64 bits; `before`: microseconds before the export. */
export type TimeUnit = 'uptime' | 'seconds' | 'milliseconds' | 'ntp' | 'before';

/** systemInitTimeMilliseconds: when the device began, for `uptime` in IPFIX, whose header tells no uptime. */
export const bootElement = 160;

/** paddingOctets: between fields, and nobody's loss. */
export const paddingElement = 210;

export const columnOf = (enterprise: number, id: number): Column | undefined =>
  enterprise === 0 ? columns.get(id) : enterprise === reverseEnterprise ? reverse.get(id) : undefined;

/** Scopes of options in NetFlow v9 (RFC 3954 §6.1) as elements; 0: the exporter itself, or its cache. */
export const scopeElements: readonly number[] = [0, 0, 10, 141, 0, 145];
