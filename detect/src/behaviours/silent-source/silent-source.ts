/** A source that always spoke falls silent while others of its kind go on. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { Finding, RecordReference } from '@forewarn/model/finding';
import { BoundedMap } from '../../bounded.ts';
import { ageWords, sureness } from '../age.ts';
import { behaviour, hourOf, latenessMax } from '../behaviour.ts';
import { sourceLogs, speakingOf, type Speaking } from './sources.ts';

/** Sources that are watched, about 400 bytes each: 8 MB when full. Fleets of more devices than that are watched by their gateways. */
const sourcesMax = 20_000;

type Source = Speaking & {
  first: Seconds;
  last: Seconds;
  count: number;
  /** The longest it ever was silent, which was not told. */
  gap: Seconds;
  reference: RecordReference;
  /** Of the finding about its silence. */
  window: Seconds | undefined;
};

export const silentSource = behaviour({
  id: 'silent-source',
  technique: ['T0826'],
  logs: sourceLogs,
  parameters: ['recordsMin', 'learnSeconds', 'seasonSeconds', 'silentMin', 'timesGap', 'othersShare', 'sureYoung', 'sureOld'],
  start({ parameters, rule, sight }) {
    const sources = new BoundedMap<string, Source>(sourcesMax);
    /** Of each kind the last record, and the last time that nobody of it was heard: that is no habit of anybody. */
    const kinds = new Map<Speaking['kind'], { last: Seconds; resumed: Seconds; pause: Seconds }>();
    let checkedAt = -Infinity;

    const tell = (source: Source, at: Seconds, state: 'silent' | 'back', others: number): void => {
      const { kind, target, isLoss, window, last, first, gap } = source;
      const age = last - first;
      const level: Finding['level'] = isLoss ? 'high' : 'medium';
      sight({
        rule,
        subject: `${kind} ${source.source} ${target}`,
        window: window!,
        from: last,
        to: at,
        technique: isLoss ? ['T0826'] : [],
        tactic: ['impact'],
        level,
        confidence: sureness(age, { young: parameters.sureYoung, old: parameters.sureOld, full: parameters.seasonSeconds }),
        explanation: {
          text: `detect.silent-source.${state}`,
          values: {
            source: source.source,
            target: target === '' ? '–' : target,
            what: { text: `detect.silent-source.${kind}` },
            silence: ageWords(at - last),
            gap: ageWords(gap),
            age: ageWords(age),
            records: source.count,
            others,
          },
        },
        source: source.source,
        targets: target === '' ? [] : [target],
        names: [],
        records: [source.reference],
        recordCount: 1,
        harm: isLoss ? 'availability' : null,
      });
    };

    /** Sources of each kind that are known well enough to be missed, and how many of them are silent beyond their habit at the time. */
    const check = (now: Seconds): void => {
      const due: Source[] = [];
      const known = new Map<string, { all: number; silent: number }>();
      for (const [, source] of sources.entries()) {
        if (source.count < parameters.recordsMin || source.last - source.first < parameters.learnSeconds) continue;
        const kind = known.get(source.kind) ?? { all: 0, silent: 0 };
        known.set(source.kind, kind);
        kind.all++;
        if (now - source.last <= Math.max(parameters.silentMin, parameters.timesGap * source.gap)) continue;
        kind.silent++;
        if (source.window === undefined) due.push(source);
      }
      for (const source of due) {
        const { all, silent } = known.get(source.kind)!;
        // When all are silent nobody listens any more: the loss is that of the sensor, and told as such.
        if (all - silent < parameters.othersShare * all || all < 2) continue;
        source.window = hourOf(source.last);
        tell(source, now, 'silent', all - silent);
      }
    };

    return {
      evictions: () => sources.evictions,
      push(log, record) {
        const { ts, uid } = record;
        if (typeof ts !== 'number' || !Number.isFinite(ts)) return;
        const speaking = speakingOf(log, record);
        if (!speaking || speaking.source === '' || speaking.source.length > 100) return;
        // A controller is missed as such, whoever of its masters noticed; a stream by its group.
        const key =
          speaking.kind === 'controller'
            ? `controller ${speaking.source}`
            : `${speaking.kind} ${speaking.source} ${speaking.target}`;
        const reference = { log, uid: typeof uid === 'string' ? uid.slice(0, 64) : '', ts };
        const kind = kinds.get(speaking.kind) ?? { last: ts, resumed: -Infinity, pause: 0 };
        kinds.set(speaking.kind, kind);
        if (ts - kind.last > parameters.silentMin) Object.assign(kind, { resumed: ts, pause: ts - kind.last });
        kind.last = Math.max(kind.last, ts);
        const source = sources.touch(key);
        if (!source) {
          sources.set(key, { ...speaking, first: ts, last: ts, count: 1, gap: 0, reference, window: undefined });
          return;
        }
        source.first = Math.min(source.first, ts);
        if (ts <= source.last) return;
        if (source.window !== undefined) {
          tell(source, ts, 'back', 0);
          source.window = undefined;
        }
        // It is a habit now to be silent for so long, told or not: nightly pauses are told once.
        const common = source.last < kind.resumed ? kind.pause : 0;
        source.gap = Math.max(source.gap, ts - source.last - common);
        Object.assign(source, { last: ts, count: source.count + 1, reference, target: speaking.target });
      },
      advance(ts) {
        const now = ts - latenessMax;
        if (now - checkedAt < 60) return;
        checkedAt = now;
        check(now);
      },
    };
  },
});
