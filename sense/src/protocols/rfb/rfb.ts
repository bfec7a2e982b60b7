/**
 * The remote framebuffer protocol (RFC 6143), which VNC speaks, written as Zeek's `rfb.log` writes it: one record for each
 * connection, as far as it was set up.
 *
 *     server  RFB 003.008\n              client  RFB 003.008\n
 *     server  kinds of security          client  the one it takes      (before 3.7 the server decides)
 *     server  challenge                  client  response              (by kind; passed over unread)
 *     server  result                     client  shared?
 *     server  width, height, name        ─▶ screen and keyboard are not read
 */

import type { Seconds } from '@forewarn/base/time';
import type { RfbRecord } from '@forewarn/model/records/remote-access';
import { Portions } from '../portions.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { asciiOf, textOf } from '../text.ts';

/** Zeek takes names up to 64 KiB; no screen has one of 4. */
const nameBytesMax = 4_096;

/** Zeek's MAX_DATA_LENGTH. */
const lengthMax = 65_536;

export const limits = [
  {
    name: 'rfb.nameBytesMax',
    value: nameBytesMax,
    unit: 'bytes',
    why: 'No screen has a name of 4 KiB, and Zeek 8 cuts text fields at this length.',
  },
  { name: 'rfb.lengthMax', value: lengthMax, unit: 'bytes', why: "Zeek's MAX_DATA_LENGTH: a longer name or reason is nonsense." },
] as const;

const NONE = 1;
const VNC = 2;
const TLS = 18;
const VENCRYPT = 19;
const APPLE = 30;

/** RFC 6143 §7.1.2 and IANA's registry, with Zeek's names. */
const methods: { readonly [kind: number]: string } = {
  0: 'Invalid',
  [NONE]: 'None',
  [VNC]: 'VNC',
  16: 'Tight',
  17: 'Ultra',
  [TLS]: 'TLS',
  [VENCRYPT]: 'VeNCrypt',
  20: 'GTK-VNC SASL',
  21: 'MD5 hash authentication',
  22: 'Colin Dean xvp',
  [APPLE]: 'Apple Remote Desktop',
};

/** Kinds of VeNCrypt from 257 to 262 begin TLS once the server has agreed; 256 is a login in clear. */
const isTlsKind = (kind: number): boolean => kind >= 257 && kind <= 262;

type Reading =
  | 'version'
  | 'kind'
  | 'kinds'
  | 'list'
  | 'choice'
  | 'challenge'
  | 'appleChallenge'
  | 'veNCryptVersion'
  | 'veNCryptAnswer'
  | 'veNCryptChoice'
  | 'veNCryptAgreed'
  | 'result'
  | 'shared'
  | 'screen'
  | 'name';

class Side extends Portions {
  reading: Reading = 'version';

  ask(reading: Reading, bytes: number): void {
    this.reading = reading;
    this.want(bytes);
  }
}

class RfbParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private server: Side = new Side(12);
  private client: Side = new Side(12);
  /** Who speaks first is the server: it calls a viewer that listens as often as it is called. */
  private serverDirection: Direction | undefined = undefined;
  /** The lower of both versions, as major × 1000 + minor. */
  private version = 99_999;
  private record: RfbRecord | undefined = undefined;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.serverDirection ??= direction;
    const side = direction === this.serverDirection ? this.server : this.client;
    side.feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, _ts: Seconds): void {
    const side = direction === this.serverDirection ? this.server : this.client;
    if (!side.gap(length)) this.done();
  }

  finish(_ts: Seconds): void {
    this.done();
  }

  portion(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (direction === this.serverDirection) this.fromServer(bytes, start, end, ts);
    else this.fromClient(bytes, start, end, ts);
  }

  private fromServer(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const { server } = this;
    switch (server.reading) {
      case 'version': {
        if (!this.greeting(bytes, start, ts)) return;
        const record = this.at(ts);
        record.server_major_version = asciiOf(bytes, start + 4, start + 7);
        record.server_minor_version = asciiOf(bytes, start + 8, start + 11);
        // What comes next depends on the version of the client.
        server.stop();
        return;
      }
      case 'kind':
        this.decided(u32(bytes, start), ts);
        return;
      case 'kinds':
        // None at all: the reason follows, and the end.
        if (bytes[start] === 0) this.done();
        else server.ask('list', bytes[start]!);
        return;
      case 'list':
        server.stop();
        this.client.ask('choice', 1);
        return;
      case 'challenge':
        server.skip = 0;
        server.ask('result', 4);
        this.client.skip = 16;
        this.client.ask('shared', 1);
        return;
      case 'appleChallenge': {
        // A Diffie-Hellman exchange: generator, length of the key, prime and public key; back come credentials and the other key.
        const key = (bytes[start + 2]! << 8) | bytes[start + 3]!;
        server.skip = 2 * key;
        server.ask('result', 4);
        this.client.skip = 128 + key;
        this.client.ask('shared', 1);
        return;
      }
      case 'veNCryptVersion':
        server.ask('veNCryptAnswer', 2);
        return;
      case 'veNCryptAnswer':
        // Whether the version is taken, and the number of kinds.
        if (bytes[start] !== 0 || bytes[start + 1] === 0) this.done();
        else {
          server.skip = 4 * bytes[start + 1]!;
          server.ask('veNCryptAgreed', 1);
        }
        return;
      case 'veNCryptAgreed':
        this.done();
        if (bytes[start] === 1) this.emit.giveWay(server.next, 'ssl');
        return;
      case 'result':
        this.at(ts).auth = u32(bytes, start) === 0;
        if (this.record!.auth) server.ask('screen', 24);
        else this.done();
        return;
      case 'screen': {
        const record = this.at(ts);
        record.width = (bytes[start]! << 8) | bytes[start + 1]!;
        record.height = (bytes[start + 2]! << 8) | bytes[start + 3]!;
        const length = u32(bytes, start + 20);
        record.desktop_name = '';
        if (length > lengthMax) this.nonsense('name', ts);
        else if (length === 0) this.done();
        else server.ask('name', Math.min(length, nameBytesMax));
        return;
      }
      case 'name':
        this.at(ts).desktop_name = textOf(bytes, start, end);
        this.done();
    }
  }

  private fromClient(bytes: Uint8Array, start: number, _end: number, ts: Seconds): void {
    const { client } = this;
    switch (client.reading) {
      case 'version': {
        if (!this.greeting(bytes, start, ts)) return;
        const record = this.at(ts);
        record.client_major_version = asciiOf(bytes, start + 4, start + 7);
        record.client_minor_version = asciiOf(bytes, start + 8, start + 11);
        this.emit.confirm();
        client.stop();
        if (this.version < 3_007) this.server.ask('kind', 4);
        else this.server.ask('kinds', 1);
        return;
      }
      case 'choice':
        this.decided(bytes[start]!, ts);
        return;
      case 'veNCryptChoice':
        // A login in clear, or a kind that is not known: nothing of it is read.
        if (!isTlsKind(u32(bytes, start))) this.done();
        else client.stop();
        return;
      case 'shared':
        this.at(ts).share_flag = bytes[start] !== 0;
        client.stop();
    }
  }

  /** The kind of security is known: what each side sends next. */
  private decided(kind: number, ts: Seconds): void {
    const { server, client } = this;
    this.at(ts).authentication_method = methods[kind] ?? 'RealVNC';
    const next = this.version < 3_007 ? server.next : client.next;
    client.stop();
    if (kind === NONE) {
      client.ask('shared', 1);
      // Before 3.8 nothing is said about what needs no proof (§7.1.3).
      if (this.version < 3_008) server.ask('screen', 24);
      else server.ask('result', 4);
    } else if (kind === VNC) server.ask('challenge', 16);
    else if (kind === APPLE) server.ask('appleChallenge', 4);
    else if (kind === VENCRYPT) {
      server.ask('veNCryptVersion', 2);
      // Behind the version that the client takes stands its choice.
      client.skip = 2;
      client.ask('veNCryptChoice', 4);
    } else {
      this.done();
      if (kind === TLS) this.emit.giveWay(next, 'ssl');
    }
  }

  /** `RFB 003.008\n` */
  private greeting(bytes: Uint8Array, start: number, ts: Seconds): boolean {
    if (!isGreeting(bytes, start, start + 12)) {
      this.nonsense('version', ts);
      return false;
    }
    const number = Number(asciiOf(bytes, start + 4, start + 7)) * 1_000 + Number(asciiOf(bytes, start + 8, start + 11));
    this.version = Math.min(this.version, number);
    return true;
  }

  private at(ts: Seconds): RfbRecord {
    return (this.record ??= this.flow.head(ts) as RfbRecord);
  }

  private done(): void {
    this.server.stop();
    this.client.stop();
    const { record } = this;
    this.record = undefined;
    if (record) this.emit.record('rfb', record);
  }

  private nonsense(where: string, ts: Seconds): void {
    this.emit.weird('rfb_bad_message', ts, where);
    this.done();
  }
}

const u32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

/** 0x30 stands for any digit. */
const pattern = Uint8Array.from(Buffer.from('RFB 000.000\n', 'latin1'));

/** Whether `bytes[start, end)` are the beginning of a greeting. */
function isGreeting(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = 0; i < Math.min(pattern.length, end - start); i++) {
    const byte = bytes[start + i]!;
    if (pattern[i] === 0x30 ? byte < 0x30 || byte > 0x39 : byte !== pattern[i]) return false;
  }
  return true;
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, _usualPort: boolean): Probe {
  if (bytes[start] !== 0x52 || !isGreeting(bytes, start, end)) return 'no';
  return end - start >= pattern.length ? 'yes' : 'more';
}

export const rfb: Protocol = {
  service: 'rfb',
  logs: ['rfb'],
  transports: ['tcp'],
  ports: [5900, 5901, 5902, 5903],
  probe,
  open: (flow, emit) => new RfbParser(flow, emit),
};
