/**
 * Redis, written as Zeek's `redis.log` writes it: one record for each command with its reply.
 *
 *     client   *2\r\n $3\r\n GET\r\n $4\r\n name\r\n        an array of bulk strings, or a plain line: GET name\r\n
 *     server   $5\r\n value\r\n                             a value of RESP2 or RESP3, see reply.ts
 *
 * Replies come in the order of commands; CLIENT REPLY turns them off, subscriptions bring messages out of order. Of
 * arguments only key and value are looked at, and of AUTH, ACL and their like nothing but the name.
 */

import type { Seconds } from '@forewarn/base/time';
import type { RedisRecord } from '@forewarn/model/records/databases';
import { Portions } from '../portions.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { asciiOf, textOf } from '../text.ts';
import { isStream, isSubscription, keyPlace, repliesWithSecrets, valuePlace } from './commands.ts';
import { bulkBytesMax, depthMax, elementsMax, lineBytesMax, numberOf, Reply, valueBytesMax } from './reply.ts';

/** Unanswered commands that are held; clients pipeline some hundreds (redis-benchmark -P 16, redis-cli --pipe more). */
const pendingMax = 512;

/** Words of a command that are looked at: the key of BLMPOP is the fourth. */
const wordsMax = 4;

export const limits = [
  {
    name: 'redis.pendingMax',
    value: pendingMax,
    unit: 'unanswered commands per flow',
    why: 'Clients pipeline some hundreds; those beyond are written without their reply. Zeek holds 10,000.',
  },
  { name: 'redis.valueBytesMax', value: valueBytesMax, unit: 'bytes per field', why: "Zeek's Redis::max_value_size." },
  {
    name: 'redis.lineBytesMax',
    value: lineBytesMax,
    unit: 'bytes per line',
    why: 'Types, numbers and commands by hand are short; the rest of a longer line is passed over.',
  },
  {
    name: 'redis.elementsMax',
    value: elementsMax,
    unit: 'elements per array',
    why: 'Redis takes and sends no more (PROTO_MAX_MULTIBULK_LEN).',
  },
  { name: 'redis.depthMax', value: depthMax, unit: 'arrays in arrays', why: "Redis' own replies nest five deep (COMMAND DOCS)." },
  { name: 'redis.bulkBytesMax', value: bulkBytesMax, unit: 'bytes per string', why: 'proto-max-bulk-len of Redis.' },
] as const;

class RedisParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly client = new Portions(1);
  private readonly server = new Portions(1);
  private readonly reply = new Reply();
  /** The command being read, as it was written. */
  private name = '';
  /** Its words as far as they are looked at, the first in capitals. */
  private words: string[] = [];
  private wordCount = 0;
  private elementsLeft = 0;
  private bulk = -1;
  /** A line longer than is read is being passed over, by direction. */
  private readonly cut: [boolean, boolean] = [false, false];
  private pending: RedisRecord[] = [];
  /** Commands behind the pending ones that were written without waiting for their reply. */
  private beyond = 0;
  private repliesOff = false;
  private skipNext = false;
  private subscribed = false;
  private told = false;
  private confirmed = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
    this.client.wantLine(lineBytesMax);
    this.server.wantLine(lineBytesMax);
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    (direction === 0 ? this.client : this.server).feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, _ts: Seconds): void {
    if (!(direction === 0 ? this.client : this.server).gap(length)) this.quiet();
  }

  finish(_ts: Seconds): void {
    for (const record of this.pending) this.emit.record('redis', record);
    this.pending = [];
  }

  portion(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const line = direction === 0 ? this.bulk < 0 : !this.reply.inBulk;
    if (line) {
      const ended = bytes[end - 1] === 0x0a;
      const rest = this.cut[direction];
      this.cut[direction] = !ended;
      if (rest) return;
    }
    if (direction === 0) this.request(bytes, start, end, ts);
    else this.answer(bytes, start, end, ts);
  }

  private request(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const { client } = this;
    if (this.bulk >= 0) {
      client.skip = this.bulk - (end - start) + 2;
      this.bulk = -1;
      client.wantLine(lineBytesMax);
      this.word(bytes, start, end);
      this.element(ts);
      return;
    }
    let stop = end;
    if (stop > start && bytes[stop - 1] === 0x0a) stop--;
    if (stop > start && bytes[stop - 1] === 0x0d) stop--;
    if (stop === start) return;
    if (this.elementsLeft > 0) {
      const length = bytes[start] === 0x24 ? numberOf(bytes, start + 1, stop) : -2;
      if (length < 0 || length > bulkBytesMax) {
        this.nonsense('command', ts);
        return;
      }
      if (length === 0 || this.wordCount >= wordsMax) {
        client.skip = length + 2;
        this.word(bytes, start, start);
        this.element(ts);
      } else {
        this.bulk = length;
        client.want(Math.min(length, valueBytesMax));
      }
      return;
    }
    this.words = [];
    this.wordCount = 0;
    if (bytes[start] === 0x2a) {
      const count = numberOf(bytes, start + 1, stop);
      if (count < -1 || count > elementsMax) this.nonsense('command', ts);
      else this.elementsLeft = Math.max(count, 0);
    } else this.inline(bytes, start, stop, ts);
  }

  /** A command in a plain line; its words are divided by white space outside quotes. */
  private inline(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let quote = 0;
    let from = -1;
    for (let at = start; at <= end; at++) {
      const byte = at < end ? bytes[at]! : 0x20;
      if (byte < 0x20 && byte !== 0x09) {
        this.nonsense('command', ts);
        return;
      }
      const blank = byte === 0x20 || byte === 0x09;
      if (from < 0) {
        if (blank) continue;
        from = at;
      }
      if (quote !== 0 && at < end) {
        if (byte === 0x5c) at++;
        else if (byte === quote) quote = 0;
      } else if (byte === 0x22 || byte === 0x27) quote = byte;
      else if (blank) {
        this.word(bytes, from, Math.min(at, from + valueBytesMax, end));
        from = -1;
      }
    }
    this.command(ts);
  }

  /** Only words that may be written become text: of AUTH nothing behind the name. */
  private word(bytes: Uint8Array, start: number, end: number): void {
    const place = this.wordCount++;
    if (place >= wordsMax) return;
    if (place > 0) {
      const name = this.words[0]!;
      const wanted = place === keyPlace(name) || place === valuePlace(name) || (name === 'CLIENT' && place < 3);
      this.words.push(wanted ? textOf(bytes, start, end) : '');
    } else {
      this.name = textOf(bytes, start, end);
      this.words.push(this.name.toUpperCase());
    }
  }

  private element(ts: Seconds): void {
    if (--this.elementsLeft === 0) this.command(ts);
  }

  private command(ts: Seconds): void {
    if (this.wordCount === 0) return;
    const command = this.words[0]!;
    const record = this.flow.head(ts) as RedisRecord;
    record['cmd.name'] = this.name;
    const key = this.words[keyPlace(command)];
    if (key !== undefined) record['cmd.key'] = key;
    const value = this.words[valuePlace(command)];
    if (value !== undefined) record['cmd.value'] = value;
    this.confirm();
    if (isSubscription(command)) {
      this.subscribed = true;
      this.emit.record('redis', record);
    } else if (this.isUnanswered(command)) this.emit.record('redis', record);
    else if (this.pending.length < pendingMax && this.beyond === 0) this.pending.push(record);
    else {
      this.beyond++;
      this.emit.record('redis', record);
      if (!this.told) this.emit.weird('Redis_excessive_pipelining', ts);
      this.told = true;
    }
    if (isStream(command)) {
      this.finish(ts);
      this.quiet();
    }
  }

  /** CLIENT REPLY OFF, SKIP and ON say which commands the server answers. */
  private isUnanswered(command: string): boolean {
    const skipped = this.repliesOff || this.skipNext;
    this.skipNext = false;
    if (command !== 'CLIENT' || this.wordCount !== 3 || this.words[1]!.toUpperCase() !== 'REPLY') return skipped;
    const mode = this.words[2]!.toUpperCase();
    if (mode === 'ON') {
      this.repliesOff = false;
      return false;
    }
    if (mode === 'OFF') this.repliesOff = true;
    else if (mode === 'SKIP' && !this.repliesOff) this.skipNext = true;
    return mode === 'OFF' || mode === 'SKIP' || skipped;
  }

  private answer(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const { reply } = this;
    const progress = reply.take(this.server, bytes, start, end);
    if (progress === 'bad') this.nonsense('reply', ts);
    if (progress !== 'done') return;
    const message = reply.push || (this.subscribed && /^\[(?:[ps]?message|[ps]?(?:un)?subscribe),/.test(reply.text));
    if (!message) this.match(reply);
    reply.reset();
  }

  private match(reply: Reply): void {
    const record = this.pending.shift();
    if (!record) {
      if (this.beyond > 0) this.beyond--;
      return;
    }
    record.success = !reply.error;
    if (!repliesWithSecrets(record['cmd.name']!.toUpperCase())) record['reply.value'] = reply.text;
    this.emit.record('redis', record);
  }

  private nonsense(where: string, ts: Seconds): void {
    this.emit.weird('redis_bad_data', ts, where);
    this.quiet();
  }

  private quiet(): void {
    this.client.stop();
    this.server.stop();
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm();
  }
}

