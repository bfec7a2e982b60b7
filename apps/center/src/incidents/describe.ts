/** What an incident says of its findings, told anew after people changed which they are. */

import { weigh } from '@forewarn/detect/candidates/weigh';
import { createInside } from '@forewarn/detect/inside';
import { readEstate } from '@forewarn/store/resources/estate';
import { addFact, factsOf } from '@forewarn/store/resources/facts';
import { findFindings, type StoredFinding } from '@forewarn/store/resources/findings';
import { findingIdsOf } from '@forewarn/store/resources/grouping';
import type { Incident } from '@forewarn/store/resources/incidents';
import { centreScope, systemAccount, type Acting } from '../act.ts';
import { titleOf } from './open.ts';

/** What is inside for these findings: the networks of those who have a part in them. */
export async function insideOf({ tx }: Acting, findings: readonly StoredFinding[]) {
  const organisations = new Set(findings.flatMap((finding) => finding.organisations));
  const { networks } = await readEstate(tx);
  const own = networks.filter(({ organisation }) => organisations.has(organisation)).flatMap(({ addresses }) => addresses);
  return createInside(own.length === 0 ? undefined : own);
}

/** Times, hosts, techniques, reasons and, unless a person named it, title of the incident, from the findings that it has now. */
export async function describe(acting: Acting, incident: Incident): Promise<Incident> {
  const findings = await findFindings(acting.tx, await findingIdsOf(acting.tx, incident.id));
  if (findings.length === 0) return { ...incident, techniques: [], reasons: [] };
  const met = new Set(findings.flatMap(({ source, targets }) => [source, ...targets]));
  const kept = incident.hosts.filter((host) => met.has(host));
  const hosts = kept.length > 0 ? kept : [...new Set(findings.map(({ source }) => source))];
  const weighed = weigh(findings, new Set(hosts), acting.center.grouping, await insideOf(acting, findings));
  const byProduct = incident.title.text.startsWith('center.incident.title.');
  return {
    ...incident,
    title: byProduct ? titleOf(hosts, findings) : incident.title,
    from: Math.min(...findings.map(({ from }) => from)),
    to: Math.max(...findings.map(({ to }) => to)),
    hosts,
    techniques: [...new Set(findings.flatMap(({ technique }) => technique))].sort(),
    reasons: weighed.reasons,
  };
}

/** A loss that only findings showed which are no longer the incident's is not known any more; the statement stays in its history. */
export async function retractLosses(acting: Acting, incident: string): Promise<void> {
  const { tx, at, center } = acting;
  const findings = await findFindings(tx, await findingIdsOf(tx, incident));
  const newest = new Map((await factsOf(tx, incident)).map((fact) => [fact.fact, fact]));
  const { organisation } = await centreScope(center);
  for (const property of ['confidentiality', 'integrity', 'availability', 'controllability'] as const) {
    if (findings.some(({ harm }) => harm === property)) continue;
    for (const fact of [`${property}_lost`, `${property}_lost_at`]) {
      const stated = newest.get(fact);
      if (!stated?.derived || stated.source !== 'finding' || stated.value.kind === 'unknown') continue;
      const value = { kind: 'unknown' } as const;
      await addFact(tx, incident, {
        fact,
        value,
        source: 'finding',
        derived: true,
        by: systemAccount,
        organisation,
        at,
        enteredAt: at,
      });
    }
  }
}
