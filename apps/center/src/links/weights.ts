/** What links weigh, opened to its parts; weights that people set; points from which several links can be watched. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { formatInstant } from '@forewarn/base/time';
import { proposePoints, readWeightRules, type WeighedLink, type WeightRules } from '@forewarn/know/weights/estate';
import { weightParts } from '@forewarn/know/weights/weights';
import { LinkWeightView, ObservationPlanView } from '@forewarn/model/api';
import type { ContentFile } from '@forewarn/model/content';
import type { Link } from '@forewarn/model/estate';
import type { Transaction } from '@forewarn/store/postgres/database';
import { findEstate } from '@forewarn/store/resources/estate';
import {
  addWeight,
  businessNames,
  linksSeen,
  newestWeights,
  watchedLinks,
  type WeightEdition,
} from '@forewarn/store/resources/link-weights';
import { act } from '../act.ts';
import type { LinkWeights } from '../estate/cache.ts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import { found } from '../refusals.ts';

const rulesPath = 'weights/links.yaml';

/** The rules of the content folder; throws its refusals. */
export function weightRulesOf(files: readonly ContentFile[]): WeightRules {
  return readWeightRules(files.find(({ path }) => path === rulesPath)?.text ?? '', rulesPath);
}

/** Points proposed at a time; who wants more places these first. */
const pointsMax = 10;

const setOf = ({ version, weight, reason, at, by }: WeightEdition): LinkWeightView['set'] => ({
  version,
  weight,
  reason,
  at: formatInstant(at),
  by,
});

const round = (value: number): number => Math.round(value * 10_000) / 10_000;

/** What links weigh, by id. */
export async function weightsOf(
  tx: Transaction,
  { links }: LinkWeights,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map();
  const asked = new Set(ids);
  const set = new Map((await newestWeights(tx, ids)).map((edition) => [edition.link, edition.weight]));
  return new Map(
    links.filter(({ link }) => asked.has(link.id)).map(({ link, weight }) => [link.id, round(set.get(link.id) ?? weight)]),
  );
}

/** The weights of links by id. Services of others are counted, not named. */
export async function weightViews(
  tx: Transaction,
  { links, shares, rules }: LinkWeights,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LinkWeightView>> {
  const asked = new Set(ids);
  const weighed = links.filter(({ link }) => asked.has(link.id));
  const set = new Map((await newestWeights(tx, ids)).map((edition) => [edition.link, edition]));
  const names = await businessNames(tx, [...new Set(weighed.flatMap(({ carries }) => carries.map(({ business }) => business)))]);
  return new Map(
    weighed.map(({ link, weight, parts, carries }) => {
      const edition = set.get(link.id);
      const named = carries.filter(({ business }) => names.has(business));
      const view: LinkWeightView = {
        value: round(edition?.weight ?? weight),
        computed: round(weight),
        parts: weightParts.map((part) => ({
          part,
          found: round(parts[part].found),
          scaled: round(parts[part].scaled),
          share: round(shares[part]),
          points: round(parts[part].points),
        })),
        carries: named.map(({ business, criticality, share }) => ({
          business,
          name: names.get(business)!,
          criticality,
          share: round(share),
        })),
        others: carries.length - named.length,
        depth: round(edition?.weight ?? weight) >= rules.packetsFrom ? 'packets' : 'elements',
        rules: { version: rules.version, confidence: rules.confidence },
        set: edition ? setOf(edition) : null,
      };
      return [link.id, view];
    }),
  );
}

export const setLinkWeight = route({
  method: 'put',
  path: '/links/{id}/weight',
  access: 'links:write',
  summary: 'Sets what a link weighs in place of what is computed, with the reason; null takes it back.',
  params: Id,
  body: z.strictObject({
    /** The newest version that the writer has seen; 0: none. */
    after: z.number().int().min(0),
    weight: z.number().min(0).max(1).nullable(),
    reason: z.string().trim().min(1).max(1_000),
  }),
  answer: LinkWeightView.shape.set.unwrap(),
  status: 201,
  async handle({ center, principal, scope, params, body }) {
    const link = found<Link>(await center.database.scoped(scope, (tx) => findEstate(tx, 'links', params.id)));
    return act(center, principal, async (acting) => {
      const { organisation } = link;
      const edition = { link: link.id, weight: body.weight, reason: body.reason, at: acting.at, by: principal.account };
      const version = await addWeight(acting.tx, { ...edition, organisation, after: body.after });
      if (version === undefined) {
        throw new Refusal('link.weight.changed', 'Somebody else has changed the weight of this link.', {
          place: { field: 'after' },
          advice: 'Look at the newest edition and change that.',
        });
      }
      acting.audit('link.weight', `link/${link.id}`, { version, weight: body.weight, reason: body.reason });
      acting.changed('estate', organisation, { organisation });
      return setOf({ ...edition, version })!;
    });
  },
});

export const observationPlan = route({
  method: 'get',
  path: '/observation-points',
  access: 'links:write',
  summary: 'Points at networks from which several links can be watched together, with the coverage gained and lost.',
  answer: ObservationPlanView,
  async handle({ center, scope }) {
    const weighed = await center.estate.weights();
    const { seen, watched, set } = await center.database.scoped(scope, async (tx) => ({
      seen: new Set(await linksSeen(tx)),
      watched: new Set(await watchedLinks(tx)),
      set: new Map((await newestWeights(tx)).map(({ link, weight }) => [link, weight])),
    }));
    // Of links that the asker does not see, neither the weight nor that they are there.
    const weightOf = ({ link, weight }: WeighedLink): number => (seen.has(link.id) ? (set.get(link.id) ?? weight) : 0);
    const plan = proposePoints(weighed, weightOf, watched, pointsMax);
    const own = (ids: readonly string[]): string[] => ids.filter((id) => seen.has(id));
    return {
      before: round(plan.before),
      points: plan.points
        .map(({ network, links, gained, gain, coverage }) => ({
          network,
          links: own(links),
          gained: own(gained),
          gain: round(gain),
          coverage: round(coverage),
        }))
        .filter(({ links }) => links.length > 1),
      lost: plan.lost,
      loss: round(plan.loss),
    };
  },
});
