/**
 * RIS Live: what the route collectors of RIPE's Routing Information Service hear, one object of JSON a message as it comes
 * (https://ris-live.ripe.net/manual/). The records are those of BGP on the wire.
 */

import { parseAddress, parseNetwork } from '@forewarn/base/ip';
import type { BgpPeering, BgpSessionRecord, BgpUpdateRecord } from '@forewarn/model/records/bgp';
import { elementsMax } from '../../protocols/bgp/attributes.ts';
import { lengthOf, originOf, pathText, SEQUENCE, SET, type Segment } from '../../protocols/bgp/as-path.ts';
import { capabilities as names, details, errors, nameOf, origins } from '../../protocols/bgp/names.ts';
import { capabilitiesMax } from '../../protocols/bgp/open.ts';
import { writeRoutes, type Head } from '../../protocols/bgp/update.ts';
import { isObject } from '../flatten.ts';
import type { JsonObject, LogEmit, LogFormat, LogSource } from '../format.ts';
import { instantOfNumber } from '../instants.ts';
import { isText } from '../objects-of.ts';

/** Letters of names that the feed chose: a collector, a state. */
const nameLettersMax = 64;

const message = (event: JsonObject): JsonObject | undefined => {
  const data = event['type'] === 'ris_message' ? event['data'] : undefined;
  return isObject(data) ? data : undefined;
};

type Update = { -readonly [K in keyof BgpUpdateRecord]?: BgpUpdateRecord[K] };
type Session = { -readonly [K in keyof BgpSessionRecord]?: BgpSessionRecord[K] };

/** A whole number of 32 bits, also as text. */
function number(value: unknown): number | undefined {
  const read = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof read === 'number' && Number.isInteger(read) && read >= 0 && read <= 0xffff_ffff ? read : undefined;
}

const address = (value: unknown): string | undefined => (isText(value) && parseAddress(value) ? value : undefined);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const name = (value: unknown): string | undefined => (isText(value) ? value.slice(0, nameLettersMax) : undefined);

/** Fields that are there. */
function told<T extends object>(fields: T): T {
  for (const key in fields) if (fields[key] === undefined) delete fields[key];
  return fields;
}

/** Prefixes by family; how many of them are none is counted in `wrong`. */
class Prefixes {
  readonly four: string[] = [];
  readonly six: string[] = [];
  wrong = 0;

  add(values: unknown): this {
    for (const value of list(values)) {
      if (!isText(value) || !value.includes('/') || !parseNetwork(value)) this.wrong++;
      else (value.includes(':') ? this.six : this.four).push(value);
    }
    return this;
  }
}

/** Numbers in order; a list among them is a set. */
function segmentsOf(path: readonly unknown[]): readonly Segment[] | undefined {
  const segments: { type: number; numbers: number[] }[] = [];
  for (const part of path) {
    const set = Array.isArray(part);
    const numbers = (set ? part : [part]).map(number);
    if (numbers.some((one) => one === undefined)) return undefined;
    const last = segments.at(-1);
    if (!set && last?.type === SEQUENCE) last.numbers.push(numbers[0]!);
    else segments.push({ type: set ? SET : SEQUENCE, numbers: numbers as number[] });
  }
  return segments;
}

/** The attributes that all announcements of a message share. */
function attributesOf(data: JsonObject, emit: LogEmit): Update {
  const path = data['path'] === undefined ? undefined : segmentsOf(list(data['path']));
  const communities = list(data['community']).flatMap((pair) => {
    const [high, low] = list(pair).map(number);
    return high === undefined || low === undefined ? [] : [`${high}:${low}`];
  });
  if (communities.length > elementsMax) emit.shortened();
  const origin = isText(data['origin']) ? data['origin'].toUpperCase() : '';
  // AS and address, divided by a colon or a space.
  const aggregator = isText(data['aggregator']) ? /^(\d{1,10})[: ](\S{1,45})$/.exec(data['aggregator']) : null;
  return told<Update>({
    origin: origins.includes(origin) ? origin : undefined,
    as_path: path && pathText(path),
    as_path_count: path && lengthOf(path),
    origin_as: path && originOf(path),
    med: number(data['med']),
    aggregator_as: number(aggregator?.[1]),
    aggregator_ip: address(aggregator?.[2]),
    communities: communities.length > 0 ? communities.slice(0, elementsMax) : undefined,
    errors: data['path'] !== undefined && path === undefined ? ['as_path'] : undefined,
  });
}

