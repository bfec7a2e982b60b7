/** Exposure at the API: who is exposed to what, in the order in which to act. */

import { z } from 'zod';
import { Instant } from './api.ts';
import { Slug } from './estate.ts';
import { LocalText } from './text.ts';

/**
 * Columns of a table of vulnerabilities. `id` and one of `purl`, `cpe`, `product` are needed. `status` is affected (unstated), unaffected or unknown; `exactly`, or `from`, `before` and `upTo` are
 * versions, numbered as `scheme` says; without any, every version is meant. Exploitation, Automatable and Technical Impact are SSVC's points.
 */
export const vulnerabilityColumns = [
  'id',
  'title',
  'published',
  'cvss',
  'vendor',
  'product',
  'purl',
  'cpe',
  'scheme',
  'status',
  'exactly',
  'from',
  'before',
  'upTo',
  'exploitation',
  'automatable',
  'technicalImpact',
] as const;

export const Certainty = z.enum(['exposed', 'possibly']);

export const remedyKinds = ['mitigated', 'patched', 'accepted'] as const;
export const RemedyKind = z.enum(remedyKinds);
export type RemedyKind = z.infer<typeof RemedyKind>;

const Probability = z.object({ score: z.number(), percentile: z.number() });

/** One component that is exposed to one vulnerability. */
export const ExposureView = z.object({
  id: z.string(),
  vulnerability: z.object({
    id: z.string(),
    title: z.string(),
    cvss: z.number().nullable(),
    /** Known to be exploited; by ransomware. */
    exploited: z.boolean(),
    ransomware: z.boolean(),
    /** Of exploitation within 30 days. */
    probability: z.number().nullable(),
  }),
  component: z.object({ id: Slug, name: LocalText, version: z.string().nullable() }),
  asset: z.object({ id: Slug, name: LocalText }),
  organisation: Slug,
  /** `possibly`: its version is not known, or cannot be compared. */
  certainty: Certainty,
  /** By which of its names it was found. */
  matched: z.enum(['package', 'cpe', 'name']),
  /** What the table decides: certain at least, possible at most. */
  decision: z.object({ floor: z.string(), ceiling: z.string() }),
  since: Instant,
  due: Instant.nullable(),
  /** Who sets the date: the catalogue of exploited ones, or the days of the decision. */
  dueBy: z.enum(['catalogue', 'decision']).nullable(),
  remedy: z.object({ kind: RemedyKind, until: Instant.nullable() }).nullable(),
});
export type ExposureView = z.infer<typeof ExposureView>;

const Deadline = z.object({
  outcome: z.string(),
  days: z.number().nullable(),
  source: z.string(),
  confidence: z.enum(['H', 'M', 'U']),
});

export const ExposureDetail = ExposureView.extend({
  /** Points of the table: known with their values, or what each would still leave open. */
  points: z.array(z.object({ name: z.string(), value: z.string().nullable() })),
  /** Of the points that are not known, those that would narrow the decision, the most telling first. */
  missing: z.array(z.string()),
  open: z.array(z.string()),
  table: z.object({ id: z.string(), title: LocalText, source: z.string() }),
  /** By when to act on what is certain at least. */
  deadline: Deadline,
  remedies: z.array(
    z.object({
      kind: z.enum([...remedyKinds, 'reopened']),
      version: z.string().nullable(),
      reason: z.string(),
      until: Instant.nullable(),
      at: Instant,
      by: z.string(),
    }),
  ),
});
export type ExposureDetail = z.infer<typeof ExposureDetail>;

/** How many components, and when the first that nobody has handled is due. */
export const ExposureCount = z.object({
  certainty: Certainty,
  decision: z.string(),
  count: z.number().int(),
  open: z.number().int(),
  due: Instant.nullable(),
});
export type ExposureCount = z.infer<typeof ExposureCount>;

export const ExposureSummary = z.object({
  counts: z.array(ExposureCount),
  /** What decides, the mildest outcome first, and by when to act on each. */
  table: z.object({ id: z.string(), title: LocalText, source: z.string(), outcomes: z.array(Deadline) }),
  /** The newest file of each format. */
  imports: z.array(
    z.object({
      format: z.string(),
      name: z.string(),
      edition: z.string().nullable(),
      items: z.number().int(),
      at: Instant,
    }),
  ),
  /** Something is still being compared. */
  comparing: z.boolean(),
});
export type ExposureSummary = z.infer<typeof ExposureSummary>;

export const VulnerabilityView = z.object({
  id: z.string(),
  title: z.string(),
  published: Instant.nullable(),
  cvss: z.number().nullable(),
  exploited: z.object({ added: z.string(), due: z.string(), ransomware: z.boolean(), action: z.string() }).nullable(),
  probability: Probability.nullable(),
  counts: z.array(ExposureCount),
});
export type VulnerabilityView = z.infer<typeof VulnerabilityView>;

export const VulnerabilityDetail = VulnerabilityView.extend({
  /** SSVC's points that a source has decided. */
  points: z.record(z.string(), z.string()),
  sources: z.array(z.object({ source: z.string(), sha256: z.string(), at: Instant })),
  affected: z.array(
    z.object({
      package: z.string().nullable(),
      vendor: z.string().nullable(),
      product: z.string().nullable(),
      /** Of versions that no range names. */
      otherwise: z.string(),
      ranges: z.array(
        z.object({
          status: z.string(),
          exactly: z.string().nullable(),
          from: z.string().nullable(),
          before: z.string().nullable(),
          upTo: z.string().nullable(),
        }),
      ),
    }),
  ),
  /** Entries and ranges beyond those that are shown. */
  more: z.number().int(),
  organisations: z.array(z.object({ organisation: Slug, counts: z.array(ExposureCount) })),
});
export type VulnerabilityDetail = z.infer<typeof VulnerabilityDetail>;

export const VulnerabilityImport = z.object({
  format: z.enum(['cve', 'csaf', 'kev', 'epss', 'table']),
  edition: z.string().nullable(),
  vulnerabilities: z.number().int(),
  exploited: z.number().int(),
  probabilities: z.number().int(),
  rejected: z.number().int(),
  refused: z.number().int(),
  /** The first of them. */
  refusals: z.array(z.object({ line: z.number().int().nullable(), field: z.string().nullable(), message: z.string() })),
});
export type VulnerabilityImport = z.infer<typeof VulnerabilityImport>;
