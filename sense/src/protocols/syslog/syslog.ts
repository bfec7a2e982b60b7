/**
 * Syslog over UDP and TCP, written as Zeek's `syslog.log` writes it: one record for each message. An alarm in its structured data
 * (RFC 5674) has a record of that log beside it.
 *
 *     <34>1 2003-10-11T22:14:15.003Z host app …     a datagram (RFC 5426), or a line over TCP (RFC 6587 §3.4.2)
 *     67 <34>1 2003-10-11T22:14:15.003Z …           over TCP, behind the length of the message (§3.4.1)
 *
 * The number in brackets is eight times the facility and the severity (RFC 5424 §6.2.1).
 */

import type { Seconds } from '@forewarn/base/time';
import type { SyslogRecord } from '@forewarn/model/records/syslog';
import { alarmOfMessage } from '../../alarms/structured.ts';
import { Portions } from '../portions.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser, Transport } from '../protocol.ts';
import { textOf } from '../text.ts';

/** Zeek 8 cuts text fields of its logs at this length (Log::default_max_field_string_bytes). */
const messageBytesMax = 4_096;

/** rsyslog and syslog-ng take 8 KiB and 64 KiB by default; a stated length of more than a megabyte is none. */
const statedBytesMax = 1_048_576;

export const limits = [
  {
    name: 'syslog.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes per message',
    why: 'Zeek 8 cuts text fields at this length; the rest is passed over.',
  },
  {
    name: 'syslog.statedBytesMax',
    value: statedBytesMax,
    unit: 'bytes per message over TCP',
    why: 'Collectors take 8 to 64 KiB; a greater stated length is no length, and the reading ends.',
  },
] as const;

/** RFC 5424 table 1, with Zeek's names. */
const facilities =
  'KERN USER MAIL DAEMON AUTH SYSLOG LPR NEWS UUCP CRON AUTHPRIV FTP NTP AUDIT ALERT CLOCK LOCAL0 LOCAL1 LOCAL2 LOCAL3 LOCAL4 LOCAL5 LOCAL6 LOCAL7'.split(
    ' ',
  );
const severities = 'EMERG ALERT CRIT ERR WARNING NOTICE INFO DEBUG'.split(' ');
const priorityMax = 191;

/** The number of `<number>` at `start` and the place behind it, as `number × 8 + length`; -1 where there is none. */
function priority(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== 0x3c) return -1;
  let value = 0;
  for (let at = start + 1; at < Math.min(end, start + 5); at++) {
    const byte = bytes[at]!;
    if (byte === 0x3e) return at === start + 1 || value > priorityMax ? -1 : value * 8 + (at + 1 - start);
    if (byte < 0x30 || byte > 0x39) return -1;
    value = value * 10 + byte - 0x30;
  }
  return -1;
}

/** What a direction over TCP reads: the first byte of a message, its length, the message, or the rest of a line. */
type Reading = 'first' | 'length' | 'counted' | 'line' | 'rest';

class Side extends Portions {
  reading: Reading = 'first';
  first = 0;
  length = 0;

  ask(reading: Reading, bytes: number): void {
    this.reading = reading;
    this.want(bytes);
  }
}

class SyslogParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly transport: Transport;
  private sides: [Side | undefined, Side | undefined] = [undefined, undefined];
  private confirmed = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
    this.transport = flow.transport;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.transport === 'udp') this.message(bytes, start, end, ts);
    else (this.sides[direction] ??= new Side(1)).feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, _ts: Seconds): void {
    const side = this.sides[direction];
    if (side?.gap(length) !== false) return;
    // A line that was cut is lost; the next begins behind its end.
    if (side.reading === 'line' || side.reading === 'rest') {
      side.stop();
      side.reading = 'rest';
      side.wantLine(messageBytesMax);
    } else side.stop();
  }

  finish(_ts: Seconds): void {}

  portion(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const side = this.sides[direction]!;
    switch (side.reading) {
      case 'first': {
        const first = bytes[start]!;
        if (first >= 0x31 && first <= 0x39) {
          side.length = first - 0x30;
          side.ask('length', 1);
        } else if (first !== 0x0a && first !== 0 && first !== 0x0d) {
          side.first = first;
          side.reading = 'line';
          side.wantLine(messageBytesMax);
        }
        return;
      }
      case 'length': {
        const digit = bytes[start]! - 0x30;
        if (bytes[start] === 0x20) side.ask('counted', Math.min(side.length, messageBytesMax));
        else if (digit >= 0 && digit <= 9 && side.length * 10 <= statedBytesMax) side.length = side.length * 10 + digit;
        else {
          this.emit.weird('syslog_bad_length', ts);
          side.stop();
        }
        return;
      }
      case 'counted':
        this.message(bytes, start, end, ts);
        side.skip = side.length - (end - start);
        side.ask('first', 1);
        return;
      case 'line': {
        const ended = bytes[end - 1] === 0x0a;
        const line = new Uint8Array(end - start + 1);
        line[0] = side.first;
        line.set(bytes.subarray(start, end), 1);
        let stop = line.length;
        if (ended) stop -= line[stop - 2] === 0x0d ? 2 : 1;
        this.message(line, 0, stop, ts);
        if (ended) side.ask('first', 1);
        else side.reading = 'rest';
        return;
      }
      case 'rest':
        if (bytes[end - 1] === 0x0a) side.ask('first', 1);
    }
  }

  private message(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const found = priority(bytes, start, end);
    const number = found >> 3;
    const from = found < 0 ? start : start + (found & 7);
    const record = this.flow.head(ts) as SyslogRecord;
    record.proto = this.transport;
    record.facility = found < 0 ? 'UNSPECIFIED' : facilities[number >> 3]!;
    record.severity = found < 0 ? 'UNSPECIFIED' : severities[number & 7]!;
    record.message = textOf(bytes, from, Math.min(end, from + messageBytesMax));
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    this.emit.record('syslog', record);
    const alarm = found < 0 ? undefined : alarmOfMessage(record.message);
    if (alarm) {
      const { facility, severity } = record;
      this.emit.record('alarm', { ...this.flow.head(ts), source: 'syslog', facility, severity, ...alarm });
    }
  }
}

const isPrintable = (byte: number): boolean => (byte >= 0x20 && byte !== 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d;

/** A priority in brackets, with text behind it; on its port any datagram of text. */
function probeDatagram(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  if (bytes[start] === 0x3c) {
    const found = priority(bytes, start, end);
    if (found >= 0) {
      const from = start + (found & 7);
      if (from < end) return isPrintable(bytes[from]!) ? 'yes' : 'no';
      return usualPort ? 'yes' : 'no';
    }
  }
  if (!usualPort) return 'no';
  for (let at = start; at < Math.min(end, start + 64); at++) if (!isPrintable(bytes[at]!)) return 'no';
  return 'yes';
}

/** Over TCP the priority must be there, at the front or behind the length of the message. */
function probeStream(bytes: Uint8Array, start: number, end: number, _direction: Direction, _usualPort: boolean): Probe {
  let at = start;
  if (bytes[at]! >= 0x31 && bytes[at]! <= 0x39) {
    while (at < end && at - start < 8 && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
    if (at === end) return 'more';
    if (bytes[at++] !== 0x20) return 'no';
  }
  if (at === end) return 'more';
  if (bytes[at] !== 0x3c) return 'no';
  const found = priority(bytes, at, end);
  if (found < 0) {
    for (let i = at + 1; i < end; i++) if (bytes[i]! < 0x30 || bytes[i]! > 0x39) return 'no';
    return end - at < 5 ? 'more' : 'no';
  }
  const from = at + (found & 7);
  return from === end ? 'more' : isPrintable(bytes[from]!) ? 'yes' : 'no';
}

export const syslog: Protocol = {
  service: 'syslog',
  logs: ['syslog', 'alarm'],
  transports: ['udp'],
  ports: [514],
  probe: probeDatagram,
  open: (flow, emit) => new SyslogParser(flow, emit),
};

/** Over TCP port 514 is that of rsh, and a stream proves more than a datagram. */
export const syslogOverTcp: Protocol = {
  service: 'syslog',
  logs: ['syslog', 'alarm'],
  transports: ['tcp'],
  ports: [601],
  probe: probeStream,
  open: (flow, emit) => new SyslogParser(flow, emit),
};
