/** Where in records indicators are looked for, and the findings that come of it. */

import type { RecordReference } from '@forewarn/model/finding';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Inside } from '../inside.ts';
import type { Sighting } from '../ledger.ts';
import { count, flowOf, hourOf } from '../behaviours/behaviour.ts';
import type { Indicators, Match } from './indicators.ts';

/** Version of the matching, not of the lists. */
const version = '1';

/** Answers of one DNS message that are looked at; more stand in no honest one. */
const answersMax = 100;

/** ATT&CK tactics of the techniques that lists name most; others have none, and the technique says it all. */
export type TacticOf = (technique: string) => string | undefined;

/** Makes the look at a record. */
export function createIndicatorWatch(
  indicators: Indicators,
  { inside, sight, tacticOf }: { inside: Inside; sight: (sighting: Sighting) => void; tacticOf: TacticOf },
): (log: string, record: AnyRecord) => void {
  const found: { match: Match; where: string }[] = [];

  const look = (log: string, record: AnyRecord, at: number): void => {
    const address = (field: string): void => {
      const value = record[field];
      // Own addresses are never looked for: a list that names them is wrong or speaks of somebody else's network.
      const match = typeof value === 'string' && inside(value) === 'outside' ? indicators.address(value, at) : undefined;
      if (match) found.push({ match, where: field });
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
          if (!Array.isArray(prints)) continue;
          for (const print of prints.slice(0, answersMax) as unknown[]) {
            const match = typeof print === 'string' ? indicators.hash(print, at) : undefined;
            if (match) found.push({ match, where: field });
          }
        }
        return;
      }
      case 'x509': {
        const print = record['fingerprint'];
        const match = typeof print === 'string' ? indicators.hash(print, at) : undefined;
        if (match) found.push({ match, where: 'fingerprint' });
      }
    }
  };

  return (log, record) => {
    const at = record['ts'];
    if (typeof at !== 'number' || indicators.size === 0) return;
    found.length = 0;
    look(log, record, at);
    if (found.length === 0) return;
    const flow = flowOf(log, record);
    const reference: RecordReference = flow?.reference ?? { log, uid: '', ts: at };
    for (const { match, where } of found) {
      const source = flow?.source ?? '';
      const target = flow?.target ?? '';
      // A stranger on a list who knocks and is not let in is the weather; one who is answered is not.
      const inbound = source !== '' && inside(source) === 'outside';
      const answered = (log !== 'conn' && log !== 'ipfix') || count(record['resp_bytes']) > 0 || record['conn_state'] === 'SF';
      const technique = match.technique === undefined ? [] : [match.technique];
      const tactic = technique.map(tacticOf).filter((name) => name !== undefined);
      const isName = match.kind === 'domain' || match.kind === 'url';
      sight({
        rule: { id: `indicator:${match.kind}`, version, kind: 'indicator', name: match.source.slice(0, 500) },
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

function levelOf(confidence: number, answered: boolean): 'low' | 'medium' | 'high' {
  if (!answered || confidence < 0.4) return 'low';
  return confidence < 0.75 ? 'medium' : 'high';
}

/** Queries of requests are content, and may be personal; the list's own text shows the rest. */
function withoutQuery(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}
