/**
 * DHCPv6, written into the same `dhcp` log as DHCP: one record a transaction.
 *
 *      0      1                4                                       0       1      2        18        34
 *     ┌──────┬────────────────┬─────────┐                             ┌───────┬──────┬────────┬─────────┬─────────────────┐
 *     │ type │ transaction-id │ options │  client and server (§8)     │ 12, 13│ hops │ link   │ peer    │ options, in one │  relay (§9)
 *     └──────┴────────────────┴─────────┘                             └───────┴──────┴────────┴─────────┴─ the message ───┘
 *
 * RFC 8415. An option is two bytes of code, two of length, and its value, which may hold options again.
 */

import { formatAddress } from '@forewarn/base/ip';
import type { Seconds } from '@forewarn/base/time';
import { shortText, textBytesMax, trimmed, wireName } from '../dhcp/options.ts';
import { type Transaction, transactionLimits, Transactions } from '../dhcp/transactions.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';

const relaysMax = 8;
const addressesMax = 16;

/** The ceilings of this parser, for the reference. */
export const limits = [
  ...transactionLimits.map((limit) => ({ ...limit, name: limit.name.replace('dhcp.', 'dhcpv6.') })),
  {
    name: 'dhcpv6.relaysMax',
    value: relaysMax,
    unit: 'relays around a message',
    why: 'RFC 8415 §7.6: HOP_COUNT_LIMIT. What lies deeper is not read.',
  },
  {
    name: 'dhcpv6.addressesMax',
    value: addressesMax,
    unit: 'name servers per message',
    why: 'Real messages name three at most.',
  },
  {
    name: 'dhcpv6.textBytesMax',
    value: textBytesMax,
    unit: 'bytes',
    why: 'Names, vendor classes and reasons, as long as those of DHCP; what is longer is cut.',
  },
] as const;

// Options: RFC 8415 §21, RFC 3646 (23, 24), RFC 4704 (39).
const CLIENT_IDENTIFIER = 1;
const IA_NA = 3;
const IA_TA = 4;
const IA_ADDRESS = 5;
const OPTION_REQUEST = 6;
const RELAY_MESSAGE = 9;
const STATUS_CODE = 13;
const VENDOR_CLASS = 16;
const DNS_SERVERS = 23;
const DOMAIN_LIST = 24;
const CLIENT_FQDN = 39;

const RELAY_FORW = 12;
const RELAY_REPL = 13;

/** Message types by number (RFC 8415 §7.3, 5007, 5460, 6977, 7341, 7653, 8156). */
const messageTypes: readonly (string | undefined)[] = [
  undefined,
  'SOLICIT',
  'ADVERTISE',
  'REQUEST',
  'CONFIRM',
  'RENEW',
  'REBIND',
  'REPLY',
  'RELEASE',
  'DECLINE',
  'RECONFIGURE',
  'INFORMATION-REQUEST',
  'RELAY-FORW',
  'RELAY-REPL',
  'LEASEQUERY',
  'LEASEQUERY-REPLY',
  'LEASEQUERY-DONE',
  'LEASEQUERY-DATA',
  'RECONFIGURE-REQUEST',
  'RECONFIGURE-REPLY',
  'DHCPV4-QUERY',
  'DHCPV4-RESPONSE',
];

/** What servers send: ADVERTISE, REPLY, RECONFIGURE, LEASEQUERY-REPLY and what follows it. */
const fromServer: ReadonlySet<number> = new Set([2, 7, 10, 15, 16, 17, 19, 21]);

class Dhcpv6Parser implements ProtocolParser {
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
    const head = this.flow.head(ts);
    const sender = direction === 0 ? head['id.orig_h'] : head['id.resp_h'];
    let peer: string | undefined;
    let at = start;
    let stop = end;
    for (let relays = 0; bytes[at] === RELAY_FORW || bytes[at] === RELAY_REPL; relays++) {
      // The message stands in an option of the relay's; the peer of the innermost relay is the client.
      const inner = stop - at >= 34 && relays < relaysMax ? find(bytes, at + 34, stop, RELAY_MESSAGE) : -1;
      if (inner < 0) {
        this.tell(ts);
        return;
      }
      peer = formatAddress(bytes, at + 18, 16);
      at = inner;
      stop = inner + u16(bytes, inner - 2);
    }
    if (stop - at < 4) {
      this.tell(ts);
      return;
    }
    const type = bytes[at]!;
    const id = (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const entry = this.transactions.at(id, messageTypes[type] ?? `unknown-${type}`, head.uid, ts, this.emit);
    const { record } = entry;
    const client = !fromServer.has(type);
    if (client) record.client_addr = peer ?? sender;
    if (!options(record, client, bytes, at + 4, stop)) this.tell(ts);
    if (!client && record.assigned_addr !== undefined) {
      record.server_addr = sender;
      record.client_addr ??= record.assigned_addr;
    }
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

  private tell(ts: Seconds): void {
    if (!this.told) this.emit.weird('DHCPv6_truncated_message', ts);
    this.told = true;
  }
}

/** Reads options into the record; false when one reaches beyond the end. */
function options(record: Transaction, client: boolean, bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const from = at + 4;
    if (from > end) return false;
    const code = u16(bytes, at);
    const to = from + u16(bytes, at + 2);
    if (to > end) return false;
    option(record, client, code, bytes, from, to);
    at = to;
  }
  return true;
}

