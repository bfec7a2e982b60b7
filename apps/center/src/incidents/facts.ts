/** Stating a fact: it is checked against the catalogue, kept beside the older statements, and everything that follows is graded anew. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { Instant, IncidentView } from '@forewarn/model/api';
import { readFactSheet } from '@forewarn/model/factsheet';
import { addFact } from '@forewarn/store/resources/facts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import { actOn } from './acts.ts';
import { assess } from './assessment.ts';
import { factWords } from './grade-view.ts';
import { noteOf } from './open.ts';

/** A number, a term, true or false, a list, `{ min, max }`, `{ value, unit }`, or null for unknown. */
const Value = z.union([
  z.number(),
  z.string().max(200),
  z.boolean(),
  z.null(),
  z.array(z.string().max(64)).max(64),
  z.strictObject({ value: z.union([z.number(), z.string().max(200), z.null()]), unit: z.string().max(20) }),
  z.strictObject({
    min: z.union([z.number(), z.string().max(64), z.null()]).optional(),
    max: z.union([z.number(), z.string().max(64), z.null()]).optional(),
    unit: z.string().max(20).optional(),
  }),
]);

export const stateFact = route({
  method: 'post',
  path: '/incidents/{id}/facts',
  access: 'incidents:write',
  summary: 'States a fact; the incident is graded anew.',
  params: Id,
  body: z.strictObject({
    fact: z.string().min(1).max(64),
    value: Value,
    source: z.string().trim().min(1).max(500).describe('Document, system or statement that it is known from.'),
    at: Instant.optional().describe('Since when it is known; now, when left out.'),
  }),
  answer: IncidentView,
  handle: ({ center, principal, params, body }) =>
    actOn(center, principal, params.id, async (doing) => {
      const stated =
        typeof body.value === 'object' && body.value !== null && !Array.isArray(body.value) ? body.value : { value: body.value };
      const sheet = JSON.stringify({
        facts: { [body.fact]: { ...stated, source: body.source, ...(body.at ? { at: body.at } : {}) } },
      });
      const read = readFactSheet(sheet, center.content.facts, 'body');
      if (!read.ok) throw fieldRefusal(read.refusals[0]!);
      const [fact] = Object.values(read.value.facts);
      const definition = center.content.facts.get(fact!.id);
      const handedOver =
        definition?.kind === 'set' && fact!.value.kind === 'set'
          ? definition.members.filter(
              ({ id, byHandOnly }) => byHandOnly && (fact!.value as { members: string[] }).members.includes(id),
            )
          : [];
      if (handedOver.length > 0 && principal.kind !== 'person')
        throw new Refusal('facts.by-hand', `"${handedOver[0]!.id}" is chosen by a person who is signed in, never by a program.`, {
          place: { field: 'fact value' },
          advice: 'State it in the workbench.',
        });
      const { tx, at, incident, index } = doing;
      const since = fact!.at ?? at;
      await addFact(tx, incident.id, {
        fact: fact!.id,
        value: fact!.value,
        source: body.source,
        derived: false,
        by: principal.account,
        organisation: principal.organisation,
        at: since,
        enteredAt: at,
      });
      const value = factWords(center.content.facts.get(fact!.id), fact!.id, fact!.value);
      const words = { text: 'center.fact.stated', values: { fact: { text: `fact.${fact!.id}` }, value, source: body.source } };
      await noteOf(doing, incident.id)('fact', words, fact!.id);
      // Nothing is computed from such a class and nobody works on it here; the record says to whom it belongs.
      if (handedOver.length > 0) {
        const classes = handedOver.map(({ id }) => id).join(', ');
        await noteOf(doing, incident.id)('note', { text: 'center.fact.handed-over', values: { classes } }, fact!.id);
        doing.audit('incident.handed-over', `incident/${incident.number}`, { classes });
      }
      await assess(doing, index, incident);
      doing.audit('incident.fact', `incident/${incident.number}`, { fact: fact!.id, value: JSON.stringify(fact!.value) });
    }),
});

/** The sheet names lines of a document nobody wrote; the field is what its sender knows. */
function fieldRefusal(refusal: Refusal): Refusal {
  const field = refusal.place.field?.replace(/^facts\.?/, '');
  return new Refusal(refusal.code, refusal.message, {
    place: { field: field ? `fact ${field}` : 'fact' },
    advice: refusal.advice,
  });
}
