/** A network element suddenly calls many numbers abroad that it never called before. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { RecordReference } from '@forewarn/model/finding';
import { BoundedMap } from '../../bounded.ts';
import { ageWords, sureness } from '../age.ts';
import { behaviour, hourOf, latenessMax } from '../behaviour.ts';
import { messageOf } from '../inner-signalling/inner-signalling.ts';

/** Pairs of elements whose calls are watched, about 3 KB each, some 100 KB while they are busy: 100 MB when full of busy ones. Operators have some thousands. */
const elementsMax = 5_000;

/** Calls of a window; a busier pair is judged by the latest. */
const callsMax = 1_000;

/** Country codes of one pair; there are some 230, and 25 areas of the code 1 beside them. */
const codesMax = 400;

const referencesMax = 100;

/** Codes of services and not of countries (ITU-T E.164, assigned codes): shared cost, personal numbers, satellites, global networks, premium rate of the world. */
const worldwide = new Set(['+808', '+870', '+878', '+881', '+882', '+883', '+888', '+979', '+1900']);

type Call = { ts: Seconds; code: string; isNew: boolean; isAnswered: boolean; reference: RecordReference };

/** Calls abroad, and those of them to places that the element did not call before. */
type Count = { all: number; strange: number };

const none = (): Count => ({ all: 0, strange: 0 });

const most = (...of: Count[]): Count => ({
  all: Math.max(...of.map(({ all }) => all)),
  strange: Math.max(...of.map(({ strange }) => strange)),
});

type Element = {
  first: Seconds;
  calls: Call[];
  /** How often each code was called before, and when first. */
  codes: Map<string, { first: Seconds; count: number }>;
  /** The most calls abroad in a window so far, of all and of strange ones; fades by a tenth a day. */
  most: Count;
  mostAt: Seconds;
  /** Calls abroad in this stretch of time and the one before: only what is older is habit, so that a burst does not hide itself. */
  block: number;
  now: Count;
  before: Count;
  /** Calls of all kinds by the hour of the day. */
  hours: number[];
  window: Seconds | undefined;
};

