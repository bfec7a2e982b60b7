/**
 * From a datagram to its flow: finds or makes the flow, counts, hands TCP to its state machine and payload to the
 * protocols, says what rides inside, and writes the `conn` record when the flow ends.
 */

import { contains, formatAddress, type Network } from '@forewarn/base/ip';
import type { AnyRecord } from '@forewarn/model/records/record';
import { fold, pseudoHeader, sumWords } from '../ip/checksum.ts';
import { type FileHash, Files } from '../files/files.ts';
import type { Limits } from '../limits.ts';
import type { OddityLog } from '../oddity-log.ts';
import type { Packet } from '../packet.ts';
import { Follow, type FlowFacts } from '../protocols/follow.ts';
import type { ExpectedFlow, Protocol } from '../protocols/protocol.ts';
import { Tcp } from '../tcp/tcp.ts';
import { detectCarrier, ipCarriers, udpCarriers } from '../tunnel/index.ts';
import { innerNone, innerOther, type CarrierKind, type Inner } from '../tunnel/tunnel.ts';
import { communityId, icmpCounterpart } from './community.ts';
import { checkHistory, historyText, scaleHistory, seenData } from './history.ts';
import * as at from './layout.ts';
import { likelyTcpServer, likelyUdpServer } from './ports.ts';
import { connState } from './state.ts';
import { FlowTable } from './table.ts';
import { uidOf } from './uid.ts';

const tcpProtocol = 6;
const udpProtocol = 17;
const icmpProtocol = 1;
const icmp6Protocol = 58;
const sctpProtocol = 132;

/** Idle seconds of flows other than established TCP (Zeek's udp_inactivity_timeout and its siblings). */
const idleSeconds = 60;
/** Of DNS over UDP, where a port is used again for other questions (Zeek's dns_session_timeout). */
const dnsIdleSeconds = 10;

export type FlowsOptions = {
  limits: Limits;
  seed: number;
  /** Whether packets with a wrong checksum are set aside. */
  verify: boolean;
  /** Own networks; without any, `local_orig` and `local_resp` are not written. */
  networks: readonly Network[];
  protocols: readonly Protocol[];
  oddities: OddityLog;
  record: (log: string, record: AnyRecord) => void;
  /** Which hashes files get; all by default. */
  fileHashes: readonly FileHash[] | undefined;
  /** Follows a packet that rides in the flow `slot`; `packet.at` stands where it begins. */
  inner: (packet: Packet, what: Inner, slot: number) => void;
  fault: (service: string, error: unknown) => void;
};

/** A flow as a carrier of others: its kind, which sides have sent such packets, whether anything was followed inside. */
type Carriage = { readonly kind: CarrierKind; seen: number; carries: boolean };

export class Flows {
  readonly #table: FlowTable;
  readonly #tcp: Tcp;
  readonly #follow: Follow;
  readonly #followTcp: boolean;
  readonly #followUdp: boolean;
  readonly #limits: Limits;
  readonly #seed: number;
  readonly #verify: boolean;
  readonly #networks: readonly Network[];
  readonly #oddities: OddityLog;
  readonly #record: (log: string, record: AnyRecord) => void;
  readonly #inner: (packet: Packet, what: Inner, slot: number) => void;

  // By slot: what is no number, or is seldom there.
  readonly #known: (FlowFacts | undefined)[] = [];
  readonly #services: (string | undefined)[] = [];
  readonly #parents: (string[] | undefined)[] = [];
  readonly #carriages: (Carriage | undefined)[] = [];

  /** Flows that others announced, by transport, responder and port. */
  readonly #expected = new Map<string, ExpectedFlow>();

  /** Flows that carry the packet at hand, from the outermost. */
  readonly #carriers: number[] = [];
  #ts = 0;
  #ipBytes = 0;
  #vlans = 0;
  /** Flows closed before their time because the table was full. */
  evicted = 0;

