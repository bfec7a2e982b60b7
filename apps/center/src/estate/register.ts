/** The register: lists and single items of every kind, now or as they stood; writing and removing one; what was before. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { formatInstant } from '@forewarn/base/time';
import { Instant, page } from '@forewarn/model/api';
import {
  estateFilters,
  estateKinds as schemas,
  Slug,
  type EstateItem,
  type EstateKind,
  type Organisation,
} from '@forewarn/model/estate';
import { render, type Words } from '@forewarn/model/text';
import { StatementFault } from '@forewarn/store/postgres/database';
import {
  countEstate,
  estateKinds,
  findRegistered,
  historyOf,
  listEstate,
  removeEstate,
  writeEstate,
  type Edition,
  type Registered,
} from '@forewarn/store/resources/estate';
import { referrersOf } from '@forewarn/store/resources/estate-references';
import { readEstateFile } from '@forewarn/know/import';
import { act } from '../act.ts';
import { route, type Route } from '../api/route.ts';
import { At, Id, PageQuery, SearchText } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import type { Principal } from '../ports.ts';
import { denied, found } from '../refusals.ts';
import { namedFaults, ownFaults } from './check.ts';
import { checkNotImporting } from './importing.ts';

const summaries: { [Kind in EstateKind]: string } = {
  organisations: 'Organisations: the own one, authorities, and those that take part in the same incidents.',
  networks: 'The own networks.',
  nodes: 'Places of the own networks where links meet.',
  links: 'The own links, as they are registered.',
  products: 'Products that the own organisation depends on.',
  businesses: 'The own businesses.',
  assets: 'The own assets.',
  systems: 'The own information systems.',
  data: 'Data that operation needs or makes, as kinds.',
  applications: 'The own applications.',
  components: 'Programs and firmware in their versions, on the own assets.',
};

export const EditionView = z.object({
  version: z.number().int(),
  since: Instant.describe('Since when it counts in this form; 1970-01-01: from the beginning.'),
  by: z.string().describe('The account that wrote it; empty where that is not the asker’s to know.'),
});

export const editionView = ({ version, since, by }: Edition): z.infer<typeof EditionView> => ({
  version,
  since: formatInstant(since),
  by,
});

const answerOf = (kind: EstateKind) => z.object({ ...schemas[kind].shape, edition: EditionView });
type Answer = EstateItem<EstateKind> & { edition: z.infer<typeof EditionView> };

/** Of another organisation: that it exists, its name and sector. How to reach it is the centre's to know, and its own. */
function shown({ item, edition }: Registered, kind: EstateKind, principal: Principal): Answer {
  const view = editionView(edition);
  if (kind !== 'organisations' || principal.centre || item.id === principal.organisation) return { ...item, edition: view };
  const { id, name, kind: part, sector, region, reporter, overseenBy, status } = item as Organisation;
  const known = { id, name, kind: part, sector, region, reporter, overseenBy, contact: '' };
  return { ...known, ...(status && { status }), edition: { ...view, by: '' } };
}

const AtQuery = z.object({ at: At.optional().describe('As the register stood at this instant.') });

const ListQuery = PageQuery.extend(AtQuery.shape).extend({
  organisation: Slug.optional(),
  q: SearchText.optional().describe('Words and beginnings of words, all of them; addresses from their beginning.'),
});

const FilterValue = z.string().min(1).max(200).optional();

/** What lists of a kind are filtered by. */
export const filtersOf = (kind: EstateKind): { [field: string]: typeof FilterValue } =>
  Object.fromEntries(estateFilters[kind].map((field) => [field, FilterValue]));
type Filters = { readonly [field: string]: string | undefined };

/** The question as the store takes it; who sees only his own is looked for among his own. */
export function askedOf(
  kind: EstateKind,
  principal: Principal,
  { limit, cursor, organisation, q, at }: Partial<z.output<typeof ListQuery>> & { limit: number },
  filters: Filters = {},
) {
  const own = principal.centre || kind === 'organisations' ? organisation : principal.organisation;
  return {
    limit,
    cursor,
    at,
    text: q,
    organisation: own,
    filters,
    // Another's name as a filter finds nothing; it is not silently another question.
    nothing: own !== organisation && organisation !== undefined && organisation !== own,
  };
}

