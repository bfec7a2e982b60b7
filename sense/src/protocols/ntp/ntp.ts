/**
 * NTP, written as Zeek's `ntp.log` writes it: one record a message.
 *
 *      0        1         2        3           4            8                 12              16       24  32  40   48
 *     ┌────────┬─────────┬────────┬───────────┬────────────┬─────────────────┬───────────────┬────────┬───┬───┬────┐
 *     │LI VN md│ stratum │ poll   │ precision │ root delay │ root dispersion │ reference id  │ reference, origin,… │  RFC 5905 §7.3
 *     └────────┴─────────┴────────┴───────────┴────────────┴─────────────────┴───────────────┴────────┴───┴───┴────┘
 *
 * Extension fields (RFC 7822) and a message authentication code may follow. Modes 6 (RFC 9327) and 7 (ntpd's own) have
 * headers of twelve and eight bytes; Zeek parses them and writes no record, we write one.
 */

import type { Seconds } from '@forewarn/base/time';
import { formatAddress } from '@forewarn/base/ip';
import type { NtpRecord } from '@forewarn/model/records/ntp';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { textOf } from '../text.ts';

const headerBytes = 48;
const controlHeaderBytes = 12;
const privateHeaderBytes = 8;

/** The longest authentication code: a key identifier and a digest of twenty bytes (SHA-1); RFC 8573 makes it shorter. */
const macBytesMax = 24;

/** Of extension fields only the lengths are read, so a datagram is its own ceiling. */
export const limits = [] as const;

/** Seconds between the NTP era (1900) and 1970 (RFC 5905 §6), and between era 1 (2036) and 1970. */
const era0 = 2_208_988_800;
const era1 = 2_085_978_496;

class NtpParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(_direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const mode = bytes[start]! & 7;
    if (end - start < leastBytes(mode)) {
      if (!this.told) this.emit.weird('NTP_truncated_message', ts);
      this.told = true;
      return;
    }
    const record = this.flow.head(ts) as NtpRecord;
    record.version = (bytes[start]! >> 3) & 7;
    record.mode = mode;
    if (mode === 6) control(record, bytes, start);
    else if (mode === 7) privateUse(record, bytes, start);
    else standard(record, bytes, start, end);
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    this.emit.record('ntp', record);
  }

  gap(): void {}

  finish(): void {}
}

const leastBytes = (mode: number): number => (mode === 6 ? controlHeaderBytes : mode === 7 ? privateHeaderBytes : headerBytes);

function standard(record: NtpRecord, bytes: Uint8Array, start: number, end: number): void {
  const stratum = bytes[start + 1]!;
  record.stratum = stratum;
  record.poll = 2 ** signed(bytes[start + 2]!);
  record.precision = 2 ** signed(bytes[start + 3]!);
  record.root_delay = u32(bytes, start + 4) / 65_536;
  record.root_disp = u32(bytes, start + 8) / 65_536;
  record.ref_id = stratum <= 1 ? textOf(bytes, start + 12, start + 16) : formatAddress(bytes, start + 12, 4);
  record.ref_time = timestamp(bytes, start + 16);
  record.org_time = timestamp(bytes, start + 24);
  record.rec_time = timestamp(bytes, start + 32);
  record.xmt_time = timestamp(bytes, start + 40);
  record.num_exts = extensions(bytes, start + headerBytes, end);
}

function control(record: NtpRecord, bytes: Uint8Array, start: number): void {
  const second = bytes[start + 1]!;
  record.op_code = second & 0x1f;
  record.resp_bit = (second & 0x80) !== 0;
  record.err_bit = (second & 0x40) !== 0;
  record.more_bit = (second & 0x20) !== 0;
  record.sequence = (bytes[start + 2]! << 8) | bytes[start + 3]!;
}

function privateUse(record: NtpRecord, bytes: Uint8Array, start: number): void {
  record.req_code = bytes[start + 3]!;
  record.implementation = bytes[start + 2]!;
  record.resp_bit = (bytes[start]! & 0x80) !== 0;
  record.more_bit = (bytes[start]! & 0x40) !== 0;
  record.auth_bit = (bytes[start + 1]! & 0x80) !== 0;
  record.sequence = bytes[start + 1]! & 0x7f;
  record.err = bytes[start + 4]! >> 4;
}

/** How many extension fields there are; what is no longer than an authentication code is one (RFC 7822 §7.5). */
function extensions(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  let at = start;
  while (end - at > macBytesMax) {
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    if (length < 16 || length % 4 !== 0 || at + length > end) break;
    count++;
    at += length;
  }
  return count;
}

const signed = (byte: number): number => (byte << 24) >> 24;

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/**
 * Seconds since 1970, to the microsecond; 0 for an unset time. The top bit tells the era (RFC 4330 §3): 1968 to 2036, then
 * to 2104. Multiplying by a million first would cost the last digit, so the number is cut as it is printed.
 */
function timestamp(bytes: Uint8Array, at: number): Seconds {
  const seconds = u32(bytes, at);
  const fraction = u32(bytes, at + 4);
  if (seconds === 0 && fraction === 0) return 0;
  const whole = seconds >= 0x8000_0000 ? seconds - era0 : seconds + era1;
  return Number((whole + fraction / 4_294_967_296).toFixed(6));
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const have = end - start;
  const version = (bytes[start]! >> 3) & 7;
  const mode = bytes[start]! & 7;
  // Behind the header there are whole words: extension fields and an authentication code.
  if (have < 8 || version === 0 || version > 4 || have % 4 !== 0) return 'no';
  if (usualPort) return have >= leastBytes(mode) ? 'yes' : 'no';
  if (have < headerBytes || mode === 0 || mode > 5 || have > 512) return 'no';
  if (have > headerBytes + macBytesMax && extensions(bytes, start + headerBytes, end) === 0) return 'no';
  // Stratum at most 16; intervals up to 2^17 s; precision between 2^-32 s and 2 s; delays below 256 s.
  const precision = signed(bytes[start + 3]!);
  if (bytes[start + 1]! > 16 || bytes[start + 2]! > 17 || precision > 1 || precision < -32) return 'no';
  if (bytes[start + 4] !== 0 || bytes[start + 8] !== 0) return 'no';
  // All four times are unset or after 1994 (and before 2036); a server's transmit time is set.
  for (let at = start + 16; at < start + headerBytes; at += 8) {
    const seconds = u32(bytes, at);
    if (seconds < 0xb000_0000 && (seconds !== 0 || u32(bytes, at + 4) !== 0)) return 'no';
  }
  // Of a client that sets nothing else, the zeros are the proof; on a foreign port they are proof enough only with a time.
  return u32(bytes, start + 40) === 0 ? 'no' : 'yes';
}

export const ntp: Protocol = {
  service: 'ntp',
  logs: ['ntp'],
  transports: ['udp'],
  ports: [123],
  probe,
  open: (flow, emit) => new NtpParser(flow, emit),
};
