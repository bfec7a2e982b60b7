/** Routes to own prefixes that others originate, make more specific, or pass on where they may not. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Finding } from '@forewarn/model/finding';
import type { Words } from '@forewarn/model/text';
import { BoundedMap } from '../../bounded.ts';
import { ageWords, sureness } from '../age.ts';
import { behaviour, hourOf } from '../behaviour.ts';
import { hopsOf, prefixOf, shorten, tellersOf, type Prefix } from './routes.ts';

/** Own prefixes, about 1 KB each: 50 MB when full. The largest operators announce some ten thousand. */
const prefixesMax = 50_000;

/** Own autonomous systems; a national operator has some tens. */
const systemsMax = 256;

/** Sessions whose roles are remembered. */
const sessionsMax = 10_000;

/** Origins and neighbours of one prefix; more are a table that is broken, and nothing is called new then. */
const partiesMax = 64;

/** Prefixes of one record that are looked at; records have some hundreds. */
const prefixesOfRecordMax = 2_000;

type Party = { first: Seconds; last: Seconds };

/** What is known of an own prefix. */
type Known = {
  first: Seconds;
  seen: number;
  origins: Map<number, Party>;
  neighbours: Map<number, Party>;
  doubtful: Map<number, Party>;
};

export const routeOrigin = behaviour({
  id: 'route-origin',
  technique: ['T1557'],
  logs: ['bgp_update', 'bgp_rib', 'bgp_session'],
  parameters: [
    'learnSeconds',
    'habitSeconds',
    'seasonSeconds',
    'originSure',
    'specificSure',
    'neighbourSure',
    'leakSure',
    'neighbourSeen',
  ],
  start({ parameters, inside, rule, sight }) {
    const prefixes = new BoundedMap<string, Known>(prefixesMax, (text) => countLength(text, -1));
    /** How many own prefixes there are of each length, so that only those lengths are asked. */
    const lengths = new Map<string, number>();
    const systems = new BoundedMap<number, true>(systemsMax);
    const roles = new BoundedMap<string, string>(sessionsMax);

    function countLength(text: string, by: number): void {
      const length = `${text.includes(':') ? 6 : 4}/${text.slice(text.indexOf('/') + 1)}`;
      const count = (lengths.get(length) ?? 0) + by;
      if (count > 0) lengths.set(length, count);
      else lengths.delete(length);
    }

    /** The longest own prefix that holds this one and is shorter. */
    const covering = ({ bytes, bits }: Prefix): { prefix: Prefix; known: Known } | undefined => {
      const family = bytes.length === 4 ? 4 : 6;
      for (let length = bits - 1; length >= 8; length--) {
        if (!lengths.has(`${family}/${length}`)) continue;
        const prefix = shorten(bytes, length);
        const known = prefixes.peek(prefix.text);
        if (known) return { prefix, known };
      }
      return undefined;
    };

    const note = (of: Map<number, Party>, asn: number, ts: Seconds): void => {
      const party = of.get(asn);
      if (party) party.last = Math.max(party.last, ts);
      else if (of.size < partiesMax) of.set(asn, { first: ts, last: ts });
    };

    const listed = (of: Map<number, Party>): string =>
      [...of.keys()]
        .slice(0, 4)
        .map((asn) => `AS${asn}`)
        .join(', ');

    const tell = (of: {
      record: AnyRecord; log: string; ts: Seconds; kind: string; source: string; prefix: Prefix; level: Finding['level']; confidence: number;
      values: { [name: string]: string | number | Words }; harm: Finding['harm']; subject: string;
    }): void => {
      const { uid } = of.record;
      sight({
        rule,
        subject: of.subject,
        window: hourOf(of.ts),
        from: of.ts,
        to: of.ts,
        technique: of.harm === null ? [] : ['T1557'],
        tactic: of.harm === null ? ['resource-development'] : ['collection', 'impact'],
        level: of.level,
        confidence: of.confidence,
        explanation: { text: `detect.route-origin.${of.kind}`, values: { prefix: of.prefix.text, origin: of.source, ...of.values } },
        source: of.source,
        targets: inside(of.prefix.base) === 'inside' ? [of.prefix.base] : [],
        names: [of.prefix.text],
        records: [{ log: of.log, uid: typeof uid === 'string' ? uid.slice(0, 64) : '', ts: of.ts }],
        recordCount: 1,
        harm: of.harm,
      });
    }; // oxfmt-ignore

    /** One announced prefix. */
    const look = (
      log: string,
      record: AnyRecord,
      prefix: Prefix,
      { ts, since, hops, sender, isOurs }: { ts: Seconds; since: Seconds; hops: number[]; sender: string; isOurs: boolean },
    ): void => {
      const origin = hops.at(-1)!;
      const neighbour = hops.at(-2);
      const path = hops
        .slice(-6)
        .map((asn) => `AS${asn}`)
        .join(' ');
      let known = prefixes.touch(prefix.text);
      if (!known) {
        const cover = covering(prefix);
        if (cover) {
          const age = ts - cover.known.first;
          if (!cover.known.origins.has(origin) && age >= parameters.learnSeconds) {
            tell({
              record, log, ts, prefix, kind: 'more-specific', source: `AS${origin}`, level: 'critical', harm: 'availability', subject: `AS${origin} ${cover.prefix.text}`,
              confidence: sureness(age, { young: parameters.specificSure / 2, old: parameters.specificSure, full: parameters.seasonSeconds }),
              values: { within: cover.prefix.text, usual: listed(cover.known.origins), age: ageWords(age), sender, path },
            }); // oxfmt-ignore
            return;
          }
        }
        const isOwn =
          isOurs ||
          systems.peek(origin) !== undefined ||
          inside(prefix.base) === 'inside' ||
          (cover?.known.origins.has(origin) ?? false);
        if (!isOwn) return;
        known = { first: since, seen: 0, origins: new Map(), neighbours: new Map(), doubtful: new Map() };
        prefixes.set(prefix.text, known);
        countLength(prefix.text, 1);
        note(known.origins, origin, ts);
      }
      known.seen++;
      known.first = Math.min(known.first, since);
      const age = ts - known.first;
      if (!known.origins.has(origin)) {
        // In the time of learning several origins of one prefix are its habit: anycast, and backup by another operator.
        if (age < parameters.learnSeconds) {
          note(known.origins, origin, ts);
          return;
        }
        note(known.doubtful, origin, ts);
        const doubtful = known.doubtful.get(origin);
        if (doubtful && ts - doubtful.first >= parameters.habitSeconds) {
          known.doubtful.delete(origin);
          note(known.origins, origin, ts);
          return;
        }
        tell({
          record, log, ts, prefix, kind: 'origin', source: `AS${origin}`, level: 'critical', harm: 'availability', subject: `AS${origin} ${prefix.text}`,
          confidence: sureness(age, { young: parameters.originSure / 2, old: parameters.originSure, full: parameters.seasonSeconds }),
          values: { usual: listed(known.origins), age: ageWords(age), sender, path },
        }); // oxfmt-ignore
        return;
      }
      note(known.origins, origin, ts);
      if (neighbour === undefined || known.neighbours.has(neighbour)) return;
      const isFull = known.neighbours.size >= partiesMax;
      note(known.neighbours, neighbour, ts);
      if (isFull || age < parameters.learnSeconds || known.seen < parameters.neighbourSeen || known.neighbours.size < 2) return;
      tell({
        record, log, ts, prefix, kind: 'neighbour', source: `AS${neighbour}`, level: 'medium', harm: null, subject: `next to AS${origin}: AS${neighbour}`,
        confidence: parameters.neighbourSure,
        values: { origin: `AS${origin}`, neighbour: `AS${neighbour}`, usual: listed(new Map([...known.neighbours].slice(0, -1))), age: ageWords(age), seen: known.seen, sender, path },
      }); // oxfmt-ignore
    };

    /** RFC 9234 §5: a route marked "only to customers" that comes from a customer, or from a peer that did not mark it itself, has leaked. */
    const leak = (log: string, record: AnyRecord, ts: Seconds, sender: string, announced: unknown): void => {
      const { only_to_customer: marked, peer_asn: peer, as_path: path } = record;
      if (typeof marked !== 'number') return;
      const role = roles.peek(sender);
      const isLeak = role === 'customer' || role === 'rs-client' || (role === 'peer' && marked !== peer);
      const prefix = Array.isArray(announced) ? prefixOf((announced as unknown[])[0]) : prefixOf(announced);
      if (!isLeak || !prefix) return;
      const asn = typeof peer === 'number' ? `AS${peer}` : sender;
      tell({
        record, log, ts, prefix, kind: 'leak', source: asn, level: 'high', harm: null, subject: `leak ${sender}`, confidence: parameters.leakSure,
        values: {
          sender, role, marked: `AS${marked}`, path: typeof path === 'string' ? path.slice(0, 200) : '',
          count: Array.isArray(announced) ? announced.length : 1,
        },
      }); // oxfmt-ignore
    };

    return {
      evictions: () => prefixes.evictions + systems.evictions + roles.evictions,
      push(log, record) {
        const { ts, as_path: path, treat_as_withdraw: isWithdrawn, peer_asn: peer } = record;
        if (typeof ts !== 'number' || !Number.isFinite(ts)) return;
        const { sender, receiver } = tellersOf(record);
        if (log === 'bgp_session') {
          const { event, role } = record;
          if (event === 'open' && typeof role === 'string' && sender !== '') roles.set(sender, role.slice(0, 20));
          return;
        }
        const announced = log === 'bgp_rib' ? [record['prefix']] : record['announced'];
        if (!Array.isArray(announced) || announced.length === 0 || isWithdrawn === true) return;
        leak(log, record, ts, sender, announced);
        const hops = hopsOf(path);
        if (!hops) return;
        // What an own router tells one outside is ours; within, routes of everybody are told.
        const isOurs = sender !== '' && receiver !== '' && inside(sender) === 'inside' && inside(receiver) === 'outside';
        if (isOurs && typeof peer === 'number') systems.set(peer, true);
        if (hops.length === 0) {
          if (typeof peer !== 'number') return;
          hops.push(peer);
        }
        // What an own router passes on is ours only if it begins with it.
        const isOrigin = isOurs && hops.length === 1;
        const { originated } = record;
        const since = log === 'bgp_rib' && typeof originated === 'number' && originated > 0 ? Math.min(ts, originated) : ts;
        for (const text of (announced as unknown[]).slice(0, prefixesOfRecordMax)) {
          const prefix = prefixOf(text);
          if (prefix) look(log, record, prefix, { ts, since, hops, sender, isOurs: isOrigin });
        }
      },
      advance() {
        // Who originates own prefixes is worth remembering for as long as there is room.
      },
    };
  },
});
