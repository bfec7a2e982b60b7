/** Importing files of the estate: small ones at once, others as a job. */

import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { Refusal } from '@forewarn/base/refusal';
import { readEstateFile } from '@forewarn/know/import';
import { Instant } from '@forewarn/model/api';
import type { EstateItem, EstateKind } from '@forewarn/model/estate';
import { Words } from '@forewarn/model/text';
import { estateKinds, rowsText, writeEstate } from '@forewarn/store/resources/estate';
import { findEstateImport, importStates, listEstateImports, type EstateImport } from '@forewarn/store/resources/estate-imports';
import { act, centreScope } from '../act.ts';
import { holdsUnstorable, readWhole } from '../api/body.ts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import { found } from '../refusals.ts';
import { namedFaults, ownFaults } from './check.ts';
import { jobFaultsMax } from './import-desk.ts';
import { checkNotImporting } from './importing.ts';
import { onlyCentre, taken } from './register.ts';

const Fault = z.object({ line: z.number().int(), field: z.string(), message: Words });

/** The text of a file that is imported at once. */
const fileBytesMax = 16 * 1024 * 1024;
/** Its rows: half a second in one transaction. More is a job. */
const rowsMax = 2_000;
/** The text of a file of a job: 200,000 assets are 40 MB. */
const jobBytesMax = 64 * 1024 * 1024;
/** Faults of one answer: whoever mends a hundred lines imports again. */
const faultsMax = 100;

const Kind = z.enum(estateKinds as [EstateKind, ...EstateKind[]]);
const Format = z.enum(['csv', 'json']);

export const importEstate = route({
  method: 'post',
  path: '/estate/import',
  access: 'estate:write',
  summary: 'Imports a file of one kind and at most 2,000 rows, whole or not at all; faults are told by line and field.',
  bodyBytesMax: fileBytesMax,
  body: z.strictObject({
    kind: Kind,
    format: Format,
    text: z.string().max(fileBytesMax),
    check: z.boolean().default(false).describe('Only check the file; write nothing.'),
  }),
  answer: z.object({ kind: z.string(), imported: z.number().int(), faults: z.array(Fault) }),
  async handle({ center, principal, body }) {
    const { kind } = body;
    onlyCentre(kind, principal);
    const { items, lines, faults } = readEstateFile(kind, body.format, body.text);
    if (faults.length > 0) return { kind, imported: 0, faults: faults.slice(0, faultsMax) };
    if (holdsUnstorable(items)) {
      throw new Refusal('request.malformed', 'A text of the file holds U+0000 or half of a character.', {
        place: { field: 'text' },
        advice: 'Take it out and import again.',
      });
    }
    const rows = items as unknown as (EstateItem<EstateKind> & { organisation?: string })[];
    if (rows.length > rowsMax) {
      throw new Refusal('estate.import.large', `The file has more than ${rowsMax} rows.`, {
        place: { field: 'text' },
        advice: 'Send it to POST /api/v1/estate/imports, which tells how far it has come.',
      });
    }
    const index = await center.estate.index();
    const ids = new Set(rows.map(({ id }) => id));
    const asked = { text: rowsText(rows), lines, centre: principal.centre, inFile: (id: string) => ids.has(id) };
    const missing = [
      ...rows.flatMap((row, i) => ownFaults(row, lines[i]!, principal, index)),
      ...(await center.database.scoped(await centreScope(center), (tx) => namedFaults(tx, kind, asked))),
    ].sort((a, b) => a.line - b.line);
    if (missing.length > 0 || body.check) return { kind, imported: 0, faults: missing.slice(0, faultsMax) };
    checkNotImporting(center);
    await act(center, principal, async (acting) => {
      const foreign = await writeEstate(acting.tx, { [kind]: rows }, { at: acting.at, by: principal.account });
      // The id stands for another organisation's thing: everything is taken back, and no more is said than that it is taken.
      if (foreign.length > 0) throw taken(foreign[0]!.id);
      for (const organisation of new Set(rows.map((row) => row.organisation ?? row.id))) {
        acting.changed('estate', organisation, { organisation });
      }
      acting.audit('estate.import', `estate/${kind}`, { items: rows.length });
      acting.tx.afterCommit(() => center.estate.forget());
    });
    return { kind, imported: rows.length, faults: [] };
  },
});

