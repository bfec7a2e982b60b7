/**
 * The handshake of WebSocket, which stands in headers of HTTP (RFC 6455 §4). The parser of HTTP shows them here and, once
 * the server has agreed, asks for the record.
 */

import { hash } from 'node:crypto';
import type { Seconds } from '@forewarn/base/time';
import type { HttpRecord } from '@forewarn/model/records/network';
import type { WebsocketRecord } from '@forewarn/model/records/websocket';
import type { Direction, Emit, FlowView } from '../protocol.ts';

/** Headers of the handshake; names in lower case. */
export const handshakeHeaders = [
  'sec-websocket-protocol',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-accept',
] as const;

/** Entries of each list; no client offers as many. */
const entriesMax = 32;

/** What the server joins to the key of the client (§1.3). */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export class Handshake {
  #key: string | undefined;
  #accept: string | undefined;
  #subprotocol: string | undefined;
  #clientProtocols: string[] | undefined;
  #clientExtensions: string[] | undefined;
  #serverExtensions: string[] | undefined;

  /** Takes one of `handshakeHeaders`. */
  header(direction: Direction, name: string, value: string, ts: Seconds, emit: Emit): void {
    if (name === 'sec-websocket-key' && direction === 0) {
      if (this.#key !== undefined) emit.weird('websocket_multiple_key_headers', ts);
      this.#key = value;
    } else if (name === 'sec-websocket-accept' && direction === 1) {
      if (this.#accept !== undefined) emit.weird('websocket_multiple_accept_headers', ts);
      this.#accept = value;
    } else if (name === 'sec-websocket-protocol') {
      if (direction === 0) append((this.#clientProtocols ??= []), value);
      else {
        if (this.#subprotocol !== undefined) emit.weird('websocket_multiple_protocol_headers', ts);
        this.#subprotocol = value;
      }
    } else if (name === 'sec-websocket-extensions') {
      if (direction === 0) append((this.#clientExtensions ??= []), value);
      else append((this.#serverExtensions ??= []), value);
    }
  }

  /** The record of the connection, with what the server's answer shows to be wrong. */
  agreed(flow: FlowView, emit: Emit, asked: HttpRecord, ts: Seconds): WebsocketRecord {
    if (this.#key === undefined) emit.weird('websocket_missing_key_header', ts);
    if (this.#accept === undefined) emit.weird('websocket_missing_accept_header', ts);
    if (this.#key !== undefined && this.#accept !== undefined) {
      const expected = hash('sha1', this.#key + guid, 'base64');
      if (this.#accept !== expected) {
        emit.weird('websocket_wrong_accept_header', ts, `expected=${expected}, found=${this.#accept.slice(0, 64)}`);
      }
    }
    const record = flow.head(ts) as WebsocketRecord;
    if (asked.host !== undefined) record.host = asked.host;
    if (asked.uri !== undefined) record.uri = asked.uri;
    if (asked.user_agent !== undefined) record.user_agent = asked.user_agent;
    if (this.#subprotocol !== undefined) record.subprotocol = this.#subprotocol;
    if (this.#clientProtocols) record.client_protocols = this.#clientProtocols;
    if (this.#serverExtensions) record.server_extensions = this.#serverExtensions;
    if (this.#clientExtensions) record.client_extensions = this.#clientExtensions;
    return record;
  }
}

function append(list: string[], value: string): void {
  for (const entry of value.split(',')) if (list.length < entriesMax) list.push(entry.trim());
}
