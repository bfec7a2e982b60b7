/**
 * DNS over UDP and TCP, mDNS, LLMNR and the NetBIOS name service, written as Zeek's `dns.log` writes them.
 *
 *     question ──▶ pending (by id, then name and type) ──▶ answer fills it ──▶ record
 *                        │ unanswered                            no question: its own record
 *                        └── finish, ceiling or age ──▶ record
 */

import type { Seconds } from '@forewarn/base/time';
import type { DnsRecord } from '@forewarn/model/records/network';
import type { Direction, Emit, FlowView, Protocol, ProtocolParser } from '../protocol.ts';
import { Message, nameBytesMax, pointersPerNameMax, recordData } from './message.ts';
import { className, opcodeName, responseCodeName, typeName } from './names.ts';
import { probeMessageAt, probeStream, questionsMax } from './probe.ts';
import { Stream } from './stream.ts';

/** Zeek keeps 50 ids with 50 questions each; a resolver on one port pair has rarely ten open. */
const pendingMax = 256;

/** Resolvers give up after 5 to 30 s (BIND 10 s, glibc 30 s); an id is then used again. */
const pendingSecondsMax = 60;

/** A full UDP message has under 5,500 records; an answer beyond this is a zone transfer, and its head says enough. */
const answersMax = 1_000;

/** The length prefix of DNS over TCP has 16 bits (RFC 1035 §4.2.2). */
const messageBytesMax = 65_535;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'dns.questionsMax',
    value: questionsMax,
    unit: 'questions per message',
    why: "Zeek's dns_max_queries; real messages ask one.",
  },
  {
    name: 'dns.pendingMax',
    value: pendingMax,
    unit: 'unanswered questions per flow',
    why: 'The oldest is written when it is reached; a resolver on one port pair has rarely ten open.',
  },
  {
    name: 'dns.pendingSecondsMax',
    value: pendingSecondsMax,
    unit: 's',
    why: 'Resolvers give up after 5 to 30 s; then the id is used again.',
  },
  {
    name: 'dns.answersMax',
    value: answersMax,
    unit: 'answers per record',
    why: 'Beyond this it is a zone transfer; the message is read to its end, the list is cut.',
  },
  {
    name: 'dns.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes',
    why: 'The length prefix of DNS over TCP has 16 bits; one split message is kept per direction.',
  },
  {
    name: 'dns.nameBytesMax',
    value: nameBytesMax,
    unit: 'bytes',
    why: 'RFC 1035 allows 255; Zeek reads up to 512 before it gives up.',
  },
  {
    name: 'dns.pointersPerNameMax',
    value: pointersPerNameMax,
    unit: 'compression pointers',
    why: 'Real names have one to three; chains of pointers would cost quadratic time.',
  },
] as const;

const message = new Message();

/** A question without its answer, or an answer without its question. */
type Pending = {
  record: DnsRecord;
  id: number;
  /** Lower-case name and type number of the question; `undefined` while none was read. */
  name: string | undefined;
  type: number;
  asked: boolean;
};

class DnsParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private readonly netbios: boolean;
  private readonly multicast: boolean;
  private readonly pending: Pending[] = [];
  private confirmed = false;
  private streams: [Stream | undefined, Stream | undefined] = [undefined, undefined];

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
    this.netbios = flow.responderPort === 137;
    // Answers to multicast questions go to everybody: they belong to no question of this flow.
    this.multicast = flow.responderPort === 5353;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.flow.transport === 'udp') {
      this.message(bytes, start, end, ts);
      return;
    }
    const stream = (this.streams[direction] ??= new Stream());
    if (stream.lost) return;
    let at = start;
    while (at < end) {
      const whole = stream.next(bytes, at, end);
      at = stream.at;
      if (!whole) continue;
      this.message(stream.from, stream.fromStart, stream.fromEnd, ts);
    }
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    const stream = (this.streams[direction] ??= new Stream());
    if (stream.lost) return;
    if (!stream.skip(length)) this.emit.weird('DNS_gap_between_messages', ts);
  }

  finish(ts: Seconds): void {
    for (const stream of this.streams) {
      if (stream && stream.have > 0) {
        stream.partial();
        this.message(stream.from, stream.fromStart, stream.fromEnd, ts);
      }
    }
    for (const entry of this.pending) this.emit.record('dns', entry.record);
    this.pending.length = 0;
  }

  private message(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (end - start < 12) {
      this.emit.weird('DNS_truncated_len_lt_hdr_len', ts);
      return;
    }
    message.open(bytes, start, end, this.netbios);
    const id = message.u16();
    const flags = message.u16();
    const questions = message.u16();
    const answers = message.u16();
    const authorities = message.u16();
    const additionals = message.u16();
    if (questions > questionsMax) {
      this.emit.weird('DNS_Conn_count_too_large', ts, String(questions));
      return;
    }
    this.expire(ts);
    if (flags & 0x8000) this.answer(id, flags, questions, answers, authorities, additionals, ts);
    else this.question(id, flags, questions, answers, authorities, additionals, ts);
    if (message.fault !== undefined) this.emit.weird(message.fault, ts, message.faultDetail);
    else if (message.note !== undefined) this.emit.weird(message.note, ts);
  }

  private question(
    id: number,
    flags: number,
    questions: number,
    answers: number,
    authorities: number,
    additionals: number,
    ts: Seconds,
  ): void {
    const opcode = (flags >> 11) & 0xf;
    const entry = this.open(id, opcode, true, ts);
    const { record } = entry;
    for (let i = 0; i < questions; i++) {
      const name = message.name();
      if (message.fault !== undefined) break;
      if (message.left() < 4) {
        message.fail('DNS_truncated_quest_too_short');
        break;
      }
      const type = message.u16();
      const qclass = message.u16();
      // The section of a dynamic update names a zone, not a question (RFC 2136 §2.3).
      if (opcode === 5 && !this.netbios) continue;
      record.RD = (flags & 0x0100) !== 0;
      record.TC = (flags & 0x0200) !== 0;
      record.Z = (flags >> 4) & 7;
      record.qclass = qclass;
      record.qclass_name = className(qclass);
      record.qtype = type;
      record.qtype_name = this.netbios && type === 33 ? 'NBSTAT' : typeName(type);
      record.query = this.netbios ? netbiosName(name) : name;
      entry.name = name;
      entry.type = type;
    }
    if (message.fault === undefined) {
      if (opcode === 5 && !this.netbios) this.update(record, answers, authorities);
      else skipRecords(answers + authorities + additionals);
      if (message.fault === undefined) this.confirm();
    }

    const early = this.take(id, entry, false);
    if (early) {
      // The answer came first (two taps, or packets out of order): its record takes the question in.
      Object.assign(early.record, pick(record));
      this.emit.record('dns', early.record);
      return;
    }
    if (this.multicast) {
      this.emit.record('dns', record);
      return;
    }
    this.wait(entry);
  }

  private answer(
    id: number,
    flags: number,
    questions: number,
    answers: number,
    authorities: number,
    additionals: number,
    ts: Seconds,
  ): void {
    const opcode = (flags >> 11) & 0xf;
    const own: Pending = { record: undefined as unknown as DnsRecord, id, name: undefined, type: 0, asked: false };
    for (let i = 0; i < questions; i++) {
      const name = message.name();
      if (message.fault !== undefined) break;
      if (message.left() < 4) {
        message.fail('DNS_truncated_quest_too_short');
        break;
      }
      own.name = name;
      own.type = message.u16();
      message.at += 2;
    }
    const asked = this.multicast && own.name === undefined ? undefined : this.take(id, own, true);
    const record = asked?.record ?? this.open(id, opcode, false, ts).record;
    own.record = record;

    const code = flags & 0xf;
    record.rcode = code;
    record.rcode_name = responseCodeName(code);
    if (code !== 0 && (questions === 0 || (opcode !== 5 && answers === 0 && authorities === 0 && additionals === 0))) {
      record.rejected = true;
    }
    if (opcode === 5 && asked && ts > record.ts) record.rtt = span(record.ts, ts);
    if (opcode === 5 && !this.netbios) {
      // The reply to an update repeats its sections or leaves them empty; what counts was in the request.
      if (message.fault === undefined && !asked) this.update(record, answers, authorities);
      else if (message.fault === undefined) skipRecords(answers + authorities);
    } else if (message.fault === undefined) {
      this.answers(record, flags, opcode, answers, ts);
      if (message.fault === undefined) skipRecords(authorities);
    }
    if (message.fault === undefined) {
      this.confirm();
      skipRecords(additionals);
    }
    if (asked || this.multicast) this.emit.record('dns', record);
    else this.wait(own);
  }

  /** The answer section into `answers` and `TTLs`. */
  private answers(record: DnsRecord, flags: number, opcode: number, count: number, ts: Seconds): void {
    const texts: string[] = [];
    const lifetimes: number[] = [];
    for (let i = 0; i < count; i++) {
      const owner = message.name();
      if (message.fault !== undefined) break;
      if (message.left() < 10) {
        message.fail('DNS_truncated_ans_too_short');
        break;
      }
      const type = message.u16();
      message.at += 2;
      const lifetime = message.u32();
      const length = message.u16();
      if (length > message.left()) {
        message.fail('DNS_truncated_RR_rdlength_lt_len');
        break;
      }
      if (length === 0 && opcode !== 5) {
        message.fail('DNS_zero_rdlength');
        break;
      }
      const text = recordData(message, type, owner, length);
      if (text === undefined) break;
      if (type === 41 || type === 250) continue;
      record.query ??= this.netbios ? netbiosName(owner) : owner;
      record.AA = (flags & 0x0400) !== 0;
      record.RA = (flags & 0x0080) !== 0;
      if (record.rtt === undefined && ts > record.ts) record.rtt = span(record.ts, ts);
      if (text !== '' && texts.length < answersMax) {
        texts.push(text);
        lifetimes.push(lifetime);
      }
    }
    if (texts.length > 0) {
      record.answers = texts;
      record.TTLs = lifetimes;
    }
  }

  /** A dynamic update (RFC 2136 §2.4, §2.5): prerequisites and changes, as Zeek words them. */
  private update(record: DnsRecord, prerequisites: number, changes: number): void {
    const texts: string[] = [];
    const lifetimes: number[] = [];
    for (let i = 0; i < prerequisites + changes; i++) {
      const owner = message.name();
      if (message.fault !== undefined) break;
      if (message.left() < 10) {
        message.fail('DNS_truncated_ans_too_short');
        break;
      }
      const type = message.u16();
      const rclass = message.u16();
      const lifetime = message.u32();
      const length = message.u16();
      if (length > message.left()) {
        message.fail('DNS_truncated_RR_rdlength_lt_len');
        break;
      }
      const data = length === 0 ? '' : recordData(message, type, owner, length);
      if (data === undefined) break;
      record.query ??= owner;
      if (texts.length >= answersMax) continue;
      texts.push(updateText(i < prerequisites, rclass, type, owner, data));
      lifetimes.push(lifetime);
    }
    if (texts.length > 0) {
      record.answers = texts;
      record.TTLs = lifetimes;
    }
  }

  private open(id: number, opcode: number, asked: boolean, ts: Seconds): Pending {
    const record = this.flow.head(ts) as DnsRecord;
    record.proto = this.flow.transport;
    record.trans_id = id;
    record.AA = false;
    record.TC = false;
    record.RD = false;
    record.RA = false;
    record.Z = 0;
    record.rejected = false;
    record.opcode = opcode;
    record.opcode_name = opcodeName(opcode, this.netbios);
    return { record, id, name: undefined, type: 0, asked };
  }

  /**
   * The first pending entry of the other kind with this id whose question is the same. An answer that repeats no
   * question is paired by id alone, as Zeek pairs every answer; one that repeats another question than the pending
   * one is somebody else's (a guess at a cache, or an id used twice) and stands for itself.
   */
  private take(id: number, other: Pending, asked: boolean): Pending | undefined {
    const { pending } = this;
    for (let i = 0; i < pending.length; i++) {
      const entry = pending[i]!;
      if (entry.id !== id || entry.asked !== asked) continue;
      const same =
        entry.name === undefined || other.name === undefined || (entry.name === other.name && entry.type === other.type);
      if (!same) continue;
      if (i === 0) pending.shift();
      else pending.splice(i, 1);
      return entry;
    }
    return undefined;
  }

  private wait(entry: Pending): void {
    if (this.pending.length >= pendingMax) this.emit.record('dns', this.pending.shift()!.record);
    this.pending.push(entry);
  }

  private expire(ts: Seconds): void {
    const { pending } = this;
    while (pending.length > 0 && ts - pending[0]!.record.ts > pendingSecondsMax) this.emit.record('dns', pending.shift()!.record);
  }

  private confirm(): void {
    if (this.confirmed) return;
    this.confirmed = true;
    this.emit.confirm();
  }
}

