/** The audit of the own organisation (of all, for the centre), and whether its chain holds. */

import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { AuditView, page } from '@forewarn/model/api';
import { Words } from '@forewarn/model/text';
import { denied } from '../refusals.ts';
import { positionOf, cursorOf } from '@forewarn/store/resources/page';
import { listAudit } from '@forewarn/store/resources/audit-list';
import { route } from './route.ts';
import { PageQuery, RangeQuery } from './shapes.ts';

export const listOfAudit = route({
  method: 'get',
  path: '/audit',
  access: 'audit:read',
  summary: 'What was done, the last first.',
  query: PageQuery.extend(RangeQuery.shape).extend({
    actor: z.string().max(200).optional(),
    action: z.string().max(100).optional().describe('An action or its beginning: warning, warning.issue.'),
  }),
  answer: page(AuditView),
  handle: ({ center, scope, query }) =>
    center.database.scoped(scope, async (tx) => {
      const before = positionOf(query.cursor)?.[0];
      const rows = await listAudit(tx, {
        ...query,
        before: typeof before === 'number' ? Math.min(Math.trunc(before), Number.MAX_SAFE_INTEGER) : undefined,
      });
      const shown = rows.slice(0, query.limit);
      const last = shown.at(-1);
      return {
        items: shown.map(({ seq, at, organisation, actor, demo, action, object, detail, hash }) => ({
          seq,
          at: formatInstant(at),
          organisation,
          actor,
          demo,
          action,
          object,
          detail: { ...detail },
          hash,
        })),
        next: rows.length > query.limit && last ? cursorOf([last.seq, '']) : null,
      };
    }),
});

export const verifyAudit = route({
  method: 'get',
  path: '/audit/verify',
  access: 'audit:read',
  summary: 'Recomputes the whole chain and compares it with the heads outside the database. For the centre.',
  answer: z.object({ ok: z.boolean(), entries: z.number().int(), place: z.number().int().nullable(), trouble: Words.nullable() }),
  async handle({ center, principal }) {
    // The number of entries would tell another organisation how much others do.
    if (!principal.centre) throw denied('Only the centre verifies the whole chain.');
    const verdict = await center.audit.verify();
    return { ok: verdict.intact, entries: verdict.entries, place: verdict.seq, trouble: verdict.trouble };
  },
});