/** Announcements have a next hop each: an address, or a global one and a link-local one divided by a comma. */
function update(data: JsonObject, head: () => Head, emit: LogEmit): void {
  const reader = { head, record: emit.record.bind(emit) };
  const withdrawn = new Prefixes().add(data['withdrawals']);
  let wrong = withdrawn.wrong;
  let said = 0;
  const write = (family: string, announced: readonly string[], gone: readonly string[], path: Update | undefined): void => {
    said++;
    writeRoutes({ family, announced, withdrawn: gone, path, others: {} }, reader);
  };
  const shared = attributesOf(data, emit);
  for (const each of list(data['announcements'])) {
    if (!isObject(each)) continue;
    const prefixes = new Prefixes().add(each['prefixes']);
    wrong += prefixes.wrong;
    const [global, linkLocal] = isText(each['next_hop']) ? each['next_hop'].split(',', 2).map(address) : [];
    const path = told<Update>({ ...shared, next_hop: global, next_hop_link_local: linkLocal });
    if (prefixes.four.length > 0) write('ipv4 unicast', prefixes.four, withdrawn.four.splice(0), path);
    if (prefixes.six.length > 0) write('ipv6 unicast', prefixes.six, withdrawn.six.splice(0), path);
  }
  if (withdrawn.four.length > 0) write('ipv4 unicast', [], withdrawn.four, undefined);
  if (withdrawn.six.length > 0) write('ipv6 unicast', [], withdrawn.six, undefined);
  // A message of the wire without routes ends a table, of which family the feed does not say.
  if (wrong > 0) emit.refused('malformed');
  else if (said === 0 && data['path'] === undefined) write('ipv4 unicast', [], [], { end_of_rib: true });
}

/** Capabilities by their numbers, as ExaBGP tells them. */
function capabilitiesOf(value: unknown): Session {
  if (!isObject(value)) return {};
  const all: string[] = [];
  let families: string[] = [];
  for (const code in value) {
    if (all.length >= capabilitiesMax) break;
    if (!/^\d{1,3}$/.test(code)) continue;
    all.push(nameOf(names, Number(code)));
    const inner = value[code];
    if (code === '1' && isObject(inner))
      families = list(inner['families']).filter(isText).slice(0, capabilitiesMax).map((one) => one.slice(0, nameLettersMax).replace('/', ' ')); // oxfmt-ignore
  }
  return told<Session>({
    capabilities: all.length > 0 ? all : undefined,
    families: families.length > 0 ? families : undefined,
  });
}

function session(data: JsonObject): Session | undefined {
  switch (data['type']) {
    case 'OPEN':
      return {
        event: 'open',
        version: number(data['version']),
        asn: number(data['asn']),
        hold_time: number(data['hold_time']),
        bgp_id: address(data['router_id']),
        is_local: data['direction'] === 'sent' ? true : undefined,
        ...capabilitiesOf(data['capabilities']),
      };
    case 'NOTIFICATION': {
      const { code, subcode } = isObject(data['notification']) ? data['notification'] : {};
      const [error, detail] = [number(code), number(subcode)];
      return {
        event: 'notification',
        error_code: error,
        error: error === undefined ? undefined : nameOf(errors, error),
        error_subcode: detail,
        error_detail: error === undefined || detail === undefined ? undefined : details[error]?.[detail],
      };
    }
    case 'RIS_PEER_STATE':
    case 'STATE':
      return { event: 'state-change', new_state: name(data['state']) };
  }
  return undefined;
}

function take(event: JsonObject, emit: LogEmit, source: LogSource): void {
  const data = message(event)!;
  const ts = (typeof data['timestamp'] === 'number' ? instantOfNumber(data['timestamp']) : undefined) ?? source.at?.();
  if (ts === undefined) {
    emit.refused('malformed');
    return;
  }
  const peering: BgpPeering = told({
    collector: name(data['host']),
    peer_ip: address(data['peer']),
    peer_asn: number(data['peer_asn']),
  });
  const head = (): Head => ({ ts, ...peering });
  if (data['type'] === 'UPDATE') {
    update(data, head, emit);
    return;
  }
  const fields = session(data);
  if (fields) emit.record('bgp_session', { ...head(), ...told(fields) });
  else if (data['type'] !== 'KEEPALIVE') emit.refused('unrecognised');
}

export const ris: LogFormat = {
  name: 'ris',
  logs: ['bgp_update', 'bgp_session'],
  events: { owns: (event) => isText(message(event)?.['type']), take },
};
