/**
 * The capture engine: bytes of a capture in, records out, in one pass.
 *
 *     read → link → ip (fragments) → flow → tcp | udp | icmp → protocol
 *                    ↑______________ tunnels ______________|
 *
 * No object is made per packet, and nothing here knows the time of day: all timeouts run on the packets' own clock.
 */

import { formatAddress, parseNetwork, type Network, contains } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import type { AnyRecord } from '@forewarn/model/records/record';
import { Tally, type Account } from './account.ts';
import { captureKind, kindBytes } from './capture/kind.ts';
import { PcapReader } from './capture/pcap.ts';
import { PcapngReader } from './capture/pcapng.ts';
import { Remainder, type PacketTarget, type Reader } from './capture/reader.ts';
import { communityId, icmpCounterpart } from './flow/community.ts';
import { checkHistory, historyText, scaleHistory, seenData } from './flow/history.ts';
import * as at from './flow/layout.ts';
import { likelyTcpServer, likelyUdpServer } from './flow/ports.ts';
import { connState } from './flow/state.ts';
import { FlowTable } from './flow/table.ts';
import { seedOf, uidOf } from './flow/uid.ts';
import { fold, pseudoHeader, sumWords } from './ip/checksum.ts';
import { Fragments } from './ip/fragments.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { ethernet } from './link/ethernet.ts';
import { link } from './link/link.ts';
import { ppp } from './link/ppp.ts';
import { isIp, notIp, Packet } from './packet.ts';
import { Follow, type FlowFacts } from './protocols/follow.ts';
import type { Protocol } from './protocols/protocol.ts';
import { Tcp } from './tcp/tcp.ts';
import { gre } from './tunnel/gre.ts';
import { udpCarriers } from './tunnel/index.ts';
import { innerEthernet, innerIp, innerNone, innerPpp, type Inner } from './tunnel/tunnel.ts';

/** Where records go. A record is the receiver's own; records of one flow come in the order of its events. */
export type RecordSink = { record(log: string, record: AnyRecord): void };

export type EngineOptions = {
  sink: RecordSink;
  /** Parsers, in the order in which they are asked; none by default. */
  protocols?: readonly Protocol[];
  /** Only flows: `conn` and `weird` records, no look at the payload. */
  flowsOnly?: boolean;
  /** Own networks (`10.0.0.0/8`); with them `local_orig` and `local_resp` are written. */
  networks?: readonly string[];
  limits?: Partial<Limits>;
  /** The uids of a reading follow from it: the same file and seed give the same uids. */
  uidSeed?: string | number;
  /**
   * `verify` takes no payload from packets with a wrong checksum and marks them `c` in the history, as Zeek does by
   * default; `ignore` is Zeek's `-C`. Captures made on a sending host hold unfinished checksums, so `ignore` is ours.
   */
  checksums?: 'ignore' | 'verify';
  /** Name of the capture, for the refusal of a file that is none. */
  file?: string;
  /** Called after every pushed chunk with what was read so far. */
  progress?: (bytes: number, packets: number) => void;
  /** Called when a parser threw, which is a fault of ours; the flow goes on without it. */
  fault?: (service: string, error: unknown) => void;
};

export type Engine = {
  /** Takes the next bytes of the capture. Throws a `Refusal` when the file is no capture. */
  push(bytes: Uint8Array): void;
  /** Ends all flows and says what became of every packet. */
  end(): Account;
  /** Bytes of payload held at the moment: above holes, in fragments, and while a protocol is sought; for metrics. */
  heldBytes(): number;
};

/** Makes an engine for one capture. */
export function createEngine(options: EngineOptions): Engine {
  return new CaptureEngine(options);
}

// What became of a packet.
const inFlow = 0;
const held = 1;
const lost = 2;
type Fate = 0 | 1 | 2;

const tcpProtocol = 6;
const udpProtocol = 17;
const icmpProtocol = 1;
const icmp6Protocol = 58;
const sctpProtocol = 132;

/** Idle seconds of flows other than established TCP (Zeek's udp_inactivity_timeout and its siblings). */
const idleSeconds = 60;

