/**
 * An estate that stands in a folder of `content/estate/`: one CSV file a kind, people and sensors beside them. The demo country is
 * one; a centre could be filled from another.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { NetworkType, Slug, type Estate } from '@forewarn/model/estate';
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

/** What one file says of another: every organisation, network, business and link that is named is there. */
function checkReferences(folder: string, estate: Estate, more: Omit<EstateFolder, 'estate'>, refusals: Refusal[]): void {
  const ids = Object.fromEntries(Object.entries(estate).map(([kind, items]) => [kind, new Set(items.map(({ id }) => id))])) as {
    [Kind in keyof Estate]: Set<string>;
  };
  const want = (kind: keyof Estate, id: string | null, file: string, who: string, field: string): void => {
    if (id === null || ids[kind].has(id)) return;
    refusals.push(
      new Refusal('content.estate', `"${who}" names "${id}", which is not in ${kind}.csv.`, {
        place: { file: join(folder, file), field },
      }),
    );
  };
  for (const one of estate.organisations) want('organisations', one.overseenBy, 'organisations.csv', one.id, 'overseenBy');
  for (const one of estate.networks) want('organisations', one.organisation, 'networks.csv', one.id, 'organisation');
  for (const one of estate.businesses) want('organisations', one.organisation, 'businesses.csv', one.id, 'organisation');
  for (const one of estate.links) {
    want('organisations', one.organisation, 'links.csv', one.id, 'organisation');
    want('networks', one.from, 'links.csv', one.id, 'from');
    want('networks', one.to, 'links.csv', one.id, 'to');
  }
  for (const one of estate.assets) {
    want('organisations', one.organisation, 'assets.csv', one.id, 'organisation');
    want('networks', one.network, 'assets.csv', one.id, 'network');
    for (const business of one.businesses) want('businesses', business, 'assets.csv', one.id, 'businesses');
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