const ImportView = z.object({
  id: z.string(),
  organisation: z.string(),
  kind: Kind,
  format: Format,
  name: z.string(),
  check: z.boolean(),
  state: z.enum(importStates).describe('Ended: done, faulty (nothing was written), failed, cancelled.'),
  rows: z.object({ total: z.number().int().nullable(), checked: z.number().int(), written: z.number().int() }),
  faults: z.array(Fault).describe(`The first ${jobFaultsMax} of them.`),
  faultCount: z.number().int(),
  at: Instant,
  endedAt: Instant.nullable(),
  by: z.string(),
});

const brief = (job: EstateImport): Omit<z.infer<typeof ImportView>, 'faults'> => ({
  id: job.id,
  organisation: job.organisation,
  kind: job.kind,
  format: job.format,
  name: job.name,
  check: job.check,
  state: job.state,
  rows: job.rows,
  faultCount: job.faultCount,
  at: formatInstant(job.at),
  endedAt: job.endedAt === null ? null : formatInstant(job.endedAt),
  by: job.by,
});

const view = (job: EstateImport): z.infer<typeof ImportView> => ({ ...brief(job), faults: job.faults });

const beginImport = route({
  method: 'post',
  path: '/estate/imports',
  access: 'estate:write',
  summary: 'Begins to import a file of one kind, which is the body; how far it has come is asked for by its id.',
  query: z.object({
    kind: Kind,
    format: Format,
    name: z.string().trim().max(200).default('').describe('What the file is called.'),
    check: z.enum(['true', 'false']).default('false').describe('Only check the file; write nothing.'),
  }),
  takes: 'text/plain',
  bodyBytesMax: jobBytesMax,
  answer: ImportView,
  status: 201,
  async handle({ center, principal, query, request }) {
    onlyCentre(query.kind, principal);
    const text = (await readWhole(request, jobBytesMax)).toString('utf8');
    const { kind, format, name } = query;
    const { organisation, account: by } = principal;
    return view(await center.estateImports.begin({ organisation, by, kind, format, name, check: query.check === 'true' }, text));
  },
});

/** Imports that are listed. */
const listedMax = 50;

const listOfImports = route({
  method: 'get',
  path: '/estate/imports',
  access: 'estate:write',
  summary: 'The last imports of the own organisation, newest first.',
  answer: z.object({ items: z.array(ImportView.omit({ faults: true })), next: z.null() }),
  async handle({ center, principal, scope }) {
    const own = principal.centre ? undefined : principal.organisation;
    const jobs = await center.database.scoped(scope, (tx) => listEstateImports(tx, listedMax, own));
    return {
      items: jobs.map((job) => brief(center.estateImports.current(job.id) ?? job)),
      next: null,
    };
  },
});

const oneImport = route({
  method: 'get',
  path: '/estate/imports/{id}',
  access: 'estate:write',
  summary: 'One import: how far it has come, and what is wrong with which row.',
  params: Id,
  answer: ImportView,
  async handle({ center, scope, params }) {
    const job = found(await center.database.scoped(scope, (tx) => findEstateImport(tx, params.id)));
    return view(center.estateImports.current(job.id) ?? job);
  },
});

const cancelImport = route({
  method: 'delete',
  path: '/estate/imports/{id}',
  access: 'estate:write',
  summary: 'Cancels an import before it is written.',
  params: Id,
  async handle({ center, scope, params }) {
    const job = found(await center.database.scoped(scope, (tx) => findEstateImport(tx, params.id)));
    const { state, rows } = center.estateImports.current(job.id) ?? job;
    // What is over and wrote nothing need not be cancelled.
    if (state === 'faulty' || state === 'cancelled' || (job.check && state === 'done')) return;
    if (rows.written > 0 || !center.estateImports.cancel(job.id)) {
      throw new Refusal('estate.import.over', 'The import is being written, or it is over.', {
        advice: 'What it wrote stands in the history of each item.',
      });
    }
  },
});

export const importRoutes = [importEstate, beginImport, listOfImports, oneImport, cancelImport];
