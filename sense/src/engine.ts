/**
 * The capture engine: bytes of a capture in, records out, in one pass.
 *
 *     read → link → ip → fragments → flows → tcp · udp · icmp → protocols
 *                   ↑_______________ tunnels ______|
 *
 * No object is made per packet, and nothing here knows the time of day: all timeouts run on the packets' own clock.
 */

import { parseNetwork, type Network } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import type { AnyRecord } from '@forewarn/model/records/record';
import { Tally, type Account } from './account.ts';
import { captureKind, kindBytes } from './capture/kind.ts';
import { PcapReader } from './capture/pcap.ts';
import { chunkAt, chunkBytes } from './core/places.ts';
import { PcapngReader } from './capture/pcapng.ts';
import { Remainder, type PacketTarget, type Reader } from './capture/reader.ts';
import type { FileHash } from './files/files.ts';
import { createDiscovery } from './discovery/discovery.ts';
import { Flows, type Share } from './flow/flows.ts';
import { frameProtocols } from './frames/index.ts';
import { FrameReaders } from './frames/readers.ts';
import { seedOf } from './flow/uid.ts';
import { Fragments } from './ip/fragments.ts';
import { piece, readExtensions, readIp, whole } from './ip/ip.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { ethernet } from './link/ethernet.ts';
import { isPlainIp, link } from './link/link.ts';
import { mpls } from './link/mpls.ts';
import { nsh } from './link/nsh.ts';
import { ppp } from './link/ppp.ts';
import { OddityLog } from './oddity-log.ts';
import { broken, isIp, notIp, Packet } from './packet.ts';
import type { Protocol } from './protocols/protocol.ts';
import type { FlowNumber, PacketTrace } from './trace.ts';
import { innerEthernet, innerMpls, innerNsh, innerPpp, type Inner } from './tunnel/tunnel.ts';

/** Where records go. A record is the receiver's own; records of one flow come in the order of its events. */
export type RecordSink = { record(log: string, record: AnyRecord): void };

