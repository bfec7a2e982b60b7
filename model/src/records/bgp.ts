/**
 * Records of BGP: routes that are announced and withdrawn, the sessions that carry them, and tables of routes. The same types serve messages on the
 * wire, MRT files of route collectors and live feeds; what only one of them knows is absent elsewhere.
 *
 * Columns have the names that pmacct, OpenBMP and bgpdump use for them. What a peer writes in words (the shutdown communication of RFC 9003) and the
 * places of peers (RFC 6397) have no column.
 */

import { connectionColumns, type Column, type RecordOf, type RecordType } from './record.ts';

const count = (means: string, unit?: string): Column & { type: 'count' } => ({
  type: 'count',
  class: 'technical',
  ...(unit === undefined ? {} : { unit }),
  means,
});
const text = (means: string): Column & { type: 'string' } => ({ type: 'string', class: 'technical', means });
const addr = (means: string): Column & { type: 'addr' } => ({ type: 'addr', class: 'technical', means });
const bool = (means: string): Column & { type: 'bool' } => ({ type: 'bool', class: 'technical', means });
const texts = (means: string): Column & { type: 'vector[string]' } => ({ type: 'vector[string]', class: 'technical', means });
const counts = (means: string): Column & { type: 'vector[count]' } => ({ type: 'vector[count]', class: 'technical', means });

/** Who told whom. */
const peering = {
  ts: connectionColumns.ts,
  uid: text('Name of the flow; absent where it comes from a file or a feed.'),
  'id.orig_h': addr('Address of the originator of the flow.'),
  'id.orig_p': { type: 'port', class: 'technical', means: 'Port of the originator.' },
  'id.resp_h': addr('Address of the responder of the flow.'),
  'id.resp_p': { type: 'port', class: 'technical', means: 'Port of the responder.' },
  is_orig: bool('Whether the originator of the flow sent it.'),
  collector: text('Name or BGP identifier of the route collector; of BMP the router that reports.'),
  peer_ip: addr('Router that sent it; of a collector, its peer.'),
  peer_asn: count('Autonomous system of that router: of its OPEN, or as the collector says.'),
  local_ip: addr('The other end of the session.'),
  local_asn: count('Autonomous system of the other end.'),
  is_local: bool('The collector, or the router that reports (BMP), itself sent it, to the peer.'),
  rib: text('Of BMP: the table it tells of: adj-rib-in or adj-rib-out, pre-policy or post-policy, or loc-rib.'),
} as const satisfies RecordType['columns'];

/** Path attributes (RFC 4271 §5). */
const attributes = {
  family: {
    type: 'string',
    class: 'technical',
    always: true,
    means: 'Address family and kind of the routes: ipv4 unicast, ipv6 unicast, vpnv4.',
  },
  origin: text('ORIGIN: IGP, EGP or INCOMPLETE.'),
  as_path: text('AS_PATH as routers print it: sets in {}, confederations in () and []; 4-octet numbers are put in their place.'),
  as_path_count: count('Autonomous systems in the path as route selection counts them: a set is one, confederations none.'),
  origin_as: count(
    'Last autonomous system of the path, which originates the route (RFC 6811); absent where a set or confederation is last.',
  ),
  next_hop: addr('Router that traffic is to be sent to.'),
  next_hop_link_local: addr('Link-local address of that router (RFC 2545).'),
  med: count('MULTI_EXIT_DISC.'),
  local_pref: count('LOCAL_PREF.'),
  atomic_aggregate: bool('ATOMIC_AGGREGATE is there.'),
  aggregator_as: count('Autonomous system that aggregated the route.'),
  aggregator_ip: addr('Router that aggregated the route.'),
  communities: texts('COMMUNITIES (RFC 1997): 64500:1; 65535:666 is BLACKHOLE, 65535:65281 NO_EXPORT.'),
  ext_communities: texts('Extended communities (RFC 4360): rt:64500:1, or the bytes in hexadecimal.'),
  large_communities: texts('Large communities (RFC 8092): 64500:1:2.'),
  originator_id: addr('Router that brought the route into the autonomous system (RFC 4456).'),
  cluster_list: texts('Route reflectors that the route passed.'),
  only_to_customer: count('Only to Customer (RFC 9234): who marked the route as not for peers and providers.'),
  unknown_attributes: counts('Type codes of attributes that are not known.'),
  errors: texts('Attributes that are malformed or missing: origin, as_path, next_hop.'),
  treat_as_withdraw: bool('A router that follows RFC 7606 takes these announcements as withdrawals.'),
} as const satisfies RecordType['columns'];

export const bgp_update = {
  log: 'bgp_update',
  means: 'Routes of one address family that one UPDATE announces and withdraws.',
  source:
    'RFC 4271 §4.3, 4760, 6793, 7606, 7911; MRT BGP4MP (RFC 6396, 8050), BMP (RFC 7854), RIS Live; names of pmacct and OpenBMP',
  columns: {
    ...peering,
    ...attributes,
    announced: texts('Prefixes that are announced.'),
    withdrawn: texts('Prefixes that are withdrawn.'),
    announced_path_ids: counts('Path identifiers of the announced prefixes, in their order (RFC 7911).'),
    withdrawn_path_ids: counts('Path identifiers of the withdrawn prefixes, in their order.'),
    end_of_rib: bool('The sender has now told all of its routes of this family (RFC 4724).'),
    part: count('Number of the record where one UPDATE has more prefixes than a record, from 1.'),
  },
} as const satisfies RecordType;

