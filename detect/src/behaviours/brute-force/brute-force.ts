/** Guessed passwords: many refused logins in a short time, and whether one then fits. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { RecordReference } from '@forewarn/model/finding';
import type { AnyRecord } from '@forewarn/model/records/record';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, count, flowOf, hourOf, latenessMax, median, medianDeviation, type Flow } from '../behaviour.ts';

/** Pairs of source and service watched at once, about 4 KB each when full: 80 MB. Only sources that were refused are kept. */
const pairsMax = 20_000;

/** Attempts remembered of a pair, more than any threshold. */
const attemptsMax = 200;

/** Paths of one pair that are told apart; guessing happens at one or two. */
const pathsMax = 32;

const referencesMax = 100;

type Attempt = { ts: Seconds; path: string; refused: boolean };

type Guessing = {
  attempts: Attempt[];
  references: RecordReference[];
  refused: number;
  total: number;
  window: Seconds | undefined;
  succeeded: Seconds | undefined;
  told: number;
};

type Session = { ts: Seconds; seconds: number; bytes: number };
type Sessions = {
  sessions: Session[];
  references: RecordReference[];
  window: Seconds | undefined;
  told: number;
  total: number;
  succeeded: Seconds | undefined;
};

/** Services with a login whose every attempt is a connection of its own: FTP, SSH, Telnet, RDP, VNC. */
const loginPorts = new Set([21, 22, 23, 3389, 5900]);
const loginServices = new Set(['ssh', 'ftp', 'telnet', 'rdp', 'rfb', 'vnc']);

const refusals = new Set([401, 403, 407]);

