/**
 * Files of other formats, read into rows of the register: what nmap's own inventory runs, bills of materials and databases of addresses tell. Nothing is
 * registered by it; the rows go back to the person, who completes, checks and imports them.
 */

import { z } from 'zod';
import { readCycloneDx, billComponentsMax } from '@forewarn/know/foreign/cyclonedx';
import type { Drafts } from '@forewarn/know/foreign/draft';
import { openMmdb } from '@forewarn/know/foreign/mmdb';
import { hostsMax, readNmap } from '@forewarn/know/foreign/nmap';
import { regionsOf } from '@forewarn/know/foreign/regions';
import { isEstateKind, Slug, type Network } from '@forewarn/model/estate';
import { csvOf } from '@forewarn/model/estate-sheet';
import { Words } from '@forewarn/model/text';
import type { Scope } from '@forewarn/store/postgres/database';
import { listEstate } from '@forewarn/store/resources/estate';
import type { Center } from '../center-parts.ts';
import type { Principal } from '../ports.ts';
import { readWhole } from '../api/body.ts';
import { route } from '../api/route.ts';
import { denied } from '../refusals.ts';

/** A report of a /16 with all its services is under 40 MB, the largest public bills of materials are as large. */
const textBytesMax = 48 * 1024 * 1024;
/** Databases of countries and systems are under 12 MB, that of cities about 65 MB. */
const databaseBytesMax = 96 * 1024 * 1024;
/** Networks of one organisation that are looked at: a carrier has some thousands. */
const networksMax = 10_000;
const pageRows = 500;
/** What is told of single addresses beside the rows: more is not read. */
const announcedMax = 50;

export const limits = [
  {
    name: 'estate.foreign.hostsMax',
    value: hostsMax,
    unit: 'hosts',
    why: 'a network of /16 has as many; a larger report is given in parts',
  },
  {
    name: 'estate.foreign.componentsMax',
    value: billComponentsMax,
    unit: 'components',
    why: 'the largest public bills of materials have some tens of thousands',
  },
  {
    name: 'estate.foreign.networksMax',
    value: networksMax,
    unit: 'networks',
    why: 'a carrier has some thousands; further ones state their regions by hand',
  },
];

const Read = z.object({
  sheets: z.array(z.object({ kind: z.string(), text: z.string().describe('CSV, as the import takes it.') })),
  notes: z.array(Words),
});

const answered = ({ items, notes }: Drafts): z.input<typeof Read> => ({
  sheets: Object.entries(items).flatMap(([kind, rows]) =>
    isEstateKind(kind) && rows !== undefined && rows.length > 0 ? [{ kind, text: csvOf(kind, rows) }] : [],
  ),
  notes,
});

const readForeignFile = route({
  method: 'post',
  path: '/estate/read',
  access: 'estate:write',
  summary:
    "Reads a report of nmap (XML) or a bill of materials (CycloneDX) into rows of the register's sheets; registers nothing.",
  bodyBytesMax: textBytesMax,
  body: z.strictObject({
    format: z.enum(['nmap', 'cyclonedx']),
    text: z.string().max(textBytesMax),
    organisation: Slug.optional().describe('Whose rows these become; else the own organisation.'),
    asset: z
      .union([Slug, z.literal('')])
      .default('')
      .describe('What the components of a bill run on.'),
  }),
  answer: Read,
  async handle({ center, principal, scope, body }) {
    const organisation = ownerOf(principal, body.organisation);
    if (body.format === 'cyclonedx') return answered(readCycloneDx(parsed(body.text), { organisation, asset: body.asset }));
    return answered(readNmap(body.text, { organisation, networks: await networksOf(center, scope, organisation) }));
  },
});

const readAddressDatabase = route({
  method: 'post',
  path: '/estate/regions',
  access: 'estate:write',
  summary: 'Reads a database of addresses (MaxMind DB) into rows of the networks that state no region yet; registers nothing.',
  takes: 'application/octet-stream',
  bodyBytesMax: databaseBytesMax,
  query: z.strictObject({ organisation: Slug.optional() }),
  answer: Read,
  async handle({ center, principal, scope, query, request }) {
    const organisation = ownerOf(principal, query.organisation);
    const database = openMmdb(await readWhole(request, databaseBytesMax));
    if (!database) return { sheets: [], notes: [{ text: 'know.foreign.mmdb' }] };
    const { networks, announced } = regionsOf(database, await networksOf(center, scope, organisation));
    return answered({
      items: { networks },
      notes: [
        { text: 'know.foreign.regions', values: { count: networks.length } },
        ...announced.slice(0, announcedMax).map(({ address, system, operator, region }) => ({
          text: system === null ? 'know.foreign.located' : 'know.foreign.announced',
          values: { address, region: region || '–', ...(system === null ? {} : { system, operator: operator || '–' }) },
        })),
      ],
    });
  },
});

export const foreignRoutes = [readForeignFile, readAddressDatabase];

function ownerOf(principal: Principal, asked: string | undefined): string {
  const organisation = asked ?? principal.organisation;
  if (!principal.centre && organisation !== principal.organisation) throw denied('Only the centre registers for others.');
  return organisation;
}

async function networksOf(center: Center, scope: Scope, organisation: string): Promise<Network[]> {
  return center.database.scoped(scope, async (tx) => {
    const networks: Network[] = [];
    let cursor: string | undefined;
    do {
      const page = await listEstate(tx, 'networks', { limit: pageRows, cursor, organisation });
      networks.push(...page.items.map(({ item }) => item));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined && networks.length < networksMax);
    return networks;
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