/** An array of bulk strings whose first is a word; on the usual port a line that begins with a command too. */
function probe(bytes: Uint8Array, start: number, end: number, direction: Direction, usualPort: boolean): Probe {
  if (direction === 1) return 'no';
  if (bytes[start] !== 0x2a) return usualPort ? inlineProbe(bytes, start, end) : 'no';
  let at = start + 1;
  for (const mark of [0x24, 0]) {
    const first = at;
    while (at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
    if (at - first > 7) return 'no';
    for (const byte of mark === 0 ? lineEnd : arrayEnd) {
      if (at === end) return 'more';
      if (at === first || bytes[at++] !== byte) return 'no';
    }
  }
  if (at === end) return 'more';
  return isLetter(bytes[at]!) ? 'yes' : 'no';
}

const lineEnd = [0x0d, 0x0a];
const arrayEnd = [0x0d, 0x0a, 0x24];
const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

/** `PING`, `SET name value`: a word, and a line of printable characters to its end. */
function inlineProbe(bytes: Uint8Array, start: number, end: number): Probe {
  let at = start;
  while (at < end && (isLetter(bytes[at]!) || (at > start && bytes[at]! >= 0x30 && bytes[at]! <= 0x39))) at++;
  if (at - start > 16 || at === start) return 'no';
  if (at < end && bytes[at] !== 0x20 && bytes[at] !== 0x0d) return 'no';
  while (at < end && bytes[at]! >= 0x20 && bytes[at]! <= 0x7e) at++;
  if (at - start > lineBytesMax) return 'no';
  if (at + 1 >= end) return at === end || bytes[at] === 0x0d ? 'more' : 'no';
  if (bytes[at] !== 0x0d || bytes[at + 1] !== 0x0a) return 'no';
  // Requests of HTTP that somebody sends to Redis begin with a command of its own: GET / HTTP/1.1.
  return /http\/\d/i.test(asciiOf(bytes, Math.max(start, at - 12), at)) ? 'no' : 'yes';
}

export const redis: Protocol = {
  service: 'redis',
  logs: ['redis'],
  transports: ['tcp'],
  ports: [6379],
  probe,
  open: (flow, emit) => new RedisParser(flow, emit),
};
