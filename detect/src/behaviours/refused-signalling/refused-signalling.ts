/** Signalling that is refused far more often than it should be, by pair of network elements. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { RecordReference } from '@forewarn/model/finding';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, hourOf, latenessMax } from '../behaviour.ts';
import { answerOf, type Kind } from './answers.ts';

/** Pairs of elements watched at once, about 10 KB each when full: 100 MB at the very worst. An operator has some thousands, each with few busy ones. */
const pairsMax = 10_000;

/** Answers remembered of a pair; on busy ones that is the last minute or less, which is what counts. */
const answersMax = 500;

/** Elements that ask one and the same that are looked at to tell who of the two is at fault. */
const askersMax = 64;

const referencesMax = 100;

type Answer = { ts: Seconds; failed: boolean };

type Pair = {
  answers: Answer[];
  failed: number;
  references: RecordReference[];
  /** Refusals since it is told. */
  told: number;
  window: Seconds | undefined;
};

export const refusedSignalling = behaviour({
  id: 'refused-signalling',
  technique: ['T1110'],
  logs: ['gtp', 'pfcp', 'diameter', 'sccp', 'sip', 'sctp'],
  parameters: ['within', 'refusedMin', 'associationsMin', 'refusedShare', 'othersMin', 'manyFactor'],
  start({ parameters, inside, rule, sight }) {
    const askersOf = new Map<string, Set<string>>();
    const leave = (key: string): void => {
      const [kind, asker, answerer] = key.split(' ') as [string, string, string];
      const askers = askersOf.get(`${kind} ${answerer}`);
      askers?.delete(asker);
      if (askers?.size === 0) askersOf.delete(`${kind} ${answerer}`);
    };
    const pairs = new BoundedMap<string, Pair>(pairsMax, (key) => leave(key));

    const forgetBefore = (pair: Pair, ts: Seconds): void => {
      const { answers } = pair;
      let gone = 0;
      while (gone < answers.length && (answers[gone]!.ts < ts || answers.length - gone > answersMax)) {
        if (answers[gone]!.failed) pair.failed--;
        gone++;
      }
      if (gone > 0) answers.splice(0, gone);
    };

    /** How the same element answers others. */
    const others = (kind: Kind, asker: string, answerer: string): { all: number; failed: number; askers: number } => {
      const sum = { all: 0, failed: 0, askers: 0 };
      let looked = 0;
      for (const other of askersOf.get(`${kind} ${answerer}`) ?? []) {
        if (other === asker) continue;
        if (++looked > askersMax) break;
        const pair = pairs.peek(`${kind} ${other} ${answerer}`);
        if (!pair || pair.answers.length === 0) continue;
        sum.all += pair.answers.length;
        sum.failed += pair.failed;
        sum.askers++;
      }
      return sum;
    };

    return {
      evictions: () => pairs.evictions,
      push(log, record) {
        const answer = answerOf(log, record);
        if (!answer) return;
        const { kind, asker, answerer, failed, cause, reference } = answer;
        const { ts } = reference;
        const key = `${kind} ${asker} ${answerer}`;
        let pair = pairs.touch(key);
        if (!pair) {
          pair = { answers: [], failed: 0, references: [], told: 0, window: undefined };
          pairs.set(key, pair);
          const of = `${kind} ${answerer}`;
          const askers = askersOf.get(of);
          if (askers) askers.add(asker);
          else askersOf.set(of, new Set([asker]));
        }
        const newest = Math.max(ts, pair.answers.at(-1)?.ts ?? ts);
        if (ts < newest - parameters.within) return;
        insert(pair.answers, { ts, failed });
        if (failed) pair.failed++;
        forgetBefore(pair, newest - parameters.within);
        if (pair.failed === 0) Object.assign(pair, { window: undefined, told: 0, references: [] });
        if (!failed) return;
        if (pair.references.length < referencesMax) pair.references.push(reference);
        const least = kind === 'sctp' ? parameters.associationsMin : parameters.refusedMin;
        const share = pair.failed / pair.answers.length;
        if (pair.failed < least || share < parameters.refusedShare) return;
        const begun = pair.window !== undefined;
        pair.window ??= hourOf(pair.answers[0]!.ts);
        pair.told += begun ? 1 : pair.failed;
        const among = others(kind, asker, answerer);
        // Who refuses everybody has a fault of its own, whoever asks.
        const everybody = among.all >= parameters.othersMin && among.failed / among.all >= parameters.refusedShare;
        const subject = everybody ? answerer : asker;
        sight({
          rule,
          subject: everybody ? `${kind} * ${answerer}` : key,
          window: pair.window,
          from: begun ? ts : pair.answers[0]!.ts,
          to: begun ? ts : newest,
          technique: kind === 'sip-register' && !everybody ? ['T1110'] : [],
          tactic: [everybody ? 'impact' : kind === 'sip-register' ? 'credential-access' : 'reconnaissance'],
          level: everybody || inside(asker) === 'inside' || pair.told >= parameters.manyFactor * least ? 'high' : 'medium',
          // How often is counted; why is not known.
          confidence: everybody ? 0.6 : 0.5,
          explanation: {
            text: everybody ? 'detect.refused-signalling.everybody' : 'detect.refused-signalling.one',
            values: {
              asker,
              answerer,
              what: { text: `detect.refused-signalling.${kind}` },
              refused: pair.failed,
              share: Math.round(100 * share),
              seconds: Math.max(1, Math.round(newest - pair.answers[0]!.ts)),
              cause,
              others: among.askers,
              othersShare: among.all === 0 ? 0 : Math.round((100 * among.failed) / among.all),
            },
          },
          source: subject,
          targets: [everybody ? asker : answerer],
          names: [],
          records: begun ? [reference] : pair.references,
          recordCount: begun ? 1 : pair.failed,
          harm: everybody ? 'availability' : null,
        });
      },
      advance(ts) {
        for (const [key, { answers }] of pairs.entries()) {
          if ((answers.at(-1)?.ts ?? -Infinity) + parameters.within + latenessMax >= ts) continue;
          pairs.delete(key);
          leave(key);
        }
      },
    };
  },
});

/** In order of time; records come late by little, so the place is near the end. */
function insert(answers: Answer[], answer: Answer): void {
  let at = answers.length;
  while (at > 0 && answers[at - 1]!.ts > answer.ts) at--;
  if (at === answers.length) answers.push(answer);
  else answers.splice(at, 0, answer);
}
