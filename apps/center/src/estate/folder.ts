/**
 * An estate that stands in a folder of `content/estate/`: one CSV file a kind, people and sensors beside them. The demo country is
 * one; a centre could be filled from another.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { NetworkType, Slug, type Estate, type EstateItem, type EstateKind } from '@forewarn/model/estate';
import { checkLinkPolicy } from '@forewarn/guard/links';
import { LinkPolicy } from '@forewarn/model/link';
import { Tlp } from '@forewarn/model/markings';
import { Role } from '@forewarn/model/permissions';
import { render, type Catalogue } from '@forewarn/model/text';
import { readContent } from '@forewarn/model/yaml';
import { readEstateFile } from '@forewarn/know/import';
import { estateKinds } from '@forewarn/store/resources/estate';

const PersonRow = z.strictObject({
  account: Slug,
  name: z.string().min(1).max(200),
  email: z.email(),
  organisation: Slug,
  role: Role.exclude(['sensor']),
});
export type PersonRow = z.infer<typeof PersonRow>;

const SensorRow = z.strictObject({
  id: Slug,
  organisation: Slug,
  name: z.string().min(1).max(200),
  link: Slug.nullable(),
  networkType: NetworkType,
  marking: Tlp,
});
export type SensorRow = z.infer<typeof SensorRow>;

/** What is kept of a link, and who of the people set it. */
const PolicyRow = LinkPolicy.omit({ content: true }).extend({ link: Slug, by: Slug });
export type PolicyRow = z.infer<typeof PolicyRow>;

export type EstateFolder = { estate: Estate; people: PersonRow[]; sensors: SensorRow[]; policies: PolicyRow[] };

/** Throws an `AggregateError` of refusals that name file, line and field. */
export async function readEstateFolder(folder: string, texts: Catalogue): Promise<EstateFolder> {
  const refusals: Refusal[] = [];
  const estate: { [kind: string]: unknown[] } = {};
  for (const kind of estateKinds) {
    const file = join(folder, `${kind}.csv`);
    const { items, faults } = readEstateFile(kind, 'csv', await readFile(file, 'utf8'));
    estate[kind] = items;
    for (const { line, field, message } of faults) {
      const place = { file, line, ...(field === '' ? {} : { field }) };
      refusals.push(new Refusal('content.estate', render(message, texts, 'en'), { place }));
    }
  }
  const read = async <T>(name: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    const file = join(folder, name);
    const result = readContent(schema, await readFile(file, 'utf8'), file);
    if (result.ok) return result.value;
    refusals.push(...result.refusals);
    return undefined;
  };
  const people = await read('people.yaml', z.strictObject({ people: z.array(PersonRow).max(500) }));
  const sensors = await read('sensors.yaml', z.strictObject({ sensors: z.array(SensorRow).max(500) }));
  const policies = await read('policies.yaml', z.strictObject({ policies: z.array(PolicyRow).max(500) }));
  if (refusals.length > 0) throw new AggregateError(refusals, 'content');
  const rows = { people: people!.people, sensors: sensors!.sensors, policies: policies!.policies };
  checkReferences(folder, estate as Estate, rows, refusals);
  if (refusals.length > 0) throw new AggregateError(refusals, 'content');
  return { estate: estate as Estate, ...rows };
}

const owned = { organisation: 'organisations' } as const;
const carried = { ...owned, assets: 'assets', businesses: 'businesses' } as const;
/** What the fields of a kind name. */
const references: { readonly [Kind in EstateKind]?: { readonly [field: string]: EstateKind | readonly EstateKind[] } } = {
  organisations: { overseenBy: 'organisations' },
  networks: owned,
  nodes: { ...owned, network: 'networks' },
  links: { ...owned, from: ['networks', 'nodes'], to: ['networks', 'nodes'] },
  products: owned,
  businesses: { ...owned, dependsOn: 'businesses' },
  assets: { ...owned, network: 'networks', businesses: 'businesses', node: 'nodes', product: 'products' },
  systems: carried,
  data: { ...owned, system: 'systems' },
  applications: { ...carried, system: 'systems', product: 'products' },
  components: { ...owned, asset: 'assets', product: 'products' },
};

/** What one file says of another: everything that is named is there, and what stands in a network is of its organisation. */
function checkReferences(folder: string, estate: Estate, more: Omit<EstateFolder, 'estate'>, refusals: Refusal[]): void {
  const ids = Object.fromEntries(Object.entries(estate).map(([kind, items]) => [kind, new Set(items.map(({ id }) => id))])) as {
    [Kind in keyof Estate]: Set<string>;
  };
  const want = (kinds: EstateKind | readonly EstateKind[], id: string | null, file: string, who: string, field: string): void => {
    const any = typeof kinds === 'string' ? [kinds] : kinds;
    if (id === null || any.some((kind) => ids[kind].has(id))) return;
    const files = any.map((kind) => `${kind}.csv`).join(' or ');
    refusals.push(
      new Refusal('content.estate', `"${who}" names "${id}", which is not in ${files}.`, {
        place: { file: join(folder, file), field },
      }),
    );
  };
  for (const kind of estateKinds) {
    for (const one of estate[kind] as readonly EstateItem[]) {
      for (const [field, kinds] of Object.entries(references[kind] ?? {})) {
        const named = (one as { [field: string]: unknown })[field];
        for (const id of Array.isArray(named) ? (named as string[]) : [named as string | null | undefined])
          want(kinds, id ?? null, `${kind}.csv`, one.id, field);
      }
    }
  }
  for (const { id, network, organisation } of [...estate.nodes, ...estate.assets]) {
    const owner = estate.networks.find((one) => one.id === network)?.organisation;
    if (owner === undefined || owner === organisation) continue;
    const place = { file: join(folder, ids.nodes.has(id) ? 'nodes.csv' : 'assets.csv'), field: 'network' };
    refusals.push(new Refusal('content.estate', `"${id}" stands in "${network}", which is of "${owner}".`, { place }));
  }
  for (const one of more.people) want('organisations', one.organisation, 'people.yaml', one.account, 'organisation');
  for (const one of more.sensors) {
    want('organisations', one.organisation, 'sensors.yaml', one.id, 'organisation');
    want('links', one.link, 'sensors.yaml', one.id, 'link');
  }
  for (const { link, by, ...policy } of more.policies) {
    want('links', link, 'policies.yaml', link, 'link');
    const place = { file: join(folder, 'policies.yaml') };
    if (!more.people.some(({ account }) => account === by)) {
      refusals.push(new Refusal('content.estate', `"${by}" is not in people.yaml.`, { place: { ...place, field: 'by' } }));
    }
    const known = estate.links.find(({ id }) => id === link);
    try {
      if (known) checkLinkPolicy({ ...policy, content: [] }, known, () => undefined, 0);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusals.push(new Refusal('content.estate', `${link}: ${error.message}`, { place, advice: error.advice }));
    }
  }
}
