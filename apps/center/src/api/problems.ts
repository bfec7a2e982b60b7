/** Refusals as RFC 9457 problem documents. A code has one status; a code that is not listed is the asker's to mend: 422. */

import type { Refusal } from '@forewarn/base/refusal';
import type { Problem } from '@forewarn/model/api';

const statuses: { readonly [code: string]: number } = {
  'request.malformed': 400,
  'page.cursor': 400,
  'session.required': 401,
  'session.invalid': 401,
  'permission.denied': 403,
  'origin.foreign': 403,
  'not-found': 404,
  'method.unknown': 405,
  'request.too-large': 413,
  'request.type': 415,
  'request.invalid': 422,
  'request.too-many': 429,
  'store.busy': 503,
  'store.disk.full': 507,
};

/** Codes about the asker's sign-in, and about things that have moved on meanwhile, by how they begin or end. */
const patterns: readonly (readonly [RegExp, number])[] = [
  [/^guard\.(session|sign-in|token|link)/, 401],
  [/^guard\.(locked|throttled|rate)/, 429],
  [/\.(conflict|state|taken|held|already)$/, 409],
];

const titles: { readonly [status: number]: string } = {
  400: 'Malformed request',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not known here',
  409: 'In conflict with the present state',
  413: 'Too large',
  415: 'Type not supported',
  422: 'Cannot be done',
  429: 'Too many',
  500: 'Our fault',
  503: 'Busy',
  507: 'No room',
};

export function statusOf(code: string): number {
  return statuses[code] ?? patterns.find(([pattern]) => pattern.test(code))?.[1] ?? 422;
}

export function problemOf(refusal: Refusal): Problem {
  const status = statusOf(refusal.code);
  const place = Object.fromEntries(Object.entries(refusal.place).filter(([, value]) => value !== undefined));
  return {
    type: `urn:forewarn:problem:${refusal.code}`,
    title: titles[status] ?? 'Cannot be done',
    status,
    code: refusal.code,
    detail: refusal.message,
    ...(Object.keys(place).length === 0 ? {} : { place }),
    ...(refusal.advice === '' ? {} : { advice: refusal.advice }),
  };
}

/** Says nothing of what went wrong: that stands in the log, once, under the reference. */
export function faultProblem(reference: string): Problem {
  return {
    type: 'urn:forewarn:problem:fault',
    title: titles[500]!,
    status: 500,
    code: 'fault',
    detail: `Something went wrong on our side; the log has it under ${reference}.`,
    advice: 'Try again; if it stays, tell the administrator the reference.',
  };
}

export function problemResponse(problem: Problem, headers: { [name: string]: string } = {}): Response {
  return Response.json(problem, {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
  });
}
