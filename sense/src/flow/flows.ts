/**
 * From a datagram to its flow: finds or makes the flow, counts, hands TCP to its state machine and payload to the
 * protocols, says what rides inside, and writes the `conn` record when the flow ends.
 */

import { contains, formatAddress, type Network } from '@forewarn/base/ip';
import type { AnyRecord } from '@forewarn/model/records/record';
import { fold, pseudoHeader, sumWords } from '../ip/checksum.ts';
import { Core } from '../core/core.ts';
import { scratchAt, scratchBytes, scratches, wheelSize } from '../core/places.ts';
import { type FileHash, Files } from '../files/files.ts';
import type { Limits } from '../limits.ts';
import type { OddityLog } from '../oddity-log.ts';
import { Packet } from '../packet.ts';
import { Follow, type FlowFacts } from '../protocols/follow.ts';
import type { ExpectedFlow, Protocol, Transport } from '../protocols/protocol.ts';
import { Associations } from '../sctp/associations.ts';
import { Held } from '../tcp/held.ts';
import { tcpOddities } from '../tcp/oddities.ts';
import { detectCarrier, ipCarriers, udpCarriers } from '../tunnel/index.ts';
import { innerNone, innerOther, type CarrierKind, type Inner } from '../tunnel/tunnel.ts';
import { communityId, icmpCounterpart } from './community.ts';
import { historyText } from './history.ts';
import * as at from './layout.ts';
import { connState } from './state.ts';
import { uidOf } from './uid.ts';

const tcpProtocol = 6;
const udpProtocol = 17;
const icmpProtocol = 1;
const icmp6Protocol = 58;
const sctpProtocol = 132;

/** Idle seconds of DNS over UDP, where a port is used again for other questions (Zeek's dns_session_timeout). */
const dnsIdleSeconds = 10;

/**
 * Several readers of one capture share its flows: all packets between two hosts are one reader's, and what is not IP, or cannot be
 * decoded, is the first one's.
 */
export type Share = { readonly part: number; readonly parts: number };

export type FlowsOptions = {
  limits: Limits;
  seed: number;
  /** Whether packets with a wrong checksum are set aside. */
  verify: boolean;
  /** Own networks; without any, `local_orig` and `local_resp` are not written. */
  networks: readonly Network[];
  protocols: readonly Protocol[];
  /** Of how many readers of the same capture this is which. */
  share: Share;
  /** Told of each packet that is counted in a flow. */
  counted: ((flow: number) => void) | undefined;
  oddities: OddityLog;
  record: (log: string, record: AnyRecord) => void;
  /** Which hashes files get; all by default. */
  fileHashes: readonly FileHash[] | undefined;
  /** Follows a packet that rides in the flow `slot`; `packet.at` stands where it begins. */
  inner: (packet: Packet, what: Inner, slot: number) => void;
  /** Reads an Ethernet frame, at `[start, end)` of the core's memory, that is not plain IP. */
  frame: (start: number, end: number, wireLength: number, ts: number) => void;
  fault: (service: string, error: unknown) => void;
};

/** A flow as a carrier of others: its kind, which sides have sent such packets, whether anything was followed inside. */
type Carriage = { readonly kind: CarrierKind; seen: number; carries: boolean };

export class Flows {
  readonly core: Core;
  readonly #held: Held;
  readonly #follow: Follow;
  /** What SCTP knows of its flows; nothing where only flows are asked for. */
  readonly #associations: Associations | undefined;
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
  /** How many files the flow has carried. */
  readonly #files: (number | undefined)[] = [];

  /** Flows that others announced, by transport, responder and port. */
  readonly #expected = new Map<string, ExpectedFlow>();
  /** How many of them wait at each port. */
  readonly #expectedPorts = new Map<number, number>();

