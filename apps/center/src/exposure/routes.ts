/** Exposure: who is exposed to what, in the order in which to act, and what was done about it; facts of vulnerabilities. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { formatInstant } from '@forewarn/base/time';
import { decide } from '@forewarn/know/exposure/decision';
import { cpeValue } from '@forewarn/know/exposure/packages';
import { page } from '@forewarn/model/api';
import { Slug } from '@forewarn/model/estate';
import {
  Certainty,
  ExposureDetail,
  ExposureSummary,
  ExposureView,
  RemedyKind,
  VulnerabilityDetail,
  VulnerabilityImport,
  VulnerabilityView,
} from '@forewarn/model/exposure-api';
import { findEstate } from '@forewarn/store/resources/estate';
import {
  exposureCounts,
  findExposure,
  listExposures,
  ranksOfFloor,
  type ExposureCount,
  type ExposureRow,
} from '@forewarn/store/resources/exposures';
import { addRemedy, remediesOf } from '@forewarn/store/resources/remedies';
import {
  findVulnerabilities,
  listVulnerabilities,
  vulnerabilityImports,
  wholeVulnerabilities,
  type KnownVulnerability,
} from '@forewarn/store/resources/vulnerabilities';
import { act } from '../act.ts';
import { route } from '../api/route.ts';
import { At, PageQuery, SearchText } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import type { Principal } from '../ports.ts';
import { denied, found, invalid } from '../refusals.ts';
import { exposurePoint, impactPoint } from './desk.ts';
import { takeVulnerabilities } from './take.ts';

/** Of a vulnerability, at most as long as its source may call it; of an exposure, with the component behind it. */
const Id = z.object({ id: z.string().min(1).max(200) });

const instant = (at: number | null): string | null => (at === null ? null : formatInstant(at));

const view = (row: ExposureRow): ExposureView => ({
  id: row.id,
  vulnerability: {
    id: row.vulnerability,
    title: row.title,
    cvss: row.cvss,
    exploited: row.exploited,
    ransomware: row.ransomware,
    probability: row.score,
  },
  component: { id: row.component, name: row.name, version: row.version },
  asset: { id: row.asset, name: row.assetName },
  organisation: row.organisation,
  certainty: row.certainty,
  matched: row.matched,
  decision: { floor: row.floor, ceiling: row.ceiling },
  since: formatInstant(row.since),
  due: instant(row.due),
  dueBy: row.dueBy,
  remedy: row.remedy === null ? null : { kind: row.remedy, until: instant(row.remedyUntil) },
});

const count = ({ certainty, floor, count: all, open, due }: ExposureCount): ExposureSummary['counts'][number] => ({
  certainty,
  decision: floor,
  count: all,
  open,
  due: instant(due),
});

/** Whoever is not of the centre sees his own anyway; saying so lets the index answer. */
const whose = (principal: Principal, asked: string | undefined): string | undefined =>
  asked ?? (principal.centre ? undefined : principal.organisation);

export const listOfExposures = route({
  method: 'get',
  path: '/exposures',
  access: 'estate:read',
  summary: 'Components that are exposed to vulnerabilities, in the order in which to act.',
  query: PageQuery.extend({
    organisation: Slug.optional(),
    vulnerability: z.string().min(1).max(100).optional(),
    asset: Slug.optional(),
    certainty: Certainty.optional(),
    decision: z.string().max(100).optional().describe('What the table decides at least.'),
    state: z.enum(['open', 'handled', 'all']).default('open'),
    q: SearchText.optional().describe('Of the vulnerability’s id or title.'),
    due: z.enum(['overdue', 'week']).optional().describe('Overdue, or due within seven days (overdue ones too).'),
  }),
  answer: page(ExposureView),
  async handle({ center, principal, scope, query }) {
    const { decision, state, due, organisation, q: text, ...rest } = query;
    const floor = decision === undefined ? -1 : center.exposures.desk.rules.table.outcomes.indexOf(decision);
    if (decision !== undefined && floor < 0)
      throw invalid(
        'decision',
        'It is no outcome of the table that decides.',
        `There are ${center.exposures.desk.rules.table.outcomes.join(', ')}.`,
      );
    const now = center.clock.now();
    const { items, next } = await center.database.scoped(scope, (tx) =>
      listExposures(tx, {
        ...rest,
        text,
        organisation: whose(principal, organisation),
        ...(floor < 0 ? {} : { ranks: ranksOfFloor(floor) }),
        ...(state === 'all' ? {} : { handled: state === 'handled' }),
        ...(due === undefined ? {} : { dueBefore: due === 'overdue' ? now : now + 7 * 86_400 }),
      }),
    );
    return { items: items.map(view), next };
  },
});

