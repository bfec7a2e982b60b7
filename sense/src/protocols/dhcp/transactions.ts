/**
 * DHCP transactions, joined over the flows of one engine.
 *
 * A client that has no address yet asks from 0.0.0.0 by broadcast, and servers answer from their own address by broadcast or
 * to an address the client does not have yet: one transaction is two to four flows. They share their number (RFC 2131 §4.1),
 * by which Zeek joins them too: until nothing has come for five seconds, at least ten and at most thirty.
 */

import type { Seconds } from '@forewarn/base/time';
import type { DhcpRecord } from '@forewarn/model/records/dhcp';
import type { Emit } from '../protocol.ts';

const transactionsMax = 8_192;
const flowsMax = 10;
const messagesMax = 50;
const quietSeconds = 5;
const leastSeconds = 10;
const mostSeconds = 30;

export const transactionLimits = [
  {
    name: 'dhcp.transactionsMax',
    value: transactionsMax,
    unit: 'transactions',
    why: 'Transactions of one engine at a time; a campus that comes back after a power failure makes some thousands in ten seconds. The oldest is written first.',
  },
  {
    name: 'dhcp.flowsMax',
    value: flowsMax,
    unit: 'flows per transaction',
    why: "Zeek's max_uids_per_log_entry; a real one has two to four. The record is written and a new one begun.",
  },
  {
    name: 'dhcp.messagesMax',
    value: messagesMax,
    unit: 'messages per transaction',
    why: "Zeek's max_msg_types_per_log_entry; a real one has two to eight. The record is written and a new one begun.",
  },
] as const;

/** A record in the making. */
export type Transaction = DhcpRecord & { uids: string[]; msg_types: string[] };

type Entry = {
  record: Transaction;
  last: Seconds;
  /** What the client calls its hardware address, for when nobody tells better. */
  fallbackMac: string | undefined;
};

/** The table of one engine. */
export class Transactions {
  /** In the order in which they began. */
  private readonly entries = new Map<number, Entry>();
  private readonly log: string;
  /** Parsers that have not finished: while there is one, somebody will come and write what has ended. */
  private openFlows = 0;
  private emit: Emit | undefined = undefined;

  constructor(log: string) {
    this.log = log;
  }

  /** A flow of this protocol began. */
  opened(): void {
    this.openFlows++;
  }

  /** A flow of this protocol is over; with the last one all transactions are. */
  finished(emit: Emit, ts: Seconds): void {
    this.emit = emit;
    this.openFlows--;
    if (this.openFlows > 0) {
      this.expire(ts);
      return;
    }
    for (const entry of this.entries.values()) this.write(entry);
    this.entries.clear();
  }

  /** The transaction that the message belongs to, with its type noted; call `done` after filling in. */
  at(id: number, type: string, uid: string, ts: Seconds, emit: Emit): Entry {
    this.emit = emit;
    this.expire(ts);
    let entry = this.entries.get(id);
    if (entry && over(entry, ts)) {
      this.entries.delete(id);
      this.write(entry);
      entry = undefined;
    }
    if (!entry) {
      entry = {
        record: { ts, uids: [uid], msg_types: [], duration: 0, trans_id: id },
        last: ts,
        fallbackMac: undefined,
      };
      if (this.entries.size >= transactionsMax) this.writeOldest();
      this.entries.set(id, entry);
    }
    const { record } = entry;
    record.duration = Math.max(record.duration, Math.round((ts - record.ts) * 1e6) / 1e6);
    entry.last = ts;
    if (!record.uids.includes(uid)) record.uids.push(uid);
    record.msg_types.push(type);
    return entry;
  }

  /** Everything of the message is noted. */
  done(entry: Entry): void {
    const { record } = entry;
    if (record.uids.length < flowsMax && record.msg_types.length < messagesMax) return;
    this.entries.delete(record.trans_id!);
    this.write(entry);
  }

  private expire(ts: Seconds): void {
    for (const [id, entry] of this.entries) {
      if (!over(entry, ts)) return;
      this.entries.delete(id);
      this.write(entry);
    }
  }

  private writeOldest(): void {
    for (const [id, entry] of this.entries) {
      this.entries.delete(id);
      this.write(entry);
      return;
    }
  }

  private write(entry: Entry): void {
    if (entry.record.mac === undefined && entry.fallbackMac !== undefined) entry.record.mac = entry.fallbackMac;
    this.emit!.record(this.log, entry.record);
  }
}

function over(entry: Entry, ts: Seconds): boolean {
  const age = ts - entry.record.ts;
  return age > mostSeconds || (age > leastSeconds && ts - entry.last > quietSeconds);
}
