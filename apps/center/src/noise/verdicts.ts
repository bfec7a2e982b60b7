/** What people say findings were. It measures the rule that told them, and nobody who said it. */

import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { page } from '@forewarn/model/api';
import { Verdict } from '@forewarn/model/noise';
import { VerdictView } from '@forewarn/model/noise-api';
import { findFinding, findFindings } from '@forewarn/store/resources/findings';
import { addVerdicts, verdictsOf } from '@forewarn/store/resources/noise';
import { act } from '../act.ts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import { FilterQuery, filterOf, findingScopeOf } from '../findings/filter.ts';
import { found, invalid, notFound } from '../refusals.ts';
import { settle } from './exceptions.ts';

/** Findings named one by one. */
const namedMax = 500;

/** Findings of one act: some seconds of writing. A group with more is narrowed first. */
const judgedMax = 10_000;

/** Verdicts of one finding that a page shows. */
const shownMax = 50;

export const judgeFindings = route({
  method: 'post',
  path: '/findings/verdicts',
  access: 'findings:write',
  summary: 'Says what findings were – named ones, or all that a filter shows – and why.',
  body: z.strictObject({
    findings: z.array(z.string().min(1).max(64)).min(1).max(namedMax).optional(),
    filter: FilterQuery.optional(),
    verdict: Verdict,
    reason: z.string().trim().min(3).max(1_000),
  }),
  answer: z.object({ count: z.number().int() }),
  status: 201,
  async handle({ center, principal, scope, body: { findings, filter, verdict, reason } }) {
    if ((findings === undefined) === (filter === undefined)) {
      throw invalid('findings', 'Name findings, or give a filter.', 'Give one of the two.');
    }
    let ids = findings ?? [];
    if (filter) {
      await center.findings.settled();
      ids = await center.records.findings.matching(findingScopeOf(principal), filterOf(filter), { limit: judgedMax + 1 });
      if (ids.length > judgedMax) {
        throw invalid('filter', `These are more than ${judgedMax} findings.`, 'Narrow the range or the filter.');
      }
    }
    // In the doer's own scope: what is not his to see is not his to judge.
    const seen = await center.database.scoped(scope, (tx) => findFindings(tx, ids));
    if (findings && seen.length < new Set(findings).size) throw notFound();
    await act(center, principal, async (acting) => {
      const known = seen.map(({ id }) => id);
      const { at, tx } = acting;
      await addVerdicts(tx, known, { at, verdict, reason, by: principal.account, organisation: principal.organisation });
      const first = known[0];
      if (first !== undefined) {
        const rules = [...new Set(seen.map(({ rule }) => rule.id))].slice(0, 10).join(', ');
        acting.audit('finding.verdict', `finding/${first}`, { verdict, reason, findings: known.length, rules });
      }
      // Readers hear of some, and then ask again for all.
      for (const id of known.slice(0, 20)) acting.changed('finding', id, { finding: id });
    });
    await settle(center);
    return { count: seen.length };
  },
});

export const verdictsOfFinding = route({
  method: 'get',
  path: '/findings/{id}/verdicts',
  access: 'findings:read',
  summary: 'What people said a finding was, the last first.',
  params: Id,
  answer: page(VerdictView),
  async handle({ center, scope, params }) {
    return center.database.scoped(scope, async (tx) => {
      found(await findFinding(tx, params.id));
      const said = await verdictsOf(tx, params.id, shownMax);
      return { items: said.map(({ finding: _finding, at, ...one }) => ({ ...one, at: formatInstant(at) })), next: null };
    });
  },
});
