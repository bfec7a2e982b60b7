/** Words of the estate, by the terms of its schema. */

import type { Asset, EstateKind, Link, NetworkType, Organisation } from '@forewarn/model/estate';

export const estateKinds: { readonly [kind in EstateKind]: string } = {
  organisations: 'web.estate.organisations',
  networks: 'web.estate.networks',
  nodes: 'estate.nodes',
  links: 'web.estate.links',
  products: 'estate.products',
  businesses: 'web.estate.businesses',
  assets: 'web.estate.assets',
  systems: 'estate.systems',
  data: 'estate.data',
  applications: 'estate.applications',
  components: 'estate.components',
};

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

export const reporterKeys: { [reporter in Organisation['reporter']]: string } = {
  'cii-operator': 'estate.reporter.ciiOperator',
  'cii-protection-department': 'estate.reporter.ciiProtection',
  'state-organ': 'estate.reporter.stateOrgan',
  'department-cyberspace-office': 'estate.reporter.departmentOffice',
  'network-operator': 'estate.reporter.networkOperator',
  'provincial-cac': 'estate.reporter.provincialCac',
  'public-security-organ': 'estate.reporter.publicSecurity',
  'national-cac': 'estate.reporter.nationalCac',
};

export const statusKeys = {
  active: 'estate.status.active',
  planned: 'estate.status.planned',
  dissolved: 'estate.status.dissolved',
};

export const nodeKindKeys = {
  site: 'estate.node.site',
  'exchange-point': 'estate.node.exchangePoint',
  router: 'estate.node.router',
  switch: 'estate.node.switch',
  gateway: 'estate.node.gateway',
  tower: 'estate.node.tower',
  satellite: 'estate.node.satellite',
  other: 'web.asset.other',
};

export const replaceabilityKeys = {
  days: 'estate.replace.days',
  weeks: 'estate.replace.weeks',
  months: 'estate.replace.months',
  none: 'estate.replace.none',
};

export const exposureKeys = {
  small: 'estate.exposure.small',
  controlled: 'estate.exposure.controlled',
  open: 'estate.exposure.open',
};

export const impactKeys = {
  low: 'estate.level.low',
  medium: 'estate.impact.medium',
  high: 'estate.level.high',
  'very high': 'estate.impact.veryHigh',
};

export const surfaceKeys = {
  web: 'estate.surface.web',
  api: 'estate.surface.api',
  app: 'estate.surface.app',
  desk: 'estate.surface.desk',
};

export const aimKeys = {
  confidentiality: 'estate.aim.confidentiality',
  integrity: 'estate.aim.integrity',
  availability: 'estate.aim.availability',
  controllability: 'estate.aim.controllability',
};

export const levelKeys = { low: 'estate.level.low', moderate: 'estate.level.moderate', high: 'estate.level.high' };

export const functionKeys = {
  govern: 'estate.function.govern',
  identify: 'estate.function.identify',
  protect: 'estate.function.protect',
  detect: 'estate.function.detect',
  respond: 'estate.function.respond',
  recover: 'estate.function.recover',
};

export const tierOfProtectionKeys = {
  1: 'estate.protection.partial',
  2: 'estate.protection.informed',
  3: 'estate.protection.repeatable',
  4: 'estate.protection.adaptive',
};
