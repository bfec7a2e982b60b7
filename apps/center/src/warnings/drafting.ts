/** Drafts of warnings: written, changed, looked at with the colour that the rules propose. Nobody else is told. */

import { z } from 'zod';
import { proposeColour, type ColourFacts } from '@forewarn/assess/warnings/colour';
import { EgressDecision, WarningView } from '@forewarn/model/api';
import { Tlp } from '@forewarn/model/markings';
import { Urgency } from '@forewarn/model/notice';
import { LocalText, Words } from '@forewarn/model/text';
import { ConcernCertainty, WarningColour, WarningScope, type WarningMeasure } from '@forewarn/model/warning';
import { ColourProposal, WarningMeasureDraft } from '@forewarn/model/warning-view';
import { parseInstant } from '@forewarn/base/time';
import type { Scope } from '@forewarn/store/postgres/database';
import { exposureCounts } from '@forewarn/store/resources/exposures';
import { findIncident } from '@forewarn/store/resources/incidents';
import { nextNumber } from '@forewarn/store/resources/numbers';
import { wholeVulnerabilities } from '@forewarn/store/resources/vulnerabilities';
import { specialExposed } from '@forewarn/store/resources/warning-audience';
import { addWarning, findWarning, saveWarning, type WarningBody } from '@forewarn/store/resources/warnings';
import { act, centreScope } from '../act.ts';
import { route } from '../api/route.ts';
import { At, Id } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import { found, invalid } from '../refusals.ts';
import { audienceOf, inventoryOf, toldBefore } from './audience.ts';
import { contentOf, history, mayWrite, Reason, workOn } from './life.ts';
import { checkScope } from './scope.ts';
import { oneView } from './view.ts';

export const Text = z.string().trim().min(1).max(5000);
export const Measures = z.array(WarningMeasureDraft).min(1).max(50);

const DraftBody = z.strictObject({
  /** Left out: the one that the rules propose. */
  colour: WarningColour.optional(),
  /** Why another than they propose. */
  colourBecause: z.string().trim().min(1).max(500).optional(),
  urgency: Urgency.default('incident'),
  marking: Tlp.default('TLP:AMBER'),
  incidentType: z.string().trim().min(1).max(200),
  title: LocalText,
  startTime: At,
  possibleScope: Text,
  mattersToNote: Text,
  measures: Measures.optional(),
  /** The plan's two fields, where there is one measure. */
  measuresToTake: z.string().trim().min(1).max(2000).optional(),
  measuresDeadline: At.nullable().default(null),
  validUntil: At.nullable().default(null),
  issuingAuthority: z.string().trim().min(1).max(200).optional(),
  scope: WarningScope,
  incident: z.string().max(100).nullable().default(null),
});
type DraftBody = z.output<typeof DraftBody>;

/** Measures with an id each; one that has none gets the next number. */
export function measuresOf(drafts: z.output<typeof Measures>): WarningMeasure[] {
  const taken = new Set(drafts.flatMap(({ id }) => (id === undefined ? [] : [id])));
  let next = 1;
  const fresh = (): string => {
    while (taken.has(`m${next}`)) next++;
    return `m${next++}`;
  };
  const measures = drafts.map(({ id, text, dueAt, needsSeconds }) => ({
    id: id ?? fresh(),
    text,
    dueAt: dueAt === null ? null : parseInstant(dueAt),
    needs: needsSeconds,
  }));
  if (new Set(measures.map(({ id }) => id)).size < measures.length) throw invalid('measures', 'Two measures have the same id.');
  return measures;
}

