/** Rules and hunts tried on what is stored. */

import { z } from 'zod';
import { HuntText } from '@forewarn/model/hunt';
import { logsMax } from '@forewarn/model/kql/kql';
import { Trial } from '@forewarn/model/trials';
import { act } from '../act.ts';
import { recordScopeOf } from '../api/records.ts';
import { route } from '../api/route.ts';
import { At, Id } from '../api/shapes.ts';
import { found, invalid } from '../refusals.ts';
import { triedHunt, triedRule, triedText } from './tried.ts';

/** Without a range: what most want to know of a rule is how often it would have spoken in a month. */
const rangeSeconds = 30 * 86_400;

/** The name of a text that has none, in refusals. */
const textFile = 'rule.yml';

const Body = z.strictObject({
  /** Id of a loaded rule or correlation. */
  rule: z.string().min(1).max(200).optional(),
  /** Sigma: rules, a correlation, filters. */
  text: z.string().min(1).max(200_000).optional(),
  hunt: HuntText.optional(),
  from: At.optional(),
  to: At.optional(),
});

export const createTrial = route({
  method: 'post',
  path: '/trials',
  access: 'records:read',
  summary: 'Tries a rule, the text of one, or a hunt on what is stored; it goes on by itself, the newest part first.',
  body: Body,
  answer: Trial,
  status: 201,
  async handle({ center, principal, body }) {
    const given = [body.rule, body.text, body.hunt].filter((one) => one !== undefined);
    if (given.length !== 1) throw invalid('rule', 'One of rule, text and hunt is tried.', 'Give one of them.');
    const scope = recordScopeOf(principal);
    const to = body.to ?? center.clock.now();
    const range = { from: body.from ?? to - rangeSeconds, to };
    if (range.from >= range.to) throw invalid('from', 'The range ends before it begins.', 'Let "from" be earlier than "to".');
    const { rules } = center.trials;
    const searched =
      body.hunt !== undefined && /\bsearch\b/.test(body.hunt)
        ? (await center.records.logsWith(scope, { range })).slice(0, logsMax)
        : [];
    const tried =
      body.rule !== undefined
        ? found(triedRule(rules, body.rule))
        : body.text !== undefined
          ? triedText(rules, body.text, textFile)
          : triedHunt(body.hunt!, center.clock.now(), searched);
    const trial = center.trials.start(principal.account, { scope, tried, range });
    await act(center, principal, async ({ audit }) => {
      const { kind, id, title } = tried;
      audit('rule.try', `trial/${trial.id}`, { kind, rule: id ?? '', title, from: trial.from, to: trial.to });
    });
    return trial;
  },
});

export const oneTrial = route({
  method: 'get',
  path: '/trials/{id}',
  access: 'records:read',
  summary: 'What an own trial has found so far, and how far it is.',
  params: Id,
  answer: Trial,
  handle: async ({ center, principal, params }) => found(center.trials.find(principal.account, params.id)),
});

export const stopTrial = route({
  method: 'delete',
  path: '/trials/{id}',
  access: 'records:read',
  summary: 'Stops an own trial; what it found stays.',
  params: Id,
  async handle({ center, principal, params }) {
    found(center.trials.stop(principal.account, params.id) || undefined);
  },
});

export const trialRoutes = [createTrial, oneTrial, stopTrial];