export const summaryOfExposures = route({
  method: 'get',
  path: '/exposure-summary',
  access: 'estate:read',
  summary: 'How many components are exposed, by decision; by when to act on each; how old the facts are.',
  query: z.object({ organisation: Slug.optional() }),
  answer: ExposureSummary,
  async handle({ center, principal, scope, query }) {
    const counts = await center.database.scoped(scope, (tx) =>
      exposureCounts(tx, { by: 'all', organisation: whose(principal, query.organisation) }),
    );
    const imports = await center.database.system(vulnerabilityImports);
    const { table, deadlines } = center.exposures.desk.rules;
    return {
      counts: counts.map(count),
      table: {
        id: table.id,
        title: table.title,
        source: table.source,
        outcomes: table.outcomes.map((outcome) => ({ outcome, ...deadlines.get(outcome)! })),
      },
      imports: imports.map(({ format, name, edition, items, at }) => ({ format, name, edition, items, at: formatInstant(at) })),
      comparing: center.exposures.desk.comparing(),
    };
  },
});

export const oneExposure = route({
  method: 'get',
  path: '/exposures/{id}',
  access: 'estate:read',
  summary: 'One exposure: what decides, what is missing, by when to act and why, and what was done.',
  params: Id,
  answer: ExposureDetail,
  handle: ({ center, scope, params }) => center.database.scoped(scope, async (tx) => detail(center, tx, await exposureOf(tx, params.id))), // oxfmt-ignore
});

type Tx = Parameters<typeof findExposure>[0];

const exposureOf = async (tx: Tx, id: string): Promise<ExposureRow> => found(await findExposure(tx, id));

async function detail(center: Center, tx: Tx, row: ExposureRow): Promise<ExposureDetail> {
  const [vulnerability] = await findVulnerabilities(tx, [row.vulnerability]);
  const component = await findEstate(tx, 'components', row.component);
  const { table, deadlines } = center.exposures.desk.rules;
  const known: { [point: string]: string | undefined } = {
    ...vulnerability?.points,
    ...(component?.exposure === undefined ? {} : { [exposurePoint]: component.exposure }),
    ...(component?.impact === undefined ? {} : { [impactPoint]: component.impact }),
    ...(row.exploited ? { Exploitation: 'active' } : {}),
  };
  const points = table.points.map(({ name, values }) => {
    const value = known[name];
    return { name, value: value !== undefined && values.includes(value) ? value : null };
  });
  const decision = decide(table, Object.fromEntries(points.map(({ name, value }) => [name, value ?? undefined])));
  return {
    ...view(row),
    points,
    missing: decision.missing,
    open: decision.open,
    table: { id: table.id, title: table.title, source: table.source },
    deadline: { outcome: row.floor, ...(deadlines.get(row.floor) ?? { days: null, source: '', confidence: 'U' as const }) },
    remedies: (await remediesOf(tx, row)).map((one) => ({ ...one, until: instant(one.until), at: formatInstant(one.at) })),
  };
}

/** An acceptance is looked at again within a year. */
const acceptedSecondsMax = 366 * 86_400;

export const remedyExposure = route({
  method: 'post',
  path: '/exposures/{id}/remedy',
  access: 'estate:write',
  summary:
    'Records what was done about an exposure: mitigated, patched in a version, accepted until a day; or that it is open again.',
  params: Id,
  body: z.strictObject({
    kind: z.enum([...RemedyKind.options, 'reopened']),
    version: z.string().trim().min(1).max(200).nullable().default(null).describe('Of a patch: the version that runs now.'),
    reason: z.string().trim().min(1).max(1_000),
    until: At.nullable().default(null).describe('Of an acceptance: when it is looked at again.'),
  }),
  answer: ExposureDetail,
  status: 201,
  async handle({ center, principal, scope, params, body }) {
    const row = await center.database.scoped(scope, (tx) => exposureOf(tx, params.id));
    const { kind, version, reason, until } = body;
    const now = center.clock.now();
    if (kind === 'patched' && version === null)
      throw invalid('version', 'A patch has a version.', 'Name the version that runs now.');
    if (kind === 'accepted' && (until === null || until <= now || until > now + acceptedSecondsMax))
      throw invalid('until', 'An acceptance ends within a year.', 'Name the day when it is looked at again.');
    if (kind === 'reopened' && row.remedy === null)
      throw new Refusal('exposure.open', 'The exposure is open.', { advice: 'Nothing needs to be taken back.' });
    await act(center, principal, async (acting) => {
      await addRemedy(acting.tx, row, {
        kind,
        version: kind === 'patched' ? version : null,
        reason,
        until: kind === 'accepted' ? until : null,
        at: acting.at,
        by: principal.account,
      });
      acting.audit('exposure.remedy', `exposure/${row.id}`, { kind, version, reason, until });
      acting.changed('exposure', row.organisation, { organisation: row.organisation });
    });
    return center.database.scoped(scope, async (tx) => detail(center, tx, await exposureOf(tx, row.id)));
  },
});

const vulnerabilityView = (one: KnownVulnerability, counts: readonly ExposureCount[]): VulnerabilityView => ({
  id: one.id,
  title: one.title,
  published: instant(one.published),
  cvss: one.cvss,
  exploited: one.exploited && {
    added: one.exploited.added,
    due: one.exploited.due,
    ransomware: one.exploited.ransomware,
    action: one.exploited.action,
  },
  probability: one.probability,
  counts: counts.map(count),
});