class CaptureEngine implements Engine, PacketTarget {
  readonly #sink: RecordSink;
  readonly #limits: Limits;
  readonly #seed: number;
  readonly #verify: boolean;
  readonly #networks: readonly Network[];
  readonly #file: string | undefined;
  readonly #progress: ((bytes: number, packets: number) => void) | undefined;
  readonly #reportFault: ((service: string, error: unknown) => void) | undefined;

  #reader: Reader | undefined;
  #format: 'pcap' | 'pcapng' = 'pcap';
  readonly #opening = new Remainder();
  #ended: Account | undefined;

  readonly #packet = new Packet();
  readonly #table: FlowTable;
  readonly #tcp: Tcp;
  readonly #follow: Follow;
  readonly #followTcp: boolean;
  readonly #followUdp: boolean;
  readonly #fragments: Fragments;

  // By slot: what is no number, or is seldom there.
  readonly #known: (FlowFacts | undefined)[] = [];
  readonly #services: (string | undefined)[] = [];
  readonly #parents: (string[] | undefined)[] = [];

  #bytes = 0;
  #packets = 0;
  #inFlows = 0;
  #flowsEvicted = 0;
  #faults = 0;
  #first = Number.NaN;
  #last = Number.NaN;
  readonly #notIp: Tally;
  readonly #undecodable: Tally;
  readonly #oddities: Tally;

  // The datagram at hand: how many packets and IP bytes it stands for, and the carrier's slot, or -1.
  #ts = 0;
  #ipBytes = 0;
  #carrier = -1;
  readonly #carriers: number[] = [];
  #depth = 0;
  #reason = '';

