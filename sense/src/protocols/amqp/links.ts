/** Sign-in, links and transfers of AMQP 1.0 (OASIS AMQP 1.0 §2.7, §5.3). */

import type { AmqpConnectRecord, AmqpRecord } from '@forewarn/model/records/amqp';
import type { Direction } from '../protocol.ts';
import { plainUser } from './plain.ts';
import { List, mapText, textAt, valueEnd } from './values.ts';

const linksMax = 256;

export const limits = [
  {
    name: 'amqp.linksMax',
    value: linksMax,
    unit: 'links per flow',
    why: 'Links whose address is remembered; clients have a few. Beyond it transfers are written without their address.',
  },
] as const;

const outcomes = ['ok', 'auth', 'sys', 'sys-perm', 'sys-temp'] as const;

/** Bytes of one performative, `rest` bytes of its frame behind what is shown, and the head of a record about it. */
type Shown = { bytes: Uint8Array; at: number; end: number; rest: number; head: () => AmqpRecord };

/** One for all flows: they hold nothing between calls. */
const list = new List();
const inner = new List();

export class Links {
  readonly #write: (record: AmqpRecord) => void;
  /** Addresses by direction, channel and handle. */
  readonly #addresses = new Map<string, string>();
  /** Transfers that go on in further frames. */
  readonly #begun = new Map<string, AmqpRecord>();
  #openings = 0;

  constructor(write: (record: AmqpRecord) => void) {
    this.#write = write;
  }

  end(): void {
    for (const record of this.#begun.values()) this.#write(record);
    this.#begun.clear();
  }

  sasl(record: AmqpConnectRecord, code: number, bytes: Uint8Array, at: number, end: number): void {
    if (!list.open(bytes, at, end)) return;
    if (code === 0x40) {
      const place = list.next();
      if (place >= 0) record.mechanisms = symbols(bytes, place, list.end);
    } else if (code === 0x41) {
      const mechanism = list.text();
      if (mechanism !== undefined) record.mechanism = mechanism;
      const place = list.next();
      if (mechanism === 'PLAIN' && place >= 0) {
        const stop = valueEnd(bytes, place, list.end);
        const user = plainUser(bytes, place + (bytes[place]! >> 4 === 10 ? 2 : 5), stop);
        if (user !== undefined) record.username = user;
        record.has_password = user !== undefined;
      }
    } else if (code === 0x44) {
      const outcome = list.number();
      if (outcome === undefined) return;
      record.reply_code = outcome;
      record.reply_text = outcomes[outcome] ?? `${outcome}`;
      if (outcome > 0) record.status = 'refused';
    }
  }

  /** What one side tells of itself; true when both have. */
  opened(record: AmqpConnectRecord, direction: Direction, bytes: Uint8Array, at: number, end: number): boolean {
    if (list.open(bytes, at, end)) {
      const container = list.text();
      const host = list.text();
      list.skip(7);
      const place = list.next();
      const product = place < 0 ? undefined : mapText(bytes, place, list.end, 'product');
      const version = place < 0 ? undefined : mapText(bytes, place, list.end, 'version');
      const name = product === undefined ? undefined : `${product} ${version ?? ''}`.trimEnd();
      if (direction === 0) {
        if (container !== undefined) record.container_id = container;
        if (host !== undefined) record.vhost = host;
        if (name !== undefined) record.client_product = name;
      } else if (name !== undefined) record.server_product = name;
    }
    this.#openings |= 1 << direction;
    return this.#openings === 3;
  }

  performative(code: number, direction: Direction, channel: number, shown: Shown): void {
    const { bytes, at, end } = shown;
    if (code === 0x14) this.#transfer(direction, channel, shown);
    else if (code === 0x12 || (code >= 0x16 && code <= 0x18)) {
      if (!list.open(bytes, at, end)) return;
      if (code === 0x12) this.#attach(direction, channel, shown);
      else {
        const handle = code === 0x16 ? (list.number() ?? 0) : 0;
        if (code === 0x16) list.skip(1);
        const place = list.next();
        const method = code === 0x16 ? 'detach' : code === 0x17 ? 'end' : 'close';
        const failed = place >= 0 && inner.open(bytes, place, list.end);
        const key = `${direction} ${channel} ${handle}`;
        const address = code === 0x16 ? this.#addresses.get(key) : undefined;
        if (code === 0x16) this.#addresses.delete(key);
        // Farewells without a reason say nothing but that somebody leaves.
        if (!failed) return;
        const record = shown.head();
        record.method = method;
        if (address !== undefined) record.address = address;
        const condition = inner.text();
        const description = inner.text();
        record.reply_text = [condition, description].filter((part) => part !== undefined).join(': ');
        this.#write(record);
      }
    }
  }

  #attach(direction: Direction, channel: number, { bytes, head }: Shown): void {
    list.skip(1);
    const handle = list.number() ?? 0;
    const receives = list.flag();
    list.skip(2);
    const source = list.next();
    const target = list.next();
    const addressOf = (place: number): string | undefined =>
      place >= 0 && inner.open(bytes, place, list.end) ? inner.text() : undefined;
    // Where the messages come from for who receives, where they go for who sends; a broker's own end has the other one.
    const address = addressOf(receives ? source : target) ?? addressOf(receives ? target : source);
    const key = `${direction} ${channel} ${handle}`;
    if (address !== undefined && (this.#addresses.size < linksMax || this.#addresses.has(key))) this.#addresses.set(key, address);
    const record = head();
    record.method = receives ? 'attach receiver' : 'attach sender';
    if (address !== undefined) record.address = address;
    this.#write(record);
  }

  #transfer(direction: Direction, channel: number, { bytes, at, end, rest, head }: Shown): void {
    if (!list.open(bytes, at, end)) return;
    const handle = list.number() ?? 0;
    list.skip(4);
    const more = list.flag();
    const key = `${direction} ${channel} ${handle}`;
    const length = end - list.end + rest;
    let record = this.#begun.get(key);
    if (record) record.payload_len = (record.payload_len ?? 0) + length;
    else {
      record = head();
      record.method = 'transfer';
      const address = this.#addresses.get(key);
      if (address !== undefined) record.address = address;
      record.payload_len = length;
      if (more && this.#begun.size < linksMax) {
        this.#begun.set(key, record);
        return;
      }
    }
    if (more && this.#begun.has(key)) return;
    this.#begun.delete(key);
    this.#write(record);
  }
}

/** A symbol, or an array of them, with spaces between. */
function symbols(bytes: Uint8Array, at: number, end: number): string {
  const code = bytes[at]!;
  if (code !== 0xe0 && code !== 0xf0) return textAt(bytes, at, end) ?? '';
  const stop = valueEnd(bytes, at, end);
  const short = code === 0xe0;
  // Size, count, and the constructor that all elements share.
  let place = at + (short ? 3 : 9);
  const wide = bytes[place] === 0xb3;
  const found: string[] = [];
  for (place++; place < stop && found.length < 16;) {
    const size = wide
      ? ((bytes[place]! << 24) | (bytes[place + 1]! << 16) | (bytes[place + 2]! << 8) | bytes[place + 3]!) >>> 0
      : bytes[place]!;
    const from = place + (wide ? 4 : 1);
    if (from + size > stop) break;
    found.push(Buffer.prototype.latin1Slice.call(bytes, from, from + size));
    place = from + size;
  }
  return found.join(' ');
}
