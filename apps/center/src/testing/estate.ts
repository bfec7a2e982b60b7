/** A small country for tests: a centre, a department, and four operators of which two share an incident and one has no part in it. */

import { emptyEstate, type Estate, type Organisation } from '@forewarn/model/estate';
import type { Finding, IncidentCandidate } from '@forewarn/model/finding';
import { writeEstate } from '@forewarn/store/resources/estate';
import { addSensor } from '@forewarn/store/resources/sensors';
import type { Center } from '../center-parts.ts';
import { findingsWriter, openIncident, type SeenFinding } from '../incidents/open.ts';

const name = (id: string) => ({ en: `Name of ${id}`, zh: `${id}的名称` });
const operator = (id: string, more: Partial<Organisation> = {}): Organisation => ({
  id,
  name: name(id),
  kind: 'operator',
  sector: 'health',
  region: 'north',
  reporter: 'network-operator',
  overseenBy: null,
  contact: `contact-of-${id}`,
  ...more,
});

export const smallEstate: Estate = {
  ...emptyEstate(),
  organisations: [
    operator('centre', { kind: 'centre', sector: 'government', reporter: 'national-cac' }),
    operator('health', { kind: 'department', reporter: 'cii-protection-department' }),
    operator('hospital', { reporter: 'cii-operator', overseenBy: 'health' }),
    operator('clinic', { overseenBy: 'health' }),
    operator('telecom', { sector: 'telecom' }),
    operator('stranger', { sector: 'water' }),
  ],
  networks: [
    {
      id: 'hospital-lan',
      organisation: 'hospital',
      name: name('lan'),
      type: 'computer',
      addresses: ['10.20.0.0/16', '198.51.100.0/25'],
      domains: ['hospital.example'],
    },
    {
      id: 'clinic-lan',
      organisation: 'clinic',
      name: name('lan'),
      type: 'computer',
      addresses: ['203.0.113.0/25'],
      domains: ['clinic.example'],
    },
    {
      id: 'stranger-lan',
      organisation: 'stranger',
      name: name('lan'),
      type: 'control',
      addresses: ['10.30.0.0/16'],
      domains: ['stranger.example'],
    },
  ],
  links: [
    {
      id: 'hospital-link',
      organisation: 'hospital',
      name: name('link'),
      tier: 'user',
      role: 'primary',
      capacityMbps: 100,
      from: 'hospital-lan',
      to: 'hospital-lan',
    },
    {
      id: 'stranger-link',
      organisation: 'stranger',
      name: name('link'),
      tier: 'user',
      role: 'primary',
      capacityMbps: 100,
      from: 'stranger-lan',
      to: 'stranger-lan',
    },
  ],
  products: [{ id: 'hospital-suite', organisation: 'hospital', name: name('suite'), maker: 'Records Works' }],
  assets: [
    {
      id: 'hospital-records',
      organisation: 'hospital',
      network: 'hospital-lan',
      name: name('records'),
      kind: 'server',
      importance: 'special',
      addresses: ['10.20.1.21'],
      names: ['records.hospital.example'],
      businesses: ['hospital-care'],
      product: 'hospital-suite',
    },
  ],
  businesses: [
    {
      id: 'hospital-care',
      organisation: 'hospital',
      name: name('care'),
      usersServed: 1000,
      valuePerHourCny: 10,
      surfaces: [{ kind: 'web', name: 'www.hospital.example' }],
    },
  ],
};

export function finding(id: string, more: Partial<Finding> = {}): Finding {
  return {
    id,
    from: 1_763_999_000,
    to: 1_763_999_500,
    rule: { id: 'behaviour.scan', version: '1', kind: 'behaviour', name: 'Scan' },
    technique: ['T1046'],
    tactic: ['discovery'],
    level: 'high',
    confidence: 0.9,
    explanation: { text: 'know.concern.domain', values: { name: '10.20.10.57', domain: 'hospital-secret' } },
    source: '10.20.10.57',
    targets: ['10.20.1.21'],
    names: [],
    records: [{ log: 'conn', uid: 'Chospital1', ts: 1_763_999_000 }],
    recordCount: 3,
    harm: null,
    ...more,
  };
}

export const candidate = (id: string, findings: readonly string[]): IncidentCandidate => ({
  id,
  from: 1_763_999_000,
  to: 1_763_999_500,
  findings: [...findings],
  hosts: ['10.20.10.57'],
  weight: 5,
  reasons: [{ text: 'know.concern.domain', values: { name: '10.20.10.57', domain: '10.20.1.21' } }],
  course: [],
  tactics: [],
  signs: 1,
  harmAt: null,
  abuse: [],
});

export async function fillEstate(center: Center): Promise<void> {
  await center.database.system(async (tx) => {
    await writeEstate(tx, smallEstate);
    const common = { name: 'Sensor', networkType: 'computer', marking: 'TLP:AMBER', createdAt: 1 } as const;
    await addSensor(tx, { ...common, id: 'hospital-sensor', organisation: 'hospital', link: 'hospital-link' });
    await addSensor(tx, { ...common, id: 'stranger-sensor', organisation: 'stranger', link: 'stranger-link' });
  });
  center.estate.forget();
}

/** Writes findings as the intake does, in a transaction of their own. */
export async function recordFindings(center: Center, seen: readonly SeenFinding[]): Promise<void> {
  await center.database.system(await findingsWriter(center, seen));
}

/** The hospital's incident, opened from two findings as the pipeline does. */
export async function hospitalIncident(center: Center): Promise<string> {
  const exfiltration = finding('finding-2', {
    tactic: ['exfiltration'],
    technique: ['T1048'],
    from: 1_763_999_400,
    source: '10.20.1.21',
    targets: ['203.0.113.200'],
    harm: 'confidentiality',
  });
  const seen = [finding('finding-1'), exfiltration].map((one) => ({
    finding: one,
    sensor: 'hospital-sensor',
    seenBy: 'hospital',
  }));
  await recordFindings(center, seen);
  return (await openIncident(center, candidate('candidate-1', ['finding-1', 'finding-2']))).incident;
}