function option(record: Transaction, client: boolean, code: number, bytes: Uint8Array, from: number, to: number): void {
  switch (code) {
    case CLIENT_IDENTIFIER:
      record.mac = linkLayerAddress(bytes, from, to) ?? record.mac;
      break;
    case IA_NA:
      association(record, client, bytes, from + 12, to);
      break;
    case IA_TA:
      association(record, client, bytes, from + 4, to);
      break;
    case OPTION_REQUEST: {
      const list: number[] = [];
      for (let at = from; at + 2 <= to && list.length < 255; at += 2) list.push(u16(bytes, at));
      record.param_list = list;
      break;
    }
    case STATUS_CODE:
      status(record, client, bytes, from, to);
      break;
    case VENDOR_CLASS:
      // An enterprise number, then pieces of two bytes of length and a value; the first says what it is.
      if (to - from >= 6) record.vendor_class = shortText(bytes, from + 6, Math.min(to, from + 6 + u16(bytes, from + 4)));
      break;
    case DNS_SERVERS: {
      const list: string[] = [];
      for (let at = from; at + 16 <= to && list.length < addressesMax; at += 16) list.push(formatAddress(bytes, at, 16));
      if (!client) record.dns_servers = list;
      break;
    }
    case DOMAIN_LIST:
      if (!client) record.domain = wireName(bytes, from, to);
      break;
    case CLIENT_FQDN:
      if (client && to - from > 1) record.client_fqdn = wireName(bytes, from + 1, to);
      break;
  }
}

/** The first address of an identity association: asked for by the client, given by the server. */
function association(record: Transaction, client: boolean, bytes: Uint8Array, start: number, end: number): void {
  const at = find(bytes, start, end, IA_ADDRESS);
  if (at >= 0 && at + 24 <= end) {
    const address = formatAddress(bytes, at, 16);
    if (client) record.requested_addr = address;
    else {
      record.assigned_addr = address;
      record.lease_time = u32(bytes, at + 20);
    }
  }
  const refused = find(bytes, start, end, STATUS_CODE);
  if (refused >= 0) status(record, client, bytes, refused, refused + u16(bytes, refused - 2));
}

/** A status other than success says why in words. */
function status(record: Transaction, client: boolean, bytes: Uint8Array, from: number, to: number): void {
  if (to - from < 2 || u16(bytes, from) === 0) return;
  const text = trimmed(bytes, from + 2, to) || `status ${u16(bytes, from)}`;
  if (client) record.client_message = text;
  else record.server_message = text;
}

/** The Ethernet address in a DUID made of one (RFC 8415 §11.2, §11.4). */
function linkLayerAddress(bytes: Uint8Array, from: number, to: number): string | undefined {
  const kind = to - from >= 4 ? u16(bytes, from) : 0;
  const at = kind === 1 ? from + 8 : from + 4;
  if ((kind !== 1 && kind !== 3) || u16(bytes, from + 2) !== 1 || to - at !== 6) return undefined;
  return Buffer.prototype.hexSlice.call(bytes, at, to).replace(/..(?=.)/g, '$&:');
}

/** Where the value of the first option of the code stands, or -1; it lies within the end. */
function find(bytes: Uint8Array, start: number, end: number, wanted: number): number {
  for (let at = start; at + 4 <= end;) {
    const to = at + 4 + u16(bytes, at + 2);
    if (to > end) return -1;
    if (u16(bytes, at) === wanted) return at + 4;
    at = to;
  }
  return -1;
}

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 65_536 + u16(bytes, at + 2);

/** Greatest option code of the registry (IANA DHCPv6, 2025) with room for a few more. */
const optionCodeMax = 160;

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const type = bytes[start]!;
  if (type === 0 || type > 36 || end - start < 4) return 'no';
  const relay = type === RELAY_FORW || type === RELAY_REPL;
  let at = start + (relay ? 34 : 4);
  if (at > end) return 'no';
  // The options must lead exactly to the end; elsewhere a client or server must name itself, or a relay carry something.
  let named = false;
  while (at + 4 <= end) {
    const code = u16(bytes, at);
    const length = u16(bytes, at + 2);
    if (code === 0 || code > optionCodeMax) return 'no';
    if ((code === CLIENT_IDENTIFIER || code === 2) && length >= 6 && length <= 130 && bytes[at + 4] === 0 && bytes[at + 5]! <= 4)
      named = true;
    if (relay && code === RELAY_MESSAGE && length >= 4 && bytes[at + 4]! <= 36) named = true;
    at += 4 + length;
  }
  return at === end && (named || usualPort) ? 'yes' : 'no';
}

/** A parser that joins its flows in a table of its own. */
function make(): Protocol {
  const transactions = new Transactions('dhcp');
  return {
    service: 'dhcpv6',
    logs: ['dhcp'],
    transports: ['udp'],
    ports: [546, 547],
    probe,
    open: (flow, emit) => new Dhcpv6Parser(flow, emit, transactions),
    anew: make,
  };
}

export const dhcpv6: Protocol = make();
