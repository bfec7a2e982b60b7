/**
 * Flows and answers of Suricata's EVE as behaviours look at them, in the names of `conn` and `dns`. For behaviours only: nothing of it is stored, and what
 * they tell cites the event. What EVE does not say is not made up: without TCP's flags a flow has no outcome unless nothing came back.
 */

import type { AnyRecord } from '@forewarn/model/records/record';

/** Answers of one kind that are looked at. */
const answersMax = 50;

const number = (value: AnyRecord[string]): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

function instant(value: AnyRecord[string]): number | undefined {
  if (typeof value !== 'string' || value.length > 40) return undefined;
  // Suricata writes the zone without a colon.
  const ts = Date.parse(value.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')) / 1000;
  return Number.isFinite(ts) ? ts : undefined;
}

/** The record that behaviours see, and its log; `undefined` for events of other kinds. */
export function eveFlow(record: AnyRecord): { log: 'conn' | 'dns'; record: AnyRecord } | undefined {
  const { event_type: type, src_ip: source, dest_ip: target, src_port: sourcePort, dest_port: port, proto } = record;
  if (typeof source !== 'string' || typeof target !== 'string') return undefined;
  const ends = {
    'id.orig_h': source,
    'id.orig_p': number(sourcePort),
    'id.resp_h': target,
    'id.resp_p': number(port),
    cited: 'suricata',
  };
  if (type === 'flow') {
    const from = instant(record['flow.start']);
    const to = instant(record['flow.end']);
    if (from === undefined || typeof proto !== 'string') return undefined;
    const forth = number(record['flow.pkts_toserver']);
    const back = number(record['flow.pkts_toclient']);
    const service = record['app_proto'];
    const state = proto === 'TCP' ? stateOf(record) : undefined;
    return {
      log: 'conn',
      record: {
        ...ends,
        ts: from,
        duration: to === undefined ? 0 : Math.max(0, to - from),
        proto: proto.toLowerCase().replace('ipv6-icmp', 'icmp'),
        ...(typeof service === 'string' && service !== 'failed' && { service: service === 'tls' ? 'ssl' : service }),
        orig_pkts: forth,
        resp_pkts: back,
        // EVE counts whole frames; of one packet each the smallest headers are taken away.
        orig_bytes: Math.max(0, number(record['flow.bytes_toserver']) - 54 * forth),
        resp_bytes: Math.max(0, number(record['flow.bytes_toclient']) - 54 * back),
        ...(state && { conn_state: state.state, history: state.history }),
      },
    };
  }
  if (type === 'dns' && typeof record['dns.rrname'] === 'string') {
    const ts = instant(record['timestamp']);
    const code = record['dns.rcode'];
    // A question alone has no code; its answer comes as an event of its own, with the sides as in the packet or as in the flow.
    if (ts === undefined || typeof code !== 'string') return undefined;
    const turned = ends['id.orig_p'] === 53 && ends['id.resp_p'] !== 53;
    return {
      log: 'dns',
      record: {
        ...ends,
        ...(turned && { 'id.orig_h': target, 'id.orig_p': number(port), 'id.resp_h': source, 'id.resp_p': number(sourcePort) }),
        ts,
        proto: 'udp',
        query: record['dns.rrname'],
        ...(typeof record['dns.rrtype'] === 'string' && { qtype_name: record['dns.rrtype'] }),
        rcode: code === 'NXDOMAIN' ? 3 : 0,
        rcode_name: code,
        answers: answersOf(record),
      },
    };
  }
  return undefined;
}

const [syn, rst, ack] = [2, 4, 16] as const;

/** What came of a TCP flow, by the flags that each side has sent (EVE: hexadecimal, the originator's as `_ts`). */
function stateOf(record: AnyRecord): { state: string; history: string } | undefined {
  const [asked, answered] = [record['tcp.tcp_flags_ts'], record['tcp.tcp_flags_tc']].map((flags) =>
    typeof flags === 'string' ? Number.parseInt(flags, 16) : Number.NaN,
  );
  if (asked === undefined || answered === undefined || !(asked & syn)) return undefined;
  if (answered === 0 || Number.isNaN(answered)) return asked & ack ? undefined : { state: 'S0', history: 'S' };
  if (answered & syn) return { state: 'SF', history: 'ShADadFf' };
  return answered & rst ? { state: 'REJ', history: 'Sr' } : undefined;
}

/** The answers that EVE groups by their type. */
function answersOf(record: AnyRecord): string[] {
  return ['A', 'AAAA', 'CNAME', 'TXT', 'NULL'].flatMap((type) => {
    const own = record[`dns.grouped.${type}`];
    return Array.isArray(own) ? (own.slice(0, answersMax) as unknown[]).filter((answer) => typeof answer === 'string') : [];
  });
}
