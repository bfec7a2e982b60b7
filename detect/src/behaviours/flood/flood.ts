/** Floods: openings of connections that are never completed, or packets that are never answered, far beyond what a host is used to. See README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { RecordReference } from '@forewarn/model/finding';
import { BoundedMap } from '../../bounded.ts';
import { ageWords, sureness } from '../age.ts';
import { behaviour, count, flowOf, hourOf } from '../behaviour.ts';
import { Spread } from '../spread.ts';

/** Services and hosts whose habits are remembered, about 800 bytes each and some 10 KB while they are flooded: 80 MB when full. */
const targetsMax = 100_000;

const referencesMax = 100;

/** A finding that grows is told the ledger in steps of so many flows: floods have millions. */
const step = 100;

/** One minute of one target. */
type Bucket = {
  minute: number;
  all: number;
  one: number;
  bytes: number;
  senders: Spread;
  ports: Set<number>;
  references: RecordReference[];
};

type Target = {
  first: Seconds;
  /** The most in a minute so far, of all that came and of what stayed one-sided; they fade by a hundredth with each minute. */
  usual: { all: number; one: number };
  /** The minute before, which is no habit yet: a flood that begins does not hide itself. */
  before: { all: number; one: number };
  usualAt: number;
  bucket: Bucket;
  told: number;
  window: Seconds | undefined;
};

const portsMax = 16;

/** A SYN, answered or not, that the originator did not go on from. */
function isHalfOpen(record: AnyRecord): boolean {
  const { history, orig_bytes: bytes } = record;
  if (typeof history !== 'string' || history.length > 64) return record['conn_state'] === 'S0';
  return history.startsWith('S') && !history.includes('A') && !history.includes('D') && count(bytes) === 0;
}

export const flood = behaviour({
  id: 'flood',
  technique: ['T1498.001', 'T1499.001'],
  logs: ['conn', 'ipfix'],
  parameters: ['halfOpenMin', 'packetsMin', 'share', 'timesUsual', 'timesAll', 'sendersMin', 'learnSeconds', 'seasonSeconds'],
  start({ parameters, inside, rule, sight }) {
    const targets = new BoundedMap<string, Target>(targetsMax);

    const newBucket = (minute: number): Bucket => ({
      minute,
      all: 0,
      one: 0,
      bytes: 0,
      senders: new Spread(),
      ports: new Set(),
      references: [],
    });

    const faded = ({ usual, usualAt }: Target, minute: number): { all: number; one: number } => {
      const part = 0.99 ** Math.max(0, minute - usualAt);
      return { all: usual.all * part, one: usual.one * part };
    };

    /** Closes the minute; the one before it becomes habit. A minute of a flood is none. */
    const turn = (target: Target, minute: number): void => {
      const { bucket, before } = target;
      const usual = faded(target, minute);
      const closed = target.told > 0 ? { all: 0, one: 0 } : { all: bucket.all, one: bucket.one };
      const isNext = minute === bucket.minute + 1;
      const older = isNext ? [before] : [before, closed];
      target.usual = {
        all: Math.max(usual.all, ...older.map(({ all }) => all)),
        one: Math.max(usual.one, ...older.map(({ one }) => one)),
      };
      target.before = isNext ? closed : { all: 0, one: 0 };
      target.usualAt = minute;
      if (minute - bucket.minute > 10) target.window = undefined;
      target.told = 0;
      target.bucket = newBucket(minute);
    };

    return {
      evictions: () => targets.evictions,
      push(log, record) {
        const flow = flowOf(log, record);
        const { proto } = record;
        if (!flow || (proto !== 'tcp' && proto !== 'udp' && proto !== 'icmp')) return;
        const { source, target: host, port, ts, reference } = flow;
        // What own hosts do to others is told of them one by one, by outbound-abuse.
        if (inside(host) !== 'inside') return;
        const isTcp = proto === 'tcp';
        const key = isTcp ? `${host} ${port}` : `${host} ${proto}`;
        const minute = Math.floor(ts / 60);
        let target = targets.touch(key);
        if (!target) {
          target = {
            first: ts,
            usual: { all: 0, one: 0 },
            before: { all: 0, one: 0 },
            usualAt: minute,
            bucket: newBucket(minute),
            told: 0,
            window: undefined,
          };
          targets.set(key, target);
        }
        target.first = Math.min(target.first, ts);
        if (minute > target.bucket.minute) turn(target, minute);
        // Late by more than a minute: it belongs to none that is still open.
        if (minute < target.bucket.minute - 1) return;
        const { bucket } = target;
        const packets = Math.max(1, count(record['orig_pkts']));
        const isOneSided = isTcp ? isHalfOpen(record) : count(record['resp_pkts']) === 0 && count(record['resp_bytes']) === 0;
        const amount = isTcp ? 1 : packets;
        bucket.all += amount;
        bucket.bytes += count(record['orig_bytes']);
        if (!isOneSided) return;
        bucket.one += amount;
        bucket.senders.add(source, amount);
        if (bucket.ports.size < portsMax) bucket.ports.add(port);
        if (bucket.references.length < referencesMax) bucket.references.push(reference);
        const least = isTcp ? parameters.halfOpenMin : parameters.packetsMin;
        if (bucket.one < least || bucket.one < parameters.share * bucket.all) return;
        // Packets that nobody answers are also media and reports of measurement, from few.
        if (!isTcp && bucket.senders.size < parameters.sendersMin) return;
        const usual = faded(target, minute);
        // A service that is down stays one-sided as well, and people try again; but not many times as often.
        if (bucket.one < parameters.timesUsual * usual.one || bucket.one < parameters.timesAll * usual.all) return;
        if (target.told > 0 && bucket.one - target.told < step) return;
        const begun = target.window !== undefined;
        const added = begun ? bucket.one - target.told : bucket.one;
        target.told = bucket.one;
        target.window ??= hourOf(ts);
        const age = ts - target.first;
        const top = bucket.senders.top();
        const evenness = bucket.senders.evenness();
        const isMany = bucket.senders.size >= parameters.sendersMin;
        sight({
          rule,
          subject: `${proto} ${host}`,
          window: target.window,
          from: minute * 60 > target.first ? minute * 60 : target.first,
          to: ts,
          technique: isTcp ? ['T1498.001', 'T1499.001'] : ['T1498.001'],
          tactic: ['impact'],
          level: 'high',
          confidence: sureness(age, {
            young: age < parameters.learnSeconds ? 0.6 : 0.7,
            old: 0.9,
            full: parameters.seasonSeconds,
          }),
          explanation: {
            text: isTcp ? 'detect.flood.half-open' : 'detect.flood.packets',
            values: {
              target: host,
              port,
              source: top,
              count: bucket.one,
              share: Math.round((100 * bucket.one) / bucket.all),
              senders: bucket.senders.size,
              evenness: Math.round(100 * evenness),
              rate: Math.round((8 * bucket.bytes) / 60 / 100_000) / 10,
              usual: Math.round(usual.all),
              age: ageWords(age),
              how: { text: isMany ? 'detect.flood.many' : 'detect.flood.few' },
            },
          },
          source: top,
          targets: [host],
          names: [],
          records: begun ? [reference] : bucket.references,
          recordCount: added,
          harm: 'availability',
        });
      },
      advance(ts) {
        // Habits are worth a day's memory.
        for (const [key, { bucket }] of targets.entries()) {
          if (bucket.minute * 60 + 86_400 >= ts) break;
          targets.delete(key);
        }
      },
    };
  },
});
