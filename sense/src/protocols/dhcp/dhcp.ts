/**
 * DHCP for IPv4, written as Zeek's `dhcp.log` writes it: one record a transaction.
 *
 *      0    1      2     3     4      8     10     12      16      20      24      28         44       108     236
 *     ┌────┬──────┬─────┬─────┬──────┬─────┬──────┬───────┬───────┬───────┬───────┬──────────┬────────┬───────┬────────────────┐
 *     │ op │ htype│ hlen│ hops│ xid  │ secs│ flags│ ciaddr│ yiaddr│ siaddr│ giaddr│ chaddr   │ sname  │ file  │ cookie options │
 *     └────┴──────┴─────┴─────┴──────┴─────┴──────┴───────┴───────┴───────┴───────┴──────────┴────────┴───────┴────────────────┘
 *                                                                                                      RFC 2131 §2
 */

import { formatAddress } from '@forewarn/base/ip';
import type { Seconds } from '@forewarn/base/time';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { textOf } from '../text.ts';
import { trimmed, wireName } from './options.ts';
import { type Transaction, transactionLimits, Transactions } from './transactions.ts';

const fixedBytes = 236;
const addressesMax = 16;

/** The ceilings of this parser, for the reference. */
export const limits = [
  ...transactionLimits,
  {
    name: 'dhcp.addressesMax',
    value: addressesMax,
    unit: 'addresses per record',
    why: 'Gateways, and name servers, of one transaction; an option has room for 63, real ones have three.',
  },
] as const;

// Options: RFC 2132, RFC 3046 (82), RFC 4702 (81).
const ROUTERS = 3;
const DNS_SERVERS = 6;
const HOST_NAME = 12;
const DOMAIN_NAME = 15;
const REQUESTED_ADDRESS = 50;
const LEASE_TIME = 51;
const OVERLOAD = 52;
const MESSAGE_TYPE = 53;
const PARAMETER_LIST = 55;
const MESSAGE = 56;
const VENDOR_CLASS = 60;
const CLIENT_IDENTIFIER = 61;
const CLIENT_FQDN = 81;
const RELAY_AGENT = 82;

/** Message types by number (RFC 2132 §9.6, RFC 3203, 4388, 6926, 7724), with Zeek's names. */
const messageTypes: readonly (string | undefined)[] = [
  undefined,
  'DISCOVER',
  'OFFER',
  'REQUEST',
  'DECLINE',
  'ACK',
  'NAK',
  'RELEASE',
  'INFORM',
  'FORCERENEW',
  'LEASEQUERY',
  'LEASEUNASSIGNED',
  'LEASEUNKNOWN',
  'LEASEACTIVE',
  'BULKLEASEQUERY',
  'LEASEQUERYDONE',
  'ACTIVELEASEQUERY',
  'LEASEQUERYSTATUS',
  'TLS',
];

class DhcpParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly transactions: Transactions;
  private confirmed = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit, transactions: Transactions) {
    this.flow = flow;
    this.emit = emit;
    this.transactions = transactions;
    transactions.opened();
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const op = bytes[start]!;
    if (end - start < fixedBytes || op < 1 || op > 2 || bytes[start + 2]! > 16) {
      this.tell('DHCP_truncated_message', ts);
      return;
    }
    const type = messageType(bytes, start, end);
    const head = this.flow.head(ts);
    const sender = direction === 0 ? head['id.orig_h'] : head['id.resp_h'];
    const xid = u32(bytes, start + 4);
    const entry = this.transactions.at(xid, type ?? (op === 1 ? 'BOOTREQUEST' : 'BOOTREPLY'), head.uid, ts, this.emit);
    const { record } = entry;
    const client = op === 1;
    const given = u32(bytes, start + 16) !== 0;
    const chaddr = hardwareAddress(bytes, start + 28, bytes[start + 2]!);
    if (client) {
      entry.fallbackMac = chaddr ?? entry.fallbackMac;
      // What a relay passes on comes from the relay; the client's own address stands inside then.
      const relayed = u32(bytes, start + 24) !== 0;
      const address = relayed ? formatAddress(bytes, start + 12, 4) : sender;
      if (address !== '0.0.0.0' && address !== '255.255.255.255') record.client_addr = address;
    } else if (given) {
      record.server_addr = sender;
      record.assigned_addr = formatAddress(bytes, start + 16, 4);
      record.client_addr ??= record.assigned_addr;
    }
    if (hasCookie(bytes, start, end)) {
      const complete = this.options(record, client, bytes, start + 240, end);
      const overload = overloaded(bytes, start + 240, end);
      if (overload & 1) this.options(record, client, bytes, start + 108, start + 236);
      if (overload & 2) this.options(record, client, bytes, start + 44, start + 108);
      if (!complete) this.tell('DHCP_option_past_end', ts);
    }
    // The server repeats the client's hardware address; what the client itself called it comes first.
    if (!client && record.mac === undefined && chaddr !== undefined) record.mac = chaddr;
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    this.transactions.done(entry);
  }

  gap(): void {}

  finish(ts: Seconds): void {
    this.transactions.finished(this.emit, ts);
  }

  /** Reads options into the record; false when one reaches beyond the end. */
  private options(record: Transaction, client: boolean, bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    while (at < end) {
      const code = bytes[at]!;
      if (code === 255) return true;
      if (code === 0) {
        at++;
        continue;
      }
      const length = at + 1 < end ? bytes[at + 1]! : 256;
      const from = at + 2;
      at = from + length;
      if (at > end) return false;
      if (client) clientOption(record, code, bytes, from, at);
      else serverOption(record, code, bytes, from, at);
      if (code === RELAY_AGENT) relayOption(record, bytes, from, at);
    }
    return true;
  }

  private tell(name: string, ts: Seconds): void {
    if (!this.told) this.emit.weird(name, ts);
    this.told = true;
  }
}

