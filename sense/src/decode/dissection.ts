/**
 * A packet being taken apart. A dissector reads one layer where the last one ended and answers who reads on:
 *
 *     ethernet ─▶ vlan ─▶ ipv4 ─▶ udp ─▶ vxlan ─▶ ethernet ─▶ ipv6 ─▶ tcp ─▶ tls
 *
 * The bytes come from whoever sent them. Every read is bounded by what was captured, so that a dissector need not think of it: what
 * lies beyond the end reads as 0, and a layer whose header is cut says how many bytes it lacks and ends the chain.
 */

import { formatAddress } from '@forewarn/base/ip';
import type { PacketField, PacketLayer, PacketLayerName } from '@forewarn/model/packet';
import type { PacketFieldName } from '@forewarn/model/packet-fields';

/** Reads the layer at `d.at` and answers who reads what follows, if anybody. */
export type Dissector = (d: Dissection) => Dissector | undefined;

/** Layers of one packet: eight tags, and four tunnels of six layers each. The loop is bounded by the bytes too; this is for the reader. */
export const layersMax = 32;

/** Fields of one layer; a DNS answer of 100 records has 500, and nobody reads further. */
export const fieldsMax = 512;

/** Letters of a value; longer ones (URIs, cookies) can be read in the bytes. */
export const valueLettersMax = 512;

/** The two ends of one network layer, the outermost first. Ports are undefined where there are none, or where they were not captured. */
export type Hop = { source: string; destination: string; sourcePort?: number; destinationPort?: number; transport?: number };

export class Dissection {
  readonly bytes: Uint8Array;
  /** Where the next layer begins, and where what contains it ends: in what was captured, and on the wire. */
  at = 0;
  end: number;
  wireEnd: number;
  readonly layers: PacketLayer[] = [];
  readonly hops: Hop[] = [];
  /** For the line of the list: the innermost layer that says something has the word. */
  source = '';
  destination = '';
  protocol = '';
  info = '';
  /** Inside of an ICMP error, where the layers are another packet's. */
  quoted = false;
  /** What the flow speaks, as `conn.service` names it, for payload that does not show it. */
  readonly service: string | undefined;
  /** Numbers from which TCP's are counted, each way; undefined shows them as they are. */
  readonly bases: ((hop: Hop) => { own: number; peer: number } | undefined) | undefined;

  constructor(
    bytes: Uint8Array,
    wireBytes: number,
    service?: string,
    bases?: (hop: Hop) => { own: number; peer: number } | undefined,
  ) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.wireEnd = Math.max(wireBytes, bytes.length);
    this.service = service;
    this.bases = bases;
  }

  get left(): number {
    return Math.max(0, this.end - this.at);
  }

  /** The unsigned number of `length` bytes (up to six) at `at`, in network order. */
  number(at: number, length: number): number {
    let value = 0;
    for (let i = 0; i < length; i++) value = value * 256 + (at + i < this.end ? this.bytes[at + i]! : 0);
    return value;
  }

  u8(offset: number): number {
    return this.number(this.at + offset, 1);
  }

  u16(offset: number): number {
    return this.number(this.at + offset, 2);
  }

  u32(offset: number): number {
    return this.number(this.at + offset, 4);
  }

  /** Bytes from `at` up to `end` as letters of ISO 8859-1, controls as dots. */
  letters(at: number, end: number): string {
    let text = '';
    const stop = Math.min(end, this.end, at + valueLettersMax + 1);
    for (let i = at; i < stop; i++) text += shown(this.bytes[i]!);
    return text;
  }

  hex(at: number, length: number): string {
    let text = '';
    for (let i = at; i < Math.min(at + length, this.end); i++) text += this.bytes[i]!.toString(16).padStart(2, '0');
    return text;
  }

  /**
   * Begins a layer with a header of `header` bytes. Undefined when less was captured; the layer is then written with what there is,
   * and nothing follows it.
   */
  open(name: PacketLayerName, header: number): Layer | undefined {
    const layer: PacketLayer = { name, line: '', start: this.at, end: Math.min(this.at + header, this.end), fields: [] };
    this.layers.push(layer);
    if (this.left >= header) return new Layer(this, layer);
    layer.fields.push({ name: 'frame.missing', value: String(header - this.left), start: this.at, end: this.end });
    layer.end = this.end;
    this.at = this.end;
    return undefined;
  }

  /** What the list says of this packet, unless it is quoted by another. */
  say(protocol: string, info: string): void {
    if (this.quoted) return;
    this.protocol = protocol;
    this.info = clip(info);
  }
}

/** A layer being filled. Offsets count from its first byte. */
export class Layer {
  readonly d: Dissection;
  readonly layer: PacketLayer;
  /** Where it begins. */
  readonly start: number;

  constructor(d: Dissection, layer: PacketLayer) {
    this.d = d;
    this.layer = layer;
    this.start = layer.start;
  }

  set line(text: string) {
    this.layer.line = clip(text);
  }

  /** A field with its value written out. */
  text(name: PacketFieldName, offset: number, length: number, value: string): void {
    const { fields } = this.layer;
    if (fields.length >= fieldsMax) return;
    const { end } = this.d;
    const start = Math.min(this.start + offset, end);
    const field: PacketField = { name, value: clip(value), start, end: Math.min(start + Math.max(length, 0), end) };
    fields.push(field);
  }

  /** An unsigned number, written in decimal or as `format` does; answers the number. */
  number(name: PacketFieldName, offset: number, length: number, format: (value: number) => string = String): number {
    const value = this.d.number(this.start + offset, length);
    this.text(name, offset, length, format(value));
    return value;
  }

  /** A hardware address of six bytes. */
  hardware(name: PacketFieldName, offset: number): string {
    const value = (this.d.hex(this.start + offset, 6).match(/../g) ?? []).join(':');
    this.text(name, offset, 6, value);
    return value;
  }

  address(name: PacketFieldName, offset: number, length: 4 | 16): string {
    const value = this.start + offset + length <= this.d.end ? formatAddress(this.d.bytes, this.start + offset, length) : '';
    this.text(name, offset, length, value);
    return value;
  }

  /** The layer is `length` bytes long, and what follows begins behind it. */
  close(length: number): void {
    this.layer.end = Math.min(this.start + length, this.d.end);
    this.d.at = this.layer.end;
  }
}

/** As text for a line or value: bounded. */
function clip(text: string): string {
  return text.length > valueLettersMax ? `${text.slice(0, valueLettersMax)}…` : text;
}

/** A byte as a letter of ISO 8859-1; what does not print is a dot. */
function shown(byte: number): string {
  return byte >= 0x20 && byte < 0x7f
    ? String.fromCharCode(byte)
    : byte >= 0xa1 && byte !== 0xad
      ? String.fromCharCode(byte)
      : '·';
}

/** `0x0800`, of `digits` digits. */
export const hexadecimal =
  (digits: number) =>
  (value: number): string =>
    `0x${value.toString(16).padStart(digits, '0')}`;

/** `TCP (6)`, or the number alone where it has no name. */
export const named =
  (names: ReadonlyMap<number, string>, number: (value: number) => string = String) =>
  (value: number): string => {
    const name = names.get(value);
    return name === undefined ? number(value) : `${name} (${number(value)})`;
  };
