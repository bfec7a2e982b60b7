/**
 * Flows of exporters as behaviours look at flows: NetFlow and IPFIX tell each direction by itself, and a long flow in pieces. Here the two directions are
 * joined, who asked is told from who answered, and what came of it is told by the flags of TCP, in the names of `conn`. The result is for
 * behaviours only: nothing of it is stored, and what they tell cites the exported record.
 *
 * What cannot be known is not made up. Counts of sampled packets are no counts of a flow, and a lone SYN of a sample says nothing of an answer: flows of
 * exporters that sample are left out, as sFlow is. An exporter that sees one direction only gives flows without an outcome, as long as whoever
 * asked goes on after its SYN. There are no names and no services.
 */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import { BoundedMap } from './bounded.ts';

/** Directions that wait for the other: exporters write both within the idle timeout of the first, 15 seconds by habit, and messages take turns. */
const joinSeconds = 120;

/** Waiting at once, some 500 bytes each: two minutes at 1,600 flows a second that are not answered. */
const waitingMax = 200_000;

/** Flows whose next piece would be known as one, some 150 bytes each. */
const recentMax = 500_000;

/** A piece begins where the one before ended; with a longer gap the exporter itself would have ended the flow. */
const gapSeconds = 60;

/** Exporters that said of themselves that they sample. */
const exportersMax = 10_000;

const [fin, syn, rst, ack] = [1, 2, 4, 16] as const;

export type ExportedFlows = {
  /** A record of `ipfix` or `ipfix_options`. */
  push(log: string, record: AnyRecord): void;
  /** Record time has come to `ts`: what has waited long enough for its other direction goes without. */
  advance(ts: Seconds): void;
  /** All that waits goes. */
  end(): void;
  readonly evictions: number;
};

/** One direction. */
type Half = {
  record: AnyRecord;
  ts: Seconds;
  end: Seconds;
  source: string;
  target: string;
  sourcePort: number;
  port: number;
  proto: 'tcp' | 'udp';
  packets: number;
  bytes: number;
  flags: number | undefined;
  continued: boolean;
  cameAt: Seconds;
};

/** Takes what exporters said, and gives flows; `of` is the record that the flow is cited by. */
export function createExportedFlows(take: (flow: AnyRecord, of: AnyRecord) => void): ExportedFlows {
  let evictions = 0;
  const waiting = new BoundedMap<string, Half>(waitingMax, (_, half) => {
    evictions++;
    give(half, undefined);
  });
  const recent = new BoundedMap<string, Seconds>(recentMax);
  const sampling = new BoundedMap<string, true>(exportersMax);
  let now: Seconds = -Infinity;

  function give(first: Half, second: Half | undefined): void {
    const [asked, answered] = second && isAnswer(first, second) ? [second, first] : [first, second];
    take(flowOf(asked, answered), asked.record);
  }

  return {
    get evictions() {
      return evictions;
    },
    push(log, record) {
      const exporter = `${text(record['exporterIPv4Address'] ?? record['exporterIPv6Address'])} ${text(record['observationDomainId'])}`;
      if (log === 'ipfix_options') {
        if (isSampled(record)) sampling.set(exporter, true);
        return;
      }
      if (isSampled(record) || sampling.peek(exporter) !== undefined) return;
      const half = halfOf(record);
      if (!half) return;
      // Flows come when they are over: late ones count from now.
      half.cameAt = Math.max(now, half.ts);
      const own = `${half.proto} ${half.source} ${half.sourcePort} ${half.target} ${half.port}`;
      const before = recent.touch(own);
      half.continued = before !== undefined && half.ts - before < gapSeconds;
      // Sums since the flow began are counted once.
      if (half.continued && record['octetDeltaCount'] === undefined) half.bytes = half.packets = 0;
      recent.set(own, Math.max(before ?? -Infinity, half.end));
      if (isWhole(record)) {
        take(wholeOf(half), record);
        return;
      }
      const other = `${half.proto} ${half.target} ${half.port} ${half.source} ${half.sourcePort}`;
      const known = waiting.peek(other);
      if (known && half.ts <= known.end + gapSeconds && known.ts <= half.end + gapSeconds) {
        waiting.delete(other);
        give(known, half);
        return;
      }
      const earlier = waiting.peek(own);
      if (earlier) give(earlier, undefined);
      waiting.set(own, half);
    },
    advance(ts) {
      now = Math.max(now, ts);
      for (const [key, half] of waiting.entries()) {
        if (half.cameAt + joinSeconds > now) break;
        waiting.delete(key);
        give(half, undefined);
      }
    },
    end() {
      for (const [key, half] of waiting.entries()) {
        waiting.delete(key);
        give(half, undefined);
      }
    },
  };
}

const text = (value: AnyRecord[string]): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const number = (value: AnyRecord[string]): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;

/** One packet of several was looked at, by whichever element says so. */
const isSampled = (record: AnyRecord): boolean =>
  number(record['samplingInterval']) > 1 ||
  number(record['samplerRandomInterval']) > 1 ||
  number(record['samplingPacketSpace']) > 0 ||
  (number(record['samplingPopulation']) > 0 && number(record['samplingPopulation']) > number(record['samplingSize']));

/** Both directions in one record: RFC 5103, or the elements of initiator and responder. */
const isWhole = (record: AnyRecord): boolean =>
  record['reversePacketDeltaCount'] !== undefined ||
  record['reverseOctetDeltaCount'] !== undefined ||
  record['responderOctets'] !== undefined;

