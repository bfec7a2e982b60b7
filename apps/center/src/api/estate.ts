/** The estate: reading it, and importing it from files. Of other organisations no more is shown than their name. */

import { z } from 'zod';
import { page } from '@forewarn/model/api';
import {
  estateKinds as schemas,
  Slug,
  type Asset,
  type Business,
  type EstateItem,
  type EstateKind,
  type Network,
  type Organisation,
} from '@forewarn/model/estate';
import { Words } from '@forewarn/model/text';
import type { EstateIndex } from '@forewarn/know/concern';
import { isLocal } from '@forewarn/know/addresses';
import { readEstateFile, type ImportFault } from '@forewarn/know/import';
import { parseNetwork } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import { estateKinds, findEstate, listEstate, readEstate, writeEstate } from '@forewarn/store/resources/estate';
import { act } from '../act.ts';
import type { Principal } from '../ports.ts';
import { denied, found } from '../refusals.ts';
import { holdsUnstorable } from './body.ts';
import { route, type Route } from './route.ts';
import { Id, PageQuery } from './shapes.ts';

const summaries: { [Kind in EstateKind]: string } = {
  organisations: 'Organisations: the own one, authorities, and those that take part in the same incidents.',
  networks: 'The own networks.',
  nodes: 'Places of the own networks where links meet.',
  links: 'The own links.',
  products: 'Products that the own organisation depends on.',
  businesses: 'The own businesses.',
  assets: 'The own assets.',
  systems: 'The own information systems.',
  data: 'Data that operation needs or makes, as kinds.',
  applications: 'The own applications.',
  components: 'Programs and firmware in their versions, on the own assets.',
};

/** Of another organisation: that it exists, its name and sector. How to reach it is the centre's to know, and its own. */
function named(item: EstateItem<EstateKind>, kind: EstateKind, principal: Principal): EstateItem<EstateKind> {
  if (kind !== 'organisations' || principal.centre || item.id === principal.organisation) return item;
  return { ...(item as Organisation), contact: '' };
}

/** Links are told with what is kept of them (`links/links.ts`). */
export const estateRoutes: Route[] = estateKinds
  .filter((kind) => kind !== 'links')
  .flatMap((kind) => [
    route({
      method: 'get',
      path: `/${kind}`,
      access: 'estate:read',
      summary: summaries[kind],
      query: PageQuery.extend({ organisation: Slug.optional() }),
      answer: page(schemas[kind] as z.ZodType<EstateItem<EstateKind>>),
      handle: ({ center, principal, scope, query }) =>
        center.database.scoped(scope, async (tx) => {
          const { items, next } = await listEstate(tx, kind, query);
          return { items: items.map((item) => named(item, kind, principal)), next };
        }),
    }),
    route({
      method: 'get',
      path: `/${kind}/{id}`,
      access: 'estate:read',
      summary: `One of the ${kind}.`,
      params: Id,
      answer: schemas[kind] as z.ZodType<EstateItem<EstateKind>>,
      handle: ({ center, principal, scope, params }) =>
        center.database.scoped(scope, async (tx) => named(found(await findEstate(tx, kind, params.id)), kind, principal)),
    }),
  ]);

const Fault = z.object({ line: z.number().int(), field: z.string(), message: Words });

/** The text of one file: a country's register of networks is under a megabyte. */
const fileBytesMax = 16 * 1024 * 1024;

