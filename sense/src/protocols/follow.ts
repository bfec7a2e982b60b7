/**
 * Which protocol a flow speaks, and its parser's bread: the first bytes of both directions are shown to every protocol
 * of the transport until one says yes or all say no; then the winner gets these bytes and all that follow, and nobody
 * looks at the flow again.
 */

import type { FileOrigin, FileStream } from '../files/files.ts';
import type { Limits } from '../limits.ts';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Emit, ExpectedFlow, FlowView, Protocol, ProtocolParser, Transport } from './protocol.ts';

/** What a flow tells about itself; made when a parser opens. */
export type FlowFacts = {
  uid: string;
  originator: string;
  originatorPort: number;
  responder: string;
  responderPort: number;
};

export type FollowTarget = {
  facts(slot: number): FlowFacts;
  record(log: string, record: AnyRecord): void;
  weird(slot: number, name: string, ts: number, addl: string | undefined, source: string): void;
  confirm(slot: number, service: string): void;
  /** Nobody reads the flow any more. */
  done(slot: number): void;
  isDone(slot: number): boolean;
  expect(flow: ExpectedFlow): void;
  file(slot: number, origin: FileOrigin): FileStream;
  /** A parser threw: our fault, counted and survived. */
  fault(slot: number, service: string, error: unknown, ts: number): void;
};

/** First bytes that wait for a decision, in the order in which they came. A gap has no bytes, but so many that are missing. */
type Held = { direction: 0 | 1; bytes: Uint8Array; ts: number; missing: number };

/** A protocol that may be the flow's, and whether the flow's port is usual for it. */
type Candidate = { readonly protocol: Protocol; readonly usual: boolean };
type Candidates = readonly Candidate[];

/** Where a parser gave way, and to whom. */
type Way = { from: number; service: string | undefined };

class Flow {
  /** Protocols that have not said no; one list serves all flows of a port until somebody does. */
  candidates: Candidates;
  held: Held[] | undefined;
  /** What each direction has sent so far, in one piece, for the probes. */
  starts: [Uint8Array, Uint8Array] | undefined;
  /** Directions of which bytes are missing, as bits: what they send is not their beginning and proves nothing. */
  lost = 0;
  datagrams = 0;
  parser: ProtocolParser | undefined;
  service = '';
  /** Whether originator and responder changed places after the parser had opened. */
  flipped = false;
  /** Set while a parser gives way to another protocol. */
  way: Way | undefined;
  /** What another flow announced of this one. */
  announced: ExpectedFlow | undefined;
  changes = 0;

  constructor(candidates: Candidates) {
    this.candidates = candidates;
  }
}

const nothing = new Uint8Array(0);

/** What a parser holds of its flow: one object for asking and for telling, made when the protocol is decided. */
class Handle implements FlowView, Emit {
  readonly transport: Transport;
  readonly uid: string;
  readonly originatorPort: number;
  readonly responderPort: number;
  readonly announced: ExpectedFlow | undefined;
  readonly #target: FollowTarget;
  readonly #slot: number;
  readonly #facts: FlowFacts;
  readonly #service: string;
  readonly #flow: Flow;

  constructor(
    target: FollowTarget,
    slot: number,
    transport: Transport,
    facts: FlowFacts,
    { service, flow }: { service: string; flow: Flow },
  ) {
    this.transport = transport;
    this.uid = facts.uid;
    this.originatorPort = facts.originatorPort;
    this.responderPort = facts.responderPort;
    this.announced = flow.announced;
    this.#target = target;
    this.#slot = slot;
    this.#facts = facts;
    this.#service = service;
    this.#flow = flow;
  }

  head(ts: number): ReturnType<FlowView['head']> {
    const facts = this.#facts;
    return {
      ts,
      uid: facts.uid,
      'id.orig_h': facts.originator,
      'id.orig_p': facts.originatorPort,
      'id.resp_h': facts.responder,
      'id.resp_p': facts.responderPort,
    };
  }

  record(log: string, record: AnyRecord): void {
    this.#target.record(log, record);
  }

  weird(name: string, ts: number, addl?: string): void {
    this.#target.weird(this.#slot, name, ts, addl, this.#service);
  }

  confirm(service = this.#service): void {
    this.#target.confirm(this.#slot, service);
  }

  giveWay(from: number, service?: string): void {
    this.#flow.way = { from, service };
  }

  expect(flow: ExpectedFlow): void {
    this.#target.expect(flow);
  }

