/** Records of traffic: search, histogram, most frequent values, one flow. Always through the asker's scope. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { formatInstant, type Seconds } from '@forewarn/base/time';
import { Instant, page } from '@forewarn/model/api';
import type { Predicate } from '@forewarn/model/query/query';
import { parsePredicate } from '@forewarn/model/query/text';
import { recordTypes } from '@forewarn/model/records/index';
import { barsOfMinutes } from '@forewarn/store/clickhouse/by-minute';
import type { RecordScope } from '@forewarn/store/clickhouse/records';
import { found } from '../refusals.ts';
import { invalid } from '../refusals.ts';
import type { Principal } from '../ports.ts';
import { route } from './route.ts';
import { PageQuery, RangeQuery } from './shapes.ts';

/** Members of the centre read everybody's, others what their own sensors saw. */
export const recordScopeOf = (principal: Pick<Principal, 'organisation' | 'centre'>): RecordScope =>
  principal.centre ? 'all' : { organisations: [principal.organisation] };

const Log = z.object({
  log: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, 'A log has a name such as conn or dns.')
    .max(64),
});
const Query = RangeQuery.extend({
  q: z.string().max(20_000).optional().describe('A condition in the text form of the query algebra.'),
});
/** A page asks soon first, and again for what is exact. */
const Rough = z.object({
  rough: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe(
      'Of very many records only some are looked at: an estimate, soon. "exact" says whether it is none, "looked" at what share.',
    ),
});
/** Whether an answer rests on all records, and else on what share of them. */
const Estimated = { exact: z.boolean(), looked: z.number().min(0).max(1) };
const Row = z.record(z.string(), z.unknown());

/** When no range is asked for: the last day. */
const defaultRangeSeconds = 86_400;

function rangeOf(query: { from?: Seconds | undefined; to?: Seconds | undefined }, now: Seconds): { from: Seconds; to: Seconds } {
  const to = query.to ?? now;
  const from = query.from ?? to - defaultRangeSeconds;
  if (from >= to) throw invalid('from', 'The range ends before it begins.', 'Let "from" be earlier than "to".');
  return { from, to };
}

function whereOf(text: string | undefined): Predicate | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  try {
    return parsePredicate(text);
  } catch (error) {
    // The place is a character of the query; the field says of which parameter.
    if (error instanceof Refusal)
      throw new Refusal(error.code, error.message, { place: { ...error.place, field: 'q' }, advice: error.advice });
    throw error;
  }
}

export const listOfRecordTypes = route({
  method: 'get',
  path: '/record-types',
  access: 'records:read',
  summary: 'The kinds of records and their columns.',
  answer: page(
    z.object({
      log: z.string(),
      means: z.string(),
      columns: z.array(
        z.object({
          name: z.string(),
          type: z.string(),
          class: z.enum(['technical', 'personal', 'content', 'secret']),
          means: z.string(),
          unit: z.string().nullable(),
        }),
      ),
    }),
  ),
  handle: async () => ({
    items: recordTypes.map(({ log, means, columns }) => ({
      log,
      means,
      columns: Object.entries(columns).map(([name, column]) => ({
        name,
        type: column.type,
        class: column.class,
        means: column.means,
        unit: column.unit ?? null,
      })),
    })),
    next: null,
  }),
});

export const countRecords = route({
  method: 'get',
  path: '/record-counts',
  access: 'records:read',
  summary: 'How many records of each log in a range of time; logs without any are left out.',
  query: RangeQuery,
  answer: page(z.object({ log: z.string(), count: z.number().int() })),
  handle: async ({ center, principal, query }) => ({
    items: await center.records.counts(recordScopeOf(principal), { range: rangeOf(query, center.clock.now()) }),
    next: null,
  }),
});

export const logsWithRecords = route({
  method: 'get',
  path: '/record-logs',
  access: 'records:read',
  summary: 'The logs that have records in a range of time.',
  query: RangeQuery,
  answer: page(z.object({ log: z.string() })),
  async handle({ center, principal, query }) {
    const logs = await center.records.logsWith(recordScopeOf(principal), { range: rangeOf(query, center.clock.now()) });
    return { items: logs.map((log) => ({ log })), next: null };
  },
});

export const searchRecords = route({
  method: 'get',
  path: '/records/{log}',
  access: 'records:read',
  summary: 'Records of one log, newest first. A page may hold fewer than asked while "next" goes on, back from "reached".',
  params: Log,
  query: PageQuery.extend(Query.shape),
  answer: page(Row).extend({ reached: Instant.nullable() }),
  async handle({ center, principal, params, query }) {
    const { reached, ...listed } = await center.records.search(recordScopeOf(principal), {
      log: params.log,
      where: whereOf(query.q),
      range: rangeOf(query, center.clock.now()),
      limit: query.limit,
      cursor: query.cursor,
    });
    return { ...listed, reached: reached === null ? null : formatInstant(reached) };
  },
});

export const recordHistogram = route({
  method: 'get',
  path: '/records/{log}/histogram',
  access: 'records:read',
  summary: 'How many records in each part of a range of time.',
  params: Log,
  query: Query.extend(Rough.shape).extend({ buckets: z.coerce.number().int().min(1).max(500).default(60) }),
  answer: z.object({ from: Instant, bucketSeconds: z.number(), buckets: z.array(z.number().int()), ...Estimated }),
  async handle({ center, principal, params, query }) {
    const range = rangeOf(query, center.clock.now());
    const { count: buckets, ...bars } = barsOfMinutes(range, query.buckets);
    const asked = { log: params.log, where: whereOf(query.q), range, buckets, bars };
    const scope = recordScopeOf(principal);
    const { counts, looked } = query.rough
      ? await center.records.roughHistogram(scope, asked)
      : { counts: await center.records.histogram(scope, asked), looked: 1 };
    return { from: formatInstant(bars.from), bucketSeconds: bars.seconds, buckets: counts, exact: looked === 1, looked };
  },
});

export const topOfRecords = route({
  method: 'get',
  path: '/records/{log}/top',
  access: 'records:read',
  summary: 'The most frequent values of a field.',
  params: Log,
  query: Query.extend(Rough.shape).extend({
    field: z.string().min(1).max(200),
    n: z.coerce.number().int().min(1).max(100).default(10),
  }),
  answer: z.object({
    items: z.array(z.object({ value: z.unknown(), count: z.number().int() })),
    next: z.null(),
    ...Estimated,
  }),
  async handle({ center, principal, params, query }) {
    const scope = recordScopeOf(principal);
    const range = rangeOf(query, center.clock.now());
    const asked = { log: params.log, where: whereOf(query.q), range, field: query.field, limit: query.n };
    const { values, looked } = query.rough
      ? await center.records.roughTop(scope, asked)
      : { values: await center.records.top(scope, asked), looked: 1 };
    return { items: values, next: null, exact: looked === 1, looked };
  },
});

export const oneFlow = route({
  method: 'get',
  path: '/flows/{uid}',
  access: 'records:read',
  summary: 'Every record of one flow, by log.',
  params: z.object({ uid: z.string().min(1).max(100) }),
  answer: z.record(z.string(), z.array(Row)),
  async handle({ center, principal, params }) {
    const flow = await center.records.flow(recordScopeOf(principal), params.uid);
    return found(Object.keys(flow).length === 0 ? undefined : flow);
  },
});