export const bruteForce = behaviour({
  id: 'brute-force',
  technique: ['T1078', 'T1110.001'],
  logs: ['http', 'conn'],
  parameters: [
    'refusedMin',
    'refusedWithin',
    'refusedShare',
    'successWithin',
    'sessionsMin',
    'sessionsWithin',
    'sessionSecondsMax',
    'alikeMax',
    'successFactor',
  ],
  start({ parameters, inside, rule, sight }) {
    const guessings = new BoundedMap<string, Guessing>(pairsMax);
    const logins = new BoundedMap<string, Sessions>(pairsMax);

    const level = (source: string, succeeded: boolean): 'critical' | 'high' | 'medium' => {
      if (succeeded) return 'critical';
      return inside(source) === 'inside' ? 'high' : 'medium';
    };

    const pushRequest = (flow: Flow, record: AnyRecord): void => {
      const status = record['status_code'];
      if (typeof status !== 'number') return;
      const refused = refusals.has(status);
      const key = `${flow.source} ${flow.target} ${flow.port}`;
      let guessing = guessings.touch(key);
      if (!guessing) {
        if (!refused) return;
        guessing = { attempts: [], references: [], refused: 0, total: 0, window: undefined, succeeded: undefined, told: 0 };
        guessings.set(key, guessing);
      }
      const path = pathOf(record['uri']);
      const { attempts } = guessing;
      const newest = Math.max(flow.ts, attempts.at(-1)?.ts ?? flow.ts);
      while (attempts.length > 0 && attempts[0]!.ts < newest - parameters.refusedWithin) attempts.shift();
      const paths = new Set(attempts.filter((attempt) => attempt.refused).map((attempt) => attempt.path));
      // Answers elsewhere on the server are no logins.
      if (!refused && !paths.has(path)) return;
      if (refused && !paths.has(path) && paths.size >= pathsMax) return;
      if (flow.ts < newest - parameters.refusedWithin) return;
      attempts.push({ ts: flow.ts, path, refused });
      if (attempts.length > attemptsMax) attempts.shift();
      if (refused) {
        guessing.refused++;
        if (guessing.references.length < referencesMax) guessing.references.push(flow.reference);
      }
      const recent = attempts.filter((attempt) => attempt.path === path);
      const refusedHere = recent.filter((attempt) => attempt.refused).length;
      const begun = guessing.window !== undefined;
      const enough = refusedHere >= parameters.refusedMin && refusedHere / recent.length >= parameters.refusedShare;
      if (!begun && !enough) return;
      // One that fits after so many that did not.
      const fits = !refused && status < 400 && enough && flow.ts - lastRefusal(recent) <= parameters.successWithin;
      if (begun && !refused && !fits) return;
      guessing.window ??= hourOf(attempts[0]!.ts);
      if (fits) guessing.succeeded ??= flow.ts;
      const succeeded = guessing.succeeded !== undefined;
      const newly = begun ? 1 : guessing.refused;
      guessing.total += newly;
      const host = record['host'];
      sight({
        rule,
        subject: `http ${key}`,
        window: guessing.window,
        from: begun ? flow.ts : attempts[0]!.ts,
        to: flow.ts,
        technique: succeeded ? ['T1110.001', 'T1078'] : ['T1110.001'],
        tactic: ['credential-access'],
        level: level(flow.source, succeeded),
        confidence: succeeded ? 0.9 : 0.85,
        explanation: {
          text: succeeded ? 'detect.brute-force.http-succeeded' : 'detect.brute-force.http',
          values: {
            source: flow.source,
            target: flow.target,
            name: typeof host === 'string' ? host.slice(0, 255) : flow.target,
            port: flow.port,
            refused: guessing.refused,
            within: Math.max(1, Math.round(recent.at(-1)!.ts - recent[0]!.ts)),
            inWindow: refusedHere,
            share: Math.round((100 * refusedHere) / recent.length),
            status: refused ? status : 401,
          },
        },
        source: flow.source,
        targets: [flow.target],
        names: typeof host === 'string' ? [host] : [],
        records: begun ? [flow.reference] : guessing.references,
        recordCount: newly,
        harm: succeeded ? 'confidentiality' : null,
      });
    };

    const pushConnection = (flow: Flow, record: AnyRecord): void => {
      const services = typeof record['service'] === 'string' ? record['service'].split(',') : [];
      if (!loginPorts.has(flow.port) && !services.some((service) => loginServices.has(service))) return;
      const seconds = count(record['duration']);
      const bytes = count(record['orig_bytes']) + count(record['resp_bytes']);
      // Only what was answered with content may have been a login.
      if (count(record['orig_bytes']) === 0 || count(record['resp_bytes']) === 0) return;
      const key = `${flow.source} ${flow.target} ${flow.port}`;
      let login = logins.touch(key);
      if (!login) {
        login = { sessions: [], references: [], window: undefined, told: 0, total: 0, succeeded: undefined };
        logins.set(key, login);
      }
      const { sessions } = login;
      const newest = Math.max(flow.ts, sessions.at(-1)?.ts ?? flow.ts);
      while (sessions.length > 0 && sessions[0]!.ts < newest - parameters.sessionsWithin) sessions.shift();
      const usual = median(sessions.map((session) => session.bytes));
      const begun = login.window !== undefined;
      const longer = seconds > parameters.sessionSecondsMax || (usual > 0 && bytes > parameters.successFactor * usual);
      const succeeded = begun && longer && flow.ts - (sessions.at(-1)?.ts ?? -Infinity) <= parameters.successWithin;
      if (longer && !succeeded) return;
      if (!longer) {
        sessions.push({ ts: flow.ts, seconds, bytes });
        if (sessions.length > attemptsMax) sessions.shift();
        login.total++;
        if (login.references.length < referencesMax) login.references.push(flow.reference);
        const spread =
          medianDeviation(sessions.map((session) => session.bytes)) /
          Math.max(1, median(sessions.map((session) => session.bytes)));
        if (!begun && (sessions.length < parameters.sessionsMin || spread > parameters.alikeMax)) return;
      }
      login.window ??= hourOf(sessions[0]!.ts);
      if (succeeded) login.succeeded ??= flow.ts;
      const fits = login.succeeded !== undefined;
      sight({
        rule,
        subject: `login ${key}`,
        window: login.window,
        from: begun ? flow.ts : sessions[0]!.ts,
        to: flow.ts,
        technique: fits ? ['T1110.001', 'T1078'] : ['T1110.001'],
        tactic: ['credential-access'],
        level: fits ? 'high' : 'medium',
        // Encrypted logins are judged by their sizes only; automation can look alike.
        confidence: fits ? 0.6 : 0.5,
        explanation: {
          text: fits ? 'detect.brute-force.login-succeeded' : 'detect.brute-force.login',
          values: {
            source: flow.source,
            target: flow.target,
            port: flow.port,
            sessions: login.total,
            within: Math.max(1, Math.round(newest - sessions[0]!.ts)),
            bytes: Math.round(usual),
          },
        },
        source: flow.source,
        targets: [flow.target],
        names: [],
        records: begun ? [flow.reference] : login.references,
        recordCount: begun ? 1 : sessions.length,
        harm: fits ? 'confidentiality' : null,
      });
    };

    return {
      evictions: () => guessings.evictions + logins.evictions,
      push(log, record) {
        const flow = flowOf(log, record);
        if (!flow) return;
        if (log === 'http') pushRequest(flow, record);
        else pushConnection(flow, record);
      },
      advance(ts) {
        for (const [key, { attempts }] of guessings.entries()) {
          if ((attempts.at(-1)?.ts ?? -Infinity) + parameters.refusedWithin + latenessMax < ts) guessings.delete(key);
        }
        for (const [key, { sessions }] of logins.entries()) {
          if ((sessions.at(-1)?.ts ?? -Infinity) + parameters.sessionsWithin + latenessMax < ts) logins.delete(key);
        }
      },
    };
  },
});

/** The request without its query: guesses that send the password there are still at one place. */
function pathOf(uri: AnyRecord[string]): string {
  if (typeof uri !== 'string') return '';
  const end = uri.indexOf('?');
  return (end < 0 ? uri : uri.slice(0, end)).slice(0, 500);
}

function lastRefusal(attempts: readonly Attempt[]): Seconds {
  return attempts.findLast((attempt) => attempt.refused)?.ts ?? -Infinity;
}
