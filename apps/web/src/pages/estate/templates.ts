/** Templates for spreadsheets: the columns of a kind with one example, which is a note and is passed by when the file is read. */

import type { EstateKind } from '@forewarn/model/estate';
import { useCallback } from 'react';
import { useTexts } from '../../session/language.tsx';
import { useMe } from '../../session/me.tsx';
import { templateOf } from './sheet.ts';

type Example = { readonly [column: string]: string };

/** `own` is the organisation's id: what an organisation registers begins with it. */
export const examplesOf = (own: string): { readonly [Kind in EstateKind]: Example } => ({
  organisations: {
    id: own,
    name_en: 'East hospital',
    name_zh: '东区医院',
    kind: 'operator',
    sector: 'health',
    region: 'yunlan',
    reporter: 'cii-operator',
    overseenBy: 'health-department',
    contact: 'Duty desk, +86 20 5550 0110',
    status: 'active',
  },
  networks: {
    id: `${own}-servers`,
    name_en: 'Servers',
    name_zh: '服务器网',
    organisation: own,
    type: 'computer',
    addresses: '10.20.1.0/24;2001:db8:20::/64',
    domains: 'hospital.example',
    region: 'yunlan',
  },
  nodes: {
    id: `${own}-hall`,
    name_en: 'Machine hall',
    name_zh: '机房',
    organisation: own,
    network: `${own}-servers`,
    kind: 'site',
    region: 'yunlan',
    latitude: '23.13',
    longitude: '113.26',
  },
  links: {
    id: `${own}-uplink`,
    name_en: 'Uplink to the carrier',
    name_zh: '运营商上联',
    organisation: own,
    tier: 'user',
    role: 'primary',
    capacityMbps: '1000',
    from: `${own}-servers`,
    to: `${own}-hall`,
    protection: 'protect:3;detect:2',
  },
  products: {
    id: `${own}-records-suite`,
    name_en: 'Records suite',
    name_zh: '病历套件',
    organisation: own,
    maker: 'Acme Health',
    origin: 'CN',
    replaceability: 'months',
    supplier: 'Regional integrator',
  },
  businesses: {
    id: `${own}-care`,
    name_en: 'Patient care',
    name_zh: '诊疗',
    organisation: own,
    usersServed: '120000',
    valuePerHourCny: '80000',
    surfaces: 'web:portal.hospital.example;desk:Reception',
    importance: 'special',
    importanceReason: 'Lives depend on it',
    regions: 'yunlan',
    toleratedOutageHours: '1',
  },
  assets: {
    id: `${own}-records`,
    name_en: 'Records application',
    name_zh: '病历应用',
    organisation: own,
    network: `${own}-servers`,
    kind: 'server',
    importance: 'special',
    importanceReason: 'Holds all records',
    addresses: '10.20.1.21',
    names: 'records.hospital.example',
    businesses: `${own}-care`,
    targets: 'availability:high;integrity:high',
    protection: 'protect:3;recover:2',
  },
  systems: {
    id: `${own}-his`,
    name_en: 'Hospital information system',
    name_zh: '医院信息系统',
    organisation: own,
    importance: 'special',
    assets: `${own}-records`,
    businesses: `${own}-care`,
    targets: 'availability:high',
  },
  data: {
    id: `${own}-medical-records`,
    name_en: 'Medical records',
    name_zh: '病历数据',
    organisation: own,
    system: `${own}-his`,
    importance: 'special',
    targets: 'confidentiality:high;integrity:high',
  },
  applications: {
    id: `${own}-portal`,
    name_en: 'Patient portal',
    name_zh: '患者门户',
    organisation: own,
    system: `${own}-his`,
    assets: `${own}-records`,
    businesses: `${own}-care`,
    importance: 'important',
  },
  components: {
    id: `${own}-records-nginx`,
    name_en: 'nginx',
    name_zh: 'nginx',
    organisation: own,
    asset: `${own}-records`,
    vendor: 'F5',
    version: '1.24.0',
    cpe: 'cpe:2.3:a:f5:nginx:1.24.0:*:*:*:*:*:*:*',
    exposure: 'open',
    impact: 'high',
  },
});

/** Hands a template to the person as a file. */
export function useTemplate(): (kind: EstateKind) => void {
  const { t } = useTexts();
  const { organisation } = useMe();
  return useCallback(
    (kind) => {
      const text = templateOf(kind, t('estate.template.note'), examplesOf(organisation.id)[kind]);
      const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
      const link = document.createElement('a');
      link.href = url;
      link.download = `${kind}.csv`;
      link.click();
      URL.revokeObjectURL(url);
    },
    [t, organisation.id],
  );
}
