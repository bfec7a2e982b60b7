/** Elements of a mobile core are asked by strangers, for too many tunnels, for tunnels that are not there, or from within a tunnel. See README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { Finding, RecordReference } from '@forewarn/model/finding';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Words } from '@forewarn/model/text';
import { BoundedMap } from '../../bounded.ts';
import { ageWords, sureness } from '../age.ts';
import { behaviour, hourOf } from '../behaviour.ts';
import { messageOf } from '../inner-signalling/inner-signalling.ts';

/** Own elements that are asked, and their partners: about 200 bytes each. An operator has hundreds of the one and thousands of the other. */
const elementsMax = 5_000;
const partnersMax = 50_000;

/** Tunnels that are known to be GTP, by the name of their flow. */
const tunnelsMax = 50_000;

const referencesMax = 100;

/** Requests that make a session (TS 29.060 §7.3, TS 29.274 §7.2). */
const creations = new Set(['create_session_request', 'create_pdp_context_request', 'create_bearer_request']);

/** Control and user plane of GTP, and PFCP. */
const corePorts = new Set([2_123, 2_152, 8_805]);

type Rate = { minute: number; count: number; before: number; most: number; mostAt: number; references: RecordReference[] };
type Partner = { first: Seconds; creations: Rate; misses: Rate; told: Set<string> };

const newRate = (): Rate => ({ minute: -Infinity, count: 0, before: 0, most: 0, mostAt: 0, references: [] });

/** Counts in the minute; answers how many, and the most before, which fades by a hundredth a minute. */
function add(rate: Rate, ts: Seconds, reference: RecordReference, isTold: boolean): { count: number; most: number } {
  const minute = Math.floor(ts / 60);
  if (minute > rate.minute) {
    rate.most *= 0.99 ** Math.min(1e4, Math.max(0, minute - rate.mostAt));
    rate.mostAt = minute;
    // Only what is older than the minute before is habit, so that a flood that begins does not hide itself.
    const isNext = minute === rate.minute + 1;
    if (!isTold) rate.most = Math.max(rate.most, rate.before, isNext ? 0 : rate.count);
    Object.assign(rate, { minute, before: isNext ? rate.count : 0, count: 0, references: [] });
  }
  rate.count++;
  if (rate.references.length < referencesMax) rate.references.push(reference);
  return { count: rate.count, most: rate.most };
}

