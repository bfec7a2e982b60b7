/** The chain of causes of an incident: what somebody wrote, and what findings, facts and dependencies speak for. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { formatInstant } from '@forewarn/base/time';
import { chainConfidence, checkChain, inOrder } from '@forewarn/assess/causes/chain';
import { proposeChain, type Loss } from '@forewarn/assess/causes/propose';
import { readCauses, type Causes } from '@forewarn/assess/causes/taxonomy';
import { harmOf, properties } from '@forewarn/assess/stage';
import { CauseChain, CauseChainView, CauseTaxonomy } from '@forewarn/model/cause';
import type { ContentFile } from '@forewarn/model/content';
import { languages, render, type Language, type Words } from '@forewarn/model/text';
import { projectCause, projectChain, sightOf } from '@forewarn/share/projection/incident';
import type { Transaction } from '@forewarn/store/postgres/database';
import { addChain, newestChain } from '@forewarn/store/resources/causes';
import { organisationsSeen } from '@forewarn/store/resources/estate-seen';
import { factsOf } from '@forewarn/store/resources/facts';
import { findFindings } from '@forewarn/store/resources/findings';
import { findingIdsOf } from '@forewarn/store/resources/grouping';
import { responsibilitiesOf } from '@forewarn/store/resources/histories';
import { findIncident, participantsOf, saveIncident, type Incident } from '@forewarn/store/resources/incidents';
import { responsibilities } from '@forewarn/respond/responsibility';
import { act } from '../act.ts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import { hostsShownTo } from '../estate/shown.ts';
import { factsNow } from '../incidents/assessment.ts';
import { noteOf } from '../incidents/open.ts';
import { scopeOf, type Principal } from '../ports.ts';
import { denied, found } from '../refusals.ts';
import { reachOf } from './reach.ts';

/** Findings that a proposal looks at: the oldest, because causes lie at the beginning. */
const findingsMax = 500;

const path = 'causes/causes.yaml';

/** The taxonomy of the content folder; throws its refusals. */
export const causesOf = (files: readonly ContentFile[]): Causes =>
  readCauses(files.find((file) => file.path === path)?.text ?? '', path);

export const causeCatalogue = route({
  method: 'get',
  path: '/causes/catalogue',
  access: 'signed-in',
  summary: 'The taxonomy of causes with the measures that prevent them.',
  answer: CauseTaxonomy,
  handle: async ({ center }) => center.causes.taxonomy,
});

const Spoken = z.object({
  language: z.enum(languages).default('en').describe('In which the proposed sentences are written.'),
});

export const incidentCauses = route({
  method: 'get',
  path: '/incidents/{id}/causes',
  access: 'incidents:read',
  summary: 'The chain of causes of an incident, with evidence and confidence, and what the product proposes of it.',
  params: Id,
  query: Spoken,
  answer: CauseChainView,
  handle: ({ center, principal, params, query }) => chainView(center, principal, params.id, query.language),
});

export const writeCauses = route({
  method: 'put',
  path: '/incidents/{id}/causes',
  access: 'incidents:write',
  summary: 'Writes the chain of causes of an incident anew; former editions stay.',
  params: Id,
  query: Spoken,
  body: z.strictObject({
    after: z.number().int().min(0).describe('The newest version that the writer has seen; 0: none.'),
    steps: CauseChain,
  }),
  answer: CauseChainView,
  async handle({ center, principal, scope, params, query, body }) {
    await center.database.scoped(scope, async (tx) => {
      const incident = found(await findIncident(tx, params.id));
      if ((await sightInto(tx, center, principal, incident)) === 'informed') {
        throw denied('Whoever is only told of an incident does not write its causes.');
      }
    });
    checkChain(body.steps, center.causes);
    await act(center, principal, async (acting) => {
      const { tx, at } = acting;
      const incident = found(await findIncident(tx, params.id));
      const version = await addChain(tx, incident.id, { after: body.after, chain: body.steps, at, by: principal.account });
      if (version === undefined) {
        throw new Refusal('cause.changed', 'Somebody else has written the causes meanwhile.', {
          place: { field: 'after' },
          advice: 'Look at the newest edition and change that.',
        });
      }
      await saveIncident(tx, { ...incident, updatedAt: at });
      const values = { steps: body.steps.length };
      await noteOf(acting, incident.id)('note', { text: 'center.cause.written', values }, `causes ${version}`);
      acting.changed('incident', incident.id, { incident: incident.id });
      acting.audit('incident.causes', `incident/${incident.number}`, { version, steps: body.steps.length });
    });
    return chainView(center, principal, params.id, query.language);
  },
});

