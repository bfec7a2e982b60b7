/**
 * SOCKS 4, 4A and 5, written as Zeek's `socks.log` writes it: one record for the request with the proxy's answer. Behind a
 * proxy that has connected, the flow is whatever its bytes show.
 *
 *     4    client  04 command port(2) address(4) user 00 [name 00]     server  00 status port(2) address(4)
 *     5    client  05 n methods(n)                                     server  05 method
 *          client  01 n user n password     (RFC 1929)                 server  01 status
 *          client  05 command 00 type address port(2)                  server  05 status 00 type address port(2)
 *
 * The password is passed over unread.
 */

import { formatAddress } from '@forewarn/base/ip';
import type { Seconds } from '@forewarn/base/time';
import type { SocksRecord } from '@forewarn/model/records/socks';
import type { TunnelRecord } from '@forewarn/model/records/tunnels';
import { Portions } from '../portions.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { textOf } from '../text.ts';

/** RFC 1928 and 1929 give one byte to the length of a name or user; SOCKS 4 has no bound of its own. */
const nameBytesMax = 255;

export const limits = [
  {
    name: 'socks.nameBytesMax',
    value: nameBytesMax,
    unit: 'bytes per name or user',
    why: 'One byte holds their length in SOCKS 5 (RFC 1928, RFC 1929); a longer one in SOCKS 4 is nonsense.',
  },
] as const;

const CONNECT = 1;

/** RFC 1928 §6, with Zeek's names. */
const statuses5: readonly string[] = [
  'succeeded',
  'general SOCKS server failure',
  'connection not allowed by ruleset',
  'Network unreachable',
  'Host unreachable',
  'Connection refused',
  'TTL expired',
  'Command not supported',
  'Address type not supported',
];

/** SOCKS 4 (NEC), with Zeek's names. */
const statuses4: { readonly [code: number]: string } = {
  0x5a: 'succeeded',
  0x5b: 'general SOCKS server failure',
  0x5c: 'request failed because client is not running identd',
  0x5d: "request failed because client's identd could not confirm the user ID string in the request",
};

const statusName = (version: number, code: number): string =>
  (version === 5 ? statuses5[code] : statuses4[code]) ?? `unknown-${code}`;

/** What a direction reads next. */
type Reading =
  | 'version'
  | 'methods'
  | 'next'
  | 'user'
  | 'passwordLength'
  | 'target'
  | 'nameLength'
  | 'address'
  | 'request4'
  | 'user4'
  | 'name4'
  | 'choice'
  | 'login'
  | 'reply'
  | 'reply4';

class Side extends Portions {
  reading: Reading;
  type = 0;

  constructor(reading: Reading, bytes: number) {
    super(bytes);
    this.reading = reading;
  }

  ask(reading: Reading, bytes: number): void {
    this.reading = reading;
    this.want(bytes);
  }
}

class SocksParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private client: Side | undefined = undefined;
  private server: Side | undefined = undefined;
  /** Who speaks first is the client; malware that calls home lets the responder be it. */
  private clientDirection: Direction = 0;
  private version = 0;
  private command = 0;
  private record: SocksRecord | undefined = undefined;
  /** Bytes of a user or name in SOCKS 4, which end in a zero. */
  private text: number[] = [];
  private confirmed = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (!this.client) {
      this.clientDirection = direction;
      this.client = new Side('version', 1);
      this.server = new Side('choice', 2);
    }
    const side = direction === this.clientDirection ? this.client : this.server!;
    side.feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, _ts: Seconds): void {
    const side = direction === this.clientDirection ? this.client : this.server;
    if (!side?.gap(length)) this.quiet();
  }

  finish(_ts: Seconds): void {
    this.write();
    this.quiet();
  }

  portion(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (direction === this.clientDirection) this.ask(this.client!, bytes, start, end, ts);
    else this.answer(this.server!, bytes, start, end, ts);
  }

  private ask(side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    switch (side.reading) {
      case 'version':
        this.version = bytes[start]!;
        if (this.version === 5) side.ask('methods', 1);
        else if (this.version === 4) {
          side.ask('request4', 7);
          this.server!.ask('reply4', 8);
        } else this.nonsense('version', ts);
        return;
      case 'methods':
        side.skip = bytes[start]!;
        side.ask('next', 2);
        return;
      case 'next':
        if (bytes[start] === 5) {
          this.command = bytes[start + 1]!;
          side.ask('target', 2);
        } else if (bytes[start] === 1) {
          if (bytes[start + 1]! > 0) side.ask('user', bytes[start + 1]!);
          else side.ask('passwordLength', 1);
        } else this.nonsense('request', ts);
        return;
      case 'user':
        this.at(ts).user = textOf(bytes, start, end);
        side.ask('passwordLength', 1);
        return;
      case 'passwordLength':
        side.skip = bytes[start]!;
        side.ask('next', 2);
        return;
      case 'target':
        this.addressType(side, bytes[start + 1]!, ts);
        return;
      case 'nameLength':
        side.ask('address', bytes[start]! + 2);
        return;
      case 'address':
        this.target(this.at(ts), 'request', side.type, bytes, start, end);
        side.stop();
        return;
      case 'request4':
        this.request4(side, bytes, start, ts);
        return;
      case 'user4':
      case 'name4':
        this.letter4(side, bytes[start]!, ts);
    }
  }

  private addressType(side: Side, type: number, ts: Seconds): void {
    side.type = type;
    if (type === 1) side.ask('address', 6);
    else if (type === 4) side.ask('address', 18);
    else if (type === 3) side.ask('nameLength', 1);
    else this.nonsense('address', ts);
  }

  /** Address or name with its port, as asked for or as bound. */
  private target(
    record: SocksRecord,
    which: 'request' | 'bound',
    type: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (type === 3) record[`${which}.name`] = textOf(bytes, start, end - 2);
    else record[`${which}.host`] = formatAddress(bytes, start, type === 1 ? 4 : 16);
    record[`${which}_p`] = (bytes[end - 2]! << 8) | bytes[end - 1]!;
  }

  private request4(side: Side, bytes: Uint8Array, start: number, ts: Seconds): void {
    this.command = bytes[start]!;
    const record = this.at(ts);
    record.request_p = (bytes[start + 1]! << 8) | bytes[start + 2]!;
    // 4A: an address 0.0.0.x that nobody has says that a name follows.
    const named = bytes[start + 3] === 0 && bytes[start + 4] === 0 && bytes[start + 5] === 0 && bytes[start + 6] !== 0;
    side.type = named ? 3 : 1;
    if (!named) record['request.host'] = formatAddress(bytes, start + 3, 4);
    side.ask('user4', 1);
  }

  private letter4(side: Side, byte: number, ts: Seconds): void {
    if (byte !== 0) {
      if (this.text.length === nameBytesMax) this.nonsense('name', ts);
      else this.text.push(byte);
      return;
    }
    const text = textOf(Uint8Array.from(this.text), 0, this.text.length);
    this.text = [];
    const record = this.at(ts);
    if (side.reading === 'name4') record['request.name'] = text;
    else if (text !== '') record.user = text;
    if (side.reading === 'user4' && side.type === 3) side.reading = 'name4';
    else side.stop();
  }

  private answer(side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    switch (side.reading) {
      case 'choice':
        if (bytes[start] !== 5) {
          this.nonsense('choice', ts);
          return;
        }
        this.confirm();
        if (bytes[start + 1] === 0) side.ask('reply', 4);
        else if (bytes[start + 1] === 2) side.ask('login', 2);
        // Methods with several messages (GSSAPI) wrap everything after them; 0xff refuses the client.
        else this.quiet();
        return;
      case 'login':
        this.at(ts).status = statusName(5, bytes[start + 1]!);
        if (bytes[start + 1] === 0) side.ask('reply', 4);
        else this.done(false, 0);
        return;
      case 'reply':
        if (bytes[start] !== 5) {
          this.nonsense('reply', ts);
          return;
        }
        this.at(ts).status = statusName(5, bytes[start + 1]!);
        this.addressType(side, bytes[start + 3]!, ts);
        return;
      case 'nameLength':
        side.ask('address', bytes[start]! + 2);
        return;
      case 'address':
        this.target(this.at(ts), 'bound', side.type, bytes, start, end);
        this.done(this.record!.status === 'succeeded', side.next);
        return;
      case 'reply4': {
        if (bytes[start] !== 0) {
          this.nonsense('reply', ts);
          return;
        }
        this.confirm();
        const record = this.at(ts);
        record.status = statusName(4, bytes[start + 1]!);
        record.bound_p = (bytes[start + 2]! << 8) | bytes[start + 3]!;
        record['bound.host'] = formatAddress(bytes, start + 4, 4);
        this.done(record.status === 'succeeded', side.next);
      }
    }
  }

  private at(ts: Seconds): SocksRecord {
    if (this.record) return this.record;
    this.record = this.flow.head(ts) as SocksRecord;
    this.record.version = this.version;
    return this.record;
  }

  /** The proxy has answered. BIND gets a second answer, UDP ASSOCIATE keeps the connection empty: neither is given way. */
  private done(succeeded: boolean, next: number): void {
    const ts = this.record?.ts ?? 0;
    this.write();
    this.quiet();
    if (succeeded && this.command === CONNECT) {
      // The client's port is of no use to who looks for tunnels: Zeek writes 0.
      const tunnel: TunnelRecord = {
        ...this.flow.head(ts),
        'id.orig_p': 0,
        tunnel_type: 'Tunnel::SOCKS',
        action: 'Tunnel::DISCOVER',
      };
      this.emit.record('tunnel', tunnel);
      this.emit.giveWay(next);
    }
  }

  private write(): void {
    if (!this.record || !this.confirmed) return;
    this.emit.record('socks', this.record);
    this.record = undefined;
  }

  private nonsense(where: string, ts: Seconds): void {
    this.emit.weird('socks_bad_message', ts, where);
    this.write();
    this.quiet();
  }

  private quiet(): void {
    this.client?.stop();
    this.server?.stop();
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm();
  }
}

