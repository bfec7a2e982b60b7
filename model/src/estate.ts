/**
 * The estate: what is protected, and whose it is. Enough to say whom a finding concerns; ids are chosen by people
 * (`hospital-east`), because an estate is imported from files and read aloud on the telephone.
 */

import { z } from 'zod';
import { LocalText, type Words } from './text.ts';

/** A short name chosen by a person: lower-case letters, digits and hyphens. */
export const Slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'Use lower-case letters, digits and single hyphens.')
  .max(64);

/** The nine network types of the mission, row S1. */
export const networkTypes = [
  'internet',
  'telecom',
  'broadcast',
  'iot',
  'computer',
  'social',
  'computing',
  'communication',
  'control',
] as const;
export const NetworkType = z.enum(networkTypes);
export type NetworkType = z.infer<typeof NetworkType>;

/** Which clocks an organisation reports under in the 2025 measures (articles 7–9). */
export const reporterClasses = [
  'cii-operator',
  'cii-protection-department',
  'state-organ',
  'department-cyberspace-office',
  'network-operator',
  'provincial-cac',
  'public-security-organ',
  'national-cac',
] as const;
export const ReporterClass = z.enum(reporterClasses);
export type ReporterClass = z.infer<typeof ReporterClass>;

/**
 * Sectors that the catalogues name in each language: the important ones of China's regulations on critical information
 * infrastructure (2021, art. 2), and those a centre meets besides. Others are shown as they are written.
 */
const namedSectors = [
  'government',
  'health',
  'water',
  'energy',
  'transport',
  'finance',
  'telecommunication',
  'broadcasting',
  'education',
  'cloud',
  'public-services',
  'defence-industry',
];

/** How a sector is called. */
export const sectorName = (sector: string): Words | string =>
  namedSectors.includes(sector) ? { text: `know.sector.${sector}` } : sector;

/** What is unstated is absent: nobody is made to invent it, and nothing is computed from it. */
const Reason = z.string().max(1000);
const Region = z.string().min(1).max(64);

/** How grave the loss would be: potential impact in FIPS 199. */
export const securityLevels = ['low', 'moderate', 'high'] as const;
export const SecurityLevel = z.enum(securityLevels);
export type SecurityLevel = z.infer<typeof SecurityLevel>;

/** What is to be kept of a thing, and how firmly: the three aims of FIPS 199, and that it stays in the hands of those who answer for it. */
export const securityAims = ['confidentiality', 'integrity', 'availability', 'controllability'] as const;
export const Targets = z.strictObject({
  confidentiality: SecurityLevel.optional(),
  integrity: SecurityLevel.optional(),
  availability: SecurityLevel.optional(),
  controllability: SecurityLevel.optional(),
});
export type Targets = z.infer<typeof Targets>;

/** How well a thing is protected: a tier (1 partial, 2 risk informed, 3 repeatable, 4 adaptive) for each function of the NIST Cybersecurity Framework 2.0. */
export const protectionFunctions = ['govern', 'identify', 'protect', 'detect', 'respond', 'recover'] as const;
const Tier = z.number().int().min(1).max(4).optional();
export const Protection = z.strictObject({
  govern: Tier,
  identify: Tier,
  protect: Tier,
  detect: Tier,
  respond: Tier,
  recover: Tier,
});
export type Protection = z.infer<typeof Protection>;

export const importances = ['special', 'important', 'general'] as const;
const Importance = z.enum(importances);

export const Organisation = z.object({
  id: Slug,
  name: LocalText,
  /** The centre coordinates everybody's incidents; departments oversee a sector; operators run networks. */
  kind: z.enum(['centre', 'department', 'operator']),
  sector: z.string().max(64),
  region: z.string().max(64),
  reporter: ReporterClass,
  /** The department that oversees it, where there is one. */
  overseenBy: Slug.nullable(),
  contact: z.string().max(200),
  /** What it must do, and may do, in an emergency: as its founding act or the law puts it. */
  duties: z.string().max(2000).optional(),
  powers: z.string().max(2000).optional(),
  /** Its standing; unstated: it exists. */
  status: z.enum(['active', 'planned', 'dissolved']).optional(),
});
export type Organisation = z.infer<typeof Organisation>;

