/** Words of the estate, by the terms of its schema. */

import type { Asset, Link, NetworkType, Organisation } from '@forewarn/model/estate';

export const estateKinds = {
  organisations: 'web.estate.organisations',
  networks: 'web.estate.networks',
  links: 'web.estate.links',
  assets: 'web.estate.assets',
  businesses: 'web.estate.businesses',
} as const;
export type EstateKind = keyof typeof estateKinds;

export const networkTypeKeys: { [type in NetworkType]: string } = {
  internet: 'web.network.internet',
  telecom: 'web.network.telecom',
  broadcast: 'web.network.broadcast',
  iot: 'web.network.iot',
  computer: 'web.network.computer',
  social: 'web.network.social',
  computing: 'web.network.computing',
  communication: 'web.network.communication',
  control: 'web.network.control',
};

export const kindKeys: { [kind in Organisation['kind']]: string } = {
  centre: 'web.organisation.centre',
  department: 'web.organisation.department',
  operator: 'web.organisation.operator',
};

export const tierKeys: { [tier in Link['tier']]: string } = {
  user: 'web.tier.user',
  'data-centre': 'web.tier.dataCentre',
  backbone: 'web.tier.backbone',
};

export const roleOfLinkKeys: { [role in Link['role']]: string } = {
  primary: 'web.link.primary',
  secondary: 'web.link.secondary',
};

export const importanceKeys: { [importance in Asset['importance']]: string } = {
  special: 'web.importance.special',
  important: 'web.importance.important',
  general: 'web.importance.general',
};

export const assetKindKeys: { [kind in Asset['kind']]: string } = {
  server: 'web.asset.server',
  workstation: 'web.asset.workstation',
  controller: 'web.asset.controller',
  'network-device': 'web.asset.networkDevice',
  sensor: 'web.asset.sensor',
  system: 'web.asset.system',
  other: 'web.asset.other',
};
