/**
 * HTTP/1.0 and 1.1, requests and responses, written as Zeek's `http.log` writes them: one record for each request with
 * its response. Each direction is a small state machine over lines and bodies:
 *
 *     start line ─▶ headers ─▶ body by length ───────────────┐
 *                          ├─▶ chunk size ⇄ chunk ─▶ trailer ├─▶ start line
 *                          ├─▶ body until the connection ends │
 *                          └─▶ no body ───────────────────────┘
 *
 * Bodies pass into files, which are hashed and never kept. Passwords are never kept.
 */

import type { Seconds } from '@forewarn/base/time';
import type { HttpRecord } from '@forewarn/model/records/network';
import type { TunnelRecord } from '@forewarn/model/records/tunnels';
import { contentLogs } from '../../files/contents/contents.ts';
import type { FileOrigin, FileStream } from '../../files/files.ts';
import { fileNameOf } from '../../files/name.ts';
import type { Direction, Emit, FlowView, Protocol, ProtocolParser } from '../protocol.ts';
import { textOf } from '../text.ts';
import { Body, type BodyHost, inflatersMax, namedFilesMax } from './body.ts';
import { inflatedFreeBytes, inflationMax } from './inflate.ts';
import { Negotiation, tokenAt } from './negotiate.ts';
import {
  AUTHENTICATE,
  AUTHORIZATION,
  basicUser,
  CONNECTION,
  CONTENT_DISPOSITION,
  CONTENT_ENCODING,
  CONTENT_LENGTH,
  CONTENT_RANGE,
  CONTENT_TYPE,
  contentLength,
  contentRange,
  digestUser,
  headersByLength,
  HOST,
  ORIGIN,
  PROXY,
  REFERER,
  TRANSFER_ENCODING,
  UPGRADE,
  USER_AGENT,
  value,
  valueBytesMax,
  WEBSOCKET,
} from './headers.ts';
import { hasBlank, hexDigit, isBlank, isDigit, isTokenByte, matches, versionNumber } from './letters.ts';
import { DnsExchange, dnsBytesMax, isDnsMessage } from './dns.ts';
import { isActivity, isOfMatrix, takeFederation } from './federation.ts';
import { methods, probe } from './probe.ts';
import { RangedFile } from './ranges.ts';
import {
  CHUNK,
  CHUNK_END,
  CHUNK_SIZE,
  HEADERS,
  isRange,
  LENGTH,
  Side,
  START,
  STOPPED,
  TRAILER,
  type Transaction,
  UNTIL_CLOSE,
} from './side.ts';
import { openHttp2 } from '../http2/http2.ts';
import { Handshake } from '../websocket/handshake.ts';

/** Apache and nginx refuse lines beyond 8 KiB, IIS beyond 16 KiB; what is longer is cut and the rest skipped. */
const lineBytesMax = 16_384;

/** Apache takes 100 header lines (LimitRequestFields); those beyond are passed over. */
const headersMax = 256;

/** Zeek's max_pending_requests: more unanswered requests mean that the other direction is not seen. */
const pendingMax = 100;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'http.lineBytesMax',
    value: lineBytesMax,
    unit: 'bytes',
    why: 'Apache and nginx refuse lines beyond 8 KiB, IIS beyond 16 KiB; a longer line is cut.',
  },
  {
    name: 'http.headersMax',
    value: headersMax,
    unit: 'lines per message',
    why: 'Apache takes 100; those beyond are passed over.',
  },
  { name: 'http.valueBytesMax', value: valueBytesMax, unit: 'bytes per field', why: 'Zeek 8 cuts text fields at this length.' },
  {
    name: 'http.pendingMax',
    value: pendingMax,
    unit: 'unanswered requests per flow',
    why: "Zeek's max_pending_requests; the oldest is written when it is reached.",
  },
  {
    name: 'http.dnsBytesMax',
    value: dnsBytesMax,
    unit: 'bytes per body',
    why: 'RFC 8484 §6: the longest message of DNS over HTTPS, where its HTTP is seen in clear.',
  },
  {
    name: 'http.namedFilesMax',
    value: namedFilesMax,
    unit: 'files per message',
    why: "Zeek's max_files_orig and max_files_resp: files that the record of a message names; all have records of their own.",
  },
  {
    name: 'http.inflatersMax',
    value: inflatersMax,
    unit: 'bodies',
    why: 'Compressed bodies unpacked at a time, 64 KiB each; the oldest makes room and is counted as far as it was unpacked.',
  },
  {
    name: 'http.inflatedFreeBytes',
    value: inflatedFreeBytes,
    unit: 'bytes per body',
    why: 'What a compressed body may become before its growth is looked at.',
  },
  {
    name: 'http.inflationMax',
    value: inflationMax,
    unit: 'bytes of content per byte',
    why: 'Beyond that: logs and tables reach 50, a bomb 1,000. The rest of the body is not unpacked.',
  },
] as const;

