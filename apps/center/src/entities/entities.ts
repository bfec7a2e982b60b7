/** What a host, service, domain or certificate is, and where it was met; what else is told of it are questions of the hunt language. */

import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { entityKinds, entityOf, EntityView, recordsOf, type Entity } from '@forewarn/model/entity';
import { recordTypes } from '@forewarn/model/records/index';
import { hostsShownTo } from '../estate/shown.ts';
import { recordScopeOf } from '../api/records.ts';
import { route } from '../api/route.ts';
import { RangeQuery } from '../api/shapes.ts';
import { invalid } from '../refusals.ts';

/** When no range is asked for: the last day. */
const rangeSeconds = 86_400;

const addressOf = (entity: Entity): string | undefined =>
  entity.kind === 'host' ? entity.id : entity.kind === 'service' ? entity.host : undefined;

export const oneEntity = route({
  method: 'get',
  path: '/entities/{kind}/{id}',
  access: 'records:read',
  summary: 'A host, service, domain or certificate: what of the estate it is, and in which logs it was met in a range.',
  params: z.object({ kind: z.enum(entityKinds), id: z.string().min(1).max(300) }),
  query: RangeQuery,
  answer: EntityView,
  async handle({ center, principal, params, query }) {
    const entity = entityOf(params.kind, params.id);
    if (!entity) throw invalid('id', `"${params.id}" names no ${params.kind}.`, 'Open it from a value on a page.');
    const to = query.to ?? center.clock.now();
    const from = query.from ?? to - rangeSeconds;
    if (from >= to) throw invalid('from', 'The range ends before it begins.', 'Let "from" be earlier than "to".');
    const read = { rows: 0, bytes: 0 };
    const began = performance.now();
    const [seen, index] = await Promise.all([
      center.records.seen(recordScopeOf(principal), { parts: recordsOf(entity, recordTypes), range: { from, to } }, read),
      center.estate.index(),
    ]);
    const address = addressOf(entity);
    const concerned = index.concerned({
      addresses: address === undefined ? [] : [address],
      names: entity.kind === 'domain' ? [entity.id] : [],
      ...(principal.centre ? {} : { seenBy: principal.organisation }),
    });
    const shown = address === undefined ? undefined : hostsShownTo(index, principal.organisation, true);
    const own = concerned.filter(
      ({ organisation }) => principal.centre || (organisation === principal.organisation && (shown?.(address!) ?? true)),
    );
    return {
      kind: entity.kind,
      id: entity.id,
      first: seen.length === 0 ? null : formatInstant(Math.min(...seen.map(({ first }) => first))),
      last: seen.length === 0 ? null : formatInstant(Math.max(...seen.map(({ last }) => last))),
      logs: seen.map(({ log, count, first, last }) => ({
        log,
        records: count,
        first: formatInstant(first),
        last: formatInstant(last),
      })),
      estate: own.map(({ organisation, network, asset, businesses, reasons }) => ({
        organisation,
        network: network ?? null,
        asset: asset ?? null,
        businesses: [...businesses],
        reasons: [...reasons],
      })),
      read: { ...read, ms: Math.round(performance.now() - began) },
    };
  },
});
