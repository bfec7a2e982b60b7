/**
 * The OpenAPI 3.1 document, made from the routes. JSON Schema comes from zod itself: it is the same 2020-12 that OpenAPI 3.1 uses, and it
 * can say a recursive shape (words in words) by reference.
 */

import { z } from 'zod';
import * as shapes from '@forewarn/model/api';
import * as noise from '@forewarn/model/noise-api';
import { RuleDetail, RuleView } from '@forewarn/model/rule';
import { BaselineView } from '@forewarn/model/baseline';
import { SavedHuntBody, SavedHuntView } from '@forewarn/model/hunt';
import { IndicatorListView } from '@forewarn/model/indicator-api';
import { ScheduleView } from '@forewarn/model/schedule';
import { Trial } from '@forewarn/model/trials';
import { Acknowledgement, Batch } from '@forewarn/model/batch';
import { Asset, Business, Link, Network, Organisation } from '@forewarn/model/estate';
import { Condition } from '@forewarn/model/grade';
import { PacketList, PacketView, StreamView } from '@forewarn/model/packet';
import { LocalText, Words } from '@forewarn/model/text';
import { WarningScope } from '@forewarn/model/warning';
import type { Route } from './route.ts';

type Json = { [key: string]: unknown };

const nouns: { [name: string]: z.ZodType } = {
  Words,
  LocalText,
  // Recursive, so it must have a name to be referred to by.
  Condition,
  Problem: shapes.Problem,
  Me: shapes.Me,
  GradeView: shapes.GradeView,
  ClockView: shapes.ClockView,
  FactView: shapes.FactView,
  ResponsibilityView: shapes.ResponsibilityView,
  TaskView: shapes.TaskView,
  DecisionView: shapes.DecisionView,
  TimelineEntry: shapes.TimelineEntry,
  StageView: shapes.StageView,
  IncidentSummary: shapes.IncidentSummary,
  IncidentView: shapes.IncidentView,
  FindingView: shapes.FindingView,
  FindingGroupsView: noise.FindingGroupsView,
  ExceptionView: noise.ExceptionView,
  ExceptionPreview: noise.ExceptionPreview,
  RuleView,
  RuleDetail,
  Trial,
  ScheduleView,
  IndicatorListView,
  SavedHuntBody,
  SavedHuntView,
  BaselineView,
  WarningScope,
  WarningView: shapes.WarningView,
  EgressDecision: shapes.EgressDecision,
  AuditView: shapes.AuditView,
  SituationView: shapes.SituationView,
  ChangeEvent: shapes.ChangeEvent,
  Organisation,
  Network,
  Link,
  LinkView: shapes.LinkView,
  LinkDetail: shapes.LinkDetail,
  LinkPolicyView: shapes.LinkPolicyView,
  PacketRequestView: shapes.PacketRequestView,
  PacketList,
  PacketView,
  StreamView,
  Asset,
  Business,
  Batch,
  Acknowledgement,
};

const refer = (id: string): string => `#/components/schemas/${id}`;

/** Schemas by name, each noun once; `io` says whether defaults and transforms are seen from the asker's side. */
function schemasOf(named: { [name: string]: z.ZodType }, io: 'input' | 'output'): { [name: string]: Json } {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({ ...nouns, ...named })) if (!registry.has(schema)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, uri: refer, unrepresentable: 'any', target: 'draft-2020-12' });
  return Object.fromEntries(
    Object.entries(schemas as { [name: string]: Json }).map(([name, schema]) => [
      name,
      Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id')),
    ]),
  );
}

export const operationOf = ({ method, path }: Pick<Route, 'method' | 'path'>): string =>
  `${method}${path.replaceAll(/[/{}.-]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`;

export function openApiDocument(routes: readonly Route[], version: string): Json {
  const answers: { [name: string]: z.ZodType } = {};
  const inputs: { [name: string]: z.ZodType } = {};
  for (const route of routes) {
    const operation = operationOf(route);
    if (route.answer) answers[`${operation}Answer`] = route.answer;
    if (route.body) inputs[`${operation}Body`] = route.body;
    if (route.params) inputs[`${operation}Params`] = route.params;
    if (route.query) inputs[`${operation}Query`] = route.query;
  }
  const outputSchemas = schemasOf(answers, 'output');
  const inputSchemas = schemasOf(inputs, 'input');
  // What several routes share is called as the noun that it is, or by the first of them.
  const names = new Map<z.ZodType, string>();
  for (const [name, schema] of Object.entries({ ...nouns, ...answers, ...inputs }))
    if (!names.has(schema)) names.set(schema, name);
  const nameOf = (schema: z.ZodType | undefined, own: string): string => (schema && names.get(schema)) ?? own;
  const paths: { [path: string]: Json } = {};
  for (const route of routes) {
    const operation = operationOf(route);
    const parameters = [
      ...parametersOf(inputSchemas[nameOf(route.params, `${operation}Params`)], 'path'),
      ...parametersOf(inputSchemas[nameOf(route.query, `${operation}Query`)], 'query'),
    ];
    const success: Json = route.answer
      ? { content: { 'application/json': { schema: { $ref: refer(nameOf(route.answer, `${operation}Answer`)) } } } }
      : route.stream
        ? { content: { [route.stream]: {} } }
        : {};
    (paths[`/api/v1${route.path}`] ??= {})[route.method] = {
      operationId: operation,
      summary: route.summary,
      'x-access': route.access,
      ...(route.access === 'public' ? { security: [] } : {}),
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(route.body
        ? {
            requestBody: {
              required: true,
              content: { 'application/json': { schema: { $ref: refer(nameOf(route.body, `${operation}Body`)) } } },
            },
          }
        : route.takes
          ? { requestBody: { required: true, content: { [route.takes]: {} } } }
          : {}),
      responses: {
        [route.status]: { description: 'Done.', ...success },
        default: {
          description: 'A refusal or a fault.',
          content: { 'application/problem+json': { schema: { $ref: refer('Problem') } } },
        },
      },
    };
  }
  const ownInputs = Object.fromEntries(Object.entries(inputSchemas).filter(([name]) => name.endsWith('Body')));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Forewarn',
      version,
      description:
        'The workbench of a cyber-emergency centre. Instants are RFC 3339 in UTC; lists answer { items, next }; errors are RFC 9457 problem documents with a stable code. An unknown thing and one that is not yours are answered alike.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ session: [] }, { token: [] }],
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'forewarn-session' },
        token: { type: 'http', scheme: 'bearer' },
      },
      schemas: { ...ownInputs, ...outputSchemas },
    },
  };
}

function parametersOf(schema: Json | undefined, place: 'path' | 'query'): Json[] {
  const properties = (schema?.properties ?? {}) as { [name: string]: Json };
  const required = (schema?.required ?? []) as string[];
  return Object.entries(properties).map(([name, { description, ...shape }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: shape,
  }));
}