const grouped = (counts: readonly ExposureCount[]): Map<string, ExposureCount[]> => Map.groupBy(counts, ({ key }) => key);

export const listOfVulnerabilities = route({
  method: 'get',
  path: '/vulnerabilities',
  access: 'estate:read',
  summary: 'Vulnerabilities, the newest first, with how many of the own components are exposed.',
  query: PageQuery.extend({ q: SearchText.optional(), exposed: z.enum(['true', 'false']).default('false') }),
  answer: page(VulnerabilityView),
  handle: ({ center, scope, query }) =>
    center.database.scoped(scope, async (tx) => {
      const { q: text, exposed, ...asked } = query;
      const { items, next } = await listVulnerabilities(tx, { ...asked, text, exposed: exposed === 'true' });
      const counts = await exposureCounts(tx, { by: 'vulnerability', vulnerabilities: items.map(({ id }) => id) });
      const of = grouped(counts);
      return { items: items.map((one) => vulnerabilityView(one, of.get(one.id) ?? [])), next };
    }),
});

/** Entries and ranges that are shown of one vulnerability; a kernel's has thousands. */
const shownMax = 200;

export const oneVulnerability = route({
  method: 'get',
  path: '/vulnerabilities/{id}',
  access: 'estate:read',
  summary: 'One vulnerability: what is affected, who says so, and whose components are exposed.',
  params: Id,
  answer: VulnerabilityDetail,
  async handle({ center, scope, params }) {
    // Published facts, the same for everybody; who is exposed is told in the asker's scope.
    const [whole] = await center.database.system((tx) => wholeVulnerabilities(tx, [params.id]));
    const one = found(whole);
    const { all, by } = await center.database.scoped(scope, async (tx) => ({
      all: await exposureCounts(tx, { by: 'vulnerability', vulnerabilities: [one.id] }),
      by: await exposureCounts(tx, { by: 'organisation', vulnerabilities: [one.id] }),
    }));
    let left = shownMax;
    const affected = one.affected.slice(0, shownMax).map((entry) => {
      const ranges = entry.ranges.slice(0, left);
      left -= ranges.length;
      const [name] = entry.cpes;
      return {
        package: entry.package ?? null,
        // Where only a CPE name says what it is, its words do.
        vendor: entry.vendor ?? (name ? cpeValue(name.vendor) : null),
        product: entry.product ?? (name ? cpeValue(name.product) : null),
        otherwise: entry.otherwise,
        ranges: ranges.map(({ status, exactly = null, from = null, before = null, upTo = null }) => ({
          status,
          exactly,
          from,
          before,
          upTo,
        })),
      };
    });
    const size = (entries: readonly { ranges: readonly unknown[] }[]): number =>
      entries.reduce((sum, { ranges }) => sum + 1 + ranges.length, 0);
    return {
      ...vulnerabilityView(one, all),
      points: one.points,
      sources: one.sources.map((source) => ({ ...source, at: formatInstant(source.at) })),
      affected,
      more: size(one.affected) - size(affected),
      organisations: [...grouped(by)].map(([organisation, counts]) => ({ organisation, counts: counts.map(count) })),
    };
  },
});

/** The text of one file: FIRST's scores of 300,000 vulnerabilities are 12 MB, and longer lists are cut by year. */
const fileBytesMax = 32 * 1024 * 1024;

/** Refusals of one answer: whoever mends a hundred lines imports again. */
const refusalsShown = 100;

export const importVulnerabilities = route({
  method: 'post',
  path: '/vulnerabilities/import',
  access: 'estate:write',
  summary:
    'Imports facts of vulnerabilities: CVE records (JSON 5, one or a list), CSAF 2.0, CISA KEV, FIRST EPSS, or a table (CSV). They are shown to everybody.',
  bodyBytesMax: fileBytesMax,
  body: z.strictObject({
    name: z.string().trim().min(1).max(200).describe('Of the file; of a table also its source.'),
    text: z.string().min(1).max(fileBytesMax),
  }),
  answer: VulnerabilityImport,
  async handle({ center, principal, body }) {
    if (!principal.centre) throw denied('Only the centre imports facts of vulnerabilities; they are shown to everybody.');
    const read = await takeVulnerabilities(center, principal, body);
    return {
      format: read.format,
      edition: read.edition,
      vulnerabilities: read.vulnerabilities.length,
      exploited: read.exploited.length,
      probabilities: read.probabilities.length,
      rejected: read.rejected,
      refused: read.refusals.length,
      refusals: read.refusals.slice(0, refusalsShown).map(({ place, message }) => ({
        line: place.line ?? null,
        field: place.field ?? null,
        message,
      })),
    };
  },
});

export const exposureRoutes = [
  listOfExposures,
  summaryOfExposures,
  oneExposure,
  remedyExposure,
  listOfVulnerabilities,
  importVulnerabilities,
  oneVulnerability,
];
