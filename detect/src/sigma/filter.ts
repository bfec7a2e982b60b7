/**
 * Sigma's filters (filters specification 2.1): a condition that is added to rules of others, so that they need no change. As the reference
 * implementation does it, the condition must hold too (`condition: not selection` takes something out), and a filter counts for rules
 * whose log source says at least what the filter's says.
 */

import { z } from 'zod';
import type { Path } from '@forewarn/model/yaml';
import { aboutOf, checked, Heading, LogSourceSchema, logSourceOf, type Refuse, type Source } from './document.ts';
import type { LogSource } from './logsources.ts';

export type Filter = {
  id: string;
  title: string;
  logsource: LogSource;
  /** Ids, names or titles. */
  rules: readonly string[] | 'any';
  /** Searches and their condition; compiled for each rule, since the rule's logs decide what fields are called. */
  searches: { readonly [name: string]: unknown };
  refuse: Refuse;
};

const rulesMax = 10_000;

const Document = Heading.extend({
  logsource: LogSourceSchema,
  filter: z.looseObject({ rules: z.union([z.literal('any'), z.array(z.string().min(1)).min(1).max(rulesMax)]) }),
});

/** Where the searches of a filter stand. */
export const filterPath: Path = ['filter'];

export function readFilter(source: Source): Filter {
  const document = checked(Document, source);
  const { rules, ...searches } = document.filter;
  const logsource = logSourceOf(document.logsource, source.refuse);
  const { id, title } = aboutOf(document, undefined, source);
  return { id, title, logsource, rules, searches, refuse: source.refuse };
}

/** Whether the filter's log source is the rule's, or a wider one. */
export const coversSource = (filter: LogSource, rule: LogSource): boolean =>
  (['product', 'category', 'service'] as const).every((part) => filter[part] === undefined || filter[part] === rule[part]);
