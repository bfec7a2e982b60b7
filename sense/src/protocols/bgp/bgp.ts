/**
 * BGP-4 (RFC 4271) over TCP: OPEN, NOTIFICATION and ROUTE-REFRESH as `bgp_session`, UPDATE as `bgp_update`, KEEPALIVE counted in the `bgp_session` that
 * ends the flow. Routes of MRT files are read by the same parsers (`logs/mrt`).
 */

import type { Seconds } from '@forewarn/base/time';
import type { BgpSessionRecord } from '@forewarn/model/records/bgp';
import type { AnyRecord } from '@forewarn/model/records/record';
import { word16 } from '../digits.ts';
import { Frames, type FrameTaker } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { asPathMax } from './as-path.ts';
import { fits, headerBytes, messageBytesMax, plainBytesMax, readMessage, Session } from './message.ts';
import { capabilitiesMax } from './open.ts';
import { KEEPALIVE, UPDATE } from './names.ts';
import { updateLimits, type Head, type Reader } from './update.ts';

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'bgp.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes, kept of one direction while it is incomplete',
    why: 'The longest message of RFC 8654; without its capability it is 4,096, and only so much is ever kept of those.',
  },
  ...updateLimits,
  {
    name: 'bgp.asPathMax',
    value: asPathMax,
    unit: 'autonomous systems in one path',
    why: 'Paths on the Internet have four or five, the longest seen, with repetitions, some hundreds; beyond it the text ends, the origin is still that of the whole path.',
  },
  {
    name: 'bgp.capabilitiesMax',
    value: capabilitiesMax,
    unit: 'capabilities and families of one OPEN',
    why: 'Some thirty capabilities and as many families are assigned.',
  },
] as const;

/** What one direction has carried. */
type Count = { keepalives: number; updates: number; announced: number; withdrawn: number };
const nothing = (): Count => ({ keepalives: 0, updates: 0, announced: 0, withdrawn: 0 });

class BgpParser implements ProtocolParser, FrameTaker, Reader {
  readonly #flow: FlowView;
  readonly #emit: Emit;
  readonly #frames: readonly [Frames, Frames] = [new Frames(messageBytesMax), new Frames(messageBytesMax)];
  readonly #session = new Session();
  readonly #counts: readonly [Count, Count] = [nothing(), nothing()];
  readonly #told = new Set<string>();
  #direction: Direction = 0;
  #first: Seconds | undefined;
  #ts: Seconds = 0;

  constructor(flow: FlowView, emit: Emit) {
    this.#flow = flow;
    this.#emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.#frames[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.#frames[direction].gap(this, direction, length, ts);
  }

  finish(): void {
    for (const frames of this.#frames) frames.stop();
    if (this.#first === undefined) return;
    const [orig, resp] = this.#counts;
    const record: BgpSessionRecord = {
      ...this.#flow.head(this.#ts),
      event: 'end',
      orig_keepalives: orig.keepalives,
      resp_keepalives: resp.keepalives,
      orig_updates: orig.updates,
      resp_updates: resp.updates,
      orig_announced: orig.announced,
      resp_announced: resp.announced,
      orig_withdrawn: orig.withdrawn,
      resp_withdrawn: resp.withdrawn,
      duration: Math.round((this.#ts - this.#first) * 1e6) / 1e6,
    };
    this.#emit.record('bgp_session', record);
  }

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    for (let at = start; at < Math.min(end, start + 16); at++) if (bytes[at] !== 0xff) return -1;
    if (end - start < headerBytes) return 0;
    const length = word16(bytes, start + 16);
    return fits(bytes[start + 18]!, length) ? length : -1;
  }

  frameShown(_bytes: Uint8Array, _start: number, _end: number, length: number): number {
    return length;
  }

  frame(direction: Direction, bytes: Uint8Array, start: number, end: number, _length: number, ts: Seconds): void {
    if (this.#first === undefined) {
      this.#first = ts;
      this.#emit.confirm();
    }
    this.#direction = direction;
    this.#ts = ts;
    const { type, opened, tally } = readMessage(bytes, start, end, this.#session.reading(direction), this);
    const count = this.#counts[direction];
    if (opened) this.#session.opened[direction] = opened;
    if (type === KEEPALIVE) count.keepalives++;
    else if (type === UPDATE) count.updates++;
    if (tally) {
      count.announced += tally.announced;
      count.withdrawn += tally.withdrawn;
    }
  }

  frameRest(): void {}
  frameMissing(): void {}

  frameLost(_direction: Direction, gap: boolean, ts: Seconds): void {
    this.#ts = ts;
    if (!gap) this.odd('bgp_malformed_message');
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return this.frameLength(bytes, start, end) > 0;
  }

  head(): Head {
    const direction = this.#direction;
    const head = this.#flow.head(this.#ts);
    const [orig, resp] = [head['id.orig_h'], head['id.resp_h']];
    const { opened } = this.#session;
    const asn = opened[direction]?.fields.asn;
    const other = opened[direction === 0 ? 1 : 0]?.fields.asn;
    return {
      ...head,
      is_orig: direction === 0,
      peer_ip: direction === 0 ? orig : resp,
      ...(asn === undefined ? {} : { peer_asn: asn }),
      local_ip: direction === 0 ? resp : orig,
      ...(other === undefined ? {} : { local_asn: other }),
    };
  }

  record(log: string, record: AnyRecord): void {
    this.#emit.record(log, record);
  }

  odd(name: string, addl?: string): void {
    if (this.#told.has(name)) return;
    this.#told.add(name);
    this.#emit.weird(name, this.#ts, addl);
  }

  shortened(): void {}
}

function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, _usualPort: boolean): Probe {
  const seen = Math.min(end, start + 16);
  for (let at = start; at < seen; at++) if (bytes[at] !== 0xff) return 'no';
  if (end - start < headerBytes) return 'more';
  const length = word16(bytes, start + 16);
  // The first message of a flow is no longer than any without extensions.
  return length <= plainBytesMax && fits(bytes[start + 18]!, length) ? 'yes' : 'no';
}

export const bgp: Protocol = {
  service: 'bgp',
  logs: ['bgp_session', 'bgp_update'],
  transports: ['tcp'],
  ports: [179],
  probe,
  open: (flow, emit) => new BgpParser(flow, emit),
};
