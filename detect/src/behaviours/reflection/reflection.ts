/** Reflection: own servers answer forged questions, or answers that nobody asked for flood an own host. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { RecordReference } from '@forewarn/model/finding';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, count, flowOf, hourOf, latenessMax } from '../behaviour.ts';
import { Spread } from '../spread.ts';
import { amplifiers } from './services.ts';

/** Pairs of own server and asker, and own hosts that get answers, watched at once; about 400 bytes each, 40 MB when full. */
const pairsMax = 100_000;
const victimsMax = 20_000;

const referencesMax = 100;

/** Sums over one minute and the one before it. */
type Minute = { minute: number; bytes: number; asked: number; flows: number };

type Pair = { minutes: Minute[]; references: RecordReference[]; window: Seconds | undefined };
type Victim = {
  minute: number;
  from: Seconds;
  spread: Spread;
  flows: number;
  ports: Map<string, number>;
  references: RecordReference[];
  window: Seconds | undefined;
};

export const reflection = behaviour({
  id: 'reflection',
  technique: ['T1498.002'],
  logs: ['conn', 'ipfix'],
  parameters: ['seconds', 'reflectedMin', 'factorMin', 'reflectorsMin', 'unaskedMin', 'askedShareMax'],
  start({ parameters, inside, rule, sight }) {
    const pairs = new BoundedMap<string, Pair>(pairsMax);
    const victims = new BoundedMap<string, Victim>(victimsMax);

    /** An own server's answers to one asker. */
    const reflected = (
      server: string,
      victim: string,
      service: string,
      ts: Seconds,
      asked: number,
      answered: number,
      reference: RecordReference,
    ): void => {
      const key = `${server} ${victim} ${service}`;
      let pair = pairs.touch(key);
      if (!pair) {
        pair = { minutes: [], references: [], window: undefined };
        pairs.set(key, pair);
      }
      const minute = Math.floor(ts / parameters.seconds);
      let own = pair.minutes.find((one) => one.minute === minute);
      if (!own) {
        own = { minute, bytes: 0, asked: 0, flows: 0 };
        pair.minutes.push(own);
        pair.minutes.sort((a, b) => a.minute - b.minute);
        if (pair.minutes.length > 2) pair.minutes.shift();
        if (!pair.minutes.includes(own)) return;
      }
      own.bytes += answered;
      own.asked += asked;
      own.flows++;
      if (pair.references.length < referencesMax) pair.references.push(reference);
      const near = pair.minutes.filter((one) => minute - one.minute <= 1);
      const bytes = near.reduce((sum, one) => sum + one.bytes, 0);
      const questions = near.reduce((sum, one) => sum + one.asked, 0);
      const factor = bytes / Math.max(1, questions);
      if (bytes < parameters.reflectedMin || factor < parameters.factorMin) return;
      const begun = pair.window !== undefined;
      pair.window ??= hourOf(ts);
      sight({
        rule,
        // All victims of one own server within the hour are one finding.
        subject: `${server} ${service}`,
        window: hourOf(ts),
        from: ts,
        to: ts,
        technique: ['T1498.002'],
        tactic: ['impact'],
        level: 'high',
        confidence: factor >= 2 * parameters.factorMin ? 0.85 : 0.7,
        explanation: {
          text: 'detect.reflection.reflector',
          values: {
            server,
            victim,
            service,
            megabytes: Math.round(bytes / 100_000) / 10,
            factor: Math.round(factor),
            seconds: parameters.seconds * near.length,
          },
        },
        source: server,
        targets: [victim],
        names: [],
        records: begun ? [reference] : pair.references,
        recordCount: begun ? 1 : near.reduce((sum, one) => sum + one.flows, 0),
        harm: 'availability',
      });
    };

    /** Answers that an own host did not ask for. */
    const unasked = (
      victim: string,
      reflector: string,
      service: string,
      ts: Seconds,
      bytes: number,
      reference: RecordReference,
    ): void => {
      const minute = Math.floor(ts / parameters.seconds);
      let one = victims.touch(victim);
      if (!one || minute > one.minute) {
        one = {
          minute,
          from: ts,
          spread: new Spread(),
          flows: 0,
          ports: new Map(),
          references: [],
          window: one && minute - one.minute <= 1 ? one.window : undefined,
        };
        victims.set(victim, one);
      }
      if (minute < one.minute - 1) return;
      one.from = Math.min(one.from, ts);
      one.spread.add(reflector, bytes);
      one.flows++;
      one.ports.set(service, (one.ports.get(service) ?? 0) + bytes);
      if (one.references.length < referencesMax) one.references.push(reference);
      if (one.spread.size < parameters.reflectorsMin || one.spread.total < parameters.unaskedMin) return;
      const begun = one.window !== undefined;
      one.window ??= hourOf(one.from);
      const services = [...one.ports].sort((a, b) => b[1] - a[1]).map(([name]) => name);
      const evenness = one.spread.evenness();
      sight({
        rule,
        subject: `victim ${victim}`,
        window: one.window,
        from: begun ? ts : one.from,
        to: ts,
        technique: ['T1498.002'],
        tactic: ['impact'],
        level: 'high',
        // Many who send alike are a list of reflectors; few are a service that misbehaves.
        confidence: Math.round(100 * (0.6 + 0.3 * evenness)) / 100,
        explanation: {
          text: 'detect.reflection.victim',
          values: {
            victim,
            reflectors: one.spread.size,
            services: services.slice(0, 4).join(', '),
            megabytes: Math.round(one.spread.total / 100_000) / 10,
            seconds: parameters.seconds,
            rate: Math.round((8 * one.spread.total) / parameters.seconds / 100_000) / 10,
            evenness: Math.round(100 * evenness),
          },
        },
        source: one.spread.top(),
        targets: [victim],
        names: [],
        records: begun ? [reference] : one.references,
        recordCount: begun ? 1 : one.flows,
        harm: 'availability',
      });
    };

    return {
      evictions: () => pairs.evictions + victims.evictions,
      push(log, record) {
        if (record['proto'] !== 'udp') return;
        const flow = flowOf(log, record);
        if (!flow) return;
        const sent = count(record['orig_bytes']);
        const back = count(record['resp_bytes']);
        const { source, target, sourcePort, port, ts, reference } = flow;
        const service = amplifiers.get(port);
        if (service !== undefined && inside(target) === 'inside' && inside(source) === 'outside') {
          if (back > 0) reflected(target, source, service, ts, sent, back, reference);
          return;
        }
        // Whoever began by the flow's reckoning: an answer without a question looks like a question from the port of the service.
        const came = amplifiers.get(sourcePort);
        if (came !== undefined && inside(source) === 'outside' && inside(target) === 'inside') {
          if (service === undefined && back <= parameters.askedShareMax * sent)
            unasked(target, source, came, ts, sent, reference);
          return;
        }
        if (service !== undefined && inside(source) === 'inside' && inside(target) === 'outside') {
          if (sent === 0 && back > 0) unasked(source, target, service, ts, back, reference);
        }
      },
      advance(ts) {
        const old = ts - latenessMax - 2 * parameters.seconds;
        for (const [key, pair] of pairs.entries())
          if ((pair.minutes.at(-1)!.minute + 1) * parameters.seconds < old) pairs.delete(key);
        for (const [key, { minute }] of victims.entries()) if ((minute + 1) * parameters.seconds < old) victims.delete(key);
      },
    };
  },
});