export const tollFraud = behaviour({
  id: 'toll-fraud',
  technique: ['T1496'],
  logs: ['sip'],
  parameters: [
    'within',
    'callsMin',
    'timesUsual',
    'strangeShare',
    'learnSeconds',
    'seasonSeconds',
    'quietShare',
    'answeredMin',
    'sureYoung',
    'sureOld',
  ],
  start({ parameters, rule, sight }) {
    const elements = new BoundedMap<string, Element>(elementsMax);

    /** Whether the pair has hardly any calls at this hour; nobody says before two days are over. */
    const isQuietHour = (element: Element, ts: Seconds): boolean => {
      if (ts - element.first < 2 * 86_400) return false;
      const all = element.hours.reduce((sum, count) => sum + count, 0);
      // The burst itself does not make its hour a busy one.
      return element.hours[Math.floor(ts / 3_600) % 24]! - element.calls.length <= (parameters.quietShare * all) / 24;
    };

    const usualOf = ({ most: of, mostAt }: Element, ts: Seconds): Count => {
      const part = 0.9 ** Math.max(0, (ts - mostAt) / 86_400);
      return { all: of.all * part, strange: of.strange * part };
    };

    /** Counts the call in its stretch of time; what was before the last one becomes habit, unless there is a finding about it. */
    const turn = (element: Element, ts: Seconds, isStrange: boolean): void => {
      const block = Math.floor(ts / parameters.within);
      if (block > element.block) {
        const isNext = block === element.block + 1;
        const older = isNext ? element.before : most(element.before, element.now);
        if (element.window === undefined) Object.assign(element, { most: most(usualOf(element, ts), older), mostAt: ts });
        Object.assign(element, { block, before: isNext ? element.now : none(), now: none() });
      }
      element.now.all++;
      if (isStrange) element.now.strange++;
    };

    return {
      evictions: () => elements.evictions,
      push(log, record) {
        const { method, status_code: status, called_code: code } = record;
        // A call is counted by its last answer, or as one that never had any; the demand for a proof is followed by another try (RFC 3261 §22).
        if (method !== 'INVITE' || (typeof status === 'number' && (status < 200 || status === 401 || status === 407))) return;
        const message = messageOf(log, record);
        if (!message) return;
        const { sender, receiver, flow } = message;
        const { ts, reference } = flow;
        const key = `${sender} ${receiver}`;
        let element = elements.touch(key);
        if (!element) {
          element = {
            first: ts,
            calls: [],
            codes: new Map(),
            most: none(),
            mostAt: ts,
            block: -Infinity,
            now: none(),
            before: none(),
            hours: Array.from({ length: 24 }, () => 0),
            window: undefined,
          };
          elements.set(key, element);
        }
        element.first = Math.min(element.first, ts);
        const isQuiet = isQuietHour(element, ts);
        if (typeof code !== 'string' || code.length > 5) {
          element.hours[Math.floor(ts / 3_600) % 24]!++;
          return;
        }
        const known = element.codes.get(code);
        // What began within this window is no habit yet.
        const isNew = !known || ts - known.first < parameters.within;
        if (known) known.count++;
        else if (element.codes.size < codesMax) element.codes.set(code, { first: ts, count: 1 });
        const isAnswered = typeof status === 'number' && status < 300;
        const { calls } = element;
        let at = calls.length;
        while (at > 0 && calls[at - 1]!.ts > ts) at--;
        calls.splice(at, 0, { ts, code, isNew, isAnswered, reference });
        const newest = calls.at(-1)!.ts;
        let gone = 0;
        while (gone < calls.length && (calls[gone]!.ts < newest - parameters.within || calls.length - gone > callsMax)) gone++;
        if (gone > 0) calls.splice(0, gone);
        const age = ts - element.first;
        // In the beginning every country is new.
        turn(element, ts, worldwide.has(code) || (isNew && age >= parameters.learnSeconds));
        const usual = usualOf(element, ts);
        const special = calls.filter((call) => worldwide.has(call.code)).length;
        // Before its habits are known only services of the world stand out.
        const strange =
          age >= parameters.learnSeconds ? calls.filter((call) => call.isNew || worldwide.has(call.code)).length : special;
        const isBurst = (count: number, before: number): boolean =>
          count >= parameters.callsMin && count >= parameters.timesUsual * before;
        const isStrange = strange >= parameters.strangeShare * calls.length && isBurst(strange, usual.strange);
        if (!isStrange && !(isQuiet && isBurst(calls.length, usual.all))) {
          element.hours[Math.floor(ts / 3_600) % 24]!++;
          return;
        }
        const begun = element.window !== undefined && ts - element.window < 7_200;
        if (!begun) element.window = hourOf(calls[0]!.ts);
        const answered = calls.filter((call) => call.isAnswered).length;
        const counts = new Map<string, number>();
        for (const call of calls) counts.set(call.code, (counts.get(call.code) ?? 0) + 1);
        const codes = [...counts]
          .sort((a, b) => b[1] - a[1])
          .slice(0, 5)
          .map(([of, count]) => `${of} (${count})`)
          .join(', ');
        const sure = sureness(age, { young: parameters.sureYoung, old: parameters.sureOld, full: parameters.seasonSeconds });
        sight({
          rule,
          subject: key,
          window: element.window!,
          from: begun ? ts : calls[0]!.ts,
          to: newest,
          technique: ['T1496'],
          tactic: ['impact'],
          level: answered >= parameters.answeredMin ? 'high' : 'medium',
          confidence: Math.min(0.95, Math.round(100 * (sure + (isQuiet ? 0.1 : 0) + (special > 0 ? 0.1 : 0))) / 100),
          explanation: {
            text: isQuiet ? 'detect.toll-fraud.quiet-hour' : 'detect.toll-fraud.burst',
            values: {
              source: sender,
              target: receiver,
              calls: calls.length,
              minutes: Math.max(1, Math.round((newest - calls[0]!.ts) / 60)),
              codes,
              strange: Math.round((100 * strange) / calls.length),
              answered,
              usual: Math.round(usual.all),
              age: ageWords(age),
            },
          },
          source: sender,
          targets: [receiver],
          names: [],
          records: begun ? [reference] : calls.slice(0, referencesMax).map((call) => call.reference),
          recordCount: begun ? 1 : calls.length,
          // Calls that were answered are charged: others decide what the element is used for.
          harm: answered >= parameters.answeredMin ? 'controllability' : null,
        });
      },
      advance(ts) {
        for (const element of elements.entries()) {
          const { calls, window } = element[1];
          if (window !== undefined && (calls.at(-1)?.ts ?? -Infinity) + 7_200 + latenessMax < ts) element[1].window = undefined;
        }
      },
    };
  },
});
