/** The taxonomy of causes, read and checked: what a schema cannot say of it. */

import { Refusal } from '@forewarn/base/refusal';
import { CauseTaxonomy, causeGroups, type CauseKind, type CauseMeasure } from '@forewarn/model/cause';
import { readContent } from '@forewarn/model/yaml';

/** The taxonomy with what is looked up in it. */
export type Causes = {
  readonly taxonomy: CauseTaxonomy;
  readonly causes: ReadonlyMap<string, CauseKind>;
  readonly measures: ReadonlyMap<string, CauseMeasure>;
};

/** Reads `content/causes/causes.yaml`. Throws an `AggregateError` of refusals that name file, line and field. */
export function readCauses(text: string, path: string): Causes {
  const read = readContent(CauseTaxonomy, text, path);
  if (!read.ok) throw new AggregateError(read.refusals, 'content');
  const taxonomy = read.value;
  const refusals: Refusal[] = [];
  const refuse = (message: string, ...at: (string | number)[]): void =>
    void refusals.push(new Refusal('content.schema', message, { place: read.place(at) }));
  const unique = (list: 'groups' | 'measures' | 'causes', ids: readonly string[]): void =>
    ids.forEach((id, i) => {
      if (ids.indexOf(id) !== i) refuse(`The id "${id}" is used twice.`, list, i, 'id');
    });
  unique('groups', taxonomy.groups.map(({ id }) => id)); // oxfmt-ignore
  unique('measures', taxonomy.measures.map(({ id }) => id)); // oxfmt-ignore
  unique('causes', taxonomy.causes.map(({ id }) => id)); // oxfmt-ignore
  const measures = new Map(taxonomy.measures.map((one) => [one.id, one]));
  const sources = new Set(taxonomy.sources.map(({ id }) => id));
  for (const [i, { citations }] of taxonomy.groups.entries())
    for (const { source } of citations) if (!sources.has(source)) refuse(`There is no source "${source}".`, 'groups', i);
  for (const { source } of taxonomy.recurring.citations)
    if (!sources.has(source)) refuse(`There is no source "${source}".`, 'recurring');
  for (const [i, cause] of taxonomy.causes.entries())
    for (const [j, id] of cause.measures.entries())
      if (!measures.has(id)) refuse(`There is no measure "${id}".`, 'causes', i, 'measures', j);
  for (const group of causeGroups)
    if (!taxonomy.causes.some((cause) => cause.group === group)) refuse(`The group "${group}" has no cause.`, 'causes');
  if (refusals.length > 0) throw new AggregateError(refusals, 'content');
  return { taxonomy, measures, causes: new Map(taxonomy.causes.map((one) => [one.id, one])) };
}
