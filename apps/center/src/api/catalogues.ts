/** What experts edit, as the centre runs it: texts, gradings, laws, facts. */

import { z } from 'zod';
import { page } from '@forewarn/model/api';
import { Law } from '@forewarn/model/duty';
import { FactDefinition } from '@forewarn/model/facts';
import { GradingScheme } from '@forewarn/model/grade';
import { languages, type Language } from '@forewarn/model/text';
import { route } from './route.ts';

export const oneLanguage = route({
  method: 'get',
  path: '/languages/{language}',
  access: 'public',
  summary: 'Every text of a language by its key.',
  params: z.object({ language: z.enum(languages) }),
  answer: z.record(z.string(), z.string()),
  async handle({ center, params, headers }) {
    headers.set('cache-control', 'no-cache');
    return Object.fromEntries(center.content.texts[params.language as Language]);
  },
});

export const listOfSchemes = route({
  method: 'get',
  path: '/schemes',
  access: 'signed-in',
  summary: 'The grading schemes, the leading one first.',
  answer: page(GradingScheme),
  handle: async ({ center }) => ({ items: center.schemes.map(({ scheme }) => scheme), next: null }),
});

export const listOfLaws = route({
  method: 'get',
  path: '/laws',
  access: 'signed-in',
  summary: 'The laws whose duties are counted.',
  answer: page(Law),
  handle: async ({ center }) => ({ items: [...center.content.laws.values()], next: null }),
});

export const listOfFacts = route({
  method: 'get',
  path: '/facts',
  access: 'signed-in',
  summary: 'What can be stated of an incident.',
  answer: page(FactDefinition),
  handle: async ({ center }) => ({ items: [...center.content.facts.values()], next: null }),
});