function halfOf(record: AnyRecord): Half | undefined {
  const { ts, sourceTransportPort: sourcePort, destinationTransportPort: port, protocolIdentifier } = record;
  const source = record['sourceIPv4Address'] ?? record['sourceIPv6Address'];
  const target = record['destinationIPv4Address'] ?? record['destinationIPv6Address'];
  const proto = protocolIdentifier === 6 ? 'tcp' : protocolIdentifier === 17 ? 'udp' : undefined;
  if (typeof ts !== 'number' || !Number.isFinite(ts) || typeof source !== 'string' || typeof target !== 'string')
    return undefined;
  if (!proto || typeof sourcePort !== 'number' || typeof port !== 'number' || source.length > 45 || target.length > 45)
    return undefined;
  // Gathered from several flows, it is none.
  if (number(record['deltaFlowCount']) > 1) return undefined;
  const end = record['flowEndMilliseconds'];
  const flags = record['tcpControlBits'];
  return {
    record,
    ts,
    end: typeof end === 'number' && end >= ts ? end : ts + number(record['flowDurationMilliseconds']) / 1000,
    source,
    target,
    sourcePort,
    port,
    proto,
    packets: number(record['packetDeltaCount'] ?? record['packetTotalCount'] ?? record['initiatorPackets']),
    bytes: number(record['octetDeltaCount'] ?? record['octetTotalCount'] ?? record['initiatorOctets']),
    // No segment is without any: an exporter that writes none does not look at them.
    flags: typeof flags === 'number' && flags > 0 ? flags : undefined,
    continued: false,
    cameAt: 0,
  };
}

/** Whether the second asked and the first answered: by when they began, and in the same moment by the lower port, which is the service's. */
function isAnswer(first: Half, second: Half): boolean {
  if (first.flags !== undefined && second.flags !== undefined) {
    // A lone SYN was a question, and RST without SYN is an answer to one.
    if ((second.flags & (syn | ack)) === syn && (first.flags & (syn | ack)) !== syn) return true;
    if ((first.flags & (syn | ack)) === syn) return false;
  }
  return second.ts < first.ts || (second.ts === first.ts && first.sourcePort < first.port);
}

function wholeOf(half: Half): AnyRecord {
  const { record } = half;
  // RFC 5103 §6.3: 2 is the responder's side, told the other way round.
  const isReversed = record['biflowDirection'] === 2;
  const back: Half = {
    ...half,
    source: half.target,
    target: half.source,
    sourcePort: half.port,
    port: half.sourcePort,
    packets: number(record['reversePacketDeltaCount'] ?? record['responderPackets']),
    bytes: number(record['reverseOctetDeltaCount'] ?? record['responderOctets']),
    flags: number(record['reverseTcpControlBits']) || undefined,
  };
  const isAnswered = back.packets > 0 || back.bytes > 0;
  return isReversed && isAnswered ? flowOf(back, half) : flowOf(half, isAnswered ? back : undefined);
}

/** In the names of `conn`. `uid` is empty: exported flows have none. */
function flowOf(asked: Half, answered: Half | undefined): AnyRecord {
  const { conn_state, history } = stateOf(asked, answered);
  return {
    ts: Math.min(asked.ts, answered?.ts ?? asked.ts),
    'id.orig_h': asked.source,
    'id.orig_p': asked.sourcePort,
    'id.resp_h': asked.target,
    'id.resp_p': asked.port,
    proto: asked.proto,
    duration: Math.max(0, Math.max(asked.end, answered?.end ?? 0) - Math.min(asked.ts, answered?.ts ?? asked.ts)),
    orig_pkts: asked.packets,
    orig_bytes: payloadOf(asked),
    resp_pkts: answered?.packets ?? 0,
    resp_bytes: answered ? payloadOf(answered) : 0,
    conn_state,
    history,
    /** The next piece of a flow that was told before. */
    continued: asked.continued || answered?.continued === true,
  };
}

/** Exporters count headers; without the least there can be, what is left is the payload or a little more. */
function payloadOf({ bytes, packets, proto, source }: Half): number {
  const header = (source.includes(':') ? 40 : 20) + (proto === 'tcp' ? 20 : 8);
  return Math.max(0, bytes - packets * header);
}

/** Zeek's words where flags tell enough; `OTH` where not, of which behaviours conclude nothing. */
function stateOf(asked: Half, answered: Half | undefined): { conn_state: string; history: string } {
  const unknown = { conn_state: 'OTH', history: '' };
  const { flags } = asked;
  if (asked.continued || answered?.continued === true) return unknown;
  // Denied by a firewall that tells of it (Cisco's NSEL).
  if (asked.record['firewallEvent'] === 3) return { conn_state: 'REJ', history: 'Sr' };
  if (asked.proto !== 'tcp' || flags === undefined || (flags & syn) === 0) return unknown;
  if (!answered) return (flags & (ack | fin)) === 0 ? { conn_state: 'S0', history: 'S' } : unknown;
  const back = answered.flags;
  if (back === undefined) return unknown;
  if ((back & syn) === 0) return (back & rst) !== 0 ? { conn_state: 'REJ', history: 'Sr' } : unknown;
  if ((flags & ack) === 0) return unknown;
  if ((flags & rst) !== 0) return { conn_state: 'RSTO', history: 'ShADR' };
  if ((back & rst) !== 0) return { conn_state: 'RSTR', history: 'ShADr' };
  return (flags & fin) !== 0 && (back & fin) !== 0
    ? { conn_state: 'SF', history: 'ShADFf' }
    : { conn_state: 'S1', history: 'ShAD' };
}