function clientOption(record: Transaction, code: number, bytes: Uint8Array, from: number, to: number): void {
  switch (code) {
    case HOST_NAME:
      record.host_name = trimmed(bytes, from, to);
      break;
    case REQUESTED_ADDRESS:
      if (to - from === 4) record.requested_addr = formatAddress(bytes, from, 4);
      break;
    case PARAMETER_LIST:
      record.param_list = Array.from(bytes.subarray(from, to));
      break;
    case MESSAGE:
      record.client_message = trimmed(bytes, from, to);
      break;
    case VENDOR_CLASS:
      record.vendor_class = textOf(bytes, from, to);
      break;
    case CLIENT_IDENTIFIER:
      // Type 1 is Ethernet; a DUID (RFC 4361) has type 255.
      if (to - from === 7 && bytes[from] === 1) record.mac = hardwareAddress(bytes, from + 1, 6)!;
      break;
    case CLIENT_FQDN:
      if (to - from > 3) record.client_fqdn = bytes[from]! & 4 ? wireName(bytes, from + 3, to) : trimmed(bytes, from + 3, to);
      break;
  }
}

function serverOption(record: Transaction, code: number, bytes: Uint8Array, from: number, to: number): void {
  switch (code) {
    case ROUTERS:
      record.routers = addresses(record.routers, bytes, from, to);
      break;
    case DNS_SERVERS:
      record.dns_servers = addresses(record.dns_servers, bytes, from, to);
      break;
    case DOMAIN_NAME:
      record.domain = trimmed(bytes, from, to);
      break;
    case LEASE_TIME:
      if (to - from === 4) record.lease_time = u32(bytes, from);
      break;
    case MESSAGE:
      record.server_message = trimmed(bytes, from, to);
      break;
  }
}

/** What a relay adds (RFC 3046 §2.0, RFC 3993): sub-options of a code, a length and a value. */
function relayOption(record: Transaction, bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at + 2 <= to;) {
    const code = bytes[at]!;
    const start = at + 2;
    at = start + bytes[at + 1]!;
    if (at > to) return;
    if (code === 1) record.circuit_id = textOf(bytes, start, at);
    else if (code === 2) record.agent_remote_id = textOf(bytes, start, at);
    else if (code === 6) record.subscriber_id = textOf(bytes, start, at);
  }
}

/** The addresses of an option beside those of other answers: a second server in a network shows. */
function addresses(before: readonly string[] | undefined, bytes: Uint8Array, from: number, to: number): string[] {
  const list = before ? [...before] : [];
  for (let at = from; at + 4 <= to && list.length < addressesMax; at += 4) {
    const address = formatAddress(bytes, at, 4);
    if (!list.includes(address)) list.push(address);
  }
  return list;
}

/** Two hexadecimal digits a byte with colons; `undefined` for none and for nothing but zeros. */
function hardwareAddress(bytes: Uint8Array, at: number, length: number): string | undefined {
  let any = 0;
  let text = '';
  for (let i = at; i < at + length; i++) {
    any |= bytes[i]!;
    text += `${i > at ? ':' : ''}${bytes[i]! < 16 ? '0' : ''}${bytes[i]!.toString(16)}`;
  }
  return any === 0 ? undefined : text;
}

function messageType(bytes: Uint8Array, start: number, end: number): string | undefined {
  const at = find(bytes, start, end, MESSAGE_TYPE);
  return at < 0 ? undefined : (messageTypes[bytes[at]!] ?? `unknown-${bytes[at]}`);
}

/** Bit 1: the file field holds options; bit 2: the server name does (RFC 2132 §9.3). */
function overloaded(bytes: Uint8Array, start: number, end: number): number {
  const at = find(bytes, start - 240, end, OVERLOAD);
  return at < 0 ? 0 : bytes[at]!;
}

/** Where the value of an option of one byte stands, or -1. */
function find(bytes: Uint8Array, start: number, end: number, wanted: number): number {
  if (!hasCookie(bytes, start, end)) return -1;
  for (let at = start + 240; at + 2 < end && bytes[at] !== 255;) {
    if (bytes[at] === 0) {
      at++;
      continue;
    }
    if (bytes[at] === wanted) return at + 2;
    at += 2 + bytes[at + 1]!;
  }
  return -1;
}

/** The magic cookie that begins the options (RFC 2131 §3); BOOTP without options has none. */
function hasCookie(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= 240 &&
    bytes[start + 236] === 0x63 &&
    bytes[start + 237] === 0x82 &&
    bytes[start + 238] === 0x53 &&
    bytes[start + 239] === 0x63
  );
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const op = bytes[start]!;
  if (op < 1 || op > 2 || end - start < fixedBytes || bytes[start + 2]! > 16) return 'no';
  // Only BOOTP lacks the cookie, and only on its own ports is that worth believing.
  return usualPort || hasCookie(bytes, start, end) ? 'yes' : 'no';
}

/** A parser that joins its flows in a table of its own. */
function make(): Protocol {
  const transactions = new Transactions('dhcp');
  return {
    service: 'dhcp',
    logs: ['dhcp'],
    transports: ['udp'],
    ports: [67, 68, 4011],
    probe,
    open: (flow, emit) => new DhcpParser(flow, emit, transactions),
    anew: make,
  };
}

export const dhcp: Protocol = make();
