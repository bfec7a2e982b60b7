/** What those who were warned say: that they have taken note, and what they have done. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { WarningView } from '@forewarn/model/api';
import { acknowledge, audiencesOf, noteDone } from '@forewarn/store/resources/warning-audience';
import type { Warning } from '@forewarn/store/resources/warnings';
import type { Acting } from '../act.ts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import { workOn } from './life.ts';

export const acknowledgeWarning = route({
  method: 'post',
  path: '/warnings/{id}/acknowledge',
  access: 'warnings:acknowledge',
  summary: 'Acknowledges a warning for the own organisation.',
  params: Id,
  answer: WarningView,
  handle: ({ center, principal, params }) =>
    workOn(center, principal, params.id, async (acting, _index, warning) => {
      const { organisation, account: by } = principal;
      await mustAnswer(acting, warning, organisation);
      if (!(await acknowledge(acting.tx, warning.id, { organisation, by, at: acting.at }))) {
        throw new Refusal('warning.acknowledged.already', 'This edition was acknowledged already.', {
          advice: 'Nothing is left to do.',
        });
      }
      acting.audit('warning.acknowledge', `warning/${warning.number}`, { edition: warning.edition });
      return undefined;
    }),
});

export const doneMeasure = route({
  method: 'post',
  path: '/warnings/{id}/measures',
  access: 'warnings:acknowledge',
  summary: 'Says that the own organisation has carried out a measure, with evidence.',
  params: Id,
  body: z.strictObject({
    measure: z.string().min(1).max(64),
    evidence: z.string().trim().min(1).max(2000).nullable().default(null),
  }),
  answer: WarningView,
  handle: ({ center, principal, params, body }) =>
    workOn(center, principal, params.id, async (acting, _index, warning) => {
      const { organisation, account: by } = principal;
      await mustAnswer(acting, warning, organisation);
      if (!warning.body.measures.some(({ id }) => id === body.measure)) {
        throw new Refusal('warning.measure', `The warning asks for no measure "${body.measure}".`, {
          advice: `It asks for ${warning.body.measures.map(({ id }) => id).join(', ')}.`,
        });
      }
      if (!(await noteDone(acting.tx, warning, { organisation, by, at: acting.at, ...body }))) {
        throw new Refusal('warning.measure', 'This was recorded already.', { advice: 'Nothing needs to be recorded.' });
      }
      acting.audit('warning.measure', `warning/${warning.number}`, { measure: body.measure });
      return undefined;
    }),
});

/** Whoever was warned answers, while the warning is in force. The rules of `assess/warning` say the same of a whole history. */
async function mustAnswer({ tx }: Acting, warning: Warning, organisation: string): Promise<void> {
  if (warning.state === 'lifted') throw new Refusal('warning.lifted', 'The warning was lifted.', { advice: 'Draft a new one.' });
  const own = (await audiencesOf(tx, [warning.id], { limit: 1, first: organisation, of: [organisation] })).get(warning.id)!;
  if (warning.state !== 'draft' && warning.state !== 'approved' && own[0]?.part === 'warned') return;
  throw new Refusal('warning.addressee', `The warning was not sent to "${organisation}".`, {
    advice: 'Only an addressee can answer it.',
  });
}