  file(origin: FileOrigin): FileStream {
    return this.#target.file(this.#slot, origin);
  }
}

export class Follow {
  readonly #target: FollowTarget;
  readonly #limits: Limits;
  readonly #byService: ReadonlyMap<string, Protocol>;
  readonly #tcp: Choice;
  readonly #udp: Choice;
  readonly #sctp: Choice;
  readonly #flows: (Flow | undefined)[] = [];
  #heldBytes = 0;

  constructor(list: readonly Protocol[], limits: Limits, target: FollowTarget) {
    const protocols = list.map((protocol) => protocol.anew?.() ?? protocol);
    this.#target = target;
    this.#limits = limits;
    this.#byService = new Map(protocols.map((protocol) => [protocol.service, protocol]));
    const over = (transport: Transport): Protocol[] => protocols.filter((protocol) => protocol.transports.includes(transport));
    this.#tcp = new Choice(over('tcp'), ({ ports }) => ports);
    this.#udp = new Choice(over('udp'), ({ ports }) => ports);
    this.#sctp = new Choice(over('sctp'), ({ payloads = [] }) => payloads);
  }

  /** Bytes held for undecided flows. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** A flow that another told of took the slot. */
  begin(slot: number, announced: ExpectedFlow | undefined): void {
    const protocol = announced && this.#byService.get(announced.service);
    if (!protocol) return;
    const flow = this.#make(slot, [{ protocol, usual: true }]);
    flow.way = { from: 0, service: announced.service };
    flow.announced = announced;
  }

