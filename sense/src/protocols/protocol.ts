/**
 * What a protocol is to the engine.
 *
 * The engine follows flows and puts TCP back in order; a protocol is asked once whether the first bytes of a flow are
 * its own, and if so is handed every byte after them. It answers with records and with oddities, never with an
 * exception: the bytes come from whoever sent them.
 *
 *     protocols/dns/   dns.ts   names.ts   dns.test.ts   cases/   README.md
 *
 * A new protocol is such a folder and one line in `index.ts`.
 */

import type { Seconds } from '@forewarn/base/time';
import type { FileOrigin, FileStream } from '../files/files.ts';
import type { AnyRecord } from '@forewarn/model/records/record';

export type Transport = 'tcp' | 'udp' | 'sctp';

/** 0: from the originator to the responder; 1: the other way. */
export type Direction = 0 | 1;

/** What a protocol may ask about the flow it reads. The texts are made on first use, once a flow. */
export type FlowView = {
  readonly transport: Transport;
  readonly uid: string;
  /** `{ ts, uid, 'id.orig_h', … }` with `ts` the given instant: the head of a record. */
  head(ts: Seconds): {
    ts: number;
    uid: string;
    'id.orig_h': string;
    'id.orig_p': number;
    'id.resp_h': string;
    'id.resp_p': number;
  };
  readonly originatorPort: number;
  readonly responderPort: number;
  /** What another flow announced of this one. */
  readonly announced: ExpectedFlow | undefined;
};

export type Emit = {
  /** Writes a record of the named log; the object is the caller's to give away. */
  record(log: string, record: AnyRecord): void;
  /** Writes a `weird` record for this flow; `name` stands in the catalogue `oddities.ts`. */
  weird(name: string, ts: Seconds, addl?: string): void;
  /** The protocol is certain that the flow is its own: its `service`, or the named one it reads within, joins `conn.service`. */
  confirm(service?: string): void;
  /**
   * Only within `data`: from byte `from` of the piece at hand on, both directions speak another protocol – the named one, or
   * whatever their first bytes show (TLS after STARTTLS, anything behind a proxy). In UDP `from` is where the datagram at hand
   * begins, which is the other protocol's already (DTLS behind the first messages of a call). This parser is finished and called no more.
   */
  giveWay(from: number, service?: string): void;
  /** A flow that was announced in this one (the data of FTP): when it comes, the named protocol reads it, whatever its bytes are. */
  expect(flow: ExpectedFlow): void;
  /** Begins a file that this flow carries. Its bytes are hashed and typed and never kept; `end` writes the `files` record. */
  file(origin: FileOrigin): FileStream;
};

/** Where a flow that was announced will arrive, and until when it is waited for. */
export type ExpectedFlow = {
  transport: Transport;
  /** The responder, as an address is written in records. */
  host: string;
  port: number;
  service: string;
  until: Seconds;
  /** Set by the protocol of that flow: the latest file in it, for the record of the flow that announced it. */
  file?: FileStream;
  /** Media: the clock of each payload type in Hz, as the announcement names it. */
  clockRates?: ReadonlyMap<number, number>;
};

/** One flow's parser. `bytes[start, end)` is valid only during the call: copy what must be kept. */
export type ProtocolParser = {
  /** TCP: the next bytes in order. UDP: one whole datagram. SCTP: one whole message. */
  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void;
  /** TCP only: this many bytes are missing and will not come. */
  gap(direction: Direction, length: number, ts: Seconds): void;
  /** The flow is over, by FIN, RST, time or the end of the input: write what is still held. */
  finish(ts: Seconds): void;
};

export type Probe = 'yes' | 'no' | 'more';

export type Protocol = {
  /** Zeek's analyzer name in lower case, as it stands in `conn.service`: `dns`, `http`, `ssl`, `modbus`. */
  readonly service: string;
  /** Names of the logs it writes. */
  readonly logs: readonly string[];
  readonly transports: readonly Transport[];
  /** Responder ports on which it is usual: asked first there, and believed with weaker proof. Never required. */
  readonly ports: readonly number[];
  /** Over SCTP: payload protocol identifiers that are its own. They do there what ports do elsewhere. */
  readonly payloads?: readonly number[];
  /**
   * Are these the first bytes of a flow of this protocol? `more` asks to be called again with a longer start (TCP
   * only; the engine stops at `probeBytesMax`). Always `no`: it reads only flows that another protocol announces or gives way to.
   */
  probe(bytes: Uint8Array, start: number, end: number, direction: Direction, usualPort: boolean): Probe;
  /** Reads from whatever comes first, even a gap: for who looks at payload whatever it speaks. Without it a gap at the beginning proves nothing. */
  readonly unprobed?: true;
  open(flow: FlowView, emit: Emit): ProtocolParser;
  /**
   * Only where flows are joined (DHCP): the same protocol with an empty table of its own. Each engine asks for one, so that two
   * captures never mix; a protocol that keeps nothing between flows needs none.
   */
  anew?(): Protocol;
};