  constructor(options: FlowsOptions) {
    const { limits, protocols } = options;
    this.#limits = limits;
    this.#seed = options.seed;
    this.#verify = options.verify;
    this.#networks = options.networks;
    this.#oddities = options.oddities;
    this.#record = options.record;
    this.#inner = options.inner;
    this.#table = new FlowTable(limits, options.seed);
    this.#table.ended = (slot) => this.#ended(slot);
    const files = new Files(limits, options.seed, (log, record) => this.#record(log, record), options.fileHashes);
    this.#follow = new Follow(protocols, limits, {
      facts: (slot) => this.#facts(slot),
      record: (log, record) => this.#record(log, record),
      weird: (slot, name, ts, addl, source) => this.#weird(slot, name, ts, addl, source),
      confirm: (slot, service) => this.#confirm(slot, service),
      expect: (flow) => this.#expect(flow),
      file: (slot, origin) => files.begin(this.#facts(slot), origin),
      fault: (slot, service, error, ts) => {
        this.#weird(slot, 'parser_fault', ts, service, service);
        options.fault(service, error);
      },
    });
    this.#followTcp = protocols.some((protocol) => protocol.transports.includes('tcp'));
    this.#followUdp = protocols.some((protocol) => protocol.transports.includes('udp'));
    this.#tcp = new Tcp(
      this.#table,
      {
        wants: (slot) => this.#followTcp && this.#follow.wants(slot, 'tcp'),
        data: (slot, direction, bytes, start, end, ts) => {
          if (!this.#followTcp) return;
          const port = this.#table.words[slot * at.stride + at.ports]! & 0xffff;
          this.#follow.stream(slot, direction, bytes, start, end, ts, port);
        },
        gap: (slot, direction, length, ts) => {
          if (this.#followTcp) this.#follow.gap(slot, direction, length, ts);
        },
        oddity: (slot, name, ts) => this.#weird(slot, name, ts, undefined, 'TCP'),
        flip: (slot) => {
          this.#known[slot] = undefined;
          this.#follow.flip(slot);
        },
      },
      limits,
    );
  }

  /** Source and destination of the packet at hand, which `ip/ip.ts` fills before `packet()` is called. */
  get key(): Int32Array {
    return this.#table.key;
  }

  /** Flows so far. */
  get count(): number {
    return this.#table.count;
  }

  /** Bytes of payload held above holes, and while a protocol is sought. */
  get heldBytes(): number {
    return this.#tcp.pendingBytes + this.#follow.heldBytes;
  }

  /** How many tunnels the packet at hand is in. */
  get depth(): number {
    return this.#carriers.length;
  }

  /** Moves the time on: flows whose time is over end. */
  advance(ts: number): void {
    if (ts >= this.#table.nextTick) this.#table.advance(ts);
  }

  /** Ends all flows. */
  end(): void {
    this.#table.removeAll();
  }

  /** What follows, until `leave`, rides in the flow. */
  enter(slot: number): void {
    this.#carriers.push(slot);
  }

  leave(): void {
    this.#carriers.pop();
  }

  /** One datagram, its transport at `packet.at`. Answers false, with `packet.word`, where that is cut short. */
  packet(packet: Packet): boolean {
    const { protocol, six } = packet;
    this.#ts = packet.ts;
    this.#ipBytes = packet.ipBytes;
    this.#vlans = packet.vlan | (packet.innerVlan << 16);
    const { bytes: b, at: here } = packet;
    const captured = packet.end - here;
    const onWire = packet.wireEnd - here;
    const key = this.#table.key;
    switch (protocol) {
      case tcpProtocol:
        if (captured < 20) return truncated(packet, onWire < 20);
        key[8] = (b[here]! << 24) | (b[here + 1]! << 16) | (b[here + 2]! << 8) | b[here + 3]!;
        key[9] = protocol | six;
        this.#tcpPacket(packet, b, here, onWire, captured, six);
        return true;
      case udpProtocol:
        if (captured < 8) return truncated(packet, onWire < 8);
        key[8] = (b[here]! << 24) | (b[here + 1]! << 16) | (b[here + 2]! << 8) | b[here + 3]!;
        key[9] = protocol | six;
        this.#udpPacket(packet, b, here, onWire, captured, six);
        return true;
      case icmpProtocol:
      case icmp6Protocol:
        if (captured < 8) return truncated(packet, onWire < 8);
        this.#icmpPacket(b, here, onWire, captured, protocol, six);
        return true;
      default:
        // Zeek writes no ports for other protocols; SCTP's are kept, because its Community ID and its users need them.
        key[8] = 0;
        if (protocol === sctpProtocol && captured >= 4) {
          key[8] = (b[here]! << 24) | (b[here + 1]! << 16) | (b[here + 2]! << 8) | b[here + 3]!;
        }
        key[9] = protocol | six;
        this.#otherPacket(packet, protocol);
        return true;
    }
  }

  /** The live flow of the key, or a new one; a flow whose time is over ends first. */
  #flow(flip: boolean): number {
    const table = this.#table;
    const hash = table.hash();
    let slot = table.find(hash);
    if (slot >= 0 && this.#ts >= table.deadline(slot)) {
      table.remove(slot);
      slot = -1;
    }
    if (slot < 0) return this.#newFlow(hash, flip);
    if (this.#carriers.length > 0) this.#addParent(slot);
    return slot;
  }

  #newFlow(hash: number, flip: boolean): number {
    const table = this.#table;
    if (table.full) {
      // The carriers of an inner flow must stay: the packet at hand is in them.
      const victim = table.nearest(this.#carriers);
      if (victim >= 0) {
        this.evicted++;
        table.remove(victim);
      }
    }
    const slot = table.create(hash, this.#ts, idleSeconds);
    const base = slot * at.stride;
    const w = table.words;
    w[base + at.vlans] = this.#vlans;
    this.#known[slot] = undefined;
    this.#services[slot] = undefined;
    this.#parents[slot] = undefined;
    this.#carriages[slot] = undefined;
    if (this.#carriers.length > 0) this.#addParent(slot);
    if (flip) {
      this.#tcp.flip(slot);
      table.direction = 1;
    }
    this.#follow.begin(slot, this.#expected.size === 0 ? undefined : this.#announced(slot));
    return slot;
  }

  #expect(flow: ExpectedFlow): void {
    const name = `${flow.transport} ${flow.host} ${flow.port}`;
    // Said again, it moves to the end of the line.
    this.#expected.delete(name);
    if (this.#expected.size >= this.#limits.expectedFlowsMax) this.#expected.delete(this.#expected.keys().next().value!);
    this.#expected.set(name, flow);
  }

  /** What was announced of a new flow; an announcement is good for one. */
  #announced(slot: number): ExpectedFlow | undefined {
    const kind = this.#table.words[slot * at.stride + at.kind]! & 0xff;
    if (kind !== tcpProtocol && kind !== udpProtocol) return undefined;
    const { responder, responderPort } = this.#facts(slot);
    const name = `${kind === tcpProtocol ? 'tcp' : 'udp'} ${responder} ${responderPort}`;
    const flow = this.#expected.get(name);
    if (!flow) return undefined;
    this.#expected.delete(name);
    return flow.until >= this.#ts ? flow : undefined;
  }

  #addParent(slot: number): void {
    const carrier = this.#carriers.at(-1)!;
    const carriage = this.#carriages[carrier];
    if (carriage && !carriage.carries) {
      carriage.carries = true;
      this.#tunnel(carrier, carriage, 'Tunnel::DISCOVER', this.#ts);
    }
    const { uid } = this.#facts(carrier);
    const parents = this.#parents[slot];
    if (!parents) this.#parents[slot] = [uid];
    else if (parents.length < this.#limits.tunnelParentsMax && !parents.includes(uid)) parents.push(uid);
  }

  #count(slot: number, direction: 0 | 1): void {
    const base = slot * at.stride;
    this.#table.words[base + at.packetsOf + direction]!++;
    this.#table.doubles[(base + at.bytesOf + 2 * direction) >> 1]! += this.#ipBytes;
  }

  #tcpPacket(packet: Packet, b: Uint8Array, here: number, onWire: number, captured: number, six: number): void {
    const table = this.#table;
    const bits = b[here + 13]!;
    const hash = table.hash();
    let slot = table.find(hash);
    if (slot >= 0 && (this.#ts >= table.deadline(slot) || (bits & 2 && this.#tcp.isReuse(slot, b, here)))) {
      table.remove(slot);
      slot = -1;
    }
    if (slot < 0) {
      // A flow seen first in its middle, or by its SYN-ACK: the ports tell who is likely the server.
      let flip = false;
      if (!(bits & 2) || bits & 16) {
        const source = (b[here]! << 8) | b[here + 1]!;
        const destination = (b[here + 2]! << 8) | b[here + 3]!;
        if (likelyTcpServer(source)) flip = likelyTcpServer(destination) ? !(bits & 2) && source < destination : true;
        if (flip && this.#toBroadcast(six)) flip = false;
      }
      slot = this.#newFlow(hash, flip);
      this.#tcp.begin(slot);
    } else if (this.#carriers.length > 0) this.#addParent(slot);
    const direction = table.direction;
    this.#count(slot, direction);

    const header = (b[here + 12]! >> 4) * 4;
    if (header < 20 || header > onWire) {
      this.#tcp.note(slot, 'bad_TCP_header_len', this.#ts);
      return;
    }
    if (
      this.#verify &&
      captured >= onWire &&
      fold(sumWords(b, here, here + onWire, pseudoHeader(table.key, six !== 0, tcpProtocol, onWire))) !== 0xffff
    ) {
      this.#tcp.note(slot, 'bad_TCP_checksum', this.#ts);
      const counter = slot * at.stride + at.endpoints + direction * at.endpointStride + at.checksumErrors;
      scaleHistory(table.words, slot, direction, counter, 67);
      return;
    }
    const length = onWire - header;
    if (this.#tcp.ordinary(slot, direction, b, here, here + header, length, captured - header, this.#ts)) return;
    this.#tcp.segment(slot, direction, b, here, here + header, length, captured - header, this.#ts);
  }

  #toBroadcast(six: number): boolean {
    return six === 0 && this.#table.key[7] === -1;
  }

  #udpPacket(packet: Packet, b: Uint8Array, here: number, onWire: number, captured: number, six: number): void {
    const table = this.#table;
    const source = (b[here]! << 8) | b[here + 1]!;
    const destination = (b[here + 2]! << 8) | b[here + 3]!;
    const flip = likelyUdpServer(source) && !likelyUdpServer(destination) && !this.#toBroadcast(six);
    const slot = this.#flow(flip);
    const direction = table.direction;
    this.#count(slot, direction);
    const base = slot * at.stride;
    const w = table.words;
    const f = table.doubles;
    const e = base + at.endpoints + direction * at.endpointStride;
    if (this.#verify && captured >= onWire) {
      const given = (b[here + 6]! << 8) | b[here + 7]!;
      // Zero means unchecked in IPv4, and in IPv6 for tunnels (RFC 6935).
      if (
        given !== 0 &&
        fold(sumWords(b, here, here + onWire, pseudoHeader(table.key, six !== 0, udpProtocol, onWire))) !== 0xffff
      ) {
        this.#weirdOnce(slot, 1, 'bad_UDP_checksum', 'UDP');
        scaleHistory(w, slot, direction, e + at.checksumErrors, 67);
        return;
      }
    }
    const stated = (b[here + 4]! << 8) | b[here + 5]!;
    if (stated !== onWire) this.#weirdOnce(slot, 2, 'UDP_datagram_length_mismatch', 'UDP');
    f[(base + at.last) >> 1] = this.#ts;
    checkHistory(w, slot, direction, seenData, 68);
    f[(e + at.startSequence) >> 1]! += stated > 8 ? stated - 8 : 0;
    w[e + at.state]! |= at.active;

    const start = here + 8;
    const end = Math.min(packet.end, stated >= 8 ? here + stated : packet.end);
    const port = w[base + at.ports]! & 0xffff;
    packet.at = start;
    packet.end = end;
    packet.wireEnd = Math.max(end, here + stated);
    const carriage = this.#carriages[slot] ?? this.#udpCarriage(slot, port, packet);
    // What carries is not shown to the protocols.
    if (carriage && this.#carry(slot, carriage, direction, packet)) return;
    if (this.#followUdp) this.#follow.datagram(slot, direction, b, start, end, this.#ts, port);
  }

  /** Whether a flow of UDP is a carrier, by its port or by one of its first datagrams. */
  #udpCarriage(slot: number, port: number, packet: Packet): Carriage | undefined {
    const base = slot * at.stride;
    const w = this.#table.words;
    if (w[base + at.packetsOf]! + w[base + at.packetsOf + 1]! > this.#limits.probeDatagramsMax) return undefined;
    const kind = udpCarriers.get(port) ?? detectCarrier(packet);
    return kind && this.#newCarriage(slot, kind);
  }

  #newCarriage(slot: number, kind: CarrierKind): Carriage {
    const carriage: Carriage = { kind, seen: 0, carries: false };
    this.#carriages[slot] = carriage;
    return carriage;
  }

  /** Follows what a carrier's packet holds; answers false where it is none of the carrier's packets. */
  #carry(slot: number, carriage: Carriage, direction: 0 | 1, packet: Packet): boolean {
    const { kind } = carriage;
    const what = kind.read(packet);
    if (what === innerNone) return false;
    if (kind.service !== undefined && carriage.seen !== 3) {
      carriage.seen |= 1 << direction;
      if (!kind.bothWays || carriage.seen === 3) this.#confirm(slot, kind.service);
    }
    if (what !== innerOther) this.#inner(packet, what, slot);
    return true;
  }

  #tunnel(slot: number, { kind }: Carriage, action: string, ts: number): void {
    const facts = this.#facts(slot);
    this.#record('tunnel', {
      ts,
      uid: facts.uid,
      'id.orig_h': facts.originator,
      'id.orig_p': facts.originatorPort,
      'id.resp_h': facts.responder,
      'id.resp_p': facts.responderPort,
      tunnel_type: kind.type,
      action,
    });
  }

