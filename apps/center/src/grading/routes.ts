/** The grading desk through the API: of an incident, of facts that are tried without writing anything, and the sealed history of grades. */

import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { GradeHistory, GradingDesk } from '@forewarn/model/grading-api';
import type { Facts } from '@forewarn/model/facts';
import { readFacts } from '@forewarn/model/factsheet';
import { factsOf } from '@forewarn/store/resources/facts';
import { gradeLines, sealsOf, type GradeLine } from '@forewarn/store/resources/grades';
import { findIncident } from '@forewarn/store/resources/incidents';
import type { Scope } from '@forewarn/store/postgres/database';
import { centreScope } from '../act.ts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import { factsNow } from '../incidents/assessment.ts';
import { summaries } from '../incidents/view.ts';
import type { Principal } from '../ports.ts';
import { found } from '../refusals.ts';
import { computedRoutes } from './computed.ts';
import { deskOf, originsOf, type Origins } from './desk.ts';
import { quantificationRoutes } from './quantification.ts';
import { digestOf, tableInForce, type InForce } from './table.ts';

/** The table is the centre's; what it says is shown to everybody. */
async function inForce(center: Center): Promise<InForce | null> {
  return center.database.scoped(await centreScope(center), (tx) => tableInForce(tx, center));
}

type Known = { incident: GradingDesk['incident']; facts: Facts; origins: Origins };

/** The facts of an incident that the asker sees, with its title as the asker may read it. */
async function knownOf(center: Center, scope: Scope, principal: Principal, id: string): Promise<Known> {
  const index = await center.estate.index();
  return center.database.scoped(scope, async (tx) => {
    const incident = found(await findIncident(tx, id));
    const [summary] = await summaries(tx, center, index, principal, [incident]);
    const statements = await factsOf(tx, id);
    return {
      incident: { id, number: incident.number, title: summary!.title },
      facts: factsNow(statements),
      origins: originsOf(statements),
    };
  });
}

export const incidentGrading = route({
  method: 'get',
  path: '/incidents/{id}/grading',
  access: 'incidents:read',
  summary:
    'An incident under every grading scheme side by side: floor and ceiling, the least-regret level, and the facts that are worth finding out next.',
  params: Id,
  answer: GradingDesk,
  async handle({ center, scope, principal, params }) {
    const known = await knownOf(center, scope, principal, params.id);
    return deskOf(center, await inForce(center), known);
  },
});

export const previewGrading = route({
  method: 'post',
  path: '/grading/preview',
  access: 'incidents:read',
  summary: 'Grades facts that are tried, alone or in place of an incident’s own, under every scheme. Nothing is written.',
  body: z.strictObject({
    incident: z.string().min(1).max(100).optional(),
    facts: z
      .record(z.string().max(64), z.unknown())
      .default({})
      .describe('As in a fact sheet: a number, a term, `{ min, max }`, `{ value, unit }`; null for unknown.'),
  }),
  answer: GradingDesk,
  async handle({ center, scope, principal, body }) {
    const read = readFacts(body.facts, center.content.facts);
    if (!read.ok) throw read.refusals[0]!;
    const own: Known =
      body.incident === undefined
        ? { incident: null, facts: {}, origins: new Map() }
        : await knownOf(center, scope, principal, body.incident);
    const tried = Object.keys(read.value).map((id) => [id, { origin: 'tried' as const, source: null, at: null }] as const);
    return deskOf(center, await inForce(center), {
      incident: own.incident,
      facts: { ...own.facts, ...read.value },
      origins: new Map([...own.origins, ...tried]),
    });
  },
});

/** Lines of a history that a page shows: an incident of a month is graded some dozens of times under a dozen schemes. */
const linesMax = 500;
/** Whole grades that are read and recomputed at a time: each is some ten kilobytes. */
const wholeMax = 100;

const Sealed = z.object({
  grades: z.record(
    z.string(),
    z.object({ version: z.string(), floor: z.number().nullable(), ceiling: z.number().nullable(), digest: z.string() }),
  ),
});

export const gradeHistory = route({
  method: 'get',
  path: '/incidents/{id}/grades',
  access: 'incidents:read',
  summary: 'Every grade that an incident had, oldest first, held against what the audit sealed.',
  params: Id,
  query: z.object({
    whole: z
      .enum(['true', 'false'])
      .default('false')
      .describe('Recompute the digest of each whole grade; then fewer are listed.'),
  }),
  answer: GradeHistory,
  async handle({ center, scope, principal, params, query }) {
    const whole = query.whole === 'true';
    const limit = whole ? wholeMax : linesMax;
    const { incident, lines } = await center.database.scoped(scope, async (tx) => ({
      incident: found(await findIncident(tx, params.id)),
      lines: await gradeLines(tx, params.id, { limit, whole }),
    }));
    const object = `incident/${incident.number}`;
    const seals = await center.database.system((tx) => sealsOf(tx, 'incident.graded', [object]));
    const byDigest = new Map<string, { seq: number; sealed: z.infer<typeof Sealed>['grades'][string] }>();
    const schemesSealedAt = new Set<string>();
    for (const { seq, at, detail } of seals) {
      const read = Sealed.safeParse(detail);
      for (const [scheme, sealed] of Object.entries(read.data?.grades ?? {})) {
        byDigest.set(`${scheme} ${sealed.digest}`, { seq, sealed });
        schemesSealedAt.add(`${scheme} ${Math.round(at)}`);
      }
    }
    const shown = lines.slice(-limit);
    return {
      items: shown.map((line) => {
        const entry = line.digest === null ? undefined : byDigest.get(`${line.scheme} ${line.digest}`);
        return {
          at: formatInstant(line.at),
          scheme: line.scheme,
          version: line.version,
          floor: line.floor,
          ceiling: line.ceiling,
          confidence: line.confidence,
          digest: line.digest ?? '',
          seal: sealOf(line, entry?.sealed, schemesSealedAt.has(`${line.scheme} ${Math.round(line.at)}`)),
          audit: principal.centre ? (entry?.seq ?? null) : null,
        };
      }),
      more: lines.length - shown.length,
    };
  },
});

/** What is shown, and the whole where it was read, must be what was sealed. */
function sealOf(
  line: GradeLine,
  sealed: { version: string; floor: number | null; ceiling: number | null } | undefined,
  sealedThen: boolean,
): 'sealed' | 'differs' | 'none' {
  // Where the audit sealed a grade at that moment, a digest that is gone or another one was tampered with.
  if (!sealed) return line.digest === null && !sealedThen ? 'none' : 'differs';
  const same = sealed.version === line.version && sealed.floor === line.floor && sealed.ceiling === line.ceiling;
  const own = line.body === null || digestOf(line.body) === line.digest;
  return same && own ? 'sealed' : 'differs';
}

export const gradingRoutes = [incidentGrading, previewGrading, gradeHistory, ...computedRoutes, ...quantificationRoutes];
