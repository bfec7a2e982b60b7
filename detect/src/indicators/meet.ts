/** Where in records indicators are looked for, and the findings that come of it. */

import type { RecordReference } from '@forewarn/model/finding';
import { RecordView } from '@forewarn/model/query/evaluate';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Inside } from '../inside.ts';
import type { Sighting } from '../ledger.ts';
import { count, flowOf, hourOf } from '../behaviours/behaviour.ts';
import { patternMatch, requestUrl, type HeldPattern, type Indicators, type Match } from './indicators.ts';
import { startPattern, type RunningPattern } from './patterns.ts';

/** Version of the matching, not of the lists. */
const version = '2';

/** The field in which a pattern finds the whole address of a request; records have its parts. */
export const requestUrlField = '_url';

/** Answers of one DNS message that are looked at; more stand in no honest one. */
const answersMax = 100;

/** ATT&CK tactics of the techniques that lists name most; others have none, and the technique says it all. */
export type TacticOf = (technique: string) => string | undefined;

/** Makes the look at a record, in several sets of indicators: those that all share, and an organisation's own. */
export function createIndicatorWatch(
  sets: readonly Indicators[],
  { inside, sight, tacticOf }: { inside: Inside; sight: (sighting: Sighting) => void; tacticOf: TacticOf },
): (log: string, record: AnyRecord) => void {
  const found: { match: Match; where: string }[] = [];

  const look = (indicators: Indicators, log: string, record: AnyRecord, at: number): void => {
    const address = (field: string): void => {
      const value = record[field];
      // Own addresses are never looked for: a list that names them is wrong or speaks of somebody else's network.
      const match = typeof value === 'string' && inside(value) === 'outside' ? indicators.address(value, at) : undefined;
      if (match) found.push({ match, where: field });
    };
    const hash = (value: unknown, where: string): void => {
      const match = typeof value === 'string' ? indicators.hash(value, at) : undefined;
      if (match) found.push({ match, where });
    };
    const domain = (value: unknown, where: string): void => {
      const match = typeof value === 'string' ? indicators.domain(value, at) : undefined;
      if (match) found.push({ match, where });
    };
    switch (log) {
      case 'conn':
      // Exported flows, in the names of `conn` (exported-flows.ts).
      case 'ipfix':
        address('id.orig_h');
        address('id.resp_h');
        return;
      case 'dns': {
        domain(record['query'], 'query');
        const answers = record['answers'];
        if (!Array.isArray(answers)) return;
        for (const answer of answers.slice(0, answersMax) as unknown[]) {
          if (typeof answer !== 'string') continue;
          const match =
            (inside(answer) === 'outside' ? indicators.address(answer, at) : undefined) ?? indicators.domain(answer, at);
          if (match) found.push({ match, where: 'answers' });
        }
        return;
      }
      case 'http': {
        const { host, uri, 'id.resp_p': port } = record;
        if (typeof host === 'string') {
          domain(host.replace(/:\d+$/, ''), 'host');
          const match = typeof uri === 'string' ? indicators.url(host, uri, typeof port === 'number' ? port : 80, at) : undefined;
          if (match) found.push({ match, where: 'uri' });
        }
        address('id.resp_h');
        return;
      }
      case 'ssl': {
        domain(record['server_name'], 'server_name');
        address('id.resp_h');
        for (const field of ['cert_chain_fps', 'client_cert_chain_fps']) {
          const prints = record[field];
          if (Array.isArray(prints)) for (const print of prints.slice(0, answersMax) as unknown[]) hash(print, field);
        }
        for (const field of ['ja3', 'ja3s']) hash(record[field], field);
        return;
      }
      case 'quic':
        domain(record['server_name'], 'server_name');
        return;
      case 'x509':
        hash(record['fingerprint'], 'fingerprint');
        return;
      case 'files':
        for (const field of ['md5', 'sha1', 'sha256']) hash(record[field], field);
    }
  };

  const view = new RecordView();
  let running: { held: HeldPattern; from: Indicators; run: RunningPattern }[] = [];
  let editions: number[] = [];
  /** Patterns come and go with their lists; those that stay keep what they remember. */
  const renew = (): void => {
    editions = sets.map(({ edition }) => edition);
    const before = new Map(running.map((one) => [one.held, one]));
    running = sets.flatMap((from) =>
      from.patterns.map((held) => before.get(held) ?? { held, from, run: startPattern(held.watched, view) }),
    );
  };

  const watchPatterns = (log: string, record: AnyRecord, at: number, refer: () => RecordReference): void => {
    if (sets.some(({ edition }, i) => edition !== editions[i])) renew();
    if (running.length === 0) return;
    view.set(log === 'http' ? withUrl(record) : record);
    for (const { held, from, run } of running) {
      if (!run.logs.has(log)) continue;
      const way = run.push(log, at, refer);
      const match = way && patternMatch(held, way.last, from.settings);
      if (!match) continue;
      const flow = flowOf(log, record);
      sight({
        rule: ruleOf(match),
        subject: `${flow?.source ?? ''} ${held.name}`,
        window: hourOf(way.last),
        from: way.first,
        to: way.last,
        technique: match.technique === undefined ? [] : [match.technique],
        tactic: tacticsOf(match),
        level: levelOf(match.confidence, true),
        confidence: match.confidence,
        explanation: {
          text: 'detect.indicator.pattern',
          values: {
            source: flow?.source ?? '',
            target: flow?.target ?? '',
            pattern: held.name.slice(0, 300),
            count: way.of.length,
            seconds: Math.round(way.last - way.first),
            list: match.source,
            confidence: Math.round(match.confidence * 100),
            parts: match.parts,
            note: match.note ?? '',
          },
        },
        source: flow?.source ?? '',
        targets: flow && log !== 'dns' ? [flow.target] : [],
        names: [],
        records: way.of.map(({ reference }) => reference),
        recordCount: way.of.length,
        harm: null,
      });
    }
  };

  const tacticsOf = (match: Match): string[] => {
    const tactic = match.technique === undefined ? undefined : tacticOf(match.technique);
    return tactic === undefined ? [] : [tactic];
  };

  return (log, record) => {
    const at = record['ts'];
    if (typeof at !== 'number' || sets.every(({ size }) => size === 0)) return;
    const refer = (): RecordReference =>
      flowOf(log, record)?.reference ?? { log, uid: typeof record['uid'] === 'string' ? record['uid'] : '', ts: at };
    watchPatterns(log, record, at, refer);
    found.length = 0;
    for (const indicators of sets) if (indicators.size > 0) look(indicators, log, record, at);
    if (found.length === 0) return;
    const flow = flowOf(log, record);
    const reference = refer();
    for (const { match, where } of found) {
      const source = flow?.source ?? '';
      const target = flow?.target ?? '';
      // A stranger on a list who knocks and is not let in is the weather; one who is answered is not.
      const inbound = source !== '' && inside(source) === 'outside';
      const answered = (log !== 'conn' && log !== 'ipfix') || count(record['resp_bytes']) > 0 || record['conn_state'] === 'SF';
      const technique = match.technique === undefined ? [] : [match.technique];
      const tactic = tacticsOf(match);
      const isName = match.kind === 'domain' || match.kind === 'url';
      sight({
        rule: ruleOf(match),
        subject: `${source} ${match.value}`,
        window: hourOf(at),
        from: at,
        to: at,
        technique,
        tactic,
        level: inbound ? (answered ? 'medium' : 'informational') : levelOf(match.confidence, answered),
        confidence: answered ? match.confidence : match.confidence * 0.5,
        explanation: {
          text: inbound ? 'detect.indicator.inbound' : 'detect.indicator.outbound',
          values: {
            source,
            target,
            kind: { text: `detect.indicator.kind.${match.kind}` },
            value: match.kind === 'url' ? withoutQuery(match.value) : match.value,
            where: { text: `detect.indicator.where.${where.replaceAll(/[._]/g, '-')}` },
            list: match.source,
            confidence: Math.round(match.confidence * 100),
            parts: match.parts,
            note: match.note ?? '',
          },
        },
        source,
        // Asking a name server for a bad name is no contact with the name server.
        targets: log === 'dns' || target === '' ? [] : [target],
        names: isName ? [match.kind === 'url' ? URL.parse(match.value)!.hostname : match.value] : [],
        records: [reference],
        recordCount: 1,
        harm: null,
      });
    }
  };
}

/** A list of the centre is a rule of its own, with hits and verdicts of its own; lists of files are told apart by kind. */
function ruleOf(match: Match): Sighting['rule'] {
  return {
    id: `indicator:${match.list === '' ? match.kind : match.list}`,
    version,
    kind: 'indicator',
    name: match.source.slice(0, 500),
  };
}

/** The record of a request with its whole address. */
function withUrl(record: AnyRecord): AnyRecord {
  const { host, uri, 'id.resp_p': port } = record;
  return typeof host === 'string' && typeof uri === 'string'
    ? { ...record, [requestUrlField]: requestUrl(host, uri, typeof port === 'number' ? port : 80) }
    : record;
}

function levelOf(confidence: number, answered: boolean): 'low' | 'medium' | 'high' {
  if (!answered || confidence < 0.4) return 'low';
  return confidence < 0.75 ? 'medium' : 'high';
}

/** Queries of requests are content, and may be personal; the list's own text shows the rest. */
function withoutQuery(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}