/** How much of the incident the asker sees. */
export async function sightInto(tx: Transaction, center: Center, asker: Principal, incident: Incident) {
  const participants = (await participantsOf(tx, [incident.id])).get(incident.id)!;
  const organisations = participants.filter((one) => one.concerned).map(({ organisation }) => organisation);
  const { centre } = await center.estate.index();
  const { parts } = responsibilities(await responsibilitiesOf(tx, incident.id), centre?.id ?? 'centre');
  const lead = { organisation: incident.lead.organisation, since: formatInstant(incident.lead.since) };
  return sightOf(asker, { organisations, lead }, parts);
}

async function chainView(center: Center, principal: Principal, id: string, language: Language): Promise<CauseChainView> {
  const index = await center.estate.index();
  const estate = await center.estate.whole();
  return center.database.scoped(scopeOf(principal), async (tx) => {
    const incident = found(await findIncident(tx, id));
    const participants = (await participantsOf(tx, [id])).get(id)!.filter((one) => one.concerned);
    const concerned = participants.map(({ organisation }) => organisation);
    const sight = await sightInto(tx, center, principal, incident);
    const shown = hostsShownTo(index, principal.organisation, concerned.includes(principal.organisation));
    const edition = await newestChain(tx, id);
    const steps = projectChain(inOrder(edition?.chain ?? []), sight, shown);
    const cause = projectCause(incident.cause, sight, shown);
    const told = sight !== 'informed' && edition !== undefined;
    return {
      version: edition?.version ?? 0,
      at: told ? formatInstant(edition.at) : null,
      by: told ? edition.by : null,
      steps,
      confidence: chainConfidence(steps),
      proposed:
        sight === 'informed'
          ? []
          : projectChain(await proposal(tx, center, { incident, concerned, index, estate, language }), sight, shown),
      cause,
    };
  });
}

type Proposing = {
  incident: Incident;
  concerned: readonly string[];
  index: Awaited<ReturnType<Center['estate']['index']>>;
  estate: Awaited<ReturnType<Center['estate']['whole']>>;
  language: Language;
};

async function proposal(tx: Transaction, center: Center, { incident, concerned, index, estate, language }: Proposing) {
  const say = (words: Words): string => render(words, center.content.texts[language], language);
  const findings = await findFindings(tx, await findingIdsOf(tx, incident.id));
  const facts = factsNow(await factsOf(tx, incident.id));
  const losses = properties.flatMap((property): Loss[] => {
    const lost = facts[`${property}_lost`];
    if (lost?.value.kind !== 'boolean' || !lost.value.value) return [];
    const harm = harmOf({ [`${property}_lost`]: lost, ...(facts[`${property}_lost_at`] ? { [`${property}_lost_at`]: facts[`${property}_lost_at`]! } : {}) }); // oxfmt-ignore
    const at = harm.kind === 'known' ? harm.from : null;
    return [{ property, says: say({ text: `fact.${property}_lost` }), at, fact: `${property}_lost` }];
  });
  const seen = await organisationsSeen(tx);
  const reach = reachOf(index, estate, { hosts: incident.hosts, concerned });
  const names = new Map(estate.businesses.map((one) => [one.id, one]));
  const exposed = reach.fallen
    .filter(({ business, organisation }) => seen.has(organisation) && names.has(business))
    .map(({ business, users }) => {
      const name = names.get(business)!.name[language];
      return { service: business, says: say({ text: 'center.cause.may-fall', values: { service: name, users: Math.round(users.most) } }) }; // oxfmt-ignore
    });
  const signs = findings.slice(0, findingsMax).map(({ id, rule, technique, confidence, from, explanation }) => {
    return { id, name: rule.name, technique, confidence, from, says: say(explanation) };
  });
  return proposeChain(center.causes, { signs, losses, exposed });
}