export const gtpAbuse = behaviour({
  id: 'gtp-abuse',
  technique: ['T1499', 'T1572'],
  logs: ['gtp', 'tunnel', 'conn'],
  parameters: [
    'learnSeconds',
    'seasonSeconds',
    'partnersMin',
    'creationsMin',
    'timesUsual',
    'missesMin',
    'strangerYoung',
    'strangerOld',
    'innerSure',
    'rateSure',
  ],
  start({ parameters, inside, rule, sight }) {
    const elements = new BoundedMap<string, { first: Seconds; partners: number }>(elementsMax);
    const partners = new BoundedMap<string, Partner>(partnersMax);
    const tunnels = new BoundedMap<string, true>(tunnelsMax);

    const tell = (of: {
      kind: string; source: string; target: string; ts: Seconds; level: Finding['level']; confidence: number; technique: string[]; tactic: string;
      values: { [name: string]: string | number | Words }; records: readonly RecordReference[]; recordCount: number; harm: Finding['harm'];
    }): void =>
      sight({
        rule,
        subject: `${of.kind} ${of.source} ${of.kind === 'stranger' ? '' : of.target}`,
        window: hourOf(of.ts),
        from: of.ts,
        to: of.ts,
        technique: of.technique,
        tactic: [of.tactic],
        level: of.level,
        confidence: of.confidence,
        explanation: { text: `detect.gtp-abuse.${of.kind}`, values: { source: of.source, target: of.target, ...of.values } },
        source: of.source,
        targets: [of.target],
        names: [],
        records: of.records,
        recordCount: of.recordCount,
        harm: of.harm,
      }); // oxfmt-ignore

    /** Who is new among those that ask an own element which has been watched for long. */
    const meet = (sender: string, receiver: string, ts: Seconds, reference: RecordReference, name: string): Partner => {
      let element = elements.touch(receiver);
      if (!element) {
        element = { first: ts, partners: 0 };
        elements.set(receiver, element);
      }
      element.first = Math.min(element.first, ts);
      let partner = partners.touch(sender);
      if (partner) return partner;
      partner = { first: ts, creations: newRate(), misses: newRate(), told: new Set() };
      partners.set(sender, partner);
      const age = ts - element.first;
      const known = element.partners++;
      if (inside(sender) === 'inside' || age < parameters.learnSeconds || known < parameters.partnersMin) return partner;
      partner.told.add('stranger');
      tell({
        kind: 'stranger', source: sender, target: receiver, ts, technique: [], tactic: 'initial-access', level: creations.has(name) ? 'high' : 'medium', harm: null,
        confidence: sureness(age, { young: parameters.strangerYoung, old: parameters.strangerOld, full: parameters.seasonSeconds }),
        values: { name, partners: known, age: ageWords(age) }, records: [reference], recordCount: 1,
      }); // oxfmt-ignore
      return partner;
    };

    const pushGtp = (record: AnyRecord): void => {
      const { message: name, cause, version } = record;
      const message = messageOf('gtp', record);
      if (!message || typeof name !== 'string') return;
      const { sender, receiver, flow } = message;
      const { ts, reference } = flow;
      const said = name.slice(0, 64);
      if (said.endsWith('_request')) {
        const partner = meet(sender, receiver, ts, reference, said);
        if (!creations.has(said)) return;
        const { count, most } = add(partner.creations, ts, reference, partner.told.has('flood'));
        if (count < parameters.creationsMin || count < parameters.timesUsual * most) return;
        partner.told.add('flood');
        if (count % 100 !== parameters.creationsMin % 100) return;
        tell({
          kind: 'flood', source: sender, target: receiver, ts, technique: ['T1499'], tactic: 'impact', level: 'high', confidence: parameters.rateSure, harm: 'availability',
          values: { count, usual: Math.round(most), name: said, age: ageWords(ts - partner.first) },
          records: partner.creations.references, recordCount: count === parameters.creationsMin ? count : 100,
        }); // oxfmt-ignore
        return;
      }
      // TS 29.274 §8.4: 64 context not found; TS 29.060 §7.7.1: 192 non-existent.
      if (cause !== (version === 1 ? 192 : 64)) return;
      const partner = partners.peek(receiver);
      if (!partner) return;
      const { count } = add(partner.misses, ts, reference, false);
      if (count < parameters.missesMin || (count - parameters.missesMin) % 50 !== 0) return;
      tell({
        kind: 'guess', source: receiver, target: sender, ts, technique: ['T1499'], tactic: 'impact', level: 'high', confidence: parameters.rateSure, harm: null,
        values: { count }, records: partner.misses.references, recordCount: count === parameters.missesMin ? count : 50,
      }); // oxfmt-ignore
    };

    /** A flow within a tunnel of GTP that speaks to the core itself: a telephone has no reason to. */
    const pushConn = (record: AnyRecord): void => {
      const { tunnel_parents: parents, proto } = record;
      if (!Array.isArray(parents) || proto !== 'udp') return;
      const message = messageOf('conn', { ...record, is_orig: true });
      if (!message || !corePorts.has(message.flow.port)) return;
      if (!(parents as unknown[]).slice(0, 8).some((parent) => typeof parent === 'string' && tunnels.peek(parent) !== undefined))
        return;
      const { sender, receiver, flow } = message;
      tell({
        kind: 'inner', source: sender, target: receiver, ts: flow.ts, technique: ['T1572'], tactic: 'command-and-control', level: 'high', confidence: parameters.innerSure, harm: null,
        values: { port: flow.port }, records: [flow.reference], recordCount: 1,
      }); // oxfmt-ignore
    };

    return {
      evictions: () => elements.evictions + partners.evictions + tunnels.evictions,
      push(log, record) {
        if (log === 'gtp') pushGtp(record);
        else if (log === 'conn') pushConn(record);
        else if (record['tunnel_type'] === 'Tunnel::GTPv1' && typeof record['uid'] === 'string' && record['uid'].length <= 64)
          tunnels.set(record['uid'], true);
      },
      advance() {
        // Partners are worth remembering for as long as there is room: agreements last years.
      },
    };
  },
});