/** Greetings are short and fill their segment: that, and bytes that only a greeting has, is the proof. */
function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, _usualPort: boolean): Probe {
  const version = bytes[start]!;
  if (version !== 5 && version !== 4) return 'no';
  const have = end - start;
  if (have === 1) return 'more';
  if (version === 5) {
    const methods = bytes[start + 1]!;
    // IANA has registered ten methods; private ones begin at 0x80.
    if (methods === 0 || methods > 16 || have > methods + 2 + 262) return 'no';
    for (let at = start + 2; at < Math.min(end, start + 2 + methods); at++) {
      if (bytes[at]! > 9 && bytes[at]! < 0x80) return 'no';
      for (let before = start + 2; before < at; before++) if (bytes[before] === bytes[at]) return 'no';
    }
    if (have < methods + 2) return 'more';
    if (have === methods + 2) return 'yes';
    // Clients in a hurry send the request behind the greeting.
    const next = start + 2 + methods;
    if (bytes[next] !== 5 && bytes[next] !== 1) return 'no';
    return have < methods + 6
      ? 'more'
      : bytes[next] === 5 && bytes[next + 1]! <= 3 && bytes[next + 2] === 0 && bytes[next + 3]! <= 4
        ? 'yes'
        : 'no';
  }
  if (bytes[start + 1] !== 1 && bytes[start + 1] !== 2) return 'no';
  if (have < 9) return 'more';
  if (have > 8 + 2 * (nameBytesMax + 1)) return 'no';
  const named = bytes[start + 4] === 0 && bytes[start + 5] === 0 && bytes[start + 6] === 0 && bytes[start + 7] !== 0;
  let strings = named ? 2 : 1;
  for (let at = start + 8; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0) {
      if (--strings === 0) return at + 1 === end ? 'yes' : 'no';
    } else if (byte < 0x21 || byte > 0x7e) return 'no';
  }
  return 'more';
}

export const socks: Protocol = {
  service: 'socks',
  logs: ['socks', 'tunnel'],
  transports: ['tcp'],
  ports: [1080],
  probe,
  open: (flow, emit) => new SocksParser(flow, emit),
};