  /** Flows that carry the packet at hand, from the outermost. */
  readonly #carriers: number[] = [];
  /** The packets at hand inside of tunnels, by depth. */
  readonly #inside: Packet[] = [];
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
    const files = new Files(limits, options.seed, (log, record) => this.#record(log, record), options.fileHashes);
    this.#follow = new Follow(protocols, limits, {
      facts: (slot) => this.#facts(slot),
      record: (log, record) => this.#record(log, record),
      weird: (slot, name, ts, addl, source) => this.#weird(slot, name, ts, addl, source),
      confirm: (slot, service) => this.#confirm(slot, service),
      done: (slot) => {
        this.core.words[slot * at.stride + at.flags]! |= at.contentDone;
      },
      isDone: (slot) => (this.core.words[slot * at.stride + at.flags]! & at.contentDone) !== 0,
      expect: (flow) => this.#expect(flow),
      file: (slot, origin) => {
        const index = (this.#files[slot] ?? 0) + 1;
        this.#files[slot] = index;
        return files.begin(this.#facts(slot), origin, this.#numberOf(slot), index);
      },
      fault: (slot, service, error, ts) => {
        this.#weird(slot, 'parser_fault', ts, service, service);
        options.fault(service, error);
      },
    });
    if (protocols.length > 0) {
      this.#associations = new Associations(options.verify, limits, {
        facts: (slot) => this.#facts(slot),
        record: (log, record) => this.#record(log, record),
        weird: (slot, name, ts, addl) => this.#weird(slot, name, ts, addl, 'SCTP'),
        message: (slot, direction, payloadProtocol, bytes, start, end, ts) =>
          this.#follow.message(slot, direction, bytes, start, end, ts, payloadProtocol),
      });
    }
    const words = (): Int32Array => this.core.words;
    const portOf = (slot: number): number => words()[slot * at.stride + at.ports]! & 0xffff;
    this.#held = new Held(limits, {
      wants: (slot) => (words()[slot * at.stride + at.flags]! & at.contentDone) === 0,
      data: (slot, direction, bytes, start, end, ts) => this.#follow.stream(slot, direction, bytes, start, end, ts, portOf(slot)),
      gap: (slot, direction, length, ts) => this.#follow.gap(slot, direction, length, ts),
    });
    this.core = new Core(limits.flowsMax, {
      data: (slot, direction, start, end) =>
        this.#follow.stream(slot, direction, this.core.bytes, start, end, this.core.now, portOf(slot)),
      datagram: (slot, direction, start, end, port) =>
        this.#follow.datagram(slot, direction, this.core.bytes, start, end, this.core.now, port),
      outOfOrder: (slot, direction, from, sequence, length, payload) =>
        this.#held.outOfOrder(slot, direction, from, sequence, length, payload),
      giveUp: (slot, direction, upTo) => this.#held.giveUp(slot, direction, upTo),
      gap: (slot, direction, length) => this.#follow.gap(slot, direction, length, this.core.now),
      oddity: (slot, number) => {
        const tcp = tcpOddities[number];
        this.#weird(slot, tcp ?? udpOddities[number - tcpOddities.length]!, this.core.now, undefined, tcp ? 'TCP' : 'UDP');
      },
      flipped: (slot) => {
        this.#known[slot] = undefined;
        this.#held.flip(slot);
        this.#follow.flip(slot);
      },
      began: (slot, fresh) => {
        if (this.#carriers.length > 0) this.#addParent(slot);
        if (fresh && this.#expected.size > 0) this.#follow.begin(slot, this.#announced(slot));
      },
      ended: (slot) => this.#ended(slot),
      full: () => {
        // The carriers of an inner flow must stay: the packet at hand is in them.
        const victim = this.#nearest();
        if (victim < 0) return;
        this.evicted++;
        this.core.call.remove(victim);
      },
      frame: options.frame,
      counted: (slot) => options.counted?.(this.#numberOf(slot)),
      carried: (slot, direction, port, start, end, wireEnd) => this.#carried(slot, direction, port, start, end, wireEnd),
    });
    this.#held.core = this.core;
    const { call } = this.core;
    call.begin(options.seed, this.core.flowsMax);
    const reads = (transport: Transport): boolean => protocols.some(({ transports }) => transports.includes(transport));
    const { part, parts } = options.share;
    // For the core SCTP is one of the protocols that are not TCP.
    call.configure(options.verify, reads('tcp'), reads('udp') || reads('sctp'), options.counted !== undefined, part, parts);
  }

  /** The flow whose time comes up first, but none that carries the packet at hand. */
  #nearest(): number {
    const { words, wheel, call } = this.core;
    const from = call.tick.value % wheelSize;
    for (let i = 0; i < wheelSize; i++) {
      let slot = wheel[(from + i) % wheelSize]!;
      while (slot >= 0 && this.#carriers.includes(slot)) slot = words[slot * at.stride + at.next]!;
      if (slot >= 0) return slot;
    }
    return -1;
  }

  /** Source and destination of the packet at hand, which `ip/ip.ts` fills before `packet()` is called. */
  get key(): Int32Array {
    return this.core.key;
  }

  /** Flows so far. */
  get count(): number {
    return this.core.call.count.value;
  }

  /** Bytes of payload held above holes, and while a protocol is sought. */
  get heldBytes(): number {
    return this.#held.bytes + this.#follow.heldBytes + (this.#associations?.heldBytes ?? 0);
  }

  /** How many tunnels the packet at hand is in. */
  get depth(): number {
    return this.#carriers.length;
  }

  /** Moves the time on: flows whose time is over end. */
  advance(ts: number): void {
    if (ts >= this.core.call.nextTick.value) this.core.call.advance(ts);
  }

  /** Ends all flows, in the order in which they began. */
  end(): void {
    const { wheel, words, doubles, call } = this.core;
    const slots: number[] = [];
    for (const head of wheel) {
      for (let slot = head; slot >= 0; slot = words[slot * at.stride + at.next]!) slots.push(slot);
    }
    slots.sort((a, b) => doubles[(a * at.stride + at.number) >> 1]! - doubles[(b * at.stride + at.number) >> 1]!);
    for (const slot of slots) call.remove(slot);
  }

  /** What follows, until `leave`, rides in the flow. */
  enter(slot: number): void {
    this.#carriers.push(slot);
    this.core.call.announce(this.#expected.size > 0, this.#carriers.length);
  }

  leave(): void {
    this.#carriers.pop();
    this.core.call.announce(this.#expected.size > 0, this.#carriers.length);
  }

  /** One datagram, its transport at `packet.at`. Answers false, with `packet.word`, where that is cut short. */
  packet(packet: Packet): boolean {
    const { protocol, six, bytes: b, at: here } = packet;
    const captured = packet.end - here;
    const onWire = packet.wireEnd - here;
    const { key } = this.core;
    switch (protocol) {
      case tcpProtocol:
        if (captured < 20) return truncated(packet, onWire < 20);
        this.#transport(packet);
        return true;
      case udpProtocol:
        if (captured < 8) return truncated(packet, onWire < 8);
        this.#transport(packet);
        return true;
      case icmpProtocol:
      case icmp6Protocol:
        if (captured < 8) return truncated(packet, onWire < 8);
        this.#icmpPacket(packet, onWire, captured);
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

  /** TCP and UDP are the core's; bytes that do not lie in its memory are brought there. */
  #transport(packet: Packet): void {
    const { bytes, at: here, wireEnd, protocol, six, ipBytes, ts } = packet;
    const { core } = this;
    let { end } = packet;
    let shift = bytes.byteOffset;
    if (bytes.buffer !== core.bytes.buffer) {
      // Each tunnel has a place of its own: what is around it is not yet done with.
      const place = scratchAt + Math.min(this.#carriers.length, scratches - 1) * scratchBytes;
      end = Math.min(end, here + scratchBytes);
      core.bytes.set(bytes.subarray(here, end), place);
      shift = place - here;
    }
    core.call.datagram(here + shift, end + shift, wireEnd + shift, protocol, six, ipBytes, vlansOf(packet), ts);
  }

  /** Whether a datagram outside of tunnels, whose addresses stand in the key, is another reader's; `whole` when its ports are there. */
  isElsewhere(packet: Packet, whole: boolean): boolean {
    const { bytes: b, at: here, end, protocol, six } = packet;
    this.core.key[9] = protocol | six;
    const udp = whole && protocol === udpProtocol && here + 4 <= end;
    const ports = udp ? (b[here]! << 24) | (b[here + 1]! << 16) | (b[here + 2]! << 8) | b[here + 3]! : 0;
    return this.core.call.elsewhere(ports) !== 0;
  }

  #expect(flow: ExpectedFlow): void {
    const name = `${flow.transport} ${flow.host} ${flow.port}`;
    // Said again, it moves to the end of the line.
    this.#unexpect(name);
    for (const [first, { until }] of this.#expected) {
      // Nearly all wait equally long, so the first in line is over first.
      if (until >= this.core.now && this.#expected.size < this.#limits.expectedFlowsMax) break;
      this.#unexpect(first);
    }
    this.#expected.set(name, flow);
    this.#expectedPorts.set(flow.port, (this.#expectedPorts.get(flow.port) ?? 0) + 1);
    this.core.call.announce(true, this.#carriers.length);
  }

  #unexpect(name: string): void {
    const flow = this.#expected.get(name);
    if (!flow) return;
    this.#expected.delete(name);
    const left = this.#expectedPorts.get(flow.port)! - 1;
    if (left > 0) this.#expectedPorts.set(flow.port, left);
    else this.#expectedPorts.delete(flow.port);
  }

  /** What was announced of a new flow; an announcement is good for one. */
  #announced(slot: number): ExpectedFlow | undefined {
    const base = slot * at.stride;
    const kind = this.core.words[base + at.kind]! & 0xff;
    // Most new flows go to ports that nobody waits at.
    if (!this.#expectedPorts.has(this.core.words[base + at.ports]! & 0xffff)) return undefined;
    if (kind !== tcpProtocol && kind !== udpProtocol) return undefined;
    const { responder, responderPort } = this.#facts(slot);
    const name = `${kind === tcpProtocol ? 'tcp' : 'udp'} ${responder} ${responderPort}`;
    const flow = this.#expected.get(name);
    if (!flow) return undefined;
    this.#unexpect(name);
    this.core.call.announce(this.#expected.size > 0, this.#carriers.length);
    return flow.until >= this.core.now ? flow : undefined;
  }

  #addParent(slot: number): void {
    const carrier = this.#carriers.at(-1)!;
    const carriage = this.#carriages[carrier];
    if (carriage && !carriage.carries) {
      carriage.carries = true;
      this.#tunnel(carrier, carriage, 'Tunnel::DISCOVER', this.core.now);
    }
    const { uid } = this.#facts(carrier);
    const parents = this.#parents[slot];
    if (!parents) this.#parents[slot] = [uid];
    else if (parents.length < this.#limits.tunnelParentsMax && !parents.includes(uid)) parents.push(uid);
  }

  /** A datagram of UDP that may be a tunnel's; what is a tunnel's is not shown to the protocols. */
  #carried(slot: number, direction: 0 | 1, port: number, start: number, end: number, wireEnd: number): 0 | 1 {
    // A tunnel in a tunnel needs a packet of its own: what is around it is not yet done with.
    const packet = (this.#inside[this.#carriers.length] ??= new Packet());
    packet.bytes = this.core.bytes;
    packet.at = start;
    packet.end = end;
    packet.wireEnd = wireEnd;
    packet.ts = this.core.now;
    const carriage = this.#carriages[slot] ?? this.#udpCarriage(slot, port, packet);
    return carriage && this.#carry(slot, carriage, direction, packet) ? 1 : 0;
  }

  /** Whether a flow of UDP is a carrier, by its port or by one of its first datagrams. */
  #udpCarriage(slot: number, port: number, packet: Packet): Carriage | undefined {
    const base = slot * at.stride;
    const w = this.core.words;
    if (w[base + at.packetsOf]! + w[base + at.packetsOf + 1]! > this.#limits.probeDatagramsMax) {
      w[base + at.flags]! &= ~at.mayCarry;
      return undefined;
    }
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

  #icmpPacket(packet: Packet, onWire: number, captured: number): void {
    const { bytes: b, at: here, protocol, six, ts } = packet;
    const { key, words, doubles, call } = this.core;
    const type = b[here]!;
    const answer = icmpCounterpart(protocol === icmp6Protocol, type);
    const other = answer < 0 ? b[here + 1]! : answer;
    key[8] = (type << 16) | other;
    key[9] = protocol | six | (answer < 0 ? at.oneWayBit : 0);
    const slot = call.other(packet.ipBytes, vlansOf(packet), ts);
    const base = slot * at.stride;
    const e = base + at.endpoints + call.way() * at.endpointStride;
    if (this.#verify && captured >= onWire) {
      const initial = protocol === icmp6Protocol ? pseudoHeader(key, true, protocol, onWire) : 0;
      if (fold(sumWords(b, here, here + onWire, initial)) !== 0xffff) {
        if (words[base + at.oddities]! & 1) return;
        words[base + at.oddities]! |= 1;
        this.#weird(slot, 'bad_ICMP_checksum', ts, undefined, 'ICMP');
        return;
      }
    }
    doubles[(base + at.last) >> 1] = ts;
    doubles[(e + at.startSequence) >> 1]! += onWire - 8;
    words[e + at.state]! |= at.active;
  }

  #otherPacket(packet: Packet, protocol: number): void {
    const { call, doubles, words } = this.core;
    const slot = call.other(packet.ipBytes, vlansOf(packet), packet.ts);
    doubles[(slot * at.stride + at.last) >> 1] = packet.ts;
    if (protocol === sctpProtocol && this.#associations) {
      const e = slot * at.stride + at.endpoints + call.way() * at.endpointStride;
      doubles[(e + at.startSequence) >> 1]! += this.#associations.packet(slot, call.way(), packet);
      words[e + at.state]! |= at.active;
      return;
    }
    const kind = ipCarriers.get(protocol);
    if (kind) this.#carry(slot, this.#carriages[slot] ?? this.#newCarriage(slot, kind), call.way(), packet);
  }

  // ---- what a flow tells ----------------------------------------------------------------------------------------

  readonly #addressBytes = new Uint8Array(16);

  #address(word: number, six: boolean): string {
    const w = this.core.words;
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
    const w = this.core.words;
    const six = (w[base + at.kind]! & at.sixBit) !== 0;
    const pair = w[base + at.ports]!;
    const facts: FlowFacts = {
      uid: this.uidOf(this.#numberOf(slot)),
      originator: this.#address(base + at.origin, six),
      originatorPort: pair >>> 16,
      responder: this.#address(base + at.response, six),
      responderPort: pair & 0xffff,
    };
    this.#known[slot] = facts;
    return facts;
  }

  #numberOf(slot: number): number {
    return this.core.doubles[(slot * at.stride + at.number) >> 1]!;
  }

  /** The name of the flow with this number. */
  uidOf(number: number): string {
    return uidOf(this.#seed, number);
  }

  #confirm(slot: number, service: string): void {
    const before = this.#services[slot];
    const base = slot * at.stride;
    const w = this.core.words;
    if (service === 'dns' && (w[base + at.kind]! & 0xff) === udpProtocol) {
      w[base + at.flags] = (w[base + at.flags]! & ~at.idleMask) | dnsIdleSeconds;
    }
    if (before === undefined) this.#services[slot] = service;
    else if (!before.split(',').includes(service)) this.#services[slot] = `${before},${service}`;
  }

  #ended(slot: number): void {
    const { words: w, doubles: f } = this.core;
    const base = slot * at.stride;
    const protocol = w[base + at.kind]! & 0xff;
    const began = f[(base + at.start) >> 1]!;
    const ended = f[(base + at.last) >> 1]!;
    if (protocol === tcpProtocol) this.#held.finish(slot, ended);
    const associationState = protocol === sctpProtocol ? this.#associations?.connState(slot) : undefined;
    if (associationState !== undefined) this.#associations?.finish(slot);
    this.#follow.finish(slot, ended);

    const facts = this.#facts(slot);
    const o = base + at.endpoints;
    const r = o + at.endpointStride;
    const isTcp = protocol === tcpProtocol;
    const originBytes = isTcp ? this.core.call.sizeOf(slot, o) : f[(o + at.startSequence) >> 1]!;
    const responseBytes = isTcp ? this.core.call.sizeOf(slot, r) : f[(r + at.startSequence) >> 1]!;
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
      conn_state: associationState ?? connState(w, slot, protocol, letters, originBytes, responseBytes),
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
    this.#known[slot] = undefined;
    this.#services[slot] = undefined;
    this.#parents[slot] = undefined;
    this.#carriages[slot] = undefined;
    this.#files[slot] = undefined;
  }

  #isLocal(word: number, six: boolean): boolean {
    this.#address(word, true);
    const bytes = six ? this.#addressBytes : this.#addressBytes.subarray(12);
    return this.#networks.some((network) => contains(network, bytes));
  }

  #weird(slot: number, name: string, ts: number, addl: string | undefined, source: string): void {
    if (!this.#oddities.count(name)) return;
    const counter = slot * at.stride + at.oddityCount;
    if (this.core.words[counter]!++ >= this.#limits.oddityRecordsPerFlowMax) return;
    this.#oddities.write(name, ts, addl, source, this.#facts(slot));
  }
}

/** What the core finds odd of UDP, numbered after what it finds odd of TCP. */
const udpOddities = ['bad_UDP_checksum', 'UDP_datagram_length_mismatch'] as const;

const vlansOf = (packet: Packet): number => packet.vlan | (packet.innerVlan << 16);

function truncated(packet: Packet, onWire: boolean): false {
  packet.word = onWire ? 'truncated_header' : 'internally_truncated_header';
  return false;
}
