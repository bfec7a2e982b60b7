/** How each field of the register is called, entered and shown. Adding a field to a kind is one line here. */

import type { EstateKind } from '@forewarn/model/estate';
import { columnsOf } from '@forewarn/model/estate-sheet';
import {
  aimKeys,
  assetKindKeys,
  exposureKeys,
  functionKeys,
  impactKeys,
  importanceKeys,
  kindKeys,
  levelKeys,
  networkTypeKeys,
  nodeKindKeys,
  replaceabilityKeys,
  reporterKeys,
  roleOfLinkKeys,
  statusKeys,
  tierKeys,
  tierOfProtectionKeys,
} from './words.ts';

export type Terms = { readonly [value: string]: string };

/** `refs` and `list` hold several; `parts` a value for each of their parts; `long` a text of several lines. */
export type Entry =
  | { as: 'text' | 'long' | 'number' | 'list' | 'surfaces' }
  | { as: 'term'; terms: Terms }
  | { as: 'ref' | 'refs'; of: readonly EstateKind[] }
  | { as: 'parts'; parts: Terms; terms: Terms };

export type Field = Entry & {
  label: string;
  /** What it is for, where its name does not say. */
  means?: string;
  /** It stands in the list of its kind. */
  listed?: true;
};

const text: Entry = { as: 'text' };
const long: Entry = { as: 'long' };
const number: Entry = { as: 'number' };
const list: Entry = { as: 'list' };
const term = (terms: Terms): Entry => ({ as: 'term', terms });
const ref = (...of: EstateKind[]): Entry => ({ as: 'ref', of });
const refs = (...of: EstateKind[]): Entry => ({ as: 'refs', of });

const id: Field = { ...text, label: 'estate.field.id', means: 'estate.field.id.means' };
const names = {
  name_en: { ...text, label: 'estate.field.nameEn' },
  name_zh: { ...text, label: 'estate.field.nameZh' },
} as const;
const organisation: Field = { ...ref('organisations'), label: 'web.organisation', listed: true };
const importance: Field = { ...term(importanceKeys), label: 'web.estate.importance', listed: true };
const importanceReason: Field = { ...text, label: 'estate.field.importanceReason' };
const region: Field = { ...text, label: 'web.estate.region', listed: true };
const targets: Field = {
  as: 'parts',
  parts: aimKeys,
  terms: levelKeys,
  label: 'estate.field.targets',
  means: 'estate.field.targets.means',
};
const protection: Field = {
  as: 'parts',
  parts: functionKeys,
  terms: tierOfProtectionKeys,
  label: 'estate.field.protection',
  means: 'estate.field.protection.means',
};
const product: Field = { ...ref('products'), label: 'estate.field.product' };
const businesses: Field = { ...refs('businesses'), label: 'web.estate.carries', listed: true };
const assets: Field = { ...refs('assets'), label: 'web.estate.assets', listed: true };
const system: Field = { ...ref('systems'), label: 'estate.field.system', listed: true };

