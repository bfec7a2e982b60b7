/** Refusals as RFC 9457 problem documents. A code has one status; a code that is not listed is the asker's to mend: 422. */

import type { Refusal } from '@forewarn/base/refusal';
import type { Problem } from '@forewarn/model/api';

const statuses: { readonly [code: string]: number } = {
  'request.malformed': 400,
  'page.cursor': 400,
  'records.cursor': 400,
  'session.required': 401,
  'guard.session': 401,
  'guard.sign-in': 401,
  'guard.sign-in.code': 401,
  'guard.link': 401,
  'permission.denied': 403,
  'facts.by-hand': 403,
  'origin.foreign': 403,
  'sensor.unknown': 403,
  'warning.addressee': 403,
  'not-found': 404,
  'records.log': 404,
  'campaign.closed': 409,
  'cause.changed': 409,
  'quantification.newer': 409,
  'estate.changed': 409,
  'estate.import.over': 409,
  'estate.importing': 409,
  'estate.referred': 409,
  'estate.taken': 409,
  'link.policy.changed': 409,
  'packets.answered': 409,
  'packets.none': 409,
  'packets.waiting': 409,
  'guard.account.taken': 409,
  'guard.tokens': 409,
  'incident.order': 409,
  'indicator.allowed': 409,
  'indicator.lists': 409,
  'indicator.retired': 409,
  'indicator.searching': 409,
  'incident.state': 409,
  'prevention.state': 409,
  'report.changed': 409,
  'report.state': 409,
  'responsibility.asked': 409,
  'responsibility.assign': 409,
  'responsibility.escalate': 409,
  'responsibility.hand-over': 409,
  'responsibility.not-asked': 409,
  'responsibility.open': 409,
  'responsibility.order': 409,
  'responsibility.release': 409,
  'sensor.settings.changed': 409,
  'sensor.taken': 409,
  'situation.no-reading': 409,
  'task.state': 409,
  'warning.acknowledged.already': 409,
  'warning.lifted': 409,
  'warning.state': 409,
  'request.too-large': 413,
  'request.type': 415,
  'request.too-many': 429,
  'guard.throttled': 429,
  'packets.busy': 429,
  // What passes by itself: a sensor keeps its batch and sends it again.
  'center.starting': 503,
  'estate.imports.waiting': 503,
  'intake.closed': 503,
  'intake.full': 503,
  'records.busy': 503,
  'records.memory': 503,
  'records.timeout': 503,
  'report.busy': 503,
  'store.busy': 503,
  'store.disk.full': 507,
};

const titles: { readonly [status: number]: string } = {
  400: 'Malformed request',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
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
  return statuses[code] ?? 422;
}

/** As it is told to the asker: where the centre's own files lie is for its log. */
export function problemOf(refusal: Refusal): Problem {
  const status = statusOf(refusal.code);
  const place = Object.fromEntries(
    Object.entries(refusal.place).filter(([name, value]) => value !== undefined && !(name === 'file' && status === 507)),
  );
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