const listRoute = (kind: EstateKind): Route =>
  route({
    method: 'get',
    path: kind === 'links' ? '/estate/links' : `/${kind}`,
    access: 'estate:read',
    summary: summaries[kind],
    query: z.object({ ...ListQuery.shape, ...filtersOf(kind) }) as unknown as typeof ListQuery,
    answer: page(answerOf(kind) as unknown as z.ZodType<Answer>),
    async handle({ center, principal, scope, query }) {
      const { nothing, ...asked } = askedOf(kind, principal, query, query as unknown as Filters);
      if (nothing) return { items: [], next: null };
      const { items, next } = await center.database.scoped(scope, (tx) => listEstate(tx, kind, asked));
      return { items: items.map((one) => shown(one, kind, principal)), next };
    },
  });

const oneRoute = (kind: EstateKind): Route =>
  route({
    method: 'get',
    path: kind === 'links' ? '/estate/links/{id}' : `/${kind}/{id}`,
    access: 'estate:read',
    summary: `One of the ${kind}.`,
    params: Id,
    query: AtQuery,
    answer: answerOf(kind) as unknown as z.ZodType<Answer>,
    async handle({ center, principal, scope, params, query }) {
      const one = await center.database.scoped(scope, (tx) => findRegistered(tx, kind, params.id, query.at));
      return shown(found(one), kind, principal);
    },
  });

const changed = (): Refusal =>
  new Refusal('estate.changed', 'Somebody else has changed this item.', {
    place: { field: 'after' },
    advice: 'Look at the newest edition and change that.',
  });

export const taken = (id: string): Refusal =>
  new Refusal('estate.taken', `The id "${id}" is taken.`, {
    place: { field: 'id' },
    advice: 'Choose another; nothing was written.',
  });

/** The first thing that is wrong, in the words of an import. */
function unfit(center: Center, { field, message }: { field: string; message: Words }): Refusal {
  return new Refusal('estate.invalid', `${field === '' ? '' : `${field}: `}${render(message, center.content.texts.en, 'en')}.`, {
    place: { field: field === '' ? 'item' : field },
    advice: 'Mend it and write it again.',
  });
}

export const onlyCentre = (kind: EstateKind, principal: Principal): void => {
  if (kind === 'organisations' && !principal.centre) throw denied('Only the centre registers organisations.');
};

const putRoute = (kind: EstateKind): Route =>
  route({
    method: 'put',
    path: `/${kind}/{id}`,
    access: 'estate:write',
    summary: `Writes one of the ${kind}, whole; what was before stays in its history.`,
    params: Id,
    body: z.strictObject({
      after: z.number().int().min(0).describe('The version that the writer has seen; 0: none, it is new.'),
      item: z.looseObject({}),
    }),
    answer: answerOf(kind) as unknown as z.ZodType<Answer>,
    async handle({ center, principal, scope, params, body }) {
      onlyCentre(kind, principal);
      const given = { ...body.item, id: params.id };
      const { items, faults } = readEstateFile(kind, 'json', JSON.stringify([given]));
      if (faults.length > 0) throw unfit(center, faults[0]!);
      const item = items[0] as EstateItem<EstateKind> & { organisation?: string };
      checkNotImporting(center);
      const seen = await center.database.scoped(scope, (tx) => findRegistered(tx, kind, params.id));
      if (body.after === 0 ? seen !== undefined : seen?.edition.version !== body.after) throw seen ? changed() : found(undefined);
      const [claimed] = ownFaults(item, 1, principal, await center.estate.index());
      if (claimed) throw unfit(center, claimed);
      return act(center, principal, async (acting) => {
        const before = await findRegistered(acting.tx, kind, item.id);
        if ((before?.edition.version ?? 0) !== body.after) throw seen ? changed() : taken(item.id);
        const rows = {
          text: JSON.stringify([item]),
          lines: [1],
          centre: principal.centre,
          inFile: (id: string) => id === item.id,
        };
        const [missing] = await namedFaults(acting.tx, kind, rows);
        if (missing) throw unfit(center, missing);
        const foreign = await writeEstate(acting.tx, { [kind]: [item] }, { at: acting.at, by: principal.account });
        if (foreign.length > 0) throw taken(item.id);
        const owner = item.organisation ?? item.id;
        acting.changed('estate', owner, { organisation: owner });
        const after = await findRegistered(acting.tx, kind, item.id);
        acting.audit('estate.write', `estate/${kind}/${item.id}`, { version: after!.edition.version });
        acting.tx.afterCommit(() => center.estate.forget());
        return shown(after!, kind, principal);
      });
    },
  });