const kinds: { readonly [Kind in EstateKind]: { readonly [column: string]: Field } } = {
  organisations: {
    id,
    ...names,
    kind: { ...term(kindKeys), label: 'web.estate.kind', listed: true },
    sector: { ...text, label: 'web.estate.sector', listed: true },
    region,
    reporter: { ...term(reporterKeys), label: 'estate.field.reporter', means: 'estate.field.reporter.means' },
    overseenBy: { ...ref('organisations'), label: 'web.estate.overseenBy', listed: true },
    contact: { ...text, label: 'web.estate.contact', listed: true },
    duties: { ...long, label: 'estate.field.duties' },
    powers: { ...long, label: 'estate.field.powers' },
    status: { ...term(statusKeys), label: 'estate.field.status' },
  },
  networks: {
    id,
    ...names,
    organisation,
    type: { ...term(networkTypeKeys), label: 'web.estate.type', listed: true },
    addresses: { ...list, label: 'web.estate.addresses', means: 'estate.field.addresses.means', listed: true },
    domains: { ...list, label: 'web.estate.domains', listed: true },
    region,
    asns: { ...list, label: 'estate.field.asns', means: 'estate.field.asns.means' },
  },
  nodes: {
    id,
    ...names,
    organisation,
    network: { ...ref('networks'), label: 'web.estate.network', listed: true },
    kind: { ...term(nodeKindKeys), label: 'web.estate.kind', listed: true },
    region,
    latitude: { ...number, label: 'estate.field.latitude' },
    longitude: { ...number, label: 'estate.field.longitude' },
  },
  links: {
    id,
    ...names,
    organisation,
    tier: { ...term(tierKeys), label: 'web.estate.tier', listed: true },
    role: { ...term(roleOfLinkKeys), label: 'web.estate.role', listed: true },
    capacityMbps: { ...number, label: 'web.estate.capacity', listed: true },
    from: { ...ref('networks', 'nodes'), label: 'web.estate.from', listed: true },
    to: { ...ref('networks', 'nodes'), label: 'web.estate.to', listed: true },
    protection,
  },
  products: {
    id,
    ...names,
    organisation,
    maker: { ...text, label: 'estate.field.maker', listed: true },
    origin: { ...text, label: 'estate.field.origin', means: 'estate.field.origin.means', listed: true },
    replaceability: {
      ...term(replaceabilityKeys),
      label: 'estate.field.replaceability',
      means: 'estate.field.replaceability.means',
      listed: true,
    },
    supplier: { ...text, label: 'estate.field.supplier', listed: true },
  },
  businesses: {
    id,
    ...names,
    organisation,
    usersServed: { ...number, label: 'web.estate.users', listed: true },
    valuePerHourCny: { ...number, label: 'web.estate.value', listed: true },
    surfaces: { as: 'surfaces', label: 'web.estate.surfaces', means: 'estate.field.surfaces.means', listed: true },
    importance,
    importanceReason,
    dependsOn: { ...refs('businesses'), label: 'estate.field.dependsOn' },
    regions: { ...list, label: 'estate.field.regions' },
    toleratedOutageHours: { ...number, label: 'estate.field.tolerated' },
  },
  assets: {
    id,
    ...names,
    organisation,
    network: { ...ref('networks'), label: 'web.estate.network', listed: true },
    kind: { ...term(assetKindKeys), label: 'web.estate.kind', listed: true },
    importance,
    importanceReason,
    addresses: { ...list, label: 'web.estate.addresses', means: 'estate.field.addresses.means', listed: true },
    names: { ...list, label: 'web.estate.names', listed: true },
    businesses,
    node: { ...ref('nodes'), label: 'estate.field.node' },
    product,
    targets,
    protection,
  },
  systems: { id, ...names, organisation, importance, importanceReason, assets, businesses, targets, protection },
  data: { id, ...names, organisation, system, importance, importanceReason, targets },
  applications: { id, ...names, organisation, system, assets, businesses, product, importance, importanceReason, targets },
  components: {
    id,
    ...names,
    organisation,
    asset: { ...ref('assets'), label: 'estate.field.asset', listed: true },
    product,
    vendor: { ...text, label: 'estate.field.vendor', listed: true },
    version: { ...text, label: 'estate.field.version', means: 'estate.field.version.means', listed: true },
    purl: { ...text, label: 'estate.field.purl' },
    cpe: { ...text, label: 'estate.field.cpe' },
    exposure: { ...term(exposureKeys), label: 'estate.field.exposure', listed: true },
    impact: { ...term(impactKeys), label: 'estate.field.impact' },
  },
};

/** The columns of a kind in the order of its sheet. */
export const fieldsOf = (kind: EstateKind): [column: string, field: Field][] =>
  columnsOf(kind).flatMap((column) => {
    const field = kinds[kind][column];
    return field === undefined ? [] : [[column, field]];
  });

/** What refers to an item of a kind, and by which field. */
export const referring: { readonly [Kind in EstateKind]: readonly (readonly [EstateKind, field: string])[] } = {
  organisations: [
    ['networks', 'organisation'],
    ['assets', 'organisation'],
    ['businesses', 'organisation'],
    ['links', 'organisation'],
    ['systems', 'organisation'],
    ['products', 'organisation'],
  ],
  networks: [
    ['nodes', 'network'],
    ['assets', 'network'],
  ],
  nodes: [['assets', 'node']],
  links: [],
  products: [
    ['assets', 'product'],
    ['applications', 'product'],
    ['components', 'product'],
  ],
  businesses: [
    ['assets', 'businesses'],
    ['systems', 'businesses'],
    ['applications', 'businesses'],
    ['businesses', 'dependsOn'],
  ],
  assets: [
    ['components', 'asset'],
    ['systems', 'assets'],
    ['applications', 'assets'],
  ],
  systems: [
    ['data', 'system'],
    ['applications', 'system'],
  ],
  data: [],
  applications: [],
  components: [],
};