  #icmpPacket(b: Uint8Array, here: number, onWire: number, captured: number, protocol: number, six: number): void {
    const table = this.#table;
    const type = b[here]!;
    const answer = icmpCounterpart(protocol === icmp6Protocol, type);
    const other = answer < 0 ? b[here + 1]! : answer;
    table.key[8] = (type << 16) | other;
    table.key[9] = protocol | six | (answer < 0 ? at.oneWayBit : 0);
    const slot = this.#flow(false);
    const direction = table.direction;
    this.#count(slot, direction);
    const base = slot * at.stride;
    const e = base + at.endpoints + direction * at.endpointStride;
    if (this.#verify && captured >= onWire) {
      const initial = protocol === icmp6Protocol ? pseudoHeader(table.key, true, protocol, onWire) : 0;
      if (fold(sumWords(b, here, here + onWire, initial)) !== 0xffff) {
        this.#weirdOnce(slot, 1, 'bad_ICMP_checksum', 'ICMP');
        return;
      }
    }
    table.doubles[(base + at.last) >> 1] = this.#ts;
    table.doubles[(e + at.startSequence) >> 1]! += onWire - 8;
    table.words[e + at.state]! |= at.active;
  }

  #otherPacket(packet: Packet, protocol: number): void {
    const slot = this.#flow(false);
    const direction = this.#table.direction;
    this.#count(slot, direction);
    this.#table.doubles[(slot * at.stride + at.last) >> 1] = this.#ts;
    const kind = ipCarriers.get(protocol);
    if (kind) this.#carry(slot, this.#carriages[slot] ?? this.#newCarriage(slot, kind), direction, packet);
  }

  // ---- what a flow tells ----------------------------------------------------------------------------------------

  readonly #addressBytes = new Uint8Array(16);

  #address(word: number, six: boolean): string {
    const w = this.#table.words;
    if (!six) {
      const v = w[word + 3]!;
      return `${v >>> 24}.${(v >>> 16) & 255}.${(v >>> 8) & 255}.${v & 255}`;
    }
    const bytes = this.#addressBytes;
    for (let i = 0; i < 4; i++) {
      const v = w[word + i]!;
      bytes[4 * i] = v >>> 24;
      bytes[4 * i + 1] = v >>> 16;
      bytes[4 * i + 2] = v >>> 8;
      bytes[4 * i + 3] = v;
    }
    return formatAddress(bytes, 0, 16);
  }

  /** Who the flow is, as texts; made on first use, and again after a change of roles. */
  #facts(slot: number): FlowFacts {
    const known = this.#known[slot];
    if (known) return known;
    const base = slot * at.stride;
    const w = this.#table.words;
    const six = (w[base + at.kind]! & at.sixBit) !== 0;
    const pair = w[base + at.ports]!;
    const facts: FlowFacts = {
      uid: uidOf(this.#seed, this.#table.doubles[(base + at.number) >> 1]!),
      originator: this.#address(base + at.origin, six),
      originatorPort: pair >>> 16,
      responder: this.#address(base + at.response, six),
      responderPort: pair & 0xffff,
    };
    this.#known[slot] = facts;
    return facts;
  }

  #confirm(slot: number, service: string): void {
    const before = this.#services[slot];
    const base = slot * at.stride;
    const w = this.#table.words;
    if (service === 'dns' && (w[base + at.kind]! & 0xff) === udpProtocol) {
      w[base + at.flags] = (w[base + at.flags]! & ~at.idleMask) | dnsIdleSeconds;
    }
    if (before === undefined) this.#services[slot] = service;
    else if (!before.split(',').includes(service)) this.#services[slot] = `${before},${service}`;
  }

  #ended(slot: number): void {
    const table = this.#table;
    const base = slot * at.stride;
    const w = table.words;
    const f = table.doubles;
    const protocol = w[base + at.kind]! & 0xff;
    const began = f[(base + at.start) >> 1]!;
    const ended = f[(base + at.last) >> 1]!;
    if (protocol === tcpProtocol) this.#tcp.finish(slot, ended);
    this.#follow.finish(slot, ended);

    const facts = this.#facts(slot);
    const o = base + at.endpoints;
    const r = o + at.endpointStride;
    const isTcp = protocol === tcpProtocol;
    const originBytes = isTcp ? this.#tcp.size(slot, o) : f[(o + at.startSequence) >> 1]!;
    const responseBytes = isTcp ? this.#tcp.size(slot, r) : f[(r + at.startSequence) >> 1]!;
    const letters = historyText(w, slot);
    const isIcmp = protocol === icmpProtocol || protocol === icmp6Protocol;
    const duration = ended - began;
    const local = this.#networks.length > 0;
    const vlan = w[base + at.vlans]! & 0xffff;
    const innerVlan = w[base + at.vlans]! >>> 16;
    // What every record has comes first, in one piece, so that all records have the same shape to begin with.
    const record: { [name: string]: AnyRecord[string] } = {
      ts: began,
      uid: facts.uid,
      'id.orig_h': facts.originator,
      'id.orig_p': facts.originatorPort,
      'id.resp_h': facts.responder,
      'id.resp_p': facts.responderPort,
      proto: isTcp ? 'tcp' : protocol === udpProtocol ? 'udp' : isIcmp ? 'icmp' : 'unknown_transport',
      conn_state: connState(w, slot, protocol, letters, originBytes, responseBytes),
      missed_bytes: f[(base + at.missed) >> 1]!,
      orig_pkts: w[base + at.packetsOf]! >>> 0,
      orig_ip_bytes: f[(base + at.bytesOf) >> 1]!,
      resp_pkts: w[base + at.packetsOf + 1]! >>> 0,
      resp_ip_bytes: f[(base + at.bytesOf + 2) >> 1]!,
      ip_proto: protocol,
      community_id: communityId(w, slot),
    };
    const service = this.#services[slot];
    if (service !== undefined) record['service'] = service;
    if (duration > 0) {
      record['duration'] = duration;
      record['orig_bytes'] = originBytes;
      record['resp_bytes'] = responseBytes;
    }
    if (local) {
      const six = (w[base + at.kind]! & at.sixBit) !== 0;
      record['local_orig'] = this.#isLocal(base + at.origin, six);
      record['local_resp'] = this.#isLocal(base + at.response, six);
    }
    if (letters !== '') record['history'] = letters;
    const parents = this.#parents[slot];
    if (parents) record['tunnel_parents'] = parents;
    if (vlan !== 0) record['vlan'] = vlan;
    if (innerVlan !== 0) record['inner_vlan'] = innerVlan;
    this.#record('conn', record);
    const carriage = this.#carriages[slot];
    if (carriage?.carries) this.#tunnel(slot, carriage, 'Tunnel::CLOSE', ended);
  }

  #isLocal(word: number, six: boolean): boolean {
    this.#address(word, true);
    const bytes = six ? this.#addressBytes : this.#addressBytes.subarray(12);
    return this.#networks.some((network) => contains(network, bytes));
  }

  #weird(slot: number, name: string, ts: number, addl: string | undefined, source: string): void {
    if (!this.#oddities.count(name)) return;
    const counter = slot * at.stride + at.oddityCount;
    if (this.#table.words[counter]!++ >= this.#limits.oddityRecordsPerFlowMax) return;
    this.#oddities.write(name, ts, addl, source, this.#facts(slot));
  }

  /** For UDP and ICMP, whose flows use the oddities' word for bits of their own. */
  #weirdOnce(slot: number, bit: number, name: string, source: string): void {
    const word = slot * at.stride + at.oddities;
    if (this.#table.words[word]! & bit) return;
    this.#table.words[word]! |= bit;
    this.#weird(slot, name, this.#ts, undefined, source);
  }
}

function truncated(packet: Packet, onWire: boolean): false {
  packet.word = onWire ? 'truncated_header' : 'internally_truncated_header';
  return false;
}
