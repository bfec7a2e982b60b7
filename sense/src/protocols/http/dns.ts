/**
 * DNS over HTTPS (RFC 8484) where HTTP is seen in clear, as between a proxy that ends TLS and its resolver: the question is
 * the body of a POST or `?dns=` of a GET, the answer the body of the response. It is read as any other DNS.
 */

import type { Seconds } from '@forewarn/base/time';
import { dns } from '../dns/dns.ts';
import type { Direction, Emit, FlowView, ProtocolParser } from '../protocol.ts';

/** RFC 8484 §6: no longer message fits the media type. */
export const dnsBytesMax = 65_535;

/** What is taken at first of a body whose length is not known; most answers fit. */
const firstBytes = 512;

export const isDnsMessage = (contentType: string): boolean => /^application\/dns-message\s*(?:;|$)/i.test(contentType);

/** The two messages of one exchange. */
export class DnsExchange {
  readonly #parser: ProtocolParser;
  #bytes: Uint8Array = new Uint8Array(firstBytes);
  #length = 0;
  /** A body was longer than any message, or has holes. */
  #lost = false;

  constructor(flow: FlowView, emit: Emit) {
    // Each body is one whole message, as a datagram is; the record names the transport that carried it.
    const view: FlowView = {
      transport: 'udp',
      uid: flow.uid,
      originatorPort: flow.originatorPort,
      responderPort: flow.responderPort,
      announced: undefined,
      head: (ts) => flow.head(ts),
    };
    this.#parser = dns.open(view, {
      record: (log, record) => emit.record(log, { ...record, proto: flow.transport }),
      weird: (name, ts, addl) => emit.weird(name, ts, addl),
      confirm: () => emit.confirm('dns'),
      giveWay: () => {},
      expect: () => {},
      file: (origin) => emit.file(origin),
    });
  }

  /** The next bytes of a body, its coding undone. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const need = this.#length + end - start;
    if (this.#lost || need > dnsBytesMax) {
      this.#lost = true;
      return;
    }
    if (need > this.#bytes.length) {
      const larger = new Uint8Array(Math.min(dnsBytesMax, need * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(start, end), this.#length);
    this.#length = need;
  }

  /** The body of this direction is over; one that is not whole is no message. */
  end(direction: Direction, whole: boolean, ts: Seconds): void {
    if (whole && !this.#lost && this.#length > 0) this.#parser.data(direction, this.#bytes, 0, this.#length, ts);
    this.#length = 0;
    this.#lost = false;
  }

  /** The question in the target of a GET (§4.1), in base64url. */
  question(target: string, ts: Seconds): void {
    const encoded = /[?&]dns=([\w-]{16,})/.exec(target)?.[1];
    if (encoded === undefined) return;
    const bytes = Buffer.from(encoded, 'base64url');
    this.#parser.data(0, bytes, 0, bytes.length, ts);
  }

  finish(ts: Seconds): void {
    this.#parser.finish(ts);
  }
}
