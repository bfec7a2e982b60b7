/** The owner's component, exposed to a vulnerability; written by the jobs of the centre, as the owner of the tables. */

import type { Vulnerability } from '@forewarn/know/exposure/vulnerability';
import type { Transaction } from '../../postgres/database.ts';
import { countExposures, findExposure, noteProducts, writeExposures } from '../exposures.ts';
import { addRemedy } from '../remedies.ts';
import { noteImport, wholeVulnerabilities, writeFacts, writeWhole } from '../vulnerabilities.ts';

export const aVulnerability: Vulnerability = {
  id: 'CVE-2026-10001',
  title: 'Gateway: a login is not checked (told by owner)',
  published: 1_760_000_000,
  affected: [
    {
      cpes: [],
      vendor: 'Maker',
      product: 'Name of owner-component',
      scheme: 'generic',
      ranges: [{ status: 'affected', before: '2.4' }],
      otherwise: 'unaffected',
    },
  ],
  cvss: 9.8,
  points: { Automatable: 'yes' },
  source: 'cve.org',
};

export async function fillExposure(tx: Transaction): Promise<void> {
  await writeFacts(tx, [aVulnerability], { sha256: '0'.repeat(64), at: 50 });
  await noteImport(tx, {
    format: 'cve',
    name: 'record.json',
    edition: null,
    sha256: '0'.repeat(64),
    bytes: 1,
    items: 1,
    at: 50,
    by: 'officer',
  });
  const [one] = await wholeVulnerabilities(tx, [aVulnerability.id]);
  await writeWhole(tx, one!);
  await noteProducts(tx, ['owner-component']);
  await writeExposures(tx, {
    vulnerability: aVulnerability.id,
    found: [{ component: 'owner-component', is: 'possibly', by: 'name' }],
    places: [{ exposure: '', impact: '', floor: 'defer', ceiling: 'immediate', rank: 1, seconds: null }],
    due: null,
    at: 50,
  });
  await countExposures(tx, aVulnerability.id);
  const exposure = await findExposure(tx, `${aVulnerability.id}~owner-component`);
  await addRemedy(tx, exposure!, { kind: 'mitigated', version: null, reason: 'Reason of owner', until: null, at: 51, by: 'o' });
}
