/**
 * The host's side of the core: the part of the engine that sees every packet, compiled to WebAssembly from `sense/core`. It counts
 * packets in flows and follows TCP; the host is called for payload that somebody reads, for what is odd, and for flows that are over.
 *
 * The flow table lies in the memory that both see, and is read here as `words` and `doubles`, in the layout of `flow/layout.ts`.
 */

import { stride } from '../flow/layout.ts';
import { likelyTcpServer, likelyUdpServer } from '../flow/ports.ts';
import * as places from './places.ts';
import { wasm } from './wasm.ts';

/** What the core calls; `sense/core/host.ts` says when. Bytes are places in `Core.bytes`. */
export type CoreHost = {
  data(slot: number, direction: 0 | 1, start: number, end: number): void;
  datagram(slot: number, direction: 0 | 1, start: number, end: number, port: number): void;
  outOfOrder(slot: number, direction: 0 | 1, from: number, sequence: number, length: number, payload: number): void;
  giveUp(slot: number, direction: 0 | 1, upTo: number): void;
  gap(slot: number, direction: 0 | 1, length: number): void;
  oddity(slot: number, number: number): void;
  flipped(slot: number): void;
  began(slot: number, fresh: 0 | 1): void;
  ended(slot: number): void;
  full(): void;
  frame(start: number, end: number, wireLength: number, ts: number): void;
  counted(slot: number): void;
  /** 1 when the datagram is a carrier's, whose payload nobody else reads. */
  carried(slot: number, direction: 0 | 1, port: number, start: number, end: number, wireEnd: number): 0 | 1;
};

/** What the core does; `sense/core/core.ts` says how. */
export type CoreCalls = {
  begin(seed: number, flowsMax: number): void;
  configure(verify: boolean, readsTcp: boolean, readsUdp: boolean, traces: boolean, part: number, parts: number): void;
  longWayOnly(on: boolean): void;
  announce(on: boolean, tunnels: number): void;
  elsewhere(ports: number): 0 | 1;
  run(from: number, end: number, headerBytes: number, recordBytesMax: number, fraction: number): number;
  datagram(
    here: number,
    end: number,
    wireEnd: number,
    protocol: number,
    six: number,
    ipBytes: number,
    vlans: number,
    ts: number,
  ): void;
  other(ipBytes: number, vlans: number, ts: number): number;
  way(): 0 | 1;
  advance(ts: number): void;
  remove(slot: number): void;
  lose(slot: number, direction: 0 | 1, length: number): void;
  note(slot: number, number: number, ts: number): void;
  sizeOf(slot: number, endpoint: number): number;
  readonly packets: { value: number };
  readonly inFlows: { value: number };
  readonly first: { value: number };
  readonly last: { value: number };
  readonly nextTick: { readonly value: number };
  readonly count: { readonly value: number };
  readonly tick: { readonly value: number };
};

// The part of WebAssembly's interface that is needed: Node has it, and its types do not.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (of: { initial: number; maximum: number }) => Memory;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};
type Memory = { readonly buffer: ArrayBuffer };

/** Bytes of a page of WebAssembly. */
const pageBytes = 65_536;

/** Memories of ended readings, to be used again: a fuzzer makes thousands of engines, and each memory takes address space. */
const spare: { memory: Memory; pages: number }[] = [];
const spareMax = 4;

let compiled: object | undefined;

export class Core {
  /** For tests: segments take the long way only, which must give what the short way gives. */
  static longWayOnly = false;

  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly key: Int32Array;
  readonly wheel: Int32Array;
  readonly call: CoreCalls;
  readonly #now: Float64Array;
  readonly #memory: Memory;
  readonly #pages: number;

  /** Flows at a time: as many as were asked for, as far as there is room. */
  readonly flowsMax: number;

  constructor(flowsMax: number, host: CoreHost) {
    this.flowsMax = Math.max(1, Math.min(flowsMax, places.flowsRoom - places.carriersRoom));
    const flows = this.flowsMax + places.carriersRoom;
    this.#pages = Math.ceil((places.tableAt + flows * stride * 4) / pageBytes);
    const found = spare.findIndex(({ pages }) => pages === this.#pages);
    // Pages that are never touched take no memory.
    this.#memory =
      found >= 0 ? spare.splice(found, 1)[0]!.memory : new WebAssembly.Memory({ initial: this.#pages, maximum: this.#pages });
    const { buffer } = this.#memory;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer, places.tableAt);
    this.doubles = new Float64Array(buffer, places.tableAt);
    this.key = new Int32Array(buffer, places.keyAt, 10);
    this.wheel = new Int32Array(buffer, places.wheelAt, places.wheelSize);
    this.#now = new Float64Array(buffer, places.nowAt, 1);
    if (found < 0) {
      for (let port = 0; port < 65_536; port++) {
        this.bytes[places.serversAt + port] = (likelyTcpServer(port) ? 1 : 0) | (likelyUdpServer(port) ? 2 : 0);
      }
    }
    compiled ??= new WebAssembly.Module(Buffer.from(wasm, 'base64'));
    const env = { memory: this.#memory };
    this.call = new WebAssembly.Instance(compiled, { env, host }).exports as CoreCalls;
    this.call.longWayOnly(Core.longWayOnly);
  }

  /** When the packet at hand was captured, seconds. */
  get now(): number {
    return this.#now[0]!;
  }

  /** The reading is over: the memory is another's. */
  release(): void {
    if (spare.length < spareMax) spare.push({ memory: this.#memory, pages: this.#pages });
  }
}
