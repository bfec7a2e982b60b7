/** The estate as files that can be imported again. */

import { z } from 'zod';
import { Slug, type EstateKind } from '@forewarn/model/estate';
import { csvOf } from '@forewarn/model/estate-sheet';
import { estateKinds, listEstate } from '@forewarn/store/resources/estate';
import { pageItemsMax } from '@forewarn/store/resources/page';
import { route } from '../api/route.ts';
import { At } from '../api/shapes.ts';
import { askedOf } from './register.ts';

export const exportEstate = route({
  method: 'get',
  path: '/estate/export',
  access: 'estate:read',
  summary: 'One kind of the own estate as a file, CSV or JSON, that can be imported again; with `at`, as it stood then.',
  query: z.object({
    kind: z.enum(estateKinds as [EstateKind, ...EstateKind[]]),
    format: z.enum(['csv', 'json']).default('csv'),
    organisation: Slug.optional(),
    at: At.optional(),
  }),
  stream: 'application/octet-stream',
  async handle({ center, principal, scope, query, headers }) {
    const { kind, format, organisation, at } = query;
    const own = kind === 'organisations' && !principal.centre ? principal.organisation : organisation;
    const { nothing, ...asked } = askedOf(kind, principal, { limit: pageItemsMax, organisation: own, at });
    // Page by page, as it is read: neither the database nor the memory holds the whole for it.
    let cursor: string | null | undefined = nothing ? null : undefined;
    let first = true;
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        let text = first ? (format === 'csv' ? csvOf(kind, []) : '[') : '';
        if (cursor !== null) {
          const position = cursor;
          const { items, next } = await center.database.scoped(scope, (tx) =>
            listEstate(tx, kind, { ...asked, cursor: position }),
          );
          cursor = next;
          if (format === 'csv')
            text += withoutHeader(csvOf(kind, items.map(({ item }) => item))); // oxfmt-ignore
          else text += items.map(({ item }, i) => `${first && i === 0 ? '\n' : ',\n'}${JSON.stringify(item)}`).join('');
        }
        first = false;
        if (cursor === null && format === 'json') text += '\n]\n';
        if (text !== '') controller.enqueue(encoder.encode(text));
        if (cursor === null) controller.close();
      },
    });
    headers.set('content-type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json');
    headers.set('content-disposition', `attachment; filename="${kind}.${format}"`);
    return new Response(body, { headers });
  },
});

const withoutHeader = (csv: string): string => csv.slice(csv.indexOf('\r\n') + 2);
