/** Whose records they are: eight organisations of several network types, sixteen sensors, a link for each. */

import { emptyEstate, type Estate, type Link, type NetworkType } from '@forewarn/model/estate';
import type { Envelope } from '@forewarn/model/batch';

const kinds: readonly { id: string; sector: string; type: NetworkType }[] = [
  { id: 'hospital-east', sector: 'health', type: 'computer' },
  { id: 'water-works', sector: 'water', type: 'control' },
  { id: 'grid-north', sector: 'energy', type: 'control' },
  { id: 'university', sector: 'education', type: 'internet' },
  { id: 'city-cloud', sector: 'cloud', type: 'computing' },
  { id: 'metro', sector: 'transport', type: 'iot' },
  { id: 'carrier', sector: 'telecommunication', type: 'telecom' },
  { id: 'radio', sector: 'broadcasting', type: 'broadcast' },
];

export type BenchSensor = { id: string; organisation: string; place: number; link: string; networkType: NetworkType };

export const sensors: readonly BenchSensor[] = kinds.flatMap(({ id, type }, place) =>
  ['core', 'edge'].map((part) => ({
    id: `${id}-${part}`,
    organisation: id,
    place,
    link: `${id}-${part}-link`,
    networkType: type,
  })),
);

export const envelopeOf = (sensor: BenchSensor): Envelope => ({
  sensor: sensor.id,
  organisation: sensor.organisation,
  link: sensor.link,
  networkType: sensor.networkType,
  source: 'interface eth1',
  marking: sensor.place % 4 === 3 ? 'TLP:GREEN' : 'TLP:AMBER',
});

const name = (id: string) => ({ en: id, zh: id });

export const estate: Estate = {
  ...emptyEstate(),
  organisations: [
    { id: 'centre', sector: 'government', kind: 'centre' as const, reporter: 'national-cac' as const },
    ...kinds.map(({ id, sector }) => ({ id, sector, kind: 'operator' as const, reporter: 'network-operator' as const })),
  ].map((one) => ({ ...one, name: name(one.id), region: 'north', overseenBy: null, contact: `duty@${one.id}.example` })),
  networks: kinds.map(({ id, type }, place) => ({
    id: `${id}-lan`,
    organisation: id,
    name: name(`${id}-lan`),
    type,
    addresses: [`10.${place}.0.0/16`],
    domains: [`${id}.example`],
  })),
  links: sensors.map(({ link, organisation }, index): Link => ({
    id: link,
    organisation,
    name: name(link),
    tier: index % 2 === 0 ? 'user' : 'backbone',
    role: index % 2 === 0 ? 'primary' : 'secondary',
    capacityMbps: 1000,
    from: `${organisation}-lan`,
    to: `${organisation}-lan`,
  })),
  assets: [],
  businesses: [],
};