/** Seconds between two instants, without the noise of doubles below the microsecond. */
function span(from: Seconds, to: Seconds): Seconds {
  return Math.round((to - from) * 1e6) / 1e6;
}

/** What a question brings to the record of an answer that came before it. */
function pick(record: DnsRecord): Partial<DnsRecord> {
  const { RD, TC, Z, qclass, qclass_name, qtype, qtype_name, query } = record;
  return query === undefined ? {} : { RD, TC, Z, qclass, qclass_name, qtype, qtype_name, query };
}

function updateText(prerequisite: boolean, rclass: number, type: number, owner: string, data: string): string {
  const any = type === 255;
  if (prerequisite) {
    if (rclass === 254) return any ? `pre: NoName ${owner}` : `pre: NoRRSet ${typeName(type)} ${owner}`;
    if (rclass === 255) return any ? `pre: Name ${owner}` : `pre: RRSet ${typeName(type)} ${owner}`;
    return `pre: RRSet ${typeName(type)} ${owner} ${data}`;
  }
  if (rclass === 255) return any ? `del: RRSets ${owner}` : `del: RRSet ${typeName(type)}`;
  if (rclass === 254) return `del: ${typeName(type)} ${owner} ${data}`;
  return `add: ${typeName(type)} ${owner} ${data}`;
}

