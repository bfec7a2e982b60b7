/**
 * An account, looked at because of a finding or incident. The centre knows a pseudonym; it shows on which hosts and in which logs that stands, in the time
 * of the evidence and an hour around it, and of the organisations that the evidence is about. Nothing is counted over time or compared with others.
 */

import { formatInstant } from '@forewarn/base/time';
import { AccountAsked, AccountView, recordsOfAccount } from '@forewarn/model/entity';
import { kqlText, printKql } from '@forewarn/model/kql/print';
import { recordType, recordTypes } from '@forewarn/model/records/index';
import { subjectFields } from '@forewarn/model/finding';
import type { RecordScope } from '@forewarn/store/clickhouse/records';
import { aroundFindingSeconds, findFinding, findFindings, type StoredFinding } from '@forewarn/store/resources/findings';
import { findingIdsOf } from '@forewarn/store/resources/grouping';
import { findIncident } from '@forewarn/store/resources/incidents';
import { act } from '../act.ts';
import { recordScopeOf } from '../api/records.ts';
import { route } from '../api/route.ts';
import { found, invalid } from '../refusals.ts';

/** Hosts of each log that are shown: an account that stands on more is no one's desk. */
const hostsMax = 20;
/** Logs whose hosts are asked for. */
const logsMax = 10;

export const lookAtAccount = route({
  method: 'post',
  path: '/account-looks',
  access: 'packets:read',
  summary: 'Where an account’s pseudonym stands, in the time of a finding or incident, for a purpose; audited.',
  body: AccountAsked,
  answer: AccountView,
  status: 201,
  async handle({ center, principal, scope, body }) {
    // Only what the asker sees may be the reason.
    const evidence: StoredFinding[] = await center.database.scoped(scope, async (tx) => {
      if (body.finding !== undefined) return [found(await findFinding(tx, body.finding))];
      const incident = found(await findIncident(tx, body.incident!));
      return findFindings(tx, await findingIdsOf(tx, incident.id));
    });
    if (evidence.length === 0) {
      throw invalid('incident', 'The incident has no finding of yours, so there is no time to look at.', 'Name a finding.');
    }
    const range = {
      from: Math.min(...evidence.map(({ from }) => from)) - aroundFindingSeconds,
      to: Math.max(...evidence.map(({ to }) => to)) + aroundFindingSeconds,
    };
    // Whoever may read everybody's reads here of those that the evidence is about.
    const own = recordScopeOf(principal);
    const about: RecordScope =
      own === 'all' ? { organisations: [...new Set(evidence.flatMap(({ organisations }) => organisations))] } : own;
    // Written before it is looked: a look that fails afterwards was one all the same.
    const object = body.finding === undefined ? `incident/${body.incident}` : `finding/${body.finding}`;
    await act(center, principal, async ({ audit }) => {
      audit('account.look', object, { account: body.account, purpose: body.purpose });
    });
    const read = { rows: 0, bytes: 0 };
    const began = performance.now();
    const parts = recordsOfAccount(body.account, recordTypes);
    const seen = await center.records.seen(about, { parts, range }, read);
    const hosts = await Promise.all(
      seen.slice(0, logsMax).map(async ({ log }) => {
        const columns = recordType(log)!.columns;
        const field = subjectFields.find((name) => Object.hasOwn(columns, name));
        if (field === undefined) return [];
        const rows = await center.records.query(
          about,
          {
            from: [log],
            where: parts.find((part) => part.log === log)!.where,
            range,
            group: { by: [field], aggregates: [{ kind: 'count', as: 'n' }] },
            order: [{ field: 'n', descending: true }],
            limit: hostsMax,
          },
          read,
        );
        return rows.flatMap((row) =>
          row[field] === null ? [] : [{ log, field, value: String(row[field]), records: Number(row['n']) }],
        );
      }),
    );
    const between = `ts between (datetime(${formatInstant(range.from)}) .. datetime(${formatInstant(range.to)}))`;
    return {
      account: body.account,
      range: { from: formatInstant(range.from), to: formatInstant(range.to) },
      logs: seen.map(({ log, count, first, last }) => ({
        log,
        records: count,
        first: formatInstant(first),
        last: formatInstant(last),
        hunt: `${log}\n| where ${between}\n| where ${printKql(parts.find((part) => part.log === log)!.where) ?? `* contains ${kqlText(body.account)}`}`,
      })),
      hosts: hosts.flat(),
      read: { ...read, ms: Math.round(performance.now() - began) },
    };
  },
});