  /** TCP payload in order. */
  stream(slot: number, direction: 0 | 1, bytes: Uint8Array, start: number, end: number, ts: number, responderPort: number): void {
    if (this.#target.isDone(slot) || end <= start) return;
    const flow = this.#flows[slot] ?? this.#make(slot, this.#tcp.at(responderPort));
    if (flow.way) this.#announced(slot, flow, 'tcp');
    if (flow.parser) {
      this.#feed(slot, flow, direction, bytes, start, end, ts);
      const { way } = flow;
      if (way) this.#change(slot, flow, way, 'tcp', direction, bytes, end, ts, responderPort);
      return;
    }
    if ((flow.lost & (1 << direction)) !== 0) {
      // Until the other direction has told the protocol, what follows a gap is as good as missing.
      this.#miss(slot, flow, direction, end - start, ts);
      return;
    }
    const before = flow.starts ? flow.starts[direction] : nothing;
    const room = this.#limits.probeBytesMax - before.length;
    if (room <= 0 || this.#heldBytes + end - start > this.#limits.probeBytesTotalMax) {
      this.#giveUp(slot, flow);
      return;
    }
    // The probes see the start in one piece; most flows decide on their first packet, without any copy.
    let whole = bytes;
    let from = start;
    let to = end;
    if (before.length > 0) {
      whole = new Uint8Array(before.length + end - start);
      whole.set(before);
      whole.set(bytes.subarray(start, end), before.length);
      from = 0;
      to = whole.length;
    }
    const winner = this.#probe(flow, whole, from, to, direction);
    if (winner) {
      this.#decide(slot, flow, winner, 'tcp');
      const waiting = flow.held ?? [];
      this.#release(flow);
      // Through the front door: a parser may give way to another within these very pieces.
      for (const held of waiting) {
        if (held.missing > 0) this.gap(slot, held.direction, held.missing, held.ts);
        else this.stream(slot, held.direction, held.bytes, 0, held.bytes.length, held.ts, responderPort);
      }
      this.stream(slot, direction, bytes, start, end, ts, responderPort);
      return;
    }
    if (flow.candidates.length === 0 || to - from >= this.#limits.probeBytesMax) {
      this.#giveUp(slot, flow);
      return;
    }
    this.#heldBytes += end - start;
    const copy = bytes.slice(start, end);
    flow.starts ??= [nothing, nothing];
    flow.starts[direction] = before.length > 0 ? whole : copy;
    flow.held ??= [];
    const latest = flow.held.at(-1);
    if (latest?.direction === direction && latest.missing === 0) {
      // Neighbours of one direction are one piece: a sender of single bytes costs no more than any other.
      const joined = new Uint8Array(latest.bytes.length + copy.length);
      joined.set(latest.bytes);
      joined.set(copy, latest.bytes.length);
      latest.bytes = joined;
    } else if (flow.held.length >= this.#limits.probePiecesMax) this.#giveUp(slot, flow);
    else flow.held.push({ direction, bytes: copy, ts, missing: 0 });
  }

  /** TCP payload that will not come. */
  gap(slot: number, direction: 0 | 1, length: number, ts: number): void {
    if (this.#target.isDone(slot)) return;
    const flow = this.#flows[slot] ?? this.#make(slot, this.#tcp.at(this.#target.facts(slot).responderPort));
    if (flow.way) this.#announced(slot, flow, 'tcp');
    if (!flow.parser) {
      const unprobed = flow.candidates.find(({ protocol }) => protocol.unprobed);
      if (!unprobed) {
        this.#miss(slot, flow, direction, length, ts);
        return;
      }
      this.#decide(slot, flow, unprobed.protocol, 'tcp');
    }
    try {
      flow.parser?.gap(flow.flipped ? ((1 - direction) as 0 | 1) : direction, length, ts);
    } catch (error) {
      this.#fault(slot, flow, error, ts);
    }
  }

  /** Bytes are missing before the protocol is known: this direction cannot tell it any more, the other still can. */
  #miss(slot: number, flow: Flow, direction: 0 | 1, length: number, ts: number): void {
    flow.lost |= 1 << direction;
    flow.held ??= [];
    const latest = flow.held.at(-1);
    if (latest?.direction === direction && latest.missing > 0) latest.missing += length;
    else flow.held.push({ direction, bytes: nothing, ts, missing: length });
    const waitsInVain = flow.held.at(-1)!.missing > this.#limits.probeBytesMax;
    if (flow.lost === 3 || waitsInVain || flow.held.length > this.#limits.probePiecesMax) this.#giveUp(slot, flow);
  }

  /** One UDP datagram. */
  datagram(
    slot: number,
    direction: 0 | 1,
    bytes: Uint8Array,
    start: number,
    end: number,
    ts: number,
    responderPort: number,
  ): void {
    this.#whole('udp', slot, direction, bytes, start, end, ts, responderPort);
  }

  /** One message of SCTP, of the payload protocol that its sender names. */
  message(
    slot: number,
    direction: 0 | 1,
    bytes: Uint8Array,
    start: number,
    end: number,
    ts: number,
    payloadProtocol: number,
  ): void {
    this.#whole('sctp', slot, direction, bytes, start, end, ts, payloadProtocol);
  }

  /** A datagram or message, which stands alone; `place` is the port or the payload protocol. */
  #whole(
    transport: 'udp' | 'sctp',
    slot: number,
    direction: 0 | 1,
    bytes: Uint8Array,
    start: number,
    end: number,
    ts: number,
    place: number,
  ): void {
    if (this.#target.isDone(slot) || end <= start) return;
    const flow = this.#flows[slot] ?? this.#make(slot, this.#choice(transport).at(place));
    if (flow.way) this.#announced(slot, flow, transport);
    if (!flow.parser) {
      const all = flow.candidates;
      const winner = this.#probe(flow, bytes, start, end, direction);
      if (!winner) {
        // A datagram stands alone: one that nobody knows does not speak for the next.
        flow.candidates = all;
        if (++flow.datagrams >= this.#limits.probeDatagramsMax) this.#giveUp(slot, flow);
        return;
      }
      this.#decide(slot, flow, winner, transport);
    }
    this.#feed(slot, flow, direction, bytes, start, end, ts);
    const { way } = flow;
    if (way) this.#change(slot, flow, way, transport, direction, bytes, end, ts, place);
  }

  /** The roles of the flow were exchanged. */
  flip(slot: number): void {
    const flow = this.#flows[slot];
    if (!flow) return;
    if (flow.parser) flow.flipped = !flow.flipped;
    else {
      flow.starts?.reverse();
      flow.lost = ((flow.lost & 1) << 1) | (flow.lost >> 1);
      for (const held of flow.held ?? []) held.direction = (1 - held.direction) as 0 | 1;
    }
  }

  /** The flow is over. */
  finish(slot: number, ts: number): void {
    const flow = this.#flows[slot];
    if (!flow) return;
    if (flow.parser) {
      try {
        flow.parser.finish(ts);
      } catch (error) {
        this.#fault(slot, flow, error, ts);
      }
    }
    this.#release(flow);
    this.#flows[slot] = undefined;
  }

  #release(flow: Flow): void {
    flow.held = undefined;
    flow.lost = 0;
    if (!flow.starts) return;
    this.#heldBytes -= flow.starts[0].length + flow.starts[1].length;
    flow.starts = undefined;
  }

  #make(slot: number, candidates: Candidates): Flow {
    const flow = new Flow(candidates);
    while (this.#flows.length <= slot) this.#flows.push(undefined);
    this.#flows[slot] = flow;
    return flow;
  }

  /** Asks the candidates, those that are usual on the port first; who says no is not asked again. */
  #probe(flow: Flow, bytes: Uint8Array, start: number, end: number, direction: 0 | 1): Protocol | undefined {
    const { candidates } = flow;
    let left: Candidate[] | undefined;
    for (const candidate of candidates) {
      const answer = candidate.protocol.probe(bytes, start, end, direction, candidate.usual);
      if (answer === 'yes') return candidate.protocol;
      if (answer === 'more') (left ??= []).push(candidate);
    }
    flow.candidates = left ?? nobody;
    return undefined;
  }

  /** The first bytes of a flow that another announced: its protocol is known. */
  #announced(slot: number, flow: Flow, transport: Transport): void {
    const { protocol } = flow.candidates[0]!;
    flow.way = undefined;
    this.#decide(slot, flow, protocol, transport);
  }

  /** A parser gave way: it is finished, and what follows is another's. */
  #change(
    slot: number,
    flow: Flow,
    way: Way,
    transport: Transport,
    direction: 0 | 1,
    bytes: Uint8Array,
    end: number,
    ts: number,
    responderPort: number,
  ): void {
    flow.way = undefined;
    try {
      flow.parser?.finish(ts);
    } catch (error) {
      this.#fault(slot, flow, error, ts);
      return;
    }
    flow.parser = undefined;
    flow.flipped = false;
    const protocol = way.service === undefined ? undefined : this.#byService.get(way.service);
    if (++flow.changes > this.#limits.protocolChangesMax || (way.service !== undefined && !protocol)) {
      this.#giveUp(slot, flow);
      return;
    }
    flow.datagrams = 0;
    if (protocol) this.#decide(slot, flow, protocol, transport);
    else flow.candidates = this.#choice(transport).at(responderPort);
    if (transport === 'tcp') this.stream(slot, direction, bytes, way.from, end, ts, responderPort);
    else this.#whole(transport, slot, direction, bytes, way.from, end, ts, responderPort);
  }