/** Walks over records that the log does not show, so that a damaged message is still noticed. */
function skipRecords(count: number): void {
  for (let i = 0; i < count; i++) {
    message.name();
    if (message.fault !== undefined) return;
    if (message.left() < 10) {
      message.fail('DNS_truncated_ans_too_short');
      return;
    }
    const type = message.u16();
    message.at += 6;
    const length = message.u16();
    if (length > message.left()) {
      message.fail('DNS_truncated_RR_rdlength_lt_len');
      return;
    }
    const stop = message.at + length;
    if (type === 41 && !optionsFit(message, stop)) message.note ??= 'EDNS_truncated_option';
    message.at = stop;
  }
}

/** Whether the options of EDNS (RFC 6891 §6.1.2), two bytes of code and two of length each, lead to the end of their record. */
function optionsFit(at: Message, stop: number): boolean {
  while (at.at + 4 <= stop) {
    at.at += 2;
    const length = at.u16();
    at.at += length;
  }
  return at.at === stop;
}

/**
 * The sixteen bytes of a NetBIOS name, spread over thirty-two letters (RFC 1001 §14.1), without padding and without
 * the type in the last byte; the encoded name where it is not one.
 */
function netbiosName(name: string): string {
  const dot = name.indexOf('.');
  const encoded = dot < 0 ? name : name.slice(0, dot);
  if (encoded.length !== 32) return name;
  let text = '';
  for (let i = 0; i < 30; i += 2) {
    const high = encoded.charCodeAt(i) - 0x61;
    const low = encoded.charCodeAt(i + 1) - 0x61;
    if (high < 0 || high > 15 || low < 0 || low > 15) return name;
    const byte = (high << 4) | low;
    if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else if (byte !== 0) text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return text.trimEnd() || name;
}

export const dns: Protocol = {
  service: 'dns',
  logs: ['dns'],
  transports: ['udp', 'tcp'],
  ports: [53, 137, 5353, 5355],
  probe(bytes, start, end, _direction, usualPort) {
    // The first two bytes are an id over UDP and a length over TCP; only the message behind them can tell which.
    if (probeMessageAt(bytes, start, end, end - start, usualPort) === 'yes') return 'yes';
    return probeStream(bytes, start, end, usualPort);
  },
  open: (flow, emit) => new DnsParser(flow, emit),
};