async function contentAsked(
  center: Center,
  scope: Scope,
  body: DraftBody,
  organisation: string,
): Promise<{ colour: WarningColour; body: WarningBody }> {
  checkScope(body.scope);
  const { measures, measuresToTake, measuresDeadline } = body;
  if ((measures === undefined) === (measuresToTake === undefined))
    throw invalid('measures', 'Give the measures, or the one text of measuresToTake.');
  const proposal = await colourFor(center, scope, body);
  const colour = body.colour ?? proposal.colour;
  const because: Words | null =
    colour === proposal.colour
      ? proposal.reason
      : {
          text: body.colourBecause === undefined ? 'assess.colour.chosen' : 'assess.colour.chosen.because',
          values: { because: body.colourBecause ?? '', colour: { text: `center.colour.${proposal.colour}` } },
        };
  return {
    colour,
    body: {
      marking: body.marking,
      urgency: body.urgency,
      colourReason: because,
      incidentType: body.incidentType,
      title: body.title,
      startAt: body.startTime,
      possibleScope: body.possibleScope,
      mattersToNote: body.mattersToNote,
      measures: measures
        ? measuresOf(measures)
        : [{ id: 'measures', text: measuresToTake!, dueAt: measuresDeadline, needs: null }],
      issuingAuthority: body.issuingAuthority ?? organisation,
      scope: body.scope,
    },
  };
}

export const draftWarning = route({
  method: 'post',
  path: '/warnings',
  access: 'warnings:draft',
  summary: 'Drafts a warning; nobody else is told.',
  body: DraftBody,
  answer: WarningView,
  status: 201,
  async handle({ center, principal, scope, body }) {
    const index = await center.estate.index();
    const { incident, validUntil } = body;
    if (incident !== null) found(await center.database.scoped(scope, (tx) => findIncident(tx, incident)));
    const content = await contentAsked(center, scope, body, principal.organisation);
    const id = await act(center, principal, async (acting) => {
      const { at, tx } = acting;
      const warning = {
        ...content,
        number: await nextNumber(tx, 'EW', new Date(at * 1000).getUTCFullYear()),
        owner: principal.organisation,
        state: 'draft' as const,
        incident,
        createdAt: at,
        issuedAt: null,
        issuedBy: null,
        validUntil,
        liftedAt: null,
        edition: 0,
        author: principal.account,
      };
      const fresh = await addWarning(tx, warning);
      await history(acting, { ...warning, id: fresh }, { kind: 'draft', at, by: principal.account, content: contentOf(warning) });
      acting.changed('warning', fresh, { warning: fresh });
      acting.audit('warning.draft', `warning/${warning.number}`, { colour: warning.colour, urgency: body.urgency });
      return fresh;
    });
    return oneView(center, principal, index, id);
  },
});

export const redraftWarning = route({
  method: 'put',
  path: '/warnings/{id}',
  access: 'warnings:draft',
  summary: 'Writes a draft anew; whoever approved it is asked again.',
  params: Id,
  body: DraftBody.omit({ incident: true }),
  answer: WarningView,
  async handle({ center, principal, scope, params, body }) {
    const before = found(await center.database.scoped(scope, (tx) => findWarning(tx, params.id)));
    mayWrite(principal, before);
    const whole = { ...body, incident: before.incident };
    const content = await contentAsked(center, scope, whole, before.owner);
    return workOn(center, principal, params.id, async (acting, _index, warning) => {
      const { account: by } = principal;
      const drafted = {
        ...warning,
        ...content,
        validUntil: body.validUntil,
        state: 'draft' as const,
        author: by,
        approvedBy: null,
      };
      await history(acting, warning, { kind: 'draft', at: acting.at, by, content: contentOf(drafted) });
      await saveWarning(acting.tx, drafted);
      acting.audit('warning.draft', `warning/${warning.number}`, { colour: drafted.colour, urgency: body.urgency });
      return undefined;
    });
  },
});

export const dropWarning = route({
  method: 'post',
  path: '/warnings/{id}/drop',
  access: 'warnings:draft',
  summary: 'Drops a draft that is not to be issued, with a reason. Nobody is told; its number and its history stay.',
  params: Id,
  body: Reason,
  answer: WarningView,
  handle: ({ center, principal, params, body: { reason } }) =>
    workOn(center, principal, params.id, async (acting, _index, warning) => {
      mayWrite(principal, warning);
      await history(acting, warning, { kind: 'drop', at: acting.at, by: principal.account, reason });
      await saveWarning(acting.tx, { ...warning, state: 'dropped' });
      acting.audit('warning.drop', `warning/${warning.number}`, { reason });
      return undefined;
    }),
});