export type EngineOptions = {
  sink: RecordSink;
  /** Parsers, in the order in which they are asked; none by default. */
  protocols?: readonly Protocol[];
  /** Only flows: `conn` and `weird` records, no look at the payload. */
  flowsOnly?: boolean;
  /** Own networks (`10.0.0.0/8`); with them `local_orig` and `local_resp` are written, and what is there is discovered (`discovery/`). */
  networks?: readonly string[];
  limits?: Partial<Limits>;
  /**
   * The uids of a reading follow from it: the same file and seed give the same uids. It also seeds the flow table's hash,
   * so a sensor on a live link passes one that strangers cannot guess.
   */
  uidSeed?: string | number;
  /**
   * `verify` takes no payload from packets with a wrong checksum and marks them `c` in the history, as Zeek does by
   * default; `ignore` is Zeek's `-C`. Captures made on a sending host hold unfinished checksums, so `ignore` is ours.
   */
  checksums?: 'ignore' | 'verify';
  /** Which hashes files get; all three cost about 4 ns a byte, none leaves sizes and types. All by default. */
  fileHashes?: readonly FileHash[];
  /** Is told which packet is counted in which flow. */
  trace?: PacketTrace;
  /** Where several readers of the same capture share its flows: which of them this is. Alone by default. */
  share?: Share;
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
  /** Time has come to `ts` without a packet: flows whose time is over end. For a live line that is quiet. */
  advance(ts: number): void;
  /** What was read so far, without ending anything. */
  readonly progress: { readonly packets: number; readonly bytes: number; readonly last: number | undefined };
  /** Ends all flows and says what became of every packet. */
  end(): Account;
  /** The uid of a flow that a trace names by its number. */
  uidOf(flow: FlowNumber): string;
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
const elsewhere = 3;
type Fate = 0 | 1 | 2 | 3;

class CaptureEngine implements Engine, PacketTarget {
  readonly #limits: Limits;
  readonly #verify: boolean;
  readonly #file: string | undefined;
  readonly #progress: ((bytes: number, packets: number) => void) | undefined;
  readonly #trace: PacketTrace | undefined;
  readonly #share: Share;
  /** Earlier packets, of which the datagram at hand was put together; none unless packets are traced. */
  #together: readonly number[] = [];

  readonly #opening = new Remainder();
  #reader: Reader | undefined;
  readonly #packet = new Packet();
  readonly #fragments: Fragments;
  readonly #flows: Flows;
  readonly #oddities: OddityLog;
  /** Who reads what is not IP; nobody where only flows are asked for. */
  readonly #frames: FrameReaders | undefined;

  // The account, which `end` makes of these.
  #ended: Account | undefined;
  #format: 'pcap' | 'pcapng' = 'pcap';
  #bytes = 0;
  #inFlows = 0;
  #faults = 0;
  readonly #notIp: Tally;
  readonly #undecodable: Tally;

  constructor(options: EngineOptions) {
    const asked: Limits = { ...defaultLimits, ...options.limits };
    // A flow's number has four bits for the depth of its tunnel.
    const limits: Limits = { ...asked, tunnelDepthMax: Math.min(asked.tunnelDepthMax, 15) };
    this.#limits = limits;
    this.#verify = options.checksums === 'verify';
    this.#file = options.file;
    this.#progress = options.progress;
    this.#trace = options.trace;
    this.#share = options.share ?? { part: 0, parts: 1 };
    this.#notIp = new Tally(limits.kindsMax);
    this.#undecodable = new Tally(limits.kindsMax);
    const networks = (options.networks ?? []).map(readNetwork);
    const write = (log: string, one: AnyRecord): void => options.sink.record(log, one);
    this.#oddities = new OddityLog(limits, write);
    // What is discovered is discovered of own networks; where none are named, nothing is, and nothing where only flows are asked for.
    const discovery =
      networks.length > 0 &&
      !options.flowsOnly &&
      createDiscovery({
        networks,
        record: write,
        full: (log, ts) => this.#oddities.note('discovery_table_full', ts, log, 'discovery'),
      });
    const record = discovery
      ? (log: string, one: AnyRecord): void => {
          write(log, one);
          discovery.see(log, one);
        }
      : write;
    const fault = (name: string, error: unknown): void => {
      this.#faults++;
      options.fault?.(name, error);
    };
    const frames = { limits, oddities: this.#oddities, record, fault };
    this.#frames = options.flowsOnly ? undefined : new FrameReaders(frameProtocols, frames);
    this.#fragments = new Fragments(
      limits,
      (name, ts) => this.#oddities.note(name, ts, undefined, 'IP'),
      (packets) => {
        if (packets > 0) this.#undecodable.add('fragment_incomplete', packets);
      },
    );
    this.#flows = new Flows({
      limits,
      seed: seedOf(options.uidSeed ?? 0),
      verify: this.#verify,
      networks,
      protocols: options.flowsOnly ? [] : (options.protocols ?? []),
      share: this.#share,
      counted: options.trace && ((flow) => this.#counted(flow)),
      oddities: this.#oddities,
      fileHashes: options.fileHashes,
      record,
      inner: (packet, what, slot) => this.#inner(packet, what, slot),
      frame: (start, end, wireLength, ts) => this.#frame(this.#flows.core.bytes, start, end, wireLength, ts, 1),
      fault,
    });
  }

  // ---- the file -------------------------------------------------------------------------------------------------

  push(bytes: Uint8Array): void {
    if (this.#ended) throw new Error('push() after end(): make a new engine for another capture.');
    this.#bytes += bytes.length;
    if (this.#reader) this.#read(this.#reader, bytes);
    else this.#open(bytes);
    this.#frames?.advance(this.#flows.core.call.last.value);
    this.#progress?.(this.#bytes, this.#flows.core.call.packets.value);
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
    if (taken === opening.length) this.#read(this.#reader, bytes);
    else {
      this.#read(this.#reader, opening.bytes.slice(0, opening.length));
      this.#read(this.#reader, bytes.subarray(taken));
    }
  }

  /** Brings the bytes into the core's memory, where packets are read in place. */
  #read(reader: Reader, bytes: Uint8Array): void {
    const { core } = this.#flows;
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      const part = bytes.subarray(at, at + chunkBytes);
      core.bytes.set(part, chunkAt);
      reader.push(core.bytes.subarray(chunkAt, chunkAt + part.length));
    }
  }

  ethernetRecords(bytes: Uint8Array, from: number, end: number, recordHeader: number, fraction: number): number {
    const { core } = this.#flows;
    const shift = bytes.byteOffset;
    // What a chunk left over stands elsewhere, and is read packet by packet; so is what is traced.
    if (this.#trace || bytes.buffer !== core.bytes.buffer) return from;
    return core.call.run(from + shift, end + shift, recordHeader, this.#limits.recordBytesMax, fraction) - shift;
  }

  #refusal(what: string): Refusal {
    return new Refusal('capture.unrecognised', `The file ${what}.`, {
      ...(this.#file === undefined ? {} : { place: { file: this.#file, offset: 0 } }),
      advice: 'Give a capture as tcpdump or Wireshark write it (pcap, pcapng, or either compressed with gzip).',
    });
  }

  advance(ts: number): void {
    if (this.#ended || ts <= this.#flows.core.call.last.value) return;
    this.#flows.advance(ts);
    this.#frames?.advance(ts);
  }

  get progress(): Engine['progress'] {
    if (this.#ended) return this.#ended;
    const { packets, last } = this.#flows.core.call;
    return { packets: packets.value, bytes: this.#bytes, last: known(last.value) };
  }

  heldBytes(): number {
    return this.#fragments.bytes + this.#flows.heldBytes;
  }

  end(): Account {
    if (this.#ended) return this.#ended;
    if (!this.#reader) throw this.#refusal(this.#bytes === 0 ? 'is empty' : 'is too short for a capture');
    this.#reader.end();
    this.#fragments.end();
    this.#frames?.end(this.#flows.core.call.last.value);
    this.#flows.end();
    const { stop } = this.#reader;
    const { call } = this.#flows.core;
    const last = known(call.last.value);
    if (stop && this.#share.part === 0)
      this.#oddities.note(stop.name, last ?? 0, `${stop.detail} at byte ${stop.offset}`, 'capture');
    this.#ended = {
      format: this.#format,
      bytes: this.#bytes,
      packets: call.packets.value,
      inFlows: this.#inFlows + call.inFlows.value,
      notIp: this.#notIp.toObject(),
      undecodable: this.#undecodable.toObject(),
      flows: this.#flows.count,
      flowsEvicted: this.#flows.evicted,
      oddities: this.#oddities.toObject(),
      faults: this.#faults,
      first: known(call.first.value),
      last,
      stop,
    };
    this.#flows.core.release();
    return this.#ended;
  }

  // ---- the packet -----------------------------------------------------------------------------------------------

  /** One packet of the file. */
  packet(bytes: Uint8Array, start: number, end: number, wireLength: number, ts: number, linkType: number): void {
    const { packets, first, last } = this.#flows.core.call;
    this.#trace?.packet(packets.value, bytes, start, end, wireLength, ts, linkType);
    if (packets.value++ === 0) first.value = ts;
    last.value = ts;
    this.#flows.advance(ts);
    this.#frame(bytes, start, end, wireLength, ts, linkType);
  }

  /** A frame that was counted: in a flow, not IP, or undecodable. */
  #frame(bytes: Uint8Array, start: number, end: number, wireLength: number, ts: number, linkType: number): void {
    const packet = this.#packet;
    packet.bytes = bytes;
    packet.at = start;
    packet.end = end;
    packet.wireEnd = start + wireLength;
    packet.vlan = 0;
    packet.innerVlan = 0;
    packet.ts = ts;
    let answer: number = isIp;
    // Nearly every frame is Ethernet with IP right behind it.
    if (linkType === 1 && end - start >= 14 && isPlainIp(bytes, start + 12)) packet.at = start + 14;
    else answer = link(packet, linkType, this.#limits.linkTagsMax);
    if (answer === isIp) {
      const fate = this.#datagram(packet);
      if (fate === inFlow) this.#inFlows++;
      else if (fate === lost) {
        this.#undecodable.add(packet.word);
        this.#oddities.note(packet.word, ts, undefined, 'IP');
      }
    } else if (this.#share.part > 0) {
      // What has no addresses is the first reader's.
    } else if (answer === notIp) {
      this.#notIp.add(packet.word);
      this.#frames?.frame(packet, linkType === 1 ? start : -1);
    } else this.#undecodable.add(packet.word);
  }

  /** The IP packet at `packet.at`, of the file or of a tunnel. */
  #datagram(packet: Packet): Fate {
    const answer = readIp(packet, this.#flows.key, this.#verify, this.#limits.extensionHeadersMax);
    if (this.#share.parts > 1 && this.#flows.depth === 0) {
      const isOther = answer === broken ? this.#share.part > 0 : this.#flows.isElsewhere(packet, answer === whole);
      if (isOther) return elsewhere;
    }
    if (answer === whole) return this.#flows.packet(packet) ? inFlow : lost;
    return answer === piece ? this.#joined(packet) : lost;
  }

  /** A piece of a datagram: held until the others have come. */
  #joined(packet: Packet): Fate {
    const { key } = this.#flows;
    const six = packet.six !== 0;
    // IPv6 identifies a datagram by its addresses and number alone (RFC 8200 §4.5), IPv4 by the protocol too (RFC 791).
    let name = `${six ? 's' : packet.protocol}.${packet.pieceOf}`;
    for (let i = six ? 0 : 3; i < 4; i++) name += `.${key[i]}.${key[i + 4]}`;
    const counts = this.#flows.depth === 0 ? 1 : 0;
    const joined = this.#fragments.add(
      name,
      packet.bytes,
      packet.at,
      packet.end,
      packet.pieceFrom,
      packet.pieceMore,
      packet.protocol,
      packet.ipBytes,
      counts,
      packet.ts,
      this.#trace && this.#flows.core.call.packets.value - 1,
    );
    if (!joined) return held;
    packet.bytes = joined.payload;
    packet.at = 0;
    packet.end = joined.payload.length;
    packet.wireEnd = packet.end;
    packet.ipBytes = joined.ipBytes;
    packet.protocol = joined.protocol;
    // What was joined may not be in pieces again.
    const answer = six ? readExtensions(packet, joined.protocol, this.#limits.extensionHeadersMax) : whole;
    if (answer === piece) packet.word = 'fragment_in_fragment';
    this.#together = joined.earlier;
    const fate = answer === whole && this.#flows.packet(packet) ? inFlow : lost;
    this.#together = [];
    // The packet at hand is counted by its fate; those that waited for it share that fate.
    const waited = joined.packets - counts;
    if (fate === inFlow) this.#inFlows += waited;
    else if (waited > 0) this.#undecodable.add(packet.word, waited);
    return fate;
  }

  #counted(flow: FlowNumber): void {
    for (const packet of this.#together) this.#trace!.counted(packet, flow);
    this.#trace!.counted(this.#flows.core.call.packets.value - 1, flow);
  }

  uidOf(flow: FlowNumber): string {
    return this.#flows.uidOf(flow);
  }

  /** Follows the packet inside; what becomes of it does not change the account, which counts packets of the file. */
  #inner(packet: Packet, what: Inner, slot: number): void {
    if (this.#flows.depth >= this.#limits.tunnelDepthMax) {
      this.#oddities.note('exceeded_tunnel_max_depth', packet.ts, undefined, 'tunnel');
      return;
    }
    const { bytes, at, vlan, innerVlan, ipBytes, six, protocol } = packet;
    packet.vlan = 0;
    packet.innerVlan = 0;
    this.#flows.enter(slot);
    let answer: number = isIp;
    if (what === innerEthernet) answer = ethernet(packet, 0, this.#limits.linkTagsMax);
    else if (what === innerPpp) answer = ppp(packet, this.#limits.linkTagsMax);
    else if (what === innerMpls) answer = mpls(packet, 0, this.#limits.linkTagsMax);
    else if (what === innerNsh) answer = nsh(packet, 0, this.#limits.linkTagsMax);
    if (answer === broken || (answer === isIp && this.#datagram(packet) === lost)) {
      this.#oddities.note(packet.word, packet.ts, undefined, 'tunnel');
    } else if (answer === notIp) this.#frames?.frame(packet, what === innerEthernet ? at : -1);
    this.#flows.leave();
    packet.bytes = bytes;
    packet.vlan = vlan;
    packet.innerVlan = innerVlan;
    packet.ipBytes = ipBytes;
    packet.six = six;
    packet.protocol = protocol;
  }
}

/** An instant of which NaN says that there was none. */
const known = (ts: number): number | undefined => (Number.isNaN(ts) ? undefined : ts);

function readNetwork(text: string): Network {
  const network = parseNetwork(text);
  if (network) return network;
  throw new Refusal('networks.malformed', `"${text}" is not a network.`, {
    advice: 'Write it as 10.0.0.0/8 or 2001:db8::/32, with no bits set right of the prefix.',
  });
}