export const importEstate = route({
  method: 'post',
  path: '/estate/import',
  access: 'estate:write',
  summary: 'Imports a file of one kind, whole or not at all; faults are told by line and field.',
  bodyBytesMax: fileBytesMax,
  body: z.strictObject({
    kind: z.enum(estateKinds as [EstateKind, ...EstateKind[]]),
    format: z.enum(['csv', 'json']),
    text: z.string().max(fileBytesMax),
    check: z.boolean().default(false).describe('Only check the file; write nothing.'),
  }),
  answer: z.object({ kind: z.string(), imported: z.number().int(), faults: z.array(Fault) }),
  async handle({ center, principal, body }) {
    if (body.kind === 'organisations' && !principal.centre) throw denied('Only the centre registers organisations.');
    const { items, lines, faults } = readEstateFile(body.kind, body.format, body.text);
    if (faults.length > 0) return { kind: body.kind, imported: 0, faults: faults.slice(0, faultsMax) };
    if (holdsUnstorable(items)) {
      throw new Refusal('request.malformed', 'A text of the file holds U+0000 or half of a character.', {
        place: { field: 'text' },
        advice: 'Take it out and import again.',
      });
    }
    const rows = items as unknown as (EstateItem<EstateKind> & { organisation?: string })[];
    const missing = await missingOf(body.kind, rows);
    if (missing.length > 0 || body.check) return { kind: body.kind, imported: 0, faults: missing };
    await act(center, principal, async (acting) => {
      const foreign = await writeEstate(acting.tx, { [body.kind]: items });
      // The id stands for another organisation's thing: everything is taken back, and no more is said than that it is taken.
      if (foreign.length > 0) throw taken(foreign[0]!.id);
      for (const organisation of new Set(rows.map((row) => row.organisation ?? row.id))) {
        acting.changed('estate', organisation, { organisation });
      }
      acting.audit('estate.import', `estate/${body.kind}`, { items: rows.length });
      acting.tx.afterCommit(() => center.estate.forget());
    });
    return { kind: body.kind, imported: items.length, faults: [] };

    /** References and ownership, row by row. */
    async function missingOf(kind: EstateKind, checked: typeof rows): Promise<ImportFault[]> {
      const known = await center.database.system(readEstate);
      const index = await center.estate.index();
      const ids = (name: EstateKind) =>
        new Set<string>([...known[name].map(({ id }) => id), ...(name === kind ? checked.map(({ id }) => id) : [])]);
      const organisations = ids('organisations');
      const own = principal.organisation;
      const problems: ImportFault[] = [];
      checked.forEach((row, i) => {
        const line = lines[i]!;
        const say = (field: string, text: string, values: Words['values'] = {}) =>
          problems.push({ line, field, message: { text: `know.import.${text}`, values } });
        if (row.organisation !== undefined) {
          if (!principal.centre && row.organisation !== own)
            say('organisation', 'foreign', { id: row.id, organisation: row.organisation });
          else if (!organisations.has(row.organisation)) say('organisation', 'reference', { id: row.organisation });
          if (!principal.centre && row.id !== own && !row.id.startsWith(`${own}-`)) say('id', 'id', { prefix: `${own}-` });
        }
        if (!principal.centre) {
          for (const { field, text, values } of claims(index, own, row)) say(field, text, values);
        }
        if (kind === 'organisations') {
          const { overseenBy } = row as Organisation;
          if (overseenBy !== null && !organisations.has(overseenBy)) say('overseenBy', 'reference', { id: overseenBy });
        }
        if (kind === 'assets') {
          const { network } = row as Asset;
          if (!known.networks.some((one) => one.id === network && one.organisation === row.organisation))
            say('network', 'reference', { id: network });
        }
      });
      return problems.slice(0, faultsMax);
    }
  },
});

type Claim = { field: string; text: string; values: Words['values'] };

/**
 * Addresses and names that an organisation may not register by itself. What is registered decides who sees a finding and whom a warning
 * reaches, so a public address must lie in what the centre registered for it, and a name must not be another's, above it or below it.
 */
function claims(index: EstateIndex, own: string, row: object): Claim[] {
  const { addresses = [], domains = [], names = [], surfaces = [] } = row as Partial<Network & Asset & Business>;
  const claimed: Claim[] = [];
  const nothing = { addresses: [], names: [], businesses: [], sectors: [] };
  for (const address of addresses) {
    const network = parseNetwork(address);
    // Every organisation has a 10.0.0.0/8 of its own.
    if (!network || isLocal(network)) continue;
    const around = index.concerned({ addresses: [address], names: [] });
    const inside = index.audience({ ...nothing, addresses: [address] });
    if (around.length === 0 || [...around, ...inside].some(({ organisation }) => organisation !== own))
      claimed.push({ field: 'addresses', text: 'public-address', values: { address } });
  }
  const check = (field: string, list: readonly string[]): void => {
    for (const name of list) {
      if (index.audience({ ...nothing, names: [name] }).some(({ organisation }) => organisation !== own))
        claimed.push({ field, text: 'name-taken', values: { name } });
    }
  };
  check('domains', domains);
  check('names', names);
  check(
    'surfaces',
    surfaces.map(({ name }) => name),
  );
  return claimed;
}

/** Faults of one answer: whoever mends a hundred lines imports again. */
const faultsMax = 100;

const taken = (id: string): Refusal =>
  new Refusal('estate.taken', `The id "${id}" is taken.`, {
    place: { field: 'id' },
    advice: 'Choose another; nothing was imported.',
  });
