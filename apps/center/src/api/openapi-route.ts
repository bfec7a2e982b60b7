/** The document of this API. */

import { z } from 'zod';
import { openApiDocument } from './openapi.ts';
import { route } from './route.ts';

let document: { [key: string]: unknown } | undefined;

export const openApi = route({
  method: 'get',
  path: '/openapi.json',
  access: 'public',
  summary: 'This document: OpenAPI 3.1.',
  answer: z.record(z.string(), z.unknown()),
  async handle({ center }) {
    // The list of routes names this file too; by the time somebody asks, both are there.
    const { routes } = await import('./routes.ts');
    document ??= openApiDocument(routes, center.version);
    return document;
  },
});
