/** Which table, columns and references each kind of the estate has. */

import { estateFilters, estateKinds as schemas, type EstateItem, type EstateKind } from '@forewarn/model/estate';
import { searchVector } from './estate-words.ts';

/** The kinds of the estate, in an order in which what is referred to comes first. */
export const estateKinds = Object.keys(schemas) as EstateKind[];

type Column = { field: string; column: string; type: 'text' | 'jsonb' | 'double precision' };
export type EstateTable = {
  kind: EstateKind;
  table: string;
  columns: readonly Column[];
  /** Whose a row is: the expression. */
  owner: string;
  /** Fields that lists are filtered by. */
  filters: readonly string[];
};

const tableNames: { readonly [Kind in EstateKind]: string } = {
  organisations: 'organisation',
  networks: 'network',
  nodes: 'node',
  links: 'link',
  products: 'product',
  businesses: 'business',
  assets: 'asset',
  systems: 'information_system',
  data: 'operating_data',
  applications: 'application',
  components: 'component',
};

/** Lists of ids. */
export const idLists: ReadonlySet<string> = new Set(['businesses', 'assets', 'dependsOn']);
/** Lists, names in both languages, and what is told in parts. */
const jsonFields = new Set([
  ...idLists,
  'name',
  'addresses',
  'domains',
  'asns',
  'names',
  'surfaces',
  'regions',
  'targets',
  'protection',
]);
const numberFields = new Set(['capacityMbps', 'usersServed', 'valuePerHourCny', 'toleratedOutageHours', 'latitude', 'longitude']);
/** `from` and `to` are words of SQL. */
const otherColumns: { readonly [field: string]: string } = { from: 'from_network', to: 'to_network' };
export const columnOf = (field: string): string =>
  otherColumns[field] ?? field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export const estateTables = Object.fromEntries(
  estateKinds.map((kind) => [
    kind,
    {
      kind,
      table: tableNames[kind],
      columns: Object.keys(schemas[kind].shape).map((field) => ({
        field,
        column: columnOf(field),
        type: jsonFields.has(field) ? 'jsonb' : numberFields.has(field) ? 'double precision' : 'text',
      })),
      owner: kind === 'organisations' ? 'id' : 'organisation',
      filters: estateFilters[kind],
    },
  ]),
) as unknown as { readonly [Kind in EstateKind]: EstateTable };

/** An item as JSON, of a row that is called `alias`; what is unstated is absent. */
export const itemSql = ({ columns }: EstateTable, alias: string): string =>
  `jsonb_strip_nulls(jsonb_build_object(${columns.map(({ field, column }) => `'${field}', ${alias}.${column}`).join(', ')}))`;

/** Only `overseenBy` is told as null. */
export function itemOf<Kind extends EstateKind>(kind: Kind, item: object): EstateItem<Kind> {
  if (kind === 'organisations') (item as { overseenBy?: string | null }).overseenBy ??= null;
  return item as EstateItem<Kind>;
}

/** Where a kind names things of another. `own`: of the same organisation, except where the centre says otherwise. */
export type EstateReference = { kind: EstateKind; field: string; to: readonly EstateKind[]; list: boolean };

const reference = (kind: EstateKind, field: string, ...to: EstateKind[]): EstateReference => ({
  kind,
  field,
  to,
  list: idLists.has(field),
});

export const estateReferences: readonly EstateReference[] = [
  reference('organisations', 'overseenBy', 'organisations'),
  ...estateKinds.filter((kind) => kind !== 'organisations').map((kind) => reference(kind, 'organisation', 'organisations')),
  reference('nodes', 'network', 'networks'),
  reference('links', 'from', 'networks', 'nodes'),
  reference('links', 'to', 'networks', 'nodes'),
  reference('businesses', 'dependsOn', 'businesses'),
  reference('assets', 'network', 'networks'),
  reference('assets', 'node', 'nodes'),
  reference('assets', 'product', 'products'),
  reference('assets', 'businesses', 'businesses'),
  reference('systems', 'assets', 'assets'),
  reference('systems', 'businesses', 'businesses'),
  reference('data', 'system', 'systems'),
  reference('applications', 'system', 'systems'),
  reference('applications', 'assets', 'assets'),
  reference('applications', 'businesses', 'businesses'),
  reference('applications', 'product', 'products'),
  reference('components', 'asset', 'assets'),
  reference('components', 'product', 'products'),
];

type Searched = { readonly [field: string]: unknown };
const searchedFields = ['id', 'addresses', 'domains', 'names', 'maker', 'supplier', 'vendor', 'purl', 'cpe'];

/** The words of an item, as text of a `tsvector`. */
export function searchOf(item: Searched): string {
  const texts: string[] = [];
  for (const field of searchedFields) {
    const value = item[field];
    if (typeof value === 'string') texts.push(value);
    // A network is found by where it begins, not by the length of its prefix.
    else if (Array.isArray(value)) texts.push(...(value as string[]).map((text) => text.replace(/\/\d+$/, '')));
  }
  const { name, surfaces } = item as { name?: { en: string; zh: string }; surfaces?: { name: string }[] };
  if (name) texts.push(name.en, name.zh);
  for (const surface of surfaces ?? []) texts.push(surface.name);
  const lists: [string, string[]][] = [];
  for (const field of idLists) if (Array.isArray(item[field])) lists.push([field, item[field] as string[]]);
  return searchVector(texts, lists);
}
