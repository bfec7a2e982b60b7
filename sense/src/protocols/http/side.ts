/** What the parser of HTTP remembers of each direction and each request. */

import type { HttpRecord } from '@forewarn/model/records/network';
import type { Handshake } from '../websocket/handshake.ts';
import { Body, type BodyHost } from './body.ts';
import type { DnsExchange } from './dns.ts';

export const START = 0;
export const HEADERS = 1;
export const LENGTH = 2;
export const CHUNK_SIZE = 3;
export const CHUNK = 4;
export const CHUNK_END = 5;
export const TRAILER = 6;
export const UNTIL_CLOSE = 7;
export const STOPPED = 8;
export type State =
  | typeof START
  | typeof HEADERS
  | typeof LENGTH
  | typeof CHUNK_SIZE
  | typeof CHUNK
  | typeof CHUNK_END
  | typeof TRAILER
  | typeof UNTIL_CLOSE
  | typeof STOPPED;

/** A request with its response, as far as they were seen. */
export type Transaction = {
  record: HttpRecord;
  requested: boolean;
  answered: boolean;
  connect: boolean;
  head: boolean;
  old: boolean;
  handshake?: Handshake;
  /** The request carries an activity of ActivityPub. */
  activity?: boolean;
  /** DNS over HTTP, once a message of it has begun. */
  dns?: DnsExchange;
};

/** What one direction is reading. */
export class Side {
  state: State = START;
  /** A line that began in an earlier segment. */
  line: Uint8Array | undefined = undefined;
  lineLength = 0;
  cut = false;
  headers = 0;
  lastHeader = 0;
  lastName = '';
  lastValue = '';
  contentLength = -1;
  rangeLength = -1;
  rangeStart = 0;
  rangeTotal = -1;
  chunked = false;
  encoding = '';
  /** The content type, where it is one of several parts. */
  parts: string | undefined = undefined;
  name: string | undefined = undefined;
  /** The body is a message of DNS. */
  dns = false;
  /** The body is what somebody wrote to somebody. */
  unread = false;
  upgrade = false;
  upgradeTo = '';
  minor = 0;
  remaining = 0;
  readonly body: Body;
  transaction: Transaction | undefined = undefined;

  constructor(host: BodyHost) {
    this.body = new Body(host);
  }

  reset(): void {
    this.headers = 0;
    this.lastHeader = 0;
    this.contentLength = -1;
    this.rangeLength = -1;
    this.chunked = false;
    this.encoding = '';
    this.rangeStart = 0;
    this.rangeTotal = -1;
    this.parts = undefined;
    this.name = undefined;
    this.dns = false;
    this.unread = false;
    this.upgrade = false;
    this.upgradeTo = '';
    this.remaining = 0;
  }
}

/** A range of a file; where it is compressed besides, its bytes are no longer those of the file. */
export const isRange = (side: Side): boolean => side.rangeLength >= 0 && side.encoding === '';
