/** A country of any size, the same every time: organisations, networks, links, businesses, assets, and a component on some of them. */

import { emptyEstate, type Estate } from '@forewarn/model/estate';

export type Size = { organisations: number; assets: number; links: number; components: number };

const name = (en: string, zh: string) => ({ en, zh });
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length]!;

const sectors = ['health', 'water', 'energy', 'transport', 'finance', 'education', 'government'];
const regions = ['north', 'south', 'east', 'west', 'centre'];
const things = [
  ['Infusion pump', '输液泵'],
  ['Records server', '病历服务器'],
  ['Gateway', '网关'],
  ['Turbine controller', '汽轮机控制器'],
  ['Workstation', '工作站'],
  ['Water level sensor', '水位传感器'],
] as const;
const kinds = ['controller', 'server', 'network-device', 'controller', 'workstation', 'sensor'] as const;

export function countryOf({ organisations, assets, links, components }: Size): Estate {
  const estate = emptyEstate();
  const org = (n: number): string => `org${n % organisations}`;
  for (let n = 0; n < organisations; n++) {
    const sector = pick(sectors, n);
    estate.organisations.push({
      id: org(n),
      name: name(`Operator ${n} of ${sector}`, `第${n}运营单位`),
      kind: 'operator',
      sector,
      region: pick(regions, n * 7),
      reporter: 'network-operator',
      overseenBy: n < 50 ? null : `org${n % 50}`,
      contact: '',
    });
    estate.networks.push({
      id: `${org(n)}-lan`,
      organisation: org(n),
      name: name(`Network of operator ${n}`, `第${n}运营单位网络`),
      type: n % 5 === 0 ? 'control' : 'computer',
      addresses: [`10.${n % 256}.0.0/16`, `2001:db8:${n.toString(16)}::/48`],
      domains: [`operator${n}.example`],
    });
    estate.businesses.push({
      id: `${org(n)}-service`,
      organisation: org(n),
      name: name(`Service of operator ${n}`, `第${n}运营单位业务`),
      usersServed: 1_000 + ((n * 7919) % 100_000),
      valuePerHourCny: (n * 104_729) % 1_000_000,
      surfaces: [{ kind: 'web', name: `www.operator${n}.example` }],
    });
  }
  for (let n = 0; n < links; n++) {
    estate.links.push({
      id: `${org(n)}-link${n}`,
      organisation: org(n),
      name: name(`Link ${n}`, `链路${n}`),
      tier: n % 40 === 0 ? 'backbone' : 'user',
      role: n % 3 === 0 ? 'secondary' : 'primary',
      capacityMbps: pick([100, 1_000, 10_000], n),
      from: `${org(n)}-lan`,
      to: `${org(n * 31 + 7)}-lan`,
    });
  }
  for (let n = 0; n < assets; n++) {
    const [en, zh] = pick(things, n);
    const owner = n % organisations;
    estate.assets.push({
      id: `${org(n)}-asset${n}`,
      organisation: org(n),
      network: `${org(n)}-lan`,
      name: name(`${en} ${n}`, `${zh}${n}`),
      kind: pick(kinds, n),
      importance: n % 1_000 === 0 ? 'special' : n % 20 === 0 ? 'important' : 'general',
      addresses: [`10.${owner % 256}.${(n >> 8) % 256}.${n % 256}`],
      names: n % 4 === 0 ? [`host${n}.operator${owner}.example`] : [],
      businesses: n % 10 === 0 ? [`${org(n)}-service`] : [],
    });
  }
  for (let n = 0; n < components; n++) {
    estate.components.push({
      id: `${org(n)}-component${n}`,
      organisation: org(n),
      name: name('openssl', 'openssl'),
      asset: `${org(n)}-asset${n}`,
      vendor: 'openssl',
      version: `3.0.${n % 17}`,
      purl: `pkg:generic/openssl@3.0.${n % 17}`,
    });
  }
  return estate;
}