  #choice(transport: Transport): Choice {
    return transport === 'tcp' ? this.#tcp : transport === 'udp' ? this.#udp : this.#sctp;
  }

  #decide(slot: number, flow: Flow, protocol: Protocol, transport: Transport): void {
    const target = this.#target;
    const facts = target.facts(slot);
    const handle = new Handle(target, slot, transport, facts, { service: protocol.service, flow });
    flow.service = protocol.service;
    try {
      flow.parser = protocol.open(handle, handle);
    } catch (error) {
      this.#fault(slot, flow, error, 0);
    }
  }

  #feed(slot: number, flow: Flow, direction: 0 | 1, bytes: Uint8Array, start: number, end: number, ts: number): void {
    try {
      flow.parser?.data(flow.flipped ? ((1 - direction) as 0 | 1) : direction, bytes, start, end, ts);
    } catch (error) {
      this.#fault(slot, flow, error, ts);
    }
  }

  #fault(slot: number, flow: Flow, error: unknown, ts: number): void {
    flow.parser = undefined;
    this.#giveUp(slot, flow);
    this.#target.fault(slot, flow.service, error, ts);
  }

  #giveUp(slot: number, flow: Flow): void {
    this.#release(flow);
    this.#target.done(slot);
    this.#flows[slot] = undefined;
  }
}

const nobody: Candidates = [];

/** The protocols of one transport in the order in which they are asked: of each port or payload protocol, those that are usual there first. */
class Choice {
  readonly #elsewhere: Candidates;
  readonly #ports = new Map<number, Candidates>();

  constructor(protocols: readonly Protocol[], places: (protocol: Protocol) => readonly number[]) {
    this.#elsewhere = protocols.map((protocol) => ({ protocol, usual: false }));
    for (const port of new Set(protocols.flatMap(places))) {
      const usual = protocols.filter((protocol) => places(protocol).includes(port));
      const others = protocols.filter((protocol) => !usual.includes(protocol));
      this.#ports.set(port, [
        ...usual.map((protocol) => ({ protocol, usual: true })),
        ...others.map((protocol) => ({ protocol, usual: false })),
      ]);
    }
  }

  get empty(): boolean {
    return this.#elsewhere.length === 0;
  }

  at(port: number): Candidates {
    return this.#ports.get(port) ?? this.#elsewhere;
  }
}
