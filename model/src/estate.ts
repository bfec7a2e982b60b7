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
});
export type Network = z.infer<typeof Network>;

export const Link = z.object({
  id: Slug,
  organisation: Slug,
  name: LocalText,
  tier: z.enum(['user', 'data-centre', 'backbone']),
  role: z.enum(['primary', 'secondary']),
  capacityMbps: z.number().positive(),
  from: Slug,
  to: Slug,
});
export type Link = z.infer<typeof Link>;

export const importances = ['special', 'important', 'general'] as const;

export const Asset = z.object({
  id: Slug,
  organisation: Slug,
  network: Slug,
  name: LocalText,
  kind: z.enum(['server', 'workstation', 'controller', 'network-device', 'sensor', 'system', 'other']),
  importance: z.enum(importances),
  addresses: z.array(z.string()).max(1000),
  names: z.array(z.string()).max(1000),
  businesses: z.array(Slug).max(100),
});
export type Asset = z.infer<typeof Asset>;

/** A service to people, apart from the machines that carry it, and the surfaces where people meet it. */
export const Business = z.object({
  id: Slug,
  organisation: Slug,
  name: LocalText,
  usersServed: z.number().int().nonnegative(),
  valuePerHourCny: z.number().nonnegative(),
  surfaces: z.array(z.object({ kind: z.enum(['web', 'api', 'app', 'desk']), name: z.string().max(300) })).max(100),
});
export type Business = z.infer<typeof Business>;

export const Estate = z.object({
  organisations: z.array(Organisation),
  networks: z.array(Network),
  links: z.array(Link),
  assets: z.array(Asset),
  businesses: z.array(Business),
});
export type Estate = z.infer<typeof Estate>;