export const Network = z.object({
  id: Slug,
  organisation: Slug,
  name: LocalText,
  type: NetworkType,
  /** Networks in CIDR notation. */
  addresses: z.array(z.string()).max(1000),
  /** Domains it owns; a name below one belongs too. */
  domains: z.array(z.string()).max(1000),
  region: Region.optional(),
  /** Autonomous systems that announce it: AS64500. */
  asns: z
    .array(z.string().regex(/^AS\d{1,10}$/, 'Write AS64500.'))
    .max(100)
    .optional(),
});
export type Network = z.infer<typeof Network>;

/** A place of a network where links meet. Who knows only that two networks are joined needs none. */
export const Node = z.object({
  id: Slug,
  organisation: Slug,
  network: Slug,
  name: LocalText,
  kind: z.enum(['site', 'exchange-point', 'router', 'switch', 'gateway', 'tower', 'satellite', 'other']),
  region: Region.optional(),
  /** Degrees, WGS 84. */
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
});
export type Node = z.infer<typeof Node>;

export const Link = z.object({
  id: Slug,
  organisation: Slug,
  name: LocalText,
  tier: z.enum(['user', 'data-centre', 'backbone']),
  role: z.enum(['primary', 'secondary']),
  capacityMbps: z.number().positive(),
  /** A network, or a node of one. */
  from: Slug,
  to: Slug,
  protection: Protection.optional(),
});
export type Link = z.infer<typeof Link>;

export const Asset = z.object({
  id: Slug,
  organisation: Slug,
  network: Slug,
  name: LocalText,
  kind: z.enum(['server', 'workstation', 'controller', 'network-device', 'sensor', 'system', 'other']),
  importance: Importance,
  importanceReason: Reason.optional(),
  addresses: z.array(z.string()).max(1000),
  names: z.array(z.string()).max(1000),
  businesses: z.array(Slug).max(100),
  /** Where in its network it stands. */
  node: Slug.optional(),
  /** What it is, as hardware or as a whole. */
  product: Slug.optional(),
  targets: Targets.optional(),
  protection: Protection.optional(),
});
export type Asset = z.infer<typeof Asset>;

/** An information system: machines and programs that serve one purpose together, and are protected together. */
export const System = z.object({
  id: Slug,
  organisation: Slug,
  name: LocalText,
  importance: Importance,
  importanceReason: Reason.optional(),
  assets: z.array(Slug).max(1000),
  businesses: z.array(Slug).max(100),
  targets: Targets.optional(),
  protection: Protection.optional(),
});
export type System = z.infer<typeof System>;

/** Data that operation needs or makes, as a kind: what they are, never the data themselves. */
export const OperatingData = z.object({
  id: Slug,
  organisation: Slug,
  name: LocalText,
  system: Slug,
  importance: Importance,
  importanceReason: Reason.optional(),
  targets: Targets.optional(),
});
export type OperatingData = z.infer<typeof OperatingData>;

export const Application = z.object({
  id: Slug,
  organisation: Slug,
  name: LocalText,
  system: Slug.optional(),
  assets: z.array(Slug).max(1000),
  businesses: z.array(Slug).max(100),
  product: Slug.optional(),
  importance: Importance,
  importanceReason: Reason.optional(),
  targets: Targets.optional(),
});
export type Application = z.infer<typeof Application>;

/** A service to people, apart from the machines that carry it, and the surfaces where people meet it. */
export const Business = z.object({
  id: Slug,
  organisation: Slug,
  name: LocalText,
  usersServed: z.number().int().nonnegative(),
  valuePerHourCny: z.number().nonnegative(),
  surfaces: z.array(z.object({ kind: z.enum(['web', 'api', 'app', 'desk']), name: z.string().max(300) })).max(100),
  importance: Importance.optional(),
  importanceReason: Reason.optional(),
  /** Businesses without which it stops. */
  dependsOn: z.array(Slug).max(100).optional(),
  /** Whom it serves; unstated: the region of its organisation. */
  regions: z.array(Region).max(100).optional(),
  /** How long its users can do without it. */
  toleratedOutageHours: z.number().nonnegative().optional(),
});
export type Business = z.infer<typeof Business>;

