/**
 * What a route is: one declaration with its address, permission, shapes and its work. The OpenAPI document, the checks and the isolation
 * test are made from the same declarations, so that no route can be forgotten by one of them.
 */

import type { z } from 'zod';
import type { Permission } from '@forewarn/model/permissions';
import type { Scope } from '@forewarn/store/postgres/database';
import type { Center } from '../center-parts.ts';
import type { Principal } from '../ports.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Anybody (`public`), whoever is signed in (`signed-in`), or who has the permission. */
export type Access = Permission | 'public' | 'signed-in';

export type Asked<Params, Query, Body> = {
  readonly center: Center;
  readonly principal: Principal;
  readonly scope: Scope;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly request: Request;
  /** Sets headers of the answer. */
  readonly headers: Headers;
};

export type Route = {
  readonly method: Method;
  /** `/incidents/{id}`, below `/api/v1`. */
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  readonly params: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  /** What a success answers; absent: nothing (204), or, of a `stream`, its own response. */
  readonly answer: z.ZodType | undefined;
  readonly status: number;
  readonly stream: string | undefined;
  /** The media type of a body that is not JSON; the route reads it itself. */
  readonly takes: string | undefined;
  readonly bodyBytesMax: number;
  handle(asked: Asked<unknown, unknown, unknown>): Promise<unknown>;
};

/** Bodies are forms that people fill in; a decision with all its reasons is under 100 kB. Routes that take files say more. */
const bodyBytesMax = 256 * 1024;

type Shape<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export function route<
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Answer extends z.ZodType | undefined = undefined,
>(spec: {
  method: Method;
  path: string;
  access: Access;
  summary: string;
  params?: Params;
  query?: Query;
  body?: Body;
  answer?: Answer;
  status?: number;
  /** The media type of an answer that is not JSON. */
  stream?: string;
  /** The media type of a body that is not JSON. */
  takes?: string;
  bodyBytesMax?: number;
  handle(
    asked: Asked<Shape<Params>, Shape<Query>, Shape<Body>>,
  ): Promise<Answer extends z.ZodType ? z.input<Answer> | Response : Response | void>;
}): Route {
  return {
    method: spec.method,
    path: spec.path,
    access: spec.access,
    summary: spec.summary,
    params: spec.params,
    query: spec.query,
    body: spec.body,
    answer: spec.answer,
    status: spec.status ?? (spec.answer || spec.stream ? 200 : 204),
    stream: spec.stream,
    takes: spec.takes,
    bodyBytesMax: spec.bodyBytesMax ?? bodyBytesMax,
    handle: spec.handle as Route['handle'],
  };
}