  constructor(options: EngineOptions) {
    this.#sink = options.sink;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#seed = seedOf(options.uidSeed ?? 0);
    this.#verify = options.checksums === 'verify';
    this.#networks = (options.networks ?? []).map(readNetwork);
    this.#file = options.file;
    this.#progress = options.progress;
    this.#reportFault = options.fault;
    this.#notIp = new Tally(this.#limits.kindsMax);
    this.#undecodable = new Tally(this.#limits.kindsMax);
    this.#oddities = new Tally(this.#limits.kindsMax);
    this.#table = new FlowTable(this.#limits, this.#seed);
    this.#table.ended = (slot) => this.#flowEnded(slot);
    const protocols = options.flowsOnly ? [] : (options.protocols ?? []);
    this.#follow = new Follow(protocols, this.#limits, {
      facts: (slot) => this.#facts(slot),
      record: (log, record) => this.#sink.record(log, record),
      weird: (slot, name, ts, addl, source) => this.#flowWeird(slot, name, ts, addl, source),
      confirm: (slot, service) => this.#confirm(slot, service),
      fault: (slot, service, error, ts) => this.#parserFault(slot, service, error, ts),
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
        oddity: (slot, name, ts) => this.#flowWeird(slot, name, ts, undefined, 'TCP'),
        flip: (slot) => {
          this.#known[slot] = undefined;
          this.#follow.flip(slot);
        },
      },
      this.#limits,
    );
    this.#fragments = new Fragments(
      this.#limits,
      (name, ts) => this.#weird(name, ts, undefined, 'IP'),
      (packets) => {
        if (packets > 0) this.#undecodable.add('fragment_incomplete', packets);
      },
    );
  }

  // ---- the file -------------------------------------------------------------------------------------------------

  push(bytes: Uint8Array): void {
    if (this.#ended) throw new Error('push() after end(): make a new engine for another capture.');
    this.#bytes += bytes.length;
    if (this.#reader) this.#reader.push(bytes);
    else this.#open(bytes);
    this.#progress?.(this.#bytes, this.#packets);
  }

  #open(bytes: Uint8Array): void {
    const opening = this.#opening;
    const taken = opening.take(bytes, 0, kindBytes - opening.length);
    if (opening.length < kindBytes) return;
    const kind = captureKind(opening.bytes.subarray(0, opening.length));
    if (kind === 'pcap') this.#reader = new PcapReader(this, this.#limits);
    else if (kind === 'pcapng') {
      this.#reader = new PcapngReader(this, this.#limits);
      this.#format = 'pcapng';
    } else throw this.#refusal(kind === 'gzip' ? 'is compressed with gzip' : 'is not a pcap or pcapng capture');
    if (taken === opening.length) this.#reader.push(bytes);
    else {
      this.#reader.push(opening.bytes.slice(0, opening.length));
      this.#reader.push(bytes.subarray(taken));
    }
  }

  #refusal(what: string): Refusal {
    return new Refusal('capture.unrecognised', `The file ${what}.`, {
      ...(this.#file === undefined ? {} : { place: { file: this.#file, offset: 0 } }),
      advice: 'Give a capture as tcpdump or Wireshark write it (pcap, pcapng, or either compressed with gzip).',
    });
  }

  heldBytes(): number {
    return this.#tcp.pendingBytes + this.#fragments.bytes + this.#follow.heldBytes;
  }

  end(): Account {
    if (this.#ended) return this.#ended;
    if (!this.#reader) throw this.#refusal(this.#bytes === 0 ? 'is empty' : 'is too short for a capture');
    this.#reader.end();
    this.#fragments.end();
    this.#table.removeAll();
    const { stop } = this.#reader;
    if (stop)
      this.#weird(stop.name, Number.isNaN(this.#last) ? 0 : this.#last, `${stop.detail} at byte ${stop.offset}`, 'capture');
    this.#ended = {
      format: this.#format,
      bytes: this.#bytes,
      packets: this.#packets,
      inFlows: this.#inFlows,
      notIp: this.#notIp.toObject(),
      undecodable: this.#undecodable.toObject(),
      flows: this.#table.count,
      flowsEvicted: this.#flowsEvicted,
      oddities: this.#oddities.toObject(),
      faults: this.#faults,
      first: Number.isNaN(this.#first) ? undefined : this.#first,
      last: Number.isNaN(this.#last) ? undefined : this.#last,
      stop,
    };
    return this.#ended;
  }

  // ---- the packet -----------------------------------------------------------------------------------------------

  /** One packet of the file: counted as in a flow, as not IP, or as undecodable. */
  packet(bytes: Uint8Array, start: number, end: number, wireLength: number, ts: number, linkType: number): void {
    this.#packets++;
    if (ts >= this.#table.nextTick) this.#table.advance(ts);
    this.#ts = ts;
    this.#last = ts;
    if (this.#packets === 1) this.#first = ts;
    const packet = this.#packet;
    packet.bytes = bytes;
    packet.at = start;
    packet.end = end;
    packet.wireEnd = start + wireLength;
    packet.vlan = 0;
    packet.innerVlan = 0;
    this.#carrier = -1;
    this.#depth = 0;
    let answer: number = isIp;
    // Nearly every frame is Ethernet with IP right behind it.
    if (linkType === 1 && end - start >= 14 && isPlainIp(bytes, start + 12)) packet.at = start + 14;
    else answer = link(packet, linkType, this.#limits.linkTagsMax);
    if (answer === isIp) {
      const fate = this.#ip(packet);
      if (fate === inFlow) this.#inFlows++;
      else if (fate === lost) {
        this.#undecodable.add(this.#reason);
        this.#weird(this.#reason, ts, undefined, 'IP');
      }
    } else if (answer === notIp) this.#notIp.add(packet.word);
    else this.#undecodable.add(packet.word);
  }

  #lose(reason: string): Fate {
    this.#reason = reason;
    return lost;
  }

  // ---- IP -------------------------------------------------------------------------------------------------------

  #ip(packet: Packet): Fate {
    if (packet.at >= packet.end) return this.#lose('truncated_IP');
    const version = packet.bytes[packet.at]! >> 4;
    if (version === 4) return this.#ip4(packet);
    if (version === 6) return this.#ip6(packet);
    return this.#lose('unknown_ip_version');
  }

  #ip4(packet: Packet): Fate {
    const { bytes: b, at: start } = packet;
    const captured = packet.end - start;
    if (captured < 20) return this.#lose('truncated_IP');
    const header = (b[start]! & 15) * 4;
    let total = (b[start + 2]! << 8) | b[start + 3]!;
    // Segmentation offloading leaves the length 0: then the packet is as long as its frame.
    if (total === 0) total = packet.wireEnd - start;
    if (header < 20 || header > total) return this.#lose('invalid_IP_header_size');
    if (header > captured) return this.#lose('internally_truncated_header');
    if (this.#verify && fold(sumWords(b, start, start + header, 0)) !== 0xffff) return this.#lose('bad_IP_checksum');
    const key = this.#table.key;
    key[0] = 0;
    key[1] = 0;
    key[2] = 0;
    key[3] = (b[start + 12]! << 24) | (b[start + 13]! << 16) | (b[start + 14]! << 8) | b[start + 15]!;
    key[4] = 0;
    key[5] = 0;
    key[6] = 0;
    key[7] = (b[start + 16]! << 24) | (b[start + 17]! << 16) | (b[start + 18]! << 8) | b[start + 19]!;
    const protocol = b[start + 9]!;
    const end = start + total;
    // Frames are padded to 60 bytes: what follows the datagram is not its own.
    if (end < packet.end) packet.end = end;
    packet.wireEnd = end;
    packet.at = start + header;
    this.#ipBytes = total;
    const fragment = ((b[start + 6]! & 0x3f) << 8) | b[start + 7]!;
    if (fragment !== 0) {
      if (packet.end < end) {
        // A piece that is not whole cannot be joined; the first still shows its ports.
        return (fragment & 0x1fff) === 0 ? this.#transport(packet, protocol, 0) : this.#lose('incompletely_captured_fragment');
      }
      return this.#fragment(
        packet,
        (b[start + 4]! << 8) | b[start + 5]!,
        (fragment & 0x1fff) * 8,
        (fragment & 0x2000) !== 0,
        protocol,
        0,
      );
    }
    return this.#transport(packet, protocol, 0);
  }

  #ip6(packet: Packet): Fate {
    const { bytes: b, at: start } = packet;
    const captured = packet.end - start;
    if (captured < 40) return this.#lose('truncated_IP');
    const payload = (b[start + 4]! << 8) | b[start + 5]!;
    // Jumbograms (hop-by-hop options) and offloading (TCP, UDP) leave the length 0: then the frame tells it.
    const next = b[start + 6]!;
    const offloaded = payload === 0 && (next === 0 || next === tcpProtocol || next === udpProtocol);
    const total = offloaded && packet.wireEnd - start > 40 ? packet.wireEnd - start : 40 + payload;
    const key = this.#table.key;
    for (let i = 0; i < 8; i++) {
      const w = start + 8 + 4 * i;
      key[i] = (b[w]! << 24) | (b[w + 1]! << 16) | (b[w + 2]! << 8) | b[w + 3]!;
    }
    const end = start + total;
    if (end < packet.end) packet.end = end;
    packet.wireEnd = end;
    this.#ipBytes = total;
    packet.at = start + 40;
    return this.#extensions(packet, next);
  }

  /** Walks the extension headers of IPv6 (RFC 8200 §4). */
  #extensions(packet: Packet, first: number): Fate {
    const { bytes: b, end } = packet;
    let protocol = first;
    for (let n = 0; ; n++) {
      const here = packet.at;
      switch (protocol) {
        case 0: // Hop-by-hop options
        case 43: // Routing
        case 60: // Destination options
        case 135: // Mobility
        case 139: // Host identity
        case 140: {
          // Shim6
          if (here + 8 > end) return this.#lose('internally_truncated_header');
          const length = (b[here + 1]! + 1) * 8;
          if (here + length > packet.wireEnd) return this.#lose('invalid_IP_header_size');
          if (here + length > end) return this.#lose('internally_truncated_header');
          const next = b[here]!;
          // A mobility message is the end of the chain; it is a flow of its own protocol.
          if (protocol === 135) return this.#transport(packet, protocol, at.sixBit);
          protocol = next;
          packet.at = here + length;
          break;
        }
        case 51: {
          // Authentication: the length counts words of four bytes, less two.
          if (here + 8 > end) return this.#lose('internally_truncated_header');
          const length = (b[here + 1]! + 2) * 4;
          if (here + length > end) return this.#lose('internally_truncated_header');
          protocol = b[here]!;
          packet.at = here + length;
          break;
        }
        case 44: {
          if (here + 8 > end) return this.#lose('internally_truncated_header');
          const word = (b[here + 2]! << 8) | b[here + 3]!;
          const more = (word & 1) !== 0;
          const from = word & 0xfff8;
          protocol = b[here]!;
          packet.at = here + 8;
          // An atomic fragment is whole (RFC 6946).
          if (from === 0 && !more) break;
          if (packet.end < packet.wireEnd) {
            return from === 0 ? this.#transport(packet, protocol, at.sixBit) : this.#lose('incompletely_captured_fragment');
          }
          const id = (b[here + 4]! << 24) | (b[here + 5]! << 16) | (b[here + 6]! << 8) | b[here + 7]!;
          return this.#fragment(packet, id, from, more, protocol, at.sixBit);
        }
        default:
          return this.#transport(packet, protocol, at.sixBit);
      }
      if (n >= this.#limits.extensionHeadersMax) return this.#lose('too_many_extension_headers');
    }
  }

  #fragment(packet: Packet, id: number, from: number, more: boolean, protocol: number, six: number): Fate {
    const key = this.#table.key;
    // IPv6 identifies a datagram by its addresses and number alone (RFC 8200 §4.5), IPv4 by the protocol too (RFC 791).
    let name = `${six === 0 ? protocol : 's'}.${id}`;
    for (let i = six === 0 ? 3 : 0; i < 4; i++) name += `.${key[i]}.${key[i + 4]}`;
    const counts = this.#depth === 0 ? 1 : 0;
    const whole = this.#fragments.add(
      name,
      packet.bytes,
      packet.at,
      packet.end,
      from,
      more,
      protocol,
      this.#ipBytes,
      counts,
      this.#ts,
    );
    if (!whole) return held;
    packet.bytes = whole.payload;
    packet.at = 0;
    packet.end = whole.payload.length;
    packet.wireEnd = packet.end;
    this.#ipBytes = whole.ipBytes;
    const fate = six === 0 ? this.#transport(packet, whole.protocol, 0) : this.#extensions(packet, whole.protocol);
    // The packet at hand is counted by its fate; those that waited for it share that fate.
    const waited = whole.packets - counts;
    if (fate === inFlow) this.#inFlows += waited;
    else if (fate === lost && waited > 0) this.#undecodable.add(this.#reason, waited);
    return fate;
  }

  // ---- flows ----------------------------------------------------------------------------------------------------

  #transport(packet: Packet, protocol: number, six: number): Fate {
    const { bytes: b, at: here } = packet;
    const captured = packet.end - here;
    const onWire = packet.wireEnd - here;
    const key = this.#table.key;
    switch (protocol) {
      case tcpProtocol:
        if (captured < 20) return this.#lose(onWire < 20 ? 'truncated_header' : 'internally_truncated_header');
        key[8] = (b[here]! << 24) | (b[here + 1]! << 16) | (b[here + 2]! << 8) | b[here + 3]!;
        key[9] = protocol | six;
        this.#tcpPacket(packet, b, here, onWire, captured, six);
        return inFlow;
      case udpProtocol:
        if (captured < 8) return this.#lose(onWire < 8 ? 'truncated_header' : 'internally_truncated_header');
        key[8] = (b[here]! << 24) | (b[here + 1]! << 16) | (b[here + 2]! << 8) | b[here + 3]!;
        key[9] = protocol | six;
        this.#udpPacket(packet, b, here, onWire, captured, six);
        return inFlow;
      case icmpProtocol:
      case icmp6Protocol:
        if (captured < 8) return this.#lose(onWire < 8 ? 'truncated_header' : 'internally_truncated_header');
        this.#icmpPacket(b, here, onWire, captured, protocol, six);
        return inFlow;
      default:
        // Zeek writes no ports for other protocols; SCTP's are kept, because its Community ID and its users need them.
        key[8] = 0;
        if (protocol === sctpProtocol && captured >= 4) {
          key[8] = (b[here]! << 24) | (b[here + 1]! << 16) | (b[here + 2]! << 8) | b[here + 3]!;
        }
        key[9] = protocol | six;
        this.#otherPacket(packet, protocol, six);
        return inFlow;
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
    if (this.#carrier >= 0) this.#addParent(slot);
    return slot;
  }

  #newFlow(hash: number, flip: boolean): number {
    const table = this.#table;
    if (table.full) {
      // The carriers of an inner flow must stay: the packet at hand is in them.
      const victim = table.nearest(this.#carriers);
      if (victim >= 0) {
        this.#flowsEvicted++;
        table.remove(victim);
      }
    }
    const slot = table.create(hash, this.#ts, idleSeconds);
    const base = slot * at.stride;
    const w = table.words;
    w[base + at.vlans] = this.#packet.vlan | (this.#packet.innerVlan << 16);
    this.#known[slot] = undefined;
    this.#services[slot] = undefined;
    this.#parents[slot] = undefined;
    this.#follow.begin(slot);
    if (this.#carrier >= 0) this.#addParent(slot);
    if (flip) {
      this.#tcp.flip(slot);
      table.direction = 1;
    }
    return slot;
  }

  #addParent(slot: number): void {
    const uid = this.#uid(this.#carrier);
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
    } else if (this.#carrier >= 0) this.#addParent(slot);
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
        this.#flowWeirdOnce(slot, 1, 'bad_UDP_checksum', 'UDP');
        scaleHistory(w, slot, direction, e + at.checksumErrors, 67);
        return;
      }
    }
    const stated = (b[here + 4]! << 8) | b[here + 5]!;
    if (stated !== onWire) this.#flowWeirdOnce(slot, 2, 'UDP_datagram_length_mismatch', 'UDP');
    f[(base + at.last) >> 1] = this.#ts;
    checkHistory(w, slot, direction, seenData, 68);
    f[(e + at.startSequence) >> 1]! += stated > 8 ? stated - 8 : 0;
    w[e + at.state]! |= at.active;

    const start = here + 8;
    const end = Math.min(packet.end, stated >= 8 ? here + stated : packet.end);
    const port = w[base + at.ports]! & 0xffff;
    const carrier = udpCarriers.get(port);
    if (carrier) {
      packet.at = start;
      packet.end = end;
      packet.wireEnd = Math.max(end, here + stated);
      this.#inner(packet, carrier(packet), slot);
    }
    if (this.#followUdp) this.#follow.datagram(slot, direction, b, start, end, this.#ts, port);
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
        this.#flowWeirdOnce(slot, 1, 'bad_ICMP_checksum', 'ICMP');
        return;
      }
    }
    table.doubles[(base + at.last) >> 1] = this.#ts;
    table.doubles[(e + at.startSequence) >> 1]! += onWire - 8;
    table.words[e + at.state]! |= at.active;
  }

  #otherPacket(packet: Packet, protocol: number, six: number): void {
    const slot = this.#flow(false);
    const direction = this.#table.direction;
    this.#count(slot, direction);
    this.#table.doubles[(slot * at.stride + at.last) >> 1] = this.#ts;
    if (protocol === 4 || protocol === 41) this.#inner(packet, innerIp, slot);
    else if (protocol === 47) this.#inner(packet, gre(packet), slot);
    else if (protocol === 97 && packet.at + 2 <= packet.end) {
      // EtherIP (RFC 3378): a version of four bits, twelve reserved, then the frame.
      packet.at += 2;
      this.#inner(packet, innerEthernet, slot);
    } else if (six !== 0 && protocol === 143) this.#inner(packet, innerEthernet, slot);
  }

  // ---- tunnels --------------------------------------------------------------------------------------------------

  /** Follows the packet inside; what becomes of it does not change the account, which counts packets of the file. */
  #inner(packet: Packet, what: Inner, carrier: number): void {
    if (what === innerNone) return;
    if (this.#depth >= this.#limits.tunnelDepthMax) {
      this.#weird('exceeded_tunnel_max_depth', this.#ts, undefined, 'tunnel');
      return;
    }
    const depth = this.#depth;
    const outer = this.#carrier;
    const { bytes, vlan, innerVlan } = packet;
    this.#carrier = carrier;
    this.#carriers.push(carrier);
    this.#depth = depth + 1;
    packet.vlan = 0;
    packet.innerVlan = 0;
    let answer: number = isIp;
    if (what === innerEthernet) answer = ethernet(packet, 0, this.#limits.linkTagsMax);
    else if (what === innerPpp) answer = ppp(packet);
    if (answer === isIp && this.#ip(packet) === lost) this.#weird(this.#reason, this.#ts, undefined, 'tunnel');
    this.#carrier = outer;
    this.#carriers.pop();
    this.#depth = depth;
    packet.bytes = bytes;
    packet.vlan = vlan;
    packet.innerVlan = innerVlan;
  }

  // ---- records --------------------------------------------------------------------------------------------------

  #uid(slot: number): string {
    return this.#facts(slot).uid;
  }

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
    if (before === undefined) this.#services[slot] = service;
    else if (!before.split(',').includes(service)) this.#services[slot] = `${before},${service}`;
  }

  #flowEnded(slot: number): void {
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
    this.#sink.record('conn', record);
  }

  #isLocal(word: number, six: boolean): boolean {
    this.#address(word, true);
    const bytes = six ? this.#addressBytes : this.#addressBytes.subarray(12);
    return this.#networks.some((network) => contains(network, bytes));
  }

  /** A weird thing outside any flow. */
  #weird(name: string, ts: number, addl: string | undefined, source: string): void {
    if (this.#oddities.add(name) > this.#limits.oddityRecordsPerNameMax) return;
    this.#sink.record('weird', { ts, name, ...(addl === undefined ? {} : { addl }), source });
  }

  #flowWeird(slot: number, name: string, ts: number, addl: string | undefined, source: string): void {
    if (this.#oddities.add(name) > this.#limits.oddityRecordsPerNameMax) return;
    const counter = slot * at.stride + at.oddityCount;
    if (this.#table.words[counter]!++ >= this.#limits.oddityRecordsPerFlowMax) return;
    const facts = this.#facts(slot);
    this.#sink.record('weird', {
      ts,
      uid: facts.uid,
      'id.orig_h': facts.originator,
      'id.orig_p': facts.originatorPort,
      'id.resp_h': facts.responder,
      'id.resp_p': facts.responderPort,
      name,
      ...(addl === undefined ? {} : { addl }),
      source,
    });
  }

  /** For UDP and ICMP, whose flows use the oddities' word for bits of their own. */
  #flowWeirdOnce(slot: number, bit: number, name: string, source: string): void {
    const word = slot * at.stride + at.oddities;
    if (this.#table.words[word]! & bit) return;
    this.#table.words[word]! |= bit;
    this.#flowWeird(slot, name, this.#ts, undefined, source);
  }

  #parserFault(slot: number, service: string, error: unknown, ts: number): void {
    this.#faults++;
    this.#flowWeird(slot, 'parser_fault', ts, service, service);
    this.#reportFault?.(service, error);
  }
}

/** Whether the EtherType at the place is IPv4 or IPv6. */
function isPlainIp(bytes: Uint8Array, place: number): boolean {
  const first = bytes[place]!;
  const second = bytes[place + 1]!;
  return (first === 0x08 && second === 0) || (first === 0x86 && second === 0xdd);
}

function readNetwork(text: string): Network {
  const network = parseNetwork(text);
  if (network) return network;
  throw new Refusal('networks.malformed', `"${text}" is not a network.`, {
    advice: 'Write it as 10.0.0.0/8 or 2001:db8::/32, with no bits set right of the prefix.',
  });
}