/** How soon another maker's could stand in its place. */
export const replaceabilities = ['days', 'weeks', 'months', 'none'] as const;

/** A product that the organisation depends on: hardware, software or a service. */
export const Product = z.object({
  id: Slug,
  organisation: Slug,
  name: LocalText,
  maker: z.string().min(1).max(200),
  /** Country of the maker (ISO 3166-1 alpha-2). */
  origin: z
    .string()
    .regex(/^[A-Z]{2}$/, 'Two capital letters of ISO 3166-1.')
    .optional(),
  replaceability: z.enum(replaceabilities).optional(),
  /** Who delivers or operates it, where that is not its maker. */
  supplier: z.string().max(200).optional(),
});
export type Product = z.infer<typeof Product>;

/** A program, or firmware, in a version on an asset: what vulnerabilities are compared with. */
export const Component = z.object({
  id: Slug,
  organisation: Slug,
  name: LocalText,
  asset: Slug,
  product: Slug.optional(),
  vendor: z.string().max(200).optional(),
  /** Unstated: exposure is told as possible. */
  version: z.string().max(200).optional(),
  /** Package URL (ECMA-427), and CPE 2.3 (NISTIR 7695). */
  purl: z.string().max(1000).optional(),
  cpe: z.string().max(500).optional(),
  /** SSVC's System Exposure and Human Impact, of the place where it runs. */
  exposure: z.enum(['small', 'controlled', 'open']).optional(),
  impact: z.enum(['low', 'medium', 'high', 'very high']).optional(),
});
export type Component = z.infer<typeof Component>;

/** The kinds of the estate, in an order in which what is referred to comes first. */
export const estateKinds = {
  organisations: Organisation,
  networks: Network,
  nodes: Node,
  links: Link,
  products: Product,
  businesses: Business,
  assets: Asset,
  systems: System,
  data: OperatingData,
  applications: Application,
  components: Component,
} as const;
export type EstateKind = keyof typeof estateKinds;
export type EstateItem<Kind extends EstateKind = EstateKind> = z.infer<(typeof estateKinds)[Kind]>;
export const isEstateKind = (text: string): text is EstateKind => Object.hasOwn(estateKinds, text);

export type Estate = { [Kind in EstateKind]: EstateItem<Kind>[] };

export const emptyEstate = (): Estate => ({
  organisations: [],
  networks: [],
  nodes: [],
  links: [],
  products: [],
  businesses: [],
  assets: [],
  systems: [],
  data: [],
  applications: [],
  components: [],
});

/** What lists of each kind are filtered by: equal to a text, or, of a list of ids, holding one. */
export const estateFilters: { readonly [Kind in EstateKind]: readonly string[] } = {
  organisations: ['kind', 'sector', 'region', 'reporter', 'overseenBy', 'status'],
  networks: ['type', 'region'],
  nodes: ['network', 'kind', 'region'],
  links: ['tier', 'role', 'from', 'to'],
  products: ['maker', 'origin', 'replaceability', 'supplier'],
  businesses: ['importance', 'dependsOn'],
  assets: ['network', 'node', 'product', 'kind', 'importance', 'businesses'],
  systems: ['importance', 'assets', 'businesses'],
  data: ['system', 'importance'],
  applications: ['system', 'product', 'importance', 'assets', 'businesses'],
  components: ['asset', 'product', 'vendor', 'version', 'exposure'],
};

/** Kinds of what a what-if takes away: things of the estate, and who makes, delivers or is home to its products. */
export const takenKinds = [
  'links',
  'nodes',
  'networks',
  'organisations',
  'assets',
  'businesses',
  'products',
  'makers',
  'suppliers',
  'origins',
] as const;
export type TakenKind = (typeof takenKinds)[number];
