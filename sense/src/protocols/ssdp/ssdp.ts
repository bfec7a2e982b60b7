/**
 * SSDP (UPnP Device Architecture 2.0 §1): HTTP's head in a datagram, mostly to everybody on the network.
 *
 *     M-SEARCH * HTTP/1.1    who is there?          answered to the asker with HTTP/1.1 200 OK
 *     NOTIFY * HTTP/1.1      here I am, or I leave
 *
 * A service that answers to the whole internet multiplies what is sent to it, which is why searches from far away and the lengths of
 * answers are worth a record.
 */

import type { Seconds } from '@forewarn/base/time';
import type { SsdpRecord } from '@forewarn/model/records/ssdp';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { asciiOf, textOf } from '../text.ts';

const valueBytesMax = 512;
const linesMax = 64;
const probeLinesMax = 32;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'ssdp.valueBytesMax',
    value: valueBytesMax,
    unit: 'bytes per field',
    why: 'Locations and product names are some dozens of bytes; a longer one is cut.',
  },
  {
    name: 'ssdp.linesMax',
    value: linesMax,
    unit: 'lines per message',
    why: 'Devices send about a dozen; those beyond are passed over.',
  },
] as const;

const search = 'M-SEARCH * HTTP/1.';
const notify = 'NOTIFY * HTTP/1.';
const response = 'HTTP/1.';

function begins(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Where the next line begins, or `end`. */
function nextLine(bytes: Uint8Array, at: number, end: number): number {
  const feed = bytes.subarray(at, end).indexOf(0x0a);
  return feed < 0 ? end : at + feed + 1;
}

class SsdpParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const kind = begins(bytes, start, end, search)
      ? 'search'
      : begins(bytes, start, end, notify)
        ? 'notify'
        : begins(bytes, start, end, response)
          ? 'response'
          : undefined;
    if (kind === undefined) {
      if (!this.told) this.emit.weird('ssdp_bad_message', ts);
      this.told = true;
      return;
    }
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    const record = this.flow.head(ts) as SsdpRecord;
    record.is_orig = direction === 0;
    record.kind = kind;
    record.payload_len = end - start;
    let at = nextLine(bytes, start, end);
    for (let lines = 0; at < end && lines < linesMax; lines++) {
      const next = nextLine(bytes, at, end);
      header(record, bytes, at, next);
      at = next;
    }
    this.emit.record('ssdp', record);
  }

  gap(): void {}

  finish(): void {}
}

function header(record: SsdpRecord, bytes: Uint8Array, start: number, end: number): void {
  const colon = bytes.subarray(start, Math.min(end, start + 24)).indexOf(0x3a);
  if (colon < 1) return;
  let from = start + colon + 1;
  let to = end;
  while (from < to && isBlank(bytes[from]!)) from++;
  while (to > from && isBlank(bytes[to - 1]!)) to--;
  to = Math.min(to, from + valueBytesMax);
  switch (
    asciiOf(bytes, start, start + colon)
      .trimEnd()
      .toUpperCase()
  ) {
    case 'ST':
    case 'NT':
      record.target = textOf(bytes, from, to);
      break;
    case 'NTS':
      record.nts = textOf(bytes, from, to);
      break;
    case 'USN':
      record.usn = textOf(bytes, from, to);
      break;
    case 'LOCATION':
      record.location = textOf(bytes, from, to);
      break;
    case 'SERVER':
      record.server = textOf(bytes, from, to);
      break;
    case 'USER-AGENT':
      record.user_agent = textOf(bytes, from, to);
      break;
    case 'MX':
      seconds(record, 'mx', bytes, from, to);
      break;
    case 'CACHE-CONTROL':
      seconds(record, 'max_age', bytes, from, to);
      break;
    default:
  }
}

/** The number that a value ends in: `3`, `max-age=1800`, `max-age = 1800`. */
function seconds(record: SsdpRecord, column: 'mx' | 'max_age', bytes: Uint8Array, start: number, end: number): void {
  let at = end;
  while (at > start && bytes[at - 1]! >= 0x30 && bytes[at - 1]! <= 0x39) at--;
  if (at < end && end - at <= 9) record[column] = Number(asciiOf(bytes, at, end));
}

/** Space, tab, and the ends of lines. */
const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a;

function probe(bytes: Uint8Array, start: number, end: number): Probe {
  const first = bytes[start];
  if (first === 0x4d) return begins(bytes, start, end, search) ? 'yes' : 'no';
  if (first === 0x4e) return begins(bytes, start, end, notify) ? 'yes' : 'no';
  if (first !== 0x48 || !begins(bytes, start, end, response)) return 'no';
  // Other protocols answer like HTTP over UDP too: an answer of SSDP names what was found.
  let at = nextLine(bytes, start, end);
  for (let lines = 0; at < end && lines < probeLinesMax; lines++) {
    const mark = (bytes[at]! | 0x20) === 0x73 && (bytes[at + 1]! | 0x20) === 0x74;
    const colon = bytes[at + 2];
    if (mark && at + 2 < end && (colon === 0x3a || colon === 0x20)) return 'yes';
    at = nextLine(bytes, at, end);
  }
  return 'no';
}

export const ssdp: Protocol = {
  service: 'ssdp',
  logs: ['ssdp'],
  transports: ['udp'],
  ports: [1900],
  probe,
  open: (flow, emit) => new SsdpParser(flow, emit),
};