export const colourOfWarning = route({
  method: 'post',
  path: '/warning-colours',
  access: 'warnings:draft',
  summary: 'The colour that the rules propose for what would be warned of, why, and what is not known. Nothing is kept.',
  body: z.strictObject({ urgency: Urgency, incident: z.string().max(100).nullable().default(null), scope: WarningScope }),
  answer: ColourProposal,
  async handle({ center, scope, body }) {
    checkScope(body.scope);
    if (body.incident !== null) found(await center.database.scoped(scope, (tx) => findIncident(tx, body.incident!)));
    return colourFor(center, scope, body);
  },
});

/** Of what the asker may see. */
async function colourFor(
  center: Center,
  scope: Scope,
  asked: { urgency: Urgency; incident: string | null; scope: WarningScope },
): Promise<ColourProposal> {
  return proposeColour(center.warnings.colours, asked.urgency, await colourFacts(center, scope, asked));
}

async function colourFacts(
  center: Center,
  scope: Scope,
  { incident, scope: { vulnerabilities = [] } }: { incident: string | null; scope: WarningScope },
): Promise<ColourFacts> {
  const { outcomes } = center.warnings.colours;
  const gravest = (of: readonly string[]): string => outcomes[Math.max(0, ...of.map((one) => outcomes.indexOf(one)))]!;
  const seen = await center.database.scoped(scope, async (tx) => ({
    grade: incident === null ? null : ((await findIncident(tx, incident))?.grade ?? null),
    counts: vulnerabilities.length === 0 ? [] : await exposureCounts(tx, { by: 'all', vulnerabilities }),
    special: vulnerabilities.length === 0 ? null : await specialExposed(tx, vulnerabilities),
  }));
  const whole =
    vulnerabilities.length === 0 ? [] : await center.database.system((tx) => wholeVulnerabilities(tx, vulnerabilities));
  const none = whole.length === 0;
  const scores = whole.flatMap(({ probability }) => (probability ? [probability.score] : []));
  const graves = whole.flatMap(({ cvss }) => (cvss === null ? [] : [cvss]));
  const codes = whole.flatMap(({ points }) => (points['Exploitation'] === undefined ? [] : [points['Exploitation']]));
  return {
    level: seen.grade === null ? null : { floor: seen.grade.floor, ceiling: seen.grade.ceiling },
    exploited: none ? null : whole.some(({ exploited }) => exploited !== null) || codes.includes('active'),
    special: seen.special,
    // A version before which all are affected is one that is mended; that nobody names one does not say that there is none.
    fix: whole.some(({ affected }) => affected.some(({ ranges }) => ranges.some(({ before }) => before !== undefined))) || null,
    probability: scores.length === 0 ? null : Math.max(...scores),
    decision:
      seen.counts.length === 0
        ? null
        : { floor: gravest(seen.counts.map(({ floor }) => floor)), ceiling: gravest(seen.counts.map(({ floor }) => floor)) },
    publicCode: codes.length === 0 ? null : codes.some((code) => code === 'public poc' || code === 'active'),
    cvss: graves.length === 0 ? null : Math.max(...graves),
  };
}

const Matched = z.object({
  organisation: z.string(),
  name: LocalText.nullable(),
  certainty: ConcernCertainty,
  reasons: z.array(Words),
  /** Components in the inventory that the scope means; null: it names none. */
  exposed: z.number().int().nullable(),
});

export const previewWarning = route({
  method: 'post',
  path: '/warnings/{id}/preview',
  access: 'warnings:draft',
  summary: 'Whom it would reach by name and why, surely or possibly, and whom the exit would let it pass to. Nothing is sent.',
  params: Id,
  answer: z.object({
    recipients: z.array(EgressDecision),
    matched: z.array(Matched),
  }),
  async handle({ center, principal, scope, params }) {
    const index = await center.estate.index();
    const warning = found(await center.database.scoped(scope, (tx) => findWarning(tx, params.id)));
    mayWrite(principal, warning);
    // As when it is issued: in the centre's scope; the author learns of those that he may.
    const known = await center.database.scoped(await centreScope(center), async (tx) => ({
      inventory: await inventoryOf(tx, warning.body.scope),
      told: await toldBefore(tx, warning.id),
    }));
    const { decisions, matched } = audienceOf(index, warning, known, center.clock.now());
    return {
      recipients: decisions,
      matched: matched.map((one) => ({ ...one, name: index.organisation(one.organisation)?.name ?? null })),
    };
  },
});
