/**
 * Classes of incidents, as a standard lists them: `content/classes/<id>.yaml`. A catalogue of classes becomes one fact of kind set
 * that only a person states: an incident is of one or several classes because somebody says so.
 *
 * Classes marked `byHandOnly` speak of the content of information. This product does not look at content: nothing may be computed
 * from such a class, no rule, feed or query yields it, and an incident that a person puts into it is handed over to whoever is in charge.
 */

import { z } from 'zod';
import type { FactDefinition } from './facts.ts';
import { Mark, Source } from './grade.ts';
import { LocalText } from './text.ts';

const code = z.string().regex(/^\d{2,5}$/, 'must be two to five digits');

export const IncidentClass = z.strictObject({
  code,
  abbreviation: z.string().max(8).optional(),
  name: LocalText,
  /** Of the code; names were read in a faithful copy. */
  mark: Mark,
  /** Chosen by a person and handed over; nothing is computed from it or from its subclasses. */
  byHandOnly: z.boolean().optional(),
  subclasses: z.array(z.strictObject({ code, name: LocalText, mark: Mark })).max(64),
});
export type IncidentClass = z.infer<typeof IncidentClass>;

export const ClassCatalogue = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: LocalText,
  version: z.string().max(40),
  jurisdiction: z.string().max(40),
  effective: z.iso.date().optional(),
  note: LocalText.optional(),
  sources: z.array(Source).min(1).max(24),
  /** The fact that holds an incident's classes. */
  fact: z.string().regex(/^[a-z][a-z0-9_]*$/),
  factName: LocalText,
  classes: z.array(IncidentClass).min(1).max(32),
  /** The Reference Security Incident Taxonomy's types (`predicate:value`) in this catalogue's codes: a proposal, and none of a class chosen by hand. */
  rsit: z.record(z.string().max(80), code).optional(),
});
export type ClassCatalogue = z.infer<typeof ClassCatalogue>;

/** The fact that a catalogue's classes make. */
export function classFact({ fact, factName, title, classes }: ClassCatalogue): FactDefinition {
  const members = classes.flatMap(({ code: id, name, byHandOnly, subclasses }) =>
    [{ code: id, name }, ...subclasses].map((one) => ({
      id: one.code,
      name: { en: `${one.code} ${one.name.en}`, zh: `${one.code} ${one.name.zh}` },
      ...(byHandOnly ? { byHandOnly } : {}),
    })),
  );
  return {
    id: fact,
    kind: 'set',
    name: factName,
    means: {
      en: `The classes of the incident by ${title.en}, chosen by a person.`,
      zh: `事件按${title.zh}所属的类别，由人员选定。`,
    },
    knownFrom: ['person'],
    members,
  };
}

/** What a schema cannot say of a catalogue: that no code stands twice, and that no machine's word becomes a class chosen by hand. */
export function checkClasses({ classes, rsit }: ClassCatalogue): { path: (string | number)[]; message: string }[] {
  const problems: { path: (string | number)[]; message: string }[] = [];
  const byHandOnly = new Map<string, boolean>();
  classes.forEach((one, i) => {
    [one, ...one.subclasses].forEach(({ code: id }, j) => {
      if (byHandOnly.has(id)) problems.push({ path: ['classes', i], message: `The code "${id}" is used twice.` });
      if (j > 0 && !id.startsWith(one.code))
        problems.push({
          path: ['classes', i, 'subclasses', j - 1, 'code'],
          message: `"${id}" does not belong to "${one.code}".`,
        });
      byHandOnly.set(id, one.byHandOnly ?? false);
    });
  });
  for (const [type, id] of Object.entries(rsit ?? {})) {
    if (!byHandOnly.has(id)) problems.push({ path: ['rsit', type], message: `There is no class "${id}".` });
    if (byHandOnly.get(id))
      problems.push({ path: ['rsit', type], message: `The class "${id}" is chosen by a person, never mapped to.` });
  }
  return problems;
}