class HttpParser implements ProtocolParser, BodyHost {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly sides: readonly [Side, Side] = [new Side(this), new Side(this)];
  private ranged: RangedFile | undefined = undefined;
  /** Requests whose response is not complete, oldest first. */
  private pending: Transaction[] = [];
  private depth = 0;
  private responsesAlone = 0;
  private requestVersion = -1;
  private replyVersion = -1;
  private confirmed = false;
  /** Logins by NTLM or Kerberos, once a token was met. */
  private negotiation: Negotiation | undefined;
  /** After CONNECT or an upgrade the flow is another protocol's. */
  private handedOver = false;
  private successor: string | undefined = undefined;
  /** After an upgrade to HTTP/2, whose first stream answers the request that stood here. */
  private heir: ProtocolParser | undefined = undefined;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.heir) {
      this.heir.data(direction, bytes, start, end, ts);
      return;
    }
    const side = this.sides[direction];
    let at = start;
    while (at < end && !this.handedOver) {
      switch (side.state) {
        case LENGTH:
        case CHUNK: {
          const length = Math.min(side.remaining, end - at);
          side.body.add(bytes, at, at + length, ts);
          side.remaining -= length;
          at += length;
          if (side.remaining === 0) {
            if (side.state === LENGTH) this.messageDone(direction, side, ts);
            else side.state = CHUNK_END;
          }
          break;
        }
        case UNTIL_CLOSE:
          // GET is all that HTTP/0.9 has, and a path all that it asks for (RFC 1945 §5.1): with an answer that is proof.
          if (!this.confirmed && side.transaction?.old && side.transaction.record.method === 'GET') this.confirm();
          side.body.add(bytes, at, end, ts);
          return;
        case STOPPED:
          return;
        default: {
          let stop = at;
          while (stop < end && bytes[stop] !== 0x0a) stop++;
          if (stop === end) {
            this.keep(side, bytes, at, end, ts);
            return;
          }
          if (side.lineLength > 0) {
            this.keep(side, bytes, at, stop, ts);
            const length = side.lineLength;
            side.lineLength = 0;
            side.cut = false;
            this.line(direction, side, side.line!, 0, length, ts);
          } else {
            this.line(direction, side, bytes, at, stop, ts);
          }
          at = stop + 1;
          if (this.handedOver) this.pass(direction, bytes, at, end, ts);
        }
      }
    }
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.heir?.gap(direction, length, ts);
    if (this.handedOver) return;
    const side = this.sides[direction];
    if (side.state === UNTIL_CLOSE) {
      side.body.skip(length, ts);
      return;
    }
    if ((side.state === LENGTH || side.state === CHUNK) && length <= side.remaining) {
      side.body.skip(length, ts);
      side.remaining -= length;
      if (side.remaining === 0) {
        if (side.state === LENGTH) this.messageDone(direction, side, ts);
        else side.state = CHUNK_END;
      }
      return;
    }
    // A boundary is lost. What the other direction says can still be read.
    this.interrupt(direction, side, ts);
    side.state = STOPPED;
  }

  finish(ts: Seconds): void {
    this.interrupt(0, this.sides[0], ts);
    this.interrupt(1, this.sides[1], ts);
    this.endRanged(ts);
    this.negotiation?.finish();
    for (const transaction of this.pending) this.write(transaction, ts);
    this.pending = [];
    this.heir?.finish(ts);
  }

  /** Adds to a line that a segment has cut, up to the ceiling. */
  private keep(side: Side, bytes: Uint8Array, at: number, end: number, ts: Seconds): void {
    const room = lineBytesMax - side.lineLength;
    if (end - at > room && !side.cut) {
      side.cut = true;
      this.emit.weird('contentline_size_exceeded', ts);
    }
    const length = Math.min(end - at, room);
    if (length === 0) return;
    const need = side.lineLength + length;
    if (side.line === undefined || side.line.length < need) {
      const larger = new Uint8Array(Math.min(lineBytesMax, Math.max(256, need * 2)));
      if (side.line) larger.set(side.line.subarray(0, side.lineLength));
      side.line = larger;
    }
    side.line.set(bytes.subarray(at, at + length), side.lineLength);
    side.lineLength = need;
  }

  /** One line without its LF. */
  private line(direction: Direction, side: Side, bytes: Uint8Array, start: number, stop: number, ts: Seconds): void {
    let end = stop;
    if (end > start && bytes[end - 1] === 0x0d) end--;
    if (end - start > lineBytesMax) {
      end = start + lineBytesMax;
      this.emit.weird('contentline_size_exceeded', ts);
    }
    switch (side.state) {
      case START:
        if (direction === 0) this.requestLine(side, bytes, start, end, ts);
        else this.statusLine(side, bytes, start, end, ts);
        return;
      case HEADERS:
        if (end === start) this.headersDone(direction, side, ts);
        else this.header(direction, side, bytes, start, end, ts);
        return;
      case CHUNK_SIZE:
        this.chunkSize(side, bytes, start, end, ts);
        return;
      case CHUNK_END:
        side.state = CHUNK_SIZE;
        if (end > start) this.emit.weird('HTTP_inaccurate_chunk_size', ts);
        return;
      case TRAILER:
        if (end === start) this.messageDone(direction, side, ts);
    }
  }

  private requestLine(side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    // An empty line between requests is tolerated (RFC 9112 §2.2).
    if (end === start) return;
    let methodEnd = start;
    while (methodEnd < end && isTokenByte(bytes[methodEnd]!)) methodEnd++;
    let at = methodEnd;
    while (at < end && isBlank(bytes[at]!)) at++;
    if (methodEnd === start || at === methodEnd) {
      const saysVersion = methodEnd === start && end - start >= 9 && matches(bytes, end - 9, ' http/');
      this.notRequest(side, saysVersion ? 'bad_HTTP_request_with_version' : 'bad_HTTP_request', ts);
      return;
    }
    // The target ends before the white space that stands before the version; where none does, the version is 0.9.
    let versionAt = -1;
    let targetEnd = end;
    if (end - at >= 5 && matches(bytes, at, 'http/') && !hasBlank(bytes, at, end)) {
      this.emit.weird('missing_HTTP_uri', ts);
      versionAt = at;
      targetEnd = at;
    } else {
      for (let i = at; i < end; i++) {
        if (!isBlank(bytes[i]!)) continue;
        let next = i;
        while (next < end && isBlank(bytes[next]!)) next++;
        if (end - next >= 5 && matches(bytes, next, 'http/')) {
          targetEnd = i;
          versionAt = next;
          break;
        }
        i = next - 1;
      }
    }
    if (versionAt < 0) while (targetEnd > at && isBlank(bytes[targetEnd - 1]!)) targetEnd--;
    const old = versionAt < 0;
    const version = old ? 9 : versionNumber(bytes, versionAt + 5, end);
    if (this.requestVersion >= 0 && this.requestVersion !== version) this.emit.weird('HTTP_version_mismatch', ts);
    this.requestVersion = version;
    if (old && (methodEnd - start < 3 || targetEnd === at)) {
      this.notRequest(side, 'bad_HTTP_request', ts);
      return;
    }

    if (this.responsesAlone > 0) {
      this.responsesAlone = 0;
      this.emit.weird('HTTP_response_before_request', ts);
    }
    if (this.pending.length >= pendingMax) {
      this.emit.weird('HTTP_excessive_pipelining', ts);
      this.write(this.pending.shift()!, ts);
    }
    const method = textOf(bytes, start, Math.min(methodEnd, start + valueBytesMax));
    const transaction = this.open(ts);
    transaction.requested = true;
    transaction.connect = method === 'CONNECT';
    transaction.head = method === 'HEAD';
    transaction.old = old;
    transaction.record.method = method;
    transaction.record.uri = this.target(bytes, at, Math.min(targetEnd, at + valueBytesMax), ts);
    if (old && method !== 'GET') this.emit.weird('invalid_http_09_request_method', ts, method);
    if (!methods.has(method)) this.emit.weird('unknown_HTTP_method', ts, method);
    this.pending.push(transaction);
    side.transaction = transaction;
    side.reset();
    side.minor = version % 10;
    side.state = HEADERS;
    if (!old) this.confirm();
    // A 0.9 response has no status line: it is whatever the server sends from now on (RFC 1945 §3.1).
    if (!old) return;
    const other = this.sides[1];
    const alone = other.transaction;
    if (alone && !alone.requested) {
      // A response that nobody asked for was under way; what follows belongs to the one who asks now.
      this.emit.weird('http_09_reply_before_request', ts);
      if (other.state >= LENGTH && other.state <= UNTIL_CLOSE) this.measure(1, other, alone, false, ts);
      this.drop(alone);
      this.write(alone, ts);
      other.state = START;
    }
    if (other.state === START && this.pending[0] === transaction) this.oldResponse(other, transaction, ts);
  }

  private notRequest(side: Side, weird: string, ts: Seconds): void {
    this.emit.weird(weird, ts);
    side.state = STOPPED;
  }

  private oldResponse(side: Side, transaction: Transaction, ts: Seconds): void {
    if (this.replyVersion >= 0 && this.replyVersion !== 9) this.emit.weird('HTTP_version_mismatch', ts);
    this.replyVersion = 9;
    side.reset();
    side.transaction = transaction;
    side.state = UNTIL_CLOSE;
    side.body.open('', undefined, undefined);
    transaction.answered = true;
    transaction.record.version = '0.9';
    transaction.record.status_code = 0;
    transaction.record.status_msg = '<empty>';
  }

  private statusLine(side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (end === start) return;
    if (end - start < 12 || !matches(bytes, start, 'http/')) {
      this.emit.weird('bad_HTTP_reply', ts);
      side.state = STOPPED;
      return;
    }
    const version = versionNumber(bytes, start + 5, end);
    if (this.replyVersion >= 0 && this.replyVersion !== version) this.emit.weird('HTTP_version_mismatch', ts);
    this.replyVersion = version;
    let at = start + 5;
    while (at < end && !isBlank(bytes[at]!)) at++;
    while (at < end && isBlank(bytes[at]!)) at++;
    let code = 0;
    let digits = 0;
    while (digits < 3 && at + digits < end && isDigit(bytes[at + digits]!)) {
      code = code * 10 + bytes[at + digits]! - 0x30;
      digits++;
    }
    if (digits < 3) {
      this.emit.weird('HTTP_reply_code_missing', ts);
      side.state = STOPPED;
      return;
    }
    at += 3;
    while (at < end && !isBlank(bytes[at]!)) at++;
    const reasoned = at < end;
    while (at < end && isBlank(bytes[at]!)) at++;

    let transaction = side.transaction;
    if (transaction === undefined || transaction.answered) {
      transaction = this.pending[0];
      if (transaction === undefined) {
        transaction = this.open(ts);
        this.pending.push(transaction);
        this.responsesAlone++;
      } else if (transaction.requested) {
        this.confirm();
      }
    }
    const { record } = transaction;
    record.status_code = code;
    record.status_msg = reasoned ? textOf(bytes, at, Math.min(end, at + valueBytesMax)) : '<empty>';
    record.version = version < 0 ? 'unknown' : `${Math.floor(version / 10)}.${version % 10}`;
    if (code >= 100 && code < 200) {
      record.info_code = code;
      record.info_msg = record.status_msg;
    } else {
      transaction.answered = true;
    }
    side.transaction = transaction;
    side.reset();
    side.minor = version % 10;
    side.state = HEADERS;
  }

  private header(direction: Direction, side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (bytes[start] === 0x20 || bytes[start] === 0x09) {
      // A folded line goes on with the header before it (RFC 9112 §5.2).
      if (side.lastHeader === 0) return;
      const more = value(bytes, start, end);
      side.lastValue = `${side.lastValue}${side.lastValue === '' ? '' : ' '}${more}`.slice(0, valueBytesMax);
      this.emit.weird('HTTP_obsolete_line_folding', ts, side.lastName);
      this.apply(direction, side, side.lastHeader, side.lastValue, true, ts);
      return;
    }
    if (++side.headers > headersMax) {
      side.lastHeader = 0;
      if (side.headers === headersMax + 1) this.emit.weird('HTTP_too_many_headers', ts);
      return;
    }
    let colon = start;
    while (colon < end && bytes[colon] !== 0x3a) colon++;
    let nameEnd = colon;
    while (nameEnd > start && isBlank(bytes[nameEnd - 1]!)) nameEnd--;
    side.lastHeader = 0;
    if (colon === end) return;
    const candidates = headersByLength[nameEnd - start];
    if (candidates === undefined) return;
    for (const candidate of candidates) {
      if (!matches(bytes, start, candidate.name)) continue;
      side.lastHeader = candidate.id;
      side.lastName = candidate.name;
      if (candidate.id === AUTHENTICATE || candidate.id === AUTHORIZATION) {
        const token = tokenAt(bytes, colon + 1, end);
        if (token >= 0) (this.negotiation ??= new Negotiation(this.flow, this.emit)).token(direction, bytes, token, end, ts);
        if (token >= 0 || candidate.id === AUTHENTICATE) {
          side.lastHeader = 0;
          return;
        }
      }
      side.lastValue = value(bytes, colon + 1, end);
      this.apply(direction, side, candidate.id, side.lastValue, false, ts);
      return;
    }
  }

  private apply(direction: Direction, side: Side, id: number, text: string, folded: boolean, ts: Seconds): void {
    switch (id) {
      case CONTENT_LENGTH: {
        const length = contentLength(text);
        if (length >= 0 && text.length > 1 && text.startsWith('0')) {
          this.emit.weird('HTTP_content_length_leading_zeros', ts, text.slice(0, 64));
        }
        if (length < 0) this.emit.weird('HTTP_bad_content_length', ts, text.slice(0, 64));
        side.contentLength = Math.max(length, 0);
        return;
      }
      case TRANSFER_ENCODING: {
        const codings = text.toLowerCase().split(',');
        // A proxy that reads "chunked, identity" otherwise than its server opens a way to smuggle requests.
        side.chunked = side.minor > 0 && codings.some((coding) => coding.trim() === 'chunked');
        if (side.chunked && codings.length > 1) this.emit.weird('HTTP_chunked_multi', ts, text.slice(0, 64));
        return;
      }
      case CONTENT_ENCODING:
        side.encoding = text.toLowerCase();
        return;
      case CONTENT_TYPE:
        if (/^(?:multipart|message)\//i.test(text)) side.parts = text;
        else if (isDnsMessage(text)) side.dns = true;
        else if (isActivity(text)) {
          side.unread = true;
          if (direction === 0) side.transaction!.activity = true;
        } else if (text.includes(';')) side.name = fileNameOf(text, 'name') ?? side.name;
        return;
      case CONTENT_DISPOSITION:
        side.name = fileNameOf(text, 'filename') ?? side.name;
        return;
    }
    if (id === WEBSOCKET) {
      if (!folded) (side.transaction!.handshake ??= new Handshake()).header(direction, side.lastName, text, ts, this.emit);
      return;
    }
    const record = side.transaction!.record;
    if (direction === 1) {
      if (id === CONNECTION && /(?:^|[ ,])upgrade(?:$|[ ,])/i.test(text)) side.upgrade = true;
      else if (id === UPGRADE) side.upgradeTo = text;
      else if (id === CONTENT_RANGE && record.status_code === 206) this.range(side, text, ts);
      return;
    }
    switch (id) {
      case REFERER:
        record.referrer = text;
        return;
      case HOST:
        record.host = text;
        return;
      case ORIGIN:
        record.origin = text;
        return;
      case USER_AGENT:
        record.user_agent = text;
        return;
      case PROXY: {
        const list = (record.proxied ??= []) as string[];
        if (folded) list.pop();
        if (list.length < headersMax) list.push(`${side.lastName.toUpperCase()} -> ${text}`);
        return;
      }
      case AUTHORIZATION: {
        const user = basicUser(text) ?? digestUser(text);
        if (user !== undefined) record.username = user;
      }
    }
  }

  /** `bytes 0-499/1234` (RFC 9110 §14.4): the length of a partial body, where no other is given. */
  private range(side: Side, text: string, ts: Seconds): void {
    const match = contentRange.exec(text);
    if (!match) {
      // RFC 9110 §14.4 allows `bytes */1234` where no part can be sent. Other units than bytes are nobody's.
      const invalid = /^bytes\s+[-\d]+\//i.test(text);
      if (!/^bytes\s+\*\/\d/i.test(text)) {
        this.emit.weird(invalid ? 'HTTP_content_range_invalid' : 'HTTP_content_range_cannot_parse', ts, text.slice(0, 64));
      }
      return;
    }
    const length = Number(match[2]) - Number(match[1]) + 1;
    if (length <= 0) this.emit.weird('HTTP_non_positive_content_range', ts, text.slice(0, 64));
    else if (!Number.isSafeInteger(length)) this.emit.weird('HTTP_content_range_overflow', ts, text.slice(0, 64));
    else {
      side.rangeLength = length;
      side.rangeStart = Number(match[1]);
      const total = Number(match[3]);
      side.rangeTotal = Number.isSafeInteger(total) ? total : -1;
    }
  }

  private headersDone(direction: Direction, side: Side, ts: Seconds): void {
    const transaction = side.transaction!;
    side.lastHeader = 0;
    side.body.open(side.encoding, side.parts, side.name);
    if (side.unread || isOfMatrix(transaction.record.uri)) side.body.leaveUnread();
    if (side.dns) {
      const { method, uri } = transaction.record;
      const exchange = (transaction.dns ??= new DnsExchange(this.flow, this.emit));
      if (direction === 1 && method === 'GET' && uri !== undefined) exchange.question(uri, transaction.record.ts as number);
      side.body.carriesDns(exchange, direction);
    }
    if (direction === 0) {
      if (side.chunked) side.state = CHUNK_SIZE;
      else if (side.contentLength > 0) this.bodyByLength(side, side.contentLength);
      else this.messageDone(0, side, ts);
      if (side.chunked && side.contentLength >= 0) this.emit.weird('HTTP_content_length_and_chunked', ts);
      return;
    }
    const code = transaction.record.status_code ?? 0;
    this.negotiation?.status(code);
    if (code === 101 && (side.upgrade || side.upgradeTo !== '')) {
      const { record } = transaction;
      const upgrade = side.upgradeTo.toLowerCase();
      this.handOver(transaction, ts);
      if (upgrade === 'websocket') {
        this.successor = upgrade;
        const handshake = transaction.handshake ?? new Handshake();
        this.emit.record('websocket', handshake.agreed(this.flow, this.emit, record, ts));
      } else if (upgrade === 'h2c') this.heir = openHttp2(this.flow, this.emit, record);
      return;
    }
    if (transaction.connect && code >= 200 && code < 300) {
      this.handOver(transaction, ts);
      const tunnel: TunnelRecord = {
        ...this.flow.head(ts),
        'id.orig_p': 0,
        tunnel_type: 'Tunnel::HTTP',
        action: 'Tunnel::DISCOVER',
      };
      this.emit.record('tunnel', tunnel);
      return;
    }
    if (side.rangeLength >= 0 && side.contentLength >= 0 && side.rangeLength !== side.contentLength) {
      this.emit.weird('HTTP_range_not_matching_len', ts);
    }
    const bodyless = transaction.head || (code >= 100 && code < 200) || code === 204 || code === 304;
    const length = Math.max(side.contentLength, side.rangeLength);
    if (bodyless || length === 0) this.messageDone(1, side, ts);
    else if (side.chunked) side.state = CHUNK_SIZE;
    else if (length > 0) this.bodyByLength(side, length);
    else side.state = UNTIL_CLOSE;
  }

  private bodyByLength(side: Side, length: number): void {
    side.state = LENGTH;
    side.remaining = length;
  }

  /** `1a2b; name=value` (RFC 9112 §7.1). */
  private chunkSize(side: Side, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    let size = 0;
    let at = start;
    while (at < end && isBlank(bytes[at]!)) at++;
    const first = at;
    for (; at < end; at++) {
      const digit = hexDigit(bytes[at]!);
      if (digit < 0) break;
      size = size * 16 + digit;
    }
    if (at === first || size > Number.MAX_SAFE_INTEGER) {
      this.emit.weird('HTTP_bad_chunk_size', ts, textOf(bytes, first, Math.min(end, first + 32)));
      size = 0;
    }
    if (size === 0) {
      side.state = TRAILER;
      return;
    }
    side.remaining = size;
    side.state = CHUNK;
  }

  /** The message of this direction is complete. */
  private messageDone(direction: Direction, side: Side, ts: Seconds): void {
    const transaction = side.transaction!;
    this.measure(direction, side, transaction, true, ts);
    side.state = START;
    if (direction === 0) {
      side.transaction = undefined;
      return;
    }
    const code = transaction.record.status_code ?? 0;
    if (code >= 100 && code < 200) return;
    side.transaction = undefined;
    this.drop(transaction);
    this.write(transaction, ts);
    const next = this.pending[0];
    if (next?.old) this.oldResponse(side, next, ts);
  }

  private measure(direction: Direction, side: Side, { record }: Transaction, complete: boolean, ts: Seconds): void {
    const { body } = side;
    body.close(ts, complete);
    if (direction === 0) record.request_body_len = body.length;
    else record.response_body_len = body.length;
    const { fuids } = body;
    if (!fuids) return;
    const { names, types } = body;
    if (direction === 0) {
      record.orig_fuids = fuids;
      if (names) record.orig_filenames = names;
      if (types) record.orig_mime_types = types;
    } else {
      record.resp_fuids = fuids;
      if (names) record.resp_filenames = names;
      if (types) record.resp_mime_types = types;
    }
  }

  // ---- files ----------------------------------------------------------------------------------------------------

  file(body: Body, name: string | undefined, range: string | undefined, whole: boolean, ts: Seconds): FileStream {
    const direction = body === this.sides[0].body ? 0 : 1;
    const side = this.sides[direction];
    const origin = { source: 'HTTP', direction, ts, ...(name === undefined ? {} : { name }) } as const;
    if (direction === 1 && isRange(side)) return this.rangedFile(side, origin, side.rangeStart, side.rangeTotal);
    const part = range === undefined ? null : contentRange.exec(range);
    if (part && direction === 1) {
      const total = Number(part[3]);
      return this.rangedFile(side, origin, Number(part[1]), Number.isSafeInteger(total) ? total : -1);
    }
    const stated = whole && side.contentLength > 0 && !side.chunked;
    const file = { ...origin, asked: side.transaction!.record };
    return this.emit.file(stated ? { ...file, totalBytes: side.contentLength } : file);
  }

  weird(name: string, ts: Seconds): void {
    this.emit.weird(name, ts);
  }

  /** A range that begins where the last one of the same target ended goes on with its file; players and updaters ask so. */
  private rangedFile(side: Side, origin: FileOrigin, start: number, total: number): FileStream {
    const { host, uri } = side.transaction!.record;
    const asked = `${host}${uri}`;
    const before = this.ranged;
    if (before && before.asked === asked && before.next <= start) {
      if (before.next < start) before.gap(start - before.next, origin.ts);
      return before;
    }
    this.endRanged(origin.ts);
    const file = this.emit.file({ ...origin, offset: start, ...(total < 0 ? {} : { totalBytes: total }) });
    this.ranged = new RangedFile(file, asked, start, total);
    return this.ranged;
  }

  private endRanged(ts: Seconds): void {
    const { ranged } = this;
    if (!ranged) return;
    this.ranged = undefined;
    ranged.over(ts);
  }

  /** The flow ends, or its bytes are lost, in the middle of a message: what was counted until now is written. */
  private interrupt(direction: Direction, side: Side, ts: Seconds): void {
    if (side.state >= LENGTH && side.state <= UNTIL_CLOSE && side.transaction)
      this.measure(direction, side, side.transaction, side.state === UNTIL_CLOSE || side.state === TRAILER, ts);
    if (side.state === UNTIL_CLOSE || side.state === TRAILER) {
      const transaction = side.transaction!;
      if (direction === 1) {
        this.drop(transaction);
        this.write(transaction, ts);
      }
      side.transaction = undefined;
      side.state = STOPPED;
    }
  }

  /** What stands behind the answer that handed over. */
  private pass(direction: Direction, bytes: Uint8Array, at: number, end: number, ts: Seconds): void {
    if (this.heir) this.heir.data(direction, bytes, at, end, ts);
    else this.emit.giveWay(at, this.successor);
  }

  /** The rest of the flow is a tunnel or another protocol. */
  private handOver(transaction: Transaction, ts: Seconds): void {
    this.handedOver = true;
    for (const side of this.sides) {
      if (side.transaction && side.state >= LENGTH && side.state <= UNTIL_CLOSE && side === this.sides[0]) {
        this.measure(0, side, side.transaction, false, ts);
      }
      side.state = STOPPED;
      side.line = undefined;
    }
    this.write(transaction, ts);
    this.drop(transaction);
  }

  private write(transaction: Transaction, ts: Seconds): void {
    transaction.dns?.finish(ts);
    const federated = takeFederation(transaction.record, transaction.activity === true);
    this.emit.record('http', transaction.record);
    if (federated) this.emit.record('federation', federated);
  }

  private drop(transaction: Transaction): void {
    const place = this.pending.indexOf(transaction);
    if (place >= 0) this.pending.splice(place, 1);
  }

  private open(ts: Seconds): Transaction {
    const record = this.flow.head(ts) as HttpRecord;
    record.trans_depth = ++this.depth;
    record.request_body_len = 0;
    record.response_body_len = 0;
    return { record, requested: false, answered: false, connect: false, head: false, old: false };
  }

  /** The request target with its escapes taken out, as Zeek shows it. */
  private target(bytes: Uint8Array, start: number, end: number, ts: Seconds): string {
    let at = start;
    while (at < end && bytes[at] !== 0x25) at++;
    if (at === end) return textOf(bytes, start, end);
    const clear = new Uint8Array(end - start);
    let length = 0;
    for (at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === 0x25) {
        if (at + 1 === end) {
          this.emit.weird('illegal_%_at_end_of_URI', ts);
        } else if (at + 2 === end && bytes[at + 1] !== 0x25) {
          this.emit.weird('partial_escape_at_end_of_URI', ts);
        } else if (bytes[at + 1] === 0x25) {
          this.emit.weird('double_%_in_URI', ts);
          continue;
        } else {
          const high = hexDigit(bytes[at + 1]!);
          const low = hexDigit(bytes[at + 2]!);
          if (high >= 0 && low >= 0) {
            clear[length++] = (high << 4) | low;
            at += 2;
            continue;
          }
          this.emit.weird('unescaped_%_in_URI', ts);
        }
      }
      clear[length++] = byte;
    }
    return textOf(clear, 0, length);
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm();
  }
}

export const http: Protocol = {
  service: 'http',
  logs: ['http', 'files', ...contentLogs, 'websocket', 'tunnel', 'ntlm', 'kerberos', 'dns', 'federation', 'grpc'],
  transports: ['tcp'],
  ports: [80, 81, 631, 1080, 3128, 8000, 8080, 8888],
  probe,
  open: (flow, emit) => new HttpParser(flow, emit),
};