/** Referrers that are named in a refusal; the others are counted. */
const referrersNamed = 5;

const removeRoute = (kind: EstateKind): Route =>
  route({
    method: 'delete',
    path: `/${kind}/{id}`,
    access: 'estate:write',
    summary: `Takes one of the ${kind} out of the register, unless something names it; its history stays.`,
    params: Id,
    query: z.object({ after: z.coerce.number().int().min(1).describe('The version that the remover has seen.') }),
    async handle({ center, principal, scope, params, query }) {
      onlyCentre(kind, principal);
      checkNotImporting(center);
      const { item, edition } = found(await center.database.scoped(scope, (tx) => findRegistered(tx, kind, params.id)));
      if (edition.version !== query.after) throw changed();
      const owner = (item as { organisation?: string }).organisation;
      try {
        await act(center, principal, async (acting) => {
          const referrers = await referrersOf(acting.tx, kind, item.id, referrersNamed);
          if (referrers.length > 0) {
            // Others' things are told of without their names.
            const named = referrers.filter((one) => principal.centre || one.organisation === principal.organisation);
            throw referred(named.map((one) => `${one.kind}/${one.id}`).slice(0, referrersNamed));
          }
          const writing = { id: item.id, version: query.after, at: acting.at, by: principal.account };
          if (!(await removeEstate(acting.tx, kind, writing))) throw changed();
          const organisation = owner ?? principal.organisation;
          acting.changed('estate', organisation, { organisation });
          acting.audit('estate.remove', `estate/${kind}/${item.id}`, { version: query.after });
          acting.tx.afterCommit(() => center.estate.forget());
        });
      } catch (error) {
        // Incidents, accounts and sensors name organisations too (SQLSTATE 23503, foreign_key_violation).
        if (error instanceof StatementFault && error.state === '23503') throw referred([]);
        throw error;
      }
    },
  });

const referred = (names: readonly string[]): Refusal =>
  new Refusal(
    'estate.referred',
    names.length === 0
      ? 'Something else names it.'
      : `It is named by ${names.join(', ')}${names.length === referrersNamed ? ' …' : ''}.`,
    { advice: 'Change those first; an organisation that is no more has the status "dissolved".' },
  );

/** Editions of one answer. */
const editionsMax = 200;

const History = z.object({
  items: z.array(
    EditionView.extend({
      until: Instant.nullable(),
      endedBy: z.string().nullable(),
      removed: z.boolean(),
      item: z.looseObject({ id: z.string() }),
    }),
  ),
  next: z.null(),
});

const historyRoute = (kind: EstateKind): Route =>
  route({
    method: 'get',
    path: `/${kind}/{id}/history`,
    access: 'estate:read',
    summary: `Editions of one of the ${kind}, newest first: what, who, since when and until when. Of one that was removed, too.`,
    params: Id,
    answer: History,
    async handle({ center, principal, scope, params }) {
      const editions = await center.database.scoped(scope, (tx) => historyOf(tx, kind, params.id, editionsMax));
      const own = kind !== 'organisations' || principal.centre || params.id === principal.organisation;
      found(own ? editions[0] : undefined);
      return {
        items: editions.map(({ item, edition, until, endedBy, removed }) => ({
          ...editionView(edition),
          until: until === null ? null : formatInstant(until),
          endedBy,
          removed,
          item,
        })),
        next: null,
      };
    },
  });

const counts = route({
  method: 'get',
  path: '/estate/counts',
  access: 'estate:read',
  summary: 'How many of each kind are registered; with an organisation, of its own.',
  query: z.object({ organisation: Slug.optional() }),
  answer: z.record(z.enum(estateKinds as [EstateKind, ...EstateKind[]]), z.number().int()),
  // A country's are counted once after each change; the centre sees all of them.
  handle: ({ center, principal, scope, query }) =>
    principal.centre && query.organisation === undefined
      ? center.estate.counts()
      : center.database.scoped(scope, (tx) => countEstate(tx, principal.centre ? query.organisation : principal.organisation)),
});

/** `GET /links` tells links with what is kept of them (`links/links.ts`). */
export const registerRoutes: Route[] = [
  counts,
  ...estateKinds.flatMap((kind) => [listRoute(kind), oneRoute(kind), putRoute(kind), removeRoute(kind), historyRoute(kind)]),
];