export const bgp_rib = {
  log: 'bgp_rib',
  means: 'One route in a table of routes that a collector has stored: a prefix and how one peer reaches it.',
  source: 'MRT TABLE_DUMP and TABLE_DUMP_V2 (RFC 6396 §4.2, §4.3, RFC 8050)',
  columns: {
    ...peering,
    ...attributes,
    prefix: { type: 'string', class: 'technical', always: true, means: 'Prefix of the route.' },
    path_id: count('Path identifier (RFC 7911).'),
    peer_bgp_id: addr('BGP identifier of the peer.'),
    originated: { type: 'time', class: 'technical', unit: 's', means: 'When the collector learned the route.' },
    view: text('Name or number of the table.'),
  },
} as const satisfies RecordType;

export const bgp_session = {
  log: 'bgp_session',
  means: 'What happens to a BGP session: OPEN, NOTIFICATION and ROUTE-REFRESH, changes of state, and at its end what it carried.',
  source:
    'RFC 4271 §4.2, §4.5, §8; RFC 5492, 2918, 7313, 9003, 9072; MRT BGP4MP (RFC 6396), BMP (RFC 7854), RIS Live; names of OpenBMP',
  columns: {
    ...peering,
    event: {
      type: 'string',
      class: 'technical',
      always: true,
      means:
        'open, notification, route-refresh, state-change (as a collector or router tells), or end (of the flow); of BMP besides initiation, statistics, messages-lost, termination.',
    },
    version: count('Version of BGP in the OPEN.'),
    asn: count('Autonomous system in the OPEN; the one of four octets where there is one.'),
    bgp_id: addr('BGP identifier in the OPEN.'),
    hold_time: { type: 'interval', class: 'technical', unit: 's', means: 'Hold time in the OPEN; 0 asks for no KEEPALIVE.' },
    capabilities: texts('Capabilities in the OPEN (RFC 5492).'),
    families: texts('Address families in the OPEN (RFC 4760); of a ROUTE-REFRESH the one that is asked for.'),
    add_path: texts('Families for which several paths are offered in the OPEN, with the direction: ipv4 unicast send/receive.'),
    role: text('Role in the OPEN (RFC 9234): provider, rs, rs-client, customer, peer.'),
    router_name: text('Host and domain name in the OPEN.'),
    software: text('Software and its version in the OPEN.'),
    error_code: count('Error code of the NOTIFICATION.'),
    error: text('Name of the error code.'),
    error_subcode: count('Subcode of the NOTIFICATION.'),
    error_detail: text('Name of the subcode.'),
    refresh: text('Of a ROUTE-REFRESH: request, begin or end (RFC 7313), or orf (RFC 5291).'),
    old_state: text('State before.'),
    new_state: text('State after: Idle, Connect, Active, OpenSent, OpenConfirm, Established.'),
    reason: text('Why BMP reports that a session fell, or ends itself.'),
    adj_rib_in_routes: count('Routes that the peer has told, by BMP’s statistics.', 'routes'),
    loc_rib_routes: count('Routes that the router has chosen, by BMP’s statistics.', 'routes'),
    rejected_prefixes: count('Prefixes that the router’s policy has refused, by BMP’s statistics.', 'prefixes'),
    treated_as_withdraw: count(
      'UPDATE messages that the router took as withdrawals (RFC 7606), by BMP’s statistics.',
      'messages',
    ),
    orig_keepalives: count('KEEPALIVE messages of the originator.', 'messages'),
    resp_keepalives: count('KEEPALIVE messages of the responder.', 'messages'),
    orig_updates: count('UPDATE messages of the originator.', 'messages'),
    resp_updates: count('UPDATE messages of the responder.', 'messages'),
    orig_announced: count('Prefixes that the originator announced.', 'prefixes'),
    resp_announced: count('Prefixes that the responder announced.', 'prefixes'),
    orig_withdrawn: count('Prefixes that the originator withdrew.', 'prefixes'),
    resp_withdrawn: count('Prefixes that the responder withdrew.', 'prefixes'),
    duration: {
      type: 'interval',
      class: 'technical',
      unit: 's',
      means: 'From the first message that was seen to the last.',
    },
  },
} as const satisfies RecordType;

export type BgpUpdateRecord = RecordOf<typeof bgp_update>;
export type BgpRibRecord = RecordOf<typeof bgp_rib>;
export type BgpSessionRecord = RecordOf<typeof bgp_session>;
/** The columns that are path attributes. */
export type BgpAttributes = Omit<RecordOf<{ log: ''; means: ''; source: ''; columns: typeof attributes }>, 'family'>;
/** The columns that say who told whom, without the time. */
export type BgpPeering = Omit<RecordOf<{ log: ''; means: ''; source: ''; columns: typeof peering }>, 'ts'>;
