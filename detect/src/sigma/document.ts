/** What the documents of Sigma have in common: what they say of themselves, and how a place of one is refused. */

import { z } from 'zod';
import type { Place } from '@forewarn/base/refusal';
import { Finding } from '@forewarn/model/finding';
import { formatPath, type Path } from '@forewarn/model/yaml';
import type { LogSource } from './logsources.ts';

export type Level = Finding['level'];

export type Refuse = (code: string, message: string, path: Path, advice: string) => never;

/** One document, as it is read: its value, and how to refuse a place of it. */
export type Source = { value: unknown; place: (path: Path) => Place; refuse: Refuse };

/** What rules and correlations say of themselves. */
export type About = {
  id: string;
  /** By which others may call it. */
  name: string | undefined;
  version: string;
  title: string;
  status: string;
  level: Level;
  /** ATT&CK technique ids and tactic names from the tags. */
  technique: readonly string[];
  tactic: readonly string[];
  /** Key of a sentence in the catalogues; rules of others have only their title. */
  explanation: string | undefined;
  harm: Finding['harm'];
  /** What makes it fire on harmless events, in its author's words. */
  falsePositives: readonly string[];
  place: Place;
};

const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const;
const statuses = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'] as const;

/** What every document may say; other attributes (author, references, …) belong to people. */
export const Heading = z.looseObject({
  title: z.string().min(1).max(500),
  id: z.string().max(200).optional(),
  name: z.string().min(1).max(200).optional(),
  status: z.enum(statuses).optional(),
  level: z.enum(levels).optional(),
  date: z.string().optional(),
  modified: z.string().optional(),
  tags: z.array(z.string()).nullish(),
  falsepositives: z.union([z.string(), z.array(z.string())]).nullish(),
  taxonomy: z.string().optional(),
});

/** Where a document of the product says more than Sigma asks for. */
export const ours = {
  explanation: z.string().optional(),
  harm: z.enum(['confidentiality', 'integrity', 'availability', 'controllability']).optional(),
};

export const LogSourceSchema = z.looseObject({
  product: z.string().nullish(),
  category: z.string().nullish(),
  service: z.string().nullish(),
});

/** The document by its schema, or a refusal of the first place that is wrong. */
export function checked<T extends z.infer<typeof Heading>>(schema: z.ZodType<T>, { value, refuse }: Source): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    return refuse('rule.schema', `${formatPath(path)}: ${issue.message}.`, path, 'See the Sigma specification 2.1.');
  }
  const { taxonomy } = parsed.data;
  if (taxonomy !== undefined && taxonomy !== 'sigma') {
    return refuse('rule.taxonomy', `The taxonomy "${taxonomy}" is not known.`, ['taxonomy'], 'Use the taxonomy sigma.');
  }
  return parsed.data;
}

/** What a log source names; refused when that is nothing. */
export function logSourceOf({ product, category, service }: z.infer<typeof LogSourceSchema>, refuse: Refuse): LogSource {
  if (!product && !category && !service) {
    return refuse('rule.logsource', 'The log source names no product, category or service.', ['logsource'], 'Name one.');
  }
  return { ...(product ? { product } : {}), ...(category ? { category } : {}), ...(service ? { service } : {}) };
}

export function aboutOf(
  rule: z.infer<typeof Heading>,
  forewarn: { explanation?: string | undefined; harm?: NonNullable<Finding['harm']> | undefined } | undefined,
  { place }: Source,
): About {
  const tags = rule.tags ?? [];
  const falsePositives = rule.falsepositives ?? [];
  return {
    id: rule.id ?? rule.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    name: rule.name,
    version: rule.modified ?? rule.date ?? '0',
    title: rule.title,
    status: rule.status ?? 'experimental',
    level: rule.level ?? 'medium',
    technique: tags
      .map((tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase())
      .filter((id) => id !== undefined),
    // Everything else in ATT&CK's name space that is no group, software or technique is a tactic.
    tactic: tags
      .map((tag) => /^attack\.([a-z][a-z_-]+)$/i.exec(tag)?.[1]?.replaceAll('_', '-'))
      .filter((name) => name !== undefined),
    explanation: forewarn?.explanation,
    harm: forewarn?.harm ?? null,
    falsePositives: typeof falsePositives === 'string' ? [falsePositives] : falsePositives,
    place: place(['title']),
  };
}
