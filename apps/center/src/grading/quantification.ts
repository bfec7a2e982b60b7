/** The quantification table through the API: what counts, what is proposed, and signing an edition. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { formatInstant } from '@forewarn/base/time';
import { compileQuantification } from '@forewarn/assess/quantify/quantify';
import { QuantificationEditionView, QuantificationView } from '@forewarn/model/grading-api';
import { QuantificationTable } from '@forewarn/model/quantification';
import { sealsOf } from '@forewarn/store/resources/grades';
import { lockIncident } from '@forewarn/store/resources/incidents';
import {
  addQuantification,
  advanceRegrading,
  findQuantification,
  listQuantifications,
  newestQuantification,
  openIncidentsAfter,
  regradingOf,
  type QuantificationEdition,
} from '@forewarn/store/resources/quantifications';
import { act, centreScope } from '../act.ts';
import { route } from '../api/route.ts';
import type { Center } from '../center-parts.ts';
import { assess } from '../incidents/assessment.ts';
import { denied } from '../refusals.ts';
import { digestOf } from './table.ts';

const objectOf = (version: number): string => `quantification/${version}`;

async function viewOf(center: Center): Promise<QuantificationView> {
  const { editions, newest, regrading } = await center.database.scoped(await centreScope(center), async (tx) => {
    const listed = await listQuantifications(tx);
    return {
      editions: listed,
      newest: listed[0] && (await findQuantification(tx, listed[0].version)),
      regrading: (await regradingOf(tx)) !== undefined,
    };
  });
  const objects = editions.map(({ version }) => objectOf(version));
  const seals = await center.database.system((tx) => sealsOf(tx, 'quantification.sign', objects));
  const sealed = new Map(seals.map(({ object, detail }) => [object, (detail as { digest?: unknown }).digest]));
  const editionView = (edition: Omit<QuantificationEdition, 'table'>): QuantificationEditionView => {
    const known = sealed.get(objectOf(edition.version));
    // Of the one in force the table itself is held against the seal; of older ones their digest.
    const own = edition.version === newest?.version ? digestOf(newest.table) : edition.digest;
    return {
      version: edition.version,
      signedAt: formatInstant(edition.signedAt),
      signedBy: edition.signedBy,
      reason: edition.reason,
      digest: edition.digest,
      seal: known === undefined ? 'none' : known === edition.digest && own === edition.digest ? 'sealed' : 'differs',
    };
  };
  return {
    inForce: newest ? editionView(newest) : null,
    table: newest?.table ?? null,
    proposed: center.content.quantification,
    editions: editions.map(editionView),
    regrading,
  };
}

export const quantification = route({
  method: 'get',
  path: '/quantification',
  access: 'signed-in',
  summary:
    'How plain words of gradings follow from quantities, and the two indices: what the centre signed, and what is proposed.',
  answer: QuantificationView,
  handle: ({ center }) => viewOf(center),
});

/** A table of every scheme's words with their sources is some 60 kB. */
const tableBytesMax = 512 * 1024;

export const signQuantification = route({
  method: 'post',
  path: '/quantification',
  access: 'gradings:sign',
  summary:
    'Signs an edition of the quantification table. It counts from now on, and every incident that is not closed is graded anew.',
  bodyBytesMax: tableBytesMax,
  body: z.strictObject({
    after: z.number().int().nonnegative().describe('The edition that was looked at; 0 for none.'),
    table: QuantificationTable,
    reason: z.string().trim().min(1).max(2000),
  }),
  answer: QuantificationView,
  status: 201,
  async handle({ center, principal, body }) {
    if (!principal.centre) throw denied('Only the centre signs the table by which everybody is graded.');
    const { after, table, reason } = body;
    compileQuantification(table, center.content.facts);
    const digest = digestOf(table);
    await act(center, principal, async (acting) => {
      const version = after + 1;
      const edition = { version, table, digest, signedAt: acting.at, signedBy: principal.account, reason };
      if ((await newestQuantification(acting.tx)) !== after || !(await addQuantification(acting.tx, edition))) {
        throw new Refusal('quantification.newer', 'Somebody signed another edition meanwhile.', {
          place: { field: 'after' },
          advice: 'Look at it and sign again.',
        });
      }
      acting.audit('quantification.sign', objectOf(version), { version, digest, reason });
      acting.changed('estate', 'quantification', { organisation: acting.doer.organisation });
    });
    return viewOf(center);
  },
});

export const quantificationRoutes = [quantification, signQuantification];

/** Incidents of one look; each is an act of its own, so that nobody waits for all of them. */
const incidentsMax = 50;

/** Grades incidents anew by the newest edition, some at a time; answers whether any are left. Run by the centre's jobs. */
export async function regradeByTable(center: Center): Promise<boolean> {
  const scope = await centreScope(center);
  const standing = await center.database.scoped(scope, regradingOf);
  if (!standing) return false;
  const { version, after } = standing;
  const ids = await center.database.scoped(scope, (tx) => openIncidentsAfter(tx, after, incidentsMax));
  const index = await center.estate.index();
  for (const id of ids) {
    await act(center, null, async (acting) => {
      const incident = await lockIncident(acting.tx, id);
      if (incident) await assess(acting, index, incident, false);
    });
  }
  const last = ids.length < incidentsMax ? null : ids.at(-1)!;
  await center.database.scoped(scope, (tx) => advanceRegrading(tx, version, last));
  return last !== null;
}
